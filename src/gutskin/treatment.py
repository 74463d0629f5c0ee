"""Treatments: what can be eaten, taken, applied, washed off, injected or endured; one TOML file each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gutskin import units
from gutskin.errors import GutskinError, InputError, LibraryError, nearest
from gutskin.ledger import Parameter, is_number, parameter, read_toml

KINDS = ("eat", "take", "apply", "wash", "inject", "live")
# action -> the key that carries its number
ACTIONS = {"add": "amount", "scale": "by", "set": "to", "plus": "by", "times": "by"}
_KEYS = {"title", "about", "kind", "dose", "every", "effect"}


@dataclass(frozen=True)
class Effect:
    """``add`` and ``scale`` act on a state at every dose; ``set``, ``plus`` and ``times`` hold a constant."""

    action: str
    target: str
    number: Parameter


@dataclass(frozen=True)
class Dose:
    """What one dose is measured in, and what is usual."""

    unit: str
    usual: float
    low: float
    high: float


@dataclass(frozen=True)
class Treatment:
    """A treatment; ``every`` is the usual interval of doses [h], None for a level held from start to end."""

    name: str
    title: str
    about: str
    kind: str
    dose: Dose | None
    every: float | None
    effects: tuple[Effect, ...]

    @property
    def sources(self) -> tuple[str, ...]:
        """Keys of the sources behind its numbers, in order, without repeats."""
        keys = (effect.number.source for effect in self.effects if effect.number.source != "none")
        return tuple(dict.fromkeys(keys))


def duration(text: Any, *, where: str = "") -> float:
    """Return hours for text such as ``"12 h"`` or ``"3 days"``.

    Raises
    ------
    InputError
        E203/E204 without number or unit, E202 when the unit is not a time.
    """
    value, unit = units.quantity(text, where=where)
    try:
        return units.convert(value, unit, "h")
    except InputError as error:
        raise InputError(
            "E202", f"{text!r} is not a duration", where=where, remedy='write e.g. "2 days"'
        ) from error


def _effect(data: Mapping[str, Any], where: str) -> Effect:
    actions = [key for key in ACTIONS if key in data]
    if len(actions) != 1:
        raise LibraryError("E231", "an effect needs one of add, scale, set, plus, times", where=where)
    action = actions[0]
    key = ACTIONS[action]
    unknown = sorted(set(data) - {action, key})
    if unknown or not isinstance(data.get(key), dict):
        message = f"effect on {data[action]!r}: " + (
            f"key {unknown[0]!r} is not known" if unknown else f"{key} is missing or no table"
        )
        raise LibraryError(
            "E231", message, where=where, remedy=f"{action} goes with {key} = {{ value, unit, source, ... }}"
        )
    row = {"spread": {"kind": "fixed"}, **data[key]}
    return Effect(action, str(data[action]), parameter(f"{action} {data[action]}", row, where))


def _dose(data: Any, where: str) -> Dose:
    if not isinstance(data, dict) or set(data) != {"unit", "usual", "low", "high"}:
        raise LibraryError("E231", "dose needs unit, usual, low and high", where=where)
    if (
        not all(is_number(data[key]) for key in ("usual", "low", "high"))
        or not 0 < data["low"] <= data["usual"] <= data["high"]
    ):
        raise LibraryError("E231", "dose needs 0 < low <= usual <= high", where=where)
    units.parse(data["unit"])
    return Dose(data["unit"], float(data["usual"]), float(data["low"]), float(data["high"]))


def read_treatment(path: Path) -> Treatment:
    """Read one treatment file.

    Raises
    ------
    LibraryError, InputError
        E130 not TOML, E231 a key or number of the treatment is wrong, E132..E136 as for ledger rows.
    """
    data, where = read_toml(path), path.name
    unknown = sorted(set(data) - _KEYS)
    if unknown:
        raise LibraryError(
            "E231", f"key {unknown[0]!r} is not known", where=where, remedy=nearest(unknown[0], _KEYS)
        )
    for key in ("title", "about", "kind", "effect"):
        if not data.get(key):
            raise LibraryError("E231", f"{key} is missing", where=where)
    if data["kind"] not in KINDS:
        raise LibraryError("E231", f"kind {data['kind']!r}", where=where, remedy=f"one of {', '.join(KINDS)}")
    every = duration(data["every"], where=where) if "every" in data else None
    if every is not None and every <= 0:
        raise LibraryError("E231", f"every = {data['every']!r} is not above 0", where=where)
    dose = _dose(data["dose"], where) if "dose" in data else None
    effects = tuple(_effect(each, where) for each in data["effect"])
    at_dose = [e for e in effects if e.action in ("add", "scale")]
    if at_dose and every is None:
        raise LibraryError(
            "E231",
            f"it acts on {at_dose[0].target!r} at every dose but says not how often",
            where=where,
            remedy='add every = "1 day"',
        )
    return Treatment(path.stem, data["title"], data["about"], data["kind"], dose, every, effects)


def treatment_names(folders: tuple[Path, ...]) -> dict[str, Path]:
    """Return name -> file of the treatments in the folders; earlier folders win."""
    found: dict[str, Path] = {}
    for folder in folders:
        for path in sorted(folder.glob("*.toml")):
            found.setdefault(path.stem, path)
    return found


def find_treatment(name: str, folders: tuple[Path, ...], *, where: str = "") -> Treatment:
    """Return a treatment by name.

    Raises
    ------
    InputError
        E232 when there is none of that name; the nearest is named.
    """
    known = treatment_names(folders)
    if name not in known:
        remedy = nearest(name, known) or "see: gutskin list treatments"
        raise InputError("E232", f"there is no treatment {name!r}", where=where, remedy=remedy)
    try:
        return read_treatment(known[name])
    except GutskinError as error:
        if str(known[name]) in error.where:
            raise
        raise type(error)(error.code, error.message, where=f"{known[name]}", remedy=error.remedy) from error
