"""Edges and numbers behind a difference, of a toy that is known in closed form and of the person once."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pytest

from gutskin.calibrate.knobs import choose
from gutskin.compare import compare, cut_effect
from gutskin.drivers.experiment import Question, ask, scenario_case, study_case
from gutskin.drivers.why import Why, document, why
from gutskin.edges import read_edges
from gutskin.errors import InputError
from gutskin.model import Model, load
from gutskin.people import read_person
from gutskin.scenario import read_scenario

toys = runpy.run_path(str(Path(__file__).with_name("drivers_toys.py")))
K = toys["K"]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return toys["pool"](tmp_path_factory.mktemp("toy"))


def question(model: Model, folder: Path, how: str = "", at: str = "", text: str = "") -> Question:
    case = study_case(str(toys["case"](folder, text or toys["CASE"]).parent), model)
    return ask(case, "pool", "drug", "placebo", how, at, model=model)


def shares(found: Why) -> dict[str, float]:
    return {each.edge.name: each.share for each in found.edges}


def test_edges_side_by_side_split_a_difference(model: Model, tmp_path: Path) -> None:
    found = why(model, question(model, tmp_path), choose(model, ["*"]))
    assert found.answer.value == pytest.approx(4 / K, rel=1e-3)
    assert found.answer.sides == pytest.approx((7 / K, 3 / K), rel=1e-3)
    assert shares(found) == pytest.approx({"straight": 0.75, "round": 0.25, "idle": 0.0}, abs=1e-4)
    assert next(iter(shares(found))) == "straight"


def test_a_ratio_is_carried_as_far_as_it_is_from_one(model: Model, tmp_path: Path) -> None:
    """7/3 without an edge is (3 + 1)/3 or (3 + 3)/3; without the leak both arms lose 1."""
    found = shares(why(model, question(model, tmp_path, "ratio"), choose(model, ["*"])))
    assert found["straight"] == pytest.approx(0.75, abs=1e-3)
    assert found["round"] == pytest.approx(0.25, abs=1e-3)
    assert found["idle"] < 0


def test_slopes_and_shares_of_the_variance(model: Model, tmp_path: Path) -> None:
    found = why(model, question(model, tmp_path), choose(model, ["*"]))
    drivers = {each.row.row: each for each in found.drivers}
    assert list(drivers)[:2] == ["toy.gain_straight", "toy.gain_round"]
    assert drivers["toy.gain_straight"].slope == pytest.approx(0.4 / K, rel=1e-3)
    assert drivers["toy.gain_round"].slope == pytest.approx(0.2 / K, rel=1e-3)
    assert drivers["toy.gain_straight"].share == pytest.approx(0.8, abs=1e-3)
    assert drivers["toy.inflow"].share < 1e-6
    assert found.sd == pytest.approx(np.hypot(0.4, 0.2) / K, rel=1e-3)
    assert found.by_grade() == pytest.approx({"assumed": 1.0})
    assert found.bent == ()
    assert found.linear
    assert found.drawn_sd == pytest.approx(found.sd, rel=0.25)


def test_slopes_at_a_moment_follow_the_closed_form(model: Model, tmp_path: Path) -> None:
    found = why(model, question(model, tmp_path, at="1 h"), choose(model, ["*"]))
    assert found.drivers[0].slope == pytest.approx(0.4 / K * (1 - np.exp(-K)), rel=1e-3)


def test_a_number_with_which_the_difference_bends_is_named(tmp_path: Path) -> None:
    model = toys["pool"](tmp_path / "toy", gain_straight=(3.0, "mmol/h", 5.0))
    found = why(model, question(model, tmp_path), choose(model, ["*"]))
    first, slope = found.drivers[0], 3.0 * np.log(5.0) / K
    assert first.row.row == "toy.gain_straight"
    assert first.slope == pytest.approx(slope, rel=1e-3)
    assert first.halves == pytest.approx((3 / K * (1 - 5**-0.5) / 0.5, 3 / K * (5**0.5 - 1) / 0.5), rel=1e-3)
    assert found.bent == (first,)
    assert not document(model, found)["linear"]


def test_the_document_says_where_everything_is_from(model: Model, tmp_path: Path) -> None:
    said = document(model, why(model, question(model, tmp_path), choose(model, ["*"])), top=2)
    assert [each["row"] for each in said["numbers"]] == ["toy.gain_straight", "toy.gain_round"]
    assert said["numbers_moved"] == 4
    keys = {"row", "value", "unit", "spread", "grade", "source", "cited", "where", "note"}
    assert all(keys <= set(each) for each in said["numbers"])
    assert all(keys <= set(each["number"]) for each in said["edges"])
    assert said["edges"][0]["number"]["row"] == "toy.gain_straight"
    assert (said["arm"], said["versus"], said["unit"]) == ("drug", "placebo", "mmol")


def test_an_edge_that_is_cut_already_carries_nothing(model: Model, tmp_path: Path) -> None:
    text = toys["CASE"].replace('set = { drug = "1 1" }', 'set = { drug = "1 1" }\ncut = ["round"]')
    found = why(model, question(model, tmp_path, text=text), choose(model, ["*"]))
    assert shares(found) == pytest.approx({"straight": 1.0, "round": 0.0, "idle": 0.0}, abs=1e-4)


def test_what_is_known_of_the_person_has_no_slope(model: Model, tmp_path: Path) -> None:
    own = 'role = "fit"\npeople = { set = { gain_straight = "3 mmol/h" } }'
    asked = question(model, tmp_path, text=toys["CASE"].replace('role = "fit"', own))
    found = why(model, asked, choose(model, ["*"]))
    assert "toy.gain_straight" not in {each.row.row for each in found.drivers}
    assert found.drivers[0].share == pytest.approx(1.0, abs=1e-6)
    with pytest.raises(InputError, match="E435"):
        why(model, asked, choose(model, ["toy.gain_straight"]))


def test_a_number_with_a_spread_of_the_persons_own_moves_by_that(model: Model, tmp_path: Path) -> None:
    """The straight way is 1 with sd 0.8 in this person, not 3 with 0.4; the drug gives 1 + 1."""
    (tmp_path / "drug_2000").mkdir()
    (tmp_path / "drug_2000" / "ada.toml").write_text(
        'label = "Ada"\n[set]\ngain_straight = { value = 1, unit = "mmol/h", source = "none", '
        'grade = "assumed", spread = { kind = "normal", sd = 0.8 } }\n'
    )
    text = toys["CASE"].replace('"fit"', '"fit"\npeople = { like = "ada.toml" }')
    asked = question(model, tmp_path, text=text)
    found = why(model, asked, choose(model, ["*"]))
    assert found.answer.value == pytest.approx(2.0 / K, rel=1e-3)
    drivers = {each.row.row: each for each in found.drivers}
    assert drivers["toy.gain_straight"].row.value == 1.0
    assert drivers["toy.gain_straight"].slope == pytest.approx(0.8 / K, rel=1e-3)
    assert drivers["toy.gain_round"].slope == pytest.approx(0.2 / K, rel=1e-3)
    assert found.sd == pytest.approx(np.hypot(0.8, 0.2) / K, rel=1e-3)
    assert found.linear


def test_progress_adds_up(model: Model, tmp_path: Path) -> None:
    ticks: list[float] = []
    why(model, question(model, tmp_path), choose(model, ["*"]), edges=(), tick=ticks.append)
    assert sum(ticks) == pytest.approx(1.0)


def test_what_has_no_why_is_refused(model: Model, tmp_path: Path) -> None:
    case = study_case(str(toys["case"](tmp_path).parent), model)
    knobs = choose(model, ["*"])
    for words in (("drug",), ("drug", "start"), ("placebo", "nothing")):
        with pytest.raises(InputError, match="E437"):
            why(model, ask(case, "pool", *words, model=model), knobs)


def test_the_person_in_exam_weeks() -> None:
    """Shares are those of :mod:`gutskin.compare`, which cuts edges by another way."""
    model = load()
    path = model.library / "scenarios" / "exam_weeks.toml"
    scenario = read_scenario(path, (model.library / "treatments",))
    who = read_person("healthy_adult", model.library / "people")
    asked = ask(
        scenario_case(scenario, "healthy_adult"), "inflammatory_lesions", "with_plan", "without", "",
        f"{scenario.judged_at:g} day", model=model,
    )  # fmt: skip
    found = why(model, asked, choose(model, modules=["stress_hormones"]))
    other = compare(model, who, scenario, edges=())
    assert found.answer.value == pytest.approx(other.effects["inflammatory_lesions"], rel=1e-2)
    edge = next(each for each in read_edges(model.library) if each.name == found.edges[0].edge.name)
    ready = other.without.values[: len(model.kernel.states), 0, 0]
    left = cut_effect(model, who, scenario, edge, ready[: len(model.network.states)])
    share = 1 - left["inflammatory_lesions"] / other.effects["inflammatory_lesions"]
    assert found.edges[0].share == pytest.approx(share, abs=0.01)
    assert found.edges[0].share > 0.5
    assert found.by_grade()["assumed"] > 0
