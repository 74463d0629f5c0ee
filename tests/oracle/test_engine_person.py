"""The model of the library in the fast engine against SciPy's LSODA and libroadrunner."""

from __future__ import annotations

import numpy as np
import pytest

from gutskin import bench
from gutskin.bench.peers import roadrunner
from gutskin.engine.outcome import Options
from gutskin.engine.solve import solve


@pytest.fixture(scope="module")
def case() -> bench.Case:
    return bench.person_case(2)


def test_ten_days_of_meals_agree_with_lsoda(case: bench.Case) -> None:
    times, plans = case.times[:11], [[s for s in plan if s.time < 240] for plan in case.plans]
    start = np.repeat(case.start[:, None], 2, axis=1)
    ours = solve(case.kernel, start, case.constants, case.floors, times, plans, Options("Rodas5P", 1e-9))
    theirs = solve(
        case.kernel, start, case.constants, case.floors, times, plans, Options("LSODA", 1e-10, 1e-3)
    )
    assert not ours.failures
    body = case.start.size
    assert bench.errors(ours.states[:body], theirs.states[:body], case.floors) < 1e-6
    tallies = np.abs(theirs.states[body:]).max()
    np.testing.assert_allclose(ours.states[body:], theirs.states[body:], atol=1e-6 * tallies)


def test_ninety_days_of_meals_agree_with_libroadrunner(case: bench.Case) -> None:
    got = roadrunner.open_model(case)(0, 1e-9)
    truth = bench.ours(case.part(1, case.days), 1e-9).states[: case.start.size]
    assert bench.errors(got[:, :, None], truth, case.floors) < 1e-4


def test_what_is_inside_and_what_left_add_up(case: bench.Case) -> None:
    """Tallies close the balance at any tolerance: the method keeps linear invariants."""
    run = bench.ours(case, 1e-4)
    body = case.start.size
    content = np.array(case.kernel.content)
    total = np.einsum("es,stp->etp", content, run.states) + run.states[body:]
    assert np.abs(total - total[:, :1]).max() < 1e-9 * np.abs(content).max() * np.abs(run.states).max() * body
