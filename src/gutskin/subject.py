"""One person's samples and readings, mapped, judged and put together for the twin."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from gutskin import units
from gutskin.errors import InputError
from gutskin.model import Model
from gutskin.readouts import Readout
from gutskin.samples import Sample, map_sample
from gutskin.samples.mapping import Mapping as Mapped
from gutskin.samples.measured import Measured
from gutskin.samples.noise import read_noise
from gutskin.samples.overrides import with_overrides
from gutskin.samples.sites import load_sites
from gutskin.samples.taxa import Guild, load_taxa
from gutskin.sites import FOLDER, read_site, site_names
from gutskin.twin import Counted, Observation, Reading, Shares, pooled

GUT, SKIN = "gut", "skin"
USUAL_PLACE = "face"  # looked at when no skin sample tells where
DEPTH = 5000  # reads that a table of percentages counts for, when nothing tells [reads]
NEAR_ZERO = 0.05  # share of the healthy span by which a reading of 0 may err, where errors are factors [1]


@dataclass(frozen=True)
class Subject:
    """A person as their tables have them.

    ``mappings`` of samples that can be used, ``refused`` samples and why, ``readings`` measured quantities,
    ``notes`` on how they were put together, ``fault`` why nothing can be said of the person.
    """

    name: str
    mappings: tuple[Mapped, ...] = ()
    refused: tuple[tuple[Sample, InputError], ...] = ()
    readings: tuple[Measured, ...] = ()
    notes: tuple[str, ...] = ()
    fault: InputError | None = None


@dataclass(frozen=True)
class Seen:
    """What goes to the twin: where the skin is looked at, what was seen, which samples count."""

    place: str
    observation: Observation
    used: tuple[Mapped, ...]
    notes: tuple[str, ...] = field(default=())


def subjects(
    samples: Sequence[Sample],
    readings: Mapping[str, Sequence[Measured]] | None = None,
    *,
    region: str | None = None,
    controls: Sequence[Sample] = (),
    overrides: str | Path | None = None,
) -> tuple[Subject, ...]:
    """Map the samples of every person, in the order of their names; nobody is dropped for a bad sample.

    Names that differ in capitals only are one person, as everywhere a person is asked for.

    Parameters
    ----------
    samples
        Samples of any number of people.
    readings
        Person -> measured quantities.
    region, controls, overrides
        As in :func:`gutskin.samples.map_sample`.

    Raises
    ------
    InputError
        E520 to E522 for a faulty table of overrides.
    """
    taxa = with_overrides(overrides, load_taxa()) if overrides is not None else None
    mapped: dict[str, list[Mapped]] = defaultdict(list)
    refused: dict[str, list[tuple[Sample, InputError]]] = defaultdict(list)
    for sample in samples:
        try:
            made = map_sample(sample, region=region, controls=controls, taxa=taxa)
            mapped[sample.person.lower()].append(made)
        except InputError as error:
            refused[sample.person.lower()].append((sample, error))
    told: dict[str, dict[int, Measured]] = defaultdict(dict)
    for name, group in (readings or {}).items():
        told[name.lower()] |= {id(each): each for each in group}
    spelled: dict[str, list[str]] = defaultdict(list)
    for name in dict.fromkeys([*(each.person for each in samples), *(readings or {})]):
        spelled[name.lower()].append(name)
    return tuple(
        Subject(names[0], tuple(mapped[k]), tuple(refused[k]), tuple(told[k].values()), _one(names))
        for k, names in sorted(spelled.items(), key=lambda each: each[1][0])
    )


def _one(names: Sequence[str]) -> tuple[str, ...]:
    """Return a note when a person is spelled in several ways."""
    return (f"{' and '.join(names)} are taken as one person",) if len(names) > 1 else ()


def seen(subject: Subject, model: Model, *, place: str = "") -> Seen:
    """Return what the twin is told of a person.

    Parameters
    ----------
    subject, model
        The person, and the model whose states and read-outs are compared.
    place
        The site of the library where the skin is looked at; where most skin samples are from when left out.

    Raises
    ------
    InputError
        E570 when no sample and no reading can be used; the refusal itself when it was the only sample; the
        person's fault.
    """
    if subject.fault:
        raise subject.fault
    notes = [*subject.notes]
    notes += [
        f"{sample.name} ({sample.site}) is not used: {error.message}" for sample, error in subject.refused
    ]
    gut = [each for each in subject.mappings if _table(each) == GUT]
    chosen, skin, left = _skin(subject, model, place)
    if left:
        notes.append(f"skin samples of other places are not used: {', '.join(left)}")
    shares = [_shares(table, group, notes) for table, group in ((GUT, gut), (SKIN, skin)) if group]
    readings = _readings(subject.readings, model, chosen, notes)
    if not any(each for each in shares) and not readings:
        if len(subject.refused) == 1:
            raise subject.refused[0][1]
        said = "; ".join(str(error) for _, error in subject.refused) or "there is none"
        raise InputError("E570", f"{subject.name}: no sample can be used: {said}", remedy="check the table")
    observation = Observation(tuple(each for each in shares if each), readings)
    return Seen(chosen, observation, (*gut, *skin), tuple(notes))


def _table(mapping: Mapped) -> str:
    return load_sites().require(mapping.sample.site).guilds


def _skin(subject: Subject, model: Model, place: str) -> tuple[str, list[Mapped], list[str]]:
    """Return the place, the skin samples that are looked at there, and the sites of the others."""
    folder = model.library / FOLDER
    places = {name: read_site(name, folder).samples for name in site_names(folder)}
    skin = [each for each in subject.mappings if _table(each) == SKIN]
    own = {name: [m for m in skin if m.sample.site in sites] for name, sites in places.items()}
    if place:
        own[place] = [m for m in skin if m.sample.site in read_site(place, folder).samples]
    else:
        counts = {name: len(group) for name, group in own.items()}
        best = max(counts.values(), default=0)
        order = [USUAL_PLACE, *counts]
        place = next(name for name in order if counts.get(name, 0) == best) if best else USUAL_PLACE
    used = own.get(place, [])
    other = sorted({m.sample.site for m in skin if not any(m is one for one in used)})
    return place, used, other


def _shares(table: str, group: Sequence[Mapped], notes: list[str]) -> Shares | None:
    """Return the guilds that all samples could show; None when there are fewer than two."""
    blind = {name for mapping in group for name in mapping.unseen}
    guilds = [g for g in load_taxa().of_site(table) if g.states and g.name not in blind]
    guilds = [g for g in guilds if all(g.name in mapping.cells for mapping in group)]
    if len(guilds) < 2:
        notes.append(f"{table}: fewer than two guilds can be seen")
        return None
    if any(mapping.depth is None for mapping in group):
        notes.append(f"{table}: percentages tell no depth; taken as {DEPTH} reads")
    noise = read_noise()
    names = [g.name for g in guilds]
    bias = {name: max(mapping.bias.gsd.get(name, 1.0) for mapping in group) for name in names}
    day = {name: noise.of(table, name) for name in names}
    samples = [_counted(mapping, guilds) for mapping in group]
    labels, states = [g.label for g in guilds], [g.states for g in guilds]
    return pooled(table, names, labels, states, samples, day=day, bias=bias)


def _counted(mapping: Mapped, guilds: Sequence[Guild]) -> Counted:
    depth = mapping.depth if mapping.depth is not None else DEPTH
    counts = np.array([mapping.cells[guild.name] for guild in guilds]) * depth
    return Counted(counts, mapping.sample.extras.get("date") or mapping.sample.extras.get("visit"))


def _readings(told: Sequence[Measured], model: Model, place: str, notes: list[str]) -> tuple[Reading, ...]:
    """Return readings that the twin can be compared with; several of one quantity count as their mean."""
    sites = read_site(place, model.library / FOLDER).samples
    groups: dict[str, list[Measured]] = defaultdict(list)
    for each in told:
        if each.quantity not in model.readouts:
            notes.append(f"{each.quantity} is not used: the model has no such read-out ({each.where})")
        elif each.site and each.site not in sites:
            notes.append(f"{each.quantity} is not used: it is of {each.site}, not of the {place}")
        else:
            groups[each.quantity].append(each)
    return tuple(_pooled(group, model) for group in groups.values())


def _pooled(group: Sequence[Measured], model: Model) -> Reading:
    """Return the mean of readings; errors that are factors go to a log scale, but for a reading of 0."""
    readout, first = model.readouts[group[0].quantity], group[0].error
    values = np.array([units.convert(each.value, each.unit, readout.unit) for each in group])
    many = math.sqrt(len(group))
    said = (readout.name, readout.quantity, readout.label, readout.unit)
    if first.kind == "gsd" and values.min() > 0:
        return Reading(*said, float(np.log(values).mean()), math.log(first.size) / many, log=True)
    if first.kind == "gsd":
        size = (first.size - 1.0) * max(float(values.mean()), NEAR_ZERO * _span(readout))
        return Reading(*said, float(values.mean()), size / many)
    size = units.convert(first.size, group[0].unit, readout.unit)
    return Reading(*said, float(values.mean()), size / many)


def _span(readout: Readout) -> float:
    return readout.healthy.high - readout.healthy.low if readout.healthy else 1.0
