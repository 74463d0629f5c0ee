"""Outside: decades beyond a range, counted and named."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gutskin.ecology.beta import ZERO
from gutskin.ecology.outside import bounds, decades, deviations, index

LOW, HIGH = np.array([0.1, 0.1, 0.0]), np.array([0.2, 0.2, 0.0])


def test_inside_is_nothing_and_tenfold_is_a_decade() -> None:
    far = decades(np.array([0.15, 10 * (0.2 + ZERO) - ZERO, 9 * ZERO]), LOW, HIGH)
    assert far.tolist() == pytest.approx([0.0, 1.0, 1.0])
    far = decades(np.array([(0.1 + ZERO) / 10 - ZERO, 0.1, 0.0]), LOW, HIGH)
    assert far.tolist() == pytest.approx([-1.0, 0.0, 0.0])
    assert index(far) == pytest.approx(1.0)


def test_deviations_are_named_farthest_first_and_trifles_are_not() -> None:
    found = deviations(("a", "b", "c"), np.array([0.21, 0.01, 0.05]), LOW, HIGH)
    assert [each.name for each in found] == ["c", "b"]
    assert found[1].decades < 0 < found[0].decades


@given(st.lists(st.floats(0, 1), min_size=3, max_size=3), st.permutations(range(3)))
def test_order_changes_nothing_and_moving_away_never_lowers_the_index(
    shares: list[float], order: list[int]
) -> None:
    own = np.array(shares)
    total = index(decades(own, LOW, HIGH))
    assert index(decades(own[order], LOW[order], HIGH[order])) == pytest.approx(total)
    more = np.where(own > HIGH, own * 2, own)
    assert index(decades(more, LOW, HIGH)) >= total - 1e-12


def test_bounds_are_quantiles_over_people() -> None:
    low, high = bounds(np.linspace(0, 1, 101)[:, None])
    assert (low[0], high[0]) == pytest.approx((0.05, 0.95))
