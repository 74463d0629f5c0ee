"""Simulation-based calibration: made-up samples are what the noise says, and intervals hold the truth."""

from __future__ import annotations

import runpy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binom, chisquare

from gutskin.model import Model, load
from gutskin.reference import Reference, reference
from gutskin.samples.noise import read_noise
from gutskin.samples.taxa import Guild, load_taxa
from gutskin.twin.trial import Method, _blank, coverage, made_up

toys = runpy.run_path(str(Path(__file__).with_name("twin_toys.py")))
NAMES = ("red", "green", "blue")
METHODS = 1.6  # geometric standard deviation of what a method adds to a guild


@pytest.fixture(scope="module")
def garden(tmp_path_factory: pytest.TempPathFactory) -> Model:
    model: Model = toys["garden"](tmp_path_factory.mktemp("garden"))
    return model


def method(sd: float, depth: int) -> Method:
    guilds = tuple(Guild(n, "bed", n, (n,), "", {}, False) for n in NAMES)
    return Method("bed", guilds, dict.fromkeys(NAMES, sd), dict.fromkeys(NAMES, sd), depth)


def test_made_up_samples_have_the_noise_they_are_said_to_have() -> None:
    """The errors of ratios, over their covariance, are those of a standard normal law."""
    case, sizes = method(1.5, 2000), np.array([300.0, 90.0, 20.0])
    blank, errors = _blank(case), []
    for seed in range(2000):
        seen = made_up(case, blank, sizes, np.random.default_rng(seed))
        basis = seen.basis
        covariance = basis.T @ np.diag(seen.variance) @ basis
        away = basis.T @ (seen.log - np.log(sizes))
        errors.append(np.linalg.solve(np.linalg.cholesky(covariance), away))
    found = np.array(errors)
    np.testing.assert_allclose(found.mean(axis=0), 0.0, atol=0.08)
    np.testing.assert_allclose(np.cov(found.T), np.eye(2), atol=0.1)


def uneven(ranks: np.ndarray, bins: int = 5) -> float:
    """Return how likely ranks as uneven as these are by chance."""
    return float(chisquare(np.histogram(ranks, bins, (0, 1))[0]).pvalue)


@pytest.mark.parametrize("sd", [1.6, 1.05], ids=["weighted", "moved"])
def test_intervals_of_the_garden_hold_the_truth(garden: Model, sd: float) -> None:
    everybody = reference(garden, "bed", population="land", size=2000)
    others = reference(garden, "bed", population="land", size=400, seed=77)
    told: list[float] = []
    got = coverage(
        everybody, others, [method(sd, 4000)], ["hue", "damp", "odd"], people=100, members=128, seed=3,
        tick=told.append,
    )  # fmt: skip
    assert sum(told) == pytest.approx(1.0)
    low, high = binom(100, 0.9).ppf([0.001, 0.999]) / 100
    assert (got.inside >= low).all()
    assert (got.inside <= high).all()
    for row in got.ranks:
        assert np.isfinite(row).all()
        assert uneven(row) > 1e-3


def test_too_sure_a_measurement_model_is_found_out(garden: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    """When samples are noisier than the twin is told, intervals miss: the check can fail."""
    from gutskin.twin import trial

    def sure(*args: object) -> object:
        seen = made_up(*args)  # type: ignore[arg-type]
        return replace(seen, variance=seen.variance / 16)

    monkeypatch.setattr(trial, "made_up", sure)
    everybody = reference(garden, "bed", population="land", size=2000)
    others = reference(garden, "bed", population="land", size=400, seed=77)
    got = coverage(everybody, others, [method(1.6, 4000)], ["hue"], people=60, members=128)
    assert got.inside[0] < 0.75


def test_what_is_the_same_in_all_people_has_even_ranks(garden: Model) -> None:
    """A constant is always inside by its middle rank; drawn among equals it counts no more than others."""
    everybody = reference(garden, "bed", population="land", size=400)
    constant = everybody.found.derived.copy()
    constant[garden.kernel.derived.index("odd")] = 1.0
    same = replace(everybody, found=replace(everybody.found, derived=constant))
    got = coverage(same, same, [method(1.6, 100)], ["odd"], people=150, members=64)
    assert 0.85 < got.inside[0] < 0.95
    assert uneven(got.ranks[0]) > 1e-3


def test_persons_and_samples_are_the_same_again(garden: Model) -> None:
    everybody = reference(garden, "bed", population="land", size=400)
    case = everybody, everybody, [method(1.6, 100)], ["hue"]
    one, two, other = (coverage(*case, people=5, seed=seed).ranks for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, two)
    assert not np.array_equal(one, other)


HIDDEN = (
    "butyrate", "scfa", "colon_ph", "permeability", "plasma_acetate", "tewl", "sebum", "hydration", "skin_ph",
    "easi", "skin_type2", "itch", "cutibacterium", "aureus",
)  # fmt: skip
PERSONS = 150


@pytest.fixture(scope="module")
def face() -> tuple[Reference, Reference, list[Method]]:
    model, noise = load(), read_noise()
    methods = []
    for table in ("gut", "skin"):
        guilds = tuple(g for g in load_taxa().of_site(table) if not g.unseen)
        day = {g.name: noise.of(table, g.name) for g in guilds}
        methods.append(Method(table, guilds, day, dict.fromkeys(day, METHODS), 5000))
    return reference(model, "face"), reference(model, "face", size=1000, seed=77), methods


@pytest.mark.slow
def test_intervals_of_the_person_hold_the_truth(face: tuple[Reference, Reference, list[Method]]) -> None:
    """Of 150 people with two samples each, and 14 hidden read-outs."""
    everybody, others, methods = face
    assert set(HIDDEN) <= set(everybody.model.readouts)
    got = coverage(everybody, others, methods, HIDDEN, people=PERSONS)
    assert 0.86 <= got.inside.mean() <= 0.94
    low, high = binom(PERSONS, 0.9).ppf([1e-4, 1 - 1e-4]) / PERSONS
    for name, inside, ranks in zip(got.readouts, got.inside, got.ranks, strict=True):
        assert low <= inside <= high, name
        counts = np.histogram(ranks, 5, (0, 1))[0]
        assert counts.max() < 2 * PERSONS / 5, name
        assert counts.min() > 0.4 * PERSONS / 5, name
