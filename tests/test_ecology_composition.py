"""Composition: taxa become genera under one name, what is no resident is gone, shares sum to one."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from gutskin.ecology import compose
from gutskin.ecology.composition import genus, is_genus, stack
from gutskin.errors import InputError

sample = runpy.run_path(str(Path(__file__).with_name("ecology_toys.py")))["sample"]


@pytest.mark.parametrize(
    ("taxon", "name"),
    [
        ("f__Bacteroidaceae;g__Bacteroides", "Bacteroides"),
        ("g__Phocaeicola", "Bacteroides"),
        ("g__Propionibacterium", "Cutibacterium"),
        ("g__Blautia_A", "Blautia"),
        ("g__Prevotella 9", "Prevotella"),
        ("g__[Prevotella]", "[Prevotella]"),
        ("g__Blautia;s__Blautia obeum", "Blautia"),
        ("f__Lachnospiraceae", "Lachnospiraceae (family only)"),
        ("unassigned", "unassigned"),
    ],
)
def test_a_lineage_has_one_name_of_a_genus(taxon: str, name: str) -> None:
    assert genus(taxon) == name
    assert is_genus(name) == ("only" not in name and name != "unassigned")


def test_species_of_a_genus_add_up_and_plastids_are_gone() -> None:
    found = compose(
        sample(
            {
                "g__Bacteroides;s__Bacteroides ovatus": 30,
                "g__Phocaeicola": 10,
                "f__Lachnospiraceae": 40,
                "c__Chloroplast": 120,
            }
        )
    )
    assert found.genera == pytest.approx({"Bacteroides": 0.5, "Lachnospiraceae (family only)": 0.5})
    assert found.named == pytest.approx({"Bacteroides": 0.5})
    assert sorted(found.found.tolist()) == pytest.approx([10, 30, 40])
    assert sum(found.guilds.values()) == pytest.approx(1.0)
    assert any("plastids" in said for said in found.flags)


def test_percentages_that_sum_to_less_than_100_are_shares_of_what_is_listed() -> None:
    found = compose(sample({"g__Bacteroides": 60, "g__Prevotella": 30}, kind="percent"))
    assert found.genera == pytest.approx({"Bacteroides": 2 / 3, "Prevotella": 1 / 3})


def test_a_sample_of_plastids_alone_is_refused() -> None:
    with pytest.raises(InputError, match="E331"):
        compose(sample({"c__Chloroplast": 500}))


def test_stacked_shares_have_a_column_for_everything_that_anybody_has() -> None:
    names, shares = stack([{"b": 0.4, "a": 0.6}, {"c": 1.0, "zero": 0.0}])
    assert names == ("a", "b", "c")
    assert shares.tolist() == [[0.6, 0.4, 0.0], [0.0, 0.0, 1.0]]
