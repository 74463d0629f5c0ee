"""The shipped claims: whole, sourced, and tied to studies and expectations that exist."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from gutskin.evidence.read import read_case
from gutskin.ledger import read_sources
from gutskin.paths import LIBRARY

CLAIMS: dict[str, dict[str, Any]] = tomllib.loads((LIBRARY / "claims.toml").read_text(encoding="utf-8"))
SOURCES = read_sources(LIBRARY / "sources.bib")
WORDS = {
    "section": {"intro", "gut", "skin", "axis", "unbalance", "product", "takeaway"},
    "system": {"gut", "skin", "axis", "person"},
    "grade": {"strong", "moderate", "weak", "contradicted"},
}
TEXT = ("section", "claim", "system", "grade", "source", "finding", "problem")


def test_every_claim_of_the_article_has_an_entry() -> None:
    assert list(CLAIMS) == [f"CL{number:03d}" for number in range(1, 92)]


@pytest.mark.parametrize("name", CLAIMS)
def test_a_claim_is_whole(name: str) -> None:
    entry = CLAIMS[name]
    assert set(TEXT) <= set(entry) <= {*TEXT, "test", "untested"}
    for key, allowed in WORDS.items():
        assert entry[key] in allowed, key
    assert entry["source"] == "none" or entry["source"] in SOURCES
    assert len(entry["claim"].split()) >= 4
    assert ("test" in entry) != ("untested" in entry)


@pytest.mark.parametrize("name", [name for name in CLAIMS if "test" in CLAIMS[name]])
def test_what_tests_a_claim_exists(name: str) -> None:
    for test in CLAIMS[name]["test"]:
        case = read_case(LIBRARY / "evidence" / test["case"] / "case.toml")
        chosen = test.get("expect", [1])
        count = len(case.expectations) + len(case.curves)
        assert test["says"] in ("for", "against")
        assert chosen
        assert len(set(chosen)) == len(chosen)
        assert all(1 <= number <= count for number in chosen), (test["case"], chosen, count)


def test_most_claims_are_tested_and_the_rest_say_why_not() -> None:
    untested = [entry["untested"] for entry in CLAIMS.values() if "untested" in entry]
    assert len(CLAIMS) - len(untested) >= 75
    assert all(len(reason.split()) >= 4 for reason in untested)


def test_what_the_literature_contradicts_is_not_only_spoken_for() -> None:
    wrong = [
        entry["test"] for entry in CLAIMS.values() if entry["grade"] == "contradicted" and "test" in entry
    ]
    assert len(wrong) >= 10
    assert all(any(test["says"] == "against" for test in tests) for tests in wrong)
