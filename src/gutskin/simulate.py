"""Model + people + scenario -> Result."""

from __future__ import annotations

import platform
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from typing import Any

import numpy as np

from gutskin.engine.outcome import Array, Failure, Options
from gutskin.engine.solve import solve
from gutskin.engine.steady import Steady, settle
from gutskin.errors import GutskinError
from gutskin.model import Model
from gutskin.people import Person
from gutskin.precedence import resolve, unusual
from gutskin.protocol import stops
from gutskin.result import Result
from gutskin.scenario import DAY, Scenario

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
    """Return the state in which a person with these constants (K,) settles with nothing done to them."""
    begin = model.start() if start is None else start
    return settle(model.kernel, begin, constants, model.floors(), options)


def stamp(model: Model, people: Sequence[Person], scenario: Scenario, options: Options) -> dict[str, Any]:
    """Return what made a result: versions, hashes, seed, settings, who differed from the ledger, warnings."""
    from importlib.metadata import version

    own = {
        p.name: {
            o: {n: f"{v!r} {u}" for n, (v, u) in layer.items()} for o, layer in p.layers.items() if layer
        }
        for p in people
    }
    odd = [said for person in people for said in unusual(model, person)]
    return {
        "gutskin": version("gutskin"), "python": platform.python_version(), "numpy": version("numpy"),
        "scipy": version("scipy"), "model": model.name, "model_hash": model.network.digest,
        "ledger_hash": model.ledger.digest, "scenario": scenario.name, "days": scenario.days,
        "seed": scenario.seed, "solver": asdict(options), "people": own,
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
    state = settled
    if state is None:
        found = everyday(model, constants, options)
        if found.failure is not None:
            return found.states, found.failure
        state = found.states
    hours = scenario.lead_in * DAY
    if hours <= 0 or not scenario.usual:
        return state, None
    usual = tuple(replace(course, start=0.0, end=hours) for course in scenario.usual)
    plan = stops(usual, model.network, constants)
    times = np.array([0.0, hours])
    run = solve(model.kernel, state[:, None], constants[:, None], model.floors(), times, [plan], options)
    return run.states[: state.size, -1, 0], run.failures[0] if run.failures else None


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
    crowd = [person.having("scenario", scenario.overrides) for person in given]
    end = scenario.days * DAY
    times = np.append(np.arange(0.0, end - 1e-9, OUTPUT_EVERY), end)
    rows = len(model.kernel.states) + len(model.kernel.derived)
    values = np.full((rows, times.size, len(crowd)), np.nan)
    failures: list[Failure] = []
    for k, person in enumerate(crowd):
        constants = resolve(model, person)[0]
        ready, failure = (
            (start[:, k], None) if start is not None else day_zero(model, constants, scenario, options)
        )
        if failure is not None:
            reason = f"before day 0: {failure.reason}"
            failures.append(Failure(k, failure.code, reason, failure.time, failure.state))
            continue
        plan = [stops(scenario.courses(planned=planned), model.network, constants)]
        run = solve(
            model.kernel, ready[:, None], constants[:, None], model.floors(), times, plan, options, tick
        )
        values[:, :, k] = np.vstack([run.states, run.derived])[:, :, 0]
        failures += [Failure(k, f.code, f.reason, f.time, f.state) for f in run.failures]
    return _result(
        model, [p.name for p in crowd], times, values, failures, stamp(model, crowd, scenario, options)
    )


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
