"""Copies of the 16S gene: shares of cells from shares of reads, by genus first."""

from __future__ import annotations

import numpy as np
import pytest

from gutskin.samples import Mapping, Sample, map_sample
from gutskin.samples.copies import load_copies
from gutskin.samples.taxa import load_taxa


def _mapped(reads: dict[str, float], source: str = "made up", **how: bool | str) -> Mapping:
    values = np.array(list(reads.values()), dtype=float)
    sample = Sample("stool", "ada", "one", tuple(reads), values, "counts", int(values.sum()), source)
    return map_sample(sample, refuse=False, **how)  # type: ignore[arg-type]


def test_every_guild_has_copies_for_taxa_without_a_row() -> None:
    assert set(load_copies().guilds) == set(load_taxa().guilds)


def test_cells_are_reads_over_copies() -> None:
    copies = load_copies().genera
    found = _mapped({"g__Escherichia": 700.0, "g__Akkermansia": 300.0})
    cells = {
        "enterobacteriaceae": 700.0 / copies["escherichia"],
        "akkermansia": 300.0 / copies["akkermansia"],
    }
    total = sum(cells.values())
    assert found.corrected
    assert found.shares["enterobacteriaceae"] == pytest.approx(0.7)
    for guild, value in cells.items():
        assert found.cells[guild] == pytest.approx(value / total)
    assert found.copies == pytest.approx(1000.0 / total)
    assert sum(found.cells.values()) == pytest.approx(1.0)


def test_the_genus_as_named_counts_before_the_taxon_of_the_guild_and_before_the_guild() -> None:
    table = load_copies()
    phocaeicola = _mapped({"g__Phocaeicola": 100.0})
    assert phocaeicola.routes[0].via == "Bacteroides"
    assert phocaeicola.copies == pytest.approx(table.genera["phocaeicola"])
    assert _mapped({"g__Segatella": 100.0}).copies == pytest.approx(table.genera["prevotella"])
    assert _mapped({"g__Blautia_A": 100.0}).copies == pytest.approx(table.genera["blautia"])
    assert _mapped({"f__Lachnospiraceae": 100.0}).copies == pytest.approx(table.guilds["roseburia"])


def test_the_old_name_of_a_skin_genus_takes_the_copies_of_the_new_one() -> None:
    values = np.array([100.0])
    sample = Sample("skin:face", "ada", "one", ("g__Propionibacterium",), values, "counts", 100)
    assert map_sample(sample).copies == pytest.approx(load_copies().genera["cutibacterium"])


@pytest.mark.parametrize(
    ("source", "how", "corrected"),
    [
        ("a.biom (biom)", {}, True),
        ("a.tsv (metaphlan)", {}, False),
        ("a.tsv (bracken)", {}, False),
        ("a.report (kraken_report)", {}, False),
        ("a.tsv (table)", {"region": "shotgun"}, False),
        ("a.tsv (metaphlan)", {"region": "V4"}, True),
        ("a.biom (biom)", {"correct": False}, False),
        ("a.tsv (metaphlan)", {"correct": True}, True),
    ],
)
def test_only_16s_is_corrected_unless_told(source: str, how: dict[str, bool | str], corrected: bool) -> None:
    found = _mapped({"g__Escherichia": 700.0, "g__Akkermansia": 300.0}, source, **how)
    assert found.corrected is corrected
    assert (found.copies is not None) is corrected
    assert (found.cells == found.shares) is not corrected
