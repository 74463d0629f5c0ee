"""Who a person may be before anything is known: people in shares, from ``library/populations``."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gutskin.errors import GutskinError, InputError, LibraryError, nearest
from gutskin.ledger import GRADES, is_number, read_toml

FOLDER = "populations"  # of a library
_KEYS = {"person", "share", "members", "source", "where", "grade", "note", "healthy"}
_HEAD = {"title", "about", "people"}
_NEEDED = ("person", "share", "members", "source", "grade")


@dataclass(frozen=True)
class Stratum:
    """People alike: ``share`` [1] of the population, ``members`` [1] of the virtual people.

    ``healthy`` people tell what is usual where no range was measured.
    """

    person: str
    share: float
    members: float
    source: str
    grade: str
    where: str = ""
    note: str = ""
    healthy: bool = False


def population_names(folder: Path) -> dict[str, Path]:
    """Return name -> file of the populations of a library folder."""
    return {path.stem: path for path in sorted(folder.glob("*.toml"))}


def read_strata(name: str, folder: Path) -> tuple[Stratum, ...]:
    """Return the people that a population is a mixture of.

    Parameters
    ----------
    name, folder
        Which, and the folder ``populations`` of the library.

    Raises
    ------
    InputError
        E580 when there is none of that name.
    LibraryError
        E581 a row is ill-formed, or shares or members do not sum to one.
    """
    known = population_names(folder)
    if name not in known:
        remedy = nearest(name, known) or f"known: {', '.join(known)}"
        raise InputError("E580", f"there is no population {name!r}", remedy=remedy)
    path = known[name]
    data = read_toml(path)
    rows = data.get("people")
    unknown = sorted(set(data) - _HEAD)
    if unknown or not isinstance(rows, list) or not rows or not all(isinstance(r, dict) for r in rows):
        said = f"key {unknown[0]!r} is not known" if unknown else "it has no [[people]]"
        raise LibraryError("E581", said, where=path.name, remedy="title, about, and one [[people]] each")
    strata = tuple(_stratum(row, f"{path.name}, [[people]] {k + 1}") for k, row in enumerate(rows))
    for what in ("share", "members"):
        total = math.fsum(getattr(each, what) for each in strata)
        if abs(total - 1.0) > 1e-9:
            raise LibraryError("E581", f"{what} sums to {total:g}", where=path.name, remedy="make it 1")
    names = [each.person for each in strata]
    if len(set(names)) < len(names):
        raise LibraryError("E581", "a person stands twice", where=path.name, remedy="add their shares up")
    return strata


def faults(folder: Path, people: Collection[str], sources: Collection[str]) -> list[LibraryError]:
    """Return what is wrong with the populations of a folder: rows, people, and sources that are not there."""
    found = []
    for name, path in population_names(folder).items():
        try:
            strata = read_strata(name, folder)
        except GutskinError as error:
            where = error.where or path.name
            found.append(LibraryError(error.code, error.message, where=where, remedy=error.remedy))
            continue
        for each in strata:
            where = f"{path.name}, {each.person}"
            if each.person not in people:
                remedy = nearest(each.person, people)
                found.append(LibraryError("E581", f"no person {each.person!r}", where=where, remedy=remedy))
            if each.source != "none" and each.source not in sources:
                remedy, said = nearest(each.source, sources), f"source {each.source!r} is not in sources.bib"
                found.append(LibraryError("E137", said, where=where, remedy=remedy))
    return found


def check_kinds(kinds: Collection[str], strata: Collection[Stratum]) -> None:
    """Refuse people that a population is no mixture of.

    Raises
    ------
    InputError
        E585; the nearest is named.
    """
    names = [each.person for each in strata]
    for kind in kinds:
        if kind not in names:
            remedy = nearest(kind, names) or f"known: {', '.join(names)}"
            raise InputError("E585", f"the population has no people like {kind!r}", remedy=remedy)


def _stratum(row: dict[str, Any], where: str) -> Stratum:
    unknown = sorted(set(row) - _KEYS)
    missing = [key for key in _NEEDED if key not in row]
    if unknown or missing:
        said = f"key {unknown[0]!r} is not known" if unknown else f"{missing[0]} is missing"
        raise LibraryError("E581", said, where=where, remedy=f"keys: {', '.join(sorted(_KEYS))}")
    for what in ("share", "members"):
        if not is_number(row[what]) or not 0 < row[what] <= 1:
            raise LibraryError("E581", f"{what} = {row[what]!r}", where=where, remedy="above 0, at most 1")
    if row["grade"] not in GRADES:
        raise LibraryError("E581", f"grade {row['grade']!r}", where=where, remedy=", ".join(GRADES))
    texts = {key: str(row.get(key, "")) for key in ("source", "grade", "where", "note")}
    healthy = row.get("healthy", False)
    if not isinstance(healthy, bool):
        raise LibraryError("E581", f"healthy = {healthy!r}", where=where, remedy="true or false")
    return Stratum(str(row["person"]), float(row["share"]), float(row["members"]), **texts, healthy=healthy)
