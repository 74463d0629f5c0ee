"""Steady state by integration to a tolerance, with a limit, and with the residual said."""

from __future__ import annotations

from dataclasses import dataclass

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
    tolerance: float = 3e-4,
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

    options, body = options or Options(), len(kernel.states) - len(kernel.tallies)
    state, floors = np.asarray(start, float)[:body], np.asarray(floors, float)[:body]
    constants = np.asarray(constants, float)
    still = kernel.scalar.prepare(constants.tolist())
    none = [0.0] * len(kernel.tallies)
    done, stretch, residual, slowest, failure = 0.0, 20.0, np.inf, "", None
    while done < limit and residual > tolerance and failure is None:
        hours = np.array([done, done + stretch]) * DAY
        run = solve(kernel, state[:, None], constants[:, None], floors, hours, (), options)
        failure = run.failures[0] if run.failures else None
        done, stretch = done + stretch, min(2 * stretch, 200.0)
        if failure is None:
            state = run.end[:body, 0].copy()
            change = np.abs(np.asarray(kernel.scalar.rates([*state.tolist(), *none], still))[:body]) * DAY
            relative = change / (np.abs(state) + floors)
            residual, slowest = float(relative.max()), kernel.states[int(relative.argmax())]
    if failure is None and residual > max(tolerance, ENOUGH):
        reason = f"not steady after {done:g} days: {slowest} still moves by {residual:.1e} a day"
        failure = Failure(0, Code.NOT_STEADY, reason, done * DAY, slowest)
    return Steady(state, residual, slowest, done, failure)
