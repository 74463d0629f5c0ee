"""The steady state near a state, and what solves with the Jacobian there.

Where totals are conserved by all rates the Jacobian is singular, and the totals decide: they stay as they
are. Where it is singular for another reason there is no answer, and that is said; so it is where nobody would
stay.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gutskin.engine.outcome import Array, Code, Failure
from gutskin.kernel import Kernel

DAY = 24.0
TURNS, CLOSE, NEAR = 30, 1e-11, 1e-7  # of Newton's method; good, and good enough [relative change of a state]
RANK, NONE = 1e-13, 1e-10  # a singular value, or a part of a total, below this share of the largest is 0
BALANCE, LOOSE = 1e-9, 1e-6  # a sum of rates, or of their differences, below this share of its parts is 0
GROWS = 1e-9  # [1/h], and as a share of the fastest rate below: what grows slower counts as at rest
FASTEST = 1e-14


class NoAnswerError(Exception):
    """There are no derivatives; carried to the failure."""

    def __init__(self, reason: str, code: Code = Code.NOT_STEADY, state: str = "") -> None:
        super().__init__(reason)
        self.failure = Failure(0, code, reason, 0.0, state)


@dataclass(frozen=True)
class System:
    """Rates of one person, on states without tallies."""

    kernel: Kernel
    constants: Array
    floors: Array

    def size(self, at: Array) -> Array:
        """Return what counts as a change of order one."""
        import numpy as np

        return np.maximum(np.abs(at), self.floors)

    def _call(self, what: Callable[..., Any], at: Array, constants: Array, *more: Any) -> Any:
        import numpy as np

        states = np.append(at, np.zeros(len(self.kernel.tallies)))
        try:
            with np.errstate(all="ignore"):  # what is undefined is found by who asks
                return what(states, self.kernel.vector.prepare(constants), *more)
        except ArithmeticError as error:  # of plain numbers
            raise NoAnswerError(f"a rate is undefined ({error})", Code.NOT_FINITE) from error

    def rates(self, at: Array, constants: Array | None = None) -> Array:
        """Return dx/dt [1/h], of other constants when they are given."""
        import numpy as np

        own = self.constants if constants is None else constants
        rates = np.array(self._call(self.kernel.vector.rates, at, own), float)[: at.size]
        if not np.isfinite(rates).all():
            worst = self.kernel.states[int(np.argmin(np.isfinite(rates)))]
            raise NoAnswerError(f"the rate of {worst} is undefined", Code.NOT_FINITE, worst)
        return rates

    def observe(self, at: Array, constants: Array) -> Array:
        """Return derived quantities."""
        import numpy as np

        return np.array(self._call(self.kernel.vector.observe, at, constants), float)

    def jacobian(self, at: Array) -> Array:
        """Return the slopes of the rates [1/h]."""
        import numpy as np

        whole = np.zeros((len(self.kernel.states),) * 2)
        matrix = self._call(self.kernel.vector.jacobian, at, self.constants, whole)[: at.size, : at.size]
        if not np.isfinite(matrix).all():
            worst = self.kernel.states[int(np.argmin(np.isfinite(matrix).all(axis=1)))]
            raise NoAnswerError(f"the rate of {worst} has no slope", Code.NOT_FINITE, worst)
        return matrix

    def residual(self, at: Array) -> float:
        """Return the largest relative change of a state [1/day]."""
        import numpy as np

        return float(np.max(np.abs(self.rates(at)) * DAY / (np.abs(at) + self.floors), initial=0.0))


@dataclass(frozen=True)
class Inverse:
    """Solves ``J z = b`` near a state; conserved totals of ``z`` are 0."""

    matrix: Array  # J in shares of sizes, rows of largest entry 1, and below it the totals
    rows: Array
    size: Array
    totals: Array  # (totals, B)

    def solve(self, b: Array) -> Array:
        """Return ``z``."""
        import numpy as np

        if len(self.totals):
            right = np.concatenate([b * self.rows, np.zeros(len(self.totals))])
            return np.linalg.lstsq(self.matrix, right, rcond=None)[0] * self.size
        return np.linalg.solve(self.matrix, b * self.rows) * self.size

    def breaks(self, b: Array) -> bool:
        """Return whether changes of rates do not keep what all rates here keep, so that there is no ``z``."""
        return not _balanced(self.totals * b, LOOSE)


def _inverse(system: System, at: Array) -> Inverse:
    """Return what solves with the Jacobian at a state."""
    import numpy as np

    size, matrix = system.size(at), system.jacobian(at)
    scaled = matrix * size
    largest = np.abs(scaled).max(axis=1, initial=0.0)
    rows = 1 / np.where(largest > 0, largest, 1.0)
    scaled = scaled * rows[:, None]
    left, values, right = np.linalg.svd(scaled)
    null = values <= RANK * max(values.max(initial=0.0), 1.0) * values.size
    if not null.any():
        return Inverse(scaled, rows, size, np.empty((0, at.size)))
    below = left[:, null].T * rows * size
    below /= np.abs(below).max(axis=1, keepdims=True)
    below[np.abs(below) < NONE] = 0.0
    totals, states = below / size, system.kernel.states
    if not _kept(system, at, totals):
        state = states[int(np.abs(right[null][0]).argmax())]
        raise NoAnswerError(f"the steady state is not the only one nearby: {state} is undecided", state=state)
    whole = np.vstack([scaled, below])
    if np.linalg.matrix_rank(whole, tol=RANK * values.max() * values.size) < at.size:
        state = states[int(np.abs(right[null][0]).argmax())]
        raise NoAnswerError(f"not even conserved totals decide where {state} settles", state=state)
    return Inverse(whole, rows, size, totals)


def _kept(system: System, at: Array, totals: Array) -> bool:
    """Return whether totals are unchanged by the rates everywhere, not only here."""
    import numpy as np

    size = system.size(at)
    for k in range(3):
        there = size * (1 + 0.5 * np.sin(np.arange(1, at.size + 1) * (k + 1.0)))
        if not _balanced(totals * system.rates(there), BALANCE):
            return False
    return True


def _balanced(parts: Array, share: float) -> bool:
    """Return whether every row adds up to nothing but rounding."""
    import numpy as np

    return bool((np.abs(parts.sum(axis=1)) <= share * np.abs(parts).sum(axis=1)).all())


def come_to_rest(system: System, begin: Array) -> tuple[Array, Inverse]:
    """Return the steady state near a state, by Newton's method, and what solves with the Jacobian there."""
    import numpy as np

    at, change = begin, np.inf
    for _ in range(TURNS):
        inverse = _inverse(system, at)
        step = inverse.solve(-system.rates(at))
        before, change = change, float(np.max(np.abs(step) / inverse.size, initial=0.0))
        if change >= before and change <= NEAR:
            break
        at = at + step
        if change <= CLOSE:
            break
    if not change <= NEAR:
        state = system.kernel.states[int(np.argmax(np.abs(step) / inverse.size))]
        raise NoAnswerError(f"no steady state near the state given: {state} is not at rest", state=state)
    if (at < -system.floors).any():
        state = system.kernel.states[int(np.argmin(at / system.floors))]
        raise NoAnswerError(f"{state} is below zero in the steady state nearby", Code.NEGATIVE, state)
    return at, inverse


def refuse_unstable(system: System, at: Array) -> None:
    """Refuse a steady state that a person would leave."""
    import numpy as np

    matrix = system.jacobian(at)
    size = system.size(at)
    values, vectors = np.linalg.eig(matrix * size / size[:, None])
    fastest = int(values.real.argmax())
    if values[fastest].real > GROWS + FASTEST * np.abs(values).max():
        state = system.kernel.states[int(np.abs(vectors[:, fastest]).argmax())]
        days = 1 / values[fastest].real / DAY
        reason = f"nobody stays in the steady state nearby: {state} leaves it within {days:.2g} days"
        raise NoAnswerError(reason, state=state)
