"""Names of taxa: one organism in many spellings, and spellings that look alike but differ."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gutskin.samples.names import RANKS, clean, is_code, key, tail, variants


@pytest.mark.parametrize(
    "text",
    [
        "k__Bacteria; p__Firmicutes; c__Clostridia; o__Clostridiales; f__Lachnospiraceae; g__Blautia; s__",
        " k__Bacteria;p__Firmicutes;c__Clostridia;o__Clostridiales;f__Lachnospiraceae;g__Blautia",
        "D_0__Bacteria;D_1__Firmicutes;D_2__Clostridia;D_3__Clostridiales;D_4__Lachnospiraceae;D_5__Blautia",
        "k__Bacteria|p__Firmicutes|c__Clostridia|o__Clostridiales|f__Lachnospiraceae|g__Blautia",
        'Bacteria(100);"Firmicutes"(100);"Clostridia"(99);Clostridiales(98);"Lachnospiraceae"(97);Blautia(96);',
        "Bacteria;Firmicutes;Clostridia;Clostridiales;Lachnospiraceae;Blautia;uncultured bacterium",
        "Bacteria;Firmicutes;Clostridia;Clostridiales;Lachnospiraceae;Blautia;",
        "d__Bacteria;p__Firmicutes;c__Clostridia;o__Clostridiales;f__Lachnospiraceae;g__Blautia;s__uncultured_rumen",
    ],
)
def test_one_genus_in_the_spellings_of_the_databases(text: str) -> None:
    lineage = clean(text)
    assert (
        lineage.text
        == "k__Bacteria;p__Firmicutes;c__Clostridia;o__Clostridiales;f__Lachnospiraceae;g__Blautia"
    )
    assert lineage.label == "Blautia"


@pytest.mark.parametrize(
    ("text", "rank", "name"),
    [
        ("Blautia", "genus", "Blautia"),
        ("g__Blautia", "genus", "Blautia"),
        (' "Blautia" ', "genus", "Blautia"),
        ("Lachnospiraceae", "family", "Lachnospiraceae"),
        ("f__[Barnesiellaceae]", "family", "[Barnesiellaceae]"),
        ("o__Clostridiales", "order", "Clostridiales"),
        ("Bacteroides_unclassified", "genus", "Bacteroides"),
        ("Bacteroides vulgatus", "species", "Bacteroides vulgatus"),
        ("Clostridium-hiranonis", "species", "Clostridium hiranonis"),
        ("Escherichia-Shigella", "genus", "Escherichia-Shigella"),
        ("Bacteroides_vulgatus", "genus", "Bacteroides"),
        ("s__Bacteroides_vulgatus", "genus", "Bacteroides"),
        ("[Eubacterium] hallii group", "genus", "[Eubacterium] hallii group"),
        ("Clostridium sensu stricto 1", "genus", "Clostridium sensu stricto 1"),
        ("Escherichia/Shigella", "genus", "Escherichia/Shigella"),
        ("Bacteroides sp.", "genus", "Bacteroides"),
        ("k__Bacteria;f__Lachnospiraceae;g__[Ruminococcus];s__gnavus", "species", "Ruminococcus gnavus"),
        ("d__Bacteria;g__Blautia_A;s__Blautia_A wexlerae", "genus", "Blautia_A"),
        ("f__Lachnospiraceae;g__Lachnospiraceae NK4A136 group", "family", "Lachnospiraceae"),
        ("g__Lachnospiraceae_UCG-001", "family", "Lachnospiraceae"),
        ("f__Lachnospiraceae;g__Lachnospiraceae_noname", "family", "Lachnospiraceae"),
    ],
)
def test_the_name_at_a_rank(text: str, rank: str, name: str) -> None:
    assert clean(text).name(rank) == name


@pytest.mark.parametrize(
    "text", ["", "Unassigned", "unclassified", "uncultured bacterium", "NA", "Root", "k__;p__;"]
)
def test_nothing_known_is_unassigned(text: str) -> None:
    assert clean(text).ranks == ()
    assert clean(text).text == clean(text).label == "unassigned"


def test_an_empty_rank_between_keeps_the_others_in_place() -> None:
    lineage = clean("Bacteria;Firmicutes;;;Lachnospiraceae;;")
    assert (lineage.name("class"), lineage.name("family")) == ("", "Lachnospiraceae")


@pytest.mark.parametrize(
    "text", ["f__Lachnospiraceae;g__;s__", "f__Lachnospiraceae;g__uncultured;s__uncultured"]
)
def test_an_empty_genus_is_unknown(text: str) -> None:
    assert clean(text).name("genus") == ""
    assert clean(text).label == "Lachnospiraceae (family only)"


def test_brackets_and_suffixes_are_kept_but_have_looser_spellings() -> None:
    assert clean("g__[Ruminococcus]").text != clean("g__Ruminococcus").text
    assert variants("[Ruminococcus]") == ("[Ruminococcus]", "Ruminococcus")
    assert variants("Ruminococcus_B") == ("Ruminococcus_B", "Ruminococcus")
    assert variants("Prevotella 9") == ("Prevotella 9", "Prevotella")
    assert variants("") == ()


@pytest.mark.parametrize(
    "name", ["UCG-002", "CAG-56", "UBA1819", "1-68", "02d06", "WAL_1855D", "GGB9602", "SMB53"]
)
def test_codes_tell_no_genus(name: str) -> None:
    assert is_code(name)


@pytest.mark.parametrize(
    "name", ["Blautia", "Prevotella 9", "Clostridium IV", "Clostridium_XlVa", "Ruminococcus_A"]
)
def test_names_are_no_codes(name: str) -> None:
    assert not is_code(name)


def test_the_compared_spelling() -> None:
    assert key("Escherichia/Shigella") == key("escherichia-shigella")
    assert key("Clostridium_IV") == key(" clostridium  iv")
    assert tail("k__Bacteria;g__Blautia;s__") == tail('"Blautia"') == "blautia"


@given(st.text(max_size=60))
def test_any_text_is_cleaned_without_failing_and_ranks_stay_in_order(text: str) -> None:
    ranks = [rank for rank, _ in clean(text).ranks]
    assert ranks == sorted(ranks, key=RANKS.index)
    assert all(name.strip() for _, name in clean(text).ranks)


_NAME = st.from_regex(r"\A[A-Z][a-z]{4,9}\Z").filter(
    lambda name: not name.endswith(("aceae", "ales")) and clean(name).ranks
)


@given(_NAME, st.from_regex(r"\A[a-z]{4,9}us\Z"))
def test_cleaning_twice_changes_nothing(genus: str, epithet: str) -> None:
    once = clean(f"k__Bacteria; f__Somaceae; g__{genus}; s__{epithet}")
    assert clean(once.text) == once
    assert once.name("genus") == genus
