"""From two runs to a story: who judges what, what is told, and what a failure looks like."""

from __future__ import annotations

import runpy
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gutskin import report
from gutskin.compare import Comparison, EdgeEffect, compare
from gutskin.edges import Edge
from gutskin.engine.outcome import Code, Failure
from gutskin.intake import samples_of, take_in, targets
from gutskin.model import Model, load
from gutskin.paths import LIBRARY
from gutskin.people import Person, read_person
from gutskin.result import Result
from gutskin.scenario import Scenario, read_scenario, scenario_from
from gutskin.sites import Site
from gutskin.story import tell
from gutskin.traits import fit

helpers = runpy.run_path(str(Path(__file__).parent / "helpers.py"))
ADA = Person("ada", "Ada", "Calm.", "nobody_1999")
# one quantity, read out in every way; each healthy range spans 10
READOUTS = "".join(
    f'[{better}_it]\nquantity = "x"\nlabel = "X"\nunit = "ug/cm2"\nbetter = "{better}"\ncore = true\n'
    'healthy = { low = 10, high = 20, source = "none" }\nwords = [[0, "low"], [10, "usual"], [20, "high"]]\n'
    for better in ("up", "down", "within", "none")
)
READOUTS += '[bare]\nquantity = "x"\nlabel = "X"\nunit = "ug/cm2"\nbetter = "up"\n'
LEVEL = """title = "More"
about = "Twice the inflow."
kind = "apply"
dose = { unit = "mg", usual = 2, low = 1, high = 3 }
every = "12 h"
[[effect]]
add = "x"
amount = { value = 1, unit = "ug/cm2/mg", source = "none", grade = "assumed" }
"""


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Model:
    folder = tmp_path_factory.mktemp("pool")
    (folder / "treatments").mkdir()
    (folder / "treatments" / "more.toml").write_text(LEVEL)
    return helpers["filling"](folder)


@pytest.fixture(scope="module")
def model(pool: Model) -> Model:
    """The toy with read-outs, which the shared helper does not write."""
    folder = pool.library / "readouts"
    folder.mkdir()
    (folder / "skin.toml").write_text(READOUTS)
    return load("toy", library=pool.library)


def scenario(model: Model, **data: Any) -> Scenario:
    return scenario_from({"days": 5, **data}, "toy", (model.library / "treatments",))


def result(model: Model, last: float, first: float = 15.0, *, lost_from: float | None = None) -> Result:
    """Return a run in which x goes from ``first`` to ``last`` on day 1, and is lost from an hour on."""
    times = np.arange(0.0, 121.0, 4.0)
    values = np.where(times < 24, first, last)[None, :, None] * np.ones((2, 1, 1))
    failures: tuple[Failure, ...] = ()
    if lost_from is not None:
        values[:, times >= lost_from] = np.nan
        failures = (Failure(0, Code.NEGATIVE, "x fell below zero", lost_from, "x"),)
    stamp = {
        "gutskin": "1", "python": "3", "numpy": "2", "scipy": "1", "model_hash": "aa", "ledger_hash": "bb",
        "seed": 7, "solver": {"method": "LSODA"}, "warnings": ["a warning"],
        "people": {"ada": {"preset": {"inflow": "1 1"}}},
    }  # fmt: skip
    return Result(("x", "steady"), ("X", "S"), ("ug/cm2",) * 2, ("ada",), times, values, failures, stamp)


def told(model: Model, without: Result, planned: Result, **more: Any) -> report.Story:
    effects = {
        name: float((planned[r.quantity].mean(4, 5) - without[r.quantity].mean(4, 5))[0])
        for name, r in model.readouts.items()
    }
    asked = more.pop("scenario", scenario(model))
    return tell(model, Comparison(ADA, asked, without, planned, effects, more.pop("edges", ())), None, None)


def change(story: report.Story, name: str) -> report.Change:
    (found,) = [each for each in story.changes if each.readout == name]
    return found


# ---- judgement


@pytest.mark.parametrize(
    ("better", "end_without", "after", "judgement"),
    [
        ("up", 15, 17, "better"), ("up", 15, 13, "worse"), ("up", 15, 15.9, "neutral"),
        ("up", 30, 40, "better"),
        ("down", 15, 13, "better"), ("down", 15, 17, "worse"), ("down", 15, 14.1, "neutral"),
        ("within", 15, 19, "neutral"), ("within", 25, 15, "better"), ("within", 5, 15, "better"),
        ("within", 15, 25, "worse"), ("within", 15, 5, "worse"), ("within", 25, 30, "worse"),
        ("within", 5, 3, "worse"), ("within", 25, 5, "neutral"), ("within", 25, 7, "better"),
        ("within", 20, 20.9, "neutral"), ("within", 12, 10, "neutral"), ("none", 15, 500, "neutral"),
    ],
)  # fmt: skip
def test_judgement(model: Model, better: str, end_without: float, after: float, judgement: str) -> None:
    got = change(told(model, result(model, end_without), result(model, after)), f"{better}_it")
    assert got.judgement == judgement
    assert (got.end_without, got.after) == pytest.approx((end_without, after))


def test_without_a_healthy_range_a_tenth_of_the_value_counts(model: Model) -> None:
    for after, judgement in ((17.0, "better"), (13.0, "worse")):
        got = change(told(model, result(model, 15), result(model, after)), "bare")
        assert got.judgement == judgement


def test_the_plan_is_judged_against_the_same_day_not_against_the_start(model: Model) -> None:
    got = change(told(model, result(model, 12, 18), result(model, 15, 18)), "up_it")
    assert (got.before, got.after, got.end_without) == (18, 15, 12)
    assert got.judgement == "better"
    assert got.absolute == 3
    assert got.relative == pytest.approx(0.25)


@pytest.mark.parametrize(("after", "word"), [(5, "ends low"), (10, "ends usual"), (25, "ends high")])
def test_words(model: Model, after: float, word: str) -> None:
    story = told(model, result(model, 15), result(model, after))
    assert change(story, "up_it").words == word
    (course,) = [each for each in story.courses if each.readout == "up_it"]
    assert f"ends {course.end_word}" == word


# ---- failure


@pytest.mark.parametrize("arm", ["without", "planned"])
def test_a_failure_is_nan_with_a_reason_and_never_zero(model: Model, arm: str) -> None:
    runs = {"without": result(model, 15), "planned": result(model, 25)}
    runs[arm] = result(model, 15, lost_from=60.0)
    story = told(model, runs["without"], runs["planned"])
    for got in story.changes:
        assert np.isnan(got.after if arm == "planned" else got.end_without)
        assert np.isnan(got.absolute)
        assert np.isnan(got.relative)
        assert got.judgement == "neutral"
        assert got.words == ""
        assert got.reason == "x fell below zero (day 2.5)"
    for course in story.courses:
        values = course.with_plan if arm == "planned" else course.without
        assert np.isnan(values[-1])
        assert (values[np.isfinite(values)] == 15).all()
        assert course.reason
        assert course.end_word == ("" if arm == "planned" else "high" if course.readout != "bare" else "")


def test_a_failed_story_can_be_written(model: Model, tmp_path: Path) -> None:
    story = told(model, result(model, 15), result(model, 15, lost_from=60.0))
    page = report.write(story, tmp_path / "report.html").read_text(encoding="utf-8")
    assert "x fell below zero" in page


def test_one_reason_is_told_once(model: Model) -> None:
    story = told(model, result(model, 15, lost_from=60.0), result(model, 15, lost_from=60.0))
    assert story.changes[0].reason.count("x fell below zero") == 1


# ---- what is told


def test_core_readouts_are_always_told_and_others_when_they_move(model: Model) -> None:
    still = {each.readout for each in told(model, result(model, 15), result(model, 15)).changes}
    assert still == {"up_it", "down_it", "within_it", "none_it"}
    moved = {each.readout for each in told(model, result(model, 15), result(model, 20)).changes}
    assert moved == still | {"bare"}
    assert all(
        each.main is (each.readout != "bare")
        for each in told(model, result(model, 15), result(model, 20)).changes
    )


def test_courses_are_daily_means_of_long_runs(model: Model) -> None:
    (course,) = [c for c in told(model, result(model, 15), result(model, 25)).courses if c.readout == "up_it"]
    np.testing.assert_array_equal(course.t_days, np.arange(6))
    assert (course.healthy_low, course.healthy_high, course.unit) == (10, 20, "ug/cm2")
    assert course.with_plan[0] == 15
    assert course.with_plan[-1] == 25


def test_edges_with_their_grade_and_without_empty_ones(model: Model) -> None:
    edge = Edge("e", "x goes on", "gut", "skin", "inflow", 0.0, "none")
    effects = (EdgeEffect(edge, {"up_it": 0.4}), EdgeEffect(replace(edge, name="f"), {}))
    (got,) = told(model, result(model, 15), result(model, 25), edges=effects).edges
    assert (got.label, got.from_, got.to, dict(got.shares)) == ("x goes on", "gut", "skin", {"up_it": 0.4})
    assert (got.source, got.grade) == ("", "assumed")


@pytest.mark.parametrize(
    ("course", "when", "dose", "days"),
    [
        ({}, "2 times a day", "2 mg", None), ({"every": "1 day"}, "once a day", "2 mg", None),
        ({"every": "2 days", "dose": "1 mg"}, "every 2 days", "1 mg", None),
        ({"start": "1 day", "end": "3 days"}, "2 times a day, day 1 to 3", "2 mg", (1.0, 3.0)),
    ],
)  # fmt: skip
def test_treatments_in_words(model: Model, course: dict[str, str], when: str, dose: str, days: Any) -> None:
    asked = scenario(model, plan=[{"treatment": "more", **course}])
    (got,) = told(model, result(model, 15), result(model, 15), scenario=asked).plan.treatments
    assert (got.title, got.kind, got.when, got.days) == ("More", "apply", when, days)
    number, unit = (
        got.dose.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ").split()
    )
    assert f"{float(number):g} {unit}" == dose


def test_what_is_replaced_is_said(model: Model) -> None:
    asked = scenario(model, usual=[{"treatment": "more"}], plan=[{"treatment": "more", "replaces": "more"}])
    (got,) = told(model, result(model, 15), result(model, 15), scenario=asked).plan.treatments
    assert got.when.endswith("instead of more")


def test_stamp_person_and_caveats(model: Model) -> None:
    story = told(model, result(model, 15), result(model, 15))
    assert (story.person.id, story.person.label, story.person.citation) == ("ada", "Ada", "nobody_1999")
    assert (story.stamp.model_hash, story.stamp.ledger_hash, story.stamp.seed) == ("aa", "bb", 7)
    said = " ".join(story.caveats)
    assert "not medical advice" in said
    assert "2 numbers in the ledger 2 are assumed" in said
    assert "No samples" in said
    assert "a warning" in said
    assert story.samples == story.compositions == ()


def test_the_site_is_said_in_headline_and_stamp(model: Model) -> None:
    row = model.row("inflow")
    there = ADA.at(Site("shore", "Shore", "Where more flows in.", {"inflow": row}))
    without, planned = result(model, 15), result(model, 15)
    planned.stamp["site"] = {"ada": "shore"}  # type: ignore[index]
    effects = dict.fromkeys(model.readouts, 0.0)
    story = tell(model, Comparison(there, scenario(model), without, planned, effects, ()), None, None)
    assert story.person.label == "Ada, Shore"
    assert story.person.about.endswith("Where more flows in.")
    assert story.stamp.solver["site"] == "shore"
    assert any(said.startswith("Shore: 1 number(s) of its own") for said in story.caveats)


# ---- a real run


def test_a_run_of_the_toy_is_told(model: Model) -> None:
    asked = scenario(model, plan=[{"treatment": "more"}])
    story = tell(model, compare(model, ADA, asked, edges=()), None, None)
    got = change(story, "up_it")
    assert got.before == pytest.approx(6.0, rel=1e-3)
    assert got.after > got.end_without
    assert got.absolute == got.after - got.end_without


@pytest.fixture(scope="module")
def real() -> tuple[report.Story, Any, Any]:
    shipped = load()
    person = read_person("hmp_042", LIBRARY / "people")
    intake = take_in(samples_of(person))
    twin = fit(shipped, person, targets(intake))
    demo = read_scenario(LIBRARY / "scenarios" / "demo.toml", (LIBRARY / "treatments",))
    short = replace(demo, days=1.0, lead_in=1.0, plan=(), usual=())
    found = compare(shipped, twin.person, short, settled=twin.start)
    return tell(shipped, found, intake, twin), intake, twin


def test_compositions_show_samples_and_model_side_by_side(real: tuple[report.Story, Any, Any]) -> None:
    story, intake, twin = real
    assert len(story.compositions) == len(intake.chosen) == 2
    fitted = {each.target.label: each for each in twin.guilds}
    for composition in story.compositions:
        for column in ("observed", "start", "without", "with_plan"):
            total = sum(getattr(guild, column) for guild in composition.guilds)
            assert total == pytest.approx(1.0, abs=0.05 if column == "observed" else 1e-9), column
        for guild in composition.guilds:
            assert guild.observed == fitted[guild.label].target.share
            assert guild.start == pytest.approx(fitted[guild.label].modelled, abs=1e-3)


def test_every_sample_has_a_note_and_its_shares_add_up(real: tuple[report.Story, Any, Any]) -> None:
    story, intake, _ = real
    assert len(story.samples) == len(intake.mappings) + len(intake.refused)
    for note in story.samples:
        assert note.mapped + note.removed + note.unmapped == pytest.approx(1.0)
        assert note.warnings or note.mapped > 0


def test_the_fit_is_told_with_its_limits(real: tuple[report.Story, Any, Any]) -> None:
    story, _, twin = real
    (said,) = [each for each in story.caveats if "percentage points" in each]
    assert f"{100 * twin.worst:.1f} percentage points" in said
    for fitted in twin.guilds:
        assert (fitted.target.label in said) is fitted.at_limit
