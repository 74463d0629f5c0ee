"""When a read-out is taken: a moment, a day, a window, an extreme, or a time at which something happens."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from gutskin.engine.outcome import Array
from gutskin.errors import InputError
from gutskin.units import convert

DAY = 24.0
REMEDY = 'write e.g. "28 day", "20 h", "mean 20..28 day", "peak", "time of peak"'
_NUMBER = r"(\d+(?:\.\d+)?)"
_INSTANT = re.compile(rf"^{_NUMBER} ?(h|hour|hours|min|day|days|week|weeks)$")
_WINDOW = re.compile(rf"^(mean|peak|lowest) {_NUMBER} ?\.\. ?{_NUMBER} ?(h|hour|hours|day|days|week|weeks)$")
_WITHIN = re.compile(rf"^time to within {_NUMBER} ?% of baseline$")
_WORDS = {"hour": "h", "hours": "h", "days": "day", "weeks": "week"}


@dataclass(frozen=True)
class Moment:
    """``kind`` of moment over the hours [``first``, ``last``] from the arm's start; infinite: the whole arm.

    ``visit`` moments are values that a person has at a visit; the others need the whole course.
    """

    text: str
    kind: str
    first: float = 0.0
    last: float = float("inf")
    share: float = 0.0

    @property
    def visit(self) -> bool:
        """Whether it is a value at one moment or a mean, which can be taken of every read-out by itself."""
        return self.kind in ("instant", "mean", "end")

    @property
    def unit(self) -> str:
        """Unit of what comes out when it is a time, else empty."""
        return "h" if self.kind in ("when_peak", "when_lowest", "return") else ""

    def within(self, last: float) -> tuple[float, float]:
        """Return the hours from and to which it looks at an arm of ``last`` hours."""
        if self.kind == "instant":
            return self.first, self.first
        first = max(last - DAY, 0.0) if self.kind == "end" else self.first
        return first, min(self.last, last)

    def nodes(self, last: float, every: float) -> Array:
        """Return the output times (T,) [h] that it is read from, whatever else is asked of the arm.

        Parameters
        ----------
        last, every
            Length of the arm and its interval of outputs [h].
        """
        first, end = self.within(last)
        regular = np.arange(0.0, last, every)
        inside = regular[(regular > first) & (regular < end)]
        return np.unique(np.round([first, *inside, end], 9))

    def refuse_outside(self, days: float, *, where: str = "") -> None:
        """Refuse what lies after the end of an arm.

        Raises
        ------
        InputError
            E407.
        """
        latest = self.first if self.kind == "instant" else self.last
        if np.isfinite(latest) and latest > days * DAY + 1e-9:
            said = f"at = {self.text!r} lies after the end of an arm of {days:g} days"
            raise InputError("E407", said, where=where, remedy="choose a time within the arm")


def moment(text: str, *, where: str = "") -> Moment:
    """Read when; empty text means the end of the arm.

    Raises
    ------
    InputError
        E407 when it is not understood or a window is empty.
    """
    said = " ".join(str(text).split())
    plain = {
        "": "end", "end": "end", "peak": "peak", "lowest": "lowest", "time of peak": "when_peak",
        "time of lowest": "when_lowest",
    }  # fmt: skip
    if said in plain:
        return Moment(said or "end", plain[said])
    if said == "start":
        return Moment(said, "instant")
    if match := _INSTANT.match(said):
        unit = _WORDS.get(match[2], match[2])
        hours = convert(float(match[1]), unit, "h")
        if unit in ("day", "week") and hours:
            return Moment(said, "mean", max(hours - DAY, 0.0), hours)
        return Moment(said, "instant", hours, hours)
    if match := _WINDOW.match(said):
        unit = _WORDS.get(match[4], match[4])
        first, last = (convert(float(match[k]), unit, "h") for k in (2, 3))
        if first < last:
            return Moment(said, match[1], first, last)
    if match := _WITHIN.match(said):
        return Moment(said, "return", share=float(match[1]) / 100.0)
    raise InputError("E407", f"at = {text!r} is not understood", where=where, remedy=REMEDY)


def take(when: Moment, times: Array, values: Array) -> Array:
    """Return what a course is at a moment (P,); a time [h] for the moments that are times.

    Parameters
    ----------
    when
        The moment.
    times
        (T,) [h] from the arm's start, among them the :meth:`Moment.nodes`.
    values
        (T, P); a person with a missing value where it is needed is NaN.
    """
    if when.kind == "instant":
        return _at(times, values, when.first)
    first, last = when.within(times[-1])
    inside = (times >= first - 1e-9) & (times <= last + 1e-9)
    hours, course = times[inside], values[inside]
    if when.kind in ("mean", "end"):
        return np.trapezoid(course, hours, axis=0) / (hours[-1] - hours[0])
    if when.kind in ("peak", "lowest"):
        return course.max(axis=0) if when.kind == "peak" else course.min(axis=0)
    known = np.isfinite(course).all(axis=0)
    if when.kind == "return":
        found = _back(hours, course, when.share)
    else:
        best = course.argmax(axis=0) if when.kind == "when_peak" else course.argmin(axis=0)
        found = hours[best] - times[0]
    return np.where(known, found, np.nan)


def _at(times: Array, values: Array, hour: float) -> Array:
    """Return values (P,) at a moment, on the line between the outputs around it."""
    k = int(np.clip(np.searchsorted(times, hour - 1e-9), 0, times.size - 1))
    if k == 0 or abs(times[k] - hour) < 1e-6:
        return values[k]
    weight = (hour - times[k - 1]) / (times[k] - times[k - 1])
    return (1 - weight) * values[k - 1] + weight * values[k]


def _back(hours: Array, course: Array, share: float) -> Array:
    """Return after how many hours each person is back within a share of their start, for good."""
    away = np.abs(course - course[0]) > share * np.abs(course[0])
    last = len(hours) - 1 - away[::-1].argmax(axis=0)  # last output that is away
    after = np.append(hours, np.inf)[np.minimum(last + 1, len(hours))]
    return np.where(away.any(axis=0), after - hours[0], 0.0)
