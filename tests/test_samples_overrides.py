"""A user's own table of taxa goes before the library's, and its faults are named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gutskin.errors import InputError
from gutskin.samples import Sample, map_sample
from gutskin.samples.overrides import with_overrides
from gutskin.samples.taxa import load_taxa


def _write(folder: Path, text: str) -> Path:
    path = folder / "mine.tsv"
    path.write_text(text.replace("|", "\t"), encoding="utf-8")
    return path


def _guild(taxon: str, path: Path, site: str = "stool") -> tuple[str, str]:
    sample = Sample(site, "ada", "one", (taxon,), np.array([1000.0]), "counts", 1000)
    (route,) = map_sample(sample, refuse=False, overrides=path).routes
    return route.guild, route.way


def test_rows_go_before_rows_and_synonyms_of_the_library(tmp_path: Path) -> None:
    path = _write(
        tmp_path,
        "taxon|guild|table\n"
        "g__Phocaeicola|prevotella|\n"
        "Blautia|none|gut\n"
        "g__GGB9345|roseburia|\n"
        "f__Neisseriaceae|none|skin\n"
        "Homo sapiens|enterobacteriaceae|gut\n",
    )
    assert _guild("g__Phocaeicola", path) == ("prevotella", "genus")
    assert _guild("g__Blautia", path) == ("", "unmapped")
    assert _guild("f__Lachnospiraceae;g__GGB9345", path) == ("roseburia", "genus")
    assert _guild("g__Homo;s__Homo sapiens", path) == ("enterobacteriaceae", "species")
    assert _guild("g__Bacteroides", path) == ("bacteroides", "genus")
    assert _guild("f__Neisseriaceae", path, "skin:face") == ("", "unmapped")


def test_the_library_itself_stays_as_it_is(tmp_path: Path) -> None:
    before = {site: dict(rows) for site, rows in load_taxa().rows.items()}
    with_overrides(_write(tmp_path, "taxon|guild\ng__Bacteroides|prevotella\n"), load_taxa())
    assert {site: dict(rows) for site, rows in load_taxa().rows.items()} == before


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("name|group\ng__Blautia|roseburia\n", "E520", "columns"),
        ("taxon|guild\ng__Blautia|rosburia\n", "E521", "roseburia"),
        ("taxon|guild\ng__Blautia|none\n", "E521", "table is one of"),
        ("taxon|guild|table\ng__Blautia|roseburia|skin\n", "E521", "no guild of"),
        ("taxon|guild\no__Clostridiales|roseburia\n", "E522", "species, genus or family"),
        ("taxon|guild\nuncultured|roseburia\n", "E522", "species, genus or family"),
        ("taxon|guild\ng__Blautia|roseburia\nBlautia|prevotella\n", "E522", "twice"),
        ("taxon|guild\ng__Blautia\n", "E310", "cells"),
    ],
)
def test_a_faulty_table_is_refused(tmp_path: Path, text: str, code: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        with_overrides(_write(tmp_path, text), load_taxa())
    assert caught.value.code == code
    assert said in str(caught.value)
    assert "mine.tsv" in caught.value.where
