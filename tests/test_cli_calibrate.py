"""``gutskin calibrate`` as users call it: what it prints, refuses, writes, and leaves alone."""

from __future__ import annotations

import json
import re
import runpy
import shlex
import shutil
import time
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from gutskin.calibrate.knobs import choose
from gutskin.calibrate.proposal import apply
from gutskin.calibrate.run import METHODS, Settings, calibrate, cases_for
from gutskin.cli import app, complete
from gutskin.errors import GutskinError, InputError
from gutskin.evidence.validate import validate
from gutskin.ledger import GRADES, read_ledger
from gutskin.library_check import check_library
from gutskin.model import load
from gutskin.paths import LIBRARY

toys = runpy.run_path(str(Path(__file__).parent / "calibrating.py"))
case, around = toys["case"], toys["around"]


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A toy's library instead of the shipped one, and an empty folder to be in."""
    folder = tmp_path / "library"
    toys["library"](folder)
    case(folder, "one", {"readout": "first", **around(33.0, 0.2)}, {"readout": "second", **around(53.5, 0.2)})
    case(folder, "held_out", {"readout": "first", **around(1.0, 0.1)}, role="check")
    monkeypatch.setattr("gutskin.paths.LIBRARY", folder)
    monkeypatch.setattr("gutskin.cli.show.loaded", lambda: load("toy", library=folder))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return folder


def called(*words: str) -> Result:
    return CliRunner().invoke(app, ["calibrate", *words])


def refused(*words: str) -> GutskinError:
    done = called(*words)
    assert isinstance(done.exception, GutskinError), done.output
    return done.exception


def test_it_tells_what_would_move_and_writes_a_proposal_only(library: Path) -> None:
    before = (library / "parameters" / "toy.toml").read_bytes()
    done = called("-p", "p", "-p", "q", "-p", "idle", "--profile", "toy.idle")
    assert done.exit_code == 0, done.output
    said = done.stdout
    assert "toy.p" in said
    assert "moved by more than 2 sd" in said
    assert "1 of 3 numbers stay" in said
    assert "toy.idle: not identified" in said
    assert "loss" in said
    assert [path.name for path in Path().iterdir()] == ["proposal.json"]
    assert (library / "parameters" / "toy.toml").read_bytes() == before
    assert json.loads(Path("proposal.json").read_text())["kind"] == "gutskin proposal 1"


def test_json_is_the_proposal(library: Path) -> None:
    done = called("--module", "toy", "--out", "mine.json", "--json", "--starts", "1", "--about", "gut")
    assert json.loads(done.stdout) == json.loads(Path("mine.json").read_text())


def test_the_same_call_writes_the_same_bytes(library: Path) -> None:
    for method in METHODS:
        for out in ("a.json", "b.json"):
            words = ("-p", "toy.*", "--method", method, "--members", "8", "--rounds", "2", "--out", out)
            assert called(*words).exit_code == 0
        assert Path("a.json").read_bytes() == Path("b.json").read_bytes()


def test_applying(library: Path) -> None:
    called("-p", "p", "-p", "q")
    document = json.loads(Path("proposal.json").read_text())
    done = called("--apply", "proposal.json")
    assert done.exit_code == 0, done.output
    assert "2 numbers are now of grade calibrated" in done.stdout
    rows = read_ledger(library).rows
    assert [rows[each["row"]].value for each in document["parameters"]] == [
        each["new"] for each in document["parameters"]
    ]
    text = (library / "parameters" / "toy.toml").read_text()
    assert refused("--apply", "proposal.json").code == "E423"
    assert (library / "parameters" / "toy.toml").read_text() == text


def test_applying_says_in_json_what_it_changed(library: Path) -> None:
    called("-p", "p")
    said = json.loads(called("--apply", "proposal.json", "--json").stdout)
    assert said == {"moved": 1, "files": [str(library / "parameters" / "toy.toml")]}


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ((), "E420"), (("-p", "nothing"), "E420"), (("--module", "toys"), "E420"),
        (("--grade", "guess"), "E420"),
        (("-p", "half"), "E421"), (("-p", "p", "--profile", "toy.q"), "E420"),
        (("-p", "p", "--method", "guess"), "E411"), (("-p", "p", "--about", "hair"), "E411"),
        (("-p", "p", "--study", "held_out"), "E404"), (("-p", "p", "--study", "two"), "E404"),
        (("-p", "p", "--about", "axis"), "E404"), (("nowhere", "-p", "p"), "E404"),
        (("-p", "p", "--out", "p.toml"), "E410"), (("-p", "p", "--out", "no/p.json"), "E282"),
        (("--apply", "none.json"), "E422"),
    ],
    ids=str,
)  # fmt: skip
def test_mistakes_are_refused_and_nothing_is_written(
    library: Path, words: tuple[str, ...], code: str
) -> None:
    assert refused(*words).code == code
    assert list(Path().iterdir()) == []


def test_an_interrupt_leaves_nothing(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*args: Any, **more: Any) -> Any:
        more["tell"]("start 1 of 3")
        raise KeyboardInterrupt

    monkeypatch.setattr("gutskin.calibrate.run.search", stopped)
    done = called("-p", "p")
    assert done.exit_code not in (0, 2)
    assert list(Path().iterdir()) == []
    assert [path.name for path in (library / "parameters").iterdir()] == ["toy.toml"]


def test_words_to_complete_are_those_that_are_known() -> None:
    assert tuple(complete.methods("")) == METHODS
    assert complete.methods("e") == ["ensemble"]
    assert tuple(complete.grades("")) == GRADES
    rows = read_ledger(LIBRARY).rows
    assert set(complete.numbers("")) == set(rows)
    assert {row.partition(".")[0] for row in rows} <= set(complete.modules(""))


@pytest.mark.slow
def test_the_shipped_library_with_a_proposal_applied_passes_every_check(tmp_path: Path) -> None:
    """On a copy: the proposal's grades are those of validate afterwards, and lint finds no fault."""
    copy = tmp_path / "library"
    shutil.copytree(LIBRARY, copy)
    model = load(library=copy)
    studies = ("duncan_2007", "belenguer_2007")
    cases = cases_for(model, (), studies=studies)
    knobs = choose(model, ("faecalibacterium_guild.mu_fibre", "bacteroides_guild.mu_starch"))
    document = calibrate(model, cases, knobs, Settings(starts=1))
    assert any(each["new"] != each["old"] for each in document["parameters"])
    apply(document, copy)
    after = load(library=copy)
    for study in studies:
        told = {
            (row["readout"], row["said"]): (row["after"], row["grade_after"])
            for row in document["residuals"]
            if row["study"] == study
        }
        for score in validate(after, study=study).scores:
            assert (score.value, score.grade) == told[score.readout, score.said]
    assert check_library(copy, "person")
    with pytest.raises(InputError, match="E423"):
        apply(document, copy)


PAGE = Path(__file__).resolve().parents[1] / "docs" / "calibrate.md"


@pytest.mark.slow
def test_the_example_of_the_page_prints_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Words, rows and verdicts; the numbers are of the day's ledger."""
    text = PAGE.read_text(encoding="utf-8")
    for name, body in re.findall(r'^```\w+ title="([^"]+)"\n(.*?)^```$', text, re.M | re.S):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(body, encoding="utf-8")
    (command,) = re.findall(r"^```sh example\ngutskin calibrate (.*)\n```$", text, re.M)
    (said,) = re.findall(r"^```text\n(.*?)^```$", text, re.M | re.S)
    monkeypatch.chdir(tmp_path)
    done = called(*shlex.split(command))
    assert done.exit_code == 0, done.output

    def words(printed: str) -> list[str]:
        return sorted(
            " ".join(re.sub(r"[+-]?\d+(\.\d+)?", "", line).split()) for line in printed.splitlines()
        )

    assert words(done.stdout) == words(said)


@pytest.mark.slow
def test_fifteen_numbers_and_forty_expectations() -> None:
    """Of single people; CPU time is compared, since others may be busy on the machine."""
    model = load()
    single = [case for case in cases_for(model, ()) if all(arm.crew.count == 1 for arm in case.arms.values())]
    cases, expected = [], 0
    for each in single:
        if expected < 40:
            cases.append(each)
            expected += len(each.expectations)
    knobs = choose(model, (), (), ("assumed",))[::10][:15]
    begun = time.process_time()
    document = calibrate(model, cases, knobs)
    assert time.process_time() - begun < 300
    assert len(knobs) == 15
    assert len(document["residuals"]) + len(document["left_out"]) >= 40
    assert document["loss"]["after"] < document["loss"]["before"]
