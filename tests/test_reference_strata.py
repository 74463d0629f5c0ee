"""Populations as mixtures: what is read, and what is refused with its code and place."""

from __future__ import annotations

from pathlib import Path

import pytest

from gutskin.errors import GutskinError, InputError
from gutskin.paths import LIBRARY
from gutskin.people import people_names
from gutskin.reference.strata import FOLDER, population_names, read_strata

ROW = '[[people]]\nperson = "{}"\nshare = {}\nmembers = {}\nsource = "none"\ngrade = "assumed"\n'
RIGHT = 'title = "All"\nabout = "All."\n' + ROW.format("ada", 0.9, 0.5) + ROW.format("bob", 0.1, 0.5)


def put(folder: Path, text: str) -> Path:
    (folder / "all.toml").write_text(text, encoding="utf-8")
    return folder


def test_a_population_is_its_rows(tmp_path: Path) -> None:
    first, second = read_strata("all", put(tmp_path, RIGHT))
    assert (first.person, first.share, first.members) == ("ada", 0.9, 0.5)
    assert (second.person, second.source, second.grade, second.where) == ("bob", "none", "assumed", "")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("share = 0.9", "share = 0.8", "share sums to 0.9"),
        ("members = 0.5", "members = 0.6", "members sums to 1.1"),
        ("share = 0.9", 'share = "0.9"', "share = '0.9'"),
        ("share = 0.9", "share = true", "share = True"),
        ("share = 0.9", "share = nan", "share = nan"),
        ("share = 0.9", "share = 0", "share = 0"),
        ("members = 0.5", "members = -0.5", "members = -0.5"),
        ('person = "bob"', 'person = "ada"', "a person stands twice"),
        ('grade = "assumed"', 'grade = "sure"', "grade 'sure'"),
        ('grade = "assumed"\n', "", "grade is missing"),
        ("share = 0.9", "shares = 0.9", "key 'shares' is not known"),
        ('title = "All"', 'titel = "All"', "key 'titel' is not known"),
        (RIGHT, 'title = "None"\n', "it has no [[people]]"),
        (RIGHT, 'people = ["ada"]\n', "it has no [[people]]"),
    ],
)
def test_a_wrong_row_is_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    with pytest.raises(GutskinError) as caught:
        read_strata("all", put(tmp_path, RIGHT.replace(old, new, 1)))
    assert caught.value.code == "E581"
    assert said in caught.value.message
    assert "all.toml" in caught.value.where
    assert caught.value.remedy


def test_no_such_population_names_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"E580.*did you mean all"):
        read_strata("alle", put(tmp_path, RIGHT))
    with pytest.raises(InputError, match="E580"):
        read_strata("all", tmp_path / "nowhere")


@pytest.mark.parametrize("name", population_names(LIBRARY / FOLDER))
def test_populations_of_the_library_are_of_people_of_the_library(name: str) -> None:
    known = people_names(LIBRARY / "people")
    strata = read_strata(name, LIBRARY / FOLDER)
    assert {each.person for each in strata} <= set(known)
    assert all(each.note or each.source != "none" for each in strata), "what is assumed says why"


def test_healthy_people_are_marked_and_nobody_else_is(tmp_path: Path) -> None:
    first, second = read_strata("all", put(tmp_path, RIGHT + "healthy = true\n"))
    assert (first.healthy, second.healthy) == (False, True)
    with pytest.raises(GutskinError, match="E581 healthy = 'yes'"):
        read_strata("all", put(tmp_path, RIGHT + 'healthy = "yes"\n'))
    assert any(each.healthy for each in read_strata("adults", LIBRARY / FOLDER))
