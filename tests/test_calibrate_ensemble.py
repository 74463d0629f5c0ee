"""The population: it draws together around the closed form, lives with failures, and is its seed's."""

from __future__ import annotations

import math
import runpy
from pathlib import Path

import numpy as np
import pytest

from gutskin.calibrate.ensemble import _updated, converge

made = runpy.run_path(str(Path(__file__).parent / "calibrating.py"))["made"]

MATRIX = np.array([[3.0, 1.0, 0.0], [0.0, 2.0, 0.0], [1.0, 1.0, 0.0]])
TARGET = np.array([2.0, -1.0, 1.5])
EXACT = np.linalg.solve(MATRIX.T @ MATRIX + np.eye(3), MATRIX.T @ TARGET)


def test_it_ends_at_the_least_loss_of_a_linear_problem() -> None:
    problem = made(lambda z: MATRIX @ z - TARGET, 3)
    (best,) = problem.points([EXACT])
    fit = converge(problem, seed=2)
    assert fit.point.loss - best.loss < 0.05
    assert fit.point.z == pytest.approx(EXACT, abs=0.25)


def test_the_population_draws_together_round_by_round() -> None:
    problem = made(lambda z: MATRIX @ z - TARGET, 3)
    converge(problem, members=60, rounds=6)
    rounds = [np.array(problem.asked[1 + 60 * k : 61 + 60 * k]) for k in range(6)]
    away = [np.linalg.norm(z.mean(axis=0) - EXACT) for z in rounds]
    wide = [z.std(axis=0) for z in rounds]
    assert away[-1] < 0.3 * away[0]
    assert all((after < before).all() for before, after in zip(wide, wide[2:], strict=False))


def test_one_assimilation_is_the_kalman_formula_for_a_large_population() -> None:
    """The mean goes to the posterior mean of a Gaussian whose data are the residuals and the prior's."""
    rng = np.random.default_rng(1)
    problem = made(lambda z: MATRIX @ z - TARGET, 3, low=-50.0, high=50.0)
    points = problem.points(list(rng.standard_normal((20_000, 3))))
    after = _updated(points, rng.standard_normal((20_000, 6)))
    told = MATRIX.T @ MATRIX + np.eye(3)
    assert after.mean(axis=0) == pytest.approx(np.linalg.solve(told + np.eye(3), MATRIX.T @ TARGET), abs=0.03)
    assert np.cov(after.T) == pytest.approx(np.linalg.inv(told + np.eye(3)), abs=0.02)


def test_what_is_not_smooth_is_found_too() -> None:
    """A staircase has no slopes anywhere."""
    problem = made(lambda z: [2 * (math.floor(8 * z[0]) / 8 - 1.0), math.floor(8 * z[1]) / 8 + 0.5], 2)
    fit = converge(problem)
    assert fit.point.z[0] == pytest.approx(0.85, abs=0.2)
    assert fit.point.loss < 0.5 * problem.start.loss


def test_members_that_fail_are_replaced_and_never_win() -> None:
    problem = made(lambda z: [3 * (z[0] - 0.5), math.nan if z[1] > 0.4 else z[1]], 2)
    said: list[str] = []
    fit = converge(problem, tell=said.append)
    assert math.isfinite(fit.point.loss)
    assert fit.point.z[0] == pytest.approx(0.45, abs=0.15)
    failed = [int(line.split()[-3]) for line in said]
    assert failed[0] > 10
    assert failed[-1] < failed[0] / 2


def test_when_nearly_all_fail_it_goes_back_to_where_runs_have_values() -> None:
    problem = made(lambda z: [z[0] - 0.05 if abs(z[0]) < 0.1 else math.nan], 1)
    fit = converge(problem, members=12)
    assert fit.point.loss <= problem.start.loss
    alive = [abs(float(z[0])) < 0.1 for z in problem.asked[-13:]]
    assert sum(alive) > 6


def test_it_is_never_worse_than_the_ledger_and_stays_in_bounds() -> None:
    problem = made(lambda z: [5 * z[0], 5 * z[1]], 2, low=-0.5, high=1.0)
    fit = converge(problem, members=8, rounds=2)
    assert fit.point.loss == 0.0
    assert all((z >= -0.5).all() and (z <= 1.0).all() for z in problem.asked)


def test_the_seed_says_everything() -> None:
    def asked(seed: int) -> bytes:
        problem = made(lambda z: MATRIX @ z - TARGET, 3)
        converge(problem, members=10, rounds=3, seed=seed)
        return np.array(problem.asked).tobytes()

    assert asked(4) == asked(4)
    assert asked(4) != asked(5)
