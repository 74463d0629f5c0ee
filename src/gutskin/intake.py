"""A person's samples, mapped to guilds and turned into what the twin is fitted to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gutskin.errors import InputError
from gutskin.people import Person
from gutskin.samples import Mapping, Sample, map_sample, read_samples
from gutskin.samples.sites import load_sites
from gutskin.samples.taxa import load_taxa
from gutskin.traits import GuildTarget

LISTED = 8  # people named in an error


@dataclass(frozen=True)
class Intake:
    """All samples of a person: what was mapped, what was refused and why, and which stand for each body part.

    ``chosen`` maps a guild table (gut, skin) to the mapping that the twin is fitted to: the first usable one.
    """

    mappings: tuple[Mapping, ...]
    refused: tuple[tuple[Sample, InputError], ...]
    chosen: dict[str, Mapping]


def take_in(samples: Sequence[Sample], *, region: str | None = None) -> Intake:
    """Map samples of one person.

    Raises
    ------
    InputError
        E333 when the samples are of more than one person; the refusal of the only sample there is, or E332
        when every sample is refused.
    """
    people = sorted({sample.person for sample in samples})
    if len(people) > 1:
        listed = ", ".join(people[:LISTED]) + (" ..." if len(people) > LISTED else "")
        remedy = f"choose one with --subject: {listed}"
        raise InputError("E333", f"the samples are of {len(people)} people", remedy=remedy)
    mapped: list[Mapping] = []
    refused: list[tuple[Sample, InputError]] = []
    for sample in samples:
        try:
            mapped.append(map_sample(sample, region=region))
        except InputError as error:
            refused.append((sample, error))
    if not mapped:
        if len(refused) == 1:
            raise refused[0][1]
        said = "; ".join(str(error) for _, error in refused) or "no sample"
        raise InputError("E332", f"no sample can be used: {said}", remedy="check names and sites")
    chosen: dict[str, Mapping] = {}
    for each in mapped:
        chosen.setdefault(load_sites().require(each.sample.site).guilds, each)
    return Intake(tuple(mapped), tuple(refused), chosen)


def samples_of(person: Person) -> tuple[Sample, ...]:
    """Return the samples that a person's file names; empty when it names none."""
    return read_samples(Path(person.samples)) if person.samples else ()


def targets(intake: Intake) -> list[GuildTarget]:
    """Return the guilds of the chosen samples with their observed shares [1]; unseen guilds are left out."""
    taxa = load_taxa()
    return [
        GuildTarget(
            table, guild.name, guild.label, guild.states, guild.trait, mapping.shares[guild.name], guild.along
        )
        for table, mapping in intake.chosen.items()
        for guild in taxa.of_site(table)
        if guild.name in mapping.shares and guild.trait
    ]
