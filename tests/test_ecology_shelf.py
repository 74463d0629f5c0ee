"""The reference people of the library: read, written, and refused when ill-formed."""

from __future__ import annotations

import runpy
import shutil
from pathlib import Path

import numpy as np
import pytest

from gutskin.ecology import read_references, read_scope, reference_of
from gutskin.ecology.shelf import FOLDER, faults, write_references
from gutskin.errors import LibraryError
from gutskin.ledger import read_sources
from gutskin.paths import LIBRARY
from gutskin.samples.taxa import load_taxa

crowd = runpy.run_path(str(Path(__file__).with_name("ecology_toys.py")))["crowd"]
GUILDS = tuple(each.name for each in load_taxa().of_site("gut") if not each.unseen)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FOLDER, tmp_path / "ecology"))


def test_a_written_reference_is_read_back(folder: Path) -> None:
    made = reference_of(crowd(guilds=GUILDS), "")
    write_references([made], folder, ["made up"])
    found = read_references(folder)["stool"]
    assert (found.genera, found.guilds, found.people) == (made.genera, GUILDS, 40)
    assert found.low == pytest.approx(made.low, rel=1e-4)
    assert found.indices == pytest.approx(made.indices, abs=1e-3)
    assert found.centre == pytest.approx(made.centre, abs=1e-4)
    assert found.covariance == pytest.approx(made.covariance, abs=5e-3)
    assert found.said == "40 adults of the Human Microbiome Project"


def test_the_library_knows_adults_at_three_sites() -> None:
    found, ages = read_references(), read_scope()
    assert len(found) == 3
    assert {each.people for each in found.values()} == {84}
    assert (ages.low, ages.high) == (18, 40)
    for each in found.values():
        assert each.covariance is not None
        assert np.linalg.eigvalsh(each.covariance).min() > -0.05
        assert (each.low <= each.high).all()
        assert 0.5 < each.mean.sum() < 1


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("genera.tsv", "genus", "taxon"),
        ("genera.tsv", "\tAcinetobacter\t", "\t"),
        ("genera.tsv", "\t0\t", "\tnone\t"),
        ("guilds.toml", "index = [0.000, ", "index = ["),
        ("guilds.toml", "index = [0.000", "index = [9.000"),
        ("guilds.toml", "guild_people", "persons"),
        ("guilds.toml", '["stool"]', '["elsewhere"]'),
        ("reference.toml", "[18, 40]", "18"),
        ("reference.toml", "region", "primers"),
        ("reference.toml", "population", "who"),
    ],
)
def test_what_is_ill_formed_is_refused(file: str, old: str, new: str, folder: Path) -> None:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines(keepends=True)
    first = next(k for k, line in enumerate(lines) if old in line and not line.startswith("#"))
    lines[first] = lines[first].replace(old, new, 1)
    path.write_text("".join(lines), encoding="utf-8")
    with pytest.raises(LibraryError, match="E538"):
        read_references(folder)


def test_lint_finds_sources_and_guilds_that_are_not_known(tmp_path: Path) -> None:
    shutil.copytree(LIBRARY / "taxa", tmp_path / "taxa")
    folder = Path(shutil.copytree(FOLDER, tmp_path / "ecology"))
    sources = read_sources(LIBRARY / "sources.bib")
    assert faults(tmp_path, sources) == []
    path = folder / "reference.toml"
    path.write_text(path.read_text().replace("hmp_2012", "hmp_1912"))
    path = folder / "guilds.toml"
    path.write_text(path.read_text().replace(f'"{GUILDS[0]}"', '"nobody"'))
    read_references.cache_clear()
    assert [each.code for each in faults(tmp_path, sources)] == ["E137", "E538"]
    assert faults(tmp_path / "elsewhere", sources) == []
