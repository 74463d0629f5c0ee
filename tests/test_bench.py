"""The benchmark's parts: formulas, SBML, the comparison."""

from __future__ import annotations

import json

import numpy as np
import pytest

from gutskin import bench
from gutskin.bench.formula import Builder, formula
from gutskin.bench.peer import Peer, infix, to_sbml


def test_formulas_are_read_and_written() -> None:
    read = formula("a * b ** 2 - (c if c > 1 else max(-a, 0.5)) / exp(b)")
    assert (
        infix(read)
        == "((a * (b ^ 2.0)) - (piecewise(c, (c > 1.0), piecewise((-a), (-a) >= 0.5, 0.5)) / exp(b)))"
    )
    with pytest.raises(ValueError, match="not a formula"):
        formula("[1, 2]")


def test_a_name_that_is_nothing_is_refused() -> None:
    build = Builder("toy")
    build.start = {"x": 1.0}
    build.change("x", "-lost * x")
    with pytest.raises(ValueError, match="lost"):
        build.network()


@pytest.mark.parametrize(("name", "least"), [("small", 60), ("large", 150)])
def test_the_stress_models_have_the_size_they_promise(name: str, least: int) -> None:
    assert bench.stress_case(name, 1).start.size >= least


def test_libroadrunner_agrees_on_ninety_days_of_meals() -> None:
    case = bench.stress_case("small", 2)
    peer = Peer(case.network, to_sbml(case.network, case.start, case.constants[:, 0], case.meals, case.day))
    truth = bench._ours(case, 1e-9, 2).states[: case.start.size]
    for k in range(2):
        got = peer.states(case.times, case.constants[:, k], case.meal_times[:, k], 1e-10, 1e-14)
        assert (
            bench._errors(got[:, :, None], truth[:, :, [k]], case.floors) < 1e-4
        )  # its meals come a little late


def test_a_comparison_says_what_it_measured() -> None:
    said: list[str] = []
    entry = bench.compare(bench.stress_case("small", 8), peers=1, say=said.append)
    assert json.loads(json.dumps(entry)) == entry
    assert entry["ratio_vs_libroadrunner"] > 1
    assert 0 < entry["p99_9_error"] < 0.1
    assert entry["warm_s"] < entry["cold_s"]
    assert any("times libroadrunner" in line for line in said)


def test_errors_are_relative_where_a_state_is_large() -> None:
    truth = np.ones((1, 5, 1))
    assert bench._errors(truth * 1.01, truth, np.array([1e-6])) == pytest.approx(0.01, rel=0.01)
    assert np.isfinite(bench._errors(truth * 0, truth * 0, np.array([1e-6])))
