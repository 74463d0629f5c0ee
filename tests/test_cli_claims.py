"""``gutskin claims`` as users call it, on claims of the shipped library."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gutskin.claims.read import Claim, read_claims
from gutskin.claims.run import DRAWS
from gutskin.claims.verdict import VERDICTS
from gutskin.cli import claims, complete
from gutskin.evidence.read import read_case
from gutskin.paths import LIBRARY

Call = Callable[..., subprocess.CompletedProcess[str]]
KNOWN = read_claims(LIBRARY)


def people(claim: Claim) -> int:
    """Return how many people the arms of its cases have, 0 without cases."""
    cases = [read_case(LIBRARY / "evidence" / each.case / "case.toml") for each in claim.trials]
    return sum(arm.crew.count for case in cases for arm in case.arms.values())


UNTESTED = next(name for name, claim in KNOWN.items() if claim.untested)
SMALL = min((claim for claim in KNOWN.values() if claim.trials), key=people)


@pytest.fixture
def gutskin(tmp_path: Path) -> Call:
    def call(*words: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", "from gutskin.cli import main; main()", *map(str, words)]
        return subprocess.run(
            command, capture_output=True, text=True, cwd=tmp_path, check=False, encoding="utf-8"
        )

    return call


def test_json_of_one_claim(gutskin: Call) -> None:
    done = gutskin("claims", SMALL.id, "--json", "--draws", 2)
    assert done.returncode == 0, done.stderr
    (row,) = json.loads(done.stdout)
    assert (row["id"], row["literature_grade"]) == (SMALL.id, SMALL.grade)
    assert row["verdict"] in VERDICTS
    assert row["case"].split(", ") == list(dict.fromkeys(each.case for each in SMALL.trials))
    effects = [each for test in row["tests"] for each in test["expectations"]]
    assert [each["number"] for each in effects] == [k for trial in SMALL.trials for k in trial.expect]
    assert all(each["draws"] == 2 for each in effects)


def test_everything_of_a_claim_in_words_and_a_page(gutskin: Call, tmp_path: Path) -> None:
    done = gutskin("claims", UNTESTED, SMALL.id, "--out", "mine.md", "--draws", 0)
    assert done.returncode == 0, done.stderr
    said = " ".join(done.stdout.split())
    for claim in (KNOWN[UNTESTED], SMALL):
        assert f"{claim.id} {claim.claim}" in said
        assert (" ".join(claim.problem.split())) in said
    assert " ".join(KNOWN[UNTESTED].untested.split()) in said
    case = read_case(LIBRARY / "evidence" / SMALL.trials[0].case / "case.toml")
    assert case.title in said
    assert "about the model and its cases" in said
    page = (tmp_path / "mine.md").read_text(encoding="utf-8")
    assert f"**{SMALL.id}**" in page
    assert f"**{UNTESTED}**" in page


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("CL000",), "E474"),
        ((UNTESTED, "--out", "mine.txt"), "E410"),
        ((UNTESTED, "--out", "no/mine.md"), "E282"),
    ],
)
def test_what_cannot_be_done_is_one_clear_line(gutskin: Call, words: tuple[str, ...], code: str) -> None:
    done = gutskin("claims", *words)
    assert done.returncode == 2
    assert done.stderr.startswith(f"error: {code} ")
    assert len(done.stderr.splitlines()) == 1


def test_claims_are_listed(gutskin: Call) -> None:
    done = gutskin("list", "claims", "--json")
    rows = json.loads(done.stdout)
    assert [row["id"] for row in rows] == list(KNOWN)
    found = {row["id"]: row for row in rows}
    assert found[UNTESTED]["tested by"] == ""
    assert SMALL.trials[0].case in found[SMALL.id]["tested by"]


def test_ids_are_completed() -> None:
    assert complete.claims("") == sorted(KNOWN)
    assert complete.claims(SMALL.id.lower()) == [SMALL.id]
    assert complete.claims("XY") == []


def test_the_command_draws_as_many_sets_as_the_function() -> None:
    assert inspect.signature(claims.command).parameters["draws"].default.default == DRAWS
