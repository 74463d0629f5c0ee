"""Shelf: the reference people of the library, read and written as text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from gutskin.ecology.composition import Array
from gutskin.ecology.reference import LEVELS, Reference
from gutskin.errors import GutskinError, LibraryError, nearest
from gutskin.ledger import read_toml
from gutskin.paths import LIBRARY
from gutskin.samples.taxa import load_taxa

FOLDER = LIBRARY / "ecology"
_COLUMNS = ("site", "genus", "prevalence", "mean", "q05", "q95")
_PERCENT = 100.0


@dataclass(frozen=True)
class Scope:
    """For whom the reference is: ages [year], who they are, how they were read, metadata columns of ages."""

    low: float
    high: float
    said: str
    region: str
    columns: tuple[str, ...]
    units: tuple[str, ...]


@lru_cache(maxsize=4)
def read_scope(folder: Path = FOLDER) -> Scope:
    """Return for whom the reference people of the library stand.

    Raises
    ------
    LibraryError
        E538 when the file is ill-formed.
    """
    path = folder / "reference.toml"
    try:
        row = read_toml(path)
        low, high = (float(each) for each in row["ages"])
        columns, units = tuple(row["age_columns"]), tuple(row["unit_columns"])
        return Scope(low, high, row["population"], row["region"], columns, units)
    except (KeyError, ValueError, TypeError) as error:
        raise _fault(path, f"{error}") from error


@lru_cache(maxsize=4)
def read_references(folder: Path = FOLDER) -> dict[str, Reference]:
    """Return the reference people of every site that has any.

    Raises
    ------
    LibraryError
        E538 when a file is ill-formed.
    """
    genera, guilds = folder / "genera.tsv", folder / "guilds.toml"
    try:
        shares = _genera(genera)
        said = read_scope(folder).said
        rows = read_toml(guilds)
        found = {site: _reference(site, said, rows[site], *shares[site]) for site in shares}
    except GutskinError:
        raise
    except (KeyError, ValueError, IndexError, TypeError) as error:
        raise _fault(guilds, f"{type(error).__name__}: {error}") from error
    return found


def faults(library: Path, sources: Mapping[str, Any]) -> list[LibraryError]:
    """Return what is wrong with reference people of a library, also sources and guilds it does not know."""
    folder = library / FOLDER.name
    if not folder.is_dir():
        return []
    try:
        found = read_references(folder)
        cited = read_toml(folder / "reference.toml")["citation"]
        known = {each.name for each in load_taxa(library / "taxa").guilds.values()}
    except LibraryError as error:
        return [error]
    out = [
        LibraryError(
            "E137",
            f"source {key!r} is not in sources.bib",
            where="reference.toml",
            remedy=nearest(key, sources),
        )
        for key in cited
        if key not in sources
    ]
    strange = sorted({name for each in found.values() for name in each.guilds} - known)
    return [*out, *(_fault(folder / "guilds.toml", f"{name!r} is no guild") for name in strange)]


def _genera(path: Path) -> dict[str, tuple[tuple[str, ...], Array]]:
    """Return genera and figures [1] of every site."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    if tuple(lines[0].split("\t")) != _COLUMNS:
        raise _fault(path, f"the columns are not {', '.join(_COLUMNS)}")
    rows: dict[str, list[list[str]]] = defaultdict(list)
    for line in lines[1:]:
        site, *cells = line.split("\t")
        rows[site].append(cells)
    made = {}
    for site, table in rows.items():
        figures = np.array([[float(each) for each in row[1:]] for row in table])
        ordered = (figures[:, 2] <= figures[:, 3]).all() and (figures >= 0).all()
        if figures.shape[1] != len(_COLUMNS) - 2 or not ordered:
            raise _fault(path, f"a row of {site} is cut short, or its range is upside down")
        made[site] = tuple(row[0] for row in table), figures / _PERCENT
    return made


def _reference(site: str, said: str, row: dict[str, Any], names: tuple[str, ...], shares: Array) -> Reference:
    sd, correlation = np.array(row["sd"]), np.array(row["correlation"])
    indices, distances = np.array(row["index"]), np.array(row["distance"])
    fits = correlation.shape == (len(row["guilds"]),) * 2 and indices.shape == distances.shape == LEVELS.shape
    if not fits or (np.diff(indices) < 0).any() or (np.diff(distances) < 0).any():
        raise ValueError(f"figures of {site} do not fit")
    prevalence, mean, low, high = shares.T
    return Reference(
        site=site,
        said=f"{row['people']} {said}",
        people=row["people"],
        genera=names,
        prevalence=prevalence,
        mean=mean,
        low=low,
        high=high,
        indices=indices,
        guild_people=row["guild_people"],
        guilds=tuple(row["guilds"]),
        centre=np.array(row["mean"]),
        covariance=correlation * np.outer(sd, sd),
        distances=distances,
    )


def write_references(found: Sequence[Reference], folder: Path, notes: Sequence[str]) -> None:
    """Write ``genera.tsv`` [percent] and ``guilds.toml`` of a library; ``notes`` head both."""
    head = [f"# {note}" for note in notes]
    lines = [*head, "\t".join(_COLUMNS)]
    for each in found:
        figures = np.array([each.prevalence, each.mean, each.low, each.high]).T * _PERCENT
        for name, row in zip(each.genera, figures.tolist(), strict=True):
            lines.append("\t".join((each.site, name, *(f"{one:.5g}" for one in row))))
    (folder / "genera.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    text = "\n\n".join(["\n".join(head), *(_toml(each) for each in found)])
    (folder / "guilds.toml").write_text(text + "\n", encoding="utf-8")


def _toml(each: Reference) -> str:
    assert each.centre is not None
    assert each.covariance is not None
    assert each.distances is not None
    sd = np.sqrt(np.diag(each.covariance))
    scale = np.where(sd > 0, sd, 1.0)
    correlation = each.covariance / np.outer(scale, scale)
    np.fill_diagonal(correlation, 1.0)
    matrix = ",\n  ".join(_list(row, 3) for row in correlation)
    names = ", ".join(f'"{name}"' for name in each.guilds)
    return "\n".join(
        (
            f'["{each.site}"]',
            f"people = {each.people}",
            f"index = {_list(each.indices, 3)}",
            f"guild_people = {each.guild_people}",
            f"distance = {_list(each.distances, 3)}",
            f"guilds = [{names}]",
            f"mean = {_list(each.centre, 4)}",
            f"sd = {_list(sd, 4)}",
            f"correlation = [\n  {matrix},\n]",
        )
    )


def _list(values: Array, digits: int) -> str:
    return f"[{', '.join(f'{each:.{digits}f}' for each in values)}]"


def _fault(path: Path, said: str) -> LibraryError:
    remedy = "write it anew: tools/ecology_reference.py"
    return LibraryError("E538", said, where=path.name, remedy=remedy)
