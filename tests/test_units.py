"""Units at the borders: what is understood, what is refused, and conversion."""

from __future__ import annotations

import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gutskin import units
from gutskin.errors import InputError

# Machines that run tests are often busy with other things.
CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

SINGLE = (
    "mmol", "umol", "nmol", "mol", "g", "mg", "ug", "kg", "L", "mL", "uL", "h", "min", "day", "s", "K",
    "cm2", "m2", "CFU", "cells", "kcal", "IU", "percent", "1",
)  # fmt: skip
WRITTEN = (*SINGLE, "mmol/h", "1/h", "CFU/cm2", "ug/cm2/h", "g/m2/h", "mmol/L", "kcal/day", "L^2", "%")
KINDS = (
    ("mol", "mmol", "umol", "nmol", "pmol"),
    ("kg", "g", "mg", "ug", "ng", "pg"),
    ("s", "min", "h", "day", "week"),
    ("L", "mL", "uL"),
    ("m2", "cm2"),
    ("mmol/h", "mol/day", "umol/min"),
    ("ug/cm2/h", "g/m2/h", "mg/cm2/day"),
    ("1", "percent", "g/kg"),
)
SAME_KIND = st.sampled_from(KINDS).flatmap(lambda kind: st.tuples(*[st.sampled_from(kind)] * 3))
NUMBERS = st.floats(-1e12, 1e12, allow_subnormal=False).filter(lambda x: x == 0 or abs(x) > 1e-12)


@pytest.mark.parametrize("text", WRITTEN)
def test_every_unit_of_the_house_is_understood(text: str) -> None:
    assert units.base_factor(text) > 0


@pytest.mark.parametrize(
    "text", ["", " ", "2", "mmol h", "mmol//h", "mmol/", "/h", "mmol h^-1;", "exp(h)", "3*h", "mmol,h"]
)
def test_ill_formed_units_are_refused(text: str) -> None:
    with pytest.raises(InputError, match="E201") as caught:
        units.parse(text)
    assert "mmol/h" in caught.value.remedy


@pytest.mark.parametrize("value", [1, 2.5, None, True])
def test_a_unit_that_is_no_text_is_refused(value: object) -> None:
    with pytest.raises(InputError, match="E201"):
        units.parse(value)  # type: ignore[arg-type]


def test_an_unknown_unit_names_the_nearest() -> None:
    with pytest.raises(InputError, match="E201") as caught:
        units.parse("mmoll/h")
    assert "mmol" in caught.value.remedy


@CALM
@given(SAME_KIND, NUMBERS)
def test_converting_there_and_back_returns_the_number(kind: tuple[str, str, str], value: float) -> None:
    there = units.convert(value, kind[0], kind[1])
    assert math.isclose(units.convert(there, kind[1], kind[0]), value, rel_tol=1e-14)


@CALM
@given(SAME_KIND)
def test_converting_by_way_of_a_third_unit_is_the_same(kind: tuple[str, str, str]) -> None:
    a, b, c = kind
    assert math.isclose(units.factor(a, b) * units.factor(b, c), units.factor(a, c), rel_tol=1e-14)


@CALM
@given(st.sampled_from(WRITTEN), st.floats(allow_nan=False))
def test_equal_units_leave_the_number_alone_to_the_last_bit(unit: str, value: float) -> None:
    assert units.convert(value, unit, unit) == value


@CALM
@given(st.sampled_from(SINGLE), st.sampled_from(SINGLE))
def test_dimensions_of_a_product_add_and_of_a_quotient_subtract(a: str, b: str) -> None:
    def added(sign: float) -> dict[str, float]:
        powers = dict(units.dimension(a))
        for name, power in units.dimension(b):
            powers[name] = powers.get(name, 0.0) + sign * power
        return {name: power for name, power in powers.items() if power}

    if a != "1":
        assert dict(units.dimension(f"{a}*{b}" if b != "1" else a)) == added(1.0)
    if b != "1":
        assert dict(units.dimension(f"{a}/{b}")) == added(-1.0)


@pytest.mark.parametrize(
    ("value", "a", "b", "expected"),
    [
        (12.0, "g/day", "g/h", 0.5), (1.0, "day", "h", 24.0), (1.0, "mmol/L", "umol/mL", 1.0),
        (50.0, "percent", "1", 0.5), (1.0, "g/m2/h", "ug/cm2/h", 100.0), (1.0, "1/min", "1/h", 60.0),
    ],
)  # fmt: skip
def test_conversions_known_by_heart(value: float, a: str, b: str, expected: float) -> None:
    assert units.convert(value, a, b) == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize(
    ("a", "b"), [("g", "mmol"), ("CFU", "1"), ("g", "g/day"), ("kcal", "g"), ("cm2", "L"), ("IU", "mg")]
)
def test_units_of_another_kind_are_refused(a: str, b: str) -> None:
    with pytest.raises(InputError, match="E202"):
        units.convert(1.0, a, b)


@CALM
@given(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(WRITTEN))
def test_a_written_quantity_is_read_back_to_the_last_bit(value: float, unit: str) -> None:
    assert units.quantity(f"{value!r} {unit}") == (value, unit)


@pytest.mark.parametrize(
    ("said", "code"),
    [("12", "E204"), (12, "E204"), (1.5, "E204"), ("g", "E203"), ("", "E203"), (True, "E203"), (None, "E203"),
     ("1,5 g", "E201"), ("12 gg", "E201"), ("nan g", "E203")],
)  # fmt: skip
def test_quantities_that_cannot_be_read_are_refused_with_their_place(said: object, code: str) -> None:
    with pytest.raises(InputError) as caught:
        units.quantity(said, where="plan.toml: dose")  # type: ignore[arg-type]
    assert (caught.value.code, caught.value.where) == (code, "plan.toml: dose")
    assert caught.value.remedy
