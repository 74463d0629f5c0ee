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


def settle(
    kernel: Kernel,
    start: Array,
    constants: Array,
    floors: Array,
    options: Options | None = None,
    *,
    tolerance: float = 1e-4,
    limit: float = 2000.0,
) -> Steady:
    """Integrate one person at unchanged constants until nothing moves.

    Parameters
    ----------
    kernel
        Compiled network.
    start, constants, floors
        (S,), (K,), (S,) in declared units.
    options
        Solver settings.
    tolerance
        Largest relative change a day of any state that still counts as steady [1/day].
    limit
        Stop after so many days; what still moves by more than 0.1 % a day is a failure that names the
        slowest state and the residual.
    """
    import numpy as np

    start, constants = np.asarray(start, float)[:, None], np.asarray(constants, float)[:, None]
    return settle_all(kernel, start, constants, floors, options, tolerance=tolerance, limit=limit)[0]


def settle_all(
    kernel: Kernel,
    start: Array,
    constants: Array,
    floors: Array,
    options: Options | None = None,
    *,
    tolerance: float = 1e-4,
    limit: float = 2000.0,
) -> list[Steady]:
    """Settle many people side by side; as :func:`settle` with start (S, P) and constants (K, P).

    Everybody comes out as they would alone.
    """
    import numpy as np

    options, body = options or Options(), len(kernel.states) - len(kernel.tallies)
    constants, floors = np.asarray(constants, float), np.asarray(floors, float)[:body]
    states = np.array(start, float)[:body]
    found: dict[int, Steady] = {}
    moving = list(range(states.shape[1]))
    residuals: dict[int, tuple[float, str]] = {}
    done, stretch = 0.0, 20.0
    while moving and done < limit:
        hours = np.array([done, done + stretch]) * DAY
        run = solve(kernel, states[:, moving], constants[:, moving], floors, hours, (), options)
        states[:, moving] = run.end[:body]
        done, stretch = done + stretch, min(2 * stretch, 200.0)
        failed = {moving[failure.person]: failure for failure in run.failures}
        for k in moving:
            if k in failed:
                residual, slowest = residuals.get(k, (np.inf, ""))
                failure = replace(failed[k], person=0)
                found[k] = Steady(states[:, k].copy(), residual, slowest, done, failure)
                continue
            residuals[k] = residual, slowest = _residual(kernel, states[:, k], constants[:, k], floors)
            if residual <= tolerance:
                found[k] = Steady(states[:, k].copy(), residual, slowest, done, None)
        moving = [k for k in moving if k not in found]
    for k in moving:
        residual, slowest = residuals[k]
        unrest: Failure | None = None
        if residual > max(tolerance, ENOUGH):
            reason = f"not steady after {done:g} days: {slowest} still moves by {residual:.1e} a day"
            unrest = Failure(0, Code.NOT_STEADY, reason, done * DAY, slowest)
        found[k] = Steady(states[:, k].copy(), residual, slowest, done, unrest)
    return [found[k] for k in range(states.shape[1])]


def _residual(kernel: Kernel, state: Array, constants: Array, floors: Array) -> tuple[float, str]:
    """Return the largest relative change of a state [1/day], and whose it is."""
    import numpy as np

    body, none = state.size, [0.0] * len(kernel.tallies)
    rates = kernel.scalar.rates([*state.tolist(), *none], kernel.scalar.prepare(constants.tolist()))
    relative = np.abs(np.asarray(rates)[:body]) * DAY / (np.abs(state) + floors)
    return float(relative.max()), kernel.states[int(relative.argmax())]
