"""Pictures as text: what is understood, and what is refused with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from gutskin.errors import GutskinError
from gutskin.paths import LIBRARY
from gutskin.pictures import Budget, Picture, picture_names, read_picture
from gutskin.pictures.read import KINDS

FOLDER = LIBRARY / "pictures"
HEAD = 'title = "A pond"\n[places]\nnorth = "the north"\nsouth = "the south"\n'
PANEL = '[[panel]]\ntitle = "Sugar"\nunit = "mmol"\nkind = "along"\n'
ROW = 'row = [{ label = "sugar", quantity = "{place}_sugar / start({place}_sugar)" }]\n'


def read(folder: Path, text: str) -> Picture:
    path = folder / "pond.toml"
    path.write_text(text, encoding="utf-8")
    found = read_picture(str(path), FOLDER)
    assert isinstance(found, Picture)
    return found


@pytest.mark.parametrize("name", picture_names(FOLDER))
def test_pictures_of_the_library_are_understood(name: str) -> None:
    picture = read_picture(name, FOLDER)
    assert picture.name == name
    assert picture.about
    if isinstance(picture, Budget):
        assert len(picture.cases) > 1
        return
    assert {panel.kind for panel in picture.panels} <= set(KINDS)


def test_a_row_along_places_is_one_expression_a_place(tmp_path: Path) -> None:
    picture = read(tmp_path, HEAD + PANEL + ROW)
    assert picture.places == (("north", "the north"), ("south", "the south"))
    (panel,) = picture.panels
    assert (panel.stacked, panel.zero, panel.healthy) == (False, True, ())
    assert [each.names for each in panel.rows[0].values] == [("north_sugar",), ("south_sugar",)]


def test_a_course_has_one_expression(tmp_path: Path) -> None:
    text = HEAD + PANEL.replace("along", "course") + 'row = [{ label = "a", quantity = "a / b" }]\n'
    (panel,) = read(tmp_path, text).panels
    assert [each.names for each in panel.rows[0].values] == [("a", "b")]


def test_an_unknown_picture_names_the_nearest() -> None:
    name = next(iter(picture_names(FOLDER)))
    with pytest.raises(GutskinError) as caught:
        read_picture(name[:-1], FOLDER)
    assert caught.value.code == "E440"
    assert name in caught.value.remedy


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("colour = 1\n" + HEAD + PANEL + ROW, "E441", "colour"),
        (HEAD.replace("A pond", "") + PANEL + ROW, "E441", "title"),
        ("columns = 0\n" + HEAD + PANEL + ROW, "E441", "column"),
        ('columns = "two"\n' + HEAD + PANEL + ROW, "E441", "columns"),
        (HEAD, "E441", "panel"),
        (HEAD.partition("[")[0] + PANEL + ROW, "E441", "places"),
        (HEAD + PANEL.replace("along", "around") + ROW, "E441", "around"),
        (HEAD + PANEL, "E441", "row"),
        (HEAD + PANEL + "row = [1]\n", "E441", "table"),
        (HEAD + PANEL + ROW + 'stacked = "yes"\n', "E441", "stacked"),
        (HEAD + PANEL + ROW + 'healthy = ["a"]\n', "E441", "healthy"),
        (HEAD + PANEL + ROW.replace("{place}", "north"), "E441", "place"),
        (HEAD + PANEL + ROW.replace("start(", "at('peak', "), "E441", "moment"),
        (HEAD + PANEL + ROW.replace(" / ", " // "), "E405", "language"),
        ("title = \n", "E130", "TOML"),
    ],
)
def test_what_is_not_understood(text: str, code: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(GutskinError) as caught:
        read(tmp_path, text)
    assert caught.value.code == code
    assert said in str(caught.value)
    assert "pond.toml" in str(caught.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(GutskinError) as caught:
        read_picture(str(tmp_path / "none.toml"), FOLDER)
    assert caught.value.code == "E131"
