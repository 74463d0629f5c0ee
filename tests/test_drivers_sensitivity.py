"""Sensitivity of a linear toy, whose shares are known, and of the person once."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gutskin.drivers.people
from gutskin.calibrate.knobs import choose
from gutskin.drivers.experiment import Question, ask, everyday_case, study_case
from gutskin.drivers.people import Asked, Varied, drawn, varied
from gutskin.drivers.sensitivity import Settings, moving, sensitivity
from gutskin.engine.outcome import Options
from gutskin.errors import InputError
from gutskin.model import Model, load

toys = runpy.run_path(str(Path(__file__).with_name("drivers_toys.py")))
K = toys["K"]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return toys["pool"](tmp_path_factory.mktemp("toy"))


@pytest.fixture(scope="module")
def everyday(model: Model) -> Question:
    return ask(everyday_case("healthy_adult"), "pool", "everyday", model=model)


def rows(model: Model, *names: str) -> list[Any]:
    return [model.ledger.rows[f"toy.{name}"] for name in names]


SOME = ("inflow", "leak", "gain_straight", "gain_round")


def test_shares_of_variance_of_a_sum(model: Model, everyday: Question) -> None:
    """X is (inflow + leak) / k at rest: the shares are 0.3^2 and 0.1^2 of their sum, the gains have none."""
    found = sensitivity(model, everyday, rows(model, *SOME), Settings(over="numbers", size=512))
    shares = {each["name"]: each for each in found["indices"]}
    for name, share in (("inflow", 0.9), ("leak", 0.1), ("gain_straight", 0.0), ("gain_round", 0.0)):
        assert shares[f"toy.{name}"]["total"] == pytest.approx(share, abs=0.02)
        assert shares[f"toy.{name}"]["first"] == pytest.approx(share, abs=0.05)
    assert found["sd"] == pytest.approx(np.hypot(0.3, 0.1) / K, rel=0.02)
    assert found["mean"] == pytest.approx(found["value"], rel=0.01)
    assert (found["people"], found["failed"], found["dropped"]) == (512 * 6, 0, 0)


def test_a_difference_has_other_drivers_than_its_sides(model: Model, tmp_path: Path) -> None:
    case = study_case(str(toys["case"](tmp_path).parent), model)
    question = ask(case, "pool", "drug", "placebo", model=model)
    found = sensitivity(model, question, rows(model, *SOME), Settings(over="numbers", size=256))
    shares = {each["name"]: each["total"] for each in found["indices"]}
    assert shares["toy.gain_straight"] == pytest.approx(0.8, abs=0.03)
    assert shares["toy.gain_round"] == pytest.approx(0.2, abs=0.03)
    assert shares["toy.inflow"] + shares["toy.leak"] < 1e-3


def test_elementary_effects_of_a_sum(model: Model, everyday: Question) -> None:
    found = sensitivity(model, everyday, rows(model, *SOME), Settings("morris", "numbers"))
    effects = {each["name"]: each for each in found["effects"]}
    assert list(effects)[:2] == ["toy.inflow", "toy.leak"]
    assert effects["toy.inflow"]["mu_star"] == pytest.approx(0.3 / K, rel=1e-2)
    assert effects["toy.leak"]["mu"] == pytest.approx(0.1 / K, rel=1e-2)
    assert effects["toy.inflow"]["sigma"] < 0.01 * 0.3 / K
    assert effects["toy.gain_round"]["mu_star"] == pytest.approx(0.0, abs=1e-3)
    assert effects["toy.leak"]["grade"] == "assumed"


def test_one_group_is_the_whole_and_blocks_need_a_file(model: Model, everyday: Question) -> None:
    for method in ("sobol", "morris"):
        with pytest.raises(InputError, match="E433 all numbers are in toy"):
            sensitivity(model, everyday, rows(model, *SOME), Settings(method, "modules", 64))
    found = sensitivity(model, everyday, rows(model, "leak"), Settings(over="modules", size=64))
    assert found["indices"][0]["total"] == pytest.approx(1.0, abs=0.1)
    with pytest.raises(InputError, match="E431"):
        sensitivity(model, everyday, rows(model, *SOME), Settings())


def test_answers_do_not_depend_on_the_company(
    model: Model, everyday: Question, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = rows(model, *SOME)
    numbers = drawn(asked, np.random.default_rng(3).random((11, 4)))
    whole = Asked(model, everyday, asked)(numbers)
    monkeypatch.setattr(gutskin.drivers.people, "BATCH", 4)
    ticks: list[float] = []
    assert np.array_equal(Asked(model, everyday, asked, tick=ticks.append)(numbers), whole)
    assert sum(ticks) == pytest.approx(1.0)
    assert whole == pytest.approx(numbers[:, :2].sum(axis=1) / K, rel=1e-3)


def test_a_varied_model_is_the_model_but_for_its_numbers(model: Model) -> None:
    (made,) = varied(model, [[0], [2]], np.array([[9.0, 8.0]]))
    assert isinstance(made, Varied)
    expected = model.constants()
    expected[[0, 2]] = 9.0, 8.0
    assert np.array_equal(made.constants(), expected)
    made.constants()[0] = 1.0
    assert np.array_equal(made.constants(), expected)
    assert made.network is model.network


def test_who_fails_is_counted_with_the_reason(model: Model, everyday: Question) -> None:
    asked = Asked(model, everyday, rows(model, "inflow"), Options(max_steps=3))
    assert np.isnan(asked(np.array([[1.0], [2.0]]))).all()
    assert sum(asked.failed.values()) == asked.people == 2
    assert all("everyday" in reason for reason in asked.failed)


def test_no_answer_at_the_ledger_is_refused_before_people_are_drawn(model: Model, everyday: Question) -> None:
    with pytest.raises(InputError, match="E436"):
        sensitivity(
            model,
            everyday,
            rows(model, *SOME),
            Settings(over="numbers", size=8),
            options=Options(max_steps=3),
        )


def test_fixed_and_known_numbers_do_not_move(model: Model, everyday: Question) -> None:
    assert [row.row for row in moving(model, everyday, list(model.ledger.rows.values()))] == [
        f"toy.{name}" for name in SOME
    ]
    with pytest.raises(InputError, match="E435"):
        moving(model, everyday, rows(model, "k_leave"))


SOMEBODY = """label = "Somebody"
[set]
inflow = "1 mmol/h"
[set.leak]
value = 2000
unit = "umol/h"
spread = { kind = "normal", sd = 600 }
source = "none"
grade = "assumed"
"""


def test_a_number_with_a_spread_of_the_persons_own_moves_by_that(model: Model, tmp_path: Path) -> None:
    """The pool is (inflow + leak) / K; inflow is known, leak is 2 with sd 0.6, not 1 with 0.1."""
    path = tmp_path / "ada.toml"
    path.write_text(SOMEBODY)
    asked = ask(everyday_case(str(path)), "pool", "everyday", model=model)
    moved = moving(model, asked, rows(model, "inflow", "leak", "gain_round"))
    assert [row.row for row in moved] == ["toy.leak", "toy.gain_round"]
    assert (moved[0].value, moved[0].unit, moved[0].spread.sd) == (2.0, "mmol/h", 0.6)
    found = sensitivity(model, asked, rows(model, *SOME), Settings(over="numbers", size=128))
    assert found["value"] == pytest.approx(3 / K, rel=1e-3)
    assert (found["mean"], found["sd"]) == (pytest.approx(3 / K, rel=0.02), pytest.approx(0.6 / K, rel=0.05))
    totals = {each["name"]: each["total"] for each in found["indices"]}
    assert totals.pop("toy.leak") == pytest.approx(1.0, abs=0.1)
    assert max(totals.values()) < 1e-3
    ways = sensitivity(model, asked, rows(model, *SOME), Settings("morris", "numbers"))
    assert ways["effects"][0]["name"] == "toy.leak"
    assert ways["effects"][0]["mu"] == pytest.approx(0.6 / K, rel=1e-2)
    assert ways["site"] == []


@pytest.mark.parametrize(
    ("settings", "code"),
    [(Settings("sobel"), "E411"), (Settings(over="organs"), "E411"), (Settings(size=100), "E433")],
)
def test_settings_that_are_not_there(model: Model, everyday: Question, settings: Settings, code: str) -> None:
    with pytest.raises(InputError, match=code):
        sensitivity(model, everyday, rows(model, *SOME), settings)


def test_the_person_by_blocks() -> None:
    """Water loss of skin: the skin's own numbers are most of it, and the run can be repeated to the bit."""
    model = load()
    chosen = [knob.row for knob in choose(model, ["*"])]
    question = ask(everyday_case("healthy_adult"), "ln(tewl / '1 g/m2/h')", "everyday", model=model)
    found = sensitivity(model, question, chosen, Settings(size=64))
    assert {each["name"] for each in found["indices"]} == {"gut", "axis", "skin", "environment"}
    assert found["indices"][0]["name"] == "skin"
    assert found["indices"][0]["total"] > 0.5
    assert sum(each["numbers"] for each in found["indices"]) == found["numbers"] == len(chosen)
    again = sensitivity(model, question, chosen, Settings(size=64))
    assert again["indices"] == found["indices"]
