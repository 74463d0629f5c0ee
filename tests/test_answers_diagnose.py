"""What is hidden: intervals, shifts, drivers and verdicts against the exact posterior of a garden."""

from __future__ import annotations

import runpy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import norm

from gutskin.answers.diagnose import (
    AT_PLACE,
    NO_RANGE,
    OPEN,
    OUTSIDE,
    WITHIN,
    _verdict,
    beyond,
    diagnose,
    usual_there,
)  # fmt: skip
from gutskin.errors import InputError
from gutskin.model import Model, load
from gutskin.reference import Reference, reference
from gutskin.twin import Observation, Twin, personalise

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


def test_intervals_shift_and_narrowing_are_those_of_the_exact_posterior(twin: Twin) -> None:
    found = diagnose(twin)["damp"]
    prior, error = toys["SD"], 1.0
    gain = prior**2 / (prior**2 + error**2)
    mean, sd = 10 + gain * 2.0, prior * np.sqrt(1 - gain)
    levels = [0.05, 0.5, 0.95]
    np.testing.assert_allclose(found.before, 2 * norm(10, prior).ppf(levels), atol=0.2)
    np.testing.assert_allclose(found.now, 2 * norm(mean, sd).ppf(levels), atol=0.3)
    assert found.moved == pytest.approx((mean - 10) / prior, abs=0.08)
    assert found.told == pytest.approx(1 - sd / prior, abs=0.05)


def test_drivers_are_the_terms_of_the_regression(twin: Twin) -> None:
    found = diagnose(twin)
    damp, hue = found["damp"].drivers, found["hue"].drivers
    gain = toys["SD"] / (toys["SD"] ** 2 + 1.0)
    assert damp[0].what == "Wet"
    assert damp[0].shift == pytest.approx(2.0 * gain, abs=0.08)
    assert abs(damp[1].shift) < 0.08
    names = [twin.coordinates.names[k] for k in twin.coordinates.places]
    mean, _ = toys["exact"](SEEN, names)
    way = np.zeros(len(names))
    way[names.index("red_arrival")], way[names.index("green_arrival")] = 1, -1
    assert sum(each.shift for each in hue) == pytest.approx(way @ mean / np.sqrt(2), abs=0.12)
    assert [each.what for each in hue[:2]] == ["Red (bed)", "Green (bed)"]
    assert hue[0].shift > 0
    assert hue[1].shift > 0


def test_what_nobody_differs_in_is_not_moved_and_not_told(twin: Twin) -> None:
    derived = np.ones_like(twin.found.derived)
    everybody = replace(
        twin.reference,
        found=replace(twin.reference.found, derived=np.ones_like(twin.reference.found.derived)),
    )
    same = replace(twin, reference=everybody, found=replace(twin.found, derived=derived))
    found = diagnose(same, ["odd"])["odd"]
    assert found.moved == pytest.approx(0, abs=1e-9)
    assert found.told == 0
    assert all(abs(each.shift) < 1e-9 for each in found.drivers)
    assert found.verdict == NO_RANGE
    assert np.isnan(found.outside)


def test_verdicts(twin: Twin) -> None:
    wet = twin.reference.model.readouts["wet"]  # healthy from 8 to 12
    even = np.full(100, 0.01)

    def said(out: int) -> tuple[float, str]:
        return _verdict(wet, np.concatenate([np.full(out, 13.0), np.full(100 - out, 10.0)]), even)

    assert said(0) == (0.0, WITHIN)
    assert said(5)[1] == WITHIN
    assert said(50) == (pytest.approx(0.5), OPEN)
    assert said(95)[1] == OUTSIDE
    low = _verdict(wet, np.full(100, 7.0), even)
    assert low == (pytest.approx(1.0), OUTSIDE)
    assert _verdict(wet, np.full(100, 12.0), even)[1] == WITHIN


def test_a_value_that_is_missing_is_not_called_healthy(twin: Twin) -> None:
    wet = twin.reference.model.readouts["wet"]
    values = np.full(10, 10.0)
    values[:3] = np.nan
    chance, verdict = _verdict(wet, values, np.full(10, 0.1))
    assert chance == pytest.approx(0.3)
    assert verdict == OPEN


def test_words_of_both_ends_when_they_differ(twin: Twin) -> None:
    found = diagnose(twin, ["wet"])["wet"]
    assert replace(found, now=np.array([9.0, 10.0, 11.0])).word == "moist"
    assert replace(found, now=np.array([7.0, 10.0, 13.0])).word == "dry to wet"


def test_fits_are_what_was_seen_and_what_is_shown(twin: Twin) -> None:
    fits = {each.what: each for each in diagnose(twin).fits}
    assert list(fits) == ["Red (bed)", "Green (bed)", "Blue (bed)", "Wet"]
    seen = np.exp(SEEN.shares[0].log) / np.exp(SEEN.shares[0].log).sum()
    got = np.array([fits[f"{name} (bed)"].seen[1] for name in ("Red", "Green", "Blue")])
    np.testing.assert_allclose(got, seen)
    np.testing.assert_allclose(fits["Wet"].seen, 12.0 + 1.645 * np.array([-1, 0, 1]), atol=1e-3)
    assert not any(each.missed for each in fits.values())
    assert all((np.diff(each.seen) >= 0).all() and (np.diff(each.shown) >= 0).all() for each in fits.values())


def test_what_the_model_cannot_show_is_missed(meadows: Reference) -> None:
    twin = personalise(meadows, Observation((), (toys["reading"](40.0, 0.5),)))
    assert [each.missed for each in diagnose(twin).fits] == [True]


def test_kinds_carry_share_and_odds(tmp_path: Path) -> None:
    land = reference(toys["garden"](tmp_path), "bed", population="land", size=400)
    found = diagnose(personalise(land, Observation((), (toys["reading"](16.5, 0.5),))))
    assert [(each.label, each.before) for each in found.kinds] == [("Meadow", 0.9), ("Swamp", 0.1)]
    assert found.kinds[1].now > 0.9


def test_only_the_read_outs_that_are_named(twin: Twin) -> None:
    assert [each.readout.name for each in diagnose(twin, ["hue"]).findings] == ["hue"]
    with pytest.raises(InputError, match="E290"):
        diagnose(twin, ["hues"])


def test_who_is_beyond_the_range_on_the_bad_side(twin: Twin) -> None:
    wet = twin.reference.model.readouts["wet"]  # 8 to 12 is healthy
    values = np.array([7.0, 10.0, 13.0, np.nan])
    for better, away in (("within", [1, 0, 1, 1]), ("down", [0, 0, 1, 1]), ("up", [1, 0, 0, 1])):
        assert beyond(replace(wet, better=better), values).tolist() == [bool(each) for each in away]
    assert not beyond(replace(wet, healthy=None), values).any()


def test_elsewhere_on_the_body_healthy_people_of_the_model_tell_the_range() -> None:
    model = load()
    there, here = reference(model, "fold", size=200), reference(model, "face", size=200)
    healthy = np.isin(there.kinds, [k for k, each in enumerate(there.strata) if each.healthy])
    assert 0 < healthy.sum() < there.size
    for name, each in model.readouts.items():
        found = usual_there(there, each)
        assert usual_there(here, each) is each, name
        if each.healthy is None or each.group != AT_PLACE:
            assert found is each, name
        elif found is not each:
            own = there.read(each.quantity)[healthy]
            assert (found.healthy.low, found.healthy.high) == tuple(np.quantile(own, [0.05, 0.95])), name
            assert found.healthy.source == "none"
    assert usual_there(there, model.readouts["tewl"]).healthy != model.readouts["tewl"].healthy
