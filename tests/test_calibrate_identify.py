"""Narrowing and profiles against closed forms of linear problems with Gaussian noise."""

from __future__ import annotations

import math
import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as rules
from hypothesis import strategies as st

from gutskin.calibrate.identify import RISE, narrowing, profile
from gutskin.calibrate.least_squares import descend

made = runpy.run_path(str(Path(__file__).parent / "calibrating.py"))["made"]


def best_of(problem: Any) -> Any:
    return problem.sloped(descend(problem, problem.start).point)


def test_narrowing_of_a_linear_problem() -> None:
    """Data of 3, 4 and 0 standard deviations a unit along three axes that are turned in two of them."""
    turn = np.array([[0.6, 0.8, 0.0], [-0.8, 0.6, 0.0], [0.0, 0.0, 1.0]])
    matrix = np.diag([3.0, 4.0, 0.0]) @ turn
    problem = made(lambda z: matrix @ z, 3)
    told = narrowing(problem.sloped(problem.start))
    assert told.eigenvalues == pytest.approx([16.0, 9.0, 0.0], abs=1e-4)
    assert told.informed == 2
    left = [math.sqrt(0.36 / 10 + 0.64 / 17), math.sqrt(0.64 / 10 + 0.36 / 17), 1.0]
    assert told.left == pytest.approx(left, rel=1e-4)


@rules(deadline=None, max_examples=25)
@given(st.floats(0.9, 60.0), st.floats(-1.5, 1.5))
def test_limits_of_one_number_are_those_of_the_closed_form(sharp: float, middle: float) -> None:
    """The least misfit is at the data's own number, not at the best point, which the prior pulls to 0."""
    problem = made(lambda z: [sharp * (z[0] - middle)], 1, low=-6.0, high=6.0)
    found = profile(problem, best_of(problem), 0)
    half = math.sqrt(2 * RISE) / sharp
    assert found.verdict == "identified"
    assert found.low == pytest.approx(middle - half, abs=0.02 * half + 1e-6)
    assert found.high == pytest.approx(middle + half, abs=0.02 * half + 1e-6)
    assert list(found.z) == sorted(found.z)
    assert min(found.rise) == 0.0


def test_limits_when_another_number_follows() -> None:
    """Data that know mostly the sum of two: the limits are the wide ones, not those at a fixed other."""
    matrix = np.array([[8.0, 8.0], [2.0, -1.0]])
    problem = made(lambda z: matrix @ z, 2, low=-9.0, high=9.0)
    found = profile(problem, best_of(problem), 0)
    told = matrix.T @ matrix + np.diag([0.0, 1.0])  # the prior of the other counts, its own does not
    half = math.sqrt(2 * RISE * np.linalg.inv(told)[0, 0])
    assert found.verdict == "identified"
    assert [found.low, found.high] == pytest.approx([-half, half], rel=0.05)
    assert half > 2 * math.sqrt(2 * RISE / (matrix.T @ matrix)[0, 0])


def test_a_number_without_effect_is_not_identified() -> None:
    problem = made(lambda z: [5 * (z[0] - 0.3)], 2)
    found = profile(problem, best_of(problem), 1)
    assert (found.verdict, found.low, found.high) == ("not identified", None, None)
    assert found.z[0] == -3.0
    assert found.z[-1] == 3.0


@pytest.mark.parametrize(("sign", "said"), [(1.0, "a lower"), (-1.0, "an upper")])
def test_a_number_that_saturates_is_one_sided(sign: float, said: str) -> None:
    def full(x: float) -> float:
        return 1.0 / (1.0 + math.exp(-4.0 * sign * x))

    problem = made(lambda z: [6.0 * (full(z[0]) - 0.9), 0.0], 2)
    found = profile(problem, best_of(problem), 0)
    assert found.verdict == f"one-sided: only {said} limit"
    # 6 * (full - 0.9) = -sqrt(2 * 1.92): half full is 0.9 - 1.96 / 6
    share = 0.9 - math.sqrt(2 * RISE) / 6.0
    limit = math.log(share / (1 - share)) / 4.0 * sign
    assert (found.low if sign > 0 else found.high) == pytest.approx(limit, abs=0.03)


def test_a_profile_is_refused_when_the_others_cannot_follow() -> None:
    problem = made(lambda z: [2 * (z[0] - z[1]), math.nan if z[0] > 1.0 else 0.1 * z[1]], 2)
    found = profile(problem, best_of(problem), 0)
    assert found.verdict.startswith("refused: the others could not be fitted at +")


def test_a_profile_is_refused_when_a_fit_did_not_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """A misfit that could still fall would make the limits too narrow."""
    monkeypatch.setattr("gutskin.calibrate.identify.STEPS", 1)
    problem = made(lambda z: [10 * (z[1] - z[0] ** 2), 2 * (1 - z[0])], 2)
    found = profile(problem, best_of(problem), 0)
    assert found.verdict.startswith("refused")


def test_a_number_alone_has_nobody_to_follow_it() -> None:
    problem = made(lambda z: [math.nan if z[0] < -0.2 else 10 * z[0]], 1)
    found = profile(problem, best_of(problem), 0)
    assert found.verdict.startswith("refused") or found.low == pytest.approx(-0.196, abs=0.01)


def test_a_bound_of_the_spread_is_no_limit() -> None:
    problem = made(lambda z: [4 * (z[0] - 1.0)], 1, low=0.8, high=3.0)
    problem.start = problem.points([np.array([0.8])])[0]
    found = profile(problem, best_of(problem), 0)
    assert found.verdict == "one-sided: only an upper limit"
    assert found.high == pytest.approx(1.0 + 1.96 / 4, abs=0.01)
