"""Bias: how far shares may be off, by body part, method and region; every figure with a source or assumed."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gutskin.errors import LibraryError
from gutskin.ledger import GRADES, read_toml
from gutskin.paths import LIBRARY
from gutskin.samples import Mapping, Sample, map_sample
from gutskin.samples.bias import bias_of, load_regions
from gutskin.samples.taxa import load_taxa

DATA = read_toml(LIBRARY / "taxa" / "regions.toml")


def _rows() -> list[dict[str, Any]]:
    defaults = [row for rows in DATA["default"].values() for row in rows.values()]
    return [*defaults, *DATA["effect"], *DATA["unseen"]]


def test_every_row_has_a_grade_and_only_assumed_ones_lack_a_source() -> None:
    for row in _rows():
        assert row["grade"] in GRADES
        assert row["source"] != "none" or row["grade"] == "assumed"
        assert row.get("why") or row.get("where")


def test_every_guild_and_body_part_that_is_named_exists() -> None:
    taxa = load_taxa()
    assert set(DATA["default"]) == set(taxa.rows)
    assert {row["guild"] for row in DATA["effect"]} <= set(taxa.guilds)
    assert {name for row in DATA["unseen"] for name in row["guilds"]} <= set(taxa.guilds)


def test_an_effect_adds_to_the_default_in_squares_of_logarithms() -> None:
    regions = load_regions()
    default = regions.default["skin", "16S"]
    (effect,) = regions.of("V4")
    found = bias_of("skin", [effect.guild, "staphylococcus"], "16S", "V4", regions)
    both = math.hypot(math.log(default), math.log(effect.gsd))
    assert found.gsd["staphylococcus"] == pytest.approx(default)
    assert math.log(found.gsd[effect.guild]) == pytest.approx(both)
    assert found.directions == {effect.guild: "down"}
    assert bias_of("skin", [effect.guild], "shotgun", "V4", regions).directions == {}


def _mapped(reads: dict[str, float], site: str, **how: str) -> Mapping:
    values = np.array(list(reads.values()), dtype=float)
    return map_sample(Sample(site, "ada", "one", tuple(reads), values, "counts", int(values.sum())), **how)  # type: ignore[arg-type]


def test_a_sample_in_which_a_primer_shows_is_widened_though_nobody_told_the_region() -> None:
    few = _mapped({"g__Cutibacterium": 10.0, "g__Staphylococcus": 990.0}, "skin:face")
    many = _mapped({"g__Cutibacterium": 500.0, "g__Staphylococcus": 500.0}, "skin:face")
    assert few.bias.gsd["cutibacterium"] > 10 > many.bias.gsd["cutibacterium"]
    assert few.bias.gsd["staphylococcus"] == many.bias.gsd["staphylococcus"]
    told = _mapped({"g__Cutibacterium": 10.0, "g__Staphylococcus": 990.0}, "skin:face", region="V1-V3")
    assert told.bias.gsd["cutibacterium"] < 10


def test_bias_is_told_of_the_guilds_that_have_shares() -> None:
    found = _mapped({"g__Bacteroides": 900.0, "g__Bifidobacterium": 100.0}, "stool", region="V1-V3")
    assert set(found.bias.gsd) == set(found.shares) == set(found.cells)
    assert found.bias.directions == {"bifidobacterium": "down"}


def test_archaea_that_primers_do_not_copy_are_not_called_absent() -> None:
    reads = {"g__Bacteroides": 1000.0}
    assert "methanogens" in _mapped(reads, "stool", region="V3-V5").unseen
    assert _mapped(reads, "stool", region="V4").shares["methanogens"] == 0.0
    seen = {**reads, "g__Methanobrevibacter": 10.0}
    assert _mapped(seen, "stool", region="V3-V5").shares["methanogens"] > 0


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("gsd = 30", "gsd = 1.0"),
        ('direction = "down"', 'direction = "low"'),
        ('region = "V4"', 'region = "V9"'),
    ],
)
def test_a_faulty_file_is_refused(tmp_path: Path, before: str, after: str) -> None:
    text = (LIBRARY / "taxa" / "regions.toml").read_text(encoding="utf-8")
    assert before in text
    (tmp_path / "regions.toml").write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(LibraryError, match="E340"):
        load_regions(tmp_path)
