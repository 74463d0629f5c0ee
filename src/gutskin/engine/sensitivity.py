"""How states and derived quantities over time depend on numbers: differences between runs of shared steps.

A person is run once and the steps are recorded; people who differ from this person in one number take the
very same steps. What the steps do to the numbers is then the same smooth function for all of them, so that
differences are good to rounding at any tolerance. They are derivatives of the numerical solution, which
itself is off by about the tolerance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gutskin.engine.events import with_events
from gutskin.engine.fast import Progress, Tape, solve_lanes
from gutskin.engine.methods import LANES
from gutskin.engine.outcome import Array, Failure, Options, Stop, Trajectory
from gutskin.engine.solve import with_tallies
from gutskin.engine.stencil import Stencil
from gutskin.engine.variation import Given, Number, Plan, numbers
from gutskin.errors import InputError
from gutskin.kernel import Kernel

ROOM = 2**25  # numbers that are held at once


@dataclass(frozen=True)
class Sensitivity:
    """Derivatives of one person's run.

    ``names`` (N,) say by what; ``trajectory`` is the person's own run, alone, but for ``steps``, which are
    those of all whose steps were recorded at once. ``states`` (S, T, N) and
    ``derived`` (D, T, N) are derivatives, ``error_states`` and ``error_derived`` how far off they may be as
    differences. ``failures`` tell by name where a changed person's run failed: these derivatives are NaN from
    then on. All are NaN when the person's own run failed.
    """

    names: tuple[str, ...]
    trajectory: Trajectory
    states: Array
    derived: Array
    error_states: Array
    error_derived: Array
    failures: Mapping[str, Failure]


def sensitivities(
    kernel: Kernel, start: Array, constants: Array, floors: Array, times: Array, plan: Plan = (), **more: Any
) -> Sensitivity:
    """Return derivatives of one person's run: start (S,), constants (K,); see :func:`sensitivities_all`."""
    import numpy as np

    start, constants = np.asarray(start, float)[:, None], np.asarray(constants, float)[:, None]
    knobs = more.pop("knobs", {})
    return sensitivities_all(kernel, start, constants, floors, times, [plan], knobs=[knobs], **more)[0]


def sensitivities_all(
    kernel: Kernel,
    start: Array,
    constants: Array,
    floors: Array,
    times: Array,
    plans: Sequence[Plan] = (),
    *,
    of: Sequence[int | str] = (),
    start_of: Sequence[int | str] = (),
    knobs: Sequence[Mapping[str, float]] = (),
    log: bool = False,
    errors: bool = True,
    sizes: Mapping[str, float] | None = None,
    options: Options | None = None,
    threads: int | None = None,
    tick: Progress | None = None,
) -> list[Sensitivity]:
    """Return derivatives of everybody's states and derived quantities at the output times.

    Parameters
    ----------
    kernel, start, constants, floors, times, options, tick
        As in :func:`gutskin.engine.solve.solve`.
    plans
        One a person, one for all, or none. Stops are what is done whatever the constants. A function of the
        constants (K,) returns the stops of somebody who has them: needed where a stop sets a constant that is
        differentiated by, or depends on one. The times of stops may not depend on them.
    of, start_of
        Constants, and states whose start values are meant, by name or number.
    knobs
        Numbers by name that only plans know, such as a dose; one mapping a person, or one for all. Plans are
        called with them as keywords, and all of them are differentiated by.
    log
        Whether derivatives are by logarithms.
    errors
        Whether to look how far off they are, which takes twice as many runs; else errors are NaN.
    sizes
        What counts as a change of order one, by name. By default the value; of a start value, 500 floors when
        that is more.
    threads
        As in :func:`gutskin.engine.fast.solve_lanes`.

    Returns
    -------
    list of Sensitivity
        One a person; in each, constants come first, then start values, then knobs.

    Raises
    ------
    InputError
        E271 what is differentiated by is not there; E272 it has no logarithm, or no size; E273 times of stops
        depend on it; E274 the method has no steps to share; E275 plans and knobs do not fit people.
    """
    import numpy as np

    options = options or Options()
    if options.method != LANES:
        raise InputError("E274", f"{options.method} has no steps to share", remedy=f"use {LANES}")
    start, floors = with_tallies(kernel, np.asarray(start, float), np.asarray(floors, float))
    constants, times = np.asarray(constants, float), np.asarray(times, float)
    given = _given(start, constants, plans, knobs)
    wanted = numbers(kernel, of, start_of, list(given[0].knobs) if given else (), sizes or {})
    runs = _Runs(kernel, floors, times, options, threads, tick)
    size = (len(kernel.states) + len(kernel.derived)) * times.size * (1 + 4 * len(wanted))
    some = max(1, ROOM // max(size, options.max_steps))
    out = []
    for first in range(0, len(given), some):
        batch = given[first : first + some]
        ways = [
            [n.stencil(one, floors, sizes or {}, log=log, errors=errors) for n in wanted] for one in batch
        ]
        out += _batch(batch, wanted, ways, runs)
    return out


def _given(
    start: Array, constants: Array, plans: Sequence[Plan], knobs: Sequence[Mapping[str, float]]
) -> list[Given]:
    people = range(start.shape[1])
    plans, knobs = plans or [()], knobs or [{}]
    for each in (plans, knobs):
        if len(each) not in (1, len(people)):
            message = f"plans or knobs are given for {len(each)} of {len(people)} people"
            raise InputError("E275", message, remedy="give one a person, or one for all")
    given = [
        Given(start[:, k], constants[:, k], plans[k % len(plans)], knobs[k % len(knobs)]) for k in people
    ]
    for one in given:
        if set(one.knobs) != set(knobs[0]) or (one.knobs and not callable(one.plan)):
            message = "people have different knobs, or a plan knows none"
            raise InputError("E275", message, remedy="give all the same names, and plans that are functions")
    return given


@dataclass(frozen=True)
class _Runs:
    """What is the same in all runs."""

    kernel: Kernel
    floors: Array
    times: Array
    options: Options
    threads: int | None
    tick: Progress | None

    def run(
        self, people: Sequence[Given], plans: Sequence[Sequence[Stop]], tape: Tape, *, raw: bool
    ) -> Trajectory:
        import numpy as np

        start = np.array([each.start for each in people]).reshape(len(people), self.floors.size)
        constants = np.array([each.constants for each in people]).reshape(
            len(people), len(self.kernel.constants)
        )
        return solve_lanes(
            self.kernel, start.T, constants.T, self.floors, self.times, plans, self.options, self.tick,
            threads=self.threads, raw=raw, tape=tape,
        )  # fmt: skip


def _batch(
    given: Sequence[Given], wanted: Sequence[Number], ways: Sequence[Sequence[Stencil]], runs: _Runs
) -> list[Sensitivity]:
    """Record everybody's steps and have people with one number changed take them."""
    plans = [_stops(runs, one) for one in given]
    tape = Tape.blank(len(given), runs.options.max_steps)
    own = runs.run(given, plans, tape, raw=False)
    changed: list[Given] = []
    stops: list[Sequence[Stop]] = []
    whose: list[int] = []
    begins = []
    for k, one in enumerate(given):
        begins.append(len(changed))
        if own.codes[k] == 0:
            new = [n.changed(one, v) for n, way in zip(wanted, ways[k], strict=True) for v in way.places]
            changed += new
            stops += [_same_times(_stops(runs, each), plans[k]) for each in new]
            whose += [k] * len(new)
    run = runs.run(changed, stops, tape.of(whose), raw=True)
    return [_sensitivity(_alone(own, k), run, begins[k], wanted, ways[k]) for k in range(len(given))]


def _stops(runs: _Runs, one: Given) -> Sequence[Stop]:
    """Return what is done to a person, events of the model among it."""
    return with_events(runs.kernel, one.constants, one.stops(), float(runs.times[0]))


def _same_times(new: Sequence[Stop], old: Sequence[Stop]) -> Sequence[Stop]:
    if new is not old and {each.time for each in new} != {each.time for each in old}:
        message = "the times of a plan depend on what is differentiated by"
        raise InputError("E273", message, remedy="keep the times; amounts and levels may change")
    return new


def _alone(run: Trajectory, k: int) -> Trajectory:
    """Return the run of one person."""
    failures = tuple(replace(each, person=0) for each in run.failures if each.person == k)
    states, derived, codes, end = (
        each[..., k : k + 1] for each in (run.states, run.derived, run.codes, run.end)
    )
    return replace(run, states=states, derived=derived, codes=codes, failures=failures, end=end)


def _sensitivity(
    own: Trajectory, run: Trajectory, begin: int, wanted: Sequence[Number], ways: Sequence[Stencil]
) -> Sensitivity:
    """Reduce the runs of the changed people of one person, who are in a row."""
    import numpy as np

    names = tuple(each.name for each in wanted)
    both = (run.states, run.derived)
    out = [np.full((len(names), 2, *own_part.shape[1::-1]), np.nan) for own_part in (own.states, own.derived)]
    why = {failure.person: failure for failure in run.failures}
    failures = {}
    for n, way in enumerate(ways if not own.failures else ()):
        people = range(begin, begin := begin + len(way.places))
        for part, made in zip(both, out, strict=True):
            seen = [part[:, :, each].T for each in people]
            made[n] = way.derivative(seen), way.error(seen)
        lost = [(why[each], v) for each, v in zip(people, way.places, strict=True) if each in why]
        if lost:
            first, value = min(lost, key=lambda each: each[0].time)
            reason = f"with {names[n]} = {value:.10g}: {first.reason}"
            failures[names[n]] = replace(first, person=0, reason=reason)
    states, derived = out
    return Sensitivity(names, own, states[:, 0].T, derived[:, 0].T, states[:, 1].T, derived[:, 1].T, failures)
