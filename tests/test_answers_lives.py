"""Members living through arms: the closed form of a garden, over the same people in every arm."""

from __future__ import annotations

import runpy
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gutskin.answers.lives as module
from gutskin.answers.lives import live
from gutskin.errors import InputError
from gutskin.model import Model
from gutskin.reference import Reference, reference
from gutskin.scenario import Scenario, scenario_from
from gutskin.stream import chosen
from gutskin.twin import Observation, Twin, personalise

toys = runpy.run_path(str(Path(__file__).with_name("twin_toys.py")))


@pytest.fixture(scope="module")
def land(tmp_path_factory: pytest.TempPathFactory) -> Reference:
    model: Model = toys["garden"](tmp_path_factory.mktemp("garden"))
    return reference(model, "bed", population="land", size=400)


@pytest.fixture(scope="module")
def twin(land: Reference) -> Twin:
    seen = Observation((toys["shares"](np.log([50.0, 30.0, 10.0]), 0.6),), (toys["reading"](12.0, 0.5),))
    return personalise(land, seen, members=40).fewer(20)


def plan(twin: Twin, name: str = "water", **more: Any) -> Scenario:
    data = {"days": 4, "lead_in_days": 0, "plan": [{"treatment": name}], **more}
    return scenario_from(data, name, (twin.reference.model.library / "treatments",))


def lived(twin: Twin, scenario: Scenario, days: list[float], **more: Any) -> np.ndarray:
    arms = {"without": scenario.courses(planned=False), "with": scenario.courses(planned=True)}
    return live(twin, scenario, arms, chosen(twin.reference.model, ["wet", "hue"]), days, **more)


def test_arms_are_those_of_the_closed_form(twin: Twin) -> None:
    """Rain makes 1.5 times the moisture within hours, and no other number of anybody moves."""
    got = lived(twin, plan(twin), [2.0, 4.0])
    assert got.shape == (2, 2, 2, twin.weights.size)
    hue, wet = got[:, 0], got[:, 1]
    if list(chosen(twin.reference.model, ["wet", "hue"])) == ["wet", "hue"]:
        hue, wet = wet, hue
    np.testing.assert_allclose(wet[0], np.tile(twin.read("wet"), (2, 1)), rtol=2e-3)
    np.testing.assert_allclose(wet[1] / wet[0], 1.5, rtol=2e-3)
    np.testing.assert_allclose(hue, np.broadcast_to(twin.read("hue"), hue.shape), rtol=3e-3)


def test_a_plan_that_starts_later_has_done_nothing_before(twin: Twin) -> None:
    got = lived(twin, plan(twin, plan=[{"treatment": "water", "start": "2 day"}]), [2.0, 4.0])
    row = list(chosen(twin.reference.model, ["wet", "hue"])).index("wet")
    np.testing.assert_allclose(got[1, row, 0], got[0, row, 0], rtol=1e-6)
    np.testing.assert_allclose(got[1, row, 1], 1.5 * got[0, row, 1], rtol=2e-3)


def test_nothing_is_lived_after_the_last_day_asked_for(twin: Twin) -> None:
    scenario = plan(twin)
    np.testing.assert_allclose(
        lived(twin, scenario, [2.0]), lived(twin, scenario, [2.0, 4.0])[:, :, :1], rtol=1e-6
    )


def test_what_the_scenario_sets_is_everybodys(twin: Twin) -> None:
    got = lived(twin, plan(twin, set={"rain": "4 ug/cm2/h"}), [3.0])
    row = list(chosen(twin.reference.model, ["wet", "hue"])).index("wet")
    np.testing.assert_allclose(got[0, row], 4.0, rtol=2e-3)
    np.testing.assert_allclose(got[1, row], 6.0, rtol=2e-3)


def test_parts_change_no_bit_and_are_told(twin: Twin, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, told = lived(twin, plan(twin), [2.0]), list[float]()
    monkeypatch.setattr(module, "PART", 7)
    parts = lived(twin, plan(twin), [2.0], tick=told.append)
    assert parts.tobytes() == whole.tobytes()
    assert len(told) == 3
    assert sum(told) == pytest.approx(1.0)


def test_another_place_than_that_of_the_samples_is_refused(twin: Twin) -> None:
    assert np.isfinite(lived(twin, replace(plan(twin), site="bed"), [1.0])).all()
    with pytest.raises(InputError, match="E587"):
        lived(twin, replace(plan(twin), site="heap"), [1.0])


def test_who_fails_in_one_arm_is_missing_in_all(tmp_path: Path) -> None:
    """Drought dries k_dry's sign over: who has little of it explodes, in one arm only."""
    drought = toys["TREATMENT"].format("Drought", "k_dry", -1)
    model = toys["garden"](tmp_path, numbers={"k_dry": (1.0, "1/h", 4.0)}, treatments_drought=drought)
    land = reference(model, "bed", population="meadows", size=200)
    twin = personalise(land, Observation((), (toys["reading"](10.0, 20.0),)), members=20).fewer(20)
    scenario = replace(plan(twin, "drought"), days=20.0)
    got = lived(twin, scenario, [20.0])
    missing = np.isnan(got)
    assert missing.any()
    assert (missing.any(axis=(0, 1, 2)) == missing.all(axis=(0, 1, 2))).all()
