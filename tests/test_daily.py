"""Daily series: mean and memory as written, the same days in any company, and one life across arms."""

from __future__ import annotations

import math
import runpy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gutskin.daily import DAY, Diary, Series, faults, read_series, values
from gutskin.engine.outcome import Options
from gutskin.errors import LibraryError
from gutskin.evidence.expression import expression
from gutskin.ledger import Parameter, Spread
from gutskin.model import Model
from gutskin.people import Person
from gutskin.pictures import take
from gutskin.pictures.read import Panel, Picture, Row
from gutskin.protocol import stops
from gutskin.scenario import Course, Scenario
from gutskin.simulate import everyday, simulate
from gutskin.stream import Crowd, stream
from gutskin.treatment import Effect, Treatment

toy = runpy.run_path(str(Path(__file__).parent / "helpers.py"))["toy"]
FINE = Options(rtol=1e-9, floor_share=1e-6)
TEXT = """  x' = inflow * (1 + answer * load) - k_loss * x;
  lately := inflow * (1 + answer * load);"""
NUMBER = '{{ value = {}, unit = "{}", source = "none", grade = "assumed" }}'
ROW = (
    '[weather]\nlabel = "Weather"\nconstant = "load"\nsize = "answer"\nshape = "lognormal"\n'
    f"memory = {NUMBER.format(5, 'day')}\nlog_sd = {NUMBER.format(0.8, 1)}\n"
)
ADA = Person("ada", "Ada")
CALM = Person("calm", "Calm").having("preset", {"answer": (0.0, "1")})


def library(folder: Path, daily: str = ROW, answer: float = 0.7) -> Model:
    made: Model = toy(
        folder,
        TEXT,
        {
            "inflow": (3.0, "ug/cm2/h", 1.3),
            "k_loss": (0.1, "1/h"),
            "load": (0.0, "1"),
            "answer": (answer, "1"),
        },
        {"x": ("ug/cm2", 1.0), "lately": ("ug/cm2/h",)},
        readouts_gut='[pool]\nquantity = "x"\nlabel = "Pool"\nunit = "ug/cm2"\nbetter = "none"\n',
        daily=daily,
    )
    return made


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return library(tmp_path_factory.mktemp("windy"))


def made(shape: str = "lognormal", memory: float = 5.0, name: str = "weather") -> Series:
    row = Parameter("toy", memory, "day", Spread("fixed"), "none", "", "assumed")
    width = replace(row, value=0.8, unit="1") if shape == "lognormal" else None
    return Series(name, name, "load", "answer", row, shape, width, "")


# ---- what a series is


@pytest.mark.parametrize("shape", ["lognormal", "normal"])
def test_the_mean_is_0_over_people_on_the_first_day_and_on_later_ones(shape: str) -> None:
    found = np.array([values(made(shape), 1, person, 0, 41) for person in range(4000)])
    sd = math.sqrt(math.exp(0.64) - 1) if shape == "lognormal" else 1.0
    for day in (0, 20, 40):
        assert abs(found[:, day].mean()) < 4 * sd / math.sqrt(4000)
        assert found[:, day].std() == pytest.approx(sd, rel=0.12)
    if shape == "lognormal":
        assert found.min() > -1.0
        assert np.median(found) == pytest.approx(math.exp(-0.32) - 1, abs=0.03)


@pytest.mark.parametrize("memory", [0.5, 3.0, 12.0])
def test_what_is_kept_of_a_day_fades_with_the_memory(memory: float) -> None:
    z = values(made("normal", memory), 7, 0, 0, 40_000)
    for lag in (1, round(memory) + 1):
        kept = float(np.mean(z[:-lag] * z[lag:]) / np.mean(z**2))
        assert kept == pytest.approx(math.exp(-lag / memory), abs=0.04)


@given(
    first=st.integers(0, 80), count=st.integers(1, 30), person=st.integers(0, 10**6), seed=st.integers(0, 99)
)
@settings(max_examples=40, deadline=None)
def test_a_day_is_the_same_wherever_one_begins_to_look(
    first: int, count: int, person: int, seed: int
) -> None:
    whole = values(made(), seed, person, 0, 120)
    assert np.array_equal(values(made(), seed, person, first, count), whole[first : first + count])


def test_people_seeds_and_series_have_days_of_their_own() -> None:
    one = values(made("normal"), 1, 0, 0, 4000)
    for other in (
        values(made("normal"), 1, 1, 0, 4000),
        values(made("normal"), 2, 0, 0, 4000),
        values(made("normal", name="pollen"), 1, 0, 0, 4000),
    ):
        assert abs(np.corrcoef(one, other)[0, 1]) < 0.15


# ---- whose days, and what they do


def test_who_does_not_answer_has_no_stops(model: Model) -> None:
    diary, constants = Diary(model), model.constants()
    assert diary.unsteady(constants[:, None]).all()
    constants[diary.sizes] = 0.0
    assert not diary.unsteady(constants[:, None]).any()
    assert diary.own(constants, 1, 0, 0.0, 240.0) == ()
    assert stops((), model.network, constants, diary.own(constants, 1, 0, 0.0, 240.0)) == ()


def exact(model: Model, days: np.ndarray, x: float) -> float:
    """Return x after days of constant inflow, from the closed form."""
    for load in days:
        rest = 3.0 * (1 + 0.7 * load) / 0.1
        x = rest + (x - rest) * math.exp(-0.1 * DAY)
    return x


def test_a_life_is_the_closed_form_of_its_days(model: Model) -> None:
    found = simulate(model, ADA, Scenario("s", "s", "", 9.0, lead_in=0.0, seed=4), options=FINE)
    days = values(read_series(model.library)[0], 4, 0, 0, 9)
    assert found["x"].values[-1, 0] == pytest.approx(exact(model, days, 30.0), rel=1e-6)


def test_day_0_follows_the_lead_in_also_when_nothing_is_done_in_it(model: Model) -> None:
    led = simulate(model, ADA, Scenario("s", "s", "", 5.0, lead_in=10.0), options=FINE)
    long = simulate(model, ADA, Scenario("s", "s", "", 15.0, lead_in=0.0), options=FINE)
    assert led["x"].values[0, 0] == pytest.approx(long["x"].values[60, 0], rel=1e-6)
    assert led["x"].values[-1, 0] == pytest.approx(long["x"].values[-1, 0], rel=1e-6)
    assert abs(led["x"].values[0, 0] - 30.0) > 0.1
    calm = simulate(model, CALM, Scenario("s", "s", "", 5.0, lead_in=10.0))
    assert calm["x"].values[:, 0] == pytest.approx(30.0, rel=1e-4)


def held(action: str, value: float, start: float, end: float) -> Course:
    row = Parameter("toy", value, "1", Spread("fixed"), "none", "", "assumed")
    return Course(
        Treatment("t", "t", "", "live", None, None, (Effect(action, "load", row),)), 1.0, None, start, end
    )


def test_a_course_that_sets_the_constant_wins_and_others_act_on_the_day(model: Model) -> None:
    constants, k = model.constants(), Diary(model).series[0][1]
    own = Diary(model).own(constants, 1, 0, 0.0, 5 * DAY)
    days = values(read_series(model.library)[0], 1, 0, 0, 5)

    def after(course: Course) -> dict[float, float]:
        return {stop.time: dict(stop.set)[k] for stop in stops((course,), model.network, constants, own)}

    assert after(held("set", 9.0, 30.0, 60.0)) == {
        0.0: days[0], 24.0: days[1], 30.0: 9.0, 48.0: 9.0, 60.0: days[2], 72.0: days[3], 96.0: days[4],
    }  # fmt: skip
    plus = after(held("plus", 0.5, 30.0, 60.0))
    assert (plus[30.0], plus[48.0], plus[60.0]) == (days[1] + 0.5, days[2] + 0.5, days[2])
    assert after(held("times", 3.0, 0.0, 60.0))[24.0] == 3 * days[1]


def test_the_own_value_of_a_person_is_the_middle_of_their_days(model: Model) -> None:
    constants = model.constants()
    k = Diary(model).series[0][1]
    usual = Diary(model).own(constants, 1, 0, 0.0, 72.0)[0].values
    constants[k] = 0.25
    assert Diary(model).own(constants, 1, 0, 0.0, 72.0)[0].values == pytest.approx([v + 0.25 for v in usual])


def test_both_arms_live_the_same_days_and_company_changes_nothing(model: Model) -> None:
    plan = held("set", 5.0, 6 * DAY, 8 * DAY)
    scenario = Scenario("s", "s", "", 10.0, plan=(plan,), seed=3)
    both = [simulate(model, ADA, scenario, planned=planned)["x"].values[:, 0] for planned in (False, True)]
    assert np.array_equal(both[0][:37], both[1][:37])
    assert not np.allclose(both[0][37:], both[1][37:])
    company = simulate(model, [CALM, ADA], scenario)["x"].values
    assert np.array_equal(company[:, 1], both[1])
    other = simulate(model, ADA, replace(scenario, seed=4))["x"].values[:, 0]
    assert not np.allclose(other[:37], both[1][:37])


def test_people_of_a_crowd_live_the_same_days_in_any_part(
    model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario = Scenario("s", "s", "", 6.0, lead_in=2.0)

    def means(people: int, part: int) -> np.ndarray:
        monkeypatch.setattr("gutskin.stream.PART", part)
        crowd = Crowd(people, (3.0, 6.0), ADA, 5)
        return np.concatenate([each.values for each in stream(model, scenario, crowd)], axis=-1)

    whole = means(20, 32)
    assert np.array_equal(whole, means(20, 8))
    assert np.array_equal(whole[..., :9], means(9, 8))
    assert np.array_equal(whole[0], whole[1])  # nothing is planned: twins
    assert np.ptp(whole[0, 0, 0] / whole[0, 0, 1]) > 0.01  # days differ between people


def test_a_result_says_which_series_it_was_made_with(model: Model, tmp_path: Path) -> None:
    scenario = Scenario("s", "s", "", 1.0)
    other = library(tmp_path / "other", ROW.replace("0.8", "0.9"))
    stamps = [simulate(each, ADA, scenario).stamp["daily_hash"] for each in (model, other)]
    assert stamps[0] != stamps[1]
    assert "daily_hash" not in simulate(library(tmp_path / "none", ""), ADA, scenario).stamp


def test_a_picture_of_everyday_life_shows_no_single_day(model: Model) -> None:
    row = Row("x", (expression("x"),))
    panel = Panel("x", "ug/cm2", "along", False, True, (), (row,))
    shown = take(model, Picture("p", "p", "", 1, "", (("here", "here"),), (panel,)), ADA)
    assert shown.panels[0].rows[0].values == pytest.approx(
        everyday(model, model.constants()).states, rel=1e-9
    )


# ---- the file


def test_a_library_without_the_file_has_no_series(tmp_path: Path) -> None:
    assert read_series(tmp_path) == ()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("label", "labbel", "did you mean label"),
        ('shape = "lognormal"', 'shape = "wavy"', "one of lognormal, normal"),
        ('shape = "lognormal"', 'shape = "normal"', "a lognormal shape needs log_sd"),
        ('"day"', '"mmol"', "no time above 0"),
        ("value = 5", "value = 0", "no time above 0"),
        ("value = 0.8", "value = -1", "no pure number"),
        ('size = "answer"', "size = 3", "size is missing"),
    ],
)
def test_a_series_that_is_ill_formed_is_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    (tmp_path / "daily.toml").write_text(ROW.replace(old, new))
    with pytest.raises(LibraryError, match="E457") as caught:
        read_series(tmp_path)
    assert said in str(caught.value)
    assert caught.value.where


def test_a_number_without_source_and_grade_is_refused(tmp_path: Path) -> None:
    (tmp_path / "daily.toml").write_text(ROW.replace(', grade = "assumed"', ""))
    with pytest.raises(LibraryError, match="E132"):
        read_series(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "code", "said"),
    [
        ('"load"', '"lode"', "E458", "did you mean load"),
        ('"answer"', '"anser"', "E458", "did you mean answer"),
        ('"load"', '"k_loss"', "E458", "no pure number"),
        ('size = "answer"', 'size = "load"', "E458", "set by something else"),
        ('source = "none"', 'source = "nobody_1900"', "E137", "sources.bib"),
        ('"Weather"', "3", "E457", "label is missing"),
    ],
)
def test_what_does_not_fit_the_model_is_found(
    tmp_path: Path, old: str, new: str, code: str, said: str
) -> None:
    model = library(tmp_path, ROW.replace(old, new))
    found = faults(model)
    assert code in {each.code for each in found}
    assert any(said in str(each) for each in found)


def test_two_series_of_one_constant_are_found(tmp_path: Path, model: Model) -> None:
    assert faults(model) == []
    twice = library(tmp_path, ROW + ROW.replace("[weather]", "[pollen]"))
    assert [each.code for each in faults(twice)] == ["E458"]
