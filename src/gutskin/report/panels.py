"""The geometry of one panel of a sheet: lines, bars or layers, with labels beside their ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from gutskin.report import scales
from gutskin.report.numbers import figure
from gutskin.report.story import Array

WIDTH, HEIGHT = 440.0, 236.0  # [px]
LEFT, RIGHT, TOP, BOTTOM = 40.0, 162.0, 34.0, 26.0
APART = 15.0  # [px] between the base lines of two labels
LEAD = 14.0  # [px] from the end of a row to its label
BAR = 0.62  # width of a bar, as share of its place
# Of Okabe and Ito, told apart by people who see few colours; neighbours differ in lightness too.
COLOURS = (
    "#0072b2", "#e69f00", "#56b4e9", "#d55e00", "#009e73", "#f0e442", "#cc79a7", "#4d4d4d", "#b3b3b3",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Row:
    """One line or layer: ``values`` [unit of its panel], one a place or a time."""

    label: str
    values: Array


@dataclass(frozen=True)
class Span:
    """What was done from ``start`` to ``end`` [day]."""

    label: str
    start: float
    end: float


@dataclass(frozen=True, eq=False)
class Panel:
    """Rows over places (words) or times [day] in ``at``, in ``unit``.

    ``healthy`` ranges [unit] are one a place or one in all. ``zero``: whether the axis begins at 0.
    ``joined``: whether the places have an order, so that a line may join them; else they are bars.
    """

    title: str
    unit: str
    at: tuple[str, ...] | Array
    rows: tuple[Row, ...]
    stacked: bool = False
    healthy: tuple[tuple[float, float] | None, ...] = ()
    zero: bool = True
    joined: bool = True

    @property
    def along(self) -> bool:
        """Whether it goes along places."""
        return isinstance(self.at, tuple)


@dataclass(frozen=True)
class Mark:
    """One element of SVG, in the panel's own pixels."""

    kind: str
    attributes: dict[str, Any]
    text: str = ""


def mark(kind: str, text: str = "", **attributes: Any) -> Mark:
    """Return an element; ``_`` in names of attributes stands for ``-``, numbers are rounded to a tenth."""
    numbers = (float, np.floating)
    given = {key.rstrip("_").replace("_", "-"): value for key, value in attributes.items()}
    return Mark(
        kind, {k: round(float(v), 1) if isinstance(v, numbers) else v for k, v in given.items()}, text
    )


@dataclass(frozen=True)
class _Frame:
    """Places [px] of a panel's values."""

    panel: Panel
    axis: scales.Axis
    days: scales.Axis | None

    @property
    def right(self) -> float:
        """The right edge of the plot."""
        return WIDTH - _beside(self.panel)

    def x(self, at: float) -> float:
        """Return the place of a day, or of the k-th place."""
        room = self.right - LEFT
        if self.days is None:
            return LEFT + room * (at + 0.5) / len(self.panel.at)
        return LEFT + room * self.days.place(at)

    def y(self, value: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (1 - self.axis.place(value))


def marks(panel: Panel, plan: Span | None) -> list[Mark]:
    """Return what is drawn, hindmost first."""
    axis = scales.value_axis([*([0.0] if panel.zero else []), *_extent(panel)])
    if panel.stacked:
        axis = scales.Axis(0.0, max(map(float, _tops(panel)[-1])), axis.ticks, axis.labels)
    days = None if panel.along else scales.day_axis(float(panel.at[0]), float(panel.at[-1]))
    frame = _Frame(panel, axis, days)
    drawn = _shades(frame, plan) + _grid(frame)
    if panel.stacked:
        return drawn + (_bars(frame) if panel.along else _layers(frame) + _ends(frame, plan))
    return drawn + (_lines(frame) if panel.joined else _columns(frame))


def _beside(panel: Panel) -> float:
    """Return the room [px] beside the plot: labels need it, a single row of places has none."""
    return 20.0 if panel.along and len(panel.rows) == 1 else RIGHT


def _tops(panel: Panel) -> list[Array]:
    """Return the upper edge of every layer."""
    return list(np.cumsum([row.values for row in panel.rows], axis=0))


def _extent(panel: Panel) -> list[float]:
    if panel.stacked:
        return [float(_tops(panel)[-1].max())]
    values = [float(each) for row in panel.rows for each in (row.values.min(), row.values.max())]
    if panel.along and len(panel.rows) == 1:
        values.append(max(values) + 0.1 * (max(values) - min(values) * (not panel.zero)))  # room for figures
    # where nothing comes near a side of the healthy range, the side is left out
    most = max(values)
    return values + [side for pair in panel.healthy if pair for side in pair if side <= 2 * most]


def _ends(frame: _Frame, plan: Span | None) -> list[Mark]:
    """Return lines where the plan begins and ends, over layers that hide its shade."""
    if plan is None or frame.days is None:
        return []
    inside = [frame.x(day) for day in (plan.start, plan.end) if frame.days.low < day < frame.days.high]
    return [mark("line", x1=x, x2=x, y1=TOP - 6, y2=HEIGHT - BOTTOM, class_="end") for x in inside]


def _shades(frame: _Frame, plan: Span | None) -> list[Mark]:
    found, panel = [], frame.panel
    each = (frame.right - LEFT) / (len(panel.at) if panel.along else 1)
    for k, sides in enumerate(panel.healthy):
        if sides is None:
            continue
        low, high = (frame.y(min(max(side, frame.axis.low), frame.axis.high)) for side in sides)
        width = each * (0.8 if panel.along else 1.0)
        x = LEFT + k * each + (each - width) / 2
        found.append(mark("rect", x=x, y=high, width=width, height=low - high, class_="healthy"))
    if plan is not None and frame.days is not None:
        x = frame.x(max(plan.start, frame.days.low))
        width = frame.x(min(plan.end, frame.days.high)) - x
        found.append(mark("rect", x=x, y=TOP, width=width, height=HEIGHT - BOTTOM - TOP, class_="plan"))
    return found


def _grid(frame: _Frame) -> list[Mark]:
    found = []
    for tick, words in zip(frame.axis.ticks, frame.axis.labels, strict=True):
        if tick > frame.axis.high * (1 + 1e-9):
            continue
        y = frame.y(tick)
        found.append(mark("line", x1=LEFT, x2=frame.right, y1=y, y2=y, class_="grid"))
        found.append(mark("text", words, x=LEFT - 6, y=y + 4, text_anchor="end", class_="tick"))
    if frame.days is None:
        named = [(float(k), str(words)) for k, words in enumerate(frame.panel.at)]
    else:
        named = list(zip(frame.days.ticks, frame.days.labels, strict=True))
        named[0] = (named[0][0], f"day {named[0][1]}")
    for at, words in named:
        found.append(mark("text", words, x=frame.x(at), y=HEIGHT - 8, text_anchor="middle", class_="tick"))
    return found


def _path(points: list[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)


def _lines(frame: _Frame) -> list[Mark]:
    found, ends, panel = [], [], frame.panel
    single = len(panel.rows) == 1
    for k, row in enumerate(panel.rows):
        colour = COLOURS[k % len(COLOURS)]
        if frame.days is None:
            points = [(frame.x(float(i)), frame.y(float(v))) for i, v in enumerate(row.values)]
        else:
            days = np.asarray(panel.at, float)
            keep = scales.thin(days, row.values)
            points = [(frame.x(float(days[i])), frame.y(float(row.values[i]))) for i in keep]
        found.append(mark("path", d=_path(points), class_="line", stroke=colour))
        if frame.days is None:
            found += [mark("circle", cx=x, cy=y, r=4.0, fill=colour) for x, y in points]
        if frame.days is None and single:
            found += _figures(points, row.values)
        said = f"{figure(float(row.values[-1]))} at the end" if single else row.label
        ends.append((*points[-1], said, colour))
    return found + ([] if single and panel.along else _labels(ends))


def _columns(frame: _Frame) -> list[Mark]:
    """Return bars of places that have no order, the rows of a place side by side."""
    found, ends, many = [], [], len(frame.panel.rows)
    width = BAR * (frame.right - LEFT) / len(frame.panel.at) / many
    base = frame.y(max(0.0, frame.axis.low))
    for k, row in enumerate(frame.panel.rows):
        colour = COLOURS[k % len(COLOURS)]
        for i, value in enumerate(row.values):
            x, y = frame.x(float(i)) + (k - many / 2) * width, frame.y(float(value))
            top, long = min(y, base), max(abs(base - y), 0.8)
            found.append(mark("rect", x=x, y=top, width=width, height=long, fill=colour))
            if many == 1:
                said, middle = figure(float(value)), x + width / 2
                found.append(mark("text", said, x=middle, y=top - 5, text_anchor="middle", class_="value"))
        ends.append(
            (frame.x(len(row.values) - 1.0) + BAR * width, frame.y(float(row.values[-1])), row.label, colour)
        )
    return found + ([] if many == 1 else _labels(ends))


def _figures(points: list[tuple[float, float]], values: Array) -> list[Mark]:
    found = []
    for k, ((x, y), value) in enumerate(zip(points, values, strict=True)):
        falls = k > 0 and points[k - 1][1] < y - 8, k + 1 < len(points) and points[k + 1][1] < y - 8
        aside = 16.0 * falls[0] - 16.0 * falls[1]  # off the line that comes down to it, or goes up from it
        above = y + 20 if all(falls) else y - 10
        found.append(
            mark("text", figure(float(value)), x=x + aside, y=above, text_anchor="middle", class_="value")
        )
    return found


def _bars(frame: _Frame) -> list[Mark]:
    found, ends, panel = [], [], frame.panel
    half = BAR / 2 * (frame.right - LEFT) / len(panel.at)
    below = np.zeros(len(panel.at))
    for k, (row, top) in enumerate(zip(panel.rows, _tops(panel), strict=True)):
        colour = COLOURS[k % len(COLOURS)]
        for i in range(len(panel.at)):
            high, low = frame.y(float(top[i])), frame.y(float(below[i]))
            x = frame.x(float(i)) - half
            found.append(
                mark("rect", x=x, y=high, width=2 * half, height=low - high, class_="layer", fill=colour)
            )
        middle = frame.y(float(top[-1] + below[-1]) / 2)
        ends.append((frame.x(len(panel.at) - 1.0) + half, middle, row.label, colour))
        below = top
    return found + _labels(ends)


def _layers(frame: _Frame) -> list[Mark]:
    found, ends, days = [], [], np.asarray(frame.panel.at, float)
    tops = _tops(frame.panel)
    keep = scales.thin(days, *tops)
    below = np.zeros(days.size)
    for k, (row, top) in enumerate(zip(frame.panel.rows, tops, strict=True)):
        colour = COLOURS[k % len(COLOURS)]
        upper = [(frame.x(float(days[i])), frame.y(float(top[i]))) for i in keep]
        lower = [(frame.x(float(days[i])), frame.y(float(below[i]))) for i in keep[::-1]]
        found.append(mark("path", d=_path(upper + lower) + "Z", class_="layer", fill=colour))
        ends.append((frame.x(float(days[-1])), frame.y(float(top[-1] + below[-1]) / 2), row.label, colour))
        below = top
    return found + _labels(ends)


def spread(wanted: list[float], low: float, high: float, apart: float) -> list[float]:
    """Return places near those wanted that are ``apart``, and within low and high where there is room."""
    order = sorted(range(len(wanted)), key=wanted.__getitem__)
    places = [0.0] * len(wanted)
    last = low - apart
    for k in order:
        last = places[k] = max(wanted[k], last + apart)
    last = high + apart
    for k in reversed(order):
        last = places[k] = min(places[k], last - apart)
    return places


def _labels(ends: list[tuple[float, float, str, str]]) -> list[Mark]:
    """Return labels beside the ends (x, y, words, colour), each led to its own."""
    found, x = [], WIDTH - RIGHT + LEAD
    places = spread([y for _, y, _, _ in ends], TOP + 4, HEIGHT - BOTTOM - 2, APART)
    for (begin, y, words, colour), place in zip(ends, places, strict=True):
        lead = [(begin + 2, y), (max(begin + 2, WIDTH - RIGHT), y), (x - 2, place)]
        found.append(mark("path", d=_path(lead), class_="lead"))
        found.append(mark("rect", x=x, y=place - 4, width=8.0, height=8.0, fill=colour, class_="key"))
        found.append(mark("text", words, x=x + 12, y=place + 4, class_="label"))
    return found
