"""Enrolment: who is in an arm, who is only missing, and what is refused; and days that go on across arms."""

from __future__ import annotations

import runpy
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from gutskin.daily import values
from gutskin.drivers.experiment import ask, everyday_case, scenario_case
from gutskin.drivers.people import varied
from gutskin.engine.outcome import Options
from gutskin.errors import InputError
from gutskin.evidence.case import Case
from gutskin.evidence.conduct import key_of
from gutskin.evidence.enrol import conditions, moments
from gutskin.evidence.experiment import Laboratory, Run, check
from gutskin.evidence.read import read_case
from gutskin.evidence.score import score_case
from gutskin.evidence.validate import validate
from gutskin.model import Model
from gutskin.people import Person
from gutskin.scenario import Scenario
from gutskin.simulate import simulate

pool = runpy.run_path(str(Path(__file__).parent / "fixtures" / "evidence_pool.py"))
windy = runpy.run_path(str(Path(__file__).parent / "test_daily.py"))
expect = pool["expect"]
ANY = "low = -1e9\nhigh = 1e9"
FINE = Options(rtol=1e-9, floor_share=1e-6)
CREW = "people = { count = 40, seed = 3 }"
KNOWN = '{ inflow = "3 ug/cm2/h", k_loss = "0.1 1/h" }'
RUN_IN = "[arms.run_in]\ndays = 6\n"


def placebo(enrol: str, more: str = "", name: str = "placebo", after: str = "run_in") -> str:
    return f'[arms.{name}]\nafter = "{after}"\nenrol = "{enrol}"\ndays = 4\n{more}'


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    made: Model = windy["library"](tmp_path_factory.mktemp("windy"))
    people = made.library / "people" / "healthy_adult.toml"
    people.parent.mkdir(exist_ok=True)
    people.write_text(pool["PERSON"].format(name="Usual"))
    bib = "@article{toy_2001,\n  title = {A toy},\n  author = {Toy, A.},\n  year = {2001},\n}\n"
    (made.library / "sources.bib").write_text(bib)
    return made


def write(folder: Path, body: str, model: Model, people: str = CREW, study: str = "toy_2001") -> Case:
    return read_case(pool["write"](folder, body, people=people, study=study), model.library)


def ran(model: Model, cases: Sequence[Case], **more: object) -> Laboratory:
    made = Laboratory(model, FINE, **more)  # type: ignore[arg-type]
    made.run(cases)
    return made


def run_of(laboratory: Laboratory, case: Case, arm: str, v: int = 0) -> Run:
    return laboratory.results[v][key_of(case.chain(arm))]


def last_day(run: Run, days: float) -> np.ndarray:
    late = run.times >= days * 24 - 24
    return np.trapezoid(run.courses["x"][late], run.times[late], axis=0) / 24


# ---- the days of a series in arms


def test_days_go_on_across_arms_as_in_one_long_arm(model: Model, tmp_path: Path) -> None:
    parts = (
        '[arms.one]\ndays = 3\n[arms.two]\nafter = "one"\ndays = 4.5\n[arms.three]\nafter = "two"\ndays = 5\n'
    )
    body = (
        parts + "[arms.whole]\ndays = 12.5\n" + expect("x", ANY, arm="whole") + expect("x", ANY, arm="three")
    )
    case = write(tmp_path, body, model)
    made = ran(model, [case])
    ends = [run_of(made, case, name).end for name in ("three", "whole", "one")]
    assert ends[0] == pytest.approx(ends[1], rel=1e-6)
    assert not np.allclose(ends[2], ends[1], rtol=0.02)


def test_a_person_of_a_crew_has_the_same_days_in_a_larger_one(model: Model, tmp_path: Path) -> None:
    body = "[arms.a]\ndays = 5\n" + expect("x", ANY, arm="a")
    crews = {f"n{n}": f"people = {{ count = {n}, seed = 3 }}" for n in (6, 30)}
    cases = [write(tmp_path, body, model, crew, name) for name, crew in crews.items()]
    few, many = (run_of(ran(model, cases), case, "a").end for case in cases)
    assert np.array_equal(few, many[:, :6])


def test_a_crew_of_one_is_the_typical_person_whose_days_are_all_usual(model: Model, tmp_path: Path) -> None:
    body = "[arms.a]\ndays = 5\n" + expect("x", ANY, arm="a")
    case = write(tmp_path, body, model, "people = { seed = 8 }", "one")
    many = write(tmp_path, body, model, "people = { seed = 8, count = 2, set = " + KNOWN + " }", "many")
    made = ran(model, [case, many])
    alone = simulate(model, Person("a", "A"), Scenario("s", "s", "", 5.0, lead_in=0.0, seed=8), options=FINE)
    assert run_of(made, case, "a").end[0, 0] == pytest.approx(30.0, rel=1e-6)
    assert run_of(made, many, "a").end[0, 0] == pytest.approx(alone["x"].values[-1, 0], rel=1e-6)
    assert alone["x"].values[-1, 0] != pytest.approx(30.0, rel=1e-2), "a run has days"


def test_variants_by_shared_steps_have_a_series_when_the_model_has(model: Model, tmp_path: Path) -> None:
    """A small move of the size from 0 must not bring stops that the model has not."""
    body = "[arms.a]\ndays = 3\n" + expect("x", ANY, arm="a")
    case = write(tmp_path, body, model, "people = { count = 2, set = " + KNOWN + " }", "two")
    k = [c.name for c in model.network.constants].index("answer")
    moved = varied(model, [[k]], np.array([[0.701], [0.0]]))
    made = ran(model, [case], variants=moved, shared=True)
    ends = [run_of(made, case, "a", v).end[0, 0] for v in range(3)]
    gain = float(
        (values(windy["made"](), 1, 0, 0, 3) * np.exp([-4.8, -2.4, 0])).sum() * 30 * (1 - np.exp(-2.4))
    )
    assert (ends[1] - ends[0]) / 0.001 == pytest.approx(gain, rel=1e-3)
    assert ends[2] == pytest.approx(30.0, rel=1e-6)


# ---- who is enrolled


def test_who_does_not_fulfil_the_condition_is_missing_here_and_later(model: Model, tmp_path: Path) -> None:
    body = RUN_IN + placebo("x > '31 ug/cm2'") + '[arms.later]\nafter = "placebo"\ndays = 2\n'
    body += expect("x", ANY, arm="placebo") + expect("x", ANY, arm="later") + expect("x", ANY, arm="run_in")
    case = write(tmp_path, body, model)
    made = ran(model, [case])
    before, after, later = (run_of(made, case, name) for name in ("run_in", "placebo", "later"))
    fit = last_day(before, 6) > 31
    assert 5 < fit.sum() < 35
    assert np.array_equal(np.isfinite(after.courses["x"]).all(axis=0), fit)
    assert np.array_equal(np.isfinite(later.end[0]), fit)
    assert after.out == later.out == set(np.flatnonzero(~fit).tolist())
    assert (after.count, before.count, after.reasons) == (fit.sum(), 40, {})
    scores = score_case(case, model, made.runs)
    assert [score.people for score in scores] == [fit.sum(), fit.sum(), 40]
    assert [score.reason for score in scores] == ["", "", ""]


def test_people_enrolled_in_a_flare_drift_back_and_the_others_do_not(model: Model, tmp_path: Path) -> None:
    known = 'people = {{ count = 300, seed = 2, set = {{ inflow = "3 ug/cm2/h" }} }}'.format()
    body = RUN_IN.replace("6", "20") + placebo("x > '40 ug/cm2'").replace("days = 4", "days = 30")
    body += '[arms.all]\nafter = "run_in"\ndays = 30\n'
    for arm, versus in (("placebo", "start"), ("placebo", "run_in"), ("all", "run_in")):
        body += expect("x", f'versus = "{versus}"\nas = "percent"\n{ANY}', arm=arm, unit="percent")
    start, before, everybody = score_case(
        case := write(tmp_path, body, model, known, "flare"), model, ran(model, [case]).runs
    )
    assert start.value < -20
    assert before.value < -20
    assert abs(everybody.value) < 10
    assert 10 < start.people < 100


def test_a_condition_may_look_at_other_moments(model: Model, tmp_path: Path) -> None:
    text = "at('peak', x) > 1.2 * start(x) and x < '45 ug/cm2'"
    case = write(tmp_path, RUN_IN + placebo(text) + expect("x", ANY, arm="placebo"), model)
    assert [each.text for each in conditions(case, "run_in")] == [text]
    assert {each.kind for each in moments(case, "run_in")} == {"end", "peak", "instant"} - {"instant"}
    made = ran(model, [case])
    run = run_of(made, case, "run_in")
    course = run.courses["x"]
    peak = course[np.isin(run.times, np.append(np.arange(0, 144, 4.0), 144))].max(axis=0)
    fit = (peak > 1.2 * course[0]) & (last_day(run, 6) < 45)
    assert 0 < fit.sum() < 40
    assert run_of(made, case, "placebo").out == set(np.flatnonzero(~fit).tolist())


def test_arms_with_other_conditions_are_other_runs(model: Model, tmp_path: Path) -> None:
    body = RUN_IN + placebo("x > '31 ug/cm2'") + placebo("x > '40 ug/cm2'", name="strict")
    body += '[arms.all]\nafter = "run_in"\ndays = 4\n' + expect("x", ANY, arm="all")
    case = write(tmp_path, body, model)
    assert len({key_of(case.chain(name)) for name in case.arms}) == 4
    made = ran(model, [case])
    assert run_of(made, case, "placebo").out < run_of(made, case, "strict").out
    assert run_of(made, case, "all").out == frozenset()


def test_an_arm_asked_again_by_another_case_enrols_the_same(model: Model, tmp_path: Path) -> None:
    """What the condition looks at is kept though nobody asked for it when the arm before was run first."""
    plain = write(tmp_path, RUN_IN + expect("lately", ANY, arm="run_in", unit="ug/cm2/h"), model, study="a")
    case = write(tmp_path, RUN_IN + placebo("x > '31 ug/cm2'") + expect("x", ANY, arm="placebo"), model)
    made = ran(model, [plain])
    made.run([case])
    assert run_of(made, case, "placebo").out == run_of(ran(model, [case]), case, "placebo").out


def test_an_arm_like_another_enrols_the_same_people(model: Model, tmp_path: Path) -> None:
    (model.library / "treatments").mkdir(exist_ok=True)
    (model.library / "treatments" / "drop.toml").write_text(pool["TREATMENTS"]["treatments_drop"])
    more = '[[arms.drug.courses]]\ntreatment = "drop"\n[arms.vehicle]\nlike = "drug"\nwithout = ["drop"]\n'
    body = RUN_IN + placebo("x > '31 ug/cm2'", more, "drug") + expect("x", ANY, arm="vehicle")
    case = write(tmp_path, body, model)
    made = ran(model, [case])
    assert run_of(made, case, "vehicle").out == run_of(made, case, "drug").out != frozenset()


def test_nobody_enrolled_is_red_with_a_reason(model: Model, tmp_path: Path) -> None:
    body = RUN_IN + placebo("x > '900 ug/cm2'") + expect("x", ANY, arm="placebo")
    path = pool["write"](tmp_path, body, people=CREW)
    score = validate(model, [path.parent]).scores[0]
    assert (score.grade, score.reason, score.people) == ("red", "nobody of 40 is enrolled", 0)


def test_who_failed_before_is_not_enrolled_and_counts_there_only(tmp_path: Path) -> None:
    """One in fifty fills without end: not many of all, far more than a twentieth of the few enrolled."""
    frail = pool["library"](tmp_path / "frail", loss='{ kind = "uniform", low = -0.01, high = 0.49 }')
    body = RUN_IN + placebo("x > '50 ug/cm2'") + expect("x", ANY, arm="placebo")
    case = write(tmp_path, body, frail, "people = { count = 200, seed = 1 }")
    made = ran(frail, [case])
    before, run = run_of(made, case, "run_in"), run_of(made, case, "placebo")
    assert 0 < len(before.reasons) <= 10
    assert run.reasons == {}
    assert set(before.reasons) <= run.out
    assert 0 < run.count < 20 * len(before.reasons)
    score = score_case(case, frail, made.runs)[0]
    assert (score.people, score.reason) == (run.count, "")


def test_too_many_failed_before_enrolment_is_red(tmp_path: Path) -> None:
    frail = pool["library"](tmp_path / "frail", loss='{ kind = "uniform", low = -0.1, high = 0.49 }')
    case = write(tmp_path, RUN_IN + placebo("x < '20 ug/cm2'") + expect("x", ANY, arm="placebo"), frail)
    score = score_case(case, frail, ran(frail, [case]).runs)[0]
    assert (score.grade, score.people) == ("red", 0)
    assert "of 40 failed: no everyday state" in score.reason


# ---- what is refused, and questions of one person


@pytest.mark.parametrize(
    ("body", "code", "said"),
    [
        ("[arms.a]\ndays = 2\nenrol = \"x > '1 ug/cm2'\"\n", "E455", "follow it with after"),
        (RUN_IN + placebo("x"), "E456", "no comparison"),
        (RUN_IN + placebo("x > '1 mmol'"), "E406", "do not fit"),
        (RUN_IN + placebo("y > '1 ug/cm2'"), "E405", "no read-out 'y'"),
        (RUN_IN + placebo("at('9 day', x) > '1 ug/cm2'"), "E407", "after the end"),
        (RUN_IN + placebo("x >"), "E405", "not understood"),
        (RUN_IN + '[arms.b]\nafter = "run_in"\ndays = 1\nenrol = 3\n', "E405", "is text"),
    ],
)
def test_what_cannot_enrol_is_refused(model: Model, tmp_path: Path, body: str, code: str, said: str) -> None:
    arm = "a" if "arms.a" in body else "run_in"
    with pytest.raises(InputError, match=code) as caught:
        check(model, write(tmp_path, body + expect("x", ANY, arm=arm), model))
    assert said in str(caught.value)
    assert "toy_2001/case.toml" in caught.value.where


def test_a_question_of_one_person_enrols_them(model: Model, tmp_path: Path) -> None:
    body = RUN_IN + placebo("x > '900 ug/cm2'") + expect("x", ANY, arm="placebo")
    question = ask(write(tmp_path, body, model), "x", "placebo", model=model)
    made = ran(model, [question.case])
    assert np.isfinite(question.answer(model, made.runs).value)


def test_questions_are_about_the_typical_person(model: Model) -> None:
    scenario = Scenario("s", "s", "", 5.0, lead_in=7.0, seed=4)
    question = ask(scenario_case(scenario, "healthy_adult"), "x", "without", at="start", model=model)
    assert question.answer(model, ran(model, [question.case]).runs).value == pytest.approx(30.0, rel=1e-6)
    calm = ask(everyday_case("healthy_adult"), "x", "everyday", model=model)
    assert calm.answer(model, ran(model, [calm.case]).runs).value == pytest.approx(30.0, rel=1e-6)
