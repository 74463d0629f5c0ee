"""Ordination: distances between samples laid out in a plane by principal coordinates."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

from gutskin.ecology.composition import Array

FEWEST = 3  # samples; two lie on a line whatever they are


@dataclass(frozen=True, eq=False)
class Ordination:
    """Places of samples on principal coordinates.

    ``points`` has the shape ``(samples, axes)`` in the unit of the distance; ``explained`` is the share of
    the positive spread that each axis shows [1].
    """

    points: Array
    explained: Array


def ordinate(distances: Array, axes: int = 2) -> Ordination | None:
    """Return principal coordinates of distances; none for fewer than three samples or no distance at all.

    The side of an axis means nothing: each is turned so that its farthest sample lies on the positive side.
    """
    if len(distances) < FEWEST or not distances.any():
        return None
    from skbio import DistanceMatrix
    from skbio.stats.ordination import pcoa

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # distances that are not Euclidean have such roots
        found = pcoa(DistanceMatrix(distances))
    points = np.zeros((len(distances), axes))
    placed = np.asarray(found.samples, dtype=float)[:, :axes]
    points[:, : placed.shape[1]] = placed
    roots = np.maximum(np.asarray(found.eigvals, dtype=float), 0.0)
    farthest = np.take_along_axis(points, np.abs(points).argmax(axis=0)[None], axis=0)
    explained = np.zeros(axes)
    explained[: min(axes, roots.size)] = (roots / roots.sum())[:axes]
    return Ordination(points * np.where(farthest < 0, -1.0, 1.0), explained)
