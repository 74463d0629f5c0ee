"""Features get their lineages from their own file or another, whichever way up the table stands."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from gutskin.errors import InputError
from gutskin.samples import features
from gutskin.samples.features import FeatureTable, named
from gutskin.samples.raw import RawTable

IDS = tuple(f"{k:032x}" for k in range(3))
LINEAGES = {IDS[0]: "g__A", IDS[1]: "g__B", IDS[2]: "g__A"}
VALUES = np.array([[1.0, 2.0], [3.0, 0.0], [5.0, 7.0]])


def _table(matrix: object = VALUES, ids: tuple[str, ...] = IDS, **more: object) -> FeatureTable:
    return FeatureTable(ids, ("s1", "s2"), matrix, "t.biom", "biom", **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("matrix", [VALUES, csr_matrix(VALUES)], ids=["dense", "sparse"])
def test_features_of_one_lineage_are_added_up(matrix: object) -> None:
    found = named(_table(matrix, lineages=LINEAGES), None, "")
    assert found.taxa == ("g__A", "g__B")
    assert found.values.tolist() == [[6.0, 9.0], [3.0, 0.0]]
    assert found.merge
    assert found.counted


@given(st.lists(st.integers(0, 3), min_size=1, max_size=12), st.randoms())
def test_no_read_is_lost_or_made(groups: list[int], random: object) -> None:
    ids = tuple(f"{k:032x}" for k in range(len(groups)))
    values = np.arange(1.0, 1 + 2 * len(groups)).reshape(-1, 2)
    known = {name: f"g__{group}" for name, group in zip(ids, groups, strict=True)}
    found = named(_table(values, ids), known, "x")
    assert found.values.sum(axis=0).tolist() == values.sum(axis=0).tolist()
    assert len(found.taxa) == len(set(groups))


def test_a_taxonomy_of_its_own_file_is_preferred() -> None:
    found = named(_table(lineages=LINEAGES), dict.fromkeys(IDS, "g__C"), "other.tsv")
    assert found.taxa == ("g__C",)


@pytest.mark.parametrize("lineages", [LINEAGES, None], ids=["by the taxonomy", "by the looks of the names"])
def test_a_table_with_samples_in_rows_is_turned(lineages: dict[str, str] | None) -> None:
    names = IDS if lineages else tuple(f"g__{k};s__" for k in "ABC")
    table = FeatureTable(("s1", "s2"), names, VALUES.T, "t", "R")
    if lineages is None:
        raw = RawTable(("s1", "s2"), names, VALUES.T, ("t, line 2", "t, line 3"), merge=False, reader="table",
                       features=("s1", "s2"))  # fmt: skip
        found = named(raw, None, "")
        assert "samples stand in rows" in found.said
    else:
        found = named(table, lineages, "x")
    assert found.columns == ("s1", "s2")
    assert found.values.sum() == VALUES.sum()


def test_numbers_that_name_samples_do_not_turn_a_table() -> None:
    raw = RawTable(("Blautia",), ("1", "2"), np.array([[5.0, 6.0]]), ("t, line 2",), merge=False,
                   reader="table", features=("Blautia",))  # fmt: skip
    assert named(raw, None, "").columns == ("1", "2")


def test_features_that_the_taxonomy_does_not_know_are_unassigned_and_told() -> None:
    found = named(_table(), {IDS[1]: "g__B"}, "x")
    assert found.taxa == ("unassigned", "g__B")
    assert found.said == "2 of 3 features are not in the taxonomy"
    with pytest.raises(InputError, match=r"E512 none of the 3"):
        named(_table(), {"other": "g__B"}, "x")


def test_otus_match_however_many_noughts_they_are_written_with() -> None:
    table = _table(ids=("Otu0001", "Otu0002", "Otu0010"))
    found = named(table, {"Otu01": "g__A", "2": "g__B", "OTU10": "g__C"}, "x")
    assert found.taxa == ("g__A", "g__B", "g__C")


@pytest.mark.parametrize(
    "name",
    ["4479944", "0a1b2c3d4e5f60718293a4b5c6d7e8f9", "ACGT" * 20, "OTU_12", "ASV7", "Zotu3", "GG_OTU_1",
     "New.ReferenceOTU4", "New.CleanUp.ReferenceOTU9", "denovo12", "sp5"],
)  # fmt: skip
def test_identifiers_without_a_taxonomy_are_refused_with_the_option_to_use(name: str) -> None:
    with pytest.raises(InputError, match=r"E318.*--taxonomy"):
        named(FeatureTable((name,), ("s1",), np.ones((1, 1)), "t", "biom"), None, "")


@pytest.mark.parametrize(
    "name", ["Blautia", "g__Blautia", "Blautia_sp_12", "GGB2998_SGB3988", "Bacteroides_OTU"]
)
def test_names_are_no_identifiers(name: str) -> None:
    found = named(FeatureTable((name,), ("s1",), np.ones((1, 1)), "t", "biom"), None, "")
    assert found.taxa == (name,)


@pytest.mark.parametrize(
    ("value", "code"), [(np.nan, "E313"), (np.inf, "E313"), (-np.inf, "E313"), (-1.0, "E312")]
)
@pytest.mark.parametrize("kind", [np.array, csr_matrix], ids=["dense", "sparse"])
def test_a_bad_number_is_found_before_rows_are_added_up(value: float, code: str, kind: type) -> None:
    values = VALUES.copy()
    values[2, 1] = value
    with pytest.raises(InputError, match=rf"{code}.*row '0+2', sample 's2'"):
        named(_table(kind(values), lineages=LINEAGES), None, "")


def test_a_feature_or_sample_twice_and_an_empty_table_are_refused() -> None:
    with pytest.raises(InputError, match="E314"):
        named(_table(ids=(IDS[0], IDS[1], IDS[0]), lineages=LINEAGES), None, "")
    with pytest.raises(InputError, match="E317"):
        named(FeatureTable(IDS, ("s", "s"), VALUES, "t", "biom", lineages=LINEAGES), None, "")
    with pytest.raises(InputError, match="E320"):
        named(FeatureTable((), ("s",), np.empty((0, 1)), "t", "biom"), None, "")


def test_a_table_too_large_to_hold_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(features, "MOST_CELLS", 3)
    with pytest.raises(InputError, match="E508 2 taxa of 2 samples are more than 3 numbers"):
        named(_table(lineages=LINEAGES), None, "")
