"""The ledger: every number of the model with unit, spread, source, place in the source and grade.

One TOML file per module in ``library/parameters``; one table per number. Numbers go from here to arrays and
are never printed into model text.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from gutskin import units
from gutskin.errors import InputError, LibraryError, LibraryErrors, nearest

GRADES = ("human in vivo", "animal", "in vitro", "calibrated", "assumed")

_SPREADS = {
    "lognormal": {"gsd"},
    "normal": {"sd"},
    "uniform": {"low", "high"},
    "loguniform": {"low", "high"},
    "fixed": set(),
}
_KEYS = {"value", "unit", "spread", "source", "where", "grade", "note"}
_NEEDED = ("value", "unit", "spread", "source", "grade")


@dataclass(frozen=True)
class Spread:
    """How a number differs between people or is uncertain; parameters are in the unit of the number."""

    kind: str
    gsd: float | None = None
    sd: float | None = None
    low: float | None = None
    high: float | None = None

    def __str__(self) -> str:
        said = [
            f"{key} {value:g}" for key, value in vars(self).items() if key != "kind" and value is not None
        ]
        return f"{self.kind} ({', '.join(said)})" if said else self.kind


@dataclass(frozen=True)
class Parameter:
    """One row of the ledger. ``row`` is ``"module.name"``; ``line`` is where it is written."""

    row: str
    value: float
    unit: str
    spread: Spread
    source: str
    where: str
    grade: str
    note: str = ""
    line: str = ""


@dataclass(frozen=True)
class Source:
    """One entry of ``sources.bib``."""

    key: str
    kind: str
    fields: Mapping[str, str]

    @property
    def verified(self) -> bool:
        """Whether title and authors were seen together with the identifier."""
        return self.fields.get("verified") == "yes"

    def __str__(self) -> str:
        got = self.fields
        authors = got.get("author", "").split(" and ")
        first = authors[0].split(",")[0] if authors[0] else self.key
        who = f"{first} et al." if len(authors) > 1 or authors[-1] == "others" else first
        parts = [f"{who} {got.get('year', '')}".strip(), got.get("title", ""), got.get("journal", "")]
        if got.get("doi"):
            parts.append(f"doi:{got['doi']}")
        said = ". ".join(part for part in parts if part)
        return said if self.verified else f"{said} [not verified]"


@dataclass(frozen=True)
class Ledger:
    """All rows by ``"module.name"`` and all sources by key."""

    rows: Mapping[str, Parameter]
    sources: Mapping[str, Source] = field(default_factory=dict)

    @cached_property
    def digest(self) -> str:
        """Hash of all values, units and spreads."""
        said = sorted(f"{r.row} {r.value!r} {r.unit} {r.spread}" for r in self.rows.values())
        return hashlib.sha256("\n".join(said).encode()).hexdigest()[:16]

    def count(self) -> dict[str, int]:
        """Return how many rows have each grade."""
        counted = dict.fromkeys(GRADES, 0)
        for row in self.rows.values():
            counted[row.grade] += 1
        return counted


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file of the library or the user.

    Raises
    ------
    InputError
        E130 when it cannot be read, with file and line.
    """
    import tomllib

    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise InputError("E131", f"there is no file {path}", remedy="check the path") from error
    except IsADirectoryError as error:
        raise InputError("E131", f"{path} is a folder", where=str(path), remedy="name a TOML file") from error
    except UnicodeDecodeError as error:
        remedy = "save it as UTF-8 TOML"
        raise InputError("E130", f"{path} is not text", where=str(path), remedy=remedy) from error
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        where = f"{path}:{line[1]}" if line else str(path)
        raise InputError("E130", f"not TOML: {error}", where=where, remedy="mend the line") from error


def table_lines(path: Path) -> dict[str, str]:
    """Return ``"file:line"`` of every table of a TOML file, written as a header or in one line."""
    out: dict[str, str] = {}
    for number, text in enumerate(path.read_text("utf-8", "replace").splitlines(), start=1):
        header = re.match(r"\s*\[+\s*([^\[\]]+?)\s*\]+|(\w+)\s*=\s*\{", text)
        if header:
            out.setdefault(header[1] or header[2], f"{path.name}:{number}")
    return out


def is_number(value: Any) -> bool:
    """Whether a TOML value is a finite number (a boolean is not)."""
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**1023


def _spread(data: Any, value: float, where: str) -> Spread:
    kind = data.get("kind") if isinstance(data, dict) else None
    if not isinstance(kind, str) or kind not in _SPREADS:
        hint = nearest(str(kind), _SPREADS)
        raise LibraryError("E135", f"spread kind {kind!r} is not known", where=where, remedy=hint)
    given = set(data) - {"kind"}
    if given != _SPREADS[kind] or not all(is_number(data[key]) for key in given):
        message = f"a {kind} spread needs {sorted(_SPREADS[kind])}, got {sorted(given)}"
        raise LibraryError("E135", message, where=where, remedy="write these as numbers, and no others")
    out_of_order = "low" in data and not data["low"] < data["high"]
    if data.get("gsd", 2) <= 1 or data.get("sd", 1) <= 0 or out_of_order:
        remedy = "gsd > 1, sd > 0, low < high"
        raise LibraryError("E135", f"spread {data} is empty or upside down", where=where, remedy=remedy)
    positive_needed = kind in ("lognormal", "loguniform")
    if positive_needed and (value <= 0 or data.get("low", 1) <= 0):
        raise LibraryError(
            "E135", f"a {kind} spread needs positive numbers", where=where, remedy="use normal or uniform"
        )
    return Spread(kind, **{key: float(data[key]) for key in given})


def parameter(row: str, data: Mapping[str, Any], where: str) -> Parameter:
    """Make a checked row from a TOML table.

    Raises
    ------
    LibraryError
        E132 unknown or missing key, E133 value not a finite number, E134 grade or source rule broken,
        E135 bad spread, E136 unit not understood.
    """
    unknown = sorted(set(data) - _KEYS)
    if unknown:
        raise LibraryError(
            "E132", f"{row}: key {unknown[0]!r} is not known", where=where, remedy=nearest(unknown[0], _KEYS)
        )
    missing = [key for key in _NEEDED if key not in data]
    if missing:
        raise LibraryError(
            "E132", f"{row}: {', '.join(missing)} missing", where=where, remedy="every number has all of them"
        )
    if not is_number(data["value"]):
        message = f"{row}: value {data['value']!r} is not a finite number"
        raise LibraryError("E133", message, where=where, remedy="write a number without quotes")
    if data["grade"] not in GRADES:
        raise LibraryError(
            "E134", f"{row}: grade {data['grade']!r}", where=where, remedy=f"one of {', '.join(GRADES)}"
        )
    weak = data["grade"] in ("assumed", "calibrated")
    if data["source"] == "none" and not weak:
        raise LibraryError(
            "E134", f"{row}: no source", where=where, remedy="name the source or grade it assumed"
        )
    if data["source"] != "none" and not data.get("where") and not weak:
        raise LibraryError("E134", f"{row}: where in the source?", where=where, remedy="add where = ...")
    try:
        units.parse(data["unit"] if isinstance(data["unit"], str) else "")
    except InputError as error:
        raise LibraryError("E136", f"{row}: {error.message}", where=where, remedy=error.remedy) from error
    value = float(data["value"])
    spread = _spread(data["spread"], value, where)
    words = {key: str(data.get(key, "")) for key in ("source", "where", "grade", "note")}
    return Parameter(row, value, data["unit"], spread, line=where, **words)


def read_sources(path: Path) -> dict[str, Source]:
    """Read ``sources.bib`` (one field a line, values in braces)."""
    sources: dict[str, Source] = {}
    for kind, key, body in re.findall(
        r"@(\w+)\{([^,\s]+),\s*(.*?)\n\}", path.read_text(encoding="utf-8"), re.S
    ):
        fields = dict(re.findall(r"^\s*(\w+)\s*=\s*\{(.*)\},?\s*$", body, re.M))
        sources[key] = Source(key, kind, fields)
    return sources


def read_ledger(library: Path) -> Ledger:
    """Read all rows of ``parameters/`` and all sources.

    Raises
    ------
    LibraryErrors
        With every fault found in the files.
    """
    bibliography = library / "sources.bib"
    sources = read_sources(bibliography) if bibliography.exists() else {}
    rows: dict[str, Parameter] = {}
    faults: list[LibraryError] = []
    for path in sorted((library / "parameters").glob("*.toml")):
        tables, lines = _flat(read_toml(path)), table_lines(path)
        for name, data in tables.items():
            where = lines.get(name, path.name)
            try:
                row = parameter(f"{path.stem}.{name}", data, where)
            except LibraryError as fault:
                faults.append(fault)
                continue
            if row.source != "none" and row.source not in sources:
                remedy = nearest(row.source, sources) or "add it to sources.bib"
                faults.append(
                    LibraryError(
                        "E137",
                        f"{row.row}: source {row.source!r} is not in sources.bib",
                        where=where,
                        remedy=remedy,
                    )
                )
            rows[row.row] = row
    if faults:
        raise LibraryErrors(faults)
    return Ledger(rows, sources)


def _flat(tables: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Turn ``[instance.name]`` tables into ``"instance.name"`` keys; a row is told by having a value."""
    out: dict[str, Mapping[str, Any]] = {}
    for name, data in tables.items():
        nested = isinstance(data, dict) and data and all(isinstance(each, dict) for each in data.values())
        if nested and "value" not in data:
            out.update({f"{name}.{inner}": row for inner, row in data.items()})
        else:
            out[name] = data if isinstance(data, dict) else {"value": data}
    return out
