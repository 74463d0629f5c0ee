"""A person as weighted people: exact posteriors of both ways, and every edge refused or held."""

from __future__ import annotations

import runpy
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gutskin.coordinates import Coordinates
from gutskin.errors import InputError
from gutskin.model import Model
from gutskin.population import WIDEST
from gutskin.reference import Reference, reference
from gutskin.twin.observation import Counted, Observation, pooled
from gutskin.twin.personalise import FEW, personalise
from gutskin.twin.twin import Twin
from gutskin.twin.weights import quantile

toys = runpy.run_path(str(Path(__file__).with_name("twin_toys.py")))
LOG = np.log([50.0, 30.0, 10.0])
NAMES = ("red", "green", "blue")
MILD = Observation((toys["shares"](LOG + np.array([0.5, -0.4, 0.2]), 0.6),), (toys["reading"](11.0, 1.5),))
SHARP = Observation((toys["shares"](LOG + np.array([0.8, -0.8, 0.0]), 0.1),), (toys["reading"](12.0, 0.1),))


@pytest.fixture(scope="module")
def garden(tmp_path_factory: pytest.TempPathFactory) -> Model:
    model: Model = toys["garden"](tmp_path_factory.mktemp("garden"))
    return model


@pytest.fixture(scope="module")
def meadows(garden: Model) -> Reference:
    return reference(garden, "bed", population="meadows", size=4000)


@pytest.fixture(scope="module")
def land(garden: Model) -> Reference:
    return reference(garden, "bed", population="land", size=4000)


def wet(value: float, sd: float) -> Observation:
    return Observation((), (toys["reading"](value, sd),))


def reads(counts: Any, **more: Any) -> Observation:
    day, bias = dict.fromkeys(NAMES, 2.0), dict.fromkeys(NAMES, 1.6)
    shares = pooled(
        "bed", NAMES, NAMES, [(n,) for n in NAMES], [Counted(np.array(counts, float))], day=day, bias=bias
    )
    return Observation((shares,), **more)


def sane(twin: Twin) -> None:
    """Everybody is alive and finite, and weights and chances are chances."""
    assert np.isfinite(twin.found.states).all()
    assert np.isfinite(twin.shown).all()
    assert np.abs(twin.points).max() <= WIDEST
    for each in (twin.weights, twin.odds):
        assert (each >= 0).all()
        assert each.sum() == pytest.approx(1.0)
    assert np.isfinite(twin.strain)
    assert twin.kinds.shape == twin.weights.shape == (twin.points.shape[1],)


@pytest.mark.parametrize(("seen", "moved"), [(MILD, False), (SHARP, True)], ids=["weighted", "moved"])
def test_both_ways_give_the_exact_posterior(meadows: Reference, seen: Observation, moved: bool) -> None:
    twin = personalise(meadows, seen, members=1000)
    sane(twin)
    assert (twin.rounds > 0) == moved == (twin.support < FEW)
    names = [twin.coordinates.names[k] for k in twin.coordinates.places]
    mean, covariance = toys["exact"](seen, names)
    got = twin.points @ twin.weights
    np.testing.assert_allclose(got, mean, atol=0.12)
    away = twin.points - got[:, None]
    np.testing.assert_allclose((away * twin.weights) @ away.T, covariance, atol=0.12)
    from scipy.stats import norm

    rain = names.index("rain")
    law = norm(10 + toys["SD"] * mean[rain], toys["SD"] * covariance[rain, rain] ** 0.5)
    levels = np.array([0.05, 0.5, 0.95])
    np.testing.assert_allclose(
        quantile(twin.read("damp"), twin.weights, levels), 2 * law.ppf(levels), atol=0.5 * law.std()
    )


@pytest.mark.parametrize("value", [11.5, 12.5, 13.0, 13.5, 14.5])
@pytest.mark.parametrize("sd", [1.5, 0.2], ids=["weighted", "moved"])
def test_the_odds_of_kinds_are_those_of_bayes(land: Reference, value: float, sd: float) -> None:
    from scipy.stats import norm

    twin = personalise(land, wet(value, sd))
    sane(twin)
    wide = np.hypot(toys["SD"], sd)
    chances = [0.9 * norm(10, wide).pdf(value), 0.1 * norm(10 + toys["FAR"] * toys["SD"], wide).pdf(value)]
    wanted = chances[1] / sum(chances)
    assert twin.odds[1] == pytest.approx(wanted, abs=0.06)
    assert twin.weights[twin.kinds == 1].sum() == pytest.approx(twin.odds[1], abs=2 / 256)


def test_points_and_where_they_rest_belong_together(garden: Model, land: Reference) -> None:
    for seen in (MILD, SHARP):
        twin = personalise(land, seen)
        constants = dict(zip(twin.coordinates.names, twin.constants, strict=True))
        np.testing.assert_allclose(twin.read("wet"), constants["rain"], rtol=3e-3)
        np.testing.assert_allclose(twin.read("red"), 2 * constants["red_arrival"], rtol=3e-3)


@pytest.mark.parametrize("value", [10.0, 16.0, 60.0, -5e3, 1e6])
def test_known_kinds_are_the_only_ones_whatever_was_seen(land: Reference, value: float) -> None:
    """However badly all people of the kind explain it: what is known is known."""
    for name, kind in (("meadow", 0), ("swamp", 1)):
        twin = personalise(land, wet(value, 0.3), known=[name])
        sane(twin)
        assert (twin.kinds == kind).all()
        assert twin.odds[kind] == pytest.approx(1.0)
    both = personalise(land, wet(value, 0.3), known=["swamp", "meadow"])
    assert both.points.tobytes() == personalise(land, wet(value, 0.3)).points.tobytes()


def test_what_no_person_of_the_population_has_is_told_as_strain(land: Reference) -> None:
    for value in (1e3, -1e3):
        twin = personalise(land, wet(value, 0.1))
        sane(twin)
        assert twin.strain > 1e3
        assert twin.support < 20
    assert personalise(land, wet(11.0, 0.1)).strain < 1.0


@pytest.mark.parametrize("counts", [(5e6, 4e6, 1e6), (1e7, 0, 0), (0, 0, 3), (1, 0, 0), (0, 1e7, 1)])
def test_depths_from_one_read_to_ten_million_and_guilds_without_any(
    land: Reference, counts: tuple[float, ...]
) -> None:
    twin = personalise(land, reads(counts))
    sane(twin)
    assert twin.effective > 50


def test_one_read_says_next_to_nothing_and_many_say_no_more_than_day_and_method_allow(
    land: Reference,
) -> None:
    prior = np.log(land.read("hue"))
    deep = personalise(land, reads((5e6, 3e6, 1e6)))
    spread = np.log(quantile(deep.read("hue"), deep.weights, [0.05, 0.95]))
    noise = 2 * (np.log(2.0) ** 2 + np.log(1.6) ** 2)
    wide = 2 * np.log(toys["GSD"]) ** 2
    wanted = 2 * 1.645 * np.sqrt(noise * wide / (noise + wide))
    assert spread[1] - spread[0] == pytest.approx(wanted, rel=0.1)
    one = personalise(land, reads((1, 0, 0)))
    assert one.support > 0.5 * 1 / (land.weights**2).sum()
    assert np.log(one.read("hue")) @ one.weights == pytest.approx(prior @ land.weights, abs=0.5)


def test_same_seed_same_bits_whatever_the_threads(land: Reference, monkeypatch: pytest.MonkeyPatch) -> None:
    bits = []
    for threads, seed in (("1", 3), ("2", 3), ("1", 4)):
        monkeypatch.setenv("GUTSKIN_THREADS", threads)
        twin = personalise(land, SHARP, seed=seed)
        bits.append(twin.points.tobytes() + twin.found.states.tobytes() + twin.found.derived.tobytes())
    assert bits[0] == bits[1] != bits[2]


def test_people_whose_reading_is_undefined_are_nobody(garden: Model, land: Reference) -> None:
    """A quantity that is 0 / 0 in some must not turn the weights of all into nothing."""
    derived = land.found.derived.copy()
    row = garden.kernel.derived.index("damp")
    derived[row, ::2] = np.nan
    half = replace(land, found=replace(land.found, derived=derived))
    for sd in (3.0, 0.05):
        twin = personalise(half, Observation((), (toys["reading"](22.0, sd, "damp"),)))
        sane(twin)
        assert twin.read("damp") @ twin.weights == pytest.approx(22.0, abs=2.5)
    derived[row] = np.nan
    none = replace(land, found=replace(land.found, derived=derived))
    with pytest.raises(InputError, match="E586"):
        personalise(none, Observation((), (toys["reading"](22.0, 1.0, "damp"),)))


def test_a_kind_of_one_person_and_of_nobody(garden: Model, land: Reference) -> None:
    for left in (1, 0):
        who = np.concatenate([np.flatnonzero(land.kinds == 0), np.flatnonzero(land.kinds == 1)[:left]])
        few = replace(
            land, kinds=land.kinds[who], numbers=land.numbers[who], found=land.found.of(who),
            weights=np.full(who.size, 1.0 / who.size),
        )  # fmt: skip
        for seen in (MILD, SHARP, reads((3, 2, 1)), wet(16.0, 0.1)):
            sane(personalise(few, seen, members=64))
    with pytest.raises(InputError, match="E586"):
        personalise(few, MILD, known=["swamp"])


def test_a_kind_with_fewer_people_than_numbers_seen(garden: Model) -> None:
    small = reference(garden, "bed", population="land", size=200)
    who = np.concatenate([np.arange(100), 100 + np.arange(2)])
    few = replace(
        small, kinds=small.kinds[who], numbers=small.numbers[who], found=small.found.of(who),
        weights=np.where(small.kinds[who] == 0, 0.009, 0.05),
    )  # fmt: skip
    sane(personalise(few, SHARP, members=64))


@pytest.mark.parametrize(
    ("seen", "code"),
    [
        (Observation(), "E584"),
        (Observation((), (toys["reading"](np.nan, 1.0),)), "E586"),
        (Observation((), (toys["reading"](np.inf, 1.0),)), "E586"),
        (Observation((), (toys["reading"](1.0, 0.0),)), "E586"),
        (Observation((), (toys["reading"](1.0, -1.0),)), "E586"),
        (Observation((), (toys["reading"](1.0, np.nan),)), "E586"),
    ],
)
def test_nothing_and_no_number_are_refused(land: Reference, seen: Observation, code: str) -> None:
    with pytest.raises(InputError, match=code) as caught:
        personalise(land, seen)
    assert caught.value.remedy


def test_few_people_who_all_explain_a_weak_sample_are_not_moved(garden: Model) -> None:
    """Fewer than are wanted for weights alone, and nothing left to take in."""
    small = reference(garden, "bed", population="land", size=200)
    twin = personalise(small, reads((3, 2, 1)))
    sane(twin)
    assert twin.support < FEW
    assert twin.rounds == 0


def test_a_kind_that_is_not_there_is_refused(land: Reference) -> None:
    with pytest.raises(InputError, match=r"E585.*did you mean swamp"):
        personalise(land, MILD, known=["swam"])


def test_work_is_told_to_the_end(land: Reference) -> None:
    for seen in (MILD, SHARP):
        told: list[float] = []
        personalise(land, seen, tick=told.append)
        assert sum(told) == pytest.approx(1.0)


def test_only_readings_and_only_one_sample(land: Reference) -> None:
    sane(personalise(land, wet(11.0, 0.05)))
    both = reads((50, 30, 10), readings=(toys["reading"](11.0, 0.5),))
    twin = personalise(land, both)
    sane(twin)
    assert twin.read("wet") @ twin.weights == pytest.approx(10.9, abs=0.15)


def test_points_are_those_of_the_coordinates(land: Reference) -> None:
    twin = personalise(land, MILD)
    assert isinstance(twin.coordinates, Coordinates)
    assert twin.points.shape[0] == twin.coordinates.places.size
