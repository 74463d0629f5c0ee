"""What reactions moved agrees with closed forms, and with what states changed by to rounding."""

from __future__ import annotations

import math
import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gutskin.engine.outcome import Failure, Stop
from gutskin.errors import InputError
from gutskin.flows import PREFIX, Flows, counter, counting, jumps
from gutskin.model import Model
from gutskin.people import Person
from gutskin.scenario import Scenario, scenario_from

HELPERS = runpy.run_path(str(Path(__file__).with_name("helpers.py")))
TEXT = """  compartment place;
  substanceOnly species a in place, b in place;
  feed: => a; inflow;
  turn: a => b; k_turn * a;
  leave: b => ; k_leave * b;"""
POUR = """title = "Pour"
about = "Five of it."
kind = "eat"
every = "12 h"
[[effect]]
add = "a"
amount = { value = 5, unit = "mmol", source = "none", grade = "assumed" }
"""
RINSE = """title = "Rinse"
about = "Half goes."
kind = "wash"
every = "24 h"
[[effect]]
scale = "b"
by = { value = 0.5, unit = "1", source = "none", grade = "assumed" }
"""
INFLOW, TURN, LEAVE = 2.0, 0.3, 0.1
IT = Person("it", "It")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    made: Model = HELPERS["toy"](
        tmp_path_factory.mktemp("flows"), TEXT,
        {
            "inflow": (INFLOW, "mmol/h"), "k_turn": (TURN, "1/h"),
            "k_leave": (LEAVE, "1/h", HELPERS["ANY_SIGN"]),
        },
        {"a": ("mmol", 1.0, "CH2O"), "b": ("mmol", 1.0, "CH2O")}, ("feed", "leave"),
        treatments_pour=POUR, treatments_rinse=RINSE,
    )  # fmt: skip
    return made


def lived(model: Model, days: float = 3.0, **more: Any) -> Scenario:
    return scenario_from({"days": days, **more}, "lived", (model.library / "treatments",))


def count(model: Model, scenario: Scenario, begin: float, end: float, person: Person = IT) -> Flows:
    found = counter(model, ("feed", "turn", "leave")).run(person, scenario, begin, end)
    assert isinstance(found, Flows)
    return found


def test_at_rest_all_that_comes_goes(model: Model) -> None:
    found = count(model, lived(model), 24.0, 60.0)
    assert found.moved == pytest.approx(dict.fromkeys(("feed", "turn", "leave"), 36 * INFLOW), rel=1e-6)
    assert found.before == pytest.approx({"a": INFLOW / TURN, "b": INFLOW / LEAVE}, rel=1e-6)
    assert not any((*found.given.values(), *found.taken.values()))
    assert found.constants["k_turn"] == TURN


def test_a_dose_is_turned_as_its_exponential_says(model: Model) -> None:
    scenario = lived(model, plan=[{"treatment": "pour", "every": "72 h"}])
    found = count(model, scenario, 0.0, 24.0)
    assert found.given["a"] == 5.0
    assert found.moved["turn"] == pytest.approx(24 * INFLOW + 5 * (1 - math.exp(-24 * TURN)), rel=1e-6)
    later = count(model, scenario, 24.0, 48.0)
    left = math.exp(-24 * TURN) - math.exp(-48 * TURN)
    assert later.moved["turn"] == pytest.approx(24 * INFLOW + 5 * left, rel=1e-6)
    assert not any(later.given.values())


def test_states_change_by_what_was_moved_given_and_taken(model: Model) -> None:
    plan = [{"treatment": "pour", "times_per_day": 2}, {"treatment": "rinse", "start": "6 h"}]
    found = count(model, lived(model, plan=plan), 24.0, 72.0)
    assert found.given == {"a": 20.0, "b": 0.0}
    assert found.taken["b"] > 1.0
    moved = found.moved
    for name, came, went in (("a", "feed", "turn"), ("b", "turn", "leave")):
        change = moved[came] - moved[went] + found.given[name] - found.taken[name]
        assert found.after[name] - found.before[name] == pytest.approx(change, abs=1e-11 * moved[came])


def test_a_stop_at_the_end_is_of_the_next_stretch(model: Model) -> None:
    scenario = lived(model, plan=[{"treatment": "pour"}])
    assert count(model, scenario, 24.0, 36.0).given["a"] == 5.0
    assert count(model, scenario, 24.0, 37.0).given["a"] == 10.0


def test_stretches_add_up(model: Model) -> None:
    scenario = lived(model, plan=[{"treatment": "pour"}])
    whole, *parts = (count(model, scenario, *each) for each in ((0.0, 48.0), (0.0, 30.0), (30.0, 48.0)))
    assert whole.moved["leave"] == pytest.approx(sum(each.moved["leave"] for each in parts), rel=1e-5)


def test_who_cannot_live_is_a_failure(model: Model) -> None:
    growing = IT.having("preset", {"k_leave": (-1.0, "1/h")})
    assert isinstance(counter(model, ("turn",)).run(growing, lived(model), 0.0, 24.0), Failure)


def test_a_counting_network_differs_in_nothing_else(model: Model) -> None:
    made = counting(model.network, ("turn",))
    assert made.states == (*model.network.states, PREFIX + "turn")
    assert made.reactions == model.network.reactions
    assert dict(made.rate_rules)[PREFIX + "turn"] == model.network.reactions[1].rate


def test_a_reaction_that_is_not_there_names_the_nearest(model: Model) -> None:
    with pytest.raises(InputError, match="turn") as caught:
        counter(model, ("turm",))
    assert caught.value.code == "E460"


def test_a_stop_scales_first_and_then_adds() -> None:
    stop = Stop(0.0, scale=((0, 0.25), (1, 3.0)), add=((0, 2.0), (1, -1.0)))
    given, taken = jumps(stop, np.array([8.0, 1.0, 5.0]))
    assert given.tolist() == [2.0, 2.0, 0.0]
    assert taken.tolist() == [6.0, 1.0, 0.0]
