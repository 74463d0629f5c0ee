"""What the data say about each number: how much they narrow it, and its profile of likelihood, in words.

Profiles: Raue and others (2009), Structural and practical identifiability analysis of partially observed
dynamical models by exploiting the profile likelihood, doi:10.1093/bioinformatics/btp358.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from gutskin.calibrate.least_squares import Tell, descend
from gutskin.calibrate.problem import Point, Problem
from gutskin.engine.outcome import Array

RISE = 1.92  # of half the sum of squares: the 95 % limit of one number (chi-squared 3.84 / 2)
NEAR = 0.03  # of the rise: so close to it a limit is found
STRIDE = (0.01, 1.0)  # shortest and longest first step away from the best point [sd of the ledger's spread]
TURNS = 6  # points that one limit, or the least misfit, may take to be found
STEPS = 20  # of a descent of the other numbers at each


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
    """Return the profile of knob ``k``: fixed at points away from the best, the others fitted again.

    The number's own prior does not count, so that the verdict is the data's. Points go outwards in growing
    steps until the misfit has risen; then the least misfit and the limits are closed in on.
    """
    walk = _Walk(problem, best, k, tell)
    stride = walk.stride()
    for side in (-1, 1):
        walk.outwards(side, stride)
    walk.least()
    for side in (-1, 1):
        walk.limit(side)
    return walk.judged()


class _Walk:
    """Points of a profile as they are found: coordinate of knob ``k`` -> where the others ended."""

    def __init__(self, problem: Problem, best: Point, k: int, tell: Tell | None) -> None:
        self.problem, self.best, self.k, self.tell = problem, best, k, tell
        self.free = [i for i in range(len(problem.knobs)) if i != k]
        self.seen: dict[float, Point] = {float(best.z[k]): best}
        self.failed = ""

    def stride(self) -> float:
        """Return about the standard deviation that the data alone leave to the number."""
        slopes = self.best.slopes if self.best.slopes is not None else self.problem.sloped(self.best).slopes
        assert slopes is not None
        others = slopes[:, self.free]
        own = slopes[:, self.k]
        told = np.linalg.solve(others.T @ others + np.eye(len(self.free)), others.T @ own)
        left = float(own @ own - own @ (others @ told))
        return min(max(1.0 / math.sqrt(max(left, 1e-12)), STRIDE[0]), STRIDE[1])

    def visit(self, z: float) -> bool:
        """Fit the others with the number at ``z``; return whether that could be done."""
        near = self.seen[min(self.seen, key=lambda each: abs(each - z))]
        begin = np.array(near.z)
        begin[self.k] = z
        (point,) = self.problem.points([begin])
        done = bool(np.isfinite(point.loss))
        if self.free:
            fit = descend(self.problem, point, free=self.free, limit=STEPS)
            point, done = fit.point, fit.done
        if self.tell:
            self.tell(f"{self.problem.knobs[self.k].row.row} at {z:+.2f} sd: loss {point.loss:.3f}")
        if done:
            self.seen[z] = point
        else:
            self.failed = self.failed or f"the others could not be fitted at {z:+.2g} sd"
        return done

    def rises(self) -> tuple[list[float], Array]:
        """Return the coordinates in order, and how far the misfit rises there above the least."""
        order = sorted(self.seen)
        height = np.array([self.seen[z].loss - z * z / 2 for z in order])
        return order, height - height.min()

    def outwards(self, side: int, stride: float) -> None:
        """Go to one side until the misfit has risen, the spread ends, or the others cannot follow."""
        z, end = float(self.best.z[self.k]), (self.problem.low, self.problem.high)[side > 0][self.k]
        while z != end:
            z = float(max(z - stride, end) if side < 0 else min(z + stride, end))
            if not self.visit(z):
                return
            order, rise = self.rises()
            if rise[order.index(z)] >= RISE:
                return
            stride = min(2 * stride, STRIDE[1])

    def least(self) -> None:
        """Close in on the least misfit: the vertex of the parabola through the three lowest neighbours."""
        for _ in range(TURNS):
            order, rise = self.rises()
            i = int(rise.argmin())
            if not 0 < i < len(order) - 1:
                return
            a, b, c = order[i - 1 : i + 2]
            left, right = rise[i - 1] / (b - a), rise[i + 1] / (c - b)
            vertex = b + ((b - a) * right - (c - b) * left) / (-2 * (left + right)) if left + right else b
            gain = (left + right) / (c - a) * (vertex - b) ** 2
            if gain < NEAR / 4 or not self.visit(float(vertex)):
                return

    def limit(self, side: int) -> None:
        """Close in on where the misfit has risen by the limit, on one side."""
        for _ in range(TURNS):
            inner, outer = self._bracket(side)
            if outer is None or min(abs(inner[1] - RISE), abs(outer[1] - RISE)) < NEAR:
                return
            if not self.visit(_between(inner, outer)):
                return

    def _bracket(self, side: int) -> tuple[tuple[float, float], tuple[float, float] | None]:
        """Return the last point inside the limit on one side, and the first outside it."""
        order, rise = self.rises()
        i = int(rise.argmin())
        path = list(zip(order, rise.tolist(), strict=True))
        path = path[i::-1] if side < 0 else path[i:]
        for inner, outer in pairwise(path):
            if outer[1] >= RISE:
                return inner, outer
        return path[-1], None

    def judged(self) -> Profile:
        """Return the profile with its limits, and what they mean."""
        found = [self._bracket(side) for side in (-1, 1)]
        low, high = (None if outer is None else _between(inner, outer) for inner, outer in found)
        order, rise = self.rises()
        if self.failed:
            verdict = f"refused: {self.failed}"
        elif low is not None and high is not None:
            verdict = "identified"
        elif low is None and high is None:
            verdict = "not identified"
        else:
            verdict = f"one-sided: only {'an upper' if low is None else 'a lower'} limit"
        return Profile(self.problem.knobs[self.k].row.row, order, rise.tolist(), low, high, verdict)


def _between(inner: tuple[float, float], outer: tuple[float, float]) -> float:
    """Return where the rise passes the limit: its root goes in a line where the misfit is a parabola."""
    a, b, c = (math.sqrt(each) for each in (inner[1], RISE, outer[1]))
    share = (b - a) / (c - a)
    return inner[0] + (outer[0] - inner[0]) * share
