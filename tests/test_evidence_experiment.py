"""Running arms: each once, the same bits in any company, going on exactly, and losses that are told."""

from __future__ import annotations

import math
import runpy
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gutskin.engine import fast
from gutskin.engine.outcome import Options
from gutskin.errors import InputError
from gutskin.evidence.case import Case
from gutskin.evidence.conduct import key_of
from gutskin.evidence.experiment import Laboratory, Run, check
from gutskin.evidence.read import read_case
from gutskin.evidence.validate import Scorecard, validate
from gutskin.model import Model
from gutskin.people import read_person
from gutskin.population import draw
from gutskin.scenario import DAY, Scenario
from gutskin.simulate import simulate

pool = runpy.run_path(str(Path(__file__).parent / "fixtures" / "evidence_pool.py"))
expect = pool["expect"]
TIGHT = Options(rtol=1e-12, floor_share=1e-9)
ANY = "low = -1e9\nhigh = 1e9"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return pool["library"](tmp_path_factory.mktemp("pool"))


@pytest.fixture(scope="module")
def frail(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """People of whom one in fifty gains what others lose, so that the pool fills without end."""
    return pool["library"](
        tmp_path_factory.mktemp("frail"), loss='{ kind = "uniform", low = -0.01, high = 0.49 }'
    )


class Engine:
    """Counts who is run, in settling (no plan and no outputs between) and in arms."""

    def __init__(self) -> None:
        self.calls: list[tuple[int, float]] = []

    @property
    def arms(self) -> float:
        """Hours times people, settling left out: those stretches are of 20 days and more."""
        return sum(people * hours for people, hours in self.calls if hours < 20 * DAY)

    @property
    def settled(self) -> int:
        return sum(people for people, hours in self.calls if hours >= 20 * DAY)


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    made, solve = Engine(), fast.solve_lanes

    def counted(
        kernel: Any, start: Any, constants: Any, floors: Any, times: Any, *rest: Any, **more: Any
    ) -> Any:
        made.calls.append((start.shape[1], float(times[-1] - times[0])))
        return solve(kernel, start, constants, floors, times, *rest, **more)

    monkeypatch.setattr(fast, "solve_lanes", counted)
    return made


def write(folder: Path, body: str, model: Model, **more: str) -> Case:
    return read_case(pool["write"](folder, body, **more), model.library)


def ran(model: Model, cases: Sequence[Case], options: Options | None = None) -> Laboratory:
    made = Laboratory(model, options)
    made.run(cases)
    return made


def run_of(laboratory: Laboratory, case: Case, arm: str) -> Run:
    return laboratory.runs[key_of(case.chain(arm))]


def course(days: float, name: str = "fed", more: str = 'diet = "feast"\n', readout: str = "x") -> str:
    return f"[arms.{name}]\ndays = {days}\n{more}" + expect(readout, ANY, arm=name, unit="ug/cm2")


def values(card: Scorecard) -> dict[tuple[str, str, str], float]:
    assert not card.refused
    return {(s.study, s.readout, s.said): s.value for s in card.scores}


# ---- each arm once


def test_an_arm_of_several_studies_is_run_once(model: Model, tmp_path: Path, engine: Engine) -> None:
    cases = [write(tmp_path, course(2), model, study=name) for name in ("a", "b", "c")]
    made = ran(model, cases)
    assert len(made.runs) == 1
    assert engine.arms == 48.0
    settled = engine.settled
    made.run(cases)
    assert engine.arms == 48.0
    assert engine.settled == settled


def test_a_crew_settles_once_whatever_it_does(model: Model, tmp_path: Path, engine: Engine) -> None:
    many = (
        course(2) + course(3, "rest", "") + course(2, "wash", '[[arms.wash.courses]]\ntreatment = "wash"\n')
    )
    ran(model, [write(tmp_path, course(2), model)])
    alone, engine.calls = engine.settled, []
    ran(model, [write(tmp_path, many, model)])
    assert engine.settled == alone
    assert engine.arms == 24.0 * (2 + 3 + 2)


def test_asked_again_for_more_it_gives_more(model: Model, tmp_path: Path) -> None:
    """Other read-outs and other times of an arm that was run already."""
    first = write(tmp_path, course(2), model, study="a")
    other = write(
        tmp_path,
        course(2).replace('"x"', '"total"').replace('"ug/cm2"', '"ug"')
        + expect("x", 'at = "1.5 h"\n' + ANY, arm="fed"),
        model,
        study="b",
    )
    laboratory = Laboratory(model)
    one = values(validate(model, [first.path], laboratory=laboratory))
    both = values(validate(model, [other.path, first.path], laboratory=laboratory))
    fresh = values(validate(model, [other.path, first.path]))
    assert both == fresh
    assert one.items() <= both.items()


# ---- the same bits in any company

OTHERS = "".join(
    f'[arms.a{k}]\ndays = 2\nevery = "{0.7 + 0.1 * k:.1f} h"\nset = {{ inflow = "{k + 1} ug/cm2/h" }}\n'
    + expect("x", f'at = "{0.3 + k:.1f} h"\n' + ANY, arm=f"a{k}")
    for k in range(15)
)
MINE = (
    '[arms.fed]\ndays = 2\ndiet = "feast"\nadherence = 0.5\ndropout = 0.3\nanalysis = "last observation"\n'
    '[[arms.fed.courses]]\ntreatment = "drop"\n'
    + "".join(
        expect("x", f'at = "{at}"\n' + ANY, arm="fed", unit=unit)
        for at, unit in [
            ("", "ug/cm2"),
            ("2 day", "ug/cm2"),
            ("mean 5..17 h", "ug/cm2"),
            ("peak", "ug/cm2"),
            ("time of peak", "h"),
            ("lowest 7..13 h", "ug/cm2"),
            ("time to within 30 % of baseline", "h"),
            ("11.1 h", "ug/cm2"),
        ]
    )
)
CROWD = "people = { count = 21, seed = 5 }"


def test_numbers_do_not_depend_on_company_order_or_threads(
    model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = write(tmp_path / "mine", MINE, model, study="mine", people=CROWD).path
    finer = MINE.replace("adherence", 'every = "0.3 h"\nadherence')
    write(tmp_path / "others", finer, model, study="finer", people=CROWD)
    write(tmp_path / "others", OTHERS, model, study="many", people=CROWD.replace("5", "6"))
    write(tmp_path / "others", OTHERS, model, study="single")
    alone = values(validate(model, [mine]))
    assert len(alone) == 8
    assert all(math.isfinite(value) or value == math.inf for value in alone.values())
    for folders in ([mine, tmp_path / "others"], [tmp_path / "others", mine]):
        for threads in ("1", "3"):
            monkeypatch.setenv("GUTSKIN_THREADS", threads)
            found = values(validate(model, folders))
            assert len(found) == 8 + 8 + 15 + 15
            assert {key: value for key, value in found.items() if key[0] == "mine"} == alone


def test_a_number_does_not_depend_on_what_else_its_case_expects(model: Model, tmp_path: Path) -> None:
    parts = MINE.split("\n[[expect]]")
    whole = values(validate(model, [write(tmp_path / "all", MINE, model, people=CROWD).path]))
    for part in parts[1:]:
        single = write(tmp_path / "one", f"{parts[0]}\n[[expect]]{part}", model, people=CROWD)
        assert values(validate(model, [single.path])).items() <= whole.items()


def test_a_person_is_the_same_in_a_crew_of_any_size(model: Model, tmp_path: Path) -> None:
    small, large = (
        write(tmp_path, course(2), model, study=str(count), people=f"people = {{ count = {count} }}")
        for count in (3, 150)
    )
    made = ran(model, [large, small])
    few, many = (run_of(made, case, "fed").courses["x"] for case in (small, large))
    assert many.shape[1] == 150
    np.testing.assert_array_equal(few, many[:, :3])


# ---- who


def test_a_crew_of_one_is_exactly_the_person(model: Model, tmp_path: Path) -> None:
    people = 'people = { like = "fast", set = { inflow = "4 ug/cm2/h" } }'
    case = write(tmp_path, course(3, more='[[arms.fed.courses]]\ntreatment = "drop"\n'), model, people=people)
    run = run_of(ran(model, [case], Options(rtol=1e-6)), case, "fed")
    person = read_person("fast", model.library / "people")
    plan = Scenario(
        "s", "s", "", 3.0, lead_in=0.0, plan=case.arms["fed"].courses, overrides={"inflow": (4.0, "ug/cm2/h")}
    )
    lived = simulate(model, person, plan, options=Options(rtol=1e-6))
    rows = np.searchsorted(lived.times, run.times)
    np.testing.assert_array_equal(lived["x"].values[rows], run.courses["x"])
    assert run.courses["x"][0, 0] == pytest.approx(4.0, rel=1e-5)  # inflow 4, loss 1


def test_a_crew_is_drawn_from_the_spreads_and_keeps_what_is_set(model: Model, tmp_path: Path) -> None:
    people = 'people = { like = "fast", count = 40, seed = 9 }'
    case = write(tmp_path, course(3, more=""), model, people=people)
    rest = run_of(ran(model, [case], TIGHT), case, "fed").courses["x"][0]
    constants = draw(model, 40, like=read_person("fast", model.library / "people"), seed=9)
    names = [constant.name for constant in model.network.constants]
    inflow, loss = (constants[names.index(name)] for name in ("inflow", "k_loss"))
    assert set(loss) == {1.0}
    assert len(set(inflow)) == 40
    np.testing.assert_allclose(rest, inflow / loss, rtol=1e-3)


def test_a_crew_is_looked_at_where_the_case_says(model: Model, tmp_path: Path) -> None:
    """One person and many; what the case sets is known at the site too, and arms of two sites are two."""
    cases = {
        name: write(tmp_path, course(3, more=""), model, study=name, people=f"people = {{ {more} }}")
        for name, more in {
            "there": "like = 'fast', site = 'edge'", "own": "like = 'fast'",
            "many": "like = 'fast', site = 'edge', count = 30, seed = 2",
            "set": "like = 'fast', site = 'edge', count = 3, set = { inflow = '4 ug/cm2/h' }",
        }.items()
    }  # fmt: skip
    assert key_of(cases["there"].chain("fed")) != key_of(cases["own"].chain("fed"))
    made = ran(model, list(cases.values()), TIGHT)
    rest = {name: run_of(made, case, "fed").courses["x"][0] for name, case in cases.items()}
    assert rest["there"] == pytest.approx([0.5], rel=1e-3)
    assert rest["own"] == pytest.approx([pool["INFLOW"]], rel=1e-3)
    assert rest["set"] == pytest.approx([4.0] * 3, rel=1e-3)
    person = read_person("fast", model.library / "people", site="edge")
    inflow = draw(model, 30, like=person, seed=2)[[c.name for c in model.network.constants].index("inflow")]
    np.testing.assert_allclose(rest["many"], inflow, rtol=1e-3)
    assert len(set(inflow)) == 30
    assert np.log(inflow / 0.5).std() == pytest.approx(np.log(1.1), rel=0.4)


def test_a_site_that_is_not_there_is_told_with_the_case(model: Model, tmp_path: Path) -> None:
    case = write(tmp_path, course(3), model, people="people = { site = 'ege' }")
    with pytest.raises(InputError, match=r"E450.*did you mean edge") as caught:
        check(model, case)
    assert "case.toml" in caught.value.where


# ---- what


def test_a_diet_a_level_and_doses_in_closed_form(model: Model, tmp_path: Path) -> None:
    body = course(1) + course(1, "level", 'set = { k_loss = "1 1/h" }\n')
    body += course(1, "dosed", '[[arms.dosed.courses]]\ntreatment = "drop"\ndose = "4 mg"\n')
    body += course(1, "washed", '[[arms.washed.courses]]\ntreatment = "wash"\nstart = "6 h"\n')
    body = body.replace(ANY, ANY + '\nat = "peak"')
    case = write(tmp_path, body, model)
    made = ran(model, [case], TIGHT)
    t = run_of(made, case, "fed").times
    wanted = {
        "fed": 18 - 12 * np.exp(-0.5 * t),
        "level": 3 + 3 * np.exp(-t),
        "dosed": 6 + 6 * np.exp(-0.5 * t) * (t > 0) + 6 * np.exp(-0.5 * (t - 12)) * (t > 12),
        "washed": 6 - 4.5 * np.exp(-0.5 * (t - 6)) * (t > 6),
    }
    for name, closed in wanted.items():
        np.testing.assert_allclose(run_of(made, case, name).courses["x"][:, 0], closed, rtol=1e-3)


@pytest.mark.parametrize("more", ['diet = "feast"\n', "", 'set = { half = "1 ug/cm2" }\n'])
def test_an_arm_after_an_arm_goes_on_exactly(model: Model, tmp_path: Path, more: str) -> None:
    dosed = '[[arms.{name}.courses]]\ntreatment = "drop"\n'
    dosed += '[[arms.{name}.courses]]\ntreatment = "wash"\nstart = "5 h"\n'
    parts = {"whole": 28, "first": 14, "second": 14}
    body = "".join(
        course(days, name, more + ('after = "first"\n' if name == "second" else "") + dosed.format(name=name))
        for name, days in parts.items()
    ).replace(ANY, ANY + '\nat = "peak"')
    case = write(tmp_path, body, model, people="people = { count = 3 }")
    made = ran(model, [case], TIGHT)
    whole, first, second = (run_of(made, case, name) for name in parts)
    half = int(np.searchsorted(whole.times, 14 * DAY))
    np.testing.assert_allclose(first.courses["x"], whole.courses["x"][: half + 1], rtol=1e-9)
    np.testing.assert_allclose(second.courses["x"], whole.courses["x"][half:], rtol=1e-9)
    np.testing.assert_allclose(second.end, whole.end, rtol=1e-9)


def test_what_an_arm_held_ends_with_it(model: Model, tmp_path: Path) -> None:
    body = course(4) + course(4, "later", 'after = "fed"\n').replace(ANY, 'at = "peak"\n' + ANY)
    case = write(tmp_path, body, model)
    x = run_of(ran(model, [case], TIGHT), case, "later")
    np.testing.assert_allclose(x.courses["x"][:, 0], 6 + 12 * np.exp(-0.5 * x.times), rtol=1e-3)


def test_who_takes_half_of_the_doses_has_half_of_what_they_give(model: Model, tmp_path: Path) -> None:
    """The pool is linear: on average, what is added is in proportion to the doses taken."""
    drop = '[[arms.{name}.courses]]\ntreatment = "drop"\n'
    body = "".join(
        f'[arms.{name}]\ndays = 30\nevery = "0.1 h"\n{more}'
        + drop.format(name=name)
        + expect("x", 'at = "mean 2..30 day"\n' + ANY, arm=name)
        for name, more in [("all", ""), ("half", "adherence = 0.5\n"), ("none", "adherence = 0\n")]
    )
    people = 'people = { count = 60, set = { inflow = "3 ug/cm2/h" } }'
    card = validate(model, [write(tmp_path, body, model, people=people).path])
    whole, half, none = (score.value for score in card.scores)
    assert none == pytest.approx(6.0, rel=1e-3)
    assert whole - none == pytest.approx(
        0.5, rel=0.05
    )  # 3 ug/cm2 twice a day, gone at 0.5 / h: 6 / 24 / 0.5 [ug/cm2]
    assert half - none == pytest.approx(0.25, rel=0.1)


# ---- losses


def test_members_that_fail_are_missing_with_a_reason(frail: Model, tmp_path: Path) -> None:
    case = write(
        tmp_path,
        course(2, more="") + course(2, "later", 'after = "fed"\n'),
        frail,
        people="people = { count = 100 }",
    )
    made = ran(frail, [case])
    names = [constant.name for constant in frail.network.constants]
    loss = draw(frail, 100)[names.index("k_loss")]
    lost = set(np.flatnonzero(loss <= 0).tolist())
    assert 0 < len(lost) <= 5
    for arm in ("fed", "later"):
        run = run_of(made, case, arm)
        assert lost <= set(run.reasons)
        assert all("no everyday state" in why or "day" in why for why in run.reasons.values())
        gone = np.isnan(run.courses["x"]).all(axis=0)
        assert set(np.flatnonzero(gone)) == set(run.reasons)
    card = validate(frail, [case.path])
    assert [score.grade for score in card.scores] == ["green", "green"]
    assert card.scores[0].people == 100 - len(run_of(made, case, "fed").reasons)


def test_a_number_of_which_more_than_a_twentieth_failed_is_red(frail: Model, tmp_path: Path) -> None:
    people = 'people = { count = 40, set = { k_loss = "-1 1/h" } }'
    body = course(2, more="") + '\n[[curve]]\nreadout = "x"\narm = "fed"\ndata = "d.csv"\nunit = "ug/cm2"\n'
    case = tmp_path / "toy_2001"
    case.mkdir()
    (case / "d.csv").write_text("day,value\n0,6\n")
    write(tmp_path, body + 'measure = "rmse"\nhigh = 1e9\nwhy = "F"\n', frail, people=people)
    for score in validate(frail, [case]).scores:
        assert (score.grade, score.people) == ("red", 0)
        assert math.isnan(score.value)
        assert score.reason.startswith("40 of 40 failed: no everyday state")


def test_one_person_who_fails_is_a_red_and_harms_nobody(frail: Model, tmp_path: Path) -> None:
    write(tmp_path, course(2), frail, study="good")
    write(tmp_path, course(2), frail, study="lost", people='people = { set = { k_loss = "-1 1/h" } }')
    good, lost = validate(frail, [tmp_path]).scores
    alone = validate(frail, [tmp_path / "good"]).scores[0]
    assert (good.grade, good.value) == ("green", alone.value)
    assert lost.grade == "red"
    assert lost.reason.startswith("1 of 1 failed")


# ---- drop-out


def trial(dropout: float, analysis: str = "completers", more: str = "") -> str:
    said = f'diet = "feast"\ndropout = {dropout}\nanalysis = "{analysis}"\n{more}'
    return "[arms.fed]\ndays = 10\n" + said + expect("x", ANY, arm="fed")


SAME = 'people = { count = 400, set = { inflow = "3 ug/cm2/h" } }'


@pytest.mark.parametrize("dropout", [0.0, 0.25, 1.0])
def test_completers_are_who_is_left(dropout: float, model: Model, tmp_path: Path) -> None:
    score = validate(model, [write(tmp_path, trial(dropout), model, people=SAME).path]).scores[0]
    assert abs(score.people - 400 * (1 - dropout)) <= 4 * math.sqrt(400 * dropout * (1 - dropout))
    if dropout == 1.0:
        assert (score.grade, math.isnan(score.value)) == ("red", True)
    else:
        assert score.value == pytest.approx(18.0, rel=1e-3)


def test_the_last_observation_of_who_leaves_is_carried_forward(model: Model, tmp_path: Path) -> None:
    """Half leave at times spread evenly over the arm, so that the mean has a closed form."""
    body = trial(0.5, "last observation", 'every = "1 h"\n').replace(
        "diet", 'set = { k_loss = "0.02 1/h" }\ndiet'
    )
    body = body.replace(ANY, 'at = "240 h"\n' + ANY).replace('diet = "feast"\n', "")
    score = validate(model, [write(tmp_path, body, model, people=SAME).path]).scores[0]
    assert score.people == 400
    hours = np.arange(0.0, 240.0)
    rise = 150.0 - 144.0 * np.exp(-0.02 * np.append(hours, 240.0))
    wanted = 0.5 * rise[-1] + 0.5 * rise[:-1].mean()
    assert score.value == pytest.approx(wanted, rel=0.05)
    assert score.value < 0.95 * rise[-1]


def test_who_left_is_missing_in_the_arm_that_follows_and_is_compared_with_nobody(
    model: Model, tmp_path: Path
) -> None:
    body = trial(0.3) + '[arms.later]\nafter = "fed"\ndays = 3\n' + expect("x", ANY, arm="later")
    body += expect("x", 'versus = "fed"\nas = "difference"\n' + ANY, arm="later")
    body += expect("x", 'versus = "start"\nas = "difference"\n' + ANY, arm="fed")
    card = validate(model, [write(tmp_path, body, model, people="people = { count = 200 }").path])
    people = [score.people for score in card.scores]
    assert 110 < people[0] < 170
    assert people == [people[0]] * 4
    fed, later, change, _ = (score.value for score in card.scores)
    assert change == pytest.approx(later - fed, rel=1e-9), "the same people on both sides"


# ---- noise


def test_noise_has_the_stated_size_and_does_not_bias(model: Model, tmp_path: Path) -> None:
    people = 'people = { count = 4000, set = { inflow = "3 ug/cm2/h" } }'
    parts = [
        expect("pool", f'statistic = "{statistic}"\n{ANY}', unit=unit)
        for statistic, unit in [("mean", "ug/cm2"), ("sd", "ug/cm2"), ("cv", "1")]
    ]
    body = "[arms.rest]\ndays = 1\n" + "".join(parts)
    for noise in ("cv = 0.3", 'sd = "1800 ng/cm2"'):
        path = write(tmp_path, body + f"[noise.pool]\n{noise}\n", model, people=people).path
        mean, sd, cv = (score.value for score in validate(model, [path]).scores)
        assert abs(mean - 6.0) < 4 * 1.8 / math.sqrt(4000)
        assert sd == pytest.approx(1.8, rel=0.06)
        assert cv == pytest.approx(0.3, rel=0.06)


def test_noise_is_drawn_once_a_person_and_reading_by_whatever_name(model: Model, tmp_path: Path) -> None:
    body = "[arms.rest]\ndays = 2\n" + expect("pool / pond", 'statistic = "sd"\n' + ANY, unit="1")
    body += expect("x / at('1 day', x)", 'statistic = "sd"\n' + ANY, unit="1")
    body += expect("pond", 'versus = "start"\nas = "difference"\nstatistic = "sd"\n' + ANY)
    body += "[noise.x]\ncv = 0.1\n"
    one, two, _ = (s.value for s in validate(model, [write(tmp_path, body, model, people=SAME).path]).scores)
    assert one == 0.0
    assert two == pytest.approx(0.1 * math.sqrt(2), rel=0.15)
