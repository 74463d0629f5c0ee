"""Derivatives from a few places: exact for polynomials, and honest about the rest."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gutskin.engine.stencil import stencil

values = st.floats(1e-6, 1e6)


def seen(way, of):
    return [np.array([of(each)]) for each in way.places]


@given(values, st.sampled_from([-1.0, 1.0]), st.integers(0, 4), st.booleans())
def test_polynomials(value: float, sign: float, degree: int, errors: bool) -> None:
    """Four places on both sides are exact to degree 4, two to degree 2."""
    degree = min(degree, 4 if errors else 2)
    way = stencil(sign * value, value, errors=errors)
    got = way.derivative(seen(way, lambda x: (x / value) ** degree))
    assert got[0] * value == pytest.approx(degree * sign ** (degree + 1), abs=1e-9)


@given(st.floats(0.0, 1e-5), st.integers(0, 3), st.booleans())
def test_what_cannot_be_negative_is_looked_at_from_above(value: float, degree: int, errors: bool) -> None:
    degree = min(degree, 3 if errors else 2)
    way = stencil(value, 1.0, errors=errors)
    assert min(way.places) >= 0
    got = way.derivative(seen(way, lambda x: (1 + x) ** degree))
    assert got[0] == pytest.approx(degree * (1 + value) ** (degree - 1), abs=1e-9)


@given(values, st.integers(-3, 3), st.booleans())
def test_by_logarithm_a_power_is_its_exponent(value: float, exponent: int, errors: bool) -> None:
    way = stencil(value, 1.0, log=True, errors=errors)
    assert min(way.places) > 0
    got = way.derivative(seen(way, lambda x: (x / value) ** exponent))
    assert got[0] == pytest.approx(exponent, abs=1e-8)


@pytest.mark.parametrize("rate", [0.1, 1.0, 10.0, 100.0])
@pytest.mark.parametrize("value", [0.0, 1.0])
def test_the_error_is_said(rate: float, value: float) -> None:
    """It is an estimate: here and there two step sizes agree by chance."""
    phase = np.linspace(0.0, 6.2, 2000)
    way = stencil(value, 1.0)
    got = [np.exp(np.sin(rate * each + phase)) for each in way.places]
    angle = rate * value + phase
    off = np.abs(way.derivative(got) - rate * np.cos(angle) * np.exp(np.sin(angle)))
    assert np.mean(off <= way.error(got)) > 0.97
    assert way.error(got).max() < 1e-7 * rate**3 + 1e-9


def test_one_step_size_says_nothing_about_its_error() -> None:
    way = stencil(2.0, 2.0, errors=False)
    assert len(way.places) == 2
    assert np.isnan(way.error(seen(way, np.exp))).all()
