"""How well virtual people explain what was seen, and how many of them still count."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gutskin.engine.outcome import Array

ENOUGH = 1e-3  # how close the search for a temper comes to the people asked for [1]


def misfit(shown: Array, values: Array, covariance: Array) -> Array:
    """Return minus the log likelihood (P,), but for a constant, of people who would show (M, P)."""
    root = np.linalg.cholesky(covariance)
    away = np.linalg.solve(root, values[:, None] - shown)
    return 0.5 * (away**2).sum(axis=0)


def weights(prior: Array, misfits: Array, temper: float = 1.0) -> Array:
    """Return weights (P,) that sum to one: prior times likelihood to the power of ``temper``."""
    log = np.log(prior) - temper * misfits
    out = np.exp(log - log.max())
    return out / out.sum()


def effective(weight: Array) -> float:
    """Return the effective sample size: how many people of equal weight would tell as much."""
    return float(weight.sum() ** 2 / (weight**2).sum())


def temper(prior: Array, misfits: Array, people: float) -> float:
    """Return the largest power of the likelihood, at most 1, that leaves so many effective people."""
    if effective(weights(prior, misfits)) >= people:
        return 1.0
    low, high = 0.0, 1.0
    while high - low > ENOUGH * high:
        middle = 0.5 * (low + high)
        if effective(weights(prior, misfits, middle)) >= people:
            low = middle
        else:
            high = middle
    return low


def quantile(values: Array, weight: Array, levels: Array | float) -> Array:
    """Return weighted quantiles of values (P,) at levels in (0, 1)."""
    order = np.argsort(values)
    sorted_, own = values[order], weight[order]
    at = np.cumsum(own) - 0.5 * own
    return np.interp(levels, at / own.sum(), sorted_)


def rank(values: Array, weight: Array, at: Array | float) -> Array:
    """Return which part [1] of weighted values (P,) lies below, a value that is there counting half."""
    order = np.argsort(values)
    sorted_, total = values[order], np.concatenate([[0.0], np.cumsum(weight[order])]) / weight.sum()
    low, high = np.searchsorted(sorted_, at, "left"), np.searchsorted(sorted_, at, "right")
    return 0.5 * (total[low] + total[high])


def resampled(weight: Array, count: int, seed: int) -> NDArray[np.int_]:
    """Return indices (count,) drawn with these weights, systematically: as even as whole numbers allow."""
    from gutskin.population import uniform

    marks = (np.arange(count) + uniform(seed, "resampled", 0, 1)[0]) / count
    at = np.searchsorted(np.cumsum(weight / weight.sum()), marks)
    return np.minimum(at, weight.size - 1)
