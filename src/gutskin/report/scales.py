"""Axes: which range to draw, where the ticks go, and which points of a long course are enough."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gutskin.report.numbers import figure, superscript

Array = NDArray[np.float64]
MOST_POINTS = 360  # a panel is about 300 pixels wide
_DAY_STEPS = (1, 2, 7, 14, 28, 56, 91, 182, 364, 728)


# A narrower range than this is no range: its ticks could not be told apart.
SMALLEST_SPAN = 1e-300


@dataclass(frozen=True)
class Axis:
    """A drawn range with its ticks; on a log axis all numbers are log10 of the quantity."""

    low: float
    high: float
    ticks: tuple[float, ...]
    labels: tuple[str, ...]

    def place(self, value: float) -> float:
        """Return where a value lies, 0 at the low end and 1 at the high end."""
        return (value - self.low) / (self.high - self.low)


def nice_step(low: float, high: float, least: int = 3) -> float:
    """Return the largest of 1, 2 or 5 times a power of ten that has ``least`` multiples in the range."""
    power: float = 10.0 ** math.ceil(math.log10(max(high - low, SMALLEST_SPAN)))
    for step in (factor * power / 10**k for k in range(3) for factor in (1.0, 0.5, 0.2)):
        if math.floor(high / step + 1e-9) - math.ceil(low / step - 1e-9) + 1 >= least:
            return float(step)
    return power / 1000


def value_axis(values: list[float]) -> Axis:
    """Return a linear axis that holds all values; a quantity that is never negative starts at 0 or above."""
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    if high - low <= max(1e-9 * max(abs(high), abs(low)), SMALLEST_SPAN):
        nothing = max(abs(low), abs(high)) <= SMALLEST_SPAN
        low, high = low - 0.1 * abs(low) - 0.05 * nothing, high + 0.1 * abs(high) + 0.05 * nothing
    pad = 0.07 * (high - low)
    bottom = max(0.0, low - pad) if min(values, default=0.0) >= 0 else low - pad
    top = high + pad
    step = nice_step(bottom, top)
    first = math.ceil(bottom / step - 1e-9)
    ticks = tuple(step * k for k in range(first, math.floor(top / step + 1e-9) + 1))
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    plain = abs(ticks[-1]) < 1e5 and decimals <= 4
    labels = tuple(f"{t:.{decimals}f}".replace("-", "−") if plain else figure(t, 2) for t in ticks)
    return Axis(bottom, top, ticks, labels)


def decade_axis(logs: list[float]) -> Axis:
    """Return an axis of whole powers of ten that holds all values, given as log10."""
    low = math.floor(min(logs, default=0.0) - 0.02)
    high = max(low + 1, math.ceil(max(logs, default=1.0) + 0.02))
    step = max(1, math.ceil((high - low) / 5))
    ticks = range(low, high + 1, step)
    labels = tuple(f"10{superscript(tick)}" for tick in ticks)
    return Axis(low, high, tuple(map(float, ticks)), labels)


def day_axis(start: float, end: float) -> Axis:
    """Return a time axis [day] with ticks at whole weeks or months where they fit."""
    if end <= start:
        end = start + 1.0
    width = end - start
    step = next((float(s) for s in _DAY_STEPS if width / s <= 6), nice_step(start, end))
    if width < 2:
        step = nice_step(start, end)
    first = math.ceil(start / step - 1e-9)
    ticks = tuple(step * k for k in range(first, math.floor(end / step + 1e-9) + 1))
    return Axis(start, end, ticks, tuple(f"{t:g}" for t in ticks))


def thin(times: Array, *series: Array) -> NDArray[np.intp]:
    """Return the indices that keep the shape of long courses: ends, minima and maxima of each bucket."""
    many = times.size
    if many <= MOST_POINTS:
        return np.arange(many)
    buckets = max(2, MOST_POINTS // (2 * max(1, len(series))))
    keep = {0, many - 1}
    for part in np.array_split(np.arange(many), buckets):
        for each in series:
            values = each[part]
            known = part[np.isfinite(values)]
            if known.size:
                keep.update((int(known[np.argmin(each[known])]), int(known[np.argmax(each[known])])))
            if known.size < part.size:
                keep.update((int(part[0]), int(part[-1])))
    return np.array(sorted(keep))


def swings(times: Array, values: Array) -> bool:
    """Say whether a course of at least ten days goes up and down within the days, as meals make it do."""
    days = float(times[-1] - times[0]) if times.size else 0.0
    known = values[np.isfinite(values)]
    if days < 10 or times.size < 4 * days or known.size < 8:
        return False
    slopes = np.diff(known)
    slopes = slopes[np.abs(slopes) > 1e-4 * np.ptp(known)]
    return int(np.sum(np.diff(np.sign(slopes)) != 0)) > 0.7 * days


def daily(times: Array, values: Array) -> tuple[Array, Array]:
    """Return the mean of each day, placed at the end of the day; the first value stands for the start.

    A day with a failed value has no mean.
    """
    ends = np.unique(np.r_[np.arange(times[0] + 1.0, times[-1] + 1e-9), times[-1]])
    first = np.searchsorted(times, ends - 1.0, side="right")
    last = np.searchsorted(times, ends, side="right")
    means = [float(values[a:b].mean()) if b > a else math.nan for a, b in zip(first, last, strict=True)]
    return np.r_[times[0], ends], np.r_[values[0], means]
