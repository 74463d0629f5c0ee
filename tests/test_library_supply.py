"""What the flora gives besides energy, and the inflammation of the wall behind calprotectin."""

from __future__ import annotations

import functools

import pytest

from gutskin.model import load
from gutskin.paths import LIBRARY
from gutskin.people import read_person
from gutskin.result import Result
from gutskin.scenario import scenario_from
from gutskin.simulate import simulate


@functools.cache
def course(treatment: str, dose: str, days: int, person: str = "healthy_adult") -> Result:
    entry = {"treatment": treatment, **({"dose": dose} if dose else {})}
    scenario = scenario_from(
        {"days": days, "plan": [entry]}, "toy", (LIBRARY / "treatments",), where="toy.toml"
    )
    return simulate(load("person"), read_person(person, LIBRARY / "people"), scenario)


def ends(result: Result, readout: str) -> tuple[float, float]:
    """Return the value at day 0 and the mean of the last day."""
    values = result[load("person").readouts[readout].quantity].values[:, 0]
    return float(values[0]), float(values[-6:].mean())


@pytest.mark.parametrize("vitamin", ["folate_from_flora", "vitamin_k2_from_flora"])
def test_a_broad_antibiotic_takes_the_vitamins_of_the_flora_away(vitamin: str) -> None:
    before, after = ends(course("broad_antibiotic", "", 5), vitamin)
    assert after < 0.5 * before


def test_vitamin_b12_is_made_below_where_it_is_taken_up() -> None:
    got = course("inulin", "8 g", 21)
    assert (got["supply_b12_made"].values > 0.1).all()
    assert (got["supply_b12_taken_up"].values == 0).all()


@pytest.mark.parametrize(
    ("treatment", "dose"), [("inulin", "8 g"), ("galacto_oligosaccharide", "5 g"), ("inulin", "20 g")]
)
def test_oligosaccharides_help_calcium_and_hardly_iron(treatment: str, dose: str) -> None:
    got = course(treatment, dose, 21)
    (calcium, more), (iron, same) = ends(got, "calcium_absorption"), ends(got, "iron_absorption")
    assert 0.01 < more - calcium < 0.12
    assert same == pytest.approx(iron, rel=0.05)


def test_calprotectin_follows_the_wall_and_not_the_blood() -> None:
    """Injected endotoxin raises TNF of the blood many-fold; stool tests do not turn positive."""
    got = course("endotoxin_injection", "", 3)
    assert got["immune_tnf"].values.max() > 3
    assert got["wall_calprotectin"].values.max() < 61
    assert ends(course("inulin", "8 g", 21, "ibd_like"), "calprotectin")[1] > 200
