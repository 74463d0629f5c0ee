"""Every error code of samples has a minimal bad file, and its message names what, where and a remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from gutskin.errors import InputError
from gutskin.samples import map_sample, read_samples

BAD = Path(__file__).parent / "bad" / "samples"
FILES = sorted(path for path in BAD.iterdir() if path.is_file())


def _refusal(path: Path) -> InputError:
    with pytest.raises(InputError) as caught:
        _ = [map_sample(sample) for sample in read_samples(path)]
    return caught.value


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_bad_file_is_refused_with_its_code_place_and_remedy(path: Path) -> None:
    error = _refusal(path)
    assert error.code == path.name.split("_", 1)[0]
    assert error.message
    assert error.remedy
    assert path.name in error.where or "ada" in error.where


def test_missing_file_and_folder() -> None:
    assert _refusal(BAD / "not_there.tsv").code == "E300"
    assert _refusal(BAD).code == "E301"


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("E310_ragged.tsv", "line 3"),
        ("E311_text.tsv", "line 3, column 'ada.stool'"),
        ("E312_negative.tsv", "line 3, column 'ada.stool'"),
        ("E313_not_finite.tsv", "line 3, column 'ada.stool'"),
        ("E314_twice.tsv", "line 3"),
    ],
)
def test_the_place_is_the_line_and_the_column(name: str, place: str) -> None:
    assert place in _refusal(BAD / name).where


@pytest.mark.parametrize("name", ["E323_no_columns.tsv", "E324_other_samples.tsv"])
def test_bad_metadata_is_refused(name: str) -> None:
    folder = BAD / "metadata"
    with pytest.raises(InputError) as caught:
        read_samples(folder / "table.tsv", metadata=folder / name)
    assert caught.value.code == name.split("_", 1)[0]
    assert name in caught.value.where
    assert caught.value.remedy


@pytest.mark.parametrize("name", ["E511_no_lineages.tsv", "E512_other_features.tsv", "E514_two_lineages.tsv"])
def test_bad_taxonomy_is_refused(name: str) -> None:
    folder = BAD / "taxonomy"
    with pytest.raises(InputError) as caught:
        read_samples(folder / "table.biom", taxonomy=folder / name)
    assert caught.value.code == name.split("_", 1)[0]
    assert name in caught.value.where
    assert caught.value.remedy


def test_a_taxonomy_for_taxa_that_a_program_named_is_refused() -> None:
    folder = BAD / "taxonomy"
    with pytest.raises(InputError, match=r"E513.*leave --taxonomy out"):
        read_samples(folder / "profile.txt", taxonomy=folder / "E512_other_features.tsv", site="stool")


def test_metadata_that_is_no_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("one column only\n")
    with pytest.raises(InputError, match="E323"):
        read_samples(BAD / "metadata" / "table.tsv", metadata=tmp_path / "words.txt")


def test_unknown_site_is_answered_with_the_nearest() -> None:
    with pytest.raises(InputError, match=r"E321.*did you mean skin:axilla") as caught:
        read_samples(BAD / "metadata" / "table.tsv", site="armpitt")
    assert caught.value.remedy
    assert "stool" in _refusal(BAD / "E321_unknown_site.tsv").remedy


def test_a_site_or_person_that_the_file_does_not_hold_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "six.tsv"
    path.write_text("taxon\tada.stool\nBlautia\t100\n")
    with pytest.raises(InputError, match="E326") as caught:
        read_samples(path, site="face")
    assert "stool" in caught.value.remedy
    with pytest.raises(InputError, match="E326") as caught:
        read_samples(path, person="adam")
    assert "ada" in caught.value.remedy


def test_too_little_mapped_says_which_taxa_were_lost() -> None:
    error = _refusal(BAD / "E330_little_mapped.tsv")
    assert "30%" in error.message
    assert "Cutibacterium 70%" in error.remedy


def test_a_misspelt_genus_is_suggested(tmp_path: Path) -> None:
    path = tmp_path / "typo.tsv"
    path.write_text("taxon\tada.stool\nBacteriodes\t70\nBlautia\t30\n")
    assert "Bacteriodes 70% (did you mean Bacteroides?)" in _refusal(path).remedy
