"""Ages of people, from what a metadata table says or an option gives."""

from __future__ import annotations

import math
from collections.abc import Mapping

from gutskin.ecology.shelf import Scope
from gutskin.errors import InputError

_YEARS = {
    "year": 1.0,
    "y": 1.0,
    "yr": 1.0,
    "month": 1 / 12,
    "mo": 1 / 12,
    "week": 7 / 365.25,
    "day": 1 / 365.25,
}


def age_of(facts: Mapping[str, str], scope: Scope, *, where: str = "") -> float | None:
    """Return the age [year] that the metadata of a sample tells; none when no column does.

    Raises
    ------
    InputError
        E540 an age or unit that is not understood.
    """
    lower = {name.lower(): text for name, text in facts.items()}
    text = next((lower[name] for name in scope.columns if name in lower), None)
    if text is None or text.lower() in _UNTOLD:
        return None
    unit = next((lower[name] for name in scope.units if name in lower), "year")
    scale = _YEARS.get(unit.lower()) or _YEARS.get(unit.lower().removesuffix("s"))
    try:
        years = float(text) * (scale or math.nan)
    except ValueError:
        years = math.nan
    return check_age(years, f"{text} {unit}", where)


def check_age(years: float, said: str, where: str = "") -> float:
    """Return an age [year].

    Raises
    ------
    InputError
        E540 when it is no number of 0 or more, or above 130.
    """
    if not 0 <= years <= 130:
        raise InputError(
            "E540", f"{said!r} is no age", where=where, remedy="give a number, with years, months or days"
        )
    return years


_UNTOLD = {
    "na",
    "n/a",
    "nan",
    "none",
    "unknown",
    "not applicable",
    "not provided",
    "not collected",
    "missing",
}
