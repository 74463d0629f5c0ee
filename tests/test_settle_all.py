"""Settling many side by side is settling each alone."""

from __future__ import annotations

import numpy as np
import pytest

from gutskin import bench
from gutskin.engine.outcome import Code, Options
from gutskin.engine.steady import settle, settle_all


@pytest.mark.parametrize("method", ["Rodas5P", "LSODA"])
def test_everybody_comes_out_as_they_would_alone(method: str) -> None:
    case = bench.stress_case("small", 4 if method == "LSODA" else 11)
    people = case.constants.shape[1]
    constants = case.constants.copy()
    constants[:, 2] = np.nan
    start = np.repeat(case.start[:, None], people, axis=1) * np.linspace(0.5, 1.5, people)
    options = Options(method)
    many = settle_all(case.kernel, start, constants, case.floors, options, limit=100.0)
    assert [s.failure is not None and s.failure.code == Code.NOT_FINITE for s in many].count(True) == 1
    for k, each in enumerate(many):
        alone = settle(case.kernel, start[:, k], constants[:, k], case.floors, options, limit=100.0)
        np.testing.assert_array_equal(alone.states, each.states)
        assert (alone.slowest, alone.days) == (each.slowest, each.days)
        assert (alone.failure is None) == (each.failure is None)


def test_nobody_settles_at_once() -> None:
    case = bench.stress_case("small", 1)
    assert (
        settle_all(case.kernel, np.empty((62, 0)), np.empty((len(case.kernel.constants), 0)), case.floors)
        == []
    )
