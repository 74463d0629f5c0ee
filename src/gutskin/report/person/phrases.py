"""How chances, shares and intervals are written on a person's page."""

from __future__ import annotations

import math
from collections.abc import Sequence

from gutskin.report.numbers import THIN, figure, signed, unit_label
from gutskin.report.person.told import Interval

NEAR = 0.005  # of what is worth telling: a smaller change is written as about 0
COSTS = {
    1: "asked or read at home", 2: "a hand-held instrument", 3: "a laboratory", 4: "an invasive procedure",
}  # fmt: skip


def chance(value: float) -> str:
    """Write a chance [1] in percent, never as certain: so many virtual people cannot tell."""
    if not math.isfinite(value):
        return "unknown"
    if value > 0.99:
        return f">99{THIN}%"
    return f"<1{THIN}%" if value < 0.01 else f"{100 * value:.0f}{THIN}%"


def share(value: float) -> str:
    """Write a share [1] in percent with two digits; below a thousandth of a percent it says so."""
    if not math.isfinite(value):
        return "unknown"
    if value == 0:
        return f"0{THIN}%"
    hundredths = 100.0 * value
    if hundredths < 0.001:
        return f"<0.001{THIN}%"
    power = math.floor(math.log10(hundredths) + 1e-12)
    return f"{hundredths:.{max(0, 1 - power)}f}{THIN}%"


def shares(interval: Interval) -> str:
    """Write an interval of shares [1]."""
    return f"{share(interval.median)} ({share(interval.low)}\u00a0to\u00a0{share(interval.high)})"


def tail(unit: str) -> str:
    """Return a unit with the space before it; nothing for a pure number."""
    return "" if unit in {"1", ""} else f"\u00a0{unit_label(unit)}"


def between(interval: Interval, unit: str = "1") -> str:
    """Write an interval: the median, then from 5 to 95 %."""
    if not known(interval):
        return "unknown"
    if interval.low == interval.high:
        return f"{figure(interval.median)}{tail(unit)}"
    return f"{figure(interval.median)} ({to(interval.low, interval.high)}){tail(unit)}"


def to(low: float, high: float) -> str:
    """Write from where to where, on one line."""
    return f"{figure(low)}\u00a0to\u00a0{figure(high)}"


def change(interval: Interval, worth: float, unit: str = "1") -> str:
    """Write an interval of a change with its signs; what is far below ``worth`` [unit] is about 0."""
    if not known(interval):
        return "unknown"

    def said(value: float) -> str:
        return "≈ 0" if abs(value) < NEAR * worth else signed(value)

    low, middle, high = (said(each) for each in (interval.low, interval.median, interval.high))
    if {low, middle, high} == {"≈ 0"}:
        return f"≈ 0{tail(unit)}"
    return f"{middle} ({low}\u00a0to\u00a0{high}){tail(unit)}"


def deviations(value: float) -> str:
    """Write standard deviations of the population, with the sign."""
    if not math.isfinite(value):
        return "unknown"
    text = f"{value:+.2f}".replace("-", "−")
    return f"{'0' if text in {'+0.00', '−0.00'} else text}{THIN}SD"


def known(interval: Interval) -> bool:
    """Say whether all three figures are there."""
    return all(map(math.isfinite, (interval.low, interval.median, interval.high)))


def listed(names: Sequence[str], most: int = 4) -> str:
    """Write names as a list: "A", "A and B", "A, B and 3 more"."""
    shown, left = list(names[:most]), len(names) - most
    if left == 1:  # one more name is no longer than "1 more"
        shown, left = list(names[: most + 1]), 0
    if left > 0:
        return f"{', '.join(shown)} and {left} more"
    return f"{', '.join(shown[:-1])} and {shown[-1]}" if len(shown) > 1 else "".join(shown)


def joined(text: str) -> str:
    """Return a range that does not break between its ends."""
    return text.replace(" – ", "\u00a0to\u00a0")
