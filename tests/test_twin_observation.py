"""What samples say: closed forms of counting, ratios that forget what is common, least squares of several."""

from __future__ import annotations

import itertools
import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import digamma, polygamma

from gutskin.errors import InputError
from gutskin.model import Model
from gutskin.rest import AtRest
from gutskin.twin.observation import HALF, Counted, Observation, Shares, helmert, pooled
from gutskin.twin.weights import misfit

toys = runpy.run_path(str(Path(__file__).with_name("twin_toys.py")))
NAMES = ("red", "green", "blue")
DAY = dict(zip(NAMES, (1.5, 2.0, 3.0), strict=True))
BIAS = dict(zip(NAMES, (1.3, 1.6, 1.2), strict=True))
COUNTS = st.lists(st.integers(0, 5000), min_size=3, max_size=3).filter(lambda c: sum(c) > 0)


@pytest.fixture(scope="module")
def garden(tmp_path_factory: pytest.TempPathFactory) -> Model:
    model: Model = toys["garden"](tmp_path_factory.mktemp("garden"))
    return model


def pool(*samples: Counted, names: Any = NAMES, day: Any = DAY, bias: Any = BIAS) -> Shares:
    return pooled("bed", names, names, [(n,) for n in names], samples, day=day, bias=bias)


def people(garden: Model, sizes: Any) -> AtRest:
    """Return people (P) with these sizes (3, P) of the guilds."""
    sizes = np.asarray(sizes, float)
    states = np.ones((len(garden.network.states), sizes.shape[1]))
    for name, row in zip(NAMES, sizes, strict=True):
        states[list(garden.network.states).index(name)] = row
    return AtRest(states, np.ones((3, sizes.shape[1])), np.ones(sizes.shape[1], bool))


@pytest.mark.parametrize("count", range(1, 9))
def test_ratio_coordinates_are_orthonormal_and_sum_to_nothing(count: int) -> None:
    basis = helmert(count)
    assert basis.shape == (count, count - 1)
    np.testing.assert_allclose(basis.T @ basis, np.eye(count - 1), atol=1e-14)
    np.testing.assert_allclose(basis.sum(axis=0), 0.0, atol=1e-14)
    centre = np.eye(count) - 1.0 / count
    np.testing.assert_allclose(basis @ basis.T, centre, atol=1e-14)


@given(COUNTS)
def test_one_sample_is_a_dirichlet_with_the_noise_of_day_and_method(counts: list[int]) -> None:
    got, alpha = pool(Counted(np.array(counts, float))), np.array(counts) + HALF
    basis = helmert(3)
    np.testing.assert_allclose(basis.T @ got.log, basis.T @ digamma(alpha), atol=1e-10)
    day, bias = (np.log([each[n] for n in NAMES]) ** 2 for each in (DAY, BIAS))
    np.testing.assert_allclose(got.variance, polygamma(1, alpha) + day + bias, rtol=1e-10)
    np.testing.assert_allclose(got.bias, bias)
    assert np.exp(got.log).sum() == pytest.approx(1.0)


def test_counting_is_the_dirichlet_that_random_numbers_show() -> None:
    none = dict.fromkeys(NAMES, 1.0)
    got = Observation((pool(Counted(np.array([40.0, 7.0, 0.0])), day=none, bias=none),))
    drawn = np.log(np.random.default_rng(1).dirichlet(np.array([40.5, 7.5, 0.5]), 200_000))
    ratios = drawn @ helmert(3)
    np.testing.assert_allclose(got.values, ratios.mean(axis=0), atol=0.02)
    np.testing.assert_allclose(got.covariance, np.cov(ratios.T), rtol=0.03, atol=0.01)


@given(COUNTS.filter(lambda c: min(c) > 300), st.integers(2, 50))
def test_a_factor_that_all_counts_have_in_common_drops_out(counts: list[int], factor: int) -> None:
    one, more = (Observation((pool(Counted(k * np.array(counts, float))),)) for k in (1, factor))
    np.testing.assert_allclose(one.values, more.values, atol=0.003)
    np.testing.assert_allclose(one.covariance, more.covariance, atol=0.008)


@settings(max_examples=30)
@given(COUNTS, st.permutations(range(3)), st.integers(0, 99))
def test_the_order_of_guilds_changes_no_likelihood(
    garden: Model, counts: list[int], order: list[int], seed: int
) -> None:
    found = people(garden, np.random.default_rng(seed).lognormal(3, 2, (3, 7)))
    said = []
    for way in (list(range(3)), order):
        seen = pool(Counted(np.array(counts, float)[way]), names=[NAMES[k] for k in way])
        all_ = Observation((seen,), (toys["reading"](1.2, 0.3),))
        said.append(misfit(all_.shown(garden, found), all_.values, all_.covariance))
    np.testing.assert_allclose(said[0], said[1], rtol=1e-9)


def test_equal_samples_of_other_days_halve_the_noise_of_the_day_and_not_the_methods() -> None:
    counts = np.array([4e7, 3e7, 2e7])  # so that counting adds nothing
    day, bias = (np.log([each[n] for n in NAMES]) ** 2 for each in (DAY, BIAS))
    for days, left in (((1.0, 2.0), 0.5), ((1.0, 1.0), 1.0), ((None, None), 1.0), ((None, 1.0), 0.5)):
        got = pool(*(Counted(counts, each) for each in days))
        np.testing.assert_allclose(got.variance, left * day + bias, rtol=1e-4)
        np.testing.assert_allclose(got.log, np.log(counts / counts.sum()), atol=1e-6)


def test_a_deep_sample_does_not_make_the_noise_of_the_day_go_away() -> None:
    """Two days are never worth more than two days, and never less than the better one."""
    day, bias = (np.log([each[n] for n in NAMES]) ** 2 for each in (DAY, BIAS))
    deep, thin = Counted(np.array([5e5, 3e5, 2e5]), 1.0), Counted(np.array([5.0, 3.0, 2.0]), 2.0)
    got, alone = pool(deep, thin), pool(deep)
    assert (got.variance < alone.variance).all()
    assert (got.variance > 0.5 * day + bias).all()


@given(st.floats(0.01, 100.0))
def test_a_bloom_in_one_sample_moves_no_ratio_between_the_others(bloom: float) -> None:
    """The day's noise of red is so large that it says nothing; green to blue is what both samples show."""
    day = {"red": 1e6, "green": 2.0, "blue": 3.0}
    first, second = np.array([1e5, 4e5, 1e5]), np.array([1e5 * bloom, 400.0, 100.0])
    got = pool(Counted(first, 1.0), Counted(second, 2.0), day=day)
    assert got.log[1] - got.log[2] == pytest.approx(np.log(4.0), abs=0.02)


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.integers(2, 4))
def test_pooling_is_least_squares_over_guilds_and_samples(seed: int, count: int) -> None:
    """Against the whole system solved at once: guilds, and a factor of each sample."""
    random = np.random.default_rng(seed)
    counts = random.integers(0, 3000, (count, 3)) + np.array([1, 0, 0])
    days = random.integers(0, 2, count)
    got = pool(*(Counted(c.astype(float), float(d)) for c, d in zip(counts, days, strict=True)))
    rows = list(itertools.product(range(3), range(count)))
    design = np.array(
        [[g == k for k in range(3)] + [s == k for k in range(1, count)] for g, s in rows], float
    )
    error = np.zeros((len(rows), len(rows)))
    for i, (g, s) in enumerate(rows):
        for j, (h, t) in enumerate(rows):
            if g == h:
                error[i, j] = np.log(DAY[NAMES[g]]) ** 2 * (days[s] == days[t])
                error[i, j] += polygamma(1, counts[s, g] + HALF) * (s == t)
    data = np.array([digamma(counts[s, g] + HALF) for g, s in rows])
    inverse = np.linalg.inv(error)
    wanted = np.linalg.solve(design.T @ inverse @ design, design.T @ inverse @ data)[:3]
    np.testing.assert_allclose(helmert(3).T @ got.log, helmert(3).T @ wanted, atol=1e-6)


def test_who_has_none_of_a_guild_shows_what_a_sample_without_it_says(garden: Model) -> None:
    """Whatever the depths of the samples, nothing of a guild fits nothing of it exactly."""
    for depths in ((1000.0,), (50.0, 1e6), (1e7, 10.0, 300.0)):
        counts = np.array([0.5, 0.5, 0.0])
        seen = pool(*(Counted(d * counts, float(k)) for k, d in enumerate(depths)))
        shown = seen.shown(garden, people(garden, [[50.0], [50.0], [0.0]]).states)
        assert shown[2, 0] == pytest.approx(seen.log[2])
        assert shown[0, 0] == pytest.approx(seen.log[0], abs=0.05)
        less = seen.shown(garden, people(garden, [[50.0], [50.0], [1e-12]]).states)
        np.testing.assert_allclose(less, shown, atol=1e-9)


def test_people_without_any_guild_and_negative_sizes_are_shown_at_the_least(garden: Model) -> None:
    seen = pool(Counted(np.array([10.0, 10.0, 5.0])))
    shown = seen.shown(garden, people(garden, [[0.0, -1e-9], [0.0, 0.0], [0.0, 1.0]]).states)
    assert np.isfinite(shown).all()
    np.testing.assert_allclose(shown[:, 0], seen.least)
    np.testing.assert_allclose(shown[0, 1], seen.least[0])


@pytest.mark.parametrize("samples", [[], [Counted(np.zeros(3))], [Counted(np.ones(3)), Counted(np.zeros(3))]])
def test_a_sample_of_nothing_is_refused(samples: list[Counted]) -> None:
    with pytest.raises(InputError, match="E584"):
        pool(*samples)


def test_a_huge_depth_leaves_the_noise_of_day_and_method() -> None:
    got = pool(Counted(np.array([5e6, 4e6, 1e6])))
    floor = np.log([DAY[n] for n in NAMES]) ** 2 + np.log([BIAS[n] for n in NAMES]) ** 2
    np.testing.assert_allclose(got.variance, floor, rtol=1e-4)


def test_the_method_takes_its_part_of_what_a_person_does_not_explain() -> None:
    """Against the Gaussian of method and chance given their sum, guild by guild."""
    seen = pool(Counted(np.array([500.0, 300.0, 200.0])))
    random, many = np.random.default_rng(2), 400_000
    bias = random.normal(size=(3, many)) * np.sqrt(seen.bias)[:, None]
    rest = random.normal(size=(3, many)) * np.sqrt(seen.variance - seen.bias)[:, None]
    whole = bias + rest
    middle, spread = seen.method(seen.log[:, None] - whole)
    mean = (whole / seen.variance[:, None]).sum(axis=0) / (1 / seen.variance).sum()
    share = seen.bias / seen.variance
    np.testing.assert_allclose(middle, share[:, None] * (whole - mean), atol=1e-9)
    np.testing.assert_allclose((bias - share[:, None] * whole).var(axis=1), spread, rtol=0.02)
    assert (spread < seen.bias).all()


def test_a_common_factor_is_not_laid_to_the_method() -> None:
    seen = pool(Counted(np.array([500.0, 300.0, 200.0])))
    middle, _ = seen.method(seen.log[:, None] + np.array([[0.0, 3.0]]))
    np.testing.assert_allclose(middle, 0.0, atol=1e-12)


def test_parts_pick_out_guilds_and_readings_and_add_up(garden: Model) -> None:
    seen = Observation((pool(Counted(np.array([50.0, 30.0, 20.0]))),), (toys["reading"](9.0, 1.0),))
    assert seen.size == 3
    parts = dict(seen.parts())
    assert list(parts) == ["red (bed)", "green (bed)", "blue (bed)", "Wet"]
    np.testing.assert_allclose(sum(np.outer(row, row) for row in parts.values()), np.eye(3), atol=1e-12)
    centred = seen.shares[0].log - seen.shares[0].log.mean()
    for name, wanted in zip(NAMES, centred, strict=True):
        assert parts[f"{name} (bed)"] @ seen.values == pytest.approx(wanted)
    assert parts["Wet"] @ seen.values == 9.0


def test_readings_alone_and_logs_of_readings(garden: Model) -> None:
    found = people(garden, np.ones((3, 4)))
    found.states[list(garden.network.states).index("wet")] = [1.0, 2.0, 0.0, 4.0]
    seen = Observation((), (toys["reading"](9.0, 2.0), toys["reading"](1.0, 0.5, log=True)))
    assert seen.size == 2
    np.testing.assert_allclose(seen.covariance, np.diag([4.0, 0.25]))
    shown = seen.shown(garden, found)
    np.testing.assert_allclose(shown[0], [1.0, 2.0, 0.0, 4.0])
    np.testing.assert_allclose(shown[1, [0, 1, 3]], np.log([1.0, 2.0, 4.0]))
    assert np.isfinite(shown).all()


def test_one_guild_alone_says_nothing() -> None:
    seen = Observation((pool(Counted(np.array([12.0])), names=["red"]),))
    assert seen.size == 0
    assert seen.values.shape == (0,)


def test_shares_of_some_guilds_are_shares_of_these_alone() -> None:
    whole = toys["shares"](np.log([0.5, 0.3, 0.2]))
    part = whole.only(np.array([True, False, True]))
    assert part.guilds == (whole.guilds[0], whole.guilds[2])
    assert np.exp(part.log) == pytest.approx([5 / 7, 2 / 7])
    assert part.log - part.least == pytest.approx((whole.log - whole.least)[[0, 2]])
    assert part.variance.size == part.bias.size == part.once.size == 2


def test_a_guild_that_nobody_carries_is_left_out_and_told_of_when_it_was_seen(garden: Model) -> None:
    seen = Observation((toys["shares"](np.log([0.5, 0.3, 0.2]), least=-10.0),))
    found = people(garden, np.array([[5.0, 4.0], [3.0, 4.0], [0.0, 0.0]]))
    left = seen.showable(garden, found)
    assert left.shares[0].guilds == seen.shares[0].guilds[:2]
    assert len(left.notes) == 1
    assert "20 % of what was seen" in left.notes[0]
    none = Observation((toys["shares"](np.array([np.log(0.6), np.log(0.4), -10.0]), least=-10.0),))
    assert none.showable(garden, found).notes == ()
    everybody = people(garden, np.array([[5.0, 4.0], [3.0, 4.0], [0.0, 1.0]]))
    assert seen.showable(garden, everybody) == seen
    one = people(garden, np.array([[5.0, 4.0], [0.0, 0.0], [0.0, 0.0]]))
    assert seen.showable(garden, one).shares == ()
