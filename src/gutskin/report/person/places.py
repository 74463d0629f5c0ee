"""Where values lie in a row's picture, in percent of its width."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from gutskin.report import scales
from gutskin.report.numbers import THIN
from gutskin.report.person.phrases import known
from gutskin.report.person.told import Interval

MARGIN = 0.04  # of the width, left free on both sides
WIDE = 4.0  # healthy ranges wider than so many times the intervals are cut off
DECADES = 100.0  # values that differ by more than this factor are drawn on a log scale
LEAST = 1e-5  # share [1] below which all is drawn at the left edge
THINNEST = 0.6  # % of the width that a bar has at least


@dataclass(frozen=True)
class Scale:
    """From ``low`` to ``high``; logs of values when ``log``."""

    low: float
    high: float
    log: bool = False

    def place(self, value: float) -> float:
        """Return the place [%] of a value; what lies beyond is at the edge."""
        low, high = self.low, self.high
        if self.log:
            value, low, high = math.log(max(value, self.low)), math.log(low), math.log(high)
        return round(100.0 * min(max((value - low) / (high - low), 0.0), 1.0), 2)

    def span(self, low: float, high: float) -> tuple[float, float]:
        """Return (left, width) [%] of a bar, which is never too thin to be seen."""
        left, right = self.place(low), self.place(high)
        wider = max(THINNEST - (right - left), 0.0) / 2
        return round(left - wider, 2), round(right - left + 2 * wider, 2)

    def band(self, interval: Interval) -> tuple[float, float, float] | None:
        """Return (left, width, median) [%]; None when a figure is not known."""
        if not known(interval):
            return None
        return (*self.span(interval.low, interval.high), self.place(interval.median))


def scale_of(intervals: Sequence[Interval], healthy: tuple[float, float] | None = None) -> Scale:
    """Return a scale that holds all intervals, and a healthy range that is not much wider than they are."""
    values = [v for each in intervals if known(each) for v in (each.low, each.median, each.high)]
    if not values:
        return _padded(*(healthy or (0.0, 1.0)))
    positive = [v for v in values if v > 0]
    if min(values) >= 0 and positive and max(values) > DECADES * min(positive):
        low = max(min(positive) if min(values) > 0 else min(positive) / 10.0, 1e-6 * max(values))
        low, high = _with_log(low, max(values), healthy)
        room = (high / low) ** MARGIN
        return Scale(low / room, high * room, log=True)
    low, high = min(values), max(values)
    return _padded(*_with(low, high, healthy))


def _with(low: float, high: float, healthy: tuple[float, float] | None) -> tuple[float, float]:
    if healthy is None:
        return low, high
    width = (high - low) or abs(high) or 1.0
    return max(min(low, healthy[0]), low - WIDE * width / 2), min(
        max(high, healthy[1]), high + WIDE * width / 2
    )


def _with_log(low: float, high: float, healthy: tuple[float, float] | None) -> tuple[float, float]:
    if healthy is None or healthy[1] <= 0:
        return low, high
    a, b = _with(math.log(low), math.log(high), (math.log(max(healthy[0], 1e-300)), math.log(healthy[1])))
    return math.exp(a), math.exp(b)


def _padded(low: float, high: float) -> Scale:
    room = MARGIN * (high - low) or max(0.1 * abs(high), 1e-12)
    return Scale(low - room, high + room)


def share_scale(intervals: Sequence[Interval]) -> tuple[Scale, list[tuple[float, str]]]:
    """Return a log scale of shares [1] and its ticks as (place [%], words), one a power of ten; some mute."""
    values = [v for each in intervals for v in (each.low, each.high) if math.isfinite(v) and v > 0]
    lowest = min(math.floor(math.log10(max(min(values, default=0.01), LEAST)) + 1e-9), -2)
    scale, step = Scale(10.0**lowest, 1.1, log=True), 1 if lowest > -4 else 2
    said = {k: f"{100 * 10.0**k:g}{THIN}%" for k in range(0, lowest - 1, -step)}
    return scale, [(scale.place(10.0**k), said.get(k, "")) for k in range(lowest, 1)]


def change_scale(intervals: Sequence[Interval], worth: float) -> tuple[Scale, list[tuple[float, str]]]:
    """Return a scale of changes that holds 0 and ``worth`` on both sides, and its ticks."""
    values = [v for each in intervals if known(each) for v in (each.low, each.high)]
    axis = scales.value_axis([*values, -worth, worth])
    low, high = min([*values, -worth]), max([*values, worth])
    scale = _padded(low, high)
    kept = [(t, s) for t, s in zip(axis.ticks, axis.labels, strict=True) if scale.low <= t <= scale.high]
    return scale, [(scale.place(tick), text) for tick, text in kept]
