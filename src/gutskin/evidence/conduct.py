"""Who lives through an arm, and how they follow it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gutskin.engine.outcome import Array, Stop
from gutskin.errors import InputError
from gutskin.evidence.case import Arm, Crew
from gutskin.model import Model
from gutskin.people import Person, read_person
from gutskin.population import draw, uniform
from gutskin.precedence import resolve
from gutskin.scenario import Course


@dataclass(frozen=True)
class Taken(Course):
    """A course of which some doses, by their numbers, are not taken."""

    missed: frozenset[int] = frozenset()

    def doses(self) -> list[float]:
        """Return the times of the doses that are taken [h]."""
        return [time for k, time in enumerate(super().doses()) if k not in self.missed]


@dataclass(frozen=True)
class Queue:
    """Who begins an arm: ``begin`` (S, A), ``constants`` (K, A), plans of the A ``alive`` of ``count``.

    The others failed before (``reasons``) or were not enrolled (``out``).
    """

    begin: Array
    constants: Array
    plans: Sequence[Sequence[Stop]]
    alive: Sequence[int]
    count: int
    reasons: Mapping[int, str]
    out: frozenset[int] = frozenset()

    def spread(self, values: Array) -> Array:
        """Return values (.., A) of those alive as values (.., P) of all, NaN for the others."""
        out = np.full((values.shape[0], self.count), np.nan)
        out[:, self.alive] = values
        return out


def key_of(chain: Sequence[Arm]) -> str:
    """Return what tells arms apart: people and everything done to them up to the arm's end.

    Which case and which file ask for it says nothing, and neither does when they look.
    """
    crew = chain[0].crew
    folder = str(crew.folder) if crew.like.endswith(".toml") or crew.site.endswith(".toml") else ""
    who = (crew.like, crew.site, folder, crew.count, crew.seed, sorted(crew.overrides.items()))
    said = [repr(who)]
    for k, arm in enumerate(chain):
        # whom a condition lets in depends on how finely the arm before is read
        criterion = (arm.enrol.text, chain[k - 1].every) if arm.enrol else ()
        said.append(repr((arm.days, [_deed(course) for course in arm.courses], arm.adherence, *criterion)))
    return hashlib.sha256("\n".join(said).encode()).hexdigest()


def _deed(course: Course) -> tuple[Any, ...]:
    """Return what a course does, without the words that tell of it."""
    own, unit = course.treatment, course.treatment.dose.unit if course.treatment.dose else ""
    effects = [(e.action, e.target, e.number.value, e.number.unit) for e in own.effects]
    return own.name, unit, course.dose, course.every, course.start, course.end, effects


def person_of(model: Model, crew: Crew) -> Person:
    """Return whom a crew is like, at its site and with what is set for it.

    Raises
    ------
    InputError
        What reading person and site raises.
    """
    like, site = (
        str(crew.folder / name) if name.endswith(".toml") else name for name in (crew.like, crew.site)
    )
    person = read_person(like, model.library / "people", site=site)
    return person.having("scenario", crew.overrides)


def members(model: Model, crew: Crew) -> Array:
    """Return the constants (K, P) of a crew.

    Raises
    ------
    InputError
        E402 for a person whose traits would have to be found from samples, and what ``resolve`` raises.
    """
    person = person_of(model, crew)
    if person.samples:
        remedy = "use a person without samples, or set the traits"
        raise InputError("E402", f"{crew.like} is known by samples only", remedy=remedy)
    if crew.count == 1:
        return resolve(model, person)[0][:, None]
    return draw(model, crew.count, like=person, seed=crew.seed)


def crew_key(crew: Crew) -> str:
    """Return what tells crews apart."""
    return key_of([Arm("", 0.0, crew)])


def taken(chain: Sequence[Arm], person: int) -> tuple[Course, ...]:
    """Return the courses of the last arm as a person follows them: by chance some doses are not taken."""
    arm = chain[-1]
    if arm.adherence >= 1.0:
        return arm.courses
    out: list[Course] = []
    times: dict[str, int] = {}
    for course in arm.courses:
        if course.every is None:
            out.append(course)
            continue
        name = course.treatment.name
        times[name] = times.get(name, 0) + 1  # a second course of the same has luck of its own
        luck = uniform(
            arm.crew.seed, f"adherence {name} {len(chain)} {times[name]} {person}", 0, len(course.doses())
        )
        missed = frozenset(np.flatnonzero(luck >= arm.adherence).tolist())
        out.append(Taken(**vars(course), missed=missed))
    return tuple(out)
