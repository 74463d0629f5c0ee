"""Bile acids, C. difficile, donor stool and phage of the library: what must hold whatever is tuned."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gutskin.ledger import read_toml
from gutskin.model import Model, load
from gutskin.paths import LIBRARY
from gutskin.people import read_person
from gutskin.result import Result
from gutskin.scenario import scenario_from
from gutskin.simulate import simulate

TREATMENTS = LIBRARY / "treatments"
SHARE = "colon_distal_difficile_share"
OVERGROWN = 0.001  # share of the flora [1], the word of the read-out
ACIDS = ("cholate", "chenodeoxycholate", "deoxycholate", "lithocholate")


@pytest.fixture(scope="module")
def model() -> Model:
    return load("person")


def lived(
    model: Model,
    days: float,
    *plan: tuple[str, int, int],
    like: str = "healthy_adult",
    dose: str = "",
    **held: str,
) -> Result:
    """Return ``days`` of a person who takes each (treatment, first day, last day), with constants held."""
    courses: list[dict[str, Any]] = [
        {"treatment": name, "start": f"{a} days", "end": f"{b} days"} for name, a, b in plan
    ]
    if dose:
        courses[0]["dose"] = dose
    scenario = scenario_from(
        {"days": days, "plan": courses, "set": held, "lead_in_days": 0.0},
        "lived",
        (TREATMENTS,),
        where="lived",
    )
    person = read_person(like, LIBRARY / "people")
    result = simulate(model, person, scenario)
    assert result.failures == ()
    return result


def at(result: Result, name: str, day: float) -> float:
    return float(result[name].at(day)[0])


@pytest.fixture(scope="module")
def everyday(model: Model) -> Result:
    return lived(model, 1)


def test_as_much_bile_acid_is_made_as_leaves_with_the_stool(everyday: Result) -> None:
    assert at(everyday, "bile_synthesis", 1) == pytest.approx(
        at(everyday, "colon_bile_in_stool", 1), rel=0.01
    )


def test_the_pool_in_circulation_is_of_the_size_that_people_have(everyday: Result) -> None:
    assert 2 < at(everyday, "bile_pool", 1) < 8  # mmol, 0.8 to 3.2 g
    assert 0.1 < at(everyday, "bile_deoxycholate_share", 1) < 0.4
    assert at(everyday, "bile_lithocholate", 1) < 0.05 * at(everyday, "bile_pool", 1)


def test_the_liver_makes_more_bile_acids_when_fewer_come_back(model: Model, everyday: Result) -> None:
    carried = lived(model, 1, bile_carriage="3 1")
    assert at(carried, "bile_synthesis", 1) > 1.3 * at(everyday, "bile_synthesis", 1)
    assert at(carried, "bile_pool", 1) < at(everyday, "bile_pool", 1)


def test_the_four_bile_acids_add_up(everyday: Result) -> None:
    for stretch in ("ascending", "transverse", "distal"):
        parts = sum(at(everyday, f"colon_{stretch}_{acid}", 1) for acid in ACIDS)
        assert parts == pytest.approx(at(everyday, f"colon_{stretch}_bile", 1))


def test_vancomycin_stops_the_making_of_secondary_bile_acids(model: Model) -> None:
    drug = lived(model, 14, ("vancomycin", 0, 14))
    assert at(drug, "colon_distal_secondary_bile_share", 14) < 0.3
    assert at(drug, "colon_ascending_dehydroxylation", 14) < 1e-4


SPORES = ("difficile_spores", 1, 2)
NO_BILE = {"colon_difficile_ki_secondary_bile": "1e6 mmol/L"}
NO_RIVALS = {"colon_difficile_rivalry": "0 mmol/mmol"}
STRONG = {"colon_difficile_fitness": "2 1"}


def test_an_intact_flora_keeps_spores_down(model: Model) -> None:
    assert at(lived(model, 14, SPORES), SHARE, 14) < 1e-9


def test_an_intact_flora_keeps_spores_down_without_bile_acids_too(model: Model) -> None:
    assert at(lived(model, 14, SPORES, **NO_BILE), SHARE, 14) < 1e-9


@pytest.mark.parametrize("without", [NO_BILE, NO_RIVALS], ids=["bile acids", "rivals"])
def test_a_strong_strain_is_held_off_by_both_and_not_by_one(model: Model, without: dict[str, str]) -> None:
    assert at(lived(model, 28, SPORES, **STRONG), SHARE, 28) < 1e-9
    assert at(lived(model, 28, SPORES, **STRONG, **without), SHARE, 28) > OVERGROWN


def test_clindamycin_lets_spores_take_hold_and_a_returning_flora_ends_it(model: Model) -> None:
    course = lived(model, 45, ("clindamycin", 0, 10), SPORES)
    assert max(course[SHARE].values[:, 0]) > OVERGROWN
    assert at(course, SHARE, 45) < OVERGROWN / 100


PRONE = "recurrent_c_difficile"
ILL = (("clindamycin", 0, 10), SPORES)


def test_vancomycin_suppresses_and_the_disease_comes_back_from_spores(model: Model) -> None:
    course = lived(model, 60, *ILL, ("vancomycin", 12, 26), like=PRONE)
    assert at(course, SHARE, 26) < OVERGROWN
    assert at(course, "colon_distal_difficile_spores", 26) > at(course, "colon_distal_difficile_biomass", 26)
    assert at(course, SHARE, 60) > OVERGROWN


def test_donor_stool_after_vancomycin_ends_the_disease(model: Model) -> None:
    course = lived(model, 60, *ILL, ("vancomycin", 12, 26), ("faecal_transplant", 28, 29), like=PRONE)
    assert at(course, SHARE, 60) < OVERGROWN / 100
    assert at(course, "colon_distal_secondary_bile_share", 60) > 0.9


def test_toxin_makes_the_gut_leak_and_calprotectin_rise(model: Model) -> None:
    course = lived(model, 60, *ILL, ("vancomycin", 12, 26), like=PRONE)
    assert at(course, "wall_permeability", 60) > 2 * at(course, "wall_permeability", 0)
    assert at(course, "wall_calprotectin", 60) > 5 * at(course, "wall_calprotectin", 0)


ENTERO = "colon_distal_enterobacteriaceae_share"


def test_a_phage_off_the_shelf_passes_through(model: Model) -> None:
    course = lived(model, 12, ("lytic_phage", 1, 3), dose="1.5e7 PFU")
    assert at(course, ENTERO, 4) == pytest.approx(at(course, ENTERO, 0), rel=0.05)
    assert at(course, "colon_distal_phage_phage", 12) < 1e3


def test_a_phage_that_fits_thins_its_host_until_others_take_over(model: Model) -> None:
    course = lived(model, 21, ("lytic_phage", 1, 3), colon_phage_susceptible_usual="0.98 1")
    before, low, after = (at(course, ENTERO, day) for day in (0, 2, 21))
    assert low < before / 3
    assert low < after < before
    assert at(course, "colon_distal_phage_susceptible", 21) < 0.1


# Drugs that touch neither C. difficile nor spores in the dish: resistant to quinolones.
RESISTANT = {"ciprofloxacin"}


@pytest.mark.parametrize("path", sorted(TREATMENTS.glob("*.toml")), ids=lambda path: path.stem)
def test_every_antibiotic_says_what_it_does_to_c_difficile(path: Path) -> None:
    targets = {
        str(effect.get(verb))
        for effect in read_toml(path).get("effect", [])
        for verb in ("plus", "set")
        if verb in effect
    }
    kills = {name for name in targets if name.startswith("colon_") and name.endswith("_kill")}
    assert not kills or "colon_difficile_kill" in kills or path.stem in RESISTANT
    assert not kills or "colon_acetogens_kill" in kills
