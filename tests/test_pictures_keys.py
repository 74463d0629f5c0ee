"""Keys and values of picture files are refused with the code, the place and what to write."""

from __future__ import annotations

from typing import Any

import pytest

from gutskin.errors import InputError
from gutskin.pictures.keys import check, number, typed


def refused(call: Any, *args: Any) -> InputError:
    with pytest.raises(InputError) as caught:
        call(*args)
    assert (caught.value.code, caught.value.where) == ("E441", "here")
    return caught.value


def test_an_unknown_key_names_the_nearest() -> None:
    check({"title": 1}, {"title", "about"}, "here")
    assert "title" in refused(check, {"titel": 1}, {"title", "about"}, "here").remedy
    assert "no table" in refused(check, [1], {"title"}, "here").message


def test_a_value_is_of_its_kind_or_left_out_where_it_may_be() -> None:
    assert typed({"a": "x"}, "a", str, "here") == "x"
    assert typed({}, "a", int, "here", 2) == 2
    assert "quotes" in refused(typed, {}, "a", str, "here").remedy
    assert "a list" in refused(typed, {"a": "x"}, "a", list, "here").remedy


def test_a_number_is_finite_and_needed() -> None:
    assert number({"a": 2}, "a", "here") == 2.0
    for wrong in ({}, {"a": "2"}, {"a": True}, {"a": float("nan")}):
        refused(number, wrong, "a", "here")
