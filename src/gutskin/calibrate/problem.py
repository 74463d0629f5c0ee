"""What calibrating minimises: standardised distances from published numbers, and from the ledger.

``loss = (sum of r**2 + sum of z**2) / 2``, with ``z`` the coordinates of numbers in standard deviations of
their spreads. A residual ``r`` of 1 is half the way from what was published to the end of its range, so that
a range counts as two standard deviations to each side; beyond three it grows like its square root, so that
one hopeless expectation does not rule. What must not appear (control) and open ranges count outside only.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gutskin.calibrate.knobs import Knob, turned
from gutskin.engine.outcome import Array, Options
from gutskin.evidence.case import Case
from gutskin.evidence.experiment import Laboratory
from gutskin.evidence.score import Score, score_case
from gutskin.model import Model

HARD = 3.0  # residual from which it counts like its square root
STEP = 1e-3  # difference of a coordinate that derivatives are taken over; steps are shared


@dataclass(frozen=True)
class Point:
    """A set of coordinates (N,), the scores there, residuals (R,), and their slopes (R, N) when asked for."""

    z: Array
    scores: Sequence[Score]
    residuals: Array
    slopes: Array | None = None

    @property
    def misfit(self) -> float:
        """Half the sum of squared residuals; infinite when one is missing."""
        total = float((self.residuals**2).sum()) / 2
        return total if math.isfinite(total) else math.inf

    @property
    def loss(self) -> float:
        """Misfit and distance from the ledger."""
        return self.misfit + float((self.z**2).sum()) / 2


class Problem:
    """Cases and the numbers that may move.

    Parameters
    ----------
    model, knobs
        The model and the numbers.
    cases
        Of roles ``fit`` and ``control`` only.
    options
        Solver settings.

    Attributes
    ----------
    left_out
        Expectations that have no value at the ledger's numbers; they do not count.
    """

    def __init__(
        self, model: Model, cases: Sequence[Case], knobs: Sequence[Knob], options: Options | None = None
    ) -> None:
        if any(case.role == "check" for case in cases):
            raise ValueError("a check case is only ever compared")
        self.model, self.cases, self.knobs, self.options = model, cases, knobs, options
        self._counted: list[int] = []
        self._open: list[float] = []
        first = self._scores(Laboratory(model, options), 0, run=True)
        self._counted = [k for k, score in enumerate(first) if math.isfinite(score.value)]
        self._open = [_width(score) for score in first]
        self.left_out = [score for score in first if not math.isfinite(score.value)]

    @property
    def low(self) -> Array:
        """Lower bounds of the coordinates (N,)."""
        return np.array([each.low for each in self.knobs])

    @property
    def high(self) -> Array:
        """Upper bounds of the coordinates (N,)."""
        return np.array([each.high for each in self.knobs])

    def model_at(self, z: Array) -> Model:
        """Return the model with its numbers at coordinates."""
        return turned(self.model, {k.row.row: k.value(float(x)) for k, x in zip(self.knobs, z, strict=True)})

    def points(self, zs: Sequence[Array]) -> list[Point]:
        """Return points, all run side by side, each by its own steps."""
        models = [self.model_at(z) for z in zs]
        laboratory = Laboratory(models[0], self.options, models[1:])
        laboratory.run(self.cases)
        return [self._point(z, self._scores(laboratory, v)) for v, z in enumerate(zs)]

    def point(self, z: Array, free: Sequence[int] | None = None) -> Point:
        """Return a point with slopes along the coordinates in ``free`` (all by default), 0 elsewhere."""
        along = list(range(len(self.knobs)) if free is None else free)
        moved = []
        for k in along:
            for step in (STEP, -STEP):
                other = np.array(z, float)
                other[k] += step
                moved.append(self.model_at(other))
        laboratory = Laboratory(self.model_at(z), self.options, moved, shared=True)
        laboratory.run(self.cases)
        here = self._point(z, self._scores(laboratory, 0))
        slopes = np.zeros((here.residuals.size, len(self.knobs)))
        for i, k in enumerate(along):
            up, down = (self._residuals(self._scores(laboratory, 1 + 2 * i + j)) for j in (0, 1))
            slopes[:, k] = (up - down) / (2 * STEP)
        return Point(
            here.z, here.scores, here.residuals, np.nan_to_num(slopes, nan=0.0, posinf=0.0, neginf=0.0)
        )

    def _scores(self, laboratory: Laboratory, v: int, *, run: bool = False) -> list[Score]:
        if run:
            laboratory.run(self.cases)
        return [s for case in self.cases for s in score_case(case, self.model, laboratory.results[v])]

    def _point(self, z: Array, scores: list[Score]) -> Point:
        kept = [scores[k] for k in self._counted]
        return Point(np.array(z, float), kept, self._residuals(scores))

    def _residuals(self, scores: Sequence[Score]) -> Array:
        return np.array([_residual(scores[k], self._open[k]) for k in self._counted])


def _width(score: Score) -> float:
    """Return the standard deviation that an open range counts with [unit of the score]."""
    if math.isfinite(score.high - score.low):
        return math.nan
    bound = score.low if math.isfinite(score.low) else score.high
    told = abs(score.published - bound) / 2 if score.published is not None else 0.0
    return told or abs(bound) / 4 or abs(score.value) / 2 or 1.0


def _residual(score: Score, width: float) -> float:
    """Return the standardised distance of a score, softened beyond :data:`HARD`."""
    hinge = score.role == "control" or not math.isnan(width) or score.published is None
    middle = (score.low + score.high) / 2 if score.published is None else score.published
    if hinge:
        raw = max(score.value - score.high, 0.0) + min(score.value - score.low, 0.0)
        raw /= (score.high - score.low) / 4 if math.isnan(width) else width
    else:
        side = score.high - middle if score.value > middle else middle - score.low
        raw = (score.value - middle) / (side / 2 or (score.high - score.low) / 4)
    if not math.isfinite(raw):
        return math.nan
    soft = HARD * math.sqrt(2 * (math.hypot(1.0, raw / HARD) - 1))
    return math.copysign(soft, raw)
