"""Weights, quantiles, ranks and draws: against sums done by hand, repeats, and exact Gaussian posteriors."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gutskin.twin.weights import effective, misfit, quantile, rank, resampled, temper, weights

MISFITS = arrays(float, st.integers(2, 40), elements=st.floats(0, 1e4))
COUNTS = st.lists(st.integers(0, 6), min_size=1, max_size=12).filter(any)


def test_misfit_is_minus_the_log_density_of_a_normal_law() -> None:
    from scipy.stats import multivariate_normal

    random = np.random.default_rng(1)
    root = random.normal(size=(4, 4))
    covariance, values, shown = root @ root.T + np.eye(4), random.normal(size=4), random.normal(size=(4, 9))
    wanted = -multivariate_normal(values, covariance).logpdf(shown.T)
    got = misfit(shown, values, covariance)
    np.testing.assert_allclose(got - got[0], wanted - wanted[0], rtol=1e-10)


@given(MISFITS, st.floats(0, 1))
def test_weights_are_prior_times_likelihood(misfits: np.ndarray, power: float) -> None:
    prior = np.arange(1.0, misfits.size + 1)
    got = weights(prior, misfits, power)
    assert got.sum() == pytest.approx(1.0)
    low = misfits.min()
    wanted = prior * np.exp(-power * (misfits - low))
    np.testing.assert_allclose(got, wanted / wanted.sum(), rtol=1e-7, atol=1e-300)


@pytest.mark.parametrize("power", [0.0, 1e-6, 1.0])
def test_who_cannot_be_the_person_has_no_weight_however_well_they_fit(power: float) -> None:
    """A penalty instead of nought gives way when all others fit badly enough."""
    got = weights(np.array([0.5, 0.5, 0.0, 0.4]), np.array([4000.0, 4001.0, 0.0, np.nan]), power)
    assert got[2] == 0
    assert got[3] == 0
    assert got[0] / got[1] == pytest.approx(np.exp(power))


def test_effective_people_are_those_of_equal_weight() -> None:
    assert effective(np.full(7, 0.3)) == pytest.approx(7)
    assert effective(np.array([1.0, 0.0, 0.0])) == pytest.approx(1)
    assert effective(np.array([2.0, 1.0, 1.0])) == pytest.approx(16 / 6)


@given(MISFITS, st.floats(0, 1), st.floats(0, 1))
def test_a_higher_power_leaves_fewer_effective_people(misfits: np.ndarray, one: float, two: float) -> None:
    prior, (low, high) = np.ones(misfits.size), sorted((one, two))
    few, many = (effective(weights(prior, misfits, power)) for power in (high, low))
    assert few <= many * (1 + 1e-9)


@given(MISFITS, st.floats(0.01, 1.2))
def test_the_temper_is_the_largest_power_that_leaves_enough(misfits: np.ndarray, share: float) -> None:
    def weigh(power: float) -> np.ndarray:
        return weights(np.ones(misfits.size), misfits, power)

    people = share * misfits.size
    power = temper(weigh, people)
    assert 0 <= power <= 1
    if share <= 1:
        assert effective(weigh(power)) >= people * (1 - 1e-9)
    else:
        assert power < 1e-11
    if power < 1:
        assert effective(weigh(min(1.0, power * 1.002 + 1e-11))) < people * (1 + 1e-9)


@given(arrays(float, st.integers(1, 30), elements=st.floats(-9, 9)), st.floats(0.001, 0.999))
def test_quantiles_of_even_weights_are_those_of_hazen(values: np.ndarray, level: float) -> None:
    got = quantile(values, np.full(values.size, 0.2), level)
    np.testing.assert_allclose(got, np.quantile(values, level, method="hazen"), atol=1e-9)


@given(COUNTS, st.floats(0.01, 0.99))
def test_a_weight_of_three_is_three_people(counts: list[int], level: float) -> None:
    """Lines go from the middle of one's weight to the next, so the two differ by half a weight at most."""
    values, own = np.arange(len(counts), dtype=float) ** 2, np.array(counts, float)
    many, half = np.repeat(values, counts), 0.5 * own.max() / own.sum()
    got = float(quantile(values, own, level))
    low, high = (
        np.quantile(many, np.clip(level + d, 0, 1), method=method)
        for d, method in ((-half - 1e-9, "inverted_cdf"), (half + 1e-9, "higher"))
    )
    assert low - 1e-9 <= got <= high + 1e-9


@given(COUNTS, st.floats(-1, 150))
def test_ranks_of_weights_are_ranks_of_repeats(counts: list[int], at: float) -> None:
    values = np.arange(len(counts), dtype=float) ** 2
    many = np.repeat(values, counts)
    for place in (at, values[0], values[-1]):
        got = rank(values, np.array(counts, float), place)
        wanted = (many < place).mean() + 0.5 * (many == place).mean()
        assert got == pytest.approx(wanted)
        assert rank(values, np.array(counts, float), place, 0.0) == pytest.approx((many < place).mean())


def test_who_has_no_weight_moves_no_quantile() -> None:
    values, own = np.array([1.0, 2.0, 3.0, 1e9]), np.array([1.0, 1.0, 1.0, 0.0])
    assert quantile(values, own, 0.99999) == pytest.approx(3.0)


def test_a_value_that_is_missing_is_not_passed_over() -> None:
    levels = np.array([0.05, 0.5])
    assert np.isnan(quantile(np.array([1.0, np.nan, 2.0]), np.ones(3), levels)).all()
    assert quantile(np.array([1.0, np.nan, 2.0]), np.array([1.0, 0.0, 1.0]), 0.5) == pytest.approx(1.5)


@given(arrays(float, st.integers(1, 30), elements=st.floats(0.0, 1.0)), st.integers(1, 90), st.integers(0, 9))
def test_people_are_drawn_as_evenly_as_whole_numbers_allow(own: np.ndarray, count: int, seed: int) -> None:
    own = own + (own.sum() == 0)
    who = resampled(own, count, seed)
    assert who.shape == (count,)
    got = np.bincount(who, minlength=own.size)
    assert (np.abs(got - count * own / own.sum()) < 1 + 1e-6).all()
    assert not got[own == 0].any()
    assert (np.diff(who) >= 0).all()
    np.testing.assert_array_equal(who, resampled(own, count, seed))


def test_another_seed_draws_others() -> None:
    own = np.random.default_rng(0).uniform(size=50)
    assert len({resampled(own, 20, seed).tobytes() for seed in range(9)}) > 4


@pytest.mark.parametrize("away", [0.0, 1.5, 3.0])
def test_importance_weights_are_the_exact_posterior(away: float) -> None:
    """x is standard normal and seen with an error of 0.8: the posterior has a closed form."""
    points, error = np.random.default_rng(3).normal(size=200_000), 0.8
    got = weights(np.ones(points.size), misfit(points[None], np.array([away]), np.array([[error**2]])))
    mean, variance = away / (1 + error**2), error**2 / (1 + error**2)
    assert got @ points == pytest.approx(mean, abs=0.02)
    assert got @ (points - mean) ** 2 == pytest.approx(variance, rel=0.03)
    from scipy.stats import norm

    levels = np.array([0.05, 0.5, 0.95])
    wanted = norm(mean, variance**0.5).ppf(levels)
    np.testing.assert_allclose(quantile(points, got, levels), wanted, atol=0.03)
