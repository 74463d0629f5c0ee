"""Scope as metadata tables write them."""

from __future__ import annotations

import pytest

from gutskin.ecology import read_scope
from gutskin.ecology.ages import age_of
from gutskin.errors import InputError


@pytest.mark.parametrize(
    ("facts", "years"),
    [
        ({"age": "31"}, 31.0),
        ({"Age": "6", "age_units": "months"}, 0.5),
        ({"host_age": "730.5", "host_age_units": "days"}, 2.0),
        ({"age_years": "70.0", "sex": "male"}, 70.0),
        ({"age": "not provided"}, None),
        ({"sex": "male"}, None),
        ({}, None),
    ],
)
def test_an_age_is_read_in_years(facts: dict[str, str], years: float | None) -> None:
    assert age_of(facts, read_scope()) == pytest.approx(years)


@pytest.mark.parametrize(
    "facts", [{"age": "old"}, {"age": "-3"}, {"age": "200"}, {"age": "3", "age_unit": "moons"}]
)
def test_what_is_no_age_is_refused(facts: dict[str, str]) -> None:
    with pytest.raises(InputError, match="E540"):
        age_of(facts, read_scope(), where="sample 'x'")
