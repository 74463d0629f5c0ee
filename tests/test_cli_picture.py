"""``gutskin picture``: numbers, JSON and SVG of a picture; one clear line when there is none."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner

from gutskin.cli import app, complete
from gutskin.errors import GutskinError
from gutskin.paths import LIBRARY
from gutskin.pictures import picture_names

BAD = """
title = "Bad"
[[panel]]
title = "it"
unit = "mmol"
kind = "course"
row = [{ label = "a", quantity = "ax" }]
"""


def call(*words: object) -> str:
    done = CliRunner().invoke(app, ["picture", *map(str, words)], catch_exceptions=False)
    assert done.exit_code == 0
    return done.stdout


def test_numbers_and_svg(tmp_path: Path) -> None:
    said = call("colon", "--out", tmp_path / "colon.svg")
    assert "Short-chain fatty acids" in said
    assert "healthy range" in said
    assert ElementTree.parse(tmp_path / "colon.svg").getroot().tag.endswith("svg")
    assert [path.name for path in tmp_path.iterdir()] == ["colon.svg"]


def test_json_of_another_person_through_another_scenario() -> None:
    said = json.loads(call("colon", "--person", "slow_passage", "--scenario", "inulin", "--json"))
    assert said["plan"] is not None
    assert "low" in said["about"].lower()
    assert all(len(row["values"]) == 3 for panel in said["panels"] for row in panel["rows"])


def test_a_budget_with_its_books(tmp_path: Path) -> None:
    said = call("nitrogen_day", "--out", tmp_path / "day.svg")
    assert "oxidised, to nitrite" in said
    assert "= 0 in every pool" in said
    assert ElementTree.parse(tmp_path / "day.svg").getroot().tag.endswith("svg")
    books = json.loads(call("nitrogen_day", "--json", "--person", "slow_passage"))
    assert books["gap"] < 1e-8
    assert [len(each["income"]) for each in books["accounts"]] == [3] * 6


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("colom",), "E440"),
        (("nitrogen_day", "--scenario", "inulin"), "E463"),
        (("bad.toml", "--scenario", "inulin"), "E442"),
        (("bad.toml",), "E444"),
        (("colon", "--out", "colon.png"), "E410"),
        (("colon", "--out", "nowhere/colon.svg"), "E282"),
        (("colon", "--person", "nobody_at_all"), "E264"),
        (("colon", "--scenario", "clindamicin"), "E245"),
    ],
)
def test_what_is_refused(
    words: tuple[str, ...], code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad.toml").write_text(BAD, encoding="utf-8")
    with pytest.raises(GutskinError) as caught:
        call(*words)
    assert caught.value.code == code
    assert caught.value.remedy
    assert [path.name for path in tmp_path.iterdir()] == ["bad.toml"]


def test_the_exit_status_is_two(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from gutskin.cli import main

    monkeypatch.setattr("sys.argv", ["gutskin", "picture", "colon", "--out", str(tmp_path / "colon.png")])
    with pytest.raises(SystemExit) as caught:
        main()
    assert caught.value.code == 2
    assert "not .svg" in capsys.readouterr().err


def test_names_to_complete() -> None:
    assert complete.pictures("") == list(picture_names(LIBRARY / "pictures"))
    assert complete.pictures("col") == ["colon"]
