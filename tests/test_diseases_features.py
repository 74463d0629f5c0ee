"""Taxa of signatures are found in tables by name and rank, and absence is told from not being shown."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pytest

from gutskin.diseases.features import FLOOR, listed_names, log_shares, membership, shares_of, visible
from gutskin.diseases.signature import Row
from gutskin.samples.names import clean

_TOYS = runpy.run_path(str(Path(__file__).with_name("disease_toys.py")))
folded, sample = (_TOYS[name] for name in ("folded", "sample"))


@pytest.mark.parametrize(
    ("taxon", "name", "rank", "same"),
    [
        ("k__Bacteria;f__Lachnospiraceae;g__Blautia", "Blautia", "genus", True),
        ("k__Bacteria;f__Lachnospiraceae;g__Blautia_A", "Blautia", "genus", True),
        ("k__Bacteria;f__Lachnospiraceae;g__Blautia", "Lachnospiraceae", "family", True),
        ("k__Bacteria;f__Lachnospiraceae;g__[Ruminococcus]", "Ruminococcus", "genus", False),
        ("g__Phocaeicola", "Bacteroides", "genus", True),
        ("g__Blautia", "Blautia", "species", False),
        ("g__Escherichia-Shigella", "Escherichia/Shigella", "genus", True),
    ],
)
def test_a_taxon_belongs_to_a_row(taxon: str, name: str, rank: str, same: bool) -> None:
    row = Row(name, rank, "up", "none", "", "assumed")
    assert membership([clean(taxon).text], [row]).tolist() == [[same]]


def test_another_name_of_the_row_is_enough() -> None:
    row = Row("Firmicutes", "phylum", "up", "none", "", "assumed", also=("Bacillota",))
    assert membership(["p__Bacillota"], [row]).all()


def test_shares_add_up_over_the_taxa_of_a_row() -> None:
    found = sample({"Aaa": 1.0, "Aaa_B": 2.0, "Ccc": 7.0})
    rows = [folded("Aaa", (1.0, 0.1)), folded("Zzz", (1.0, 0.1))]
    assert shares_of(found, membership(found.taxa, rows)) == pytest.approx([0.3, 0.0])
    assert log_shares(np.array([0.0])) == pytest.approx([np.log2(FLOOR)])


def test_an_absent_genus_is_seen_where_genera_are_named_and_a_species_where_it_is_listed() -> None:
    found = sample({"Aaa": 1.0, "Ccc": 9.0})
    rows = [folded("Zzz", (1.0, 0.1)), folded("Zzz major", (1.0, 0.1), rank="species")]
    assert visible(found, rows).tolist() == [True, False]
    assert visible(found, rows, listed_names(["g__Zzz;s__Zzz major"])).tolist() == [True, True]


def test_an_absent_genus_is_not_seen_where_most_reads_name_families_only() -> None:
    found = sample({"Aaa": 1.0, "Ccc": 2.0})
    coarse = type(found)("stool", "a", "a", ("g__Aaa", "f__Cccaceae"), found.abundance, "counts", found.depth)
    assert visible(coarse, [folded("Aaa", (1.0, 0.1)), folded("Zzz", (1.0, 0.1))]).tolist() == [True, False]
