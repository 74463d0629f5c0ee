"""Principal coordinates give back distances between points of a plane."""

from __future__ import annotations

import numpy as np
import pytest

from gutskin.ecology import distances, ordinate


def apart(points: np.ndarray) -> np.ndarray:
    return np.linalg.norm(points[:, None] - points[None], axis=2)


def test_points_of_a_plane_are_found_again_but_for_turning() -> None:
    points = np.random.default_rng(2).normal(size=(9, 2)) * [3.0, 1.0]
    found = ordinate(apart(points))
    assert found is not None
    assert apart(found.points) == pytest.approx(apart(points), abs=1e-6)
    assert found.explained.sum() == pytest.approx(1.0)
    assert found.explained[0] > found.explained[1]


def test_the_farthest_sample_of_an_axis_lies_on_the_positive_side() -> None:
    found = ordinate(apart(np.array([[0.0, 0.0], [1.0, 0.0], [-9.0, 0.0]])))
    assert found is not None
    first = found.points[:, 0]
    assert first[np.abs(first).argmax()] > 0
    assert found.points[:, 1] == pytest.approx(0.0, abs=1e-6)


def test_distances_that_are_not_euclidean_pass_without_a_warning() -> None:
    shares = np.random.default_rng(1).dirichlet([0.2] * 8, size=12)
    found = ordinate(distances(shares, "bray_curtis"))
    assert found is not None
    assert 0 < found.explained.sum() < 1


def test_two_samples_or_no_distance_give_no_picture() -> None:
    assert ordinate(apart(np.array([[0.0], [1.0]]))) is None
    assert ordinate(np.zeros((5, 5))) is None
