"""Sobol indices through our wrapper against functions whose indices are known."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gutskin.drivers.sobol import Index, Sobol, check_size, sobol
from gutskin.errors import InputError


def ishigami(cube: np.ndarray) -> np.ndarray:
    x = np.pi * (2 * cube - 1)
    return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


def g_function(weights: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    def value(cube: np.ndarray) -> np.ndarray:
        return np.prod((np.abs(4 * cube - 2) + weights) / (1 + weights), axis=1)

    return value


def of(found: Sobol, name: str) -> Index:
    return next(each for each in found.indices if each.name == name)


def test_ishigami() -> None:
    """Sobol and Levitan 1999: V1 = (1 + 0.1 pi^4 / 5)^2 / 2, V2 = 49 / 8, V13 = 0.01 pi^8 (1/18 - 1/50)."""
    first, second = (1 + 0.1 * math.pi**4 / 5) ** 2 / 2, 49 / 8
    both = 0.01 * math.pi**8 * (1 / 18 - 1 / 50)
    total = first + second + both
    found = sobol(["a", "b", "c"], ishigami, 4096)
    assert found.sd**2 == pytest.approx(total, rel=0.03)
    assert found.mean == pytest.approx(3.5, abs=0.1)
    for name, one, whole in (("a", first, first + both), ("b", second, second), ("c", 0.0, both)):
        assert of(found, name).first == pytest.approx(one / total, abs=0.03)
        assert of(found, name).total == pytest.approx(whole / total, abs=0.03)
        assert abs(of(found, name).total - whole / total) < 2 * of(found, name).total_half


def test_groups_of_the_g_function_have_the_closed_index_of_the_group() -> None:
    weights = np.array([0.0, 1.0, 4.5, 9.0, 99.0, 99.0])
    groups = ["near", "far", "near", "far", "rest", "rest"]
    parts = 1 / (3 * (1 + weights) ** 2)
    whole = np.prod(1 + parts) - 1
    found = sobol(groups, g_function(weights), 4096)
    assert [(each.name, each.numbers) for each in found.indices] == [("near", 2), ("far", 2), ("rest", 2)]
    for name in ("near", "far", "rest"):
        inside = np.array([each == name for each in groups])
        closed = (np.prod(1 + parts[inside]) - 1) / whole
        others = (np.prod(1 + parts[~inside]) - 1) / whole
        assert of(found, name).first == pytest.approx(closed, abs=0.03)
        assert of(found, name).total == pytest.approx(1 - others, abs=0.03)


@settings(max_examples=10, deadline=None)
@given(st.lists(st.floats(0.2, 5.0), min_size=2, max_size=6))
def test_what_adds_up_has_shares_that_sum_to_one(slopes: list[float]) -> None:
    found = sobol([str(k) for k in range(len(slopes))], lambda cube: cube @ np.array(slopes), 1024)
    shares = np.array(slopes) ** 2 / np.sum(np.square(slopes))
    assert [each.total for each in found.indices] == pytest.approx(shares, abs=0.01)
    assert sum(each.total for each in found.indices) == pytest.approx(1.0, abs=0.01)


def test_same_seed_same_indices_and_another_seed_others() -> None:
    assert sobol(["a", "b", "c"], ishigami, 64, 3) == sobol(["a", "b", "c"], ishigami, 64, 3)
    assert sobol(["a", "b", "c"], ishigami, 64, 3) != sobol(["a", "b", "c"], ishigami, 64, 4)


def test_a_base_sample_that_lost_a_run_is_left_out_whole() -> None:
    def holed(cube: np.ndarray) -> np.ndarray:
        values = ishigami(cube)
        values[[7, 8, 501]] = np.nan  # rows of base samples 1, 1 and 100
        return values

    whole, found = sobol(["a", "b", "c"], ishigami, 256), sobol(["a", "b", "c"], holed, 256)
    assert (whole.dropped, found.dropped) == (0, 2)
    assert of(found, "a").total == pytest.approx(of(whole, "a").total, abs=0.05)
    assert math.isfinite(found.sd)


def test_too_many_lost_runs_are_refused() -> None:
    def holed(cube: np.ndarray) -> np.ndarray:
        values = cube[:, 0].copy()
        values[: 4 * 7 : 4] = np.nan  # 7 of 64
        return values

    with pytest.raises(InputError, match="E434 7 of 64"):
        sobol(["a", "b"], holed, 64)


def test_an_answer_that_never_changes_is_refused_not_divided_by() -> None:
    with pytest.raises(InputError, match="E435"):
        sobol(["a", "b"], lambda cube: np.full(len(cube), 3.0), 8)


@pytest.mark.parametrize("size", [0, 1, 4, 100, -8])
def test_a_size_that_spoils_the_sequence_is_refused(size: int) -> None:
    with pytest.raises(InputError, match="E433"):
        check_size(size)


def test_numbers_stay_inside_the_cube_and_nothing_warns() -> None:
    seen = []

    def watched(cube: np.ndarray) -> np.ndarray:
        seen.append((cube.min(), cube.max(), cube.shape))
        return cube.sum(axis=1)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sobol(["a", "a", "b"], watched, 8)
    ((low, high, shape),) = seen
    assert 0 < low < high < 1
    assert shape == (8 * 4, 3)
