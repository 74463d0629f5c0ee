"""Courses as small pictures: one panel a read-out, with its words, its numbers and its picture."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gutskin.report import picture, scales, words
from gutskin.report.numbers import quantity, span, unit_label
from gutskin.report.picture import Picture
from gutskin.report.story import Array, Change, Course, Plan, Story


@dataclass(frozen=True)
class Panel:
    """What the template needs of one course; ``rows`` are (day, without, with the plan)."""

    readout: str
    label: str
    unit: str
    healthy: str
    word: str
    judgement: str
    note: str
    daily: bool
    aria: str
    rows: list[tuple[str, str, str]]
    picture: Picture | None
    payload: dict[str, Any] | None


def panels(story: Story) -> list[tuple[str, list[Panel]]]:
    """Return the panels by group, in the order of the page."""
    judged = {each.readout: each for each in story.changes}
    found = []
    for group in words.groups({each.group for each in story.courses}):
        members = [each for each in story.courses if each.group == group]
        drawn = [_panel(each, story.plan, judged.get(each.readout)) for each in members]
        found.append((words.say("groups", group), drawn))
    return found


def bands(story: Story) -> list[str]:
    """Return what the bands around the courses are, each kind once."""
    return sorted({each.band for each in story.courses if each.band and each.low is not None})


def _panel(course: Course, plan: Plan, change: Change | None) -> Panel:
    note = _note(course)
    daily = any(scales.swings(course.t_days, each) for each in (course.without, course.with_plan))
    if daily:
        course = _by_day(course)
    scene = picture.scene(course, plan)
    healthy = span(course.healthy_low, course.healthy_high, "1")
    ends = [_end(course, each, plan) for each in (course.with_plan, course.without)]
    said = f"at the end of the plan {ends[0]}, without it {ends[1]}; healthy {healthy}."
    return Panel(
        readout=course.readout,
        label=course.label,
        unit=unit_label(course.unit),
        healthy=healthy,
        word=course.end_word,
        judgement=change.judgement if change else "neutral",
        note=note,
        daily=daily,
        aria=f"{course.label}: {said} {note}".strip(),
        rows=_rows(course),
        picture=picture.draw(scene) if scene else None,
        payload=picture.payload(scene) if scene else None,
    )


def _note(course: Course) -> str:
    known = np.isfinite(course.with_plan)
    reason = course.reason or "no reason was given"
    if not known.any():
        return f"With the plan: failed: {reason}" if course.with_plan.size else f"failed: {reason}"
    if not known.all():
        return f"With the plan: failed from day {course.t_days[int(np.argmin(known))]:g}: {reason}"
    return "" if np.isfinite(course.without).all() else f"Without the plan: failed: {reason}"


def _by_day(course: Course) -> Course:
    """Return the course as means of days: the swing within a day hides what a plan of weeks does."""

    def mean(values: Array | None) -> Array | None:
        return None if values is None else scales.daily(course.t_days, values)[1]

    days, without = scales.daily(course.t_days, course.without)
    with_plan = scales.daily(course.t_days, course.with_plan)[1]
    low, high = mean(course.low), mean(course.high)
    return replace(course, t_days=days, without=without, with_plan=with_plan, low=low, high=high)


def _end(course: Course, values: Array, plan: Plan) -> str:
    return quantity(float(values[picture.at_end(course, plan)]), course.unit) if values.size else "failed"


def _rows(course: Course) -> list[tuple[str, str, str]]:
    if not course.t_days.size:
        return []
    days = scales.day_axis(float(course.t_days[0]), float(course.t_days[-1]))
    wanted = [*days.ticks, float(course.t_days[-1])]
    rows = []
    for i in sorted({int(np.argmin(np.abs(course.t_days - day))) for day in wanted}):
        values = (quantity(float(each[i]), course.unit) for each in (course.without, course.with_plan))
        rows.append((f"{course.t_days[i]:.4g}", *values))
    return [(day, without, with_plan) for day, without, with_plan in rows]
