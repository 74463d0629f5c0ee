"""Twins of people of the library: a small population, and one person of another draw found again."""

from __future__ import annotations

import numpy as np
import pytest

from gutskin.answers import diagnose
from gutskin.engine.steady import _residual
from gutskin.model import load
from gutskin.population import WIDEST
from gutskin.reference import Reference, reference
from gutskin.samples.noise import read_noise
from gutskin.samples.taxa import load_taxa
from gutskin.twin import Observation, Twin, personalise
from gutskin.twin.trial import Method, _blank, made_up

PERSON = 61  # of those who were held back
DRIFT = 0.05  # [1/day] by which a rare guild of a member may still move


@pytest.fixture(scope="module")
def everybody() -> Reference:
    return reference(load(), "face", size=400)


@pytest.fixture(scope="module")
def others() -> Reference:
    return reference(load(), "face", size=200, seed=77)


@pytest.fixture(scope="module")
def seen(others: Reference) -> Observation:
    noise, random, shares = read_noise(), np.random.default_rng(1), []
    for table in ("gut", "skin"):
        guilds = tuple(g for g in load_taxa().of_site(table) if not g.unseen)
        day = {g.name: noise.of(table, g.name) for g in guilds}
        method = Method(table, guilds, day, dict.fromkeys(day, 1.6), 5000)
        blank = _blank(method)
        sizes = np.array([sum(others.read(s)[PERSON] for s in own) for own in blank.states])
        shares.append(made_up(method, blank, sizes, random))
    return Observation(tuple(shares))


@pytest.fixture(scope="module")
def twin(everybody: Reference, seen: Observation) -> Twin:
    return personalise(everybody, seen, members=64)


def test_nearly_all_of_the_population_settles_and_can_be_read(everybody: Reference) -> None:
    assert sum(everybody.lost) <= 0.02 * 400
    assert everybody.weights.sum() == pytest.approx(1.0)
    for readout in everybody.model.readouts.values():
        assert np.isfinite(everybody.read(readout.quantity)).all(), readout.name


def test_the_twin_is_alive_within_the_spreads_and_at_rest(twin: Twin) -> None:
    assert np.isfinite(twin.found.states).all()
    assert np.isfinite(twin.found.derived).all()
    assert np.abs(twin.points).max() <= WIDEST
    assert (np.abs(twin.points) > WIDEST - 1e-9).mean() < 0.02
    model, constants = twin.reference.model, twin.constants
    moves = [
        _residual(model.kernel, twin.found.states[:, k], constants[:, k], model.floors())[0]
        for k in range(64)
    ]
    assert max(moves) < DRIFT
    assert (np.array(moves) > 1e-3).mean() < 0.25


def test_the_twin_explains_the_samples_of_the_person_it_is_of(twin: Twin) -> None:
    assert twin.rounds > 0
    assert twin.strain < 2.0
    assert sum(each.missed for each in diagnose(twin, ["butyrate"]).fits) <= 1


def test_every_read_out_has_its_finding(twin: Twin) -> None:
    for each in diagnose(twin).findings:
        assert np.isfinite(each.now).all(), each.readout.name
        assert (np.diff(each.now) >= 0).all(), each.readout.name
        assert np.isfinite(each.moved), each.readout.name
        assert 0 <= each.told <= 1, each.readout.name
