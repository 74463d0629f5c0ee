"""The skin of the library: what a person sees and feels, sites, ammonia oxidisers, and good and bad days."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gutskin.evidence.asked import quantity
from gutskin.model import Model, load
from gutskin.paths import LIBRARY
from gutskin.people import read_person
from gutskin.precedence import resolve
from gutskin.scenario import scenario_from
from gutskin.simulate import simulate
from gutskin.sites import site_names

# complaint, whom, what is done for how many days [d], which way it must go
COMPLAINTS = (
    ("dryness", "healthy_adult", "dry_air", 28, +1),
    ("dryness", "dry_skin", "emollient", 14, -1),
    ("oiliness", "oily_skin", "isotretinoin", 56, -1),
    ("oiliness", "healthy_adult", "heat", 7, +1),
    ("redness", "photo_type_2", "uv_exposure", 3, +1),
    ("redness", "adult_with_eczema", "topical_steroid", 14, -1),
    ("itch", "adult_with_eczema", "dupilumab", 56, -1),
    ("itch", "healthy_adult", "dry_air", 28, +1),
    ("irritation", "healthy_adult", "soap_wash", 7, +1),
    ("irritation", "adult_with_eczema", "topical_steroid", 14, -1),
    ("blemishes", "teenager_with_acne", "benzoyl_peroxide", 56, -1),
    ("blemishes", "teenager_with_acne", "exam_stress", 42, +1),
    ("uneven_tone", "healthy_adult", "uv_exposure", 14, +1),
    ("uneven_tone", "teenager_with_acne", "isotretinoin", 112, -1),
)
CALM = {"skin_immunity_trigger_size": "0 1", "skin_lesion_flare_size": "0 1"}


@pytest.fixture(scope="module")
def model() -> Model:
    return load()


def course(
    model: Model, who: str, days: float, readouts: list[str], *, site: str = "", **done: object
) -> dict:
    """Return the courses (T,) of read-outs of a person without good and bad days, with a plan and without."""
    data = {"days": days, "lead_in_days": 0, "set": CALM, **done}
    scenario = scenario_from(data, "plan", (model.library / "treatments",), where="test")
    person = read_person(who, model.library / "people", site=site)
    out = {}
    for planned in (False, True):
        run = simulate(model, person, scenario, planned=planned)
        assert not run.failures
        out[planned] = {name: run[quantity(model, name)].values[:, 0] for name in readouts}
    return out


@pytest.mark.parametrize(
    ("readout", "who", "treatment", "days", "sign"),
    COMPLAINTS,
    ids=[f"{r}-{t}" for r, _, t, _, _ in COMPLAINTS],
)
def test_the_right_exposure_moves_a_complaint_the_right_way(
    model: Model, readout: str, who: str, treatment: str, days: int, sign: int
) -> None:
    found = course(model, who, days, [readout], plan=[{"treatment": treatment}])
    without, with_plan = (found[planned][readout][-1] for planned in (False, True))
    scale = {"redness": 100.0}.get(readout, 1.0)
    assert sign * (with_plan - without) > 0.01 * scale


def test_complaints_have_a_scale_a_source_and_words(model: Model) -> None:
    for readout in {complaint[0] for complaint in COMPLAINTS} - {"uneven_tone"}:
        each = model.readouts[readout]
        assert len(each.words) >= 3, readout
        assert each.healthy is not None, readout


@pytest.mark.parametrize("site", sorted(site_names(LIBRARY / "sites")))
def test_every_site_has_an_everyday_state_in_the_ranges_of_healthy_skin(model: Model, site: str) -> None:
    names = ["skin_ph", "tewl", "hydration", "easi", "barrier_integrity", "skin_nitrite", "aureus"]
    found = course(model, "healthy_adult", 1, names, site=site)[False]
    assert 4.4 < found["skin_ph"][-1] < 5.6
    assert 6.5 < found["tewl"][-1] < 15
    assert found["hydration"][-1] > 40
    assert found["easi"][-1] < 1
    assert found["aureus"][-1] < 100
    assert 0.1 < found["skin_nitrite"][-1] < 15


def test_four_times_the_dose_of_ammonia_oxidisers_does_hardly_more(model: Model) -> None:
    made = []
    for dose in ("1.4 mL", "5.6 mL"):
        plan = [{"treatment": "aob_mist", "dose": dose, "times_per_day": 2}]
        found = course(model, "adult_with_eczema", 14, ["skin_film_acid_flux", "aob"], plan=plan)[True]
        made.append((found["aob"][-1], found["skin_film_acid_flux"][-1]))
    assert made[1][0] > 3 * made[0][0]
    assert made[1][1] < 1.5 * made[0][1]


def test_applied_ammonia_oxidisers_are_gone_two_weeks_later(model: Model) -> None:
    plan = [{"treatment": "aob_mist", "times_per_day": 2, "end": "7 days"}]
    aob = course(model, "healthy_adult", 21, ["aob"], plan=plan)[True]["aob"]
    assert aob.max() > 1e7
    assert aob[-1] < 1e-5 * aob.max()


def test_ammonia_oxidisers_do_more_on_skin_that_is_less_acid(model: Model) -> None:
    plan = [{"treatment": "aob_mist", "times_per_day": 2}]
    acid = []
    for who in ("healthy_adult", "adult_with_eczema"):
        found = course(model, who, 14, ["skin_film_acid_flux"], plan=plan)[True]
        acid.append(float(np.mean(found["skin_film_acid_flux"][-12:])))
    assert acid[1] > 2 * acid[0]


def test_a_lesion_needs_more_than_atopy(model: Model) -> None:
    rows = model.network.constants
    atopy = next(k for k, each in enumerate(rows) if each.name == "immune_atopy")
    values = [
        resolve(model, read_person(who, model.library / "people"))[0][atopy]
        for who in ("adult_with_eczema", "unlesional_eczema")
    ]
    assert values[0] == values[1] > 1
    lesion = course(model, "adult_with_eczema", 1, ["easi", "tewl", "aureus"])[False]
    beside = course(model, "unlesional_eczema", 1, ["easi", "tewl", "aureus"])[False]
    assert lesion["easi"][-1] > 5 * beside["easi"][-1]
    assert math.log10(lesion["aureus"][-1] / beside["aureus"][-1]) > 2
