"""Signatures of diseases are read with every number checked, and those of the library all read."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

from gutskin.diseases import disease_names, faults, read, read_diseases, read_signature
from gutskin.errors import GutskinError
from gutskin.ledger import read_sources
from gutskin.paths import LIBRARY

_TOYS = runpy.run_path(str(Path(__file__).with_name("disease_toys.py")))
COHORTS, COMMON, COUNTS, FOLDS, HEAD, MARKER, WHOLE, put = (
    _TOYS[name] for name in ("COHORTS", "COMMON", "COUNTS", "FOLDS", "HEAD", "MARKER", "WHOLE", "put")
)

DISEASES = read_diseases()
NAMED = {each.name: each for each in DISEASES}


def test_a_whole_file_is_read(tmp_path: Path) -> None:
    found = read_signature("toy", put(tmp_path, WHOLE))
    first, second = found.rows
    assert (found.name, found.site, found.cohorts["one"].controls) == ("toy", "gut", 8)
    assert (first.cohorts, first.agree, first.significant) == (2, 2, 1)
    assert (first.median, first.spread, first.unit) == (1.5, (1.0, 2.0), "log2 fold")
    assert (second.cohorts, second.agree, second.significant, second.spread) == (3, 2, 1, None)
    assert (found.markers[0].value, found.markers[0].high) == (2.0, 3.0)


def test_a_capped_fold_tells_its_sign_and_no_size(tmp_path: Path) -> None:
    text = WHOLE.replace("two = 2.0 }", "two = 9.0 }\ncapped = ['two']").replace("size = 1.5", "size = 1.0")
    row = read_signature("toy", put(tmp_path, text)).rows[0]
    assert (row.median, row.spread, row.agree) == (1.0, None, 2)
    assert row.votes(0.5) == (1.5, 0.0)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('label = "toy"\n', "", "E481"),
        ('site = "gut"', 'site = "knee"', "E481"),
        ('about = "made up"', 'about = "made up"\nsee = ["nobody"]', "E481"),
        ('about = "made up"', 'about = "made up"\nabuot = "it"', "E481"),
        ("cases = 9", "cases = 0", "E481"),
        ('unit = "log2 fold"', 'unit = "log2 fold"\nsize = 3', "E481"),
        (FOLDS, "taxon = 3\n", "E481"),
        ('rank = "genus"', 'rank = "tribe"', "E482"),
        ('direction = "up"\nsize', 'direction = "sideways"\nsize', "E482"),
        ('direction = "up"\nsize', 'direction = "up"\nsiez = 2\nsize', "E482"),
        ('name = "Bbb"', "name = 3", "E482"),
        ('name = "Bbb"', 'name = "Aaa"\nrank = "genus"', "E130"),
        ('name = "Bbb"\nrank = "family"', 'name = "Aaa"\nrank = "genus"', "E482"),
        ("size = 1.5", "size = true", "E482"),
        ('grade = "assumed"\n[cohorts]', 'grade = "certain"\n[cohorts]', "E482"),
        ("q = { one = 0.01, two = 0.4 }", "q = { one = 0.01 }", "E482"),
        ("q = { one = 0.01, two = 0.4 }", "q = { one = 1.01, two = 0.4 }", "E482"),
        ("two = { cases", "tow = { cases", "E482"),
        ("size = 1.5", "size = 1.5\ncohorts = 2", "E482"),
        ("significant = 1", "", "E482"),
        ("significant = 1", "significant = 1\nverified = 'no'", "E482"),
        ("significant = 1", "significant = 1\nalso = 'it'", "E482"),
        ("size = 1.5", "size = 1.6", "E483"),
        ('direction = "up"\nsize', 'direction = "down"\nsize', "E483"),
        ("agree = 2", "agree = 4", "E483"),
        ('direction = "down"\ncohorts', 'direction = "flat"\ncohorts', "E483"),
        ("low = 1.0\n", "", "E483"),
        ("value = 2.0", "value = 4.0", "E483"),
    ],
)
def test_what_is_wrong_is_refused(old: str, new: str, code: str, tmp_path: Path) -> None:
    text = WHOLE.replace(old, new, 1)
    assert text != WHOLE
    with pytest.raises(GutskinError) as caught:
        read_signature("toy", put(tmp_path, text))
    assert caught.value.code == code
    assert "toy" in caught.value.where
    assert caught.value.remedy


def test_an_unknown_name_is_refused_with_the_nearest() -> None:
    with pytest.raises(GutskinError, match=r"E480 .* - did you mean psoriasis or"):
        read_signature("psoriasi")


def test_lint_tells_every_fault_of_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "diseases"
    folder.mkdir()
    put(folder, HEAD + COMMON + COHORTS + FOLDS + COUNTS, "good")
    put(folder, WHOLE.replace('source = "none"', 'source = "smth_2001"', 1), "unsourced")
    put(folder, MARKER, "headless")
    (folder / "healthy_gut.tsv").write_text(
        "# nobody\nrank\ttaxon\tmean\tsd\tx\ngenus\tAaa\t1\n", encoding="utf-8"
    )
    found = [each.code for each in faults(tmp_path, {"smith_2001": None})]
    assert sorted(found) == ["E137", "E137", "E481", "E484"]


# the page


def test_the_page_lists_the_keys_and_no_other() -> None:
    page = (Path(__file__).parents[1] / "docs" / "diseases.md").read_text(encoding="utf-8")
    for head, known in (
        ("Signature", read._KEYS),
        ("Taxon", read._TAXON_KEYS),
        ("Marker", read._MARKER_KEYS),
    ):
        (table,) = re.findall(rf"^\| {head} key \|.*?(?:\n\n|\Z)", page, re.M | re.S)
        firsts = [line.split("|")[1] for line in table.strip().splitlines()[2:]]
        assert {key for cell in firsts for key in re.findall(r"`(\w+)`", cell)} == known, head


# the library


def test_every_signature_of_the_library_reads_and_is_sourced() -> None:
    assert len(DISEASES) == len(disease_names()) > 20
    assert faults(LIBRARY, read_sources(LIBRARY / "sources.bib")) == []


def test_irritable_and_inflammatory_bowel_are_two_and_the_pooled_cohorts_say_so() -> None:
    pooled, irritable = NAMED["inflammatory_bowel_disease"], NAMED["irritable_bowel_syndrome"]
    assert irritable.name in pooled.see
    assert not {r.source for r in pooled.rows} & {r.source for r in irritable.rows}
    assert not NAMED["ulcerative_colitis"].rows
    assert pooled.name in NAMED["ulcerative_colitis"].see


def test_the_library_holds_the_rows_of_its_table() -> None:
    meta = [row for each in DISEASES for row in each.rows if row.source == "duvallet_2017"]
    assert len(meta) == 233
    unverified = [row for each in DISEASES for row in each.rows if not row.verified]
    assert unverified
    assert all(row.significant < row.cohorts for row in unverified)


@pytest.mark.parametrize(
    ("disease", "taxon", "size", "cohorts", "agree", "significant"),
    [
        ("inflammatory_bowel_disease", "Ruminococcus", -1.58, 4, 4, 3),
        ("colorectal_cancer", "Porphyromonas", 5.70, 4, 4, 3),
        ("c_difficile_infection", "Faecalibacterium", -4.97, 2, 2, 2),
        ("obesity", "Roseburia", 0.31, 5, 4, 2),
    ],
)
def test_rows_are_as_published(
    disease: str, taxon: str, size: float, cohorts: int, agree: int, significant: int
) -> None:
    row = next(each for each in NAMED[disease].rows if each.name == taxon)
    assert (row.size, row.cohorts, row.agree, row.significant) == (size, cohorts, agree, significant)
