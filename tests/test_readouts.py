"""Read-outs: read from the library, with words for values; what is ill-formed is refused with its place."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gutskin.errors import InputError, LibraryError
from gutskin.paths import LIBRARY
from gutskin.readouts import Readout, read_readouts

# Machines that run tests are often busy with other things.
CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

GOOD = """
[sweetness]
quantity = "sugar"
label = "Sugar in the pond"
unit = "mmol"
better = "within"
core = true
healthy = { low = 1, high = 3, source = "pond_1999", where = "Table 2" }
words = [[0, "bitter"], [1, "sweet"], [3, "sticky"]]
"""


def library(tmp_path: Path, text: str = GOOD, group: str = "gut") -> Path:
    (tmp_path / "readouts").mkdir(exist_ok=True)
    (tmp_path / f"readouts/{group}.toml").write_text(text)
    return tmp_path


def test_a_read_out_is_read_with_all_it_has(tmp_path: Path) -> None:
    readout = read_readouts(library(tmp_path))["sweetness"]
    assert (readout.group, readout.quantity, readout.unit, readout.better, readout.core) == (
        "gut", "sugar", "mmol", "within", True,
    )  # fmt: skip
    assert readout.healthy is not None
    assert (readout.healthy.low, readout.healthy.high, readout.healthy.source) == (1.0, 3.0, "pond_1999")


@pytest.mark.parametrize(
    ("value", "word"),
    [(-1, ""), (0, "bitter"), (0.999, "bitter"), (1, "sweet"), (3, "sticky"), (1e9, "sticky")],
)
def test_a_value_has_the_word_of_the_last_step_below_it(tmp_path: Path, value: float, word: str) -> None:
    assert read_readouts(library(tmp_path))["sweetness"].word(value) == word


@CALM
@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=5, unique=True), st.floats(-1e6, 1e6))
def test_words_never_go_back_when_a_value_rises(starts: list[float], value: float) -> None:
    words = tuple((start, f"{k}") for k, start in enumerate(sorted(starts)))
    readout = Readout("r", "gut", "q", "R", "1", "up", None, words)
    said = readout.word(value)
    assert said == ("" if value < words[0][0] else max(word for start, word in words if start <= value))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('label = "Sugar in the pond"', "", "label missing"), ('quantity = "sugar"', "", "quantity missing"),
        ('better = "within"', 'better = "best"', "best"), ("low = 1", "low = 3", "low < high"),
        ("low = 1", 'low = "1"', "low < high"), ("high = 3", "high = inf", "low < high"),
        ('source = "pond_1999", ', "", "source"), ('[0, "bitter"]', '[2, "bitter"]', "rising"),
        ("core = true", "coer = true", "'coer'"),
    ],
)  # fmt: skip
def test_an_ill_formed_read_out_is_refused_with_its_line(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    assert GOOD.count(old) == 1
    with pytest.raises(LibraryError, match="E235") as caught:
        read_readouts(library(tmp_path, GOOD.replace(old, new)))
    assert said in caught.value.message
    assert caught.value.where == "gut.toml:2"


def test_an_unknown_unit_is_refused(tmp_path: Path) -> None:
    with pytest.raises((LibraryError, InputError), match="mmool"):
        read_readouts(library(tmp_path, GOOD.replace('"mmol"', '"mmool"')))


def test_one_name_in_two_groups_is_refused(tmp_path: Path) -> None:
    library(tmp_path, GOOD, "axis")
    with pytest.raises(LibraryError, match="twice"):
        read_readouts(library(tmp_path))


def test_groups_come_in_the_order_of_the_page(tmp_path: Path) -> None:
    for group in ("skin", "axis", "gut"):
        library(tmp_path, GOOD.replace("sweetness", f"of_{group}"), group)
    assert list(read_readouts(tmp_path)) == ["of_gut", "of_axis", "of_skin"]


def test_a_library_without_read_outs_has_none(tmp_path: Path) -> None:
    assert read_readouts(tmp_path) == {}


RANGED = {name: each for name, each in read_readouts(LIBRARY).items() if each.healthy and len(each.words) > 1}


@pytest.mark.parametrize("name", sorted(RANGED))
def test_words_of_the_library_tell_a_healthy_value_from_one_far_away(name: str) -> None:
    readout = RANGED[name]
    assert readout.healthy is not None
    inside = readout.word((readout.healthy.low + readout.healthy.high) / 2)
    lowest, highest = readout.words[0][1], readout.words[-1][1]
    assert inside
    assert {lowest, highest} != {inside}
