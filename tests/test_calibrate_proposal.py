"""What a proposal says, and that applying it changes only what it says."""

from __future__ import annotations

import json
import re
import runpy
import tomllib
from pathlib import Path
from typing import Any

import pytest

from gutskin.calibrate import proposal
from gutskin.calibrate.knobs import choose
from gutskin.calibrate.proposal import apply, edited, read_proposal
from gutskin.calibrate.run import Settings, calibrate, cases_for
from gutskin.errors import InputError
from gutskin.evidence.validate import validate
from gutskin.ledger import read_ledger
from gutskin.library_check import check_library
from gutskin.model import load

toys = runpy.run_path(str(Path(__file__).parent / "calibrating.py"))
case, around = toys["case"], toys["around"]

MOVE = {"row": "toy.k", "old": 1.0, "new": 1.25, "moved_sd": 0.5}
NOTE = 'note = "was 1.0, assumed; moved by +0.50 sd in calibration abc"'


def changed(before: str, after: str) -> list[tuple[str, str]]:
    """Return lines that differ, each as before and after; a new line has nothing before."""
    a, b = before.splitlines(), after.splitlines()
    return [("", line) for line in b if line not in a] + [(line, "") for line in a if line not in b]


HEAD = "# The ledger of a toy.\r\n\r\n".replace("\r", "")
TABLES = (
    HEAD
    + """[before]
value  = 1.0   # stays
unit   = "1"
spread = { kind = "fixed" }
source = "none"
grade  = "assumed"

[k]
# a comment inside
value  = 1.0   # the number
unit   = "1"
spread = { kind = "lognormal", gsd = 1.5 }
source = "none"
grade  = "assumed"  # a guess

# about the next
[after]
value = 2.0
unit = "1"
spread = { kind = "fixed" }
source = "none"
grade = "assumed"
"""
)


def test_a_table_keeps_its_layout_and_comments() -> None:
    after = edited(TABLES, "k", MOVE, "abc")
    assert changed(TABLES, after) == [
        ("", "value  = 1.25   # the number"), ("", 'grade  = "calibrated"  # a guess'), ("", NOTE),
        ("value  = 1.0   # the number", ""), ('grade  = "assumed"  # a guess', ""),
    ]  # fmt: skip
    assert tomllib.loads(after)["before"] == tomllib.loads(TABLES)["before"]
    assert after.index(NOTE) < after.index("# about the next"), "the note is in its own table"


def test_a_note_is_kept_and_added_to() -> None:
    text = TABLES.replace("# a guess\n", '# a guess\nnote = "measured \\"once\\""  # by whom?\n')
    after = edited(text, "k", MOVE, "abc")
    note = tomllib.loads(after)["k"]["note"]
    assert note == 'measured "once"; was 1.0, assumed; moved by +0.50 sd in calibration abc'
    assert "# by whom?" in after


def test_a_table_in_one_line() -> None:
    text = (
        'a = { value = 1, unit = "1", spread = { kind = "fixed" }, source = "none", grade = "assumed" } # a\n'
        'k = { value = 1.0, unit = "1", spread = { kind = "normal", sd = 0.5 }, source = "none",'
        ' grade = "assumed" }  # k\n'
    )
    after = edited(text, "k", MOVE, "abc")
    assert after.splitlines()[0] == text.splitlines()[0]
    assert after.count("\n") == 2
    assert after.endswith("}  # k\n")
    row = tomllib.loads(after)["k"]
    assert (row["value"], row["grade"], row["spread"]) == (1.25, "calibrated", {"kind": "normal", "sd": 0.5})
    assert row["note"] in NOTE


@pytest.mark.parametrize("order", [("one.k", "one.m", "two.k"), ("one.k", "two.k", "one.m")])
def test_a_table_of_an_instance(order: tuple[str, ...]) -> None:
    """Also when the tables of one instance are not together."""
    text = HEAD + "\n".join(
        f'[{name}]\nvalue = 1.0  # {name}\nunit = "1"\nspread = {{ kind = "normal", sd = 0.5 }}\n'
        f'source = "none"\ngrade = "assumed"\n' for name in order
    )  # fmt: skip
    after = edited(text, "one.m", MOVE, "abc")
    made, was = tomllib.loads(after), tomllib.loads(text)
    assert made["one"]["m"]["value"] == 1.25
    assert made["one"]["m"]["grade"] == "calibrated"
    assert made["one"]["k"] == was["one"]["k"]
    assert made["two"] == was["two"]
    assert "value = 1.25  # one.m" in after
    assert len([line for _, line in changed(text, after) if line]) == 3, "the value, the grade, the note"
    assert after.count("\n") == text.count("\n") + 1


def test_ends_of_lines_stay() -> None:
    text = TABLES.replace("\n", "\r\n")
    after = edited(text, "k", MOVE, "abc")
    assert tomllib.loads(after)["k"]["value"] == 1.25
    assert not re.findall(r"(?<!\r)\n", after)


# whole libraries


@pytest.fixture
def library(tmp_path: Path) -> Path:
    toys["library"](tmp_path)
    case(
        tmp_path,
        "one",
        {"readout": "first", **around(31.5, 0.25)},
        {"readout": "second", **around(50.5, 0.4)},
    )
    case(tmp_path, "two", {"readout": "full", **around(0.8, 0.01)})
    return tmp_path


def made(library: Path, names: tuple[str, ...] = ("p", "q", "s", "idle"), **more: Any) -> dict[str, Any]:
    model = load("toy", library=library)
    return calibrate(model, cases_for(model, ()), choose(model, names), Settings(starts=1, **more))


def moves(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["row"]: each for each in document["parameters"]}


def test_a_proposal_says_what_moved_and_what_each_residual_did(library: Path) -> None:
    document = made(library)
    found = moves(document)
    model = load("toy", library=library)
    for each in found.values():
        spread = model.ledger.rows[each["row"]].spread
        assert each["old"] == model.ledger.rows[each["row"]].value
        assert each["new"] == float(f"{each['new']:.4g}"), "four digits"
        if spread.kind == "normal":
            assert each["moved_sd"] == pytest.approx(each["new"] - each["old"])
    assert (found["toy.idle"]["new"], found["toy.idle"]["moved_sd"]) == (5.0, 0.0)
    assert document["loss"]["after"] < document["loss"]["before"]
    assert [row["study"] for row in document["residuals"]] == ["one", "one", "two"]
    for row in document["residuals"]:
        assert abs(row["residual_after"]) < abs(row["residual_before"])
        middle = {"first": 31.5, "second": 50.5, "full": 0.8}[row["readout"]]
        assert row["residual_after"] * (row["after"] - middle) >= 0
    parts = document["loss"]["after"] - document["loss"]["misfit_after"]
    assert parts == pytest.approx(sum(each["moved_sd"] ** 2 for each in found.values()) / 2)
    assert json.loads(json.dumps(document, allow_nan=False)) == document


def test_rounding_never_costs_the_fit(tmp_path: Path) -> None:
    """In a steep valley the small moves are what counts: then there are as many digits as it needs."""
    toys["library"](tmp_path)
    case(tmp_path, "one", {"readout": "first", **around(30.0123456, 0.0002)})
    document = made(tmp_path, ("p", "q"))
    assert document["loss"]["after"] < 0.02 * document["loss"]["before"]
    found = [each["new"] for each in document["parameters"]]
    assert sum(found) == pytest.approx(30.0123456, abs=1e-3)
    assert 0 < abs(document["parameters"][0]["moved_sd"]) < 0.05
    apply(document, tmp_path)
    (score,) = validate(load("toy", library=tmp_path)).scores
    assert (score.value, score.grade) == (document["residuals"][0]["after"], "green")


def test_far_moves_and_ends_of_ranges_are_called_out(tmp_path: Path) -> None:
    toys["library"](tmp_path, {"q": (20.0, "1", '{ kind = "uniform", low = 19.0, high = 20.1234567 }')})
    case(
        tmp_path, "one", {"readout": "first", **around(33.5, 0.1)}, {"readout": "second", **around(54.0, 0.1)}
    )
    found = moves(made(tmp_path, ("p", "q")))
    assert found["toy.p"]["notes"] == ["at the end of its range", "moved by more than 2 sd"]
    assert "at the end of its range" in found["toy.q"]["notes"]
    assert found["toy.q"]["new"] == 20.1234567, "rounding does not leave the range"


def test_nothing_is_proposed_when_nothing_is_better(tmp_path: Path) -> None:
    toys["library"](tmp_path)
    case(tmp_path, "one", {"readout": "first", **around(30.0, 1.0)})
    document = made(tmp_path)
    assert all(each["moved_sd"] == 0 and each["new"] == each["old"] for each in document["parameters"])
    assert document["ends"][0]["why"].startswith("nothing is better")


def test_the_stamp_changes_with_whatever_went_in(library: Path) -> None:
    stamps = [made(library)["stamp"], made(library, seed=2)["stamp"]]
    path = library / "evidence" / "two" / "case.toml"
    path.write_text(path.read_text() + "# read again\n")
    stamps.append(made(library)["stamp"])
    assert len({each["id"] for each in stamps}) == 3
    assert len({each["ledger_hash"] for each in stamps}) == 1
    assert {"gutskin", "model_hash", "seed", "method", "solver", "studies"} <= stamps[0].keys()


def test_applying_changes_values_grades_and_notes_only(library: Path) -> None:
    document = made(library)
    path = library / "parameters" / "toy.toml"
    before, rows = path.read_text(), read_ledger(library).rows
    assert apply(document, library) == [path]
    after = read_ledger(library).rows
    moved = {name for name, each in moves(document).items() if each["new"] != each["old"]}
    assert moved == {"toy.p", "toy.q", "toy.s"}
    for name, row in after.items():
        if name in moved:
            assert row.value == moves(document)[name]["new"]
            assert row.grade == "calibrated"
            assert document["stamp"]["id"] in row.note
            assert (row.unit, row.spread, row.source, row.where) == (
                rows[name].unit, rows[name].spread, rows[name].source, rows[name].where,
            )  # fmt: skip
        else:
            assert (row.value, row.grade, row.note) == (rows[name].value, rows[name].grade, rows[name].note)
    differing = {new.split(" ")[0] for _, new in changed(before, path.read_text()) if new}
    assert differing == {"value", "grade", "note"}


def test_after_applying_validate_gives_the_grades_that_were_told(library: Path) -> None:
    document = made(library)
    apply(document, library)
    card = validate(load("toy", library=library))
    told = {(r["study"], r["readout"]): (r["after"], r["grade_after"]) for r in document["residuals"]}
    assert {(s.study, s.readout): (s.value, s.grade) for s in card.scores} == told
    assert any(r["grade_after"] != r["grade_before"] for r in document["residuals"])


def test_a_library_that_was_applied_to_passes_the_checks(library: Path) -> None:
    for folder in ("readouts", "treatments", "scenarios", "taxa"):
        (library / folder).mkdir(exist_ok=True)
    apply(made(library), library)
    assert read_ledger(library).count()["calibrated"] == 3
    assert check_library  # the whole of lint runs on the shipped library in the slow test of the command line


def test_a_proposal_for_another_ledger_is_refused(library: Path) -> None:
    document = made(library)
    apply(document, library)
    text = (library / "parameters" / "toy.toml").read_text()
    with pytest.raises(InputError, match="E423"):
        apply(document, library)
    assert (library / "parameters" / "toy.toml").read_text() == text


@pytest.mark.parametrize(
    "wrong",
    [
        {"row": "toy.nothing"},
        {"row": "../toy.p"},
        {"row": "toy.half", "new": 2.0},
        {"row": "toy.s", "new": -1.0},
    ],
    ids=str,
)
def test_a_proposal_that_the_ledger_cannot_have_changes_nothing(library: Path, wrong: dict[str, Any]) -> None:
    document = made(library)
    document["parameters"].append({**document["parameters"][0], **wrong})
    text = (library / "parameters" / "toy.toml").read_text()
    with pytest.raises(InputError, match="E422"):
        apply(document, library)
    assert (library / "parameters" / "toy.toml").read_text() == text


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"kind": "gutskin proposal 1", "stamp": {}}', "\xff",
             '{"kind": "gutskin proposal 1", "stamp": {}, "parameters": [{"row": "toy.p", "new": NaN}]}',
             '{"kind": "gutskin proposal 1", "stamp": {}, "parameters": [{"row": "toy.p", "new": 1.0}]}'],
)  # fmt: skip
def test_what_is_no_proposal_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "p.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(InputError, match="E422"):
        read_proposal(tmp_path / "p.json")
    with pytest.raises(InputError, match="E422"):
        read_proposal(tmp_path / "none.json")


@pytest.mark.parametrize(
    "error", [OSError("the disk is full"), KeyboardInterrupt()], ids=["disk", "interrupt"]
)
def test_all_files_are_changed_or_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    paths = [tmp_path / "a.toml", tmp_path / "b.toml"]
    for path in paths:
        path.write_text("before")
    real = proposal.write_atomically
    asked: list[Path] = []

    def failing(path: Path, write: Any) -> Path:
        asked.append(path)
        if len(asked) == 2:
            raise error
        return real(path, write)

    monkeypatch.setattr(proposal, "write_atomically", failing)
    with pytest.raises((InputError, KeyboardInterrupt)):
        proposal._write_all(dict.fromkeys(paths, "after"))
    assert [path.read_text() for path in paths] == ["before", "before"]
    assert len(list(tmp_path.iterdir())) == 2
