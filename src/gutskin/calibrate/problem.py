"""What calibrating minimises: standardised distances from published numbers, and from the ledger.

``loss = (sum of r**2 + sum of z**2) / 2``, with ``z`` the coordinates of numbers in standard deviations of
their spreads. A residual ``r`` of 1 is half the way from what was published to the end of its range, so that
a range counts as two standard deviations to each side; beyond three it grows like its square root, so that
one hopeless expectation does not rule. What must not appear (control) and open ranges count outside only.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from gutskin.calibrate.knobs import Knob, turned
from gutskin.engine.outcome import Array, Options
from gutskin.errors import InputError
from gutskin.evidence.case import Case, Curve, Expectation
from gutskin.evidence.experiment import Laboratory
from gutskin.evidence.score import Score, score_case
from gutskin.model import Model

HARD = 3.0  # residual from which it counts like its square root
STEP = 1e-4  # difference of a coordinate that slopes are taken over; the steps of the solver are shared
WIDE = 0.25  # the same for what jumps: shares of people, ranks, times read off outputs


@dataclass(frozen=True)
class Point:
    """A set of coordinates (N,), the scores there, residuals (R,), and their slopes (R, N) when asked for.

    ``unknown`` slopes could not be found, since runs failed; they count as 0.
    """

    z: Array
    scores: Sequence[Score]
    residuals: Array
    slopes: Array | None = None
    unknown: int = 0

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
    start
        The point of the ledger's numbers.
    left_out
        Expectations that have no value at the ledger's numbers; they do not count.

    Raises
    ------
    InputError
        E425 a case of the role ``check``.
    """

    def __init__(
        self, model: Model, cases: Sequence[Case], knobs: Sequence[Knob], options: Options | None = None
    ) -> None:
        for case in cases:
            if case.role == "check":
                raise InputError(
                    "E425", f"{case.study} is a check", remedy="it is only ever compared: leave it out"
                )
        self.model, self.cases, self.knobs = model, cases, knobs
        self.options = options or Options(rtol=1e-4)
        laboratory = Laboratory(model, self.options)
        laboratory.run(cases)
        first = [score for case in cases for score in score_case(case, model, laboratory.runs)]
        self.left_out = [score for score in first if not math.isfinite(score.value)]
        asked: list[tuple[Case, Expectation | Curve]] = []
        for case in cases:
            asked += [(case, each) for each in case.expectations]
            asked += [(case, each) for each in case.curves]
        kept = [k for k, score in enumerate(first) if math.isfinite(score.value)]
        self._widths = {k: _width(first[k]) for k in kept}
        self._owner = np.array([next(i for i, c in enumerate(cases) if c is asked[k][0]) for k in kept], int)
        self._jumping = {k: asked[k][0] for k in kept if _jumps(asked[k][1])}
        self.start = self._point(np.zeros(len(knobs)), first)

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

    def points(self, zs: Sequence[Array], models: Sequence[Model] = ()) -> list[Point]:
        """Return points, all run side by side, each by its own steps.

        ``models`` are those at the coordinates, when their numbers were rounded.
        """
        models = models or [self.model_at(z) for z in zs]
        laboratory = Laboratory(models[0], self.options, models[1:])
        laboratory.run(self.cases)
        return [self._point(z, self._scores(laboratory, v, self.cases)) for v, z in enumerate(zs)]

    def sloped(self, here: Point, free: Sequence[int] | None = None, rows: Sequence[int] = ()) -> Point:
        """Return a point with slopes along the coordinates in ``free`` (all by default), 0 elsewhere.

        Differences are one-sided, inwards at a bound; along a coordinate where a run fails to the other side.
        A point that has slopes keeps those of what jumps: they are coarse wherever they are taken. With
        ``rows`` it keeps all but those of the cases to which these residuals belong.
        """
        along = list(range(len(self.knobs)) if free is None else free)
        again = (
            np.isin(self._owner, self._owner[list(rows)]) if len(rows) else np.full(self._owner.size, True)
        )
        slopes = (
            np.zeros((here.residuals.size, len(self.knobs))) if here.slopes is None else here.slopes.copy()
        )
        slopes[np.ix_(np.flatnonzero(again), np.array(along, int))] = np.nan
        cases = [self.cases[i] for i in np.unique(self._owner[again])]
        for sign in (1.0, -1.0):
            steps = {
                k: sign * STEP for k in along
                if np.isnan(slopes[:, k]).any() and self.low[k] <= here.z[k] + sign * STEP <= self.high[k]
            }  # fmt: skip
            for k, slope in self._shared(here.z, steps, cases).items():
                slopes[:, k] = np.where(np.isnan(slopes[:, k]), slope, slopes[:, k])
        jumping = [i for i, k in enumerate(self._widths) if k in self._jumping]
        if jumping and here.slopes is not None:
            slopes[jumping] = here.slopes[jumping]
        elif jumping:
            self._wide(here, along, slopes, jumping)
        unknown = int((~np.isfinite(slopes)).sum())
        return replace(here, slopes=np.where(np.isfinite(slopes), slopes, 0.0), unknown=unknown)

    def _shared(self, z: Array, steps: Mapping[int, float], cases: Sequence[Case]) -> dict[int, Array]:
        """Return slopes (R,) along coordinates, from small differences by shared steps of the solver."""
        if not steps:
            return {}
        moved = [self.model_at(_moved(z, k, step)) for k, step in steps.items()]
        laboratory = Laboratory(self.model_at(z), self.options, moved, shared=True)
        laboratory.run(cases)
        own, *others = [self._residuals(self._scores(laboratory, v, cases)) for v in range(len(steps) + 1)]
        return {k: (other - own) / steps[k] for k, other in zip(steps, others, strict=True)}

    def _wide(self, here: Point, along: Sequence[int], slopes: Array, rows: Sequence[int]) -> None:
        """Put slopes of what jumps into ``rows`` of ``slopes`` (R, N): wide differences by free steps."""
        cases = [case for case in self.cases if any(case is each for each in self._jumping.values())]
        steps = {k: WIDE if here.z[k] + WIDE <= self.high[k] else -WIDE for k in along}
        moved = [self.model_at(_moved(here.z, k, step)) for k, step in steps.items()]
        laboratory = Laboratory(moved[0], self.options, moved[1:])
        laboratory.run(cases)
        for v, (k, step) in enumerate(steps.items()):
            other = self._residuals(self._scores(laboratory, v, cases))
            slopes[rows, k] = (other[rows] - here.residuals[rows]) / step

    def _scores(self, laboratory: Laboratory, v: int, cases: Sequence[Case]) -> list[Score | None]:
        """Return the scores of a variant, those of cases that were not run being None."""
        out: list[Score | None] = []
        for case in self.cases:
            if any(case is each for each in cases):
                out += score_case(case, self.model, laboratory.results[v])
            else:
                out += [None] * (len(case.expectations) + len(case.curves))
        return out

    def _point(self, z: Array, scores: Sequence[Score | None]) -> Point:
        kept = [each for k in self._widths if (each := scores[k]) is not None]
        return Point(np.array(z, float), kept, self._residuals(scores))

    def _residuals(self, scores: Sequence[Score | None]) -> Array:
        return np.array([_residual(scores[k], width) for k, width in self._widths.items()])


def _moved(z: Array, k: int, step: float) -> Array:
    out = np.array(z, float)
    out[k] += step
    return out


def _jumps(asked: Expectation | Curve) -> bool:
    """Whether what is asked changes in jumps: by whole people, ranks, or intervals of outputs."""
    if isinstance(asked, Curve):
        return asked.measure.startswith("share")
    trees = [each.tree for each in (asked.readout, asked.other) if each is not None]
    compared = any(isinstance(node, ast.Compare) for tree in trees for node in ast.walk(tree))
    timed = any(each.unit for each in (asked.moment, *asked.readout.moments))
    return compared or timed or asked.statistic == "rank correlation"


def _width(score: Score) -> float:
    """Return the standard deviation that an open range counts with [unit of the score]."""
    if math.isfinite(score.high - score.low):
        return math.nan
    bound = score.low if math.isfinite(score.low) else score.high
    told = abs(score.published - bound) / 2 if score.published is not None else 0.0
    return told or abs(bound) / 4 or abs(score.value) / 2 or 1.0


def _residual(score: Score | None, width: float) -> float:
    """Return the standardised distance of a score, softened beyond :data:`HARD`; NaN without a value."""
    if score is None or not math.isfinite(score.value):
        return math.nan
    middle = (score.low + score.high) / 2 if score.published is None else score.published
    if score.role == "control" or not math.isnan(width) or score.published is None:
        raw = max(score.value - score.high, 0.0) + min(score.value - score.low, 0.0)
        raw /= (score.high - score.low) / 4 if math.isnan(width) else width
    else:
        side = score.high - middle if score.value > middle else middle - score.low
        raw = (score.value - middle) / (side / 2 or (score.high - score.low) / 4)
    # HARD * sqrt(2 * (hypot - 1)), in a form that keeps its digits near 0, where slopes are taken too.
    return raw * math.sqrt(2.0 / (1.0 + math.hypot(1.0, raw / HARD)))
