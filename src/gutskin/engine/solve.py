"""Integrate people through their stops; failures are values.

Output times are read off the dense output of the steps, so they never change the states. Rodas5P runs people
in the lanes of vectors; the reference methods run them one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from gutskin.engine.events import with_events
from gutskin.engine.methods import LANES, RESCUE
from gutskin.engine.outcome import Array, Code, Options, Stop, Trajectory
from gutskin.engine.reference import one_by_one
from gutskin.errors import InputError
from gutskin.kernel import Kernel

Progress = Callable[[float], None]


def solve(
    kernel: Kernel,
    start: Array,
    constants: Array,
    floors: Array,
    times: Array,
    stops: Sequence[Sequence[Stop]] = (),
    options: Options | None = None,
    tick: Progress | None = None,
    *,
    since: float | None = None,
) -> Trajectory:
    """Integrate every person over ``times``.

    Parameters
    ----------
    kernel
        Compiled network.
    start
        States (S, P) in declared units; tallies may be left out and start at 0.
    constants
        Constants (K, P) in declared units.
    floors
        Size (S,) below which a state means nothing; sets absolute tolerances.
    times
        Output times (T,) [h], rising, at least two.
    stops
        One sequence of stops a person; or one for all; or none.
    options
        Solver settings.
    tick
        Called with every stretch of hours done.
    since
        Time [h] at which the run began, by default the first output. Events of the model that are due then
        do not happen. Give it when a run goes on from a stored state; infinity keeps all events away. See
        :func:`gutskin.engine.events.with_events`.

    Returns
    -------
    Trajectory
        States and derived quantities (.., T, P); a state below its floor is reported as 0; a failed person
        is NaN from its failure on, with a reason, and harms nobody else.

    Raises
    ------
    InputError
        E124 when the model has no state.
    """
    import numpy as np

    if not kernel.states:
        remedy = "give it a reaction or a rate rule; export and explain work without"
        raise InputError("E124", "the model has no state: there is nothing to run", remedy=remedy)
    options = options or Options()
    start, floors = with_tallies(kernel, np.asarray(start, float), np.asarray(floors, float))
    constants, times = np.asarray(constants, float), np.asarray(times, float)
    people = start.shape[1]
    plans = list(stops) if len(stops) == people else list(stops or [()]) * people
    begin = float(times[0])
    plans = [with_events(kernel, constants[:, k], plan, begin, since) for k, plan in enumerate(plans)]
    if options.method != LANES:
        return one_by_one(kernel, start, constants, floors, times, plans, options, tick)
    from gutskin.engine.fast import solve_lanes

    run = solve_lanes(kernel, start, constants, floors, times, plans, options, tick)
    return _rescue(run, kernel, start, constants, floors, plans, options)


def _rescue(
    run: Trajectory,
    kernel: Kernel,
    start: Array,
    constants: Array,
    floors: Array,
    plans: Sequence[Sequence[Stop]],
    options: Options,
) -> Trajectory:
    """Run people whose step collapsed again with a method that pivots; say who they were."""
    failures, rescued, steps = [], [], run.steps
    for failure in run.failures:
        if failure.code != Code.STEP_COLLAPSED:
            failures.append(failure)
            continue
        k = failure.person
        again = one_by_one(
            kernel,
            start[:, [k]],
            constants[:, [k]],
            floors,
            run.times,
            [plans[k]],
            replace(options, method=RESCUE),
        )
        run.states[:, :, k], run.derived[:, :, k] = again.states[:, :, 0], again.derived[:, :, 0]
        run.codes[k], run.end[:, k] = again.codes[0], again.end[:, 0]
        failures += [replace(each, person=k) for each in again.failures]
        rescued.append(k)
        steps += again.steps
    return replace(run, failures=tuple(failures), steps=steps, rescued=tuple(rescued))


def with_tallies(kernel: Kernel, start: Array, floors: Array) -> tuple[Array, Array]:
    """Return start and floors with those of tallies, when they were left out."""
    import numpy as np

    missing = len(kernel.states) - start.shape[0]
    if missing:
        start = np.vstack([start, np.zeros((missing, start.shape[1]))])
    return start, np.concatenate([floors, np.full(len(kernel.states) - floors.size, 1.0)])
