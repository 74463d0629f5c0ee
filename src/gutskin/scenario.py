"""Scenarios: for how long, what the person does anyway, and the plan that is tried."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from gutskin import units
from gutskin.errors import InputError, nearest
from gutskin.ledger import is_number, read_toml
from gutskin.treatment import Treatment, duration, find_treatment

DAY = 24.0
_KEYS = {
    "title", "about", "person", "site", "days", "lead_in_days", "seed", "usual", "plan", "vehicle",
    "set",
}  # fmt: skip
_COURSE_KEYS = {"treatment", "dose", "every", "times_per_day", "start", "end", "replaces"}
_SHAPES: dict[str, tuple[type, str]] = {
    "usual": (list, "write [[usual]]"), "plan": (list, "write [[plan]]"),
    "vehicle": (list, "write [[vehicle]]"), "set": (dict, "write [set]"),
    "seed": (int, "a whole number"), "person": (str, "a name in quotes"), "site": (str, "a name in quotes"),
}  # fmt: skip
LONGEST = 3650.0


@dataclass(frozen=True)
class Course:
    """A treatment at ``dose`` [unit of its doses] every ``every`` [h] from ``start`` to ``end`` [h]."""

    treatment: Treatment
    dose: float
    every: float | None
    start: float
    end: float
    replaces: str = ""

    def replaced_by(self, other: Course) -> bool:
        """Whether the other course stands in for this one."""
        return other.replaces == self.treatment.name

    def without(self, start: float, end: float) -> list[Course]:
        """Return what is left when the course rests from ``start`` to ``end`` [h]; doses keep their times."""
        step = self.every
        resumed = (
            self.start + math.ceil(max(end - self.start, 0.0) / step - 1e-9) * step
            if step
            else max(end, self.start)
        )
        pieces = [replace(self, end=min(self.end, start)), replace(self, start=resumed)]
        return [piece for piece in pieces if piece.start < piece.end]

    def doses(self) -> list[float]:
        """Return the times of the doses [h]; empty for a level held from start to end."""
        if self.every is None:
            return []
        count = int((self.end - self.start) / self.every - 1e-9) + 1
        return [self.start + k * self.every for k in range(max(count, 0))]


@dataclass(frozen=True)
class Scenario:
    """``days`` of life with the ``usual`` courses, and with the ``plan`` added.

    ``lead_in`` [days] of the usual courses come before day 0, so that the person is used to them.
    ``vehicle`` are courses of what carries the plan's active parts (a cream without the drug), for an arm
    beside the plan; none when empty. ``overrides`` are constants, name -> (value, unit); ``site`` is where
    the person is looked at, their own when empty.
    """

    name: str
    title: str
    about: str
    days: float
    person: str = ""
    lead_in: float = 28.0
    seed: int = 1
    usual: tuple[Course, ...] = ()
    plan: tuple[Course, ...] = ()
    overrides: Mapping[str, tuple[float, str]] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    site: str = ""
    vehicle: tuple[Course, ...] = ()

    @property
    def begins_at(self) -> float:
        """Day on which the first course of the plan begins."""
        return min((course.start for course in self.plan), default=0.0) / DAY

    @property
    def judged_at(self) -> float:
        """Day at which the plan is judged: when its last course ends."""
        return max((course.end for course in self.plan), default=self.days * DAY) / DAY

    def courses(self, *, planned: bool) -> tuple[Course, ...]:
        """Return the courses of the arm; a usual course rests while a planned one replaces it."""
        if not planned:
            return self.usual
        kept = list(self.usual)
        for course in self.plan:
            if course.replaces:
                split = [each.without(course.start, course.end) for each in kept if each.replaced_by(course)]
                kept = [each for each in kept if not each.replaced_by(course)] + [
                    p for ps in split for p in ps
                ]
        return (*kept, *self.plan)


def _days(data: Mapping[str, Any], where: str) -> float:
    days: Any = data.get("days")
    if not is_number(days) or not 1 <= days <= LONGEST:
        remedy = f"give a number from 1 to {LONGEST:g}"
        raise InputError("E241", f"days = {days!r}", where=where, remedy=remedy)
    return float(days)


def _interval(data: Mapping[str, Any], treatment: Treatment, where: str) -> float | None:
    if "every" in data and "times_per_day" in data:
        raise InputError("E242", "both every and times_per_day", where=where, remedy="keep one")
    if "times_per_day" in data:
        times = data["times_per_day"]
        if not is_number(times) or not 0 < times <= 24:
            raise InputError(
                "E242", f"times_per_day = {times!r}", where=where, remedy="a number above 0 and at most 24"
            )
        every = DAY / times
    elif "every" in data:
        every = duration(data["every"], where=where)
    else:
        return treatment.every
    if treatment.every is None:
        raise InputError(
            "E242",
            f"{treatment.name} is a level, not doses",
            where=where,
            remedy="leave out every and times_per_day",
        )
    if every < 1:
        raise InputError("E242", f"a dose every {every:g} h", where=where, remedy="at least 1 h apart")
    return every


def _dose(data: Mapping[str, Any], treatment: Treatment, where: str) -> tuple[float, list[str]]:
    if treatment.dose is None:
        if "dose" in data:
            raise InputError("E243", f"{treatment.name} has no dose", where=where, remedy="leave out dose")
        return 1.0, []
    if "dose" not in data:
        return treatment.dose.usual, []
    value, unit = units.quantity(data["dose"], where=where)
    try:
        value = units.convert(value, unit, treatment.dose.unit)
    except InputError as error:
        remedy = f"doses of {treatment.name} are in {treatment.dose.unit}"
        raise InputError(
            error.code, f"dose {data['dose']!r}: {error.message}", where=where, remedy=remedy
        ) from error
    if value <= 0:
        raise InputError("E243", f"dose {data['dose']!r} is not above 0", where=where)
    low, high = treatment.dose.low, treatment.dose.high
    outside = not low <= value <= high
    unit = treatment.dose.unit
    said = f"{treatment.title}: a dose of {value:g} {unit} is outside the studied {low:g}-{high:g} {unit}"
    return value, [said] if outside else []


def course_from(data: Any, days: float, folders: tuple[Path, ...], where: str) -> tuple[Course, list[str]]:
    """Return a checked course and its warnings; it ends after ``days`` at the latest.

    Raises
    ------
    InputError
        E240 unknown key, E242 interval, E243 dose, E244 times, E232 unknown treatment.
    """
    if not isinstance(data, dict) or not isinstance(data.get("treatment"), str):
        raise InputError(
            "E244", "a course without a treatment", where=where, remedy='write treatment = "name"'
        )
    unknown = sorted(set(data) - _COURSE_KEYS)
    if unknown:
        raise InputError(
            "E240", f"key {unknown[0]!r} is not known", where=where, remedy=nearest(unknown[0], _COURSE_KEYS)
        )
    treatment = find_treatment(data["treatment"], folders, where=where)
    dose, warnings = _dose(data, treatment, where)
    start = duration(data["start"], where=where) if "start" in data else 0.0
    end = min(duration(data["end"], where=where), days * DAY) if "end" in data else days * DAY
    if not 0 <= start < end:
        raise InputError(
            "E244",
            f"{treatment.name} runs from {start / DAY:g} to {end / DAY:g} days",
            where=where,
            remedy="start before end and before the last day, not before 0",
        )
    course = Course(
        treatment, dose, _interval(data, treatment, where), start, end, str(data.get("replaces", ""))
    )
    return course, warnings


def scenario_from(
    data: Mapping[str, Any], name: str, treatments: tuple[Path, ...], *, where: str = ""
) -> Scenario:
    """Make a checked scenario from a TOML document.

    Raises
    ------
    InputError
        E240 unknown key (nearest named) or a value of another kind, E241 days, E242 interval, E243 dose,
        E244 course, E203/E204 quantities, E232 unknown treatment.
    """
    unknown = sorted(set(data) - _KEYS)
    if unknown:
        raise InputError(
            "E240", f"key {unknown[0]!r} is not known", where=where, remedy=nearest(unknown[0], _KEYS)
        )
    for key, (kind, remedy) in _SHAPES.items():
        if not isinstance(data.get(key, kind()), kind):
            raise InputError("E240", f"{key} = {data[key]!r}", where=where, remedy=remedy)
    days, lead_in = _days(data, where), data.get("lead_in_days", 28.0)
    if not is_number(lead_in) or not 0 <= lead_in <= LONGEST:
        raise InputError("E241", f"lead_in_days = {lead_in!r}", where=where, remedy="0 or more days")
    courses: dict[str, list[Course]] = {"usual": [], "plan": [], "vehicle": []}
    warnings: list[str] = []
    for part, made in courses.items():
        for number, entry in enumerate(data.get(part, []), start=1):
            course, said = course_from(entry, days, treatments, f"{where}: {part} {number}")
            made.append(course)
            warnings += said
    known = [course.treatment.name for course in courses["usual"]]
    for course in (*courses["usual"], *courses["plan"], *courses["vehicle"]):
        if course.replaces and (course.replaces not in known or course in courses["usual"]):
            remedy = nearest(course.replaces, known) or "it must be among the usual courses"
            raise InputError(
                "E244", f"{course.treatment.name} replaces {course.replaces!r}", where=where, remedy=remedy
            )
    overrides = {
        key: units.quantity(value, where=f"{where}: set {key}") for key, value in data.get("set", {}).items()
    }
    return Scenario(
        name, str(data.get("title", name)), str(data.get("about", "")), days, str(data.get("person", "")),
        float(lead_in), int(data.get("seed", 1)), tuple(courses["usual"]), tuple(courses["plan"]),
        overrides, tuple(warnings), data.get("site", ""), tuple(courses["vehicle"]),
    )  # fmt: skip


def read_scenario(path: Path, treatments: tuple[Path, ...]) -> Scenario:
    """Read a scenario file.

    Parameters
    ----------
    path
        TOML file.
    treatments
        Folders in which treatments are looked for, first wins.

    Raises
    ------
    InputError
        As :func:`scenario_from`, and E130/E131 when the file cannot be read.
    """
    return scenario_from(read_toml(path), path.stem, treatments, where=path.name)


def find_scenario(name: str, folder: Path) -> Path:
    """Return the file of a scenario: a path ending in ``.toml``, or a name of the library folder.

    Raises
    ------
    InputError
        E245 when there is none; the nearest name is given.
    """
    path = Path(name) if name.endswith(".toml") else folder / f"{name}.toml"
    if not path.exists():
        known = [each.stem for each in folder.glob("*.toml")]
        remedy = nearest(path.stem, known) or "see: gutskin list scenarios"
        raise InputError("E245", f"there is no scenario {name!r}", remedy=remedy)
    return path
