"""Errors carry a code, a place and a remedy, and suggest the nearest known name."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gutskin.errors import GutskinError, InputError, LibraryError, LibraryErrors, nearest

# Machines that run tests are often busy with other things.
CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

WORDS = st.text("abcdefghijklmnopqrstuvwxyz_", min_size=3, max_size=12)


def test_an_error_says_code_message_place_and_remedy() -> None:
    error = InputError("E999", "wrong", where="a.toml:3", remedy="mend it")
    assert str(error) == "E999 wrong (a.toml:3) - mend it"
    assert (error.code, error.message, error.where, error.remedy) == (
        "E999", "wrong", "a.toml:3", "mend it",
    )  # fmt: skip


def test_place_and_remedy_may_be_missing() -> None:
    assert str(InputError("E999", "wrong")) == "E999 wrong"


@pytest.mark.parametrize("kind", [InputError, LibraryError])
def test_all_errors_are_caught_as_one_kind(kind: type[GutskinError]) -> None:
    with pytest.raises(GutskinError, match="E999"):
        raise kind("E999", "wrong")


def test_several_faults_are_all_kept_and_all_said() -> None:
    faults = [LibraryError("E101", "first", where="a:1"), LibraryError("E102", "second", where="b:2")]
    error = LibraryErrors(faults)
    assert error.faults == tuple(faults)
    assert error.code == "E101"
    assert "first (a:1)" in str(error)
    assert "second (b:2)" in str(error)
    assert "2 fault(s)" in str(error)


def test_nearest_names_what_was_probably_meant() -> None:
    assert nearest("colr", ["color", "shape", "weight"]) == "did you mean color?"


def test_nearest_does_not_mind_capitals_and_returns_the_name_as_known() -> None:
    assert nearest("TEMPERATUR", ["Temperature", "x"]) == "did you mean Temperature?"


def test_nearest_lists_a_short_choice_when_nothing_is_close() -> None:
    assert nearest("qqq", ["beta", "alpha"]) == "known: alpha, beta"


def test_nearest_is_silent_when_nothing_is_close_among_many_or_there_is_nothing() -> None:
    assert nearest("qqq", [f"name{i}" for i in range(16)]) == ""
    assert nearest("qqq", []) == ""


@CALM
@given(st.sets(WORDS, min_size=1), st.data())
def test_nearest_finds_a_name_with_one_letter_doubled(known: set[str], data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(known)))
    place = data.draw(st.integers(0, len(name) - 1))
    said = nearest(name[:place] + name[place] + name[place:], known, many=len(known))
    assert name in said.removeprefix("did you mean ").rstrip("?").split(" or ")
