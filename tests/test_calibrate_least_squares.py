"""Descents on closed forms, on a valley that bends, at bounds, and where runs fail."""

from __future__ import annotations

import math
import runpy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as rules
from hypothesis import strategies as st

from gutskin.calibrate.least_squares import LOST, descend, search

made = runpy.run_path(str(Path(__file__).parent / "calibrating.py"))["made"]


@st.composite
def linear(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    rows, size = draw(st.integers(1, 6)), draw(st.integers(1, 4))
    number = st.floats(-5, 5, allow_subnormal=False)
    flat = draw(st.lists(number, min_size=rows * size, max_size=rows * size))
    target = draw(st.lists(number, min_size=rows, max_size=rows))
    return np.array(flat).reshape(rows, size), np.array(target)


@rules(deadline=None)
@given(linear())
def test_a_linear_problem_ends_at_its_closed_form(given: tuple[np.ndarray, np.ndarray]) -> None:
    matrix, target = given
    problem = made(lambda z: matrix @ z - target, matrix.shape[1], low=-100.0, high=100.0)
    fit = descend(problem, problem.start)
    exact = np.linalg.solve(matrix.T @ matrix + np.eye(matrix.shape[1]), matrix.T @ target)
    (best,) = problem.points([exact])
    assert fit.done
    assert best.loss <= fit.point.loss + 1e-9
    assert fit.point.loss - best.loss < 2e-3 * max(best.loss, 1.0)


def test_a_bending_valley_is_followed() -> None:
    """Rosenbrock's, around its prior: the end is where a dense grid has its least loss."""
    problem = made(lambda z: [10 * (z[1] - z[0] ** 2), 2 * (1 - z[0])], 2)
    fit = descend(problem, problem.points([np.array([-1.2, 1.0])])[0], limit=60)
    grid = [np.array([x, x * x * w]) for x in np.linspace(0, 1.5, 301) for w in np.linspace(0.9, 1.1, 81)]
    least = min(point.loss for point in made(problem.residuals, 2).points(grid))
    assert fit.why == "converged"
    assert fit.point.loss < least + 5e-3


def test_it_stays_within_bounds_and_ends_on_one() -> None:
    problem = made(lambda z: [4 * (z[0] - 9), z[1] - z[0]], 2, low=-1.0, high=2.0)
    fit = descend(problem, problem.start)
    assert fit.point.z == pytest.approx([2.0, 1.0], abs=0.05)
    assert fit.point.z[0] == 2.0
    assert all((z >= -1.0).all() and (z <= 2.0).all() for z in problem.asked)


def test_what_is_not_free_does_not_move() -> None:
    problem = made(lambda z: [3 * (z[0] + z[1] - 2)], 2)
    begin = problem.points([np.array([0.0, 0.5])])[0]
    fit = descend(problem, begin, free=[0])
    assert fit.point.z[1] == 0.5
    assert fit.point.z[0] == pytest.approx(1.35, abs=0.01)


def test_a_region_without_values_is_no_end() -> None:
    """Steps into it are lost, and the descent goes on with shorter ones."""
    problem = made(lambda z: [3 * (z[0] - 1), math.nan if z[0] > 0.95 else 0.0], 1)
    fit = descend(problem, problem.start)
    assert fit.point.z[0] == pytest.approx(0.9, abs=0.05)
    assert math.isfinite(fit.point.loss)


def test_a_start_without_a_value_says_so() -> None:
    problem = made(lambda z: math.nan * z, 1)
    fit = descend(problem, problem.start)
    assert (fit.why, fit.done, fit.point.loss) == (LOST, False, math.inf)


def test_stopping_is_told_from_ending() -> None:
    problem = made(lambda z: [10 * (z[1] - z[0] ** 2), 2 * (1 - z[0])], 2)
    fit = descend(problem, problem.points([np.array([-1.2, 1.0])])[0], limit=2)
    assert (fit.done, fit.steps) == (False, 2)
    assert "stopped after 2" in fit.why


def test_wrong_slopes_end_where_they_began_and_never_go_up() -> None:
    problem = made(lambda z: [3 * (z[0] - 1)], 1)
    right = problem.sloped
    problem.sloped = lambda *given: replace(right(*given), slopes=-right(*given).slopes)
    fit = descend(problem, problem.start)
    assert fit.point.loss == problem.start.loss
    assert fit.why == "no step goes further down"


def test_slopes_are_kept_up_between_steps() -> None:
    """Slopes are what costs: on a mildly curved problem they are taken to begin and to confirm the end."""
    problem = made(lambda z: np.append(2 * (z - 0.8) + 0.3 * (z - 0.8) ** 2, z.sum() - 1), 4)
    fit = descend(problem, problem.start)
    assert fit.why == "converged"
    assert problem.sloped_at <= 3


def test_several_starts_find_the_deeper_of_two_minima() -> None:
    problem = made(lambda z: [3 * (z[0] ** 2 - 1), 0.6 * (z[0] - 3)], 1)
    problem.start = problem.points([np.array([-1.0])])[0]
    assert search(problem, starts=1)[0].point.z[0] < 0
    fits = search(problem, starts=6, seed=1)
    assert len(fits) == 6
    assert fits[0].point.z[0] == pytest.approx(1.0, abs=0.1)
    losses = [fit.point.loss for fit in fits]
    assert losses == sorted(losses)


def test_the_same_seed_gives_the_same_starts_and_another_gives_others() -> None:
    def ends(seed: int) -> list[list[float]]:
        problem = made(lambda z: [3 * (z[0] ** 2 - 1), z[1]], 2)
        search(problem, starts=3, seed=seed)
        return [z.tolist() for z in problem.asked]

    assert ends(1) == ends(1)
    assert ends(1) != ends(2)


def test_a_draw_that_fails_begins_nearer_to_the_ledger() -> None:
    problem = made(lambda z: [z[0] - 0.1 if abs(z[0]) < 0.3 else math.nan], 1)
    fits = search(problem, starts=4, seed=3)
    assert all(math.isfinite(fit.point.loss) for fit in fits)


def test_a_start_that_another_has_beaten_is_given_up_when_it_creeps() -> None:
    """The end of a shallow valley need not be confirmed when a deeper one is known."""
    problem = made(lambda z: [3 * (z[0] ** 2 - 1), 0.6 * (z[0] - 3)], 1)
    begin = problem.points([np.array([-1.5])])[0]
    alone = descend(problem, begin)
    beaten = descend(problem, begin, beat=0.0)
    assert alone.done
    assert not beaten.done
    assert beaten.steps <= alone.steps
    assert beaten.point.loss == pytest.approx(alone.point.loss, rel=0.05)
