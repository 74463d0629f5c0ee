"""How well virtual people explain what was seen, and how many of them still count."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from gutskin.engine.outcome import Array

ENOUGH = 1e-3  # how close the search for a power comes, relative to it [1]
LEAST = 1e-12  # power that is none [1]


def misfit(shown: Array, values: Array, covariance: Array) -> Array:
    """Return minus the log likelihood (P,), but for a constant, of people who would show (M, P)."""
    root = np.linalg.cholesky(covariance)
    away = np.linalg.solve(root, values[:, None] - shown)
    return 0.5 * (away**2).sum(axis=0)


def weights(prior: Array, misfits: Array, temper: float = 1.0) -> Array:
    """Return weights (P,) that sum to one: prior times likelihood to the power of ``temper``.

    Who has no prior, or whose misfit is no number, has no weight at any power; one at least must have some.
    """
    log = np.full(prior.size, -np.inf)
    able = (prior > 0) & np.isfinite(misfits)
    log[able] = np.log(prior[able]) - temper * misfits[able]
    out = np.exp(log - log.max())
    return out / out.sum()


def effective(weight: Array) -> float:
    """Return the effective sample size: how many people of equal weight would tell as much."""
    return float(weight.sum() ** 2 / (weight**2).sum())


def temper(weigh: Callable[[float], Array], people: float) -> float:
    """Return the largest power of the likelihood, at most 1, that leaves so many effective people.

    ``weigh`` returns their weights (P,) at a power; 0 when there are too few at any power.
    """
    if effective(weigh(1.0)) >= people:
        return 1.0
    low, high = 0.0, 1.0
    while high - low > ENOUGH * high and high > LEAST:
        middle = 0.5 * (low + high)
        if effective(weigh(middle)) >= people:
            low = middle
        else:
            high = middle
    return low


def quantile(values: Array, weight: Array, levels: Array | float) -> Array:
    """Return weighted quantiles of values (P,) at levels in (0, 1); NaN when who counts has no value.

    A value stands in the middle of its weight, with straight lines between (Hazen's rule when all are even).
    """
    values, weight = values[weight > 0], weight[weight > 0]
    if np.isnan(values).any():
        return np.full(np.shape(levels), np.nan)
    order = np.argsort(values)
    sorted_, own = values[order], weight[order]
    at = np.cumsum(own) - 0.5 * own
    return np.interp(levels, at / own.sum(), sorted_)


def rank(values: Array, weight: Array, at: Array | float, tie: float = 0.5) -> Array:
    """Return which part [1] of weighted values (P,) lies below, with the part ``tie`` of what is equal."""
    order = np.argsort(values)
    sorted_, total = values[order], np.concatenate([[0.0], np.cumsum(weight[order])]) / weight.sum()
    low, high = np.searchsorted(sorted_, at, "left"), np.searchsorted(sorted_, at, "right")
    return total[low] + tie * (total[high] - total[low])


def resampled(weight: Array, count: int, seed: int) -> NDArray[np.int_]:
    """Return indices (count,) drawn with these weights, systematically: as even as whole numbers allow."""
    from gutskin.population import uniform

    marks = (np.arange(count) + uniform(seed, "resampled", 0, 1)[0]) / count
    at = np.searchsorted(np.cumsum(weight / weight.sum()), marks)
    return np.minimum(at, weight.size - 1)
