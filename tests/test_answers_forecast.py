"""What will happen: bands of the closed form, and samples by the same method with all their noise."""

from __future__ import annotations

import runpy
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import norm

from gutskin.answers.forecast import Band, _composition, forecast
from gutskin.errors import InputError
from gutskin.model import Model
from gutskin.reference import Reference, reference
from gutskin.scenario import Scenario, scenario_from
from gutskin.twin import Observation, Twin, personalise
from gutskin.twin.weights import quantile

toys = runpy.run_path(str(Path(__file__).with_name("twin_toys.py")))
LOG = np.log([50.0, 30.0, 10.0])
SEEN = Observation((toys["shares"](LOG + np.array([0.9, -0.3, 0.0]), 0.5),), (toys["reading"](12.0, 1.0),))


@pytest.fixture(scope="module")
def meadows(tmp_path_factory: pytest.TempPathFactory) -> Reference:
    model: Model = toys["garden"](tmp_path_factory.mktemp("garden"))
    return reference(model, "bed", population="meadows", size=4000)


@pytest.fixture(scope="module")
def twin(meadows: Reference) -> Twin:
    return personalise(meadows, SEEN)


def plan(twin: Twin, name: str = "water", **more: Any) -> Scenario:
    data = {"days": 10, "lead_in_days": 0, "plan": [{"treatment": name}], **more}
    return scenario_from(data, name, (twin.reference.model.library / "treatments",))


def test_days_are_weeks_and_the_last_and_read_outs_the_core_ones(twin: Twin) -> None:
    got = forecast(twin, plan(twin), members=10)
    assert got.bands[0].days.tolist() == [0.0, 7.0, 10.0]
    assert [each.readout.name for each in got.bands] == list(twin.reference.model.readouts)
    assert got.lost == 0
    assert not got.planned


def test_bands_are_those_of_the_exact_posterior(twin: Twin) -> None:
    gain = toys["SD"] ** 2 / (toys["SD"] ** 2 + 1)
    law = norm(10 + 2 * gain, toys["SD"] * np.sqrt(1 - gain))
    for planned, times in ((False, 1.0), (True, 1.5)):
        got = forecast(twin, plan(twin), planned=planned, readouts=["wet"], days=[2.0, 5.0], members=250)
        wanted = times * law.ppf([0.05, 0.5, 0.95])
        (band,) = got.bands
        np.testing.assert_allclose(band.quantiles(), np.tile(wanted, (2, 1)), atol=0.5)


def test_who_failed_is_left_out_of_the_band_and_counted(twin: Twin) -> None:
    values = np.array([[1.0, 2.0, np.nan, 3.0], [2.0, 3.0, 9.0, 4.0]])
    band = Band(twin.reference.model.readouts["wet"], np.array([1.0, 2.0]), values, np.full(4, 0.25))
    np.testing.assert_allclose(band.quantiles()[:, 1], [2.0, 3.0])
    nobody = replace(band, values=np.full((2, 4), np.nan))
    assert np.isnan(nobody.quantiles()).all()


def test_shares_of_a_coming_sample_are_those_of_its_gaussian(twin: Twin, meadows: Reference) -> None:
    """A ratio on a coming day, by the same method: posterior of guilds and method together, plus a day."""
    seen = SEEN.shares[0]
    many = twin.fewer(3000)
    got = forecast(many, plan(twin), days=[3.0], readouts=["wet"], members=3000).compositions[0]
    assert got.shares.shape[:2] == (1, 3)
    np.testing.assert_allclose(got.shares.sum(axis=1), 1.0)
    ratio = np.log(got.shares[0, 0] / got.shares[0, 1])
    # Of the log ratio of two guilds: truth 2 ln(GSD)^2, method and chance each twice those of one guild.
    truth, method = 2 * np.log(toys["GSD"]) ** 2, 2 * seen.bias[0]
    chance, day = 2 * (seen.variance[0] - seen.bias[0]), 2 * seen.once[0]
    known = truth + method
    gain = known / (known + chance)
    middle = np.log(50 / 30)
    assert ratio.mean() == pytest.approx(middle + gain * 1.2, abs=0.06)
    assert ratio.var() == pytest.approx(known * (1 - gain) + day, rel=0.12)


def test_a_plan_that_doubles_a_guild_doubles_its_ratio(twin: Twin) -> None:
    case = {"days": [5.0], "readouts": ["wet"], "members": 250}
    usual, doubled = (
        forecast(twin, plan(twin, "shade"), planned=planned, **case).compositions[0]
        for planned in (False, True)
    )
    ratios = [np.log(each.shares[0, 0] / each.shares[0, 1]) for each in (usual, doubled)]
    np.testing.assert_allclose(ratios[1] - ratios[0], np.log(2.0), atol=0.02)


def test_the_same_again_and_another_day_has_noise_of_its_own(twin: Twin) -> None:
    got = forecast(twin, plan(twin), days=[3.0, 9.0], readouts=["wet"], members=40).compositions[0]
    again = forecast(twin, plan(twin), days=[3.0, 9.0], readouts=["wet"], members=40).compositions[0]
    np.testing.assert_array_equal(got.shares, again.shares)
    assert not np.allclose(got.shares[0], got.shares[1], rtol=0.01)


def test_who_failed_and_guilds_without_anybody_leave_shares_finite(twin: Twin) -> None:
    few = twin.fewer(20)
    seen = SEEN.shares[0]
    sizes = {f"state:{g}": np.ones((2, 20)) for g in seen.guilds}
    sizes["state:red"][:, 3] = np.nan
    sizes["state:blue"][:] = 0.0
    sizes["state:green"][1] = -1e-12
    got = _composition(few, seen, np.array([1.0, 2.0]), sizes, 1)
    assert got.shares.shape == (2, 3, 19)
    assert np.isfinite(got.shares).all()
    assert quantile(got.shares[0, 2], np.full(19, 1 / 19), 0.5) < 1e-6


@pytest.mark.parametrize("days", [[-1.0], [11.0], [1.0, 10.5]])
def test_a_day_outside_the_scenario_is_refused(twin: Twin, days: list[float]) -> None:
    with pytest.raises(InputError, match="E285"):
        forecast(twin, plan(twin), days=days)


def test_unknown_read_outs_and_other_places_are_refused(twin: Twin) -> None:
    with pytest.raises(InputError, match="E290"):
        forecast(twin, plan(twin), readouts=["wett"])
    with pytest.raises(InputError, match="E587"):
        forecast(twin, replace(plan(twin), site="heap"))
