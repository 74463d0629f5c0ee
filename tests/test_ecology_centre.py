"""Centre: the distance of Mahalanobis and its parts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gutskin.ecology.centre import RIDGE, coordinates, distance, drivers, moments


def test_without_correlation_it_is_the_distance_in_spreads() -> None:
    covariance = np.diag([4.0 - RIDGE, 1.0 - RIDGE])
    assert distance(np.array([2.0, 2.0]), np.zeros(2), covariance) == pytest.approx(np.sqrt(1 + 4))
    assert drivers(np.array([2.0, 2.0]), np.zeros(2), covariance).tolist() == pytest.approx([0.2, 0.8])


def test_the_centre_has_no_distance_and_no_driver() -> None:
    mean = np.array([1.0, -1.0])
    assert distance(mean, mean, np.eye(2)) == 0
    assert drivers(mean, mean, np.eye(2)).tolist() == [0.0, 0.0]


def test_a_guild_that_nobody_differs_in_counts_no_more_than_a_spread_of_its_floor() -> None:
    shares = np.array([[0.5, 0.5, 0.0], [0.7, 0.3, 0.0], [0.2, 0.8, 0.0], [0.4, 0.6, 0.0]])
    mean, covariance = moments(coordinates(shares))
    assert np.isfinite(distance(coordinates(np.array([[0.3, 0.3, 0.4]]))[0], mean, covariance))


@given(st.integers(0, 10**6), st.permutations(range(5)))
def test_order_of_guilds_and_scale_of_shares_change_nothing(seed: int, order: list[int]) -> None:
    rng = np.random.default_rng(seed)
    people, own = rng.dirichlet([1.0] * 5, size=30), rng.dirichlet([1.0] * 5, size=1)
    there = distance(coordinates(7 * own)[0], *moments(coordinates(people)))
    again = distance(coordinates(own[:, order])[0], *moments(coordinates(people[:, order])))
    assert again == pytest.approx(there)
    assert drivers(coordinates(own)[0], *moments(coordinates(people))).sum() == pytest.approx(1.0)


def test_squared_distances_of_many_people_average_to_their_dimensions() -> None:
    """E of the square is the number of dimensions, here four of five centred log-ratios, less the ridge."""
    rng = np.random.default_rng(0)
    points = coordinates(np.exp(rng.normal(0, 3, size=(4000, 5))) + 1.0)
    mean, covariance = moments(points)
    squares = [distance(each, mean, covariance) ** 2 for each in points]
    assert np.mean(squares) == pytest.approx(4, rel=0.1)
