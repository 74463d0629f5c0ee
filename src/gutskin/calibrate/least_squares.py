"""Levenberg-Marquardt on standardised residuals, with several dampings tried side by side.

Moré (1978), The Levenberg-Marquardt algorithm: implementation and theory, doi:10.1007/BFb0067700. Between
fresh slopes the last ones are kept up by the steps themselves: Broyden (1965), A class of methods for
solving nonlinear simultaneous equations, doi:10.1090/S0025-5718-1965-0198670-6.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from gutskin.calibrate.problem import Point, Problem
from gutskin.engine.outcome import Array
from gutskin.population import uniform

DAMPINGS = (0.05, 1.0, 20.0)  # of the last one
SMALL = 1e-3  # a step below this [standard deviations] is the end
GAIN = 1e-3  # so is a fall of the loss by less than this share of it, or of 1
POOR = 0.25  # share of the promised fall below which slopes are taken afresh,
WRONG = 0.1  # of those residuals first that they got wrong by more than this
SLOW = 0.01  # of what a start lacks to the best one: a step that gains less gives it up
START, LEAST, LARGEST = 1e-2, 1e-6, 1e8
NEARER = 4  # times that a start without a value is moved half the way to the ledger
LOST, STOPPED = "no value where it began", "stopped after {} steps"
GIVEN_UP, ENDED = "given up: another start is deeper", ("converged", "steps gain next to nothing")

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Fit:
    """Where a search ended; ``steps`` accepted, ``why`` it ended, ``done`` unless it was lost or stopped."""

    point: Point
    steps: int
    why: str
    done: bool = True


def descend(
    problem: Problem,
    begin: Point,
    *,
    free: Sequence[int] | None = None,
    limit: int = 30,
    beat: float = math.inf,
    tell: Tell | None = None,
) -> Fit:
    """Return the nearest minimum of the loss.

    Parameters
    ----------
    problem
        What is minimised.
    begin
        Where to start from.
    free
        Coordinates that move; all by default.
    limit
        Of accepted steps.
    beat
        A loss that another descent has reached; this one is given up when it comes nearer too slowly.
    tell
        Gets a line of text for every step.
    """
    if not np.isfinite(begin.loss):
        return Fit(begin, 0, LOST, done=False)
    along = np.arange(len(problem.knobs)) if free is None else np.asarray(free, int)
    here, damping, fresh, step = problem.sloped(begin, along.tolist()), START, True, 0
    missed = np.zeros(here.residuals.size)
    while step < limit:
        tried = [d * damping for d in DAMPINGS]
        points = problem.points([_proposed(problem, here, along, d) for d in tried])
        there = points[best := int(np.argmin([point.loss for point in points]))]
        gained, settled = here.loss - there.loss, False
        if gained > 0:
            step, damping = step + 1, max(tried[best], LEAST)
            moved = float(np.abs(there.z - here.z).max())
            if tell:
                tell(f"step {step}: loss {there.loss:.4f}, largest move {moved:.3f} sd")
            settled = moved < SMALL or gained < GAIN * max(here.loss, 1.0)
            given_up = gained < SLOW * (there.loss - beat)
            if given_up or (settled and fresh):
                return Fit(there, step, GIVEN_UP if given_up else ENDED[damping > 1], done=not given_up)
            good = not settled and gained > POOR * _promised(here, there)
            missed += np.abs(_miss(here, there))
            here, fresh = _followed(here, there), False
            if good:
                continue
        elif fresh:
            damping *= 1000.0
            if damping > LARGEST:
                return Fit(here, step, "no step goes further down")
            continue
        here, fresh = _renewed(problem, here, along, missed, settled)
    return Fit(here, limit, STOPPED.format(limit), done=False)


def _renewed(problem: Problem, here: Point, along: Array, missed: Array, settled: bool) -> tuple[Point, bool]:
    """Return a point with slopes taken afresh, and whether all: those that missed, all when none did."""
    wrong = np.flatnonzero(missed > WRONG)
    every = settled or not wrong.size
    missed[slice(None) if every else wrong] = 0.0
    return problem.sloped(here, along.tolist(), () if every else wrong.tolist()), every


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


def _promised(here: Point, there: Point) -> float:
    """Return by how much the loss would fall if residuals were linear."""
    assert here.slopes is not None
    linear = replace(there, residuals=here.residuals + here.slopes @ (there.z - here.z))
    return here.loss - linear.loss


def _miss(here: Point, there: Point) -> Array:
    """Return by how much residuals are not what the slopes said."""
    assert here.slopes is not None
    return there.residuals - here.residuals - here.slopes @ (there.z - here.z)


def _followed(here: Point, there: Point) -> Point:
    """Return a point with the slopes of the one before, corrected along the step that was made."""
    move = there.z - here.z
    slopes = here.slopes + np.outer(_miss(here, there), move) / (move @ move)
    return replace(there, slopes=slopes, unknown=here.unknown)


def search(
    problem: Problem, *, starts: int = 3, seed: int = 1, limit: int = 30, tell: Tell | None = None
) -> list[Fit]:
    """Return the ends of descents from the ledger's numbers and from ``starts - 1`` draws, best first."""
    fits: list[Fit] = []
    for k, begin in enumerate(_begins(problem, starts, seed)):
        if tell:
            tell(f"start {k + 1} of {starts}: loss {begin.loss:.4f}")
        best = min((fit.point.loss for fit in fits), default=math.inf)
        fits.append(descend(problem, begin, limit=limit, beat=best, tell=tell))
    return sorted(fits, key=lambda fit: fit.point.loss)


def _begins(problem: Problem, starts: int, seed: int) -> list[Point]:
    """Return the ledger's point and draws from its spreads; a draw without a value is taken nearer."""
    from scipy.special import ndtri

    draws = [ndtri(uniform(seed, f"start {knob.row.row}", 0, starts)) for knob in problem.knobs]
    out = [problem.start]
    for k in range(starts - 1):
        z = np.clip(np.array([each[k] for each in draws]), problem.low, problem.high)
        for nearer in range(NEARER + 1):
            point = problem.points([z / 2**nearer])[0]
            if np.isfinite(point.loss):
                break
        out.append(point)
    return out
