"""``gutskin diseases``: the list, the rows of one, and a sample against all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gutskin.cli import app, complete
from gutskin.diseases import disease_names
from gutskin.errors import GutskinError
from gutskin.paths import LIBRARY

PERSON = LIBRARY / "people" / "hmp_009.tsv"


def call(*words: object) -> str:
    done = CliRunner().invoke(app, ["diseases", *map(str, words)], catch_exceptions=False)
    assert done.exit_code == 0
    return done.stdout


def test_the_list_names_every_signature() -> None:
    listed = json.loads(call("--json"))
    assert [each["name"] for each in listed] == list(disease_names())
    by_name = {each["name"]: each for each in listed}
    assert by_name["psoriasis"]["agree"] == "41%"
    assert (by_name["rosacea"]["taxa"], by_name["rosacea"]["markers"]) == ("0", "1")
    assert "colorectal_cancer" in call()


def test_the_rows_of_one_with_what_is_unverified_and_its_markers() -> None:
    said = call("cardiovascular_disease")
    assert "unverified" in said
    assert "1.62 (1.45 to 1.8)" in said
    rows = json.loads(call("inflammatory_bowel_disease", "--json"))["rows"]
    first = rows[0]
    assert (first["name"], first["cohorts"], first["agree"], first["spread"]) == (
        "Faecalibacterium", 4, 3, [-0.45, 0.23],
    )  # fmt: skip


def test_a_sample_gets_scores_refusals_and_a_caution() -> None:
    said = call("--sample", PERSON, "--site", "stool")
    assert "refused" in said
    assert "contradict" in said
    assert "no diagnosis" in said
    (found,) = json.loads(call("psoriasis", "--sample", PERSON, "--site", "stool", "--json"))
    assert found["diseases"][0]["refused"]["kind"] == "conflict"
    (found,) = json.loads(call("type_2_diabetes", "--sample", PERSON, "--site", "stool", "--json"))
    one = found["diseases"][0]
    assert one["low"] < one["value"] < one["high"]
    assert 0 < one["healthy_below"] < 1
    assert len(one["parts"]) == 8


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["nothing"], "E480"),
        (["nothing", "--sample", PERSON], "E480"),
        (["atopic_dermatitis_skin", "--sample", PERSON, "--site", "stool"], "E486"),
        (["--sample", PERSON, "--site", "stool", "--healthy", PERSON], "E485"),
    ],
)
def test_wrong_words_are_one_clear_line(words: list[object], code: str, tmp_path: Path) -> None:
    with pytest.raises(GutskinError) as caught:
        call(*words)
    assert caught.value.code == code


def test_names_are_completed() -> None:
    assert complete.diseases("psor") == ["psoriasis"]
    assert complete.diseases("") == sorted(disease_names())
