"""Dates: common forms to days; what could be two dates is refused."""

from __future__ import annotations

import pytest

from gutskin.errors import InputError
from gutskin.samples.dates import days, join_date


@pytest.mark.parametrize(
    "text",
    [
        "2024-03-25",
        "2024/3/25",
        "2024-03-25T10:30:00",
        "2024-03-25 10:30",
        "20240325",
        "25.3.2024",
        "25 Mar 2024",
        "25-Mar-2024",
        "March 25, 2024",
        "25/03/2024",
        "03/25/2024",
    ],
)
def test_common_forms_of_one_day(text: str) -> None:
    assert days({"a": "2024-03-20", "b": text}) == {"a": 0.0, "b": 5.0}


def test_days_count_from_the_earliest_and_across_a_leap_day() -> None:
    assert days({"a": "2024-03-01", "b": "2024-02-28"}) == {"a": 2.0, "b": 0.0}


def test_numbers_are_days_of_a_study_as_they_stand() -> None:
    assert days({"a": "148", "b": "0", "c": "-2.5"}) == {"a": 148.0, "b": 0.0, "c": -2.5}
    assert days({}) == {}


def test_another_row_shows_which_part_is_the_month() -> None:
    assert days({"a": "03/04/2024", "b": "25/04/2024"}) == {"a": 0.0, "b": 22.0}
    assert days({"a": "03/04/2024", "b": "04/25/2024"}) == {"a": 0.0, "b": 52.0}
    assert days({"a": "05/05/2024"}) == {"a": 0.0}


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"a": "03/04/2024"}, "E524"),
        ({"a": "25/03/2024", "b": "03/25/2024"}, "E524"),
        ({"a": "2024-03-25", "b": "12"}, "E524"),
        ({"a": "yesterday"}, "E523"),
        ({"a": "2024-02-30"}, "E523"),
        ({"a": "30 Foo 2024"}, "E523"),
    ],
)
def test_what_is_no_date_or_two_is_refused(told: dict[str, str], code: str) -> None:
    with pytest.raises(InputError) as caught:
        days(told, where="metadata.tsv")
    assert caught.value.code == code
    assert "metadata.tsv" in caught.value.where
    assert caught.value.remedy


def test_year_month_and_day_in_columns_are_a_date() -> None:
    assert join_date({"year": "2008", "Month": "10", "day": "28"}) == "2008-10-28"
    assert join_date({"day": "28"}) == ""
    assert join_date({"year": "2008", "month": "x", "day": "28"}) == ""
