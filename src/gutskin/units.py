"""Units at the borders: parse, compare and convert. Inside the engine there are only arrays.

The units themselves are defined in ``library/units.txt`` and handled by pint. Amounts are counted in
mol, microbes in CFU; ``percent`` is a number on its own scale, so a share is never mistaken for a fraction.
"""

from __future__ import annotations

import math
import re
from functools import cache
from typing import Any

from gutskin.errors import InputError, nearest
from gutskin.paths import LIBRARY


@cache
def _registry() -> Any:
    import pint

    return pint.UnitRegistry(LIBRARY / "units.txt", cache_folder=None, on_redefinition="raise")


_WRITTEN = re.compile(r"^(1|[A-Za-z%][A-Za-z0-9]*)([*/^()0-9A-Za-z-]*)$")


@cache
def parse(text: str) -> Any:
    """Return the pint unit for text such as ``"mmol/h"``, ``"ug/cm2/h"`` or ``"1"``.

    Raises
    ------
    InputError
        E201 when the text is empty, ill-formed or names an unknown unit (the nearest known one is named).
    """
    import pint

    remedy = "write e.g. mmol/h, g/day, CFU/cm2 or 1"
    plain = text.strip().replace("%", "percent") if isinstance(text, str) else ""
    if not plain or not _WRITTEN.match(plain) or re.search(r"[*/]{2}|[*/]$", plain):
        raise InputError("E201", f"unit {text!r} is not understood", remedy=remedy)
    registry = _registry()
    try:
        return registry.dimensionless if plain == "1" else registry.parse_units(plain)
    except pint.errors.UndefinedUnitError as error:
        names = error.unit_names
        unknown = names if isinstance(names, str) else ", ".join(names)
        hint = nearest(unknown, [name for name in registry if not name.startswith("delta_")])
        message = f"unit {text!r} is not understood: {unknown!r} is not defined"
        raise InputError("E201", message, remedy=f"{hint + ' ' if hint else ''}{remedy}") from error
    except Exception as error:  # pint raises many kinds for ill-formed text; all mean the same to the writer
        raise InputError("E201", f"unit {text!r} is not understood", remedy=remedy) from error


@cache
def dimension(text: str) -> tuple[tuple[str, float], ...]:
    """Return the powers of the base dimensions of a unit, sorted; empty for a pure number."""
    return tuple(
        sorted((name.strip("[]"), float(power)) for name, power in parse(text).dimensionality.items())
    )


@cache
def base_factor(text: str) -> float:
    """Return how many of its base units one unit is, e.g. 1/3600 for ``"1/h"``."""
    return float(_registry().Quantity(1.0, parse(text)).to_base_units().magnitude)


@cache
def factor(from_unit: str, to_unit: str) -> float:
    """Return what a number in ``from_unit`` is multiplied by to be in ``to_unit``.

    Raises
    ------
    InputError
        E202 when the dimensions differ.
    """
    if dimension(from_unit) != dimension(to_unit):
        raise InputError(
            "E202",
            f"{from_unit!r} cannot be turned into {to_unit!r}",
            remedy="give a quantity of the same kind",
        )
    return float(_registry().Quantity(1.0, parse(from_unit)).to(parse(to_unit)).magnitude)


def convert(value: float, from_unit: str, to_unit: str) -> float:
    """Return ``value`` [from_unit] in ``to_unit``; equal units leave the number untouched to the last bit.

    Raises
    ------
    InputError
        E202 when the dimensions differ.
    """
    return value if from_unit == to_unit else value * factor(from_unit, to_unit)


_QUANTITY = re.compile(r"^\s*(?P<number>[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*(?P<unit>\S.*)?$")


def quantity(text: str, *, where: str = "") -> tuple[float, str]:
    """Read ``"12 g/day"`` as (12.0, "g/day").

    Raises
    ------
    InputError
        E203 when there is no number, E204 when the unit is missing, E201 when it is unknown.
    """
    match = _QUANTITY.match(text) if isinstance(text, str) else None
    if match is None:
        missing = isinstance(text, int | float) and not isinstance(text, bool)
        if missing:
            raise InputError(
                "E204", f"{text!r} has no unit", where=where, remedy=f'write e.g. "{text} g" or "{text} 1"'
            )
        raise InputError(
            "E203", f"{text!r} is not a number with a unit", where=where, remedy='write e.g. "12 g"'
        )
    if not match["unit"]:
        raise InputError(
            "E204", f"{text!r} has no unit", where=where, remedy=f'write e.g. "{text.strip()} g"'
        )
    try:
        parse(match["unit"])
    except InputError as error:
        raise InputError(error.code, error.message, where=where, remedy=error.remedy) from error
    if math.isinf(float(match["number"])):
        raise InputError("E203", f"{text!r} is not a finite number", where=where, remedy='write e.g. "12 g"')
    return float(match["number"]), match["unit"].strip()
