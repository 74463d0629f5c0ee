"""Elementary effects per standard deviation against functions whose effects are known."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gutskin.drivers.morris import WIDE, morris
from gutskin.errors import InputError


@settings(max_examples=20, deadline=None)
@given(st.lists(st.floats(-9.0, 9.0).filter(lambda c: abs(c) > 0.01), min_size=2, max_size=7))
def test_what_adds_up_has_its_slopes_and_no_sigma(slopes: list[float]) -> None:
    found = morris([str(k) for k in range(len(slopes))], lambda z: z @ np.array(slopes), 6)
    sizes = [each.mu_star for each in found.effects]
    assert sizes == sorted(sizes, reverse=True)
    for each in found.effects:
        slope = slopes[int(each.name)]
        assert each.mu_star == pytest.approx(abs(slope))
        assert each.mu == pytest.approx(slope)
        assert each.sigma == pytest.approx(0.0, abs=1e-9)


def test_a_product_has_a_sigma_and_no_mean_effect() -> None:
    """d(xy)/dx = y, which is one of four levels from -2 to 2 and whose size is 4/3 on average."""
    found = morris(["x", "y", "z"], lambda z: z[:, 0] * z[:, 1] + 5 * z[:, 2], 4000)
    x = next(each for each in found.effects if each.name == "x")
    assert x.mu == pytest.approx(0.0, abs=0.1)
    assert x.mu_star == pytest.approx(4 / 3, rel=0.05)
    assert x.sigma == pytest.approx(math.sqrt((4 + 4 / 9) / 2), rel=0.05)


def test_a_group_has_a_size_and_no_direction() -> None:
    found = morris(["a", "a", "b"], lambda z: 3 * z[:, 0] + z[:, 2], 50)
    assert [(each.name, each.numbers) for each in found.effects] == [("a", 2), ("b", 1)]
    assert found.effects[0].mu_star == pytest.approx(3.0)
    assert math.isnan(found.effects[0].mu)
    assert math.isnan(found.effects[0].sigma)


def test_ways_stay_within_the_range() -> None:
    seen: list[np.ndarray] = []

    def watched(z: np.ndarray) -> np.ndarray:
        seen.append(z)
        return z.sum(axis=1)

    morris(["a", "b"], watched, 5)
    assert np.abs(seen[0]).max() <= WIDE
    assert seen[0].shape == (15, 2)


def test_a_way_that_lost_a_run_is_left_out_whole() -> None:
    def holed(z: np.ndarray) -> np.ndarray:
        values = z[:, 0] + 2 * z[:, 1]
        values[4] = np.nan
        return values

    found = morris(["a", "b"], holed, 10)
    assert found.dropped == 1
    assert [each.mu_star for each in found.effects] == pytest.approx([2.0, 1.0])
    with pytest.raises(InputError, match="E434 1 of 9"):
        morris(["a", "b"], holed, 9)


def test_same_seed_same_effects() -> None:
    def bent(z: np.ndarray) -> np.ndarray:
        return z[:, 0] ** 2 + z[:, 1]

    assert morris(["a", "b"], bent, 9, 2) == morris(["a", "b"], bent, 9, 2)
    assert morris(["a", "b"], bent, 9, 2) != morris(["a", "b"], bent, 9, 3)


def test_what_says_nothing_is_refused() -> None:
    with pytest.raises(InputError, match="E433"):
        morris(["a"], lambda z: z[:, 0], 3)
    with pytest.raises(InputError, match="E435"):
        morris(["a"], lambda z: 0 * z[:, 0], 4)
