"""Three meals a day instead of a steady inflow: the same food, nearly the same daily means."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gutskin.model import Model, load
from gutskin.paths import LIBRARY
from gutskin.people import read_person
from gutskin.result import Result
from gutskin.scenario import Scenario, read_scenario
from gutskin.simulate import simulate

MEALS = 3


@pytest.fixture(scope="module")
def model() -> Model:
    return load("person")


@pytest.fixture(scope="module")
def three_meals() -> Scenario:
    return read_scenario(LIBRARY / "scenarios" / "three_meals.toml", (LIBRARY / "treatments",))


@pytest.fixture(scope="module")
def arms(model: Model, three_meals: Scenario) -> tuple[Result, Result]:
    """Return a week of somebody used to meals, and of the same person with a steady inflow."""
    who = read_person("healthy_adult", LIBRARY / "people")
    used = replace(three_meals, days=7.0, lead_in=28.0, usual=three_meals.plan, plan=())
    steady = replace(three_meals, days=7.0, plan=())
    return simulate(model, who, used), simulate(model, who, steady)


def day_mean(result: Result, name: str) -> float:
    return float(result[name].values[-6:, 0].mean())


@pytest.mark.parametrize(
    ("readout", "within"),
    [
        ("scfa", 0.05), ("butyrate", 0.05), ("colon_ph", 0.01), ("ph_ascending", 0.02), ("harvest", 0.03),
        ("scfa_absorbed", 0.03), ("bacteroides", 0.06), ("prevotella", 0.12), ("faecalibacterium", 0.12),
        ("bifidobacterium", 0.06), ("akkermansia", 0.05), ("butyrate_producers", 0.05),
        ("bacteria_in_stool", 0.05), ("permeability", 0.02), ("plasma_acetate", 0.01),
    ],
)  # fmt: skip
def test_daily_means_agree_with_the_steady_inflow(
    model: Model, arms: tuple[Result, Result], readout: str, within: float
) -> None:
    meals, steady = (day_mean(arm, model.readouts[readout].quantity) for arm in arms)
    assert meals == pytest.approx(steady, rel=within)


def test_within_the_day_the_ascending_colon_follows_the_meals(arms: tuple[Result, Result]) -> None:
    meals, steady = (arm["colon_ascending_ph"].values[-7:, 0] for arm in arms)
    assert np.ptp(meals) > 0.2
    assert np.ptp(steady) < 0.01


def test_what_is_eaten_is_what_leaves_the_stomach(model: Model, arms: tuple[Result, Result]) -> None:
    """After 28 days of meals the stomach holds what three thirds of a day leave there at midnight."""
    k_empty = model.ledger.rows["daily_diet.k_empty"].value
    hours = np.array([8.0, 13.0, 19.0])
    at_midnight = (np.exp(-k_empty * (24 - hours)) / MEALS).sum() / (1 - np.exp(-24 * k_empty))
    stomach = arms[0]["diet_stomach"].values[:, 0]
    assert stomach[0] == pytest.approx(at_midnight, rel=1e-2)
    assert stomach[-1] == pytest.approx(at_midnight, rel=1e-2)
    assert (arms[0]["diet_leaving"].values >= 0).all()
    np.testing.assert_allclose(arms[1]["diet_leaving"].values, 1.0, rtol=1e-6)


def test_a_meal_on_top_of_the_steady_inflow_is_more_food(model: Model, three_meals: Scenario) -> None:
    who = read_person("healthy_adult", LIBRARY / "people")
    meals = tuple(course for course in three_meals.plan if course.treatment.name == "eating")
    more = simulate(model, who, replace(three_meals, days=3.0, usual=(), plan=meals[:1]))
    assert more["diet_leaving"].values[3, 0] > 1.5
    assert day_mean(more, "small_starch") > 1.2 * more["small_starch"].values[0, 0]
