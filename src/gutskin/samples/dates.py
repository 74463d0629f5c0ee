"""Dates of samples: common forms to days; what could be two dates is refused."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import date

from gutskin.errors import InputError

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ISO = re.compile(r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ].*)?$")
_PACKED = re.compile(r"^((?:19|20)\d{2})(\d{2})(\d{2})$")
_DOTTED = re.compile(r"^(\d{1,2})\.(\d{1,2})\.(\d{4})$")
_SLASHED = re.compile(r"^(\d{1,2})[/-](\d{1,2})[/-](\d{4})(?:[T ].*)?$")
_WORDED = re.compile(r"^(?:(\d{1,2})[ -]*([A-Za-z]{3,9})\.?|([A-Za-z]{3,9})\.?[ -]*(\d{1,2}))[ ,-]+(\d{4})$")


def days(told: Mapping[str, str], *, where: str = "") -> dict[str, float]:
    """Return the day of every sample [days].

    Calendar dates count from the earliest of them, which is day 0; plain numbers are days of a study and stay
    as they are. A form such as 03/04/2024 is read when another date of the same table shows which part is the
    month.

    Parameters
    ----------
    told
        Sample to what stands in its date column.
    where
        What to name in errors.

    Raises
    ------
    InputError
        E523 a text that is no date, E524 a date that could be two, or dates beside numbers of days.
    """
    order = _order(told, where)
    dates: dict[str, date] = {}
    numbers: dict[str, float] = {}
    for name, text in told.items():
        place = f"{where}, sample {name!r}" if where else f"sample {name!r}"
        number = _number(text)
        if number is not None:
            numbers[name] = number
        else:
            dates[name] = _date(text, order, place)
    if dates and numbers:
        raise InputError(
            "E524",
            f"{told[next(iter(numbers))]!r} is a number of days and {told[next(iter(dates))]!r} a date",
            where=where,
            remedy="give dates, or days of the study, in all rows",
        )
    first = min(dates.values(), default=date(1970, 1, 1))
    return numbers | {name: float((day - first).days) for name, day in dates.items()}


def join_date(about: Mapping[str, str]) -> str:
    """Return the date that columns ``year``, ``month`` and ``day`` tell together; empty when they do not."""
    lower = {name.lower().strip(): text for name, text in about.items()}
    parts = [_number(lower.get(name, "")) for name in ("year", "month", "day")]
    if any(part is None or part != int(part) for part in parts):
        return ""
    year, month, day = (int(part) for part in parts if part is not None)
    return f"{year:04d}-{month:02d}-{day:02d}" if year > 1900 else ""


def _number(text: str) -> float | None:
    """Return a number of days; eight digits that are a date are none."""
    if _PACKED.match(text):
        return None
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _order(told: Mapping[str, str], where: str) -> str:
    """Return which part of dates such as 25/03/2024 the month is; empty when none shows it."""
    found: dict[str, str] = {}
    for text in told.values():
        match = _SLASHED.match(text.strip())
        if match and int(match.group(1)) > 12:
            found["second"] = text
        elif match and int(match.group(2)) > 12:
            found["first"] = text
    if len(found) > 1:
        raise InputError(
            "E524",
            f"{found['first']!r} has the month first and {found['second']!r} second",
            where=where,
            remedy="write dates as 2024-03-25",
        )
    return next(iter(found), "")


def _date(text: str, order: str, where: str) -> date:
    """Read one date."""
    plain = text.strip()
    for form in (_ISO, _PACKED):
        if match := form.match(plain):
            year, month, day = (int(part) for part in match.groups())
            return _made(year, month, day, text, where)
    if match := _DOTTED.match(plain):  # dots are written with the day first
        day, month, year = (int(part) for part in match.groups())
        return _made(year, month, day, text, where)
    if match := _WORDED.match(plain):
        word = (match.group(2) or match.group(3)).lower()[:3]
        month = _MONTHS.index(word) + 1 if word in _MONTHS else 0
        return _made(int(match.group(5)), month, int(match.group(1) or match.group(4)), text, where)
    if match := _SLASHED.match(plain):
        one, two, year = (int(part) for part in match.groups())
        if order or one == two:
            return _made(year, *((one, two) if order == "first" else (two, one)), text, where)
        raise InputError(
            "E524",
            f"{text!r} could be two dates",
            where=where,
            remedy=f"write {year}-{two:02d}-{one:02d} or so",
        )
    raise InputError(
        "E523", f"{text!r} is no date", where=where, remedy="write 2024-03-25, or a number of days"
    )


def _made(year: int, month: int, day: int, text: str, where: str) -> date:
    try:
        return date(year, month, day)
    except ValueError as error:
        raise InputError(
            "E523", f"{text!r} is no date", where=where, remedy="write year, month and day as 2024-03-25"
        ) from error
