"""Chemical formulas: elements, charge and available electrons."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gutskin.compile.formulas import composition
from gutskin.errors import LibraryError

# Machines that run tests are often busy with other things.
CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

ELEMENTS = ("C", "H", "N", "O", "S", "P")


@pytest.mark.parametrize(
    ("formula", "electrons"),
    [
        ("C6H12O6", 24), ("C2H3O2-", 8), ("C2H4O2", 8), ("CH4", 8), ("H2", 2), ("O2", -4), ("CO2", 0),
        ("H2O", 0), ("NH3", 0), ("NH4+", 0), ("NO3-", -8), ("NO2-", -6), ("SO4-2", 0), ("H2S", 8), ("HS-", 8),
        ("PO4-3", 0), ("H+", 0), ("C3H5O3-", 12),
    ],
)  # fmt: skip
def test_available_electrons_known_by_heart(formula: str, electrons: int) -> None:
    assert dict(composition(formula))["electrons"] == pytest.approx(electrons)


def test_decimals_and_repeated_elements_add_up() -> None:
    assert dict(composition("CH1.8O0.5N0.2")) == pytest.approx(
        {"C": 1, "H": 1.8, "O": 0.5, "N": 0.2, "electrons": 4 + 1.8 - 1 - 0.6}
    )
    assert dict(composition("CH3CH2OH")) == dict(composition("C2H6O"))


@CALM
@given(st.lists(st.tuples(st.sampled_from(ELEMENTS), st.integers(1, 40)), min_size=1), st.integers(-4, 4))
def test_every_formula_is_counted_as_written(parts: list[tuple[str, int]], charge: int) -> None:
    sign = f"{'+' if charge > 0 else '-'}{abs(charge)}" if charge else ""
    counted = dict(composition("".join(f"{element}{number}" for element, number in parts) + sign))
    for element in ELEMENTS:
        assert counted.get(element, 0) == sum(number for each, number in parts if each == element)
    valence = {"C": 4, "H": 1, "O": -2, "N": -3, "S": 6, "P": 5}
    assert counted["electrons"] == sum(valence[e] * n for e, n in parts) - charge


@pytest.mark.parametrize("formula", ["", "sugar", "c6h12", "2H2O", "C6 H12", "C2H3O2--", "SO4-2+", "(CH2)6"])
def test_what_is_no_formula_is_refused(formula: str) -> None:
    with pytest.raises(LibraryError, match="E116"):
        composition(formula)


def test_an_element_that_is_not_counted_is_named() -> None:
    with pytest.raises(LibraryError, match="'Na'") as caught:
        composition("NaCl")
    assert "C, H, O" in caught.value.remedy
