"""Centre: how far the guilds of a sample lie from the centre of reference people (Mahalanobis)."""

from __future__ import annotations

import numpy as np

from gutskin.ecology.beta import centred
from gutskin.ecology.composition import Array

# Added to the variance of every guild [ln squared]: a spread of at least 1.4-fold, so that a guild that
# hardly varies among reference people does not outweigh the others.
RIDGE = (0.5 * np.log(2.0)) ** 2


def coordinates(shares: Array) -> Array:
    """Return centred log-ratios [ln] of guild shares [1] of shape ``(samples, guilds)``."""
    return centred(shares / shares.sum(axis=-1, keepdims=True))


def moments(points: Array) -> tuple[Array, Array]:
    """Return mean [ln] and covariance [ln squared] over people of coordinates ``(people, guilds)``."""
    return points.mean(axis=0), np.atleast_2d(np.cov(points, rowvar=False))


def distance(point: Array, mean: Array, covariance: Array) -> float:
    """Return the distance of a point from the centre, in spreads of the reference people [1]."""
    return float(np.sqrt(max(_parts(point, mean, covariance).sum(), 0.0)))


def drivers(point: Array, mean: Array, covariance: Array) -> Array:
    """Return the share of each guild in the squared distance [1]; below 0 where it leads to the centre."""
    parts = _parts(point, mean, covariance)
    total = float(parts.sum())
    return parts / total if total > 0 else parts


def _parts(point: Array, mean: Array, covariance: Array) -> Array:
    away = point - mean
    return np.asarray(away * np.linalg.solve(covariance + RIDGE * np.eye(len(mean)), away))
