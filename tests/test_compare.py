"""Edges: what is shared out is the plan's effect, and an edge that carries nothing costs nothing."""

from __future__ import annotations

import runpy
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest

from gutskin import compare as module
from gutskin.compare import Comparison, carries, compare, effect, worth
from gutskin.edges import read_edges
from gutskin.engine.outcome import Code, Options
from gutskin.model import Model
from gutskin.people import Person
from gutskin.readouts import Healthy, Readout
from gutskin.scenario import Scenario, scenario_from
from gutskin.simulate import NotSteadyError

helpers = runpy.run_path(str(Path(__file__).parent / "helpers.py"))
ADA = Person("ada", "Ada")
# food -> signal -> (one, two) -> skin, beside an idle pool that nobody moves
TEXT = """  food' = intake - k_loss * food;
  signal' = gain_food_signal * food - k_loss * signal;
  idle' = k_loss * (rest - idle);
  skin' = base + gain_one * signal + gain_two * signal + gain_idle * idle - k_loss * skin;"""
NUMBERS = {
    "intake": (0.5, "1/h"), "k_loss": (0.5, "1/h", helpers["ANY_SIGN"]), "rest": (1.0, "1"),
    "base": (0.5, "1/h"), "gain_food_signal": (0.5, "1/h"), "gain_one": (0.375, "1/h"),
    "gain_two": (0.125, "1/h", helpers["ANY_SIGN"]), "gain_idle": (0.1, "1/h"),
}  # fmt: skip
STATES = dict.fromkeys(("food", "signal", "idle", "skin"), ("1", 1.0))
READOUTS = """[redness]
quantity = "skin"
label = "Redness"
unit = "1"
better = "down"
healthy = { low = 0, high = 3, source = "none" }
[calm]
quantity = "idle"
label = "What is idle"
unit = "1"
better = "none"
"""


def edge(name: str, origin: str, target: str, constant: str) -> str:
    said = f'[{name}]\nlabel = "{name}"\nfrom = "{origin}"\nto = "{target}"\nsource = "none"\n'
    return said + f'cut = {{ constant = "{constant}", to = 0 }}\n'


EDGES = (
    edge("first", "gut", "axis", "gain_food_signal") + edge("one", "axis", "skin", "gain_one")
    + edge("two", "axis", "skin", "gain_two") + edge("idle", "axis", "skin", "gain_idle")
)  # fmt: skip
FEAST = """title = "Feast"
about = "Twice the food."
kind = "eat"
[[effect]]
times = "intake"
by = { value = 2, unit = "1", source = "none", grade = "assumed" }
"""


def built(folder: Path, **numbers: tuple[float, str]) -> Model:
    (folder / "treatments").mkdir(parents=True)
    (folder / "treatments" / "feast.toml").write_text(FEAST)
    return helpers["toy"](folder, TEXT, {**NUMBERS, **numbers}, STATES, readouts_skin=READOUTS, edges=EDGES)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return built(tmp_path_factory.mktemp("town"))


def feast(model: Model, **data: Any) -> Scenario:
    data = {"days": 4, "plan": [{"treatment": "feast"}], **data}
    return scenario_from(data, "toy", (model.library / "treatments",))


@pytest.fixture(scope="module")
def done(town: Model) -> Comparison:
    return compare(town, ADA, feast(town))


def shares(found: Comparison) -> dict[str, float]:
    return {each.edge.name: each.shares["redness"] for each in found.edges}


def test_the_effect_is_plan_minus_no_plan_over_the_last_day(done: Comparison) -> None:
    # at rest the skin is base/k + 1 * signal + 0.2 idle, and the plan doubles the signal
    assert done.without["skin"].values[-1, 0] == pytest.approx(2.2, rel=1e-3)
    assert done.effects["redness"] == pytest.approx(1.0, rel=1e-3)
    assert done.effects["calm"] == pytest.approx(0.0, abs=1e-6)
    last = done.planned["skin"].mean(3, 4)[0] - done.without["skin"].mean(3, 4)[0]
    assert done.effects["redness"] == last


def test_both_arms_start_at_the_same_state(done: Comparison) -> None:
    np.testing.assert_array_equal(done.without.values[:, 0], done.planned.values[:, 0])


def test_routes_side_by_side_split_the_effect(done: Comparison) -> None:
    got = shares(done)
    assert got["one"] == pytest.approx(0.75, abs=0.01)
    assert got["two"] == pytest.approx(0.25, abs=0.01)


def test_routes_in_a_row_each_carry_the_whole(done: Comparison) -> None:
    assert shares(done)["first"] == pytest.approx(1.0, abs=0.01)


def test_the_only_route_carries_everything(tmp_path: Path) -> None:
    model = built(tmp_path, gain_two=(0.0, "1/h"))
    got = shares(compare(model, ADA, feast(model)))
    assert got["one"] == pytest.approx(1.0, abs=0.01)
    assert got["two"] == pytest.approx(0.0, abs=0.01)


def test_a_route_against_the_effect_has_a_negative_share(tmp_path: Path) -> None:
    model = built(tmp_path, gain_one=(0.75, "1/h"), gain_two=(-0.25, "1/h"))
    got = shares(compare(model, ADA, feast(model)))
    assert got["two"] == pytest.approx(-0.5, abs=0.02)


def test_an_edge_that_carries_nothing_is_not_run(town: Model) -> None:
    with patch.object(module, "cut_effect", wraps=module.cut_effect) as spy:
        found = compare(town, ADA, feast(town))
    assert [call.args[3].name for call in spy.call_args_list] == ["first", "one", "two"]
    assert "idle" not in shares(found)
    idle = next(each for each in read_edges(town.library) if each.name == "idle")
    assert not carries(town, idle, found.without, found.planned)


def test_a_plan_without_effect_cuts_nothing(town: Model) -> None:
    with patch.object(module, "cut_effect", side_effect=AssertionError("an edge was cut")):
        found = compare(town, ADA, feast(town, plan=[]))
    assert found.edges == ()
    assert set(found.effects.values()) == {0.0}


def test_only_the_edges_that_are_asked_for(town: Model) -> None:
    edges = read_edges(town.library)
    assert compare(town, ADA, feast(town), edges=()).edges == ()
    (only,) = compare(town, ADA, feast(town), edges=edges[1:2]).edges
    assert only.edge == edges[1]


def test_an_effect_that_is_too_small_to_tell_has_no_shares(town: Model) -> None:
    found = compare(town, ADA, feast(town, set={"gain_one": "0.01 1/h", "gain_two": "0.01 1/h"}))
    assert abs(found.effects["redness"]) < 0.3
    assert all("redness" not in each.shares for each in found.edges)


def test_progress_adds_up(town: Model) -> None:
    ticks: list[float] = []
    compare(town, ADA, feast(town), tick=ticks.append)
    assert sum(ticks) == pytest.approx(1.0)


def test_a_known_everyday_state_is_used(town: Model) -> None:
    found = compare(town, ADA, feast(town), edges=(), settled=np.array([5.0, 6.0, 7.0, 8.0]))
    np.testing.assert_array_equal(found.without.values[:4, 0, 0], [5.0, 6.0, 7.0, 8.0])


def test_overrides_of_the_scenario_count_in_both_arms(town: Model) -> None:
    found = compare(town, ADA, feast(town, set={"gain_one": "0 1/h"}))
    assert found.effects["redness"] == pytest.approx(0.25, rel=1e-2)
    assert found.without["skin"].values[-1, 0] == pytest.approx(1.45, rel=1e-3)


def test_a_person_without_everyday_state(town: Model) -> None:
    broken = ADA.having("preset", {"k_loss": (-1.0, "1/h")})
    with pytest.raises(NotSteadyError, match=r"E270.*ada"):
        compare(town, broken, feast(town), options=Options(max_steps=5000))


def test_a_failed_arm_has_an_unknown_effect_and_no_shares(town: Model) -> None:
    """The plan is what makes it fail: the intake is driven far below zero."""
    treatment = feast(town).plan[0].treatment
    bad = replace(treatment.effects[0], number=replace(treatment.effects[0].number, value=-50.0))
    course = replace(feast(town).plan[0], treatment=replace(treatment, effects=(bad,)))
    found = compare(town, ADA, replace(feast(town), plan=(course,)))
    (failure,) = found.planned.failures
    assert failure.code == Code.NEGATIVE
    assert np.isnan(found.effects["redness"])
    assert np.isnan(found.planned["skin"].values[-1, 0])
    assert np.isfinite(found.without["skin"].values).all()
    assert all(not each.shares for each in found.edges)


def readout(low: float | None, high: float | None) -> Readout:
    healthy = None if low is None or high is None else Healthy(low, high, "none")
    return Readout("r", "skin", "skin", "R", "1", "up", healthy, ())


@pytest.mark.parametrize(
    ("change", "low", "high", "value", "told"),
    [
        (1.1, 5, 15, 0, True), (0.9, 5, 15, 0, False), (-1.1, 5, 15, 0, True),
        (float("nan"), 5, 15, 0, False),
        (0.2, None, None, 1.0, True), (0.05, None, None, 1.0, False), (0.2, None, None, -1.0, True),
        (0.0, None, None, 0.0, False), (float("inf"), 5, 15, 0, False),
    ],
)  # fmt: skip
def test_what_is_worth_telling(change: float, low: float, high: float, value: float, told: bool) -> None:
    assert worth(change, readout(low, high), value) is told


def test_the_effect_of_a_course_that_ends_early_is_that_of_its_last_day(town: Model) -> None:
    early = feast(town, plan=[{"treatment": "feast", "end": "2 days"}])
    found = compare(town, ADA, early, edges=())
    readout = town.readouts["redness"]
    assert found.effects["redness"] == effect(found.without, found.planned, readout, 2.0)
    late = effect(found.without, found.planned, readout, 4.0)
    assert abs(late) < 0.1 * abs(found.effects["redness"])


def test_an_edge_is_cut_also_for_a_person_who_has_its_constant_from_the_command_line(town: Model) -> None:
    told = ADA.having("command line", {"gain_one": (0.375, "1/h")})
    assert shares(compare(town, told, feast(town)))["one"] == pytest.approx(0.75, abs=0.01)
