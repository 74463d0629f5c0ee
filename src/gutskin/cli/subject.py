"""What ``diagnose``, ``forecast`` and ``rank`` are given: tables of a person or many, and the population."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from gutskin.cli import complete, reading
from gutskin.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gutskin.model import Model
    from gutskin.samples import Measured, Sample
    from gutskin.subject import Subject

STOOL = typer.Option(None, "--stool", help="A table with stool samples; skin samples in it are used too.")
SKIN = typer.Option(None, "--skin", help="A table with skin samples, when it is another one.")
TAXONOMY = reading.TAXONOMY
METADATA = typer.Option(
    None, "--metadata", help="A table with person, site, date and what was measured, a row a sample."
)
TAXA = typer.Option(None, "--taxa", help="A table of your own with the columns taxon and guild.")
REGION = typer.Option(None, "--region", help="Region such as V4, or shotgun, when the tables do not tell.")
WHO = typer.Option([], "--person", help="Only these people of the tables; all when left out.")
SITE = typer.Option(
    "", "--site", help="Where the skin is looked at; else where most skin samples are from.",
    autocompletion=complete.sites,
)  # fmt: skip
KIND = typer.Option(
    [],
    "--kind",
    help="What the person is known to be, such as adult_with_eczema; else left open.",
    autocompletion=complete.people,
)


def out(verb: str) -> Any:
    """Return the option of the output folder; each verb has its own, so that none overwrites another."""
    return typer.Option(Path(f"gutskin-{verb}"), "--out", help="Folder for reports and files.")


JSON = typer.Option(False, "--json", help="Print JSON.")
MEMBERS = typer.Option(256, "--members", min=32, max=5000, help="Virtual people that stand for a person.")
SIZE = typer.Option(4000, "--size", min=200, max=100_000, help="Virtual people of the population.")
SEED = typer.Option(1, "--seed", min=0, help="Same seed, same people.")
PLAN = typer.Option(
    [],
    "--plan",
    help="A scenario file, or the name of a scenario or treatment; again for more.",
    autocompletion=complete.plans,
)
DAYS = typer.Option(0.0, "--days", min=0.0, help="How long; else that of the plan.")
ENDPOINT = typer.Option(
    "", "--endpoint", help="The read-out that plans are ranked by.", autocompletion=complete.readouts
)
UNTOLD = "E322"  # of an error: nothing tells where a sample was taken
UNSPECIFIED = "skin:unspecified"
SUMMARY = "summary.csv"  # a row a person, beside their folders
_UNSAFE = re.compile(r"[^0-9A-Za-z._-]+")


@dataclass(frozen=True)
class Tables:
    """The options as they were given."""

    stool: Path | None
    skin: Path | None
    taxonomy: Path | None
    metadata: Path | None
    taxa: Path | None
    region: str | None
    people: Sequence[str]


def read(tables: Tables, model: Model, site: str = "") -> tuple[Subject, ...]:
    """Read and map everybody's samples and readings.

    Parameters
    ----------
    tables, model
        The options, and the model whose read-outs may have been measured.
    site
        Where the skin is looked at, for a table of skin that tells no place.

    Raises
    ------
    InputError
        E571 no table at all, E572 a person that no table has, E450 no such site, and what reading a table
        raises.
    """
    from gutskin.samples.controls import read_controls
    from gutskin.subject import subjects

    if tables.stool is None and tables.skin is None and tables.metadata is None:
        raise InputError("E571", "no table was given", remedy="name one with --stool or --skin")
    place = _sampled(model, site)
    stool = _samples(tables.stool, tables, "stool") if tables.stool else ()
    skin: tuple[Sample, ...] = ()
    if tables.skin and tables.skin != tables.stool:
        skin = _samples(tables.skin, tables, place)
    stool, skin = _one_person(stool, skin, tables)
    controls: list[Sample] = []
    for file in dict.fromkeys(file for file in (tables.stool, tables.skin) if file):
        controls += read_controls(file, metadata=tables.metadata, taxonomy=tables.taxonomy)
    readings, faults = _readings(tables.metadata, model)
    found = subjects(
        (*stool, *skin), readings, region=tables.region, controls=controls, overrides=tables.taxa
    )
    return _chosen(tuple(replace(each, fault=faults.get(each.name.lower())) for each in found), tables.people)


def _samples(file: Path, tables: Tables, site: str) -> tuple[Sample, ...]:
    """Read a table; when it tells no sites, all of it is of ``site``."""
    try:
        return reading.read(file, metadata=tables.metadata, taxonomy=tables.taxonomy)
    except InputError as error:
        if error.code != UNTOLD or tables.stool == tables.skin:
            raise
    return reading.read(file, site=site, metadata=tables.metadata, taxonomy=tables.taxonomy)


def _sampled(model: Model, site: str) -> str:
    """Return which skin samples a table holds that does not tell."""
    from gutskin.sites import FOLDER, read_site

    if not site:
        return UNSPECIFIED
    return next(iter(read_site(site, model.library / FOLDER).samples), UNSPECIFIED)


def _one_person(
    stool: tuple[Sample, ...], skin: tuple[Sample, ...], tables: Tables
) -> tuple[tuple[Sample, ...], tuple[Sample, ...]]:
    """Give one name to the samples of tables that hold one sample each and tell no person."""
    found = (*stool, *skin)
    single = tables.metadata is None and len(stool) <= 1 and len(skin) <= 1
    stems = {file.name.split(".")[0] for file in (tables.stool, tables.skin) if file}
    if not single or any(each.person not in {each.name, *stems} for each in found):
        return stool, skin
    name = tables.people[0] if len(tables.people) == 1 else found[0].person
    return tuple(replace(s, person=name) for s in stool), tuple(replace(s, person=name) for s in skin)


def _readings(
    metadata: Path | None, model: Model
) -> tuple[dict[str, tuple[Measured, ...]], dict[str, InputError]]:
    """Return person -> readings, and person in small letters -> what is wrong; say what is not used."""
    if metadata is None:
        return {}, {}
    from gutskin.samples import read_visits

    names = {n: (r.name, r.unit) for r in model.readouts.values() for n in (r.name, *r.also)}
    visits = read_visits(metadata, names, refuse=False)
    for note in visits.notes:
        typer.echo(f"note: {note}", err=True)
    faults = {row.person.lower(): row.fault for row in reversed(visits.rows) if row.fault}
    people = dict.fromkeys(row.person for row in visits.rows)
    return {name: found for name in people if (found := visits.of(name)) or name.lower() in faults}, faults


def _chosen(found: tuple[Subject, ...], people: Sequence[str]) -> tuple[Subject, ...]:
    known = {each.name.lower(): each for each in found}
    for name in people:
        if name.lower() not in known:
            from gutskin.errors import nearest

            remedy = nearest(name, [each.name for each in found]) or "leave --person out for everybody"
            raise InputError("E572", f"the tables have no person {name!r}", remedy=remedy)
    return tuple({name.lower(): known[name.lower()] for name in people}.values()) if people else found


def folders(names: Sequence[str], out: Path) -> dict[str, Path]:
    """Return a folder inside ``out`` for every person, whatever the tables call them."""
    made, taken = dict[str, Path](), {SUMMARY}
    for name in names:
        plain = _UNSAFE.sub("_", name)[:80].strip("._") or "person"
        stem, number = plain, 1
        while stem.lower() in taken:  # there are disks that do not mind capitals
            number += 1
            stem = f"{plain}_{number}"
        taken.add(stem.lower())
        made[name] = out / stem
    return made
