"""The check of the tables of taxa and instruments finds names of nothing."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gutskin.ledger import read_sources
from gutskin.paths import LIBRARY
from gutskin.readouts import read_readouts
from gutskin.samples.check import faults
from gutskin.samples.taxa import load_taxa

SOURCES = set(read_sources(LIBRARY / "sources.bib"))
READOUTS = set(read_readouts(LIBRARY))
GUILDS = load_taxa().guilds.values()
NAMES = {n for g in GUILDS for n in (*g.states, *g.along, *g.parts, g.trait)}


@pytest.fixture
def library(tmp_path: Path) -> Path:
    for folder in ("taxa", "instruments"):
        shutil.copytree(LIBRARY / folder, tmp_path / folder)
    return tmp_path


def test_the_library_is_without_fault(library: Path) -> None:
    assert faults(library, NAMES, READOUTS, SOURCES) == []


def test_a_library_without_taxa_is_without_fault(tmp_path: Path) -> None:
    assert faults(tmp_path, (), (), ()) == []


def test_a_state_a_read_out_and_a_source_that_are_not_there_are_found(library: Path) -> None:
    found = faults(
        library, NAMES - {"skin_other_bacteria"}, READOUTS - {"easi"}, SOURCES - {"stoddard_2015", "jcc_2019"}
    )
    said = [error.message for error in found]
    assert {error.code for error in found} == {"E531"}
    assert any("skin_other_bacteria" in each for each in said)
    assert any("easi" in each for each in said)
    assert any("jcc_2019" in each for each in said)


@pytest.mark.parametrize(
    ("file", "before", "after", "said"),
    [
        ("taxa/regions.toml", 'guild = "akkermansia"', 'guild = "akkermansi"', "akkermansia"),
        ("taxa/regions.toml", 'grade = "human in vivo"', 'grade = "guess"', "guess"),
        (
            "taxa/copies.tsv",
            "guild\takkermansia\t3.00\tcopies/genome",
            "genus\tnobody\t3.00\tcopies/genome",
            "akkermansia",
        ),
    ],
)
def test_what_names_nothing_is_found(library: Path, file: str, before: str, after: str, said: str) -> None:
    path = library / file
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    found = faults(library, NAMES, READOUTS, SOURCES)
    assert found
    assert any(said in str(error) for error in found)
