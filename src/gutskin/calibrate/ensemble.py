"""Ensemble Kalman inversion: a population that needs no derivatives, for what is not smooth.

Iglesias, Law and Stuart (2013), Ensemble Kalman methods for inverse problems, with the ledger as prior
(Chada, Stuart and Tong 2020, Tikhonov regularization within ensemble Kalman inversion).
"""

from __future__ import annotations

import numpy as np

from gutskin.calibrate.least_squares import Fit, Tell
from gutskin.calibrate.problem import Point, Problem
from gutskin.engine.outcome import Array
from gutskin.population import uniform


def _normal(seed: int, stream: str, count: int) -> Array:
    from scipy.special import ndtri

    return ndtri(uniform(seed, stream, 0, count))


def converge(
    problem: Problem, *, members: int = 64, rounds: int = 8, seed: int = 1, tell: Tell | None = None
) -> Fit:
    """Return the best point that a population of ``members`` finds in ``rounds``.

    Members whose runs fail are drawn anew between two others. The ledger's own numbers are one member.
    """
    z = np.array([_normal(seed, f"member {knob.row.row}", members) for knob in problem.knobs]).T
    z[0] = 0.0
    z = np.clip(z, problem.low, problem.high)
    best: Point | None = None
    for turn in range(rounds):
        points = problem.points(list(z))
        here = min(points, key=lambda point: point.loss)
        best = here if best is None or here.loss < best.loss else best
        if tell:
            tell(f"round {turn + 1} of {rounds}: best loss {best.loss:.4f}")
        if turn < rounds - 1:
            z = np.clip(_updated(points, rounds, f"{seed} {turn}", seed), problem.low, problem.high)
    assert best is not None
    last = problem.points([z.mean(axis=0)])[0]
    best = last if last.loss < best.loss else best
    return Fit(problem.point(best.z), rounds, f"{rounds} rounds of {members} members")


def _updated(points: list[Point], rounds: int, stream: str, seed: int) -> Array:
    """Return the members after one assimilation of all residuals, each with noise of its own."""
    z = np.array([point.z for point in points])
    r = np.array([np.append(point.residuals, point.z) for point in points])
    alive = np.isfinite(r).all(axis=1)
    if alive.sum() < 3:
        return z
    dz, dr = z[alive] - z[alive].mean(axis=0), r[alive] - r[alive].mean(axis=0)
    cross, own = dz.T @ dr / (alive.sum() - 1), dr.T @ dr / (alive.sum() - 1)
    gain = np.linalg.solve(own + rounds * np.eye(own.shape[0]), cross.T).T
    noise = np.sqrt(rounds) * _normal(seed, f"noise {stream}", r[alive].size).reshape(r[alive].shape)
    out = z.copy()
    out[alive] = z[alive] - (r[alive] + noise) @ gain.T
    kept = out[alive]
    for k in np.flatnonzero(~alive):
        out[k] = (kept[k % len(kept)] + kept[(k + 1) % len(kept)]) / 2
    return out
