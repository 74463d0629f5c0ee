"""Sites: canonical names, synonyms, and suggestions."""

from __future__ import annotations

import pytest

from gutskin.errors import InputError
from gutskin.samples.sites import load_sites
from gutskin.samples.taxa import load_taxa


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("stool", "stool"),
        ("Stool", "stool"),
        ("gut", "stool"),
        ("FECES", "stool"),
        ("faeces", "stool"),
        ("UBERON:feces", "stool"),
        ("Left_Retroauricular_crease", "skin:retroauricular_crease"),
        ("R_Retroauricular_crease", "skin:retroauricular_crease"),
        ("skin:antecubital_fossa:right", "skin:antecubital_fossa"),
        ("left palm", "skin:hand"),
        ("Face", "skin:face"),
        ("volar forearm", "skin:forearm"),
        ("skin", "skin:unspecified"),
    ],
)
def test_spellings_of_sites(text: str, name: str) -> None:
    assert load_sites().require(text).name == name


@pytest.mark.parametrize("text", ["blank", "Extraction blank", "negative_control", "NTC", "control"])
def test_negative_controls_are_found_but_are_no_site(text: str) -> None:
    sites = load_sites()
    assert sites.find(text) is sites.control
    assert sites.control.name not in sites.known
    assert sites.control.guilds == ""


def test_every_site_has_a_guild_table_and_a_label() -> None:
    tables = load_taxa().rows
    for site in load_sites().known.values():
        assert site.guilds in tables
        assert site.label


@pytest.mark.parametrize(
    ("text", "hint"), [("stol", "stool"), ("armpitt", "skin:axilla"), ("forehaed", "skin:forehead")]
)
def test_a_misspelt_site_gets_the_nearest(text: str, hint: str) -> None:
    with pytest.raises(InputError, match="E321") as caught:
        load_sites().require(text)
    assert hint in caught.value.remedy


def test_a_site_like_no_other_is_refused_with_the_list() -> None:
    with pytest.raises(InputError, match="E321") as caught:
        load_sites().require("qqqq")
    assert "--site" in caught.value.remedy
