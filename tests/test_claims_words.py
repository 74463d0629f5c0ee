"""An experiment in words, and the document of a claim."""

from __future__ import annotations

import json
import runpy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gutskin.claims.read import read_claims
from gutskin.claims.run import Effect, Judged, judge
from gutskin.claims.words import arms, document, published, value
from gutskin.evidence.read import read_case
from gutskin.evidence.score import Score
from gutskin.model import Model

claims = runpy.run_path(str(Path(__file__).parent / "fixtures" / "claims_pool.py"))
ARMS = """people = { like = "healthy_adult", count = 8, site = "edge", set = { k_loss = "0.4 1/h" } }
[arms.rest]
days = 1
[arms.busy]
after = "rest"
days = 14
enrol = "x > '1 ug/cm2'"
adherence = 0.9
dropout = 0.2
diet = { food = "5 ug/cm2/h" }
set = { half = "3 ug/cm2" }
[[arms.busy.courses]]
treatment = "drop"
dose = "4 mg"
end = "7 days"
[[arms.busy.courses]]
treatment = "wash"
[[arms.busy.courses]]
treatment = "snack"
every = "2 days"
[arms.feast]
days = 2
diet = "feast"
people = { like = "fast" }
"""
SCORE = Score("s", "gut", "fit", "x", "rest, end", 6.0, 5.0, 7.0, None, "ug/cm2", "green", 1)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return claims["library"](tmp_path_factory.mktemp("words"))


@pytest.fixture(scope="module")
def judged(model: Model) -> list[Judged]:
    text = claims["claim"]("CL001", claims["trial"]("CL001", "fed_2001", "for", "[2]"), finding="thrice")
    text += claims["claim"]("CL002", 'untested = "no toy"\n')
    (model.library / "claims.toml").write_text(text, encoding="utf-8")
    return judge(model, list(read_claims(model.library).values()), draws=3)


def test_arms_say_who_lives_how_long_under_what(model: Model) -> None:
    body = ARMS + claims["expect"]("x", "low = 1", arm="busy")
    path = claims["write"](model.library / "evidence", body.partition("\n")[2], study="words_2005")
    path.write_text(path.read_text().replace("\n\n[arms", "\n" + body.partition("\n")[0] + "\n[arms", 1))
    assert dict(arms(read_case(path, model.library))) == {
        "rest": "1 day of 8 people like healthy_adult at site edge with k_loss = 0.4 1/h; nothing done",
        "busy": "14 days after rest; those with x > '1 ug/cm2'; diet: inflow = 5 ug/cm2/h; "
        "set: half = 3 ug/cm2; Drop 4 mg, 2 times a day, day 0 to 7; Wash, once a day; "
        "Snack, every 2 days; 90% of the doses taken; 20% lost",
        "feast": "2 days of fast; Feast",
    }


@pytest.mark.parametrize(
    ("change", "more", "said"),
    [
        ({}, {}, "6 ug/cm2"),
        ({}, {"low": 4.5, "high": 8.25, "draws": 9}, "6 (4.5 to 8.25) ug/cm2"),
        ({}, {"low": 4.5, "high": 8.25, "draws": 9, "lost": 2}, "6 (4.5 to 8.25 in 7 of 9 draws) ug/cm2"),
        ({"unit": "1"}, {"draws": 9, "lost": 9}, "6 (no value in 9 draws)"),
        ({"people": 200}, {}, "6 ug/cm2 in 200 people"),
        ({"unit": "1", "value": 0.12345}, {}, "0.123"),
        ({"reason": "3 of 4 failed", "value": float("nan")}, {}, "3 of 4 failed"),
        ({"value": float("inf"), "unit": "1"}, {}, "never"),
    ],
)
def test_an_effect_in_words(change: dict[str, Any], more: dict[str, Any], said: str) -> None:
    assert value(Effect(1, replace(SCORE, **change), **more)) == said


def test_a_range_in_words() -> None:
    assert published(Effect(1, SCORE)) == "5 to 7 ug/cm2"
    assert published(Effect(1, replace(SCORE, unit="1", high=float("inf")))) == "at least 5"


def test_the_document_holds_everything_and_no_nan(judged: list[Judged]) -> None:
    one, other = (document(each) for each in judged)
    assert json.loads(json.dumps([one, other], allow_nan=False)) == [one, other]
    assert (one["id"], one["verdict"], one["literature_grade"]) == ("CL001", "supported", "weak")
    assert (one["case"], one["finding"], one["problem"]) == ("fed_2001", "thrice", "")
    (test,) = one["tests"]
    assert (test["says"], test["role"], test["source"]) == ("for", "fit", "toy_2001")
    assert set(test["arms"]) == {"rest", "fed"}
    (row,) = test["expectations"]
    assert (row["number"], row["readout"], row["grade"]) == (2, "x", "green")
    assert row["q05"] < row["value"] < row["q95"]
    assert row["value"] == pytest.approx(3.0, rel=1e-3)
    assert (row["low"], row["high"], row["draws"], row["lost_draws"]) == (2.9, 3.1, 3, 0)
    assert 0 <= row["green_draws"] <= 3
    assert (other["verdict"], other["case"], other["tests"]) == ("cannot be tested here", "", [])
    assert other["untested"] == "no toy"
    assert set(one) == set(other)


def test_only_arms_that_are_looked_at_are_told(model: Model) -> None:
    body = "[arms.other]\ndays = 1\n" + claims["FED"] + claims["expect"]("x", "low = 1", arm="other")
    claims["write"](model.library / "evidence", body + claims["expect"]("x", "low = 1"), study="two_2008")
    text = claims["claim"]("CL001", claims["trial"]("CL001", "two_2008", "for", "[2]"))
    (model.library / "claims.toml").write_text(text, encoding="utf-8")
    (found,) = judge(model, list(read_claims(model.library).values()), draws=0)
    assert set(document(found)["tests"][0]["arms"]) == {"rest"}
    assert document(found)["tests"][0]["expectations"][0]["q05"] is None
