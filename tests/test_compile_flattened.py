"""Antimony is asked once for a text; any change of text asks it again."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest

from gutskin import cache
from gutskin.compile import antimony
from gutskin.compile.flattened import Flattened
from gutskin.errors import LibraryError
from gutskin.model import load

POND = Path(__file__).parent / "bad/models/right"
LAKE = 'import "pond.ant"\n// A lake.\nmodel lake()\n  deep: pond();\nend\n'


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GUTSKIN_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def library(tmp_path: Path) -> Path:
    made = Path(shutil.copytree(POND, tmp_path / "library"))
    (made / "models/lake.ant").write_text(LAKE)
    return made


@pytest.fixture
def asked() -> Iterator[list[str]]:
    """The models for which Antimony is asked."""
    names: list[str] = []

    class Counted(antimony.Flattening):
        def __init__(self, main: Path, folder: Path) -> None:
            names.append(main.stem)
            super().__init__(main, folder)

    with patch("gutskin.compile.antimony.Flattening", Counted):
        yield names


def sbml(library: Path, name: str = "lake") -> str:
    with Flattened(library / f"models/{name}.ant", library / "models") as flattened:
        return flattened.sbml()


def test_the_second_time_it_is_the_same_and_antimony_is_not_asked(library: Path, asked: list[str]) -> None:
    first, second = sbml(library), sbml(library)
    assert first == second
    assert 'id="deep_sugar"' in first
    assert asked == ["lake"]
    assert sbml(library, "pond") != first
    assert asked == ["lake", "pond"]


@pytest.mark.parametrize("changed", ["lake", "pond", "new"])
def test_any_change_of_text_asks_again(library: Path, asked: list[str], changed: str) -> None:
    sbml(library)
    path = library / f"models/{changed}.ant"
    before = path.read_text() if path.exists() else LAKE.replace("lake()", "new()")
    path.write_text(before.replace("sugar", "honey") + "// more\n")
    again = sbml(library)
    assert asked == ["lake", "lake"]
    assert ('id="deep_honey"' in again) == (changed == "pond")


def test_a_changed_number_is_compiled_without_antimony(library: Path, asked: list[str]) -> None:
    first = load("pond", library=library)
    path = library / "parameters/pond.toml"
    path.write_text(path.read_text().replace("value = 2.0", "value = 3.0"))
    second = load("pond", library=library)
    assert asked == ["pond"]
    assert (first.row("inflow").value, second.row("inflow").value) == (2.0, 3.0)
    assert first.network == second.network
    assert first.kernel == second.kernel


def test_another_script_asks_again(library: Path, asked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    sbml(library)
    monkeypatch.setattr(antimony, "SCRIPT", f"{antimony.SCRIPT}\n")
    sbml(library)
    assert asked == ["lake", "lake"]


def test_what_is_damaged_counts_as_missing(library: Path, asked: list[str], folder: Path) -> None:
    first = sbml(library)
    (entry,) = folder.iterdir()
    cache.write(entry.name, b"whole as a file, but nothing that was packed")
    assert sbml(library) == first
    entry.write_bytes(b"")
    assert sbml(library) == first
    assert asked == ["lake"] * 3


def test_text_that_is_edited_meanwhile_is_nobodys_entry(library: Path, folder: Path) -> None:
    path = library / "models/pond.ant"
    with Flattened(library / "models/lake.ant", library / "models") as flattened:
        path.write_text(path.read_text().replace("sugar", "honey"))
        flattened.sbml()
    assert not folder.exists() or not list(folder.iterdir())
    assert 'id="deep_honey"' in sbml(library)


def test_a_fault_is_said_every_time(library: Path, asked: list[str]) -> None:
    path = library / "models/lake.ant"
    path.write_text(LAKE.replace("  deep", "  x := * k;\n  deep"))
    for _ in range(2):
        with pytest.raises(LibraryError, match="E101"):
            sbml(library)
    assert asked == ["lake", "lake"]
