"""What the values of people come to: statistics, and how two sides compare.

Values are (P,); NaN is unknown and left out, infinite is a value (a time at which something never happens).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from gutskin.engine.outcome import Array
from gutskin.errors import InputError
from gutskin.evidence.case import Expectation
from gutskin.units import convert

JOINED = ("correlation", "rank correlation")
OF_SHARES = ("odds_ratio", "risk_ratio")
ALIKE = {"ratio": 1.0, "odds_ratio": 1.0, "risk_ratio": 1.0}  # no effect; 0 for all other comparisons


def comes_in(each: Expectation, unit: str) -> str:
    """Return the unit of what an expectation compares, of values in ``unit``."""
    if each.how == "percent":
        return "percent"
    pure = each.how not in ("", "difference") or each.statistic in (*JOINED, "cv")
    return "1" if pure else unit


def neutral(each: Expectation) -> float | None:
    """Return the value [unit of the expectation] of no effect; None where there is no such value."""
    if not each.how and each.statistic not in JOINED:
        return None
    return convert(ALIKE[each.how], "1", each.unit) if each.how in ALIKE else 0.0


def in_unit(value: float, each: Expectation, unit: str) -> float:
    """Return what an expectation compares in its own unit.

    Raises
    ------
    InputError
        E406 when it comes out in a unit of another kind.
    """
    found = comes_in(each, unit)
    try:
        return convert(100.0 * value if each.how == "percent" else value, found, each.unit)
    except InputError as error:
        said = f"{each.readout.text!r} comes out in {found}, not in {each.unit}"
        raise InputError("E406", said, remedy="mend unit") from error


def summary(values: Array, statistic: str) -> float:
    """Return a statistic of values; NaN when it is not defined."""
    known = np.sort(values[~np.isnan(values)])
    if not known.size:
        return math.nan
    if statistic in ("mean", "share"):
        return float(known.mean())
    if statistic == "median":
        return _quantile(known, 0.5)
    if statistic.startswith("q"):
        return _quantile(known, int(statistic[1:]) / 100)
    sd = _sd(known)
    if statistic == "sd":
        return sd
    mean = abs(float(known.mean()))
    return sd / mean if mean and math.isfinite(mean) else math.nan


def _sd(known: Array) -> float:
    return float(known.std(ddof=1)) if known.size > 1 and np.isfinite(known).all() else math.nan


def _quantile(known: Array, share: float) -> float:
    """Return a quantile of sorted values; between equal ones, infinite ones too, nothing is interpolated."""
    place = (known.size - 1) * share
    k = math.floor(place + 1e-12)
    low, high = float(known[k]), float(known[min(k + 1, known.size - 1)])
    weight = max(place - k, 0.0)
    return low if low == high or not weight else (1 - weight) * low + weight * high


def compared(each: Expectation, sides: Sequence[Array]) -> float:
    """Return the statistic of the only side, or how it compares between both [unit of :func:`comes_in`]."""
    if not each.how:
        return summary(sides[0], each.statistic)
    if each.how == "standardised":
        return _standardised(*sides)
    a, b = (summary(side, each.statistic) for side in sides)
    if each.how == "difference":
        return a - b
    if each.how == "odds_ratio":
        a, b = _odds(a), _odds(b)
    if not b or math.isnan(a + b) or (math.isinf(a) and math.isinf(b)):
        return math.nan
    ratio = a / b
    if each.how == "percent":
        return ratio - 1
    if each.how.startswith("log"):
        if ratio <= 0:
            return -math.inf if ratio == 0 else math.nan
        return math.log10(ratio) if each.how == "log10_ratio" else math.log2(ratio)
    return ratio


def _odds(share: float) -> float:
    if math.isnan(share):
        return share
    return share / (1 - share) if share < 1 else math.inf


def _standardised(a: Array, b: Array) -> float:
    """Return the difference of means in pooled standard deviations."""
    a, b = (side[~np.isnan(side)] for side in (a, b))
    if min(a.size, b.size) < 2:
        return math.nan
    squares = sum((side.size - 1) * _sd(side) ** 2 for side in (a, b))
    pooled = math.sqrt(squares / (a.size + b.size - 2))
    return float(a.mean() - b.mean()) / pooled if pooled else math.nan


def correlated(statistic: str, a: Array, b: Array) -> tuple[float, int]:
    """Return a correlation of Pearson or of ranks over people, and of how many; NaN when nobody differs."""
    both = np.isfinite(a) & np.isfinite(b)
    a, b = a[both], b[both]
    if statistic == "rank correlation":
        from scipy.stats import rankdata

        a, b = rankdata(a), rankdata(b)
    if a.size < 3 or not np.ptp(a) or not np.ptp(b):
        return math.nan, a.size
    off = [side - side.mean() for side in (a, b)]
    if not all(np.abs(side).max() for side in off):  # they differ by less than a mean can tell
        return math.nan, a.size
    x, y = (side / np.abs(side).max() for side in off)
    found = float(x @ y) / math.sqrt(float(x @ x) * float(y @ y))
    return min(max(found, -1.0), 1.0), a.size
