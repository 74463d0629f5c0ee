"""Reading ``claims.toml``: every fault is told in one pass, with its place and what to do."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from gutskin.claims.read import Trial, find_claims, read_claims
from gutskin.errors import InputError, LibraryErrors

claims = runpy.run_path(str(Path(__file__).parent / "fixtures" / "claims_pool.py"))
claim, trial = claims["claim"], claims["trial"]
RIGHT = claim("CL001", trial("CL001", "fed_2001", "for", "[1]")) + claim("CL002", 'untested = "no toy"\n')


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("claims")
    claims["library"](folder)
    return folder


def said(library: Path, text: str) -> Path:
    (library / "claims.toml").write_text(text, encoding="utf-8")
    return library


def faults(library: Path, text: str) -> list[tuple[str, str]]:
    """Return (code, place) of what is wrong; every fault has a remedy or says what is missing."""
    with pytest.raises(LibraryErrors) as caught:
        read_claims(said(library, text))
    return [(fault.code, fault.where) for fault in caught.value.faults]


def test_a_library_without_claims_has_none(tmp_path: Path) -> None:
    assert read_claims(tmp_path) == {}


def test_claims_are_read_in_the_order_of_the_file(library: Path) -> None:
    found = read_claims(said(library, claim("CL009", 'untested = "late"\n', problem="loose") + RIGHT))
    assert list(found) == ["CL009", "CL001", "CL002"]
    assert (found["CL009"].problem, found["CL009"].untested, found["CL009"].trials) == ("loose", "late", ())
    assert found["CL001"].trials == (Trial("fed_2001", (1,), "for"),)
    assert (found["CL001"].grade, found["CL001"].source, found["CL001"].finding) == ("weak", "none", "")


def test_all_expectations_are_meant_when_none_is_named_curves_too(library: Path) -> None:
    text = claim("CL001", trial("CL001", "fed_2001", "against"))
    assert read_claims(said(library, text))["CL001"].trials[0].expect == (1, 2, 3)
    path = library / "evidence" / "fast_2003"
    before = (path / "case.toml").read_text()
    curve = '[[curve]]\nreadout = "x"\narm = "rest"\ndata = "a.csv"\nunit = "ug/cm2"\nmeasure = "rmse"\n'
    (path / "case.toml").write_text(before + curve + 'high = 1\nwhy = "a toy"\n')
    text = claim("CL001", trial("CL001", "fast_2003"))
    assert read_claims(said(library, text))["CL001"].trials[0].expect == (1, 2)
    (path / "case.toml").write_text(before)


WRONG = {
    "key": (claim("CL001", 'untested = "a"\n', gerade="weak"), "E470"),
    "grade": (claim("CL001", 'untested = "a"\n', grade="week"), "E470"),
    "system": (claim("CL001", 'untested = "a"\n', system="liver"), "E470"),
    "missing": (claim("CL001", 'untested = "a"\n', claim=""), "E470"),
    "text": (claim("CL001", 'untested = "a"\nfinding = 3\n'), "E470"),
    "ID": (claim("CL1", 'untested = "a"\n'), "E470"),
    "no table": ("CL001 = 3\n", "E470"),
    "source": (claim("CL001", 'untested = "a"\n', source="toy_2000"), "E137"),
    "both": (claim("CL001", 'untested = "a"\n' + trial("CL001", "fed_2001")), "E471"),
    "neither": (claim("CL001", ""), "E471"),
    "no list": (claim("CL001", 'test = "fed_2001"\n'), "E470"),
    "study": (claim("CL001", trial("CL001", "fad_2001")), "E472"),
    "says": (claim("CL001", trial("CL001", "fed_2001", "pro")), "E470"),
    "test key": (claim("CL001", trial("CL001", "fed_2001") + "expects = [1]\n"), "E470"),
    "zero": (claim("CL001", trial("CL001", "fed_2001", "for", "[0]")), "E473"),
    "too far": (claim("CL001", trial("CL001", "fed_2001", "for", "[2, 4]")), "E473"),
    "twice": (claim("CL001", trial("CL001", "fed_2001", "for", "[2, 2]")), "E473"),
    "none": (claim("CL001", trial("CL001", "fed_2001", "for", "[]")), "E470"),
    "no number": (claim("CL001", trial("CL001", "fed_2001", "for", "[true]")), "E470"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_told_with_its_place(library: Path, what: str) -> None:
    text, code = WRONG[what]
    name = "CL1" if what == "ID" else "CL001"
    where = f"claims.toml: {name}" if what == "no table" else f"claims.toml:1: {name}"
    assert faults(library, text) == [(code, where)]


def test_the_same_expectation_cannot_speak_for_and_against(library: Path) -> None:
    text = trial("CL001", "fed_2001", "for", "[1]") + trial("CL001", "fed_2001", "against")
    with pytest.raises(LibraryErrors, match="test 2: expectation 1 of fed_2001 is named twice"):
        read_claims(said(library, claim("CL001", text)))


def test_all_faults_are_told_and_the_nearest_names(library: Path) -> None:
    text = claim("CL001", trial("CL001", "fad_2001")) + claim("CL002", 'untested = "a"\n', source="toy_2000")
    with pytest.raises(LibraryErrors) as caught:
        read_claims(said(library, text))
    one, other = caught.value.faults
    assert one.remedy.startswith("did you mean fed_2001")
    assert other.remedy == "did you mean toy_2001?"


def test_what_is_no_toml_is_refused(library: Path) -> None:
    with pytest.raises(InputError, match="E130"):
        read_claims(said(library, "[CL001\n"))


def test_claims_are_found_by_id_in_the_order_of_the_file(library: Path) -> None:
    known = read_claims(said(library, RIGHT))
    assert [each.id for each in find_claims(known, ["CL002", "CL001"])] == ["CL001", "CL002"]
    assert [each.id for each in find_claims(known, ["CL002"])] == ["CL002"]
    assert len(find_claims(known, ())) == 2
    with pytest.raises(InputError, match=r"E474 .*did you mean CL001"):
        find_claims(known, ["CL01"])
