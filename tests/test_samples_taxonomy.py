"""Taxonomies are read from QIIME 2, mothur, R, and text with or without a header."""

from __future__ import annotations

from pathlib import Path

import pytest

from gutskin.errors import InputError
from gutskin.samples.names import clean
from gutskin.samples.ranks import are_ranks, lineage_of
from gutskin.samples.taxonomy import read_taxonomy

FILES = Path(__file__).parent / "fixtures" / "samples"
GENERA = ["Bacteroides", "Blautia", "Blautia", "Bacteroides"]


@pytest.mark.parametrize(
    "name", ["taxonomy.qza", "taxtab.rds", "taxtab.tsv", "otus.cons.taxonomy", "list.rda"]
)
def test_every_form_names_the_same_genera(name: str) -> None:
    found = read_taxonomy(FILES / name)
    assert [clean(text).name("genus") for text in found.values()] == GENERA
    assert clean(list(found.values())[2]).name("species") == ("" if "otus" in name else "Blautia obeum")


@pytest.mark.parametrize(
    "text",
    [
        "228054\tk__Bacteria; g__Blautia\nB2\tk__Bacteria; g__Alistipes\n",
        "Feature ID\tTaxon\n228054\tk__Bacteria; g__Blautia\nB2\tk__Bacteria; g__Alistipes\n",
        "#OTU ID\ttaxonomy\tsize\n228054\tk__Bacteria; g__Blautia\t1\nB2\tk__Bacteria; g__Alistipes\t1\n",
        "id,Genus,Family\n228054,Blautia,NA\nB2,g__Alistipes,\n",
        "id\tlength\twhat it is\n228054\t250\tBacteria;Blautia\nB2\t251\tBacteria;Alistipes\n",
    ],
    ids=["no header", "QIIME 2", "BIOM", "ranks", "by the looks of the cells"],
)
def test_text_of_several_forms(text: str, tmp_path: Path) -> None:
    path = tmp_path / "taxonomy"
    path.write_text(text)
    found = read_taxonomy(path)
    assert list(found) == ["228054", "B2"]
    assert "Blautia" in found["228054"]
    assert "Alistipes" in found["B2"]


def test_ranks_are_joined_in_their_order_and_what_is_unknown_is_left_out() -> None:
    said = lineage_of(("Kingdom", "sequence", "Genus", "Species"), ("Bacteria", "ACGT", "NA", None))
    assert said == "k__Bacteria"
    assert lineage_of(("Genus", "Species"), ("D_5__Blautia", "s__obeum")) == "D_5__Blautia;s__obeum"
    assert are_ranks(("Kingdom", "x", "genus"))
    assert not are_ranks(("Family", "Dataset"))


def test_a_table_and_an_archive_without_a_taxonomy_are_refused() -> None:
    for name in ("feature_table.qza", "bracken.tsv", "seqtab.rds"):
        with pytest.raises(InputError, match="E511") as caught:
            read_taxonomy(FILES / name)
        assert name in caught.value.where
