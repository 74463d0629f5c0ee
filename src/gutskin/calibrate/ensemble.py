"""Ensemble Kalman inversion: a population that needs no derivatives, for what is not smooth.

Iglesias, Law and Stuart (2013), Ensemble Kalman methods for inverse problems,
doi:10.1088/0266-5611/29/4/045001, with the ledger as prior: Chada, Stuart and Tong (2020), Tikhonov
regularization within ensemble Kalman inversion, doi:10.1137/19M1242331. The distances from the ledger are
residuals like the others, so that the population draws together around the least loss.
"""

from __future__ import annotations

import numpy as np

from gutskin.calibrate.least_squares import Fit, Tell
from gutskin.calibrate.problem import Point, Problem
from gutskin.engine.outcome import Array
from gutskin.population import uniform

FEWEST = 3  # members with values that make a covariance


def _normal(seed: int, stream: str, count: int) -> Array:
    from scipy.special import ndtri

    return ndtri(uniform(seed, stream, 0, count))


def converge(
    problem: Problem, *, members: int = 64, rounds: int = 8, seed: int = 1, tell: Tell | None = None
) -> Fit:
    """Return the best point that a population of ``members`` finds in ``rounds``.

    The ledger's own numbers are one member. One whose runs fail is put between two others; when nearly all
    fail they move half the way to the ledger.
    """
    z = np.array([_normal(seed, f"member {knob.row.row}", members) for knob in problem.knobs]).T
    z = np.clip(z, problem.low, problem.high)
    z[0] = 0.0
    best = problem.start
    for turn in range(rounds):
        points = problem.points(list(z))
        best = min([best, *points], key=lambda point: point.loss)
        if tell:
            failed = sum(not np.isfinite(point.loss) for point in points)
            tell(f"round {turn + 1} of {rounds}: best loss {best.loss:.4f}, {failed} members failed")
        noise = _normal(seed, f"noise {turn}", z.shape[0] * (best.residuals.size + z.shape[1]))
        z = np.clip(_updated(points, noise.reshape(z.shape[0], -1)), problem.low, problem.high)
    last = problem.points([z.mean(axis=0)])[0]
    best = last if last.loss < best.loss else best
    return Fit(best, rounds, f"{rounds} rounds of {members} members")


def _updated(points: list[Point], noise: Array) -> Array:
    """Return the members after one assimilation of all residuals, each with noise (M, R + N) of its own."""
    z = np.array([point.z for point in points])
    r = np.array([np.append(point.residuals, point.z) for point in points])
    alive = np.isfinite(r).all(axis=1)
    if alive.sum() < FEWEST:
        return np.where(alive[:, None], z, z / 2)
    dz, dr = z[alive] - z[alive].mean(axis=0), r[alive] - r[alive].mean(axis=0)
    cross, own = dz.T @ dr / (alive.sum() - 1), dr.T @ dr / (alive.sum() - 1)
    gain = np.linalg.solve(own + np.eye(own.shape[0]), cross.T).T
    out = z.copy()
    out[alive] = z[alive] - (r[alive] + noise[alive]) @ gain.T
    kept = out[alive]
    for k in np.flatnonzero(~alive):
        out[k] = (kept[k % len(kept)] + kept[(k + 1) % len(kept)]) / 2
    return out
