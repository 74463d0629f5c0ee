"""What a picture shows, from ``library/pictures/NAME.toml`` or a file of one's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gutskin.errors import InputError, nearest
from gutskin.evidence.expression import Expression, expression
from gutskin.ledger import read_toml
from gutskin.pictures.budget import Budget, budget
from gutskin.pictures.keys import check, typed

_KEYS = {"title", "about", "columns", "scenario", "places", "panel"}
_PANEL_KEYS = {"title", "unit", "kind", "stacked", "zero", "healthy", "row"}
_ROW_KEYS = {"label", "quantity"}
KINDS = ("along", "apart", "course")
PLACE = "{place}"  # what stands in a quantity for the name of a place


@dataclass(frozen=True)
class Row:
    """One line or layer; ``values`` is one expression a place, or the only one of a course."""

    label: str
    values: tuple[Expression, ...]


@dataclass(frozen=True)
class Panel:
    """Rows over one axis, all in ``unit``.

    ``kind`` is ``along`` (at day 0, place by place), ``apart`` (the same of places without an order) or
    ``course`` (in time). ``stacked`` rows add up.
    ``zero``: whether the axis begins at 0. ``healthy`` are read-outs whose healthy range is drawn, one a
    place, or one for a course.
    """

    title: str
    unit: str
    kind: str
    stacked: bool
    zero: bool
    healthy: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Picture:
    """A picture as it is written; ``places`` are (name in quantities, words), in order."""

    name: str
    title: str
    about: str
    columns: int
    scenario: str
    places: tuple[tuple[str, str], ...]
    panels: tuple[Panel, ...]


def picture_names(folder: Path) -> dict[str, Path]:
    """Return name -> file of the pictures of a folder."""
    return {path.stem: path for path in sorted(folder.glob("*.toml"))}


def read_picture(name: str, folder: Path) -> Picture | Budget:
    """Return a picture of the library, or of a TOML file when ``name`` ends in ``.toml``.

    A file with pools is that of a budget.

    Raises
    ------
    InputError
        E440 when there is none of that name, E441 when it is ill-formed, E405 an expression that is not
        understood, E130/E131 a file that cannot be read.
    """
    known = picture_names(folder)
    path = Path(name) if name.endswith(".toml") else known.get(name)
    if path is None:
        remedy = nearest(name, known) or "give one, or a path ending in .toml"
        raise InputError("E440", f"there is no picture {name!r}", remedy=remedy)
    data, where = read_toml(path), path.name
    if "pool" in data:
        return budget(path.stem, data, where)
    check(data, _KEYS, where)
    places = typed(data, "places", dict, where, {})
    tables = typed(data, "panel", list, where, [])
    columns = typed(data, "columns", int, where, 2)
    if not tables or columns < 1:
        raise InputError("E441", "no panel, or no column", where=where, remedy="write [[panel]]")
    return Picture(
        path.stem, typed(data, "title", str, where), typed(data, "about", str, where, ""), columns,
        typed(data, "scenario", str, where, ""), tuple((str(k), str(v)) for k, v in places.items()),
        tuple(_panel(each, places, f"{where}: panel {k}") for k, each in enumerate(tables, start=1)),
    )  # fmt: skip


def _panel(data: Any, places: Mapping[str, Any], where: str) -> Panel:
    check(data, _PANEL_KEYS, where)
    kind = typed(data, "kind", str, where)
    if kind not in KINDS:
        raise InputError("E441", f"kind = {kind!r}", where=where, remedy=f"one of {', '.join(KINDS)}")
    over = ("",) if kind == "course" else tuple(places)
    if not over:
        raise InputError("E441", "no places to go along", where=where, remedy="write [places]")
    healthy = tuple(typed(data, "healthy", list, where, []))
    if healthy and len(healthy) != len(over):
        remedy = "one read-out a place, or one for a course"
        raise InputError("E441", f"{len(healthy)} read-outs in healthy", where=where, remedy=remedy)
    rows = tuple(_row(each, over, where) for each in typed(data, "row", list, where))
    title, unit = typed(data, "title", str, where), typed(data, "unit", str, where)
    stacked, zero = typed(data, "stacked", bool, where, False), typed(data, "zero", bool, where, True)
    return Panel(title, unit, kind, stacked, zero, healthy, rows)


def _row(data: Any, over: tuple[str, ...], where: str) -> Row:
    check(data, _ROW_KEYS, where)
    label, text = typed(data, "label", str, where), typed(data, "quantity", str, where)
    where = f"{where}, {label}"
    if over != ("",) and PLACE not in text:
        raise InputError("E441", f"{text!r} names no place", where=where, remedy=f"write {PLACE} in it")
    made = tuple(expression(text.replace(PLACE, place), where=where) for place in over)
    if any(each.at_calls for each in made):
        raise InputError("E441", f"{text!r} has a moment of its own", where=where, remedy="leave out at(...)")
    return Row(label, made)
