"""The picture of one course: geometry for the still SVG, and the same as numbers for the script."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gutskin.report import scales, words
from gutskin.report.numbers import figure, unit_label
from gutskin.report.story import Array, Course, Plan

# The view box [px]; page.js has the same margins.
WIDTH, HEIGHT = 340.0, 180.0
LEFT, RIGHT, TOP, BOTTOM = 42.0, 90.0, 10.0, 26.0
NAMES = (("with_plan", "plan"), ("without", "no plan"))


@dataclass(frozen=True)
class Scene:
    """A course with its axes; ``keep`` are the indices of the times that are drawn."""

    course: Course
    plan: Plan
    days: scales.Axis
    axis: scales.Axis
    keep: NDArray[np.intp]

    def x(self, days: float) -> float:
        """Return the place [px] of a time [day]."""
        return round(LEFT + (WIDTH - LEFT - RIGHT) * self.days.place(days), 1)

    def y(self, drawn: float) -> float:
        """Return the place [px] of a drawn value."""
        return round(TOP + (HEIGHT - TOP - BOTTOM) * (1 - self.axis.place(drawn)), 1)

    def marks(self) -> list[float]:
        """Return the start and end [day] of the plan where they lie inside the picture."""
        return [day for day in (self.plan.start, self.plan.end) if self.days.low < day < self.days.high]

    def healthy(self) -> tuple[float, float] | None:
        """Return the healthy range as drawn, an open side reaching to the edge of the picture."""
        low, high = (_drawn_side(self.course, each) for each in _sides(self.course))
        if low is None and high is None:
            return None
        bottom = self.axis.low if low is None else max(low, self.axis.low)
        top = self.axis.high if high is None else min(high, self.axis.high)
        return (bottom, top) if top > bottom else None


@dataclass(frozen=True)
class Picture:
    """Geometry [px of the view box] of a panel that needs no script."""

    x_ticks: list[tuple[float, str]]
    y_ticks: list[tuple[float, str]]
    healthy: tuple[float, float] | None
    marks: list[float]
    area: str
    without: str
    with_plan: str
    ends: list[tuple[float, str, str]]
    dot: tuple[float, float, float, str] | None


def at_end(course: Course, plan: Plan) -> int:
    """Return the index of the last time within the plan."""
    return max(0, int(np.searchsorted(course.t_days, plan.end + 1e-9)) - 1)


def scene(course: Course, plan: Plan) -> Scene | None:
    """Return the course with its axes; None when there is nothing to draw."""
    series = [course.without, course.with_plan, course.low, course.high]
    drawn = np.concatenate([_drawn(course, each) for each in series if each is not None])
    values = [float(each) for each in drawn[np.isfinite(drawn)]]
    if not values:
        return None
    values += [side for side in (_drawn_side(course, each) for each in _sides(course)) if side is not None]
    axis = scales.decade_axis(values) if words.is_log(course.unit) else scales.value_axis(values)
    days = scales.day_axis(float(course.t_days[0]), float(course.t_days[-1]))
    return Scene(course, plan, days, axis, scales.thin(course.t_days, course.without, course.with_plan))


def draw(scene: Scene) -> Picture:
    """Return the still picture."""
    days, axis, healthy = scene.days, scene.axis, scene.healthy()
    return Picture(
        x_ticks=[(scene.x(tick), text) for tick, text in zip(days.ticks, days.labels, strict=True)],
        y_ticks=[(scene.y(tick), text) for tick, text in zip(axis.ticks, axis.labels, strict=True)],
        healthy=(scene.y(healthy[1]), round(scene.y(healthy[0]) - scene.y(healthy[1]), 1))
        if healthy
        else None,
        marks=[scene.x(day) for day in scene.marks()],
        area=_area(scene),
        without=_line(scene, scene.course.without),
        with_plan=_line(scene, scene.course.with_plan),
        ends=_ends(scene),
        dot=_dot(scene),
    )


def payload(scene: Scene) -> dict[str, Any]:
    """Return what page.js draws; log10 scales arrive as log10, failed values as None."""
    course, healthy, last = scene.course, scene.healthy(), at_end(scene.course, scene.plan)
    series = (course.low, course.high, course.without, course.with_plan)
    dot = _dot(scene)
    return {
        "id": course.readout,
        "log": words.is_log(course.unit),
        "unit": "" if course.unit in {"1", ""} else unit_label(course.unit),
        "x": _short(course.t_days[scene.keep]),
        "series": [None if each is None else _short(_drawn(course, each[scene.keep])) for each in series],
        "healthy": healthy,
        "marks": scene.marks(),
        "xRange": [scene.days.low, scene.days.high],
        "xTicks": scene.days.ticks,
        "yRange": [scene.axis.low, scene.axis.high],
        "yTicks": scene.axis.ticks,
        "yLabels": scene.axis.labels,
        "tags": [_tag(word, float(getattr(course, name)[-1])) for name, word in NAMES],
        "dot": None
        if dot is None
        else {
            "x": float(course.t_days[last]),
            "y": _short(_drawn(course, course.with_plan[last : last + 1]))[0],
            "below": dot[2] > dot[1],
            "text": dot[3],
        },
    }


def _drawn(course: Course, values: Array) -> Array:
    """Return what is drawn: log10 for quantities over many decades, where less than 1 is drawn at 1."""
    return np.log10(np.maximum(values, 1.0)) if words.is_log(course.unit) else values


def _drawn_side(course: Course, side: float | None) -> float | None:
    return None if side is None else float(_drawn(course, np.array([side]))[0])


def _sides(course: Course) -> tuple[float | None, float | None]:
    return course.healthy_low, course.healthy_high


def _line(scene: Scene, values: Array) -> str:
    """Return the path of a line, broken where a value failed."""
    parts, pen = [], "M"
    for day, value in zip(
        scene.course.t_days[scene.keep], _drawn(scene.course, values[scene.keep]), strict=True
    ):
        if np.isfinite(value):
            parts.append(f"{pen}{scene.x(day):.1f} {scene.y(value):.1f}")
        pen = "L" if np.isfinite(value) else "M"
    return "".join(parts)


def _area(scene: Scene) -> str:
    course = scene.course
    if course.low is None or course.high is None:
        return ""
    low, high = (_drawn(course, each[scene.keep]) for each in (course.low, course.high))
    known = np.isfinite(low) & np.isfinite(high)
    days = course.t_days[scene.keep][known]
    points = [*zip(days, high[known], strict=True), *zip(days[::-1], low[known][::-1], strict=True)]
    return (
        "M" + "L".join(f"{scene.x(day):.1f} {scene.y(value):.1f}" for day, value in points) + "Z"
        if points
        else ""
    )


def _ends(scene: Scene) -> list[tuple[float, str, str]]:
    """Return the labels beside the last values, pushed apart where they would overlap."""
    found: list[tuple[float, str, str]] = []
    for name, word in NAMES:
        last = float(getattr(scene.course, name)[-1])
        tag = _tag(word, last)
        if tag is not None:
            found.append((scene.y(float(_drawn(scene.course, np.array([last]))[0])), tag, name))
    if len(found) == 2 and abs(found[0][0] - found[1][0]) < 14:
        middle = min(max((found[0][0] + found[1][0]) / 2, TOP + 7), HEIGHT - BOTTOM - 7)
        upper = min(found, key=lambda each: each[0])
        found = [(round(middle + (-7 if each is upper else 7), 1), *each[1:]) for each in found]
    return found


def _tag(word: str, value: float) -> str | None:
    """Return the label of a line's end: the word with the value, or the value alone where it is long."""
    if not np.isfinite(value):
        return None
    text = f"{word} {figure(value)}"
    return text if len(text) <= 15 else figure(value)


def _dot(scene: Scene) -> tuple[float, float, float, str] | None:
    """Return x, y, the baseline of the text and the text at the end of a plan that ends early."""
    course, last = scene.course, at_end(scene.course, scene.plan)
    if scene.plan.end not in scene.marks() or not np.isfinite(course.with_plan[last]):
        return None
    drawn, other = (
        float(_drawn(course, each[last : last + 1])[0]) for each in (course.with_plan, course.without)
    )
    y = scene.y(drawn)
    below = (drawn < other and y < HEIGHT - BOTTOM - 20) or y < TOP + 16
    baseline = round(y + (17 if below else -9), 1)
    return scene.x(float(course.t_days[last])), y, baseline, figure(float(course.with_plan[last]))


def _short(values: Array) -> list[float | None]:
    return [float(f"{each:.5g}") if np.isfinite(each) else None for each in values]
