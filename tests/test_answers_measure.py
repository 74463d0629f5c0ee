"""What to measure next: the share of the variance that a linear regression takes away, and no chance find."""

from __future__ import annotations

import runpy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gutskin.answers.measure import Candidate, candidates, worth_measuring
from gutskin.model import Model, load
from gutskin.reference import Reference, reference
from gutskin.samples.instruments import load_instruments
from gutskin.twin import Observation, Twin, personalise

toys = runpy.run_path(str(Path(__file__).with_name("twin_toys.py")))


@pytest.fixture(scope="module")
def land(tmp_path_factory: pytest.TempPathFactory) -> Reference:
    model: Model = toys["garden"](tmp_path_factory.mktemp("garden"))
    return reference(model, "bed", population="meadows", size=1000)


@pytest.fixture(scope="module")
def twin(land: Reference) -> Twin:
    return personalise(land, Observation((toys["shares"](np.log([50.0, 30.0, 10.0]), 0.6),)))


def candidate(twin: Twin, name: str, sd: float, cost: int = 1, *, log: bool = False) -> Candidate:
    return Candidate(twin.reference.model.readouts[name], sd, log, cost)


def asked(twin: Twin, answer: np.ndarray, *candidates: Candidate) -> dict[str, float]:
    good = np.ones(twin.weights.size, bool)
    found = worth_measuring(twin, answer, good, candidates)
    return {each.candidate.readout.name: each.narrows for each in found}


@pytest.mark.parametrize("error", [0.0, 1.5, 3.0])
def test_a_reading_of_the_answer_itself_takes_away_all_but_its_error(twin: Twin, error: float) -> None:
    wet = twin.read("wet")
    variance = (wet - wet @ twin.weights) ** 2 @ twin.weights
    got = asked(twin, 7 - 2 * wet, candidate(twin, "wet", error))
    assert got["wet"] == pytest.approx(variance / (variance + error**2), abs=0.01)


def test_a_log_reading_of_a_log_answer(twin: Twin) -> None:
    assert asked(twin, np.log(twin.read("hue")), candidate(twin, "hue", 0.0, log=True))["hue"] > 0.99


def test_what_costs_less_comes_first_when_it_tells_as_much(twin: Twin) -> None:
    wet = twin.read("wet")
    dear, cheap = candidate(twin, "damp", 0.1, 3), candidate(twin, "wet", 0.05, 1)
    assert list(asked(twin, wet, dear, cheap)) == ["wet", "damp"]


def test_what_has_nothing_to_do_with_the_answer_is_not_named(twin: Twin) -> None:
    """In 64 members a correlation by chance takes away a sixty-fourth of the variance, and often more."""
    named = 0
    for seed in range(60):
        few = replace(twin.fewer(64), weights=np.full(64, 1 / 64))
        answer = np.random.default_rng(seed).normal(size=64)
        named += "wet" in asked(few, answer, candidate(few, "wet", 0.1))
    assert named <= 6


def test_a_measured_read_out_and_a_constant_answer_ask_for_nothing(land: Reference, twin: Twin) -> None:
    measured = personalise(land, Observation((), (toys["reading"](10.0, 2.0),)))
    assert not asked(measured, measured.read("wet"), candidate(measured, "wet", 0.1))
    assert not asked(twin, np.ones(twin.weights.size), candidate(twin, "wet", 0.1))


def test_only_the_good_count(twin: Twin) -> None:
    good = np.arange(twin.weights.size) % 2 == 0
    case = candidate(twin, "wet", 0.0)
    (found,) = worth_measuring(twin, twin.read("wet")[good], good, [case])
    assert found.narrows == pytest.approx(1.0)


def test_what_an_instrument_with_a_cost_measures_can_be_measured_next() -> None:
    model, tools = load(), load_instruments()
    found = candidates(model)
    assert found
    for each in found:
        row = tools.rows[each.readout.name]
        assert each.cost == row.cost > 0
        assert each.log == (row.error.kind == "gsd")
        assert each.sd == pytest.approx(np.log(row.error.size) if each.log else row.error.size)
        assert each.sd > 0
    named = {each.readout.name for each in found}
    assert named == {name for name, row in tools.rows.items() if row.cost and name in model.readouts}
