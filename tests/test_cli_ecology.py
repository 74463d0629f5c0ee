"""``gutskin ecology``: tables, JSON, the picture, refusals and completion."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from typer.testing import CliRunner

from gutskin.cli import app, complete
from gutskin.ecology import METRICS
from gutskin.errors import GutskinError


def call(*words: object) -> str:
    done = CliRunner().invoke(app, ["ecology", *map(str, words)], catch_exceptions=False)
    assert done.exit_code == 0
    return done.stdout


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Twelve made-up samples, half of them with other tastes, with metadata."""
    rng = np.random.default_rng(1)
    genera = ("Bacteroides", "Prevotella", "Blautia", "Roseburia", "Akkermansia")
    names = [f"s{k}" for k in range(12)]
    counts = [rng.multinomial(2000, rng.dirichlet([9.0, 9.0 * (k < 6) + 1, 5, 5, 1])) for k in range(12)]
    rows = ["\t".join(("taxon", *names))]
    rows += [
        "\t".join((f"g__{genus}", *map(str, row)))
        for genus, row in zip(genera, np.transpose(counts), strict=True)
    ]
    (tmp_path / "table.tsv").write_text("\n".join(rows) + "\n")
    facts = ["sample\tsite\tperson\tdiet\tage\tage_unit"]
    facts += [
        f"{name}\tstool\tp{k}\t{'rice' if k < 6 else 'wheat'}\t{30 + k}\tyears"
        for k, name in enumerate(names)
    ]
    (tmp_path / "facts.tsv").write_text("\n".join(facts) + "\n")
    return tmp_path / "table.tsv"


def test_a_person_of_the_library_gets_every_table() -> None:
    said = call("hmp_009", "--age", 33)
    for words in ("alpha diversity", "84 adults", "what drives it", "nearest of 5", "no diagnosis"):
        assert words in said
    assert "PERMANOVA" not in said
    assert "age not told" not in said


def test_groups_and_rarefying_of_a_table(table: Path) -> None:
    words = (
        table,
        "--metadata",
        table.with_name("facts.tsv"),
        "--group",
        "diet",
        "--rarefy",
        800,
        "--seed",
        3,
    )
    said = call(*words)
    assert "rice (6), wheat (6)" in said
    assert "800 (rarefied)" in said
    (site,) = json.loads(call(*words, "--json"))["sites"]
    assert site["permanova"]["aitchison"]["p"] < 0.01
    assert [each["group"] for each in site["samples"]] == ["rice"] * 6 + ["wheat"] * 6
    assert {each["alpha"]["depth"] for each in site["samples"]} == {800}
    assert np.shape(site["distances"]["jaccard"]) == (18, 18)
    assert len(site["ordination"]["points"]) == 12 + len(site["reference_people"])
    assert json.loads(call(*words, "--json"))["sites"] == [site]


def test_a_child_is_refused_in_words_and_in_json() -> None:
    assert "adults of 18 to 40" in call("hmp_009", "--site", "stool", "--age", 0.3)
    (site,) = json.loads(call("hmp_009", "--site", "stool", "--age", 0.3, "--json"))["sites"]
    assert "0.3" in site["samples"][0]["dysbiosis"]["refused"]


def test_the_picture_is_written(table: Path, tmp_path: Path) -> None:
    out = tmp_path / "it.svg"
    assert f"picture: {out}" in call(table, "--site", "stool", "--metric", "jaccard", "--out", out).replace(
        "\n", ""
    )
    assert out.read_text().startswith("<svg")
    assert "Jaccard" in out.read_text()


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["hmp_009", "--group", "diet"], "E535"),
        (["hmp_009", "--rarefy", "10"], "E537"),
        (["hmp_009", "--healthy", Path(__file__).parent / "nowhere.tsv"], "E300"),
        (["hmp_009", "--age", "-1"], "E540"),
        (["hmp_009", "--metric", "unifrac"], "E411"),
        (["hmp_009", "--out", "it.png"], "E410"),
        (["nobody"], "E300"),
    ],
)
def test_wrong_words_are_one_clear_line(words: list[object], code: str) -> None:
    with pytest.raises(GutskinError) as caught:
        call(*words)
    assert caught.value.code == code


def test_names_are_completed(table: Path) -> None:
    assert complete.metrics("b") == ["bray_curtis"]
    assert complete.metrics("") == list(METRICS)
    assert complete.body_sites("sto") == ["stool"]
    context = SimpleNamespace(params={"metadata": table.with_name("facts.tsv")})
    assert complete.columns(context, "age") == ["age", "age_unit"]  # type: ignore[arg-type]
    assert complete.columns(SimpleNamespace(params={}), "") == []  # type: ignore[arg-type]
