"""A twin: what is read of it, how well it fits, and a smaller one that says the same."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pytest

from gutskin.model import Model
from gutskin.reference import Reference, reference
from gutskin.twin import Observation, Twin, personalise
from gutskin.twin.weights import misfit, quantile

toys = runpy.run_path(str(Path(__file__).with_name("twin_toys.py")))
MILD = Observation((toys["shares"](np.log([50.0, 30.0, 10.0]), 0.6),), (toys["reading"](13.0, 1.5),))


@pytest.fixture(scope="module")
def land(tmp_path_factory: pytest.TempPathFactory) -> Reference:
    model: Model = toys["garden"](tmp_path_factory.mktemp("garden"))
    return reference(model, "bed", population="land", size=2000)


@pytest.fixture(scope="module")
def twin(land: Reference) -> Twin:
    return personalise(land, MILD)


def test_effective_members_are_those_of_the_weights(twin: Twin) -> None:
    assert twin.effective == pytest.approx(1 / (twin.weights**2).sum())
    assert twin.support == pytest.approx(twin.effective, rel=1e-3)


def test_strain_is_the_mean_square_of_the_errors(twin: Twin) -> None:
    middle = twin.shown @ twin.weights
    away = np.linalg.solve(np.linalg.cholesky(MILD.covariance), MILD.values - middle)
    assert twin.strain == pytest.approx((away**2).mean())
    assert twin.strain == pytest.approx(2 * misfit(middle[:, None], MILD.values, MILD.covariance)[0] / 3)


def test_fewer_members_say_the_same(twin: Twin) -> None:
    few = twin.fewer(200)
    assert few.weights.tolist() == [1 / 200] * 200
    assert few.odds is twin.odds
    for name in ("wet", "hue", "damp"):
        levels = np.array([0.25, 0.5, 0.75])
        wide = np.diff(quantile(twin.read(name), twin.weights, [0.05, 0.95]))[0]
        got = quantile(few.read(name), few.weights, levels)
        np.testing.assert_allclose(got, quantile(twin.read(name), twin.weights, levels), atol=0.1 * wide)
    share = twin.weights[twin.kinds == 1].sum()
    assert (few.kinds == 1).mean() == pytest.approx(share, abs=1 / 200 + 1e-9)


def test_fewer_members_are_members_with_all_that_is_theirs(twin: Twin) -> None:
    few = twin.fewer(50)
    index = {point.tobytes(): k for k, point in enumerate(twin.points.T.copy())}
    who = [index[point.tobytes()] for point in few.points.T.copy()]
    np.testing.assert_array_equal(few.found.states, twin.found.states[:, who])
    np.testing.assert_array_equal(few.found.derived, twin.found.derived[:, who])
    np.testing.assert_array_equal(few.kinds, twin.kinds[who])
    np.testing.assert_array_equal(few.constants, twin.constants[:, who])
    np.testing.assert_array_equal(few.points, twin.fewer(50).points)


def test_as_many_or_more_is_the_twin_itself(twin: Twin) -> None:
    assert twin.fewer(twin.weights.size) is twin
    assert twin.fewer(10**6) is twin
