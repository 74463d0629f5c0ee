"""Many people through a scenario, part by part: what is reduced is kept, the courses are not.

A part is a run of people by number. What a part gives depends on seed and numbers only, never on the company,
so parts can be run in any order, again, or elsewhere; and memory does not grow with the crowd.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from gutskin.engine.outcome import Array, Failure, Options, Trajectory
from gutskin.engine.solve import solve
from gutskin.errors import InputError, nearest
from gutskin.model import Model
from gutskin.people import Person, within
from gutskin.population import draw
from gutskin.readouts import Readout
from gutskin.scenario import DAY, Course, Scenario
from gutskin.simulate import OUTPUT_EVERY, all_day_zero, follow

PART = 128  # people of a part, at most
ROOM = 256e6  # bytes that all quantities of a part may take
LANES = 8  # fewer people than this leave lanes empty
BEFORE = "before day 0"
RTOL = 1e-4  # relative tolerance that is enough for a crowd
Reduce = Callable[[Array, Array], Array]
Arms = Mapping[str, Sequence[Course]]


@dataclass(frozen=True)
class Crowd:
    """``people`` drawn like a person with a seed, judged on ``days`` by means over the day before.

    ``readouts`` are names of read-outs; all when left out.
    """

    people: int
    days: tuple[float, ...]
    like: Person
    seed: int = 1
    readouts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Part:
    """What ``count`` people from number ``first`` on gave.

    ``values`` (A, ..., P) are the read-outs of each arm, or what was made of them. ``failures`` are (arm,
    failure), with the person's number in the crowd; the arm of who has no everyday state is "before day 0".
    ``rescued`` are (arm, number) of people who were run again with a reference method.
    """

    first: int
    count: int
    values: Array
    failures: tuple[tuple[str, Failure], ...]
    rescued: tuple[tuple[str, int], ...]

    @property
    def lost(self) -> Array:
        """Whether each person (P,) failed anywhere."""
        out = np.zeros(self.count, bool)
        out[[failure.person - self.first for _, failure in self.failures]] = True
        return out


@dataclass(frozen=True)
class Job:
    """What every part of a crowd has in common; ``times`` (T,) are output times [h], the first of them 0."""

    model: Model
    scenario: Scenario
    crowd: Crowd
    arms: Arms
    readouts: Mapping[str, Readout]
    times: Array
    options: Options


def both_arms(scenario: Scenario) -> Arms:
    """Return the courses without and with the plan, by name of the arm."""
    return {"without": scenario.courses(planned=False), "with_plan": scenario.courses(planned=True)}


def chosen(model: Model, names: Iterable[str]) -> dict[str, Readout]:
    """Return the read-outs of these names in the order of the library; all when there is none.

    Raises
    ------
    InputError
        E290 when the library has no such read-out; the nearest is named.
    """
    asked = set(names)
    unknown = sorted(asked - set(model.readouts))
    if unknown:
        known = nearest(unknown[0], model.readouts) or "see: gutskin list readouts"
        raise InputError("E290", f"there is no read-out {unknown[0]!r}", remedy=known)
    return {name: each for name, each in model.readouts.items() if not asked or name in asked}


def every(days: float) -> Array:
    """Return the output times [h] of whole courses: every 4 h from 0, and the end."""
    return np.append(np.arange(0.0, days * DAY - 1e-9, OUTPUT_EVERY), days * DAY)


def _window(day: float) -> Array:
    """Return the times [h] over which a day is judged: every 4 h over the day before it."""
    times = np.arange(max(day - 1.0, 0.0) * DAY, day * DAY + 1e-9, OUTPUT_EVERY)
    return np.minimum(times, day * DAY)  # a run must not go on for a last bit longer


def judged(days: Sequence[float], last: float) -> Array:
    """Return the output times [h] that :func:`means` needs, with the start and the end of the run."""
    return np.unique(np.concatenate([[0.0, last * DAY], *map(_window, days)]))


def means(days: Sequence[float], times: Array, values: Array) -> Array:
    """Return means (R, D, P) over the day before each day, of values (R, T, P).

    A day is judged by its own times only, whatever other days are asked for, and they are added in the order
    of time, so that the last bit does not depend on how many people lie side by side.
    """
    out = []
    for day in days:
        at: Array = np.searchsorted(times, _window(day))
        total = values[:, at[0]].copy()
        for k in at[1:]:
            total += values[:, k]
        out.append(total / at.size)
    return np.stack(out, axis=1)


def part_size(job: Job) -> int:
    """Return how many people a part has: fewer when there are many output times."""
    kernel = job.model.kernel
    rows = len(kernel.states) + len(kernel.derived) + len(job.arms) * len(job.readouts)
    return min(PART, max(LANES, int(ROOM // (8 * rows * job.times.size)) // LANES * LANES))


def parts_of(people: int, size: int) -> list[tuple[int, int]]:
    """Return (first, count) of every part of a crowd."""
    return [(first, min(size, people - first)) for first in range(0, people, size)]


def stream(
    model: Model,
    scenario: Scenario,
    crowd: Crowd,
    reduce: Reduce | None = None,
    *,
    arms: Arms | None = None,
    options: Options | None = None,
) -> Iterator[Part]:
    """Run a crowd part by part, in the order of its numbers, and yield what ``reduce`` makes of each.

    Parameters
    ----------
    model, scenario, crowd
        What, what is done before day 0 and for how long, and to whom.
    reduce
        Makes an array of floats (..., P) of the output times (T,) [h], every 4 h, and the read-outs
        (R, T, P) of one arm. By default means over the day before each of the crowd's days (R, D, P).
    arms
        Courses from day 0 on, by name of the arm; by default without and with the scenario's plan.
    options
        Solver settings; by default rtol 1e-4.

    Yields
    ------
    Part
        A person who fails in any arm is NaN in all of them, so that arms are compared over the same people.

    Raises
    ------
    InputError
        E266 when there is nobody, E285 when a day is outside the scenario, E290 for an unknown read-out.
    """
    check(scenario, crowd, judge=reduce is None)
    made = reduce or partial(means, crowd.days)
    times = every(scenario.days) if reduce else judged(crowd.days, scenario.days)
    rows, settings = chosen(model, crowd.readouts), options or Options(rtol=RTOL)
    job = Job(model, scenario, crowd, arms or both_arms(scenario), rows, times, settings)
    for first, count in parts_of(crowd.people, part_size(job)):
        part = run_part(job, first, count)
        values = np.array([made(times, each) for each in part.values])
        values[..., part.lost] = np.nan
        yield replace(part, values=values)


def check(scenario: Scenario, crowd: Crowd, *, judge: bool = True) -> None:
    """Refuse a crowd of nobody (E266), and a day outside the scenario or no day to judge (E285)."""
    if crowd.people < 1:
        raise InputError("E266", f"people = {crowd.people}", remedy="draw at least one")
    if not all(0 <= day <= scenario.days for day in crowd.days) or (judge and not crowd.days):
        raise InputError("E285", f"days {list(crowd.days)}", remedy=f"give days from 0 to {scenario.days:g}")


def run_part(job: Job, first: int, count: int) -> Part:
    """Return the courses (A, R, T, P) of people; NaN from a failure on, in the arm of the failure."""
    like = within(job.crowd.like, job.scenario, job.model.library)
    constants = draw(job.model, count, like=like, seed=job.crowd.seed, first=first)
    return run_people(job, constants, first)


def run_people(job: Job, constants: Array, first: int = 0, settled: Array | None = None) -> Part:
    """Return the courses (A, R, T, P) of people with constants (K, P), numbered from ``first``.

    ``settled`` are their everyday states (S, P) when these are known.
    """
    model, options, count = job.model, job.options, constants.shape[1]
    people = [(job.crowd.seed, first + k) for k in range(count)]
    ready, lost = all_day_zero(model, constants, job.scenario, options, settled, people)
    failures = [(BEFORE, replace(each, person=first + k)) for k, each in sorted(lost.items())]
    rescued: list[tuple[str, int]] = []
    alive = [k for k in range(count) if k not in lost]
    values = np.full((len(job.arms), len(job.readouts), job.times.size, count), np.nan)
    for arm, (name, courses) in enumerate(job.arms.items()):
        if not alive:
            break
        begin, own = ready[:, alive], constants[:, alive]
        plans = follow(model, own, courses, job.scenario, [people[k] for k in alive])
        run = solve(model.kernel, begin, own, model.floors(), job.times, plans, options)
        failures += [(name, replace(each, person=first + alive[each.person])) for each in run.failures]
        rescued += [(name, first + alive[k]) for k in run.rescued]
        for row, readout in enumerate(job.readouts.values()):
            values[arm, row][:, alive] = _course(model, readout.quantity, run)
        del run  # before the next arm needs as much room
    return Part(first, count, values, tuple(failures), tuple(rescued))


def _course(model: Model, quantity: str, run: Trajectory) -> Array:
    """Return one quantity (T, P) of a run."""
    if quantity in model.kernel.states:
        return run.states[model.kernel.states.index(quantity)]
    return run.derived[model.kernel.derived.index(quantity)]
