"""Levenberg-Marquardt on standardised residuals, with several dampings tried side by side.

More (1978), The Levenberg-Marquardt algorithm: implementation and theory.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from gutskin.calibrate.problem import Point, Problem
from gutskin.engine.outcome import Array
from gutskin.population import uniform

DAMPINGS = (0.1, 1.0, 10.0, 100.0)  # of the last one
SMALL = 1e-3  # a step below this [standard deviations] is the end
GAIN = 1e-4  # so is a fall of the loss by less than this share
START, LARGEST = 1e-2, 1e8

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Fit:
    """Where a search ended; ``steps`` accepted, ``why`` it ended."""

    point: Point
    steps: int
    why: str


def descend(
    problem: Problem,
    begin: Array,
    *,
    free: Sequence[int] | None = None,
    limit: int = 30,
    tell: Tell | None = None,
) -> Fit:
    """Return the nearest minimum of the loss.

    Parameters
    ----------
    problem
        What is minimised.
    begin
        Coordinates (N,) to start from.
    free
        Coordinates that move; all by default.
    limit
        Of accepted steps.
    tell
        Gets a line of text for every step.
    """
    along = np.arange(len(problem.knobs)) if free is None else np.asarray(free, int)
    here, damping = problem.point(np.clip(begin, problem.low, problem.high), list(along)), START
    if not np.isfinite(here.loss):
        return Fit(here, 0, "no value where it began")
    for step in range(limit):
        tried = [(d * damping, _proposed(problem, here, along, d * damping)) for d in DAMPINGS]
        points = problem.points([z for _, z in tried])
        best = int(np.argmin([point.loss for point in points]))
        if not points[best].loss < here.loss:
            damping *= 1000.0
            if damping > LARGEST:
                return Fit(here, step, "no step goes further down")
            continue
        moved = float(np.abs(points[best].z - here.z).max())
        gained = here.loss - points[best].loss
        damping = max(tried[best][0], 1e-6)
        if tell:
            tell(f"step {step + 1}: loss {points[best].loss:.4f}, largest move {moved:.3f} sd")
        if moved < SMALL or gained < GAIN * here.loss:
            last = problem.point(points[best].z, list(along))
            return Fit(last if last.loss < here.loss else here, step + 1, "converged")
        here = problem.point(points[best].z, list(along))
    return Fit(here, limit, f"stopped after {limit} steps")


def _proposed(problem: Problem, here: Point, along: Array, damping: float) -> Array:
    """Return where a damped step leads; coordinates that push against a bound stay there."""
    assert here.slopes is not None
    slopes = here.slopes[:, along]
    slope = slopes.T @ here.residuals + here.z[along]
    matrix = slopes.T @ slopes + np.eye(along.size)
    low, high = problem.low[along], problem.high[along]
    stuck = ((here.z[along] <= low) & (slope > 0)) | ((here.z[along] >= high) & (slope < 0))
    move = np.zeros(along.size)
    go = ~stuck
    part = matrix[np.ix_(go, go)]
    move[go] = -np.linalg.solve(part + damping * np.diag(np.diag(part)), slope[go])
    out = here.z.copy()
    out[along] = np.clip(out[along] + move, low, high)
    return out


def search(
    problem: Problem, *, starts: int = 3, seed: int = 1, limit: int = 30, tell: Tell | None = None
) -> list[Fit]:
    """Return the ends of descents from the ledger's numbers and from ``starts - 1`` draws, best first."""
    from scipy.special import ndtri

    begins = [np.zeros(len(problem.knobs))]
    draws = [uniform(seed, f"start {knob.row.row}", 0, max(starts - 1, 1)) for knob in problem.knobs]
    begins += [ndtri(np.array([each[k] for each in draws])) for k in range(starts - 1)]
    fits = []
    for k, begin in enumerate(begins):
        if tell:
            tell(f"start {k + 1} of {starts}")
        fits.append(descend(problem, begin, limit=limit, tell=tell))
    return sorted(fits, key=lambda fit: fit.point.loss)
