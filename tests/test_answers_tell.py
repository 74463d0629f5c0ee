"""What a page is told of answers is what the answers say."""

from __future__ import annotations

import math
import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gutskin.answers import tell
from gutskin.answers.diagnose import LEVELS, diagnose
from gutskin.answers.stamp import stamp
from gutskin.errors import InputError
from gutskin.report.person import Interval, render
from gutskin.twin.weights import quantile

toy = runpy.run_path(str(Path(__file__).parent / "fixtures" / "twin_toy.py"))


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return toy["twin"](toy["model"](tmp_path_factory.mktemp("toy")))


def three(interval: Interval) -> list[float]:
    return [interval.low, interval.median, interval.high]


def test_findings_are_those_of_the_diagnosis(twin: Any) -> None:
    answer = diagnose(twin)
    told = tell.tell_diagnosis(answer)
    assert [each.readout for each in told.findings] == ["x", "total"]
    for finding, each in zip(told.findings, answer.findings, strict=True):
        assert three(finding.population) == list(each.before)
        assert three(finding.person) == list(each.now)
        assert (finding.moved, finding.told, finding.word) == (each.moved, each.told, each.word)
        assert [(d.what, d.shift) for d in finding.drivers] == [(d.what, d.shift) for d in each.drivers]
    assert told.findings[0].healthy == (2.0, 8.0)
    assert (told.support, told.rounds, told.members) == (17.5, 2, 40)
    assert told.strain == pytest.approx(twin.strain)


def test_the_population_s_own_chance_of_being_outside_is_told(twin: Any) -> None:
    first, second = tell.tell_diagnosis(diagnose(twin)).findings
    values, weights = twin.reference.read("x"), twin.reference.weights
    assert first.outside_population == pytest.approx(weights[values < 2].sum())
    assert math.isnan(second.outside_population)  # no healthy range
    assert second.verdict == ""


def test_fits_name_guilds_and_readings_and_show_the_population(twin: Any) -> None:
    x, y, reading = tell.tell_diagnosis(diagnose(twin)).fits
    assert [(each.name, each.table) for each in (x, y, reading)] == [("x", "gut"), ("y", "gut"), ("x", "")]
    states = twin.reference.found.states
    usual = quantile(states[0] / states.sum(axis=0), twin.reference.weights, LEVELS)
    assert three(x.population) == pytest.approx(list(usual), rel=1e-3)
    assert x.label == "Guild x"
    assert three(reading.seen) == pytest.approx([4 - 0.5 * 1.6449, 4.0, 4 + 0.5 * 1.6449], rel=1e-4)
    assert reading.unit == "ug/cm2"


def test_a_forecast_is_told_day_by_day(twin: Any) -> None:
    answer = toy["forecast"](twin, planned=True)
    told = tell.tell_forecast(answer)
    (band,) = told.bands
    assert band.days == (7.0, 14.0)
    assert np.allclose([three(each) for each in band.values], answer.bands[0].quantiles())
    x, y = told.guilds
    assert x.values[1].median + y.values[1].median == pytest.approx(1.0, abs=1e-6)
    assert (told.title, told.planned, told.members, told.lost) == ("More of it", True, 40, 1)
    assert [each.title for each in told.treatments] == ["More"]
    assert told.treatments[0].days == (1.0, 14.0)


def test_a_forecast_without_the_plan_tells_of_no_treatment(twin: Any) -> None:
    assert tell.tell_forecast(toy["forecast"](twin, planned=False)).treatments == ()


def test_a_forecast_that_nobody_finished_has_no_figures() -> None:
    (one,) = tell._spread(np.zeros((1, 0)), np.zeros(0))
    assert all(map(math.isnan, three(one)))


def test_a_ranking_is_told_in_its_order(twin: Any) -> None:
    answer = toy["ranking"](twin)
    told = tell.tell_ranking(answer)
    assert [each.name for each in told.plans] == ["more", "other"]
    assert [each.tied for each in told.plans] == [False, True]
    assert not told.told_apart
    assert three(told.plans[0].change) == [0.5, 1.5, 3.0]
    assert math.isnan(told.plans[1].beats_vehicle)
    assert told.plans[1].sides[0].chance == 0.41
    assert (told.next[0].readout, told.next[0].narrows, told.next[0].cost) == ("total", 0.33, 2)
    assert (told.worth, told.day, told.members) == (0.6, 14.0, 39)


def test_everything_comes_on_one_page(twin: Any) -> None:
    model = twin.reference.model
    report = tell.person_report(
        model, "Ada", "face", diagnosis=diagnose(twin),
        forecasts=[toy["forecast"](twin, planned=k, shift=float(k)) for k in (False, True)],
        ranking=toy["ranking"](twin), notes=("a note",), stamp=stamp(twin, population="adults", seed=5),
    )  # fmt: skip
    html = render(report)
    for said in ("Ada", "a note", "An Ada", "Guild x", "More of it", "a note of the samples", "adults"):
        assert said in html
    assert f"Of {sum(model.ledger.count().values())} numbers" in html


def test_two_forecasts_of_one_kind_are_refused(twin: Any) -> None:
    twice = [toy["forecast"](twin, planned=True)] * 2
    with pytest.raises(InputError, match="E555"):
        tell.person_report(twin.reference.model, "Ada", "", forecasts=twice, stamp={})


def test_the_stamp_says_what_made_it(twin: Any) -> None:
    made = stamp(twin, population="adults", seed=5, warnings=["odd", "odd"])
    model = twin.reference.model
    assert made["model_hash"] == model.network.digest
    assert made["ledger_hash"] == model.ledger.digest
    assert made["population"] == {"name": "adults", "place": "face", "size": 300, "lost": 1, "seed": 1}
    assert (made["twin"]["support"], made["twin"]["rounds"], made["twin"]["seed"]) == (17.5, 2, 5)
    assert made["warnings"] == ["a note of the samples", "odd"]
    assert {"gutskin", "python", "numpy", "solver"} <= set(made)
