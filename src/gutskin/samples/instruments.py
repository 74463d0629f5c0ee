"""What metadata tables measure beside taxa, from ``library/instruments``: names of columns, units, errors."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from gutskin import units
from gutskin.errors import InputError, LibraryError
from gutskin.ledger import GRADES, read_toml
from gutskin.paths import LIBRARY
from gutskin.samples.measured import Error

LOADS = "load"  # the file of total loads, which are no read-outs
_FILES = ("gut", "axis", "skin", LOADS)
COSTS = range(5)
_KEYS = {"columns", "unit", "units", "limits", "error", "source", "where", "grade", "cost"}


@dataclass(frozen=True)
class Instrument:
    """One kind of reading: what it measures, names of its column, units, limits and error.

    ``units`` are those it is turned into, the first that fits; ``assumed`` is the unit of a column that tells
    none, empty when it must tell; ``limits`` are in the first unit; ``cost`` is a class of effort, 1 the
    least and 4 the most, 0 when nobody proposes it as the next thing to measure.
    """

    quantity: str
    columns: tuple[str, ...]
    units: tuple[str, ...]
    assumed: str
    limits: tuple[float, float]
    error: Error
    cost: int = 0


@dataclass(frozen=True)
class Instruments:
    """All kinds of readings, by squashed names of columns and by quantity.

    ``spellings`` are of units, ``known`` columns of numbers that are no measurement for the model, ``usual``
    the error of a read-out without a table of its own.
    """

    rows: Mapping[str, Instrument]
    names: Mapping[str, str]
    spellings: Mapping[str, tuple[float, str]]
    known: frozenset[str]
    usual: Error

    def unit(self, text: str) -> tuple[float, str] | None:
        """Return factor and unit that a text means, or none."""
        plain = text.strip().replace("²", "2").replace("µ", "u").replace("μ", "u").replace("·", "/")
        for each in (plain, plain.lower()):
            if each in self.spellings:
                return self.spellings[each]
        try:
            units.parse(plain)
        except InputError:
            return None
        return 1.0, plain.replace("%", "percent")


def squash(text: str) -> str:
    """Return the spelling under which names of columns are compared: lower case, single blanks."""
    return re.sub(r"[^0-9a-z%]+", " ", text.lower()).strip()


@lru_cache(maxsize=4)
def load_instruments(folder: Path = LIBRARY / "instruments") -> Instruments:
    """Read the instruments of a library.

    Raises
    ------
    LibraryError
        E530 for a key, unit, grade or error that is not known, or a name of a column that stands twice.
    """
    rows: dict[str, Instrument] = {}
    for name in _FILES:
        path = folder / f"{name}.toml"
        rows |= {quantity: _row(quantity, row, path) for quantity, row in read_toml(path).items()}
    names: dict[str, str] = {}
    for each in rows.values():
        for column in (each.quantity, *each.columns):
            if names.setdefault(squash(column), each.quantity) != each.quantity:
                raise _fault(folder, f"the column {column!r} means two things")
    spellings = {
        text: units.quantity(means) for text, means in read_toml(folder / "units.toml")["units"].items()
    }
    said = read_toml(folder / "known.toml")
    known = frozenset(squash(column) for column in said["known"]["columns"])
    return Instruments(rows, names, spellings, known, _error(said["default"], folder / "known.toml"))


def _row(quantity: str, row: Mapping[str, Any], path: Path) -> Instrument:
    unknown = sorted(set(row) - _KEYS)
    if unknown:
        raise _fault(path, f"{quantity}: key {unknown[0]!r} is not known")
    assumed = str(row.get("unit", ""))
    into = tuple(row.get("units", (assumed,) if assumed else ()))
    for unit in into:
        units.parse(unit)
    low, high = (float(each) for each in row["limits"])
    if not low < high:
        raise _fault(path, f"{quantity}: limits = {row['limits']}")
    cost = row.get("cost", 0)
    if cost not in COSTS:
        raise _fault(path, f"{quantity}: cost = {cost!r}")
    return Instrument(quantity, tuple(row["columns"]), into, assumed, (low, high), _error(row, path), cost)


def _error(row: Mapping[str, Any], path: Path) -> Error:
    ((kind, size),) = row["error"].items()
    if row["grade"] not in GRADES or (row["source"] == "none") != (row["grade"] == "assumed"):
        raise _fault(path, f"grade = {row['grade']!r} with source {row['source']!r}")
    try:
        return Error(kind, float(size), row["source"])
    except ValueError as error:
        raise _fault(path, str(error)) from error


def _fault(path: Path, message: str) -> LibraryError:
    return LibraryError("E530", message, where=str(path), remedy="mend the row")
