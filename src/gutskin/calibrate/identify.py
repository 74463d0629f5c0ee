"""What the data say about each number: how much they narrow it, and its profile of likelihood, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from gutskin.calibrate.least_squares import Tell, descend
from gutskin.calibrate.problem import Point, Problem
from gutskin.engine.outcome import Array

RISE = 1.92  # of half the sum of squares: the 95 % limit of one number (chi-squared 3.84 / 2)
STRIDES = (0.5, 1.0, 1.5, 2.0, 3.0)  # from the best point [standard deviations of the ledger's spread]
STEPS = 6  # of a descent of the other numbers at each


@dataclass(frozen=True)
class Narrowing:
    """``eigenvalues`` (N,) of what the data add to the prior; ``left`` (N,) is the share of each spread left.

    A direction of eigenvalue above 1 is told more by the data than by the ledger's spreads.
    """

    eigenvalues: Array
    left: Array

    @property
    def informed(self) -> int:
        """In how many directions the data say more than the ledger."""
        return int((self.eigenvalues > 1).sum())


def narrowing(point: Point) -> Narrowing:
    """Return what the slopes at a point say."""
    assert point.slopes is not None
    told = point.slopes.T @ point.slopes
    covariance = np.linalg.inv(told + np.eye(told.shape[0]))
    return Narrowing(np.linalg.eigvalsh(told)[::-1], np.sqrt(np.diag(covariance)))


@dataclass(frozen=True)
class Profile:
    """The likelihood of one number when all others follow: ``rise`` of the misfit at coordinates ``z``.

    ``low`` and ``high`` are where it rises by 1.92 (None: not within the spread). ``verdict`` is in words;
    it is refused when the others could not be fitted somewhere.
    """

    row: str
    z: Sequence[float]
    rise: Sequence[float]
    low: float | None
    high: float | None
    verdict: str


def profile(problem: Problem, best: Point, k: int, *, tell: Tell | None = None) -> Profile:
    """Return the profile of knob ``k``: fixed at strides from the best point, the others fitted again.

    The number's own prior does not count, so that the verdict is the data's.
    """
    free = [i for i in range(len(problem.knobs)) if i != k]
    seen, failed = {float(best.z[k]): _without(best, k)}, ""
    for side in (-1, 1):
        here, before = best.z, float(best.z[k])
        for stride in STRIDES:
            z = np.array(here)
            z[k] = np.clip(best.z[k] + side * stride, problem.low[k], problem.high[k])
            if z[k] == before:
                break
            point = descend(problem, z, free=free, limit=STEPS).point if free else problem.points([z])[0]
            here, before = point.z, float(z[k])
            seen[before] = _without(point, k)
            if tell:
                tell(f"{problem.knobs[k].row.row} at {before:+.2f} sd: loss {seen[before]:.3f}")
            if not np.isfinite(seen[before]):
                failed = f"the others could not be fitted at {before:+.2g} sd"
                break
            if seen[before] - min(seen.values()) >= RISE:
                break
    return _judged(problem.knobs[k].row.row, seen, failed)


def _without(point: Point, k: int) -> float:
    """Return the loss without the prior of a number."""
    return point.loss - float(point.z[k] ** 2) / 2


def _judged(row: str, seen: Mapping[float, float], failed: str) -> Profile:
    """Return the profile with its limits, and what they mean."""
    order = sorted(seen)
    rise = np.array([seen[z] for z in order]) - min(seen.values())
    middle = int(rise.argmin())
    low = _crossing(order[middle::-1], rise[middle::-1])
    high = _crossing(order[middle:], rise[middle:])
    if failed:
        verdict = f"refused: {failed}"
    elif low is not None and high is not None:
        verdict = "identified"
    elif low is None and high is None:
        verdict = "not identified"
    else:
        verdict = f"one-sided: only {'an upper' if low is None else 'a lower'} limit"
    return Profile(row, order, rise.tolist(), low, high, verdict)


def _crossing(z: Sequence[float], rise: Array) -> float | None:
    """Return where the rise first passes the limit, going outwards from the best; None when it does not."""
    for a, b, below, above in zip(z, z[1:], rise, rise[1:], strict=False):
        if above >= RISE:
            return a + (b - a) * float((RISE - below) / (above - below))
    return None
