"""The shipped studies: they can be read, enough of them are only compared, and each says where it stands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gutskin.evidence.case import Case
from gutskin.evidence.experiment import check
from gutskin.evidence.read import read_case, read_head
from gutskin.evidence.scorecard import SIGNS, order
from gutskin.evidence.validate import validate
from gutskin.ledger import read_sources
from gutskin.model import Model, load
from gutskin.paths import LIBRARY

PATHS = sorted((LIBRARY / "evidence").rglob("case.toml"))
SOURCES = read_sources(LIBRARY / "sources.bib")


def named(path: Path) -> str:
    return path.parent.name


@pytest.fixture(scope="module")
def model() -> Model:
    return load()


@pytest.fixture(scope="module")
def cases() -> dict[Path, Case]:
    return {path: read_case(path) for path in PATHS}


@pytest.mark.parametrize("path", PATHS, ids=named)
def test_a_case_can_be_read_and_fits_the_model(path: Path, model: Model) -> None:
    case = read_case(path)
    check(model, case)


@pytest.mark.parametrize("path", PATHS, ids=named)
def test_a_folder_is_named_after_its_source(path: Path) -> None:
    source = str(read_head(path)["source"])
    assert source in SOURCES
    assert path.parent.parent == LIBRARY / "evidence"
    assert re.fullmatch(rf"{re.escape(source)}(_[a-z0-9_]+)?", named(path))


@pytest.mark.parametrize("path", PATHS, ids=named)
def test_why_is_a_sentence(path: Path, cases: dict[Path, Case]) -> None:
    for each in (*cases[path].expectations, *cases[path].curves):
        assert len(each.why.split()) >= 3, each.why
        assert each.why == each.why.strip()
        assert each.why[0].isupper() or each.why[0].isdigit(), each.why


@pytest.mark.parametrize("path", PATHS, ids=named)
def test_a_range_of_a_control_holds_no_effect(path: Path, cases: dict[Path, Case]) -> None:
    """A control is an effect that must not appear; no effect itself must be green."""
    from gutskin.evidence.summary import neutral

    if cases[path].role != "control":
        return
    for each in cases[path].expectations:
        alike = neutral(each)
        if alike is not None:
            assert each.low <= alike <= each.high, each


def test_a_quarter_of_the_studies_is_only_compared() -> None:
    roles = [read_head(path)["role"] for path in PATHS if read_head(path)["role"] != "control"]
    assert roles.count("check") >= 0.25 * len(roles)


def test_names_of_studies_are_told_apart() -> None:
    assert len({named(path) for path in PATHS}) == len(PATHS)


def test_the_published_scorecard_is_the_one_of_this_library() -> None:
    """``make evidence`` writes the page; a grade that changed is committed with its reason."""
    card = validate(load())
    page = (Path(__file__).resolve().parents[1] / "docs" / "scorecard.md").read_text(encoding="utf-8")
    rows = [line.split(" | ") for line in page.splitlines() if line[:3] in ("| ●", "| ◐", "| ○")]
    published = [(row[0].strip("| "), row[1].replace("\\", ""), row[3].strip("`")) for row in rows]
    assert published == [(SIGNS[s.grade], s.study, " ".join(s.readout.split())) for s in order(card.scores)]
