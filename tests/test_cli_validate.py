"""``gutskin validate`` as users call it, in a folder outside the repository."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Call = Callable[..., subprocess.CompletedProcess[str]]
CASE = """title = "Their study"
source = "stranger_2020"
about = "{about}"
role = "{role}"

[arms.usual]
days = 1
every = "6 h"

[[arms.usual.courses]]
treatment = "{treatment}"

[[expect]]
readout = "stress_hormone / start(stress_hormone)"
arm = "usual"
low = {low}
high = {high}
unit = "1"
why = "Table 1 <b>of theirs</b>"
"""
TREATMENT = """title = "Nothing"
about = "It sets a constant to what it is."
kind = "live"

[[effect]]
set = "stress_load"
to = { value = 0, unit = "1", source = "none", grade = "assumed" }
"""


@pytest.fixture(scope="module")
def readout() -> str:
    from gutskin.model import load

    return next(iter(load().readouts))


@pytest.fixture
def studies(tmp_path: Path, readout: str) -> Path:
    """Three studies of a stranger, with a treatment and sources of their own."""
    folder = tmp_path / "my studies"
    for study, role, about, low, high in [
        ("stranger_2020", "fit", "gut", 0.5, 2.0),
        ("stranger_2020_check", "check", "skin", 0.5, 2.0),
        ("stranger_2020_control", "control", "axis", 5.0, 6.0),
    ]:
        (folder / study).mkdir(parents=True)
        text = CASE.format(role=role, about=about, low=low, high=high, treatment="nothing")
        (folder / study / "case.toml").write_text(text.replace("stress_hormone", readout), encoding="utf-8")
    (folder / "sources.bib").write_text("@article{stranger_2020,\n  title = {Theirs},\n}\n")
    (folder / "treatments").mkdir()
    (folder / "treatments" / "nothing.toml").write_text(TREATMENT)
    return folder


@pytest.fixture
def gutskin(tmp_path: Path) -> Call:
    def call(*words: object) -> subprocess.CompletedProcess[str]:
        script = "from gutskin.cli import main; main()"
        command = [sys.executable, "-c", script, "validate", *map(str, words)]
        return subprocess.run(
            command,
            capture_output=True,
            text=True,
            cwd=tmp_path,
            check=False,
            timeout=300,
            env={**os.environ},
            encoding="utf-8",
        )

    return call


def refused(done: subprocess.CompletedProcess[str], code: str) -> str:
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    (said,) = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert said.startswith(f"error: {code} ")
    return said


def test_a_table_of_what_is_outside_and_totals(gutskin: Call, studies: Path) -> None:
    done = gutskin(studies)
    assert done.returncode == 1, done.stderr
    assert "stranger_2020_control" in done.stdout
    assert "stranger_2020_check" not in done.stdout, "what is green is counted only"
    assert "3 cases, 3 expectations, 0 cases refused" in done.stdout
    everything = gutskin(studies, "--all", "--role", "check")
    assert everything.returncode == 0
    assert "stranger_2020_check" in everything.stdout


def test_json_is_strict_and_alone_on_the_output(gutskin: Call, studies: Path, tmp_path: Path) -> None:
    done = gutskin("my studies", "--json", "--jobs", 1, "--out", "card.html")
    assert done.returncode == 1, done.stderr

    def forbidden(word: str) -> None:
        raise AssertionError(word)

    found = json.loads(done.stdout, parse_constant=forbidden)
    assert found["totals"] == {
        "fit": {"green": 1, "yellow": 0, "red": 0},
        "check": {"green": 1, "yellow": 0, "red": 0},
        "control": {"green": 0, "yellow": 0, "red": 1},
    }
    rows = {row["study"]: row for row in found["expectations"]}
    assert rows["stranger_2020"]["grade"] == "green"
    assert (rows["stranger_2020_control"]["low"], rows["stranger_2020_control"]["high"]) == (5.0, 6.0)
    assert (tmp_path / "card.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    two = gutskin("my studies", "--json", "--jobs", 2)
    assert json.loads(two.stdout) == found, "the number of threads changes no bit"


def test_a_choice(gutskin: Call, studies: Path, tmp_path: Path) -> None:
    done = gutskin(studies, "--about", "gut", "--role", "fit", "--study", "stranger_2020", "--out", "card.md")
    assert done.returncode == 0, done.stderr
    assert "1 cases, 1 expectations" in done.stdout
    assert "stranger\\_2020" in (tmp_path / "card.md").read_text(encoding="utf-8")


def test_a_case_that_cannot_be_read_is_told_and_the_others_are_scored(gutskin: Call, studies: Path) -> None:
    path = studies / "stranger_2020_check" / "case.toml"
    path.write_text(path.read_text().replace("low = 0.5", "lwo = 0.5"))
    done = gutskin(studies, "--all")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    (said,) = [line for line in done.stderr.splitlines() if line.startswith("refused: ")]
    assert said.startswith("refused: E400 key 'lwo' is not known (stranger_2020_check/case.toml: expect 1)")
    assert "2 cases, 2 expectations, 1 cases refused" in done.stdout
    found = json.loads(gutskin(studies, "--json").stdout)
    assert [error["code"] for error in found["refused"]] == ["E400"]
    assert gutskin(studies, "--study", "stranger_2020").returncode == 0, "a fault elsewhere is none of it"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("nowhere",), "E404", "nowhere"),
        (("--about", "hair"), "E411", "gut, skin, axis, person"),
        (("--role", "test"), "E411", "fit, check, control"),
        (("my studies", "--study", "stranger_2002"), "E404", "did you mean stranger_2020"),
        (("my studies", "--out", "card.pdf"), "E410", "neither .md nor .html"),
        (("my studies", "--out", "not/there/card.md"), "E282", "not/there"),
        (("my studies", "--about", "person"), "E404", "no case is about person"),
    ],
)
def test_wrong_wishes_are_refused_and_nothing_is_written(
    gutskin: Call, studies: Path, tmp_path: Path, words: tuple[str, ...], code: str, said: str
) -> None:
    assert said in refused(gutskin(*words), code)
    assert [path.name for path in tmp_path.iterdir()] == ["my studies"]


def test_words_for_completion_are_those_that_are_understood() -> None:
    from gutskin.cli import complete
    from gutskin.evidence.case import ABOUT, ROLES

    assert tuple(complete.about("")) == ABOUT
    assert tuple(complete.roles("")) == ROLES
    assert complete.roles("c") == ["check", "control"]
    assert all(name.startswith("a") for name in complete.studies("a"))
