"""read_samples: from a file of any known format to checked samples."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gutskin.errors import InputError, nearest
from gutskin.samples.content import open_content
from gutskin.samples.metadata import check_metadata, facts_of, read_metadata
from gutskin.samples.names import UNNAMED, clean, tail
from gutskin.samples.raw import RawTable
from gutskin.samples.readers import read_raw
from gutskin.samples.sample import Sample, Scale, judge_kind
from gutskin.samples.sites import Sites, load_sites, unknown_site
from gutskin.samples.taxonomy import read_taxonomy

_EXTRAS = ("region", "visit", "date", "method")


@dataclass(frozen=True)
class Reading:
    """What was read of a file: its samples, and why others of it were left out."""

    samples: tuple[Sample, ...]
    left_out: tuple[InputError, ...] = ()


@dataclass(frozen=True)
class _Column:
    """One column: number, name, site and person as told, what else to call the person, other facts."""

    index: int
    name: str
    site: str
    person: str
    unnamed: str
    extras: dict[str, str]


def read_samples(
    path: str | Path,
    *,
    site: str | None = None,
    person: str | None = None,
    metadata: str | Path | None = None,
    taxonomy: str | Path | None = None,
) -> tuple[Sample, ...]:
    """Read the samples of a table; see :func:`read_file`, which also says what was left out."""
    return read_file(path, site=site, person=person, metadata=metadata, taxonomy=taxonomy).samples


def read_file(
    path: str | Path,
    *,
    site: str | None = None,
    person: str | None = None,
    metadata: str | Path | None = None,
    taxonomy: str | Path | None = None,
) -> Reading:
    """Read the samples of a table.

    Parameters
    ----------
    path
        A table of any format in ``readers``, packed or not; the format is found by content.
    site
        Where the sample was taken. Selects samples when the file tells sites (column names such as
        ``person.site``, or metadata), else names the site of all.
    person
        Selects the samples of a person when the file tells persons, else names the person.
    metadata
        Tab-separated table: sample name, and columns for person and site.
    taxonomy
        A file with the lineage of every feature, when the table has identifiers only.

    Returns
    -------
    Reading
        Samples in the order of the file. Of several, those are left out whose site is not told or not known,
        that hold nothing, or whose percentages have a wrong sum.

    Raises
    ------
    InputError
        E300 to E326 and E500 to E516, see ``docs/errors.md``; each names the place and the remedy.
    """
    sites = load_sites()
    chosen = sites.require(site).name if site is not None else None
    lineages = read_taxonomy(taxonomy) if taxonomy is not None else None
    table = read_raw(open_content(path), lineages, str(taxonomy))
    columns = _columns(table, sites, path, metadata, selecting=site is not None)
    columns, left_out = _select_site(columns, chosen, sites, path)
    columns = _select_person(columns, person, path)
    taxa, rows = _clean_rows(table)
    scale = judge_kind(table.values, counted=table.counted)
    source = f"{path} ({table.reader})"
    summed = (np.bincount(rows, table.values[:, column.index], len(taxa)) for column in columns)
    samples = []
    for column, values in zip(columns, summed, strict=True):
        try:
            samples.append(_sample(column, taxa, values * scale.factor, scale, source, table.said))
        except InputError as error:
            left_out.append(error)
    if not samples:
        raise left_out[0]
    return Reading(tuple(samples), tuple(left_out))


def _columns(
    table: RawTable, sites: Sites, path: str | Path, metadata: str | Path | None, *, selecting: bool
) -> list[_Column]:
    """Collect what file, metadata and column names tell about every column; metadata wins."""
    given = read_metadata(metadata) if metadata is not None else {}
    if metadata is not None:
        check_metadata(given, table.columns, metadata, sites=sites, partly=selecting)
    stem = Path(path).name.split(".")[0]
    columns = []
    for index, name in enumerate(table.columns):
        facts = {**facts_of(table.about.get(name, {}), sites), **facts_of(given.get(name, {}), sites)}
        person, site = _parts(name, sites)
        extras = {what: facts[what] for what in _EXTRAS if what in facts}
        unnamed = stem if len(table.columns) == 1 or sites.find(name) else name
        site, person = facts.get("site") or site, facts.get("person") or person
        columns.append(_Column(index, name, site, person, unnamed, extras))
    return columns


def _parts(name: str, sites: Sites) -> tuple[str, str]:
    """Read person and site out of a column name such as ``person.site`` or ``site``; empty when not told."""
    if sites.find(name):
        return "", name
    person, _, rest = name.partition(".")
    if rest and (sites.find(rest) or sites.find(rest.partition(".")[0])):
        return person, rest if sites.find(rest) else rest.partition(".")[0]
    if rest and sites.close(rest):
        return person, rest
    return "", ""


def _select_site(
    columns: list[_Column], chosen: str | None, sites: Sites, path: str | Path
) -> tuple[list[_Column], list[InputError]]:
    """Bring sites to canonical names and keep the chosen one; say which have none that is known.

    Negative controls are kept only when they are chosen, and left out without a word.

    Raises
    ------
    InputError
        E321 no site that is known, E322 no site told, E326 none of the chosen.
    """
    where = str(path)
    untold = not any(column.site for column in columns)
    if chosen is not None and chosen != sites.control.name and untold:
        return [replace(column, site=chosen) for column in columns], []
    kept: list[_Column] = []
    left_out: list[InputError] = []
    for column in columns:
        found = sites.find(column.site) if column.site else None
        if (found is None or found.name != chosen) and (chosen is not None or found is sites.control):
            continue
        if found is not None:
            kept.append(replace(column, site=found.name))
        elif column.site:
            left_out.append(unknown_site(column.site, sites, f"{where}, sample {column.name!r}"))
        else:
            left_out.append(
                InputError(
                    "E322",
                    f"nothing tells the site of {column.name!r}",
                    where=where,
                    remedy="name the site (--site), call columns person.site, or give metadata",
                )
            )
    if not kept and left_out:
        raise left_out[0]
    if not kept:
        told = sorted({found.name for column in columns if (found := sites.find(column.site))})
        held = ", ".join(told) or "no site that is known"
        raise InputError("E326", f"no sample of {chosen}", where=where, remedy=f"the file holds {held}")
    return kept, left_out


def _select_person(columns: list[_Column], person: str | None, path: str | Path) -> list[_Column]:
    """Keep the samples of one person, or name the person where the file does not.

    Without any name, the sample's own is taken, or the file's when the sample is called after a site.

    Raises
    ------
    InputError
        E326 when the file tells persons and this is none of them.
    """
    told = {column.person for column in columns if column.person}
    if person is None or not told:
        return [replace(column, person=column.person or person or column.unnamed) for column in columns]
    kept = [column for column in columns if column.person.lower() == person.lower()]
    if not kept:
        raise InputError("E326", f"no sample of {person!r}", where=str(path), remedy=nearest(person, told))
    return kept


def _clean_rows(table: RawTable) -> tuple[tuple[str, ...], NDArray[np.intp]]:
    """Clean the names and say which cleaned taxon each row belongs to.

    Names that differ as written but tell no more than one genus or family ("Lachnospiraceae bacterium A" and
    "... B") are added up.

    Raises
    ------
    InputError
        E314 when two rows of a table of taxa are one taxon after cleaning.
    """
    index: dict[str, int] = {}
    first: dict[tuple[str, str], str] = {}
    rows = np.empty(len(table.taxa), dtype=np.intp)
    for row, text in enumerate(table.taxa):
        name = clean(text).text
        same = first.setdefault((name, tail(text)), text)
        if same is not text and not table.merge and name != UNNAMED:
            raise InputError(
                "E314",
                f"{text!r} and {same!r} are one taxon",
                where=table.places[row],
                remedy="add the rows of a taxon up",
            )
        rows[row] = index.setdefault(name, len(index))
    return tuple(index), rows


def _sample(
    column: _Column,
    taxa: tuple[str, ...],
    values: NDArray[np.floating[Any]],
    scale: Scale,
    source: str,
    said: str,
) -> Sample:
    """Build one sample from its column, leaving out what was not found."""
    total = float(values.sum())
    found = np.flatnonzero(values) if total > 0 else np.arange(len(taxa))
    return Sample(
        site=column.site,
        person=column.person,
        name=column.name,
        taxa=tuple(taxa[row] for row in found),
        abundance=values[found].astype(np.float64),
        kind=scale.kind,
        depth=round(total) if scale.kind == "counts" else None,
        source=source,
        extras={**column.extras, "numbers": "; ".join(each for each in (scale.said, said) if each)},
    )
