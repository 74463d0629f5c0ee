"""Between gut and skin: health survives daily life, endotoxin saturates, stress leaves sebum alone."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pytest

from gutskin.evidence.asked import quantity
from gutskin.model import Model, load
from gutskin.people import read_person
from gutskin.scenario import read_scenario, scenario_from
from gutskin.simulate import simulate

# what is done for how many days, how long people are followed [d], how far read-outs may then be off [1]
DISTURBED = (
    ("fat_feast", 1, 7, 0.02),
    ("broad_antibiotic", 7, 120, 0.05),
    ("exam_stress", 14, 60, 0.02),
    ("endotoxin_injection", 0.5, 28, 0.05),
)
HEALTH = ("crp", "tnf", "il6", "regulatory_t_cells", "permeability", "hydration", "tewl", "skin_inflammation")
DOSES = (35, 105, 315, 945, 2835)  # ng


@functools.cache
def model() -> Model:
    return load("person")


def followed(name: str, days: float, end: float, readouts: tuple[str, ...], **more: Any) -> dict[str, Any]:
    """Courses (T,) of read-outs of the healthy adult while a treatment lasts to ``end`` [d], and after."""
    plan = [{"treatment": name, "end": f"{end} days", **more}]
    data = {"days": days, "plan": plan}
    run = simulate(
        model(), read_person("healthy_adult", model().library / "people"),
        scenario_from(data, "axis", (model().library / "treatments",), where="test"),
    )  # fmt: skip
    assert not run.failures
    return {each: run[quantity(model(), each)].values[:, 0] for each in readouts}


@pytest.mark.parametrize(("name", "lasts", "days", "within"), DISTURBED, ids=[row[0] for row in DISTURBED])
def test_health_survives(name: str, lasts: float, days: float, within: float) -> None:
    for readout, course in followed(name, days, lasts, HEALTH).items():
        assert np.isfinite(course).all()
        assert course[-1] == pytest.approx(course[0], rel=within), readout


def test_a_fatty_meal_raises_endotoxin_and_sets_off_nothing() -> None:
    scenario = read_scenario(
        model().library / "scenarios" / "fatty_meal.toml", (model().library / "treatments",)
    )
    run = simulate(model(), read_person("healthy_adult", model().library / "people"), scenario)
    endotoxin = run[quantity(model(), "plasma_endotoxin")].values[:, 0]
    assert 1.1 < endotoxin.max() / endotoxin[0] < 2
    assert run["immune_activation"].values.max() < 1e-3


@functools.cache
def peaks() -> tuple[float, ...]:
    """Peak of TNF above health [1] for each dose of endotoxin into a vein."""
    return tuple(
        float(followed("endotoxin_injection", 1, 0.5, ("tnf",), dose=f"{dose} ng")["tnf"].max()) - 1
        for dose in DOSES
    )


def test_more_endotoxin_never_does_less() -> None:
    assert np.all(np.diff(peaks()) > 0)


def test_the_answer_to_endotoxin_is_steep_at_first_and_levels_off() -> None:
    steps = np.diff(np.log(peaks())) / np.log(3)
    assert steps[0] > 1.5
    assert steps[-1] < 0.7


def test_a_second_dose_of_endotoxin_a_day_later_does_much_less() -> None:
    course = followed("endotoxin_injection", 2, 1.5, ("tnf",), dose="140 ng", every="24 h")["tnf"] - 1
    half = len(course) // 2
    assert course[half:].max() < 0.5 * course[:half].max()


def test_stress_raises_cortisol_and_leaves_sebum_alone() -> None:
    rise = {}
    for name in ("depression", "anxiety", "exam_stress"):
        courses = followed(name, 28, 28, ("cortisol", "sebum"))
        rise[name] = courses["cortisol"][-1] / courses["cortisol"][0] - 1
        assert courses["sebum"][-1] == pytest.approx(courses["sebum"][0], rel=0.01)
    assert 0.02 < rise["depression"] < rise["anxiety"] < rise["exam_stress"] < 0.6


@pytest.mark.parametrize("name", ["probiotic_rhamnosus_gg", "probiotic_bifidobacterium", "probiotic_lactis"])
def test_a_probiotic_lowers_insulin_and_igf1_a_little_and_only_while_it_lasts(name: str) -> None:
    courses = followed(name, 84, 42, ("metabolism_insulin", "igf1"))
    for course in courses.values():
        assert 0.8 < course.min() / course[0] < 0.99
        assert course[-1] == pytest.approx(course[0], rel=0.01)


def test_phenol_follows_protein_up_and_oligosaccharide_down() -> None:
    phenol = {
        name: followed(name, 28, 28, ("plasma_phenol",), **more)["plasma_phenol"]
        for name, more in {"red_meat_rich_diet": {}, "galacto_oligosaccharide": {"dose": "5 g"}}.items()
    }
    assert phenol["red_meat_rich_diet"][-1] > 1.1 * phenol["red_meat_rich_diet"][0]
    assert phenol["galacto_oligosaccharide"][-1] < 0.97 * phenol["galacto_oligosaccharide"][0]
