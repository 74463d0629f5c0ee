"""A course in words: what is done, how much, how often and from when to when."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gutskin.report.numbers import quantity
from gutskin.report.story import Treatment
from gutskin.scenario import DAY, Course


def treatment(course: Course, days: float, sources: Mapping[str, Any]) -> Treatment:
    """Return a course as a report tells it.

    Parameters
    ----------
    course, days
        The course, and how many days are looked at [day].
    sources
        Key -> source; a key that is not among them stands for itself.
    """
    done = course.treatment
    dose = _dose(course) if done.dose else ""
    said = tuple(str(sources.get(key, key)) for key in done.sources)
    whole = course.start == 0 and course.end >= days * DAY
    span = None if whole else (course.start / DAY, course.end / DAY)
    return Treatment(done.title, done.kind, dose, _when(course, days), done.about, said, span)


def _when(course: Course, days: float) -> str:
    if course.every is None:
        said = "all the time"
    elif course.every < DAY:
        said = f"{DAY / course.every:g} times a day"
    else:
        said = "once a day" if course.every == DAY else f"every {course.every / DAY:g} days"
    whole = course.start == 0 and course.end >= days * DAY
    said += "" if whole else f", day {course.start / DAY:g} to {course.end / DAY:g}"
    return f"{said}, instead of {_plain(course.replaces)}" if course.replaces else said


def _dose(course: Course) -> str:
    unit = course.treatment.dose.unit if course.treatment.dose else ""
    return quantity(course.dose, unit) if course.dose >= 1e5 else f"{course.dose:g} {unit}"


def _plain(name: str) -> str:
    return name.replace("_", " ")
