"""Read what a case expects: readout, arms, moment, range and reason; and the noise of measurement."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from gutskin import units
from gutskin.errors import InputError, nearest
from gutskin.evidence.case import COMPARED, START, Arm, Expectation, Noise
from gutskin.evidence.expression import expression
from gutskin.evidence.moment import moment
from gutskin.evidence.summary import JOINED
from gutskin.ledger import is_number

_EXPECT = {
    "readout", "arm", "versus", "as", "at", "statistic", "with", "value", "low", "high", "unit", "why",
}  # fmt: skip
_TEXTS = ("arm", "versus", "as", "statistic", "unit", "why")
_QUANTILE = re.compile(r"q(0[1-9]|[1-9]\d)")
STATISTICS = ("mean", "median", "sd", "cv", "share", "correlation", "rank correlation")
_ENDS = (("low", -math.inf), ("high", math.inf))


def fault(code: str, said: str, where: str, remedy: str) -> InputError:
    """Return an error that names the file and the key."""
    return InputError(code, said, where=where, remedy=remedy)


def check_keys(data: Mapping[str, Any], known: set[str], where: str, needed: Sequence[str] = ()) -> None:
    """Refuse unknown and missing keys.

    Raises
    ------
    InputError
        E400.
    """
    for key in data:
        if key not in known:
            remedy = nearest(key, known) or "the keys stand in docs/evidence.md"
            raise fault("E400", f"key {key!r} is not known", where, remedy)
    for key in needed:
        if data.get(key) in (None, ""):
            raise fault("E400", f"{key} is missing", where, f"write {key} = ...")


def check_texts(data: Mapping[str, Any], keys: Sequence[str], where: str) -> None:
    """Refuse what is not text.

    Raises
    ------
    InputError
        E400.
    """
    for key in keys:
        if not isinstance(data.get(key, ""), str):
            raise fault("E400", f"{key} = {data[key]!r}", where, "write it in quotes")


def read_noise(name: str, data: Any, where: str) -> Noise:
    """Read the noise of a read-out.

    Raises
    ------
    InputError
        E400 unless it is one of cv and sd, E201, E203, E204 the quantity.
    """
    where = f"{where}: noise {name}"
    if not isinstance(data, dict):
        raise fault("E400", f"noise of {name} = {data!r}", where, "write cv or sd")
    check_keys(data, {"cv", "sd"}, where)
    cv = data.get("cv", 0.0)
    sd, unit = units.quantity(data["sd"], where=where) if "sd" in data else (0.0, "1")
    if len(data) != 1 or not is_number(cv) or cv < 0 or sd < 0:
        raise fault("E400", f"noise of {name} = {data!r}", where, 'one of cv = 0.3 and sd = "2 mmol/L"')
    return Noise(float(cv), sd, unit)


def read_expectation(data: Mapping[str, Any], arms: Mapping[str, Arm], where: str) -> Expectation:
    """Read one expectation.

    Raises
    ------
    InputError
        E400 keys, E402 arms, E403 what does not go together, E405, E407 expression and time, E201 unit.
    """
    check_keys(data, _EXPECT, where, ("readout", "arm", "unit", "why"))
    check_texts(data, _TEXTS, where)
    for key in ("arm", "versus"):
        if data.get(key) and data[key] not in arms and not (key == "versus" and data[key] == START):
            raise fault("E402", f"there is no arm {data[key]!r}", where, nearest(str(data[key]), arms))
    how, versus = str(data.get("as", "")), str(data.get("versus", ""))
    if bool(how) != bool(versus) or (how and how not in COMPARED):
        remedy = f"as goes with versus, and is one of {', '.join(COMPARED)}"
        raise fault("E403", f"as = {how!r}, versus = {versus!r}", where, remedy)
    statistic = str(data.get("statistic", "mean"))
    if statistic not in STATISTICS and not _QUANTILE.fullmatch(statistic):
        raise fault(
            "E403", f"statistic = {statistic!r}", where, f"one of {', '.join(STATISTICS)}, q01 to q99"
        )
    if (statistic in JOINED) != ("with" in data) or (statistic in JOINED and how):
        raise fault(
            "E403",
            f"statistic = {statistic!r}",
            where,
            "a correlation needs with, and no as; nothing else has with",
        )
    if how == "standardised" and statistic != "mean":
        raise fault("E403", f"statistic = {statistic!r} with standardised", where, "leave out statistic")
    low, high, value = read_range(data, where)
    other = expression(data["with"], where=where) if "with" in data else None
    units.parse(data["unit"])
    made = Expectation(
        expression(data["readout"], where=where), data["arm"], moment(data.get("at", ""), where=where),
        data["unit"], low, high, str(data["why"]), versus, how, statistic, other, value,
    )  # fmt: skip
    return _timed(made, arms, where)


def _timed(made: Expectation, arms: Mapping[str, Arm], where: str) -> Expectation:
    """Refuse what makes no sense together, and times after the end of an arm."""
    if made.versus == made.arm:
        raise fault("E403", f"{made.arm} versus itself", where, 'name another arm, or "start"')
    for name in {made.arm, made.versus} & set(arms):
        for when in (made.moment, *made.readout.moments, *(made.other.moments if made.other else ())):
            when.refuse_outside(arms[name].days, where=where)
    if not made.moment.visit and made.readout.moments:
        raise fault("E403", f"at = {made.moment.text!r} with at(...)", where, "keep one of them")
    if made.versus == START and made.moment.unit:
        raise fault("E403", "a time against the start", where, "leave out versus")
    return made


def read_range(data: Mapping[str, Any], where: str) -> tuple[float, float, float | None]:
    """Return low, high and value; what is missing is infinite, or None.

    Raises
    ------
    InputError
        E403 without any bound, upside down, or with the value outside.
    """
    given = {key: data[key] for key in ("low", "high", "value") if key in data}
    fine = all(is_number(each) for each in given.values()) and ("low" in given or "high" in given)
    low, high = (float(given.get(key, end)) if fine else end for key, end in _ENDS)
    value = float(given["value"]) if fine and "value" in given else None
    if not fine or not low < high or (value is not None and not low <= value <= high):
        raise fault(
            "E403",
            f"range {given}",
            where,
            "numbers with low < high and value between them; one bound may be left out",
        )
    return low, high, value
