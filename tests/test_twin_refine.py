"""Moving people towards data: against the exact Gaussian posterior of a garden, and at its edges."""

from __future__ import annotations

import runpy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import gutskin.twin.refine as module
from gutskin.coordinates import Coordinates
from gutskin.engine.outcome import Array
from gutskin.model import Model
from gutskin.population import WIDEST
from gutskin.reference import Reference, reference
from gutskin.rest import AtRest, at_rest
from gutskin.twin.observation import Observation
from gutskin.twin.refine import Ensemble, refine
from gutskin.twin.weights import misfit

toys = runpy.run_path(str(Path(__file__).with_name("twin_toys.py")))
LOG = np.log([50.0, 30.0, 10.0])  # what the middle person shows, but for a common factor
MILD = Observation((toys["shares"](LOG + np.array([0.5, -0.4, 0.2]), 0.6),), (toys["reading"](12.0, 1.5),))
SHARP = Observation((toys["shares"](LOG + np.array([1.0, -1.0, 0.0]), 0.15),), (toys["reading"](12.5, 0.15),))


@pytest.fixture(scope="module")
def garden(tmp_path_factory: pytest.TempPathFactory) -> Model:
    model: Model = toys["garden"](tmp_path_factory.mktemp("garden"))
    return model


@pytest.fixture(scope="module")
def meadows(garden: Model) -> Reference:
    return reference(garden, "bed", population="meadows", size=2000)


@pytest.fixture(scope="module")
def coordinates(garden: Model, meadows: Reference) -> Coordinates:
    return Coordinates(garden, meadows.people)


def start(everybody: Reference, coordinates: Coordinates, who: Array) -> Ensemble:
    return Ensemble(everybody.points(who, coordinates), everybody.kinds[who], everybody.found.of(who))


def names(coordinates: Coordinates) -> list[str]:
    return [coordinates.names[k] for k in coordinates.places]


@pytest.mark.parametrize("seen", [MILD, SHARP], ids=["mild", "sharp"])
def test_mean_and_spread_are_those_of_the_exact_posterior(
    garden: Model, meadows: Reference, coordinates: Coordinates, seen: Observation
) -> None:
    """Coordinates, and what is common to all guilds, of which shares say nothing."""
    begin = start(meadows, coordinates, np.arange(2000))
    got = refine(garden, coordinates, begin, seen, left=1.0, seed=1)
    mean, covariance = toys["exact"](seen, names(coordinates))
    wide = np.sqrt(np.diag(covariance))
    np.testing.assert_allclose(got.points.mean(axis=1), mean, atol=0.06)
    np.testing.assert_allclose(got.points.std(axis=1) / wide, 1.0, atol=0.06)
    np.testing.assert_allclose(np.cov(got.points), covariance, atol=0.06)
    common = got.points[:3].sum(axis=0) / np.sqrt(3)
    assert common.var() == pytest.approx(1.0, abs=0.07)
    wet = 10.0 + toys["SD"] * got.points[names(coordinates).index("rain")]
    np.testing.assert_allclose(seen.shown(garden, got.found)[-1], wet, rtol=2e-3)  # at rest where they are


def test_what_was_taken_in_before_is_not_taken_in_again(
    garden: Model, meadows: Reference, coordinates: Coordinates
) -> None:
    """Half the likelihood by one half of the moves and half by the other is the whole of it."""
    begin = start(meadows, coordinates, np.arange(2000))
    half = refine(garden, coordinates, begin, MILD, left=0.5, seed=1)
    _, covariance = toys["exact"](
        replace(
            MILD,
            shares=(replace(MILD.shares[0], variance=2 * MILD.shares[0].variance),),
            readings=(replace(MILD.readings[0], sd=MILD.readings[0].sd * 2**0.5),),
        ),
        names(coordinates),
    )
    np.testing.assert_allclose(np.cov(half.points), covariance, atol=0.06)
    whole = refine(garden, coordinates, half, MILD, left=0.5, seed=2)
    mean, covariance = toys["exact"](MILD, names(coordinates))
    np.testing.assert_allclose(np.cov(whole.points), covariance, atol=0.07)
    np.testing.assert_allclose(whole.points.mean(axis=1), mean, atol=0.07)
    assert whole.rounds == half.rounds + 1


def test_steps_grow_and_add_up(garden: Model, meadows: Reference, coordinates: Coordinates) -> None:
    told: list[float] = []
    begin = start(meadows, coordinates, np.arange(300))
    got = refine(garden, coordinates, begin, SHARP, left=0.9, seed=1, tick=told.append)
    assert got.rounds == len(told)
    assert 1 < len(told) <= module.ROUNDS
    assert sum(told) == pytest.approx(1.0)
    assert told[0] < told[-1]


def test_when_nothing_is_left_nobody_moves(
    garden: Model, meadows: Reference, coordinates: Coordinates
) -> None:
    begin = start(meadows, coordinates, np.arange(40))
    assert refine(garden, coordinates, begin, SHARP, left=0.0, seed=1) is begin


def test_the_first_step_is_that_of_the_misfits() -> None:
    """Iglesias 2021: M / 2 over the mean of the misfits, or the root of M / 2 over their variance."""
    misfits = np.array([30.0, 50.0, 40.0])
    assert module._step(misfits, 4, 1.0) == pytest.approx(max(2 / 40.0, np.sqrt(2 / misfits.var())), rel=1e-9)
    assert module._step(np.full(3, 1e6), 4, 0.3) == 0.3  # no spread: nothing to lose by a long step
    assert module._step(np.array([0.1, 0.2]), 4, 0.7) == 0.7


def test_numbers_of_which_nothing_is_said_keep_their_spread_in_a_small_ensemble(
    garden: Model, meadows: Reference, coordinates: Coordinates
) -> None:
    """Without the trust in correlations, chance among 60 people would draw the arrivals in."""
    seen = Observation((), (toys["reading"](13.0, 0.1),))
    spreads = []
    for first in range(0, 1800, 60):
        begin = start(meadows, coordinates, np.arange(first, first + 60))
        got = refine(garden, coordinates, begin, seen, left=1.0, seed=first)
        spreads.append(got.points.std(axis=1) / begin.points.std(axis=1))
    kept = np.mean(spreads, axis=0)
    rain = names(coordinates).index("rain")
    assert kept[rain] == pytest.approx(0.1 / np.sqrt(toys["SD"] ** 2 + 0.01), abs=0.03)
    assert (np.delete(kept, rain) > 0.95).all()


def test_copies_do_not_count_as_people(garden: Model, meadows: Reference, coordinates: Coordinates) -> None:
    """Of eight people copied thirty times the correlations are as much chance as of eight."""
    seen = Observation((), (toys["reading"](13.0, 0.5),))
    moved = []
    for first in range(0, 800, 8):
        who = np.repeat(np.arange(first, first + 8), 30)
        begin = start(meadows, coordinates, who)
        shown = seen.shown(garden, begin.found)
        noise = module._normal(first, 0, shown.shape)
        case = begin, shown, seen.values, seen.covariance, noise
        few, many = (module._moved(*case, different) for different in (8, 240))
        moved.append([np.abs(each - begin.points)[:3].mean() for each in (few, many)])
    few, many = np.mean(moved, axis=0)
    assert few < 0.8 * many


def test_same_seed_same_bits_and_every_round_has_noise_of_its_own(
    garden: Model, meadows: Reference, coordinates: Coordinates, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin, bits = start(meadows, coordinates, np.arange(120)), []
    for threads, seed in (("1", 5), ("2", 5), ("1", 6)):
        monkeypatch.setenv("GUTSKIN_THREADS", threads)
        got = refine(garden, coordinates, begin, SHARP, left=1.0, seed=seed)
        bits.append(got.points.tobytes() + got.found.states.tobytes() + got.found.derived.tobytes())
    assert bits[0] == bits[1] != bits[2]
    noises = {module._normal(seed, number, (2, 3)).tobytes() for seed in range(4) for number in range(4)}
    assert len(noises) == 16


def test_data_beyond_all_people_leave_them_at_the_edge_and_not_beyond(
    garden: Model, meadows: Reference, coordinates: Coordinates
) -> None:
    seen = Observation((), (toys["reading"](1e3, 0.1),))
    begin = start(meadows, coordinates, np.arange(100))
    got = refine(garden, coordinates, begin, seen, left=1.0, seed=1)
    assert np.abs(got.points).max() <= WIDEST
    assert got.points[names(coordinates).index("rain")].min() > WIDEST - 1e-9
    assert np.isfinite(got.found.states).all()
    assert got.rounds <= module.ROUNDS


def test_who_cannot_live_or_be_looked_at_there_stays_where_they_were(
    garden: Model, meadows: Reference, coordinates: Coordinates, monkeypatch: pytest.MonkeyPatch
) -> None:
    def harsh(model: Model, constants: Array, **more: object) -> AtRest:
        found = at_rest(model, constants, **more)  # type: ignore[arg-type]
        found.states[:, 0], found.alive[0] = np.nan, False
        found.states[list(model.network.states).index("wet"), 1] = np.nan
        return found

    monkeypatch.setattr(module, "at_rest", harsh)
    begin = start(meadows, coordinates, np.arange(50))
    got = refine(garden, coordinates, begin, MILD, left=1.0, seed=1)
    np.testing.assert_array_equal(got.points[:, :2], begin.points[:, :2])
    np.testing.assert_array_equal(got.found.states[:, :2], begin.found.states[:, :2])
    assert (np.abs(got.points - begin.points)[:, 2:] > 0).any(axis=0).all()
    assert np.isfinite(misfit(MILD.shown(garden, got.found), MILD.values, MILD.covariance)).all()


def test_kinds_of_people_keep_their_own_middle(garden: Model) -> None:
    """The difference between kinds is no correlation within them: the swamp's rain is no coordinate."""
    land = reference(garden, "bed", population="land", size=400)
    coordinates = Coordinates(garden, land.people)
    begin = start(land, coordinates, np.arange(400))
    seen = Observation((toys["shares"](LOG, 0.1),))
    got = refine(garden, coordinates, begin, seen, left=1.0, seed=1)
    rain = names(coordinates).index("rain")
    for kind in (0, 1):
        who = got.kinds == kind
        np.testing.assert_allclose(got.points[rain, who], begin.points[rain, who], atol=0.2)
