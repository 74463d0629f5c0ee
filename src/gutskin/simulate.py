"""Model + people + scenario -> Result."""

from __future__ import annotations

import platform
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from typing import Any

import numpy as np

from gutskin.daily import Diary
from gutskin.engine.outcome import Array, Failure, Options, Stop
from gutskin.engine.solve import solve
from gutskin.engine.steady import Steady, settle, settle_all
from gutskin.errors import GutskinError
from gutskin.model import Model
from gutskin.people import Person, within
from gutskin.precedence import resolve, spreads, unusual
from gutskin.protocol import stops
from gutskin.result import Result
from gutskin.scenario import DAY, Course, Scenario

OUTPUT_EVERY = 4.0  # [h]; daily means of read-outs are taken over these


class NotSteadyError(GutskinError):
    """A person's everyday state could not be found; ``failure`` says why."""

    def __init__(self, person: str, failure: Failure) -> None:
        self.failure = failure
        remedy = "the person's constants may be outside what the model can live with"
        super().__init__("E270", f"no everyday state: {failure.reason}", where=person, remedy=remedy)


def everyday(
    model: Model, constants: Array, options: Options | None = None, *, start: Array | None = None
) -> Steady:
    """Return the state in which a person with these constants (K,) settles with nothing done to them.

    No event of the model happens either: it is the state before any of them.
    """
    begin = model.start() if start is None else start
    return settle(model.kernel, begin, constants, model.floors(), options)


def stamp(model: Model, people: Sequence[Person], scenario: Scenario, options: Options) -> dict[str, Any]:
    """Return what made a result: versions, hashes, seed, settings, who differed from the ledger, warnings.

    ``people`` holds values by origin, ``spreads`` what is not known exactly of these, ``site`` where who is
    looked at.
    """
    from importlib.metadata import version

    own = {
        p.name: {
            o: {n: f"{v!r} {u}" for n, (v, u) in layer.items()} for o, layer in p.layers.items() if layer
        }
        for p in people
    }
    loose = {p.name: {n: str(row.spread) for n, row in spreads(model, p).items()} for p in people}
    odd = [said for person in people for said in unusual(model, person)]
    events = ", ".join(event.name for event in model.network.events)
    if events:
        odd.append(f"events of the model happen after day 0 only, not in the everyday state: {events}")
    return {
        "gutskin": version("gutskin"), "python": platform.python_version(), "numpy": version("numpy"),
        "scipy": version("scipy"), "model": model.name, "model_hash": model.network.digest,
        "ledger_hash": model.ledger.digest, "scenario": scenario.name, "days": scenario.days,
        "seed": scenario.seed, "solver": asdict(options), "people": own,
        "spreads": {name: rows for name, rows in loose.items() if rows},
        "site": {p.name: p.site.name for p in people if p.site},
        **({"daily_hash": digest} if (digest := Diary(model).digest) else {}),
        "warnings": [*scenario.warnings, *dict.fromkeys(odd)],
    }  # fmt: skip


def day_zero(
    model: Model, constants: Array, scenario: Scenario, options: Options, *, settled: Array | None = None
) -> tuple[Array, Failure | None]:
    """Return the states (S,) at day 0: settled, then used to the usual courses for the lead-in.

    Parameters
    ----------
    model, constants, scenario, options
        The person's constants (K,) and what they do anyway.
    settled
        Everyday state (S,) when it is known already.
    """
    known = None if settled is None else np.asarray(settled)[:, None]
    people = named(scenario, 1)
    states, failures = all_day_zero(model, np.asarray(constants)[:, None], scenario, options, known, people)
    return states[:, 0], failures.get(0)


def _before(course: Course, hours: float) -> Course:
    """Return the course as it is in a lead-in [h]: on from the first day, doses at their hour of the day."""
    phase = course.start % min(course.every, DAY) if course.every else 0.0
    return replace(course, start=phase if phase < hours else 0.0, end=hours)


def named(scenario: Scenario, count: int) -> list[tuple[int, int]]:
    """Return (seed, number) of people given by name, whose days are those of person 0 of the scenario."""
    return [(scenario.seed, 0)] * count


def all_day_zero(
    model: Model,
    constants: Array,
    scenario: Scenario,
    options: Options,
    settled: Array | None,
    people: Sequence[tuple[int, int]],
) -> tuple[Array, dict[int, Failure]]:
    """Return the states (S, P) at day 0 of people with constants (K, P), and who did not get there.

    Who has a daily series lives through the lead-in even when nothing is done in it, so that day 0 is one of
    their days. ``people`` are the (seed, number) that a series is keyed by.
    """
    failures: dict[int, Failure] = {}
    if settled is None:
        begin = np.repeat(model.start()[:, None], constants.shape[1], axis=1)
        found = settle_all(model.kernel, begin, constants, model.floors(), options)
        settled = np.array([each.states for each in found]).T
        failures = {k: each.failure for k, each in enumerate(found) if each.failure is not None}
    hours = scenario.lead_in * DAY
    diary = Diary(model)
    busy = diary.unsteady(constants) | bool(scenario.usual)
    alive = [k for k in range(constants.shape[1]) if k not in failures and busy[k]]
    if hours <= 0 or not alive:
        return settled, failures
    usual = tuple(_before(course, hours) for course in scenario.usual)
    own = [diary.own(constants[:, k], *people[k], 0.0, hours) for k in alive]
    plans = [stops(usual, model.network, constants[:, k], days) for k, days in zip(alive, own, strict=True)]
    times = np.array([0.0, hours])
    begin = settled[:, alive]
    run = solve(model.kernel, begin, constants[:, alive], model.floors(), times, plans, options, since=np.inf)
    ready = settled.copy()
    ready[:, alive] = run.end[: len(settled)]
    return ready, failures | {alive[failure.person]: failure for failure in run.failures}


def simulate(
    model: Model,
    people: Person | Sequence[Person],
    scenario: Scenario,
    *,
    planned: bool = True,
    options: Options | None = None,
    start: Array | None = None,
    tick: Callable[[float], None] | None = None,
) -> Result:
    """Run every person through a scenario from their everyday state.

    Parameters
    ----------
    model, people, scenario
        What, who and what is done.
    planned
        With the plan, or only with what the person does anyway.
    options
        Solver settings; stamped into the result.
    start
        States (S, P) at day 0 when they are known already; else see :func:`day_zero`.
    tick
        Called with every stretch of hours done.

    Returns
    -------
    Result
        All states, tallies and derived quantities every 4 h. A person without an everyday state, or whose
        run fails, is NaN with a reason.
    """
    options = options or Options()
    given = [people] if isinstance(people, Person) else list(people)
    crowd = [within(person, scenario, model.library) for person in given]
    end = scenario.days * DAY
    times = np.append(np.arange(0.0, end - 1e-9, OUTPUT_EVERY), end)
    constants = np.array([resolve(model, person)[0] for person in crowd]).T
    ready, lost = (
        (start, {})
        if start is not None
        else all_day_zero(model, constants, scenario, options, None, named(scenario, len(crowd)))
    )
    failures = [
        Failure(k, f.code, f"before day 0: {f.reason}", f.time, f.state) for k, f in sorted(lost.items())
    ]
    alive = [k for k in range(len(crowd)) if k not in lost]
    rows = len(model.kernel.states) + len(model.kernel.derived)
    values = np.full((rows, times.size, len(crowd)), np.nan)
    made = stamp(model, crowd, scenario, options)
    if alive:
        courses, keys = scenario.courses(planned=planned), named(scenario, len(alive))
        plans = follow(model, constants[:, alive], courses, scenario, keys)
        begin, own = np.asarray(ready)[:, alive], constants[:, alive]
        run = solve(model.kernel, begin, own, model.floors(), times, plans, options, tick)
        values[:, :, alive] = np.concatenate([run.states, run.derived])
        failures += [replace(failure, person=alive[failure.person]) for failure in run.failures]
        made["rescued"] = [crowd[alive[k]].name for k in run.rescued]
    return _result(model, [p.name for p in crowd], times, values, failures, made)


def follow(
    model: Model,
    constants: Array,
    courses: Sequence[Course],
    scenario: Scenario,
    people: Sequence[tuple[int, int]],
) -> list[tuple[Stop, ...]]:
    """Return the stops from day 0 on of people with constants (K, P): courses, and the days of their series.

    The days go on from the lead-in; ``people`` are as in :func:`all_day_zero`.
    """
    diary, hours = Diary(model), (scenario.lead_in * DAY, scenario.days * DAY)
    return [
        stops(courses, model.network, own, diary.own(own, *who, *hours))
        for own, who in zip(constants.T, people, strict=True)
    ]


def _result(
    model: Model,
    people: list[str],
    times: Array,
    values: Array,
    failures: list[Failure],
    made: dict[str, Any],
) -> Result:
    known = {q.name: q for q in model.network.quantities}
    names = (*model.kernel.states, *model.kernel.derived)
    labels = tuple(
        known[n].label if n in known else f"{n.removeprefix('tally_')} that left the person" for n in names
    )
    units = tuple(known[n].unit if n in known else "mmol" for n in names)
    return Result(names, labels, units, tuple(people), times, values, tuple(failures), made)
