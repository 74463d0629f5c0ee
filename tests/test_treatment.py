"""Treatment files: what a good one means and how each kind of bad one is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from gutskin.errors import GutskinError, InputError, LibraryError
from gutskin.paths import LIBRARY
from gutskin.treatment import ACTIONS, KINDS, duration, find_treatment, read_treatment, treatment_names

BAD = sorted((Path(__file__).parent / "bad" / "treatments").glob("*.toml"))
SHIPPED = treatment_names((LIBRARY / "treatments",))

GOOD = """
title = "Toy"
about = "For a test."
kind = "take"
dose = { unit = "g", usual = 10, low = 1, high = 30 }
every = "12 h"

[[effect]]
add = "a"
amount = { value = 5.5, unit = "mmol/g", source = "who_2001", where = "Table 2", grade = "animal", note = "n"}
[[effect]]
scale = "b"
by = { value = 0.4, unit = "1", source = "none", grade = "assumed" }
[[effect]]
set = "c"
to = { value = 25, unit = "g/day", source = "else_2002", where = "Fig. 1", grade = "animal" }
[[effect]]
plus = "d"
by = { value = 1, unit = "1/g", source = "who_2001", where = "Table 3", grade = "in vitro" }
[[effect]]
times = "e"
by = { value = 2, unit = "1", source = "none", grade = "assumed" }
"""


def written(folder: Path, text: str, name: str = "toy") -> Path:
    path = folder / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_bad_file_is_refused_with_its_code_and_place(path: Path) -> None:
    with pytest.raises(GutskinError) as caught:
        find_treatment(path.stem, (path.parent,))
    assert caught.value.code == path.name.split("_", 1)[0]
    assert path.name in caught.value.where
    assert caught.value.message


def test_a_bad_file_names_the_nearest_key() -> None:
    (path,) = [each for each in BAD if each.stem == "E231_misspelt_key"]
    with pytest.raises(LibraryError, match="did you mean every"):
        read_treatment(path)


def test_everything_of_a_good_file_arrives(tmp_path: Path) -> None:
    got = read_treatment(written(tmp_path, GOOD))
    assert (got.name, got.title, got.about, got.kind, got.every) == (
        "toy",
        "Toy",
        "For a test.",
        "take",
        12.0,
    )
    assert got.dose is not None
    assert (got.dose.unit, got.dose.usual, got.dose.low, got.dose.high) == ("g", 10.0, 1.0, 30.0)
    assert [(e.action, e.target, e.number.value, e.number.unit) for e in got.effects] == [
        ("add", "a", 5.5, "mmol/g"), ("scale", "b", 0.4, "1"), ("set", "c", 25.0, "g/day"),
        ("plus", "d", 1.0, "1/g"), ("times", "e", 2.0, "1"),
    ]  # fmt: skip
    assert got.effects[0].number.where == "Table 2"
    assert got.effects[0].number.note == "n"


def test_sources_are_named_once_in_order_and_none_is_no_source(tmp_path: Path) -> None:
    assert read_treatment(written(tmp_path, GOOD)).sources == ("who_2001", "else_2002")


def test_a_level_needs_no_interval(tmp_path: Path) -> None:
    text = 'title = "T"\nabout = "A"\nkind = "live"\n[[effect]]\nset = "c"\n'
    text += 'to = { value = 1, unit = "1", source = "none", grade = "assumed" }\n'
    got = read_treatment(written(tmp_path, text))
    assert got.every is None
    assert got.dose is None


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("12 h", 12),
        ("1 day", 24),
        ("3 days", 72),
        ("1 week", 168),
        ("90 min", 1.5),
        ("0.5 d", 12),
        ("1e1 h", 10),
    ],
)
def test_durations(text: str, hours: float) -> None:
    assert duration(text) == pytest.approx(hours, rel=1e-15)


@pytest.mark.parametrize(
    ("text", "code"),
    [("5 g", "E202"), ("soon", "E203"), (None, "E203"), (24, "E204"), ("24", "E204"), ("", "E203")],
)
def test_what_is_no_duration(text: object, code: str) -> None:
    with pytest.raises(InputError) as caught:
        duration(text, where="a place")
    assert caught.value.code == code
    assert caught.value.where == "a place"
    assert caught.value.remedy


def test_the_first_folder_wins(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    for folder, title in ((one, "First"), (two, "Second")):
        folder.mkdir()
        written(folder, GOOD.replace('"Toy"', f'"{title}"'))
    assert find_treatment("toy", (one, two)).title == "First"
    assert find_treatment("toy", (two, one)).title == "Second"
    assert find_treatment("toy", (tmp_path / "nowhere", two)).title == "Second"


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(InputError, match=r"E232.*innulin.*a place.*did you mean inulin") as caught:
        find_treatment("innulin", (LIBRARY / "treatments",), where="a place")
    assert caught.value.code == "E232"
    with pytest.raises(InputError, match="gutskin list treatments"):
        find_treatment("qqqqqqq", (LIBRARY / "treatments",))


@pytest.mark.parametrize("path", SHIPPED.values(), ids=SHIPPED.keys())
def test_shipped_treatments_can_be_read(path: Path) -> None:
    got = read_treatment(path)
    assert got.kind in KINDS
    assert got.effects
    assert {effect.action for effect in got.effects} <= set(ACTIONS)
    assert all(effect.number.value > 0 for effect in got.effects if effect.action in ("scale", "times"))
