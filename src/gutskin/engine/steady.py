"""Steady state by integration to a tolerance, with a limit, and with the residual said."""

from __future__ import annotations

from dataclasses import dataclass, replace

from gutskin.engine.outcome import Array, Code, Failure, Options
from gutskin.engine.solve import solve
from gutskin.kernel import Kernel

DAY = 24.0
# A rare population may fade for years: below this change [1/day] a month of it is a few percent, which
# is steady enough.
ENOUGH = 1e-3


@dataclass(frozen=True)
class Steady:
    """Where a person settled.

    ``states`` (S,) without tallies; ``residual`` is the largest relative change of a state [1/day];
    ``days`` what it took; ``failure`` is None when it settled.
    """

    states: Array
    residual: float
    slowest: str
    days: float
    failure: Failure | None


TOLERANCE = 3e-4  # largest relative change of any state that counts as steady [1/day]
LIMIT = 2000.0  # give up after so many days [day]


def settle(
    kernel: Kernel,
    start: Array,
    constants: Array,
    floors: Array,
    options: Options | None = None,
    *,
    tolerance: float = TOLERANCE,
    limit: float = LIMIT,
) -> Steady:
    """Integrate one person at unchanged constants until nothing moves; see :func:`settle_all`."""
    import numpy as np

    start, constants = np.asarray(start, float), np.asarray(constants, float)
    people = settle_all(
        kernel, start[:, None], constants[:, None], floors, options, tolerance=tolerance, limit=limit
    )
    return people[0]


def settle_all(
    kernel: Kernel,
    start: Array,
    constants: Array,
    floors: Array,
    options: Options | None = None,
    *,
    tolerance: float = TOLERANCE,
    limit: float = LIMIT,
) -> list[Steady]:
    """Integrate people side by side until nothing moves; everybody comes out as they would alone.

    Events of the model do not happen here: what is sought is the state before any of them.

    Parameters
    ----------
    kernel
        Compiled network.
    start, constants, floors
        (S, P), (K, P), (S,) in declared units.
    options
        Solver settings.
    tolerance
        Largest relative change a day of any state that still counts as steady [1/day].
    limit
        Stop after so many days; what still moves by more than 0.1 % a day is a failure that names the
        slowest state and the residual.
    """
    import numpy as np

    options, body = options or Options(), len(kernel.states) - len(kernel.tallies)
    constants, floors = np.asarray(constants, float), np.asarray(floors, float)[:body]
    states = np.array(start, float)[:body]
    found = [Steady(states[:, k], np.inf, "", 0.0, None) for k in range(states.shape[1])]
    moving, done, stretch = list(range(len(found))), 0.0, 20.0
    while moving and done < limit:
        hours = np.array([done, done + stretch]) * DAY
        here = states[:, moving], constants[:, moving]
        run = solve(kernel, *here, floors, hours, (), options, since=np.inf)
        states[:, moving] = run.end[:body]
        done, stretch = done + stretch, min(2 * stretch, 200.0)
        failed = {moving[failure.person]: replace(failure, person=0) for failure in run.failures}
        for k in moving:
            found[k] = _after(
                kernel, found[k], states[:, k].copy(), constants[:, k], floors, done, failed.get(k)
            )
        moving = [k for k in moving if found[k].failure is None and found[k].residual > tolerance]
    for k in moving:
        found[k] = _given_up(found[k], max(tolerance, ENOUGH))
    return found


def _after(
    kernel: Kernel,
    before: Steady,
    state: Array,
    constants: Array,
    floors: Array,
    done: float,
    failure: Failure | None,
) -> Steady:
    """Return where a person stands after a stretch."""
    if failure is not None:
        return Steady(state, before.residual, before.slowest, done, failure)
    residual, slowest = _residual(kernel, state, constants, floors)
    return Steady(state, residual, slowest, done, None)


def _given_up(found: Steady, enough: float) -> Steady:
    if found.residual <= enough:
        return found
    days, slowest = found.days, found.slowest
    reason = f"not steady after {days:g} days: {slowest} still moves by {found.residual:.1e} a day"
    return replace(found, failure=Failure(0, Code.NOT_STEADY, reason, days * DAY, slowest))


def _residual(kernel: Kernel, state: Array, constants: Array, floors: Array) -> tuple[float, str]:
    """Return the largest relative change of a state [1/day], infinite when undefined, and whose it is."""
    import numpy as np

    whole = np.append(state, np.zeros(len(kernel.tallies)))
    with np.errstate(all="ignore"):  # as the engine computes: a division by zero is infinite, not an error
        rates = np.array(kernel.vector.rates(whole, kernel.vector.prepare(constants)), float)[: state.size]
        relative = np.nan_to_num(np.abs(rates) * DAY / (np.abs(state) + floors), nan=np.inf)
    return float(relative.max()), kernel.states[int(relative.argmax())]
