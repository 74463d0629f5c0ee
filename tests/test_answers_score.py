"""Scores of forecasts against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from gutskin.answers.score import crps, inside


@pytest.mark.parametrize("value", [-1.0, 0.0, 2.5])
def test_crps_of_a_normal_law(value: float) -> None:
    members = norm.ppf((np.arange(4000) + 0.5) / 4000)
    exact = value * (2 * norm.cdf(value) - 1) + 2 * norm.pdf(value) - 1 / np.sqrt(np.pi)
    assert crps(members, value) == pytest.approx(exact, abs=2e-3)


def test_crps_of_one_member_is_the_error() -> None:
    assert crps(np.array([3.0]), 1.0) == 2.0


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=30), st.floats(-5, 5), st.floats(-5, 5))
def test_crps_moves_with_both_and_is_never_negative(members: list[float], value: float, by: float) -> None:
    got = crps(np.array(members), value)
    assert got >= -1e-12
    assert crps(np.array(members) + by, value + by) == pytest.approx(got, abs=1e-9)


def test_inside_is_the_middle_of_the_members() -> None:
    members = np.linspace(0.0, 1.0, 101)
    assert inside(members, 0.06)
    assert not inside(members, 0.04)
    assert not inside(members, 0.96)
