"""Scoring folders: which cases, the document that comes out, the exit status, and a stranger's own files."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from typing import Any

import pytest

from gutskin.errors import InputError
from gutskin.evidence.case import Case
from gutskin.evidence.experiment import Laboratory
from gutskin.evidence.validate import Scorecard, validate
from gutskin.model import Model

pool = runpy.run_path(str(Path(__file__).parent / "fixtures" / "evidence_pool.py"))
expect = pool["expect"]
REST = "[arms.rest]\ndays = 1\n"
RANGES = {"green": "low = 5\nhigh = 7", "yellow": "low = 6.5\nhigh = 8", "red": "low = 60\nhigh = 70"}
KEYS = {
    "title",
    "why",
    "study",
    "about",
    "role",
    "readout",
    "said",
    "value",
    "low",
    "high",
    "published",
    "unit",
    "grade",
    "people",
    "reason",
}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return pool["library"](tmp_path_factory.mktemp("pool"))


@pytest.fixture
def studies(tmp_path: Path) -> Path:
    """One study of each role and of several subjects."""
    for study, role, about, grades in [
        ("a_2001", "fit", "gut", ("green", "green", "red")),
        ("b_2002", "check", "gut", ("yellow",)),
        ("c_2003_control", "control", "skin", ("green",)),
    ]:
        body = REST + "".join(expect("x", RANGES[grade]) for grade in grades)
        pool["write"](tmp_path, body, study=study, role=role, about=about)
    return tmp_path


def document(card: Scorecard) -> dict[str, Any]:
    """Return what ``--json`` prints, by a reader that allows no NaN and no Infinity."""

    def forbidden(word: str) -> None:
        raise AssertionError(word)

    return json.loads(json.dumps(card.as_json()), parse_constant=forbidden)


def test_totals_are_counted_apart_by_role(model: Model, studies: Path) -> None:
    found = document(validate(model, [studies]))
    assert found["totals"] == {
        "fit": {"green": 2, "yellow": 0, "red": 1},
        "check": {"green": 0, "yellow": 1, "red": 0},
        "control": {"green": 1, "yellow": 0, "red": 0},
    }
    assert set(found) == {"totals", "studies", "expectations", "refused"}
    assert (found["studies"], len(found["expectations"]), found["refused"]) == (3, 5, [])


def test_each_expectation_of_the_document_has_these_keys(model: Model, studies: Path) -> None:
    rows = document(validate(model, [studies]))["expectations"]
    assert all(set(row) == KEYS for row in rows)
    row = {key: value for key, value in rows[2].items() if key not in ("title", "why")}
    assert rows[2]["title"]
    assert rows[2]["why"]
    assert row == {
        "study": "a_2001",
        "about": "gut",
        "role": "fit",
        "readout": "x",
        "said": "rest, end",
        "value": pytest.approx(6.0),
        "low": 60.0,
        "high": 70.0,
        "published": None,
        "unit": "ug/cm2",
        "grade": "red",
        "people": 1,
        "reason": "",
    }


def test_numbers_that_json_has_not_are_null_with_a_reason(model: Model, tmp_path: Path) -> None:
    fed = '[arms.rest]\ndays = 1\ndiet = "feast"\n'
    never = expect("x", 'at = "time to within 1 % of baseline"\nlow = 2', unit="h")
    none = expect("x", 'statistic = "sd"\nhigh = 3')
    path = pool["write"](tmp_path, fed + never + none)
    rows = document(validate(model, [path.parent]))["expectations"]
    assert [(row["value"], row["grade"], row["low"], row["high"]) for row in rows] == [
        (None, "green", 2.0, None),
        (None, "red", None, 3.0),
    ]
    assert all(row["reason"] for row in rows)


def test_status(model: Model, studies: Path, tmp_path: Path) -> None:
    assert validate(model, [studies / "c_2003_control"]).status == 0
    assert validate(model, [studies / "b_2002"]).status == 0, "yellow is no red"
    assert validate(model, [studies]).status == 1
    (studies / "d_2004").mkdir()
    (studies / "d_2004" / "case.toml").write_text("title = 3\n")
    card = validate(model, [studies])
    assert (card.status, len(card.scores)) == (2, 5)
    assert validate(model, [studies / "d_2004"]).status == 2
    (refused,) = document(card)["refused"]
    assert refused["code"] == "E400"
    assert set(refused) == {"code", "message", "where", "remedy"}


def test_a_choice_of_cases(model: Model, studies: Path) -> None:
    def chosen(**more: str) -> list[str]:
        return sorted({score.study for score in validate(model, [studies], **more).scores})

    assert chosen(about="gut") == ["a_2001", "b_2002"]
    assert chosen(role="control") == ["c_2003_control"]
    assert chosen(about="gut", role="check") == ["b_2002"]
    assert chosen(study="a_2001") == ["a_2001"]
    assert chosen(study="a_2001", role="fit") == ["a_2001"]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"study": "a_2002"}, "there is no study 'a_2002'"),
        ({"about": "axis"}, "no case is about axis"),
        ({"role": "control", "about": "gut"}, "no case is about gut and role control"),
    ],
)
def test_a_choice_of_nothing_is_refused(model: Model, studies: Path, more: dict[str, str], said: str) -> None:
    with pytest.raises(InputError) as caught:
        validate(model, [studies], **more)
    assert caught.value.code == "E404"
    assert caught.value.message == said
    assert caught.value.remedy


def test_a_fault_elsewhere_is_none_of_a_chosen_study(model: Model, studies: Path) -> None:
    pool["write"](studies, REST, study="d_2004")
    assert validate(model, [studies], study="c_2003_control").status == 0
    card = validate(model, [studies], study="d_2004")
    assert (card.status, [error.code for error in card.refused]) == (2, ["E403"])


def test_a_case_that_does_not_fit_the_model_stops_before_anything_is_run(
    model: Model, studies: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool["write"](studies, REST + expect("x + total", "low = 1"), study="odd")
    pool["write"](studies, REST + 'set = { nothing = "3 1" }\n' + expect("x", "low = 1"), study="off")
    pool["write"](studies, REST + expect("x", "low = 1"), study="who", people='people = { like = "me" }')
    ran: list[str] = []

    def run(_: Laboratory, cases: list[Case], _tick: object = None) -> None:
        ran.extend(case.study for case in cases)

    monkeypatch.setattr(Laboratory, "run", run)
    monkeypatch.setattr("gutskin.evidence.validate.score_case", lambda *_: [])
    card = validate(model, [studies])
    assert sorted(ran) == ["a_2001", "b_2002", "c_2003_control"]
    assert sorted(error.code for error in card.refused) == ["E233", "E264", "E406"]
    assert all(error.where.split("/")[0] in ("odd", "off", "who") for error in card.refused)


def test_a_strangers_folder_with_treatments_people_and_sources(model: Model, tmp_path: Path) -> None:
    studies = tmp_path / "elsewhere" / "studies"
    body = """[arms.syrup]
days = 2

[[arms.syrup.courses]]
treatment = "syrup"

[[expect]]
readout = "x / start(x)"
arm = "syrup"
at = "12 h"
low = 1.9
high = 2.1
unit = "1"
why = "Theirs"
"""
    path = pool["write"](studies, body, study="theirs", people='people = { like = "theirs.toml" }')
    path.write_text(path.read_text().replace("toy_2001", "theirs_2020"))
    (studies / "sources.bib").write_text("@article{theirs_2020,\n  title = {Theirs},\n}\n")
    (path.parent / "theirs.toml").write_text('label = "Theirs"\n[set]\nk_loss = "0.01 1/h"\n')
    (studies / "treatments").mkdir()
    syrup = pool["HEAD"].format(name="Syrup", kind="take") + 'every = "100 h"\n'
    syrup += pool["effect"]("add", "x", "amount", 338.25, "ug/cm2")  # 300 e^0.12
    (studies / "treatments" / "syrup.toml").write_text(syrup)
    card = validate(model, [studies])
    assert not card.refused
    assert card.scores[0].value == pytest.approx(2.0, rel=1e-3)
    assert card.status == 0


def test_progress_is_told_and_ends_at_one(model: Model, studies: Path) -> None:
    told: list[float] = []
    validate(model, [studies], tick=told.append)
    assert sum(told) == pytest.approx(1.0)


def test_the_library_is_scored_when_no_folder_is_given(model: Model) -> None:
    with pytest.raises(InputError) as caught:
        validate(model)
    assert caught.value.code == "E404"
    assert str(model.library) in caught.value.message
    path = pool["write"](model.library / "evidence", REST + expect("x", "low = 5"))
    try:
        assert [score.study for score in validate(model).scores] == ["toy_2001"]
    finally:
        path.unlink()
        path.parent.rmdir()
