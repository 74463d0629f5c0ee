"""Measurements of a metadata table: readings beside taxa, by person and date."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from gutskin import units
from gutskin.errors import InputError
from gutskin.samples.dates import days, join_date
from gutskin.samples.instruments import Instrument, Instruments, load_instruments, squash
from gutskin.samples.measured import Error, Measured
from gutskin.samples.metadata import facts_of, read_metadata
from gutskin.samples.readers.cells import is_number
from gutskin.samples.sites import Sites, load_sites

Readouts = Mapping[str, tuple[str, str]]  # name or other name -> name of the read-out and its unit
_BRACKETS = re.compile(r"^(.*?)\s*[(\[]([^()\[\]]+)[)\]]\s*$")
_CENSORED = re.compile(r"^[<>]=?\s*[\d.]+")
_MISSING = {
    "",
    "na",
    "n/a",
    "nan",
    "none",
    "null",
    "-",
    "missing",
    "not collected",
    "not applicable",
    "nd",
    "unknown",
}
_FACTS = {"region", "method"}


@dataclass(frozen=True)
class Visit:
    """What a row of a metadata table tells: sample, person, site, date as written, day [days], readings.

    ``fault`` says which reading cannot be used, where the caller did not want it raised; the row has no
    readings then.
    """

    sample: str
    person: str
    site: str
    date: str
    day: float | None
    measured: tuple[Measured, ...]
    fault: InputError | None = None


@dataclass(frozen=True)
class Visits:
    """All rows of a metadata table, and what of it was not used and why."""

    rows: tuple[Visit, ...]
    notes: tuple[str, ...]

    def of(self, person: str, day: float | None = None) -> tuple[Measured, ...]:
        """Return the readings of a person, of one day when it is given; the same on several rows once."""
        found = [
            (row.day, each)
            for row in self.rows
            if row.person.lower() == person.lower() and day in (None, row.day)
            for each in row.measured
        ]
        once = {(when, each.quantity, each.site, each.value): each for when, each in reversed(found)}
        return tuple(each for _, each in found if each in once.values())

    def load(self, sample: str) -> Measured | None:
        """Return the total load of a sample in cells, or none."""
        readings = (each for row in self.rows if row.sample == sample for each in row.measured)
        return next((each for each in readings if each.quantity == "load"), None)


@dataclass(frozen=True)
class _Column:
    """A column of readings: its kind, factor and unit it is in, whether logarithms, where on the body."""

    name: str
    kind: Instrument
    factor: float
    unit: str
    log: bool
    site: str


def read_visits(
    path: str | Path, readouts: Readouts, *, sites: Sites | None = None, refuse: bool = True
) -> Visits:
    """Read the measurements of a metadata table.

    A column is one when its name is a read-out or one of the names of ``library/instruments``, without
    regard to case, blanks and underscores, with or without a unit in brackets or at the end (``CRP (mg/L)``,
    ``crp_mg_l``), and with or without a site of the body (``name_cheek``). Readings are turned into the
    unit of the read-out. Cells such as ``< 0.5`` are left out with a note.

    Parameters
    ----------
    path
        The metadata table, as for :func:`~gutskin.samples.metadata.read_metadata`.
    readouts
        Names of read-outs and other names of them, to name and unit.
    sites
        Sites of the library.
    refuse
        Whether to raise for a reading that cannot be used; false keeps it as the row's ``fault``.

    Raises
    ------
    InputError
        As ``read_metadata``; E523 and E524 for dates, E526 for a unit that is missing or does not fit, E527
        for a reading that is no number or outside its scale.
    """
    sites = sites or load_sites()
    tools = load_instruments()
    told = read_metadata(path)
    columns, notes = _columns(told, readouts, sites, tools, str(path))
    facts = {name: facts_of(about, sites) for name, about in told.items()}
    dates = {name: facts[name].get("date") or join_date(about) for name, about in told.items()}
    told_dates = {name: text for name, text in dates.items() if text.strip().lower() not in _MISSING}
    numbered = days(told_dates, where=str(path))
    rows = []
    for name, about in told.items():
        fact = facts[name]
        found = sites.find(fact.get("site", ""))
        fault, readings, left = None, tuple[Measured, ...](), list[str]()
        try:
            readings, left = _readings(about, columns, tools, f"{path}, sample {name!r}")
        except InputError as error:
            if refuse:
                raise
            fault = error
        notes += left
        site = found.name if found else fact.get("site", "")
        who = fact.get("person", name)
        rows.append(Visit(name, who, site, dates[name], numbered.get(name), readings, fault))
    return Visits(tuple(rows), tuple(dict.fromkeys(notes)))


def _columns(
    told: Mapping[str, Mapping[str, str]], readouts: Readouts, sites: Sites, tools: Instruments, where: str
) -> tuple[list[_Column], list[str]]:
    """Return the columns of readings, and a note on columns of numbers that nothing is known of."""
    names = list(dict.fromkeys(column for about in told.values() for column in about))
    kinds = {**tools.names, **{squash(name): readout for name, (readout, _) in readouts.items()}}
    taken = {squash(name) for spellings in sites.columns.values() for name in spellings}
    columns, unknown = [], []
    for name in names:
        if squash(name) in taken:
            continue
        column = _column(name, kinds, readouts, sites, tools, f"{where}, column {name!r}")
        if column is not None:
            columns.append(column)
        elif squash(name) not in tools.known:
            texts = [about[name] for about in told.values() if name in about]
            if sum(is_number(text) for text in texts) >= len(texts) / 2:
                unknown.append(name)
    if not unknown:
        return columns, []
    listed = "; ".join(f"{name}{_hint(name, kinds)}" for name in unknown)
    return columns, [f"columns of numbers that are no read-out are not used: {listed}"]


def _hint(name: str, kinds: Mapping[str, str]) -> str:
    """Return what a column may be a misspelling of, in brackets; empty when nothing is close."""
    close = difflib.get_close_matches(squash(name), list(kinds), n=1, cutoff=0.75)
    return f" (did you mean {close[0]}?)" if close else ""


def _column(
    name: str, kinds: Mapping[str, str], readouts: Readouts, sites: Sites, tools: Instruments, where: str
) -> _Column | None:
    """Return what a column measures, or none."""
    bracket = _BRACKETS.match(name)
    words = squash(bracket.group(1) if bracket else name).split()
    log = bool(words) and words[0] in {"log10", "log"}
    words = words[1:] if log else words
    for count in range(len(words), 0, -1):
        quantity = kinds.get(" ".join(words[:count]))
        rest = " ".join(words[count:])
        place = sites.find(rest) if rest else None
        ending = tools.spellings.get(rest)
        if quantity is None or (rest and place is None and ending is None):
            continue
        kind = _kind(quantity, readouts, tools)
        if kind is None:
            return None
        factor, unit = ending if ending and place is None else (1.0, kind.assumed)
        if bracket:
            found = tools.unit(bracket.group(2))
            if found is None:
                raise InputError(
                    "E526", f"the unit {bracket.group(2)!r} is not known", where=where, remedy=_UNITS
                )
            factor, unit = found
        return _Column(name, kind, factor, unit, log, place.name if place else "")
    return None


_UNITS = "write the unit in brackets, e.g. CRP (mg/L)"


def _kind(quantity: str, readouts: Readouts, tools: Instruments) -> Instrument | None:
    """Return the instrument of a quantity, in the unit of its read-out; none without a read-out."""
    row = tools.rows.get(quantity)
    if quantity in readouts:
        name, unit = readouts[quantity]
        row = row or Instrument(name, (), (), "", (-math.inf, math.inf), tools.usual)
        return replace(row, units=(unit,), assumed=row.assumed or ("1" if unit == "1" else ""))
    return row if row and not row.assumed and row.units else None


def _readings(
    about: Mapping[str, str], columns: list[_Column], tools: Instruments, where: str
) -> tuple[tuple[Measured, ...], list[str]]:
    """Return the readings of a row, and notes on cells that were left out."""
    found, notes = [], []
    for column in columns:
        text = about.get(column.name, "").strip()
        place = f"{where}, column {column.name!r}"
        if text.lower() in _MISSING:
            continue
        if _CENSORED.match(text):
            notes.append(
                f"{column.name}: readings outside the range of the assay are left out, first {text!r}"
            )
            continue
        value, unit = _number(text, column, tools, place)
        found.append(_measured(value, unit, column, place))
    return tuple(found), notes


def _number(text: str, column: _Column, tools: Instruments, where: str) -> tuple[float, str]:
    """Return value and unit of a cell; a unit in the cell wins."""
    head, _, tail = text.partition(" ")
    if not is_number(head) or not math.isfinite(float(head)):
        raise InputError(
            "E527",
            f"{text!r} is no reading",
            where=where,
            remedy="write a number with a decimal point, or NA",
        )
    factor, unit = column.factor, column.unit
    if tail.strip():
        told = tools.unit(tail)
        if told is None:
            raise InputError("E526", f"the unit {tail.strip()!r} is not known", where=where, remedy=_UNITS)
        factor, unit = told
    if not unit:
        what = f"nothing tells the unit of {column.kind.quantity}"
        raise InputError("E526", what, where=where, remedy=_UNITS)
    value = 10.0 ** float(head) if column.log else float(head)
    return value * factor, unit


def _measured(value: float, unit: str, column: _Column, where: str) -> Measured:
    """Turn a reading into the unit of its quantity and hold it against its scale."""
    kind = column.kind
    into = next((each for each in kind.units if units.dimension(each) == units.dimension(unit)), None)
    if into is None:
        raise InputError(
            "E526",
            f"{kind.quantity} is measured in {' or '.join(kind.units)}, not in {unit}",
            where=where,
            remedy=_UNITS,
        )
    factor = units.factor(unit, into)
    low, high = kind.limits
    if not low <= value * factor <= high:
        raise InputError(
            "E527",
            f"{value * factor:g} {into} is outside the scale of {kind.quantity} ({low:g} to {high:g})",
            where=where,
            remedy="check number and unit",
        )
    error = kind.error
    if error.kind == "sd" and kind.assumed:
        error = Error("sd", error.size * units.factor(kind.assumed, into), error.source)
    return Measured(kind.quantity, value * factor, into, error, where, column.site)
