"""What will happen: a small picture a read-out, with the bands of one forecast or of two."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from gutskin.report import scales, words
from gutskin.report.numbers import figure, span, unit_label
from gutskin.report.panels import spread
from gutskin.report.person import phrases
from gutskin.report.person.told import Band, Forecast, Interval
from gutskin.report.picture import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH

APART = 14.0  # [px] between the base lines of two labels
LONGEST = 15  # letters of a label beside a line
HARDLY = 0.02  # [widths of the interval] that bands with and without a plan differ when it changes nothing
ARMS = {True: "plan", False: "no plan"}


@dataclass(frozen=True)
class Line:
    """One arm as drawn: paths of its band and of its median, and the label (y, words) beside its end."""

    kind: str
    area: str
    median: str
    dots: list[tuple[float, float]]
    label: tuple[float, str] | None


@dataclass(frozen=True)
class Panel:
    """What the template needs of one read-out; ``rows`` are (day, one text an arm)."""

    label: str
    unit: str
    healthy: str
    heads: list[str]
    rows: list[tuple[str, list[str]]]
    aria: str
    shade: tuple[float, float] | None
    x_ticks: list[tuple[float, str]]
    y_ticks: list[tuple[float, str]]
    lines: list[Line]
    still: bool


def panels(forecasts: tuple[Forecast, ...]) -> list[tuple[str, list[Panel]]]:
    """Return the panels by group, in the order of the page; ``still`` ones the plan hardly changes."""
    arms = sorted(forecasts, key=lambda each: each.planned)  # the plan is drawn last, on top
    by_name: dict[str, list[tuple[bool, Band]]] = {}
    for arm in arms:
        for band in arm.bands:
            by_name.setdefault(band.readout, []).append((arm.planned, band))
    found = []
    for group in words.groups({each[0][1].group for each in by_name.values()}):
        own = [each for each in by_name.values() if each[0][1].group == group]
        found.append((words.say("groups", group), [_panel(each) for each in own]))
    return found


def _panel(arms: list[tuple[bool, Band]]) -> Panel:
    first = arms[0][1]
    log = words.is_log(first.unit)
    days = scales.day_axis(0.0, max(each.days[-1] for _, each in arms))
    values = [_drawn(v, log) for _, b in arms for q in b.values for v in (q.low, q.high) if phrases.known(q)]
    values += _sides(first, values, log)
    axis = scales.decade_axis([max(v, 0.03) for v in values]) if log else scales.value_axis(values)
    y_ticks = [(each, text) for each, text in _ticks(axis) if values]
    frame = _Frame(days, axis, log)
    healthy = phrases.joined(span(*first.healthy, "1")) if first.healthy else "unknown"
    ends = [f"{ARMS[p]} {phrases.between(b.values[-1], b.unit)}" for p, b in arms]
    aria = f"{first.label}: on day {first.days[-1]:g} {'; '.join(ends)}; healthy {healthy}."
    return Panel(
        first.label, unit_label(first.unit), healthy, [ARMS[planned] for planned, _ in arms],
        _rows(arms), aria, frame.shade(first), [(frame.x(t), s) for t, s in _ticks(days)],
        [(frame.y(t), s) for t, s in y_ticks], _lines(frame, arms), _still(arms, log),
    )  # fmt: skip


def _still(arms: list[tuple[bool, Band]], log: bool) -> bool:
    """Say whether two arms hardly differ; one alone always counts as different."""
    if len(arms) < 2 or arms[0][1].days != arms[1][1].days:
        return False
    apart = [0.0]
    for one, two in zip(arms[0][1].values, arms[1][1].values, strict=True):
        ends = [[_drawn(v, log) for v in (q.low, q.median, q.high)] for q in (one, two)]
        width = ends[0][2] - ends[0][0] or 1e-300
        apart += [abs(a - b) / width for a, b in zip(*ends, strict=True)]
    return bool(np.nanmax(apart) < HARDLY)


def _drawn(value: float, log: bool) -> float:
    """Return what is drawn: log10 for quantities over many decades, where less than 1 is drawn at 1."""
    return math.log10(max(value, 1.0)) if log else value


def _sides(band: Band, values: list[float], log: bool) -> list[float]:
    """Return the sides of the healthy range that are near enough to be drawn."""
    if not band.healthy or not values:
        return [_drawn(each, log) for each in band.healthy or ()]
    low, high = min(values), max(values)
    room = 2.0 * ((high - low) or abs(high) or 1.0)
    sides = [_drawn(each, log) for each in band.healthy]
    return [each for each in sides if low - room <= each <= high + room]


def _ticks(axis: scales.Axis) -> list[tuple[float, str]]:
    return list(zip(axis.ticks, axis.labels, strict=True))


@dataclass(frozen=True)
class _Frame:
    """Places [px] of days and values."""

    days: scales.Axis
    axis: scales.Axis
    log: bool

    def x(self, day: float) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * self.days.place(day), 1)

    def y(self, drawn: float) -> float:
        return round(TOP + (HEIGHT - TOP - BOTTOM) * (1 - self.axis.place(drawn)), 1)

    def at(self, day: float, value: float) -> tuple[float, float]:
        return self.x(day), self.y(_drawn(value, self.log))

    def shade(self, band: Band) -> tuple[float, float] | None:
        """Return (top, height) [px] of the healthy range inside the picture."""
        if not band.healthy:
            return None
        low, high = (_drawn(each, self.log) for each in band.healthy)
        low, high = max(low, self.axis.low), min(high, self.axis.high)
        return (self.y(high), round(self.y(low) - self.y(high), 1)) if high > low else None


def _lines(frame: _Frame, arms: list[tuple[bool, Band]]) -> list[Line]:
    made = []
    for planned, band in arms:
        good = [(d, v) for d, v in zip(band.days, band.values, strict=True) if phrases.known(v)]
        upper = [frame.at(day, v.high) for day, v in good]
        lower = [frame.at(day, v.low) for day, v in good][::-1]
        middle = [frame.at(day, v.median) for day, v in good]
        kind = "plan" if planned or len(arms) == 1 else "none"
        area = f"M{_path(upper + lower)}Z" if len(good) > 1 else ""
        made.append((kind, area, middle, _tag(ARMS[planned], good[-1][1]) if good else None))
    known = [k for k, each in enumerate(made) if each[3] is not None]
    wanted = [made[k][2][-1][1] for k in known]
    places = dict(zip(known, spread(wanted, TOP + 7, HEIGHT - BOTTOM - 7, APART), strict=True))
    return [
        Line(
            kind, area, f"M{_path(middle)}" if len(middle) > 1 else "", middle if len(middle) == 1 else [],
            (places[k], tag) if tag is not None else None,
        )
        for k, (kind, area, middle, tag) in enumerate(made)
    ]  # fmt: skip


def _path(points: list[tuple[float, float]]) -> str:
    return "L".join(f"{x:.1f} {y:.1f}" for x, y in points)


def _tag(word: str, value: Interval) -> str:
    """Return the label of a line's end: the word with the median, or the median alone where it is long."""
    text = f"{word} {figure(value.median)}"
    return text if len(text) <= LONGEST else figure(value.median)


def _rows(arms: list[tuple[bool, Band]]) -> list[tuple[str, list[str]]]:
    """Return the table: days of the ticks and the last, one column an arm."""
    days = sorted({day for _, band in arms for day in band.days})
    axis = scales.day_axis(0.0, days[-1])
    wanted = {days[int(np.argmin(np.abs(np.array(days) - tick)))] for tick in (*axis.ticks[1:], days[-1])}
    found = []
    for day in sorted(wanted):
        own = [dict(zip(band.days, band.values, strict=True)).get(day) for _, band in arms]
        said = [phrases.between(v, b.unit) if v else "–" for v, (_, b) in zip(own, arms, strict=True)]
        found.append((f"{day:g}", said))
    return found
