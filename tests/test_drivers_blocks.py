"""Every module is in exactly one block, and the lint says so when it is not."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gutskin.drivers.blocks import faults, read_blocks
from gutskin.errors import LibraryError, LibraryErrors
from gutskin.library_check import check_library
from gutskin.model import Model, load
from gutskin.paths import LIBRARY

POND = Path(__file__).parent / "bad/models/right"


@pytest.fixture
def pond(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Model:
    monkeypatch.setenv("GUTSKIN_CACHE", str(tmp_path / "cache"))
    return load("pond", library=Path(shutil.copytree(POND, tmp_path / "library")))


def write(model: Model, text: str) -> None:
    (model.library / "blocks.toml").write_text(text)


def modules(model: Model) -> list[str]:
    return sorted({row.partition(".")[0] for row in model.ledger.rows})


def test_every_number_of_the_person_is_in_one_of_four_blocks() -> None:
    model, blocks = load(), read_blocks(LIBRARY)
    assert faults(model) == []
    assert blocks.names == ("gut", "axis", "skin", "environment")
    assert {blocks.of(row) for row in model.ledger.rows} == set(blocks.names)


def test_a_number_may_leave_its_module() -> None:
    blocks = read_blocks(LIBRARY)
    apart = {
        row: block for row, block in blocks.numbers.items() if blocks.modules[row.split(".")[0]] != block
    }
    assert apart
    assert all(blocks.of(row) == block for row, block in apart.items())


def test_a_library_without_blocks_is_not_at_fault(pond: Model) -> None:
    assert faults(pond) == []
    assert read_blocks(pond.library).of(next(iter(pond.ledger.rows))) == ""


def test_the_lint_tells_each_fault(pond: Model) -> None:
    names = modules(pond)
    row = next(iter(pond.ledger.rows))
    quoted = ", ".join(f'"{name}"' for name in names)
    for text, said in (
        (f"[a]\nmodules = [{quoted}]\n", []),
        ("[a]\nmodules = []\n", [f"module {name} is in no block" for name in names]),
        (f'[a]\nmodules = [{quoted}, "pod"]\n', ["there is no module 'pod'"]),
        (f'[a]\nmodules = [{quoted}]\n[b]\nnumbers = ["{row}x"]\n', [f"there is no number '{row}x'"]),
        (f'[a]\nmodules = [{quoted}]\nnumbers = ["{row}"]\n', [f"{row} is in a with its module already"]),
        (f"[a]\nmodules = [{quoted}]\n[b]\nmodules = [{quoted}]\n", [f"{names[0]} is in a and in b"]),
    ):
        write(pond, text)
        assert [fault.message for fault in faults(pond)] == said, text
        assert all(fault.code == "E431" for fault in faults(pond))


def test_gutskin_lint_asks_for_blocks(pond: Model) -> None:
    write(pond, "[a]\nmodules = []\n")
    with pytest.raises(LibraryErrors) as caught:
        check_library(pond.library, "pond")
    assert {fault.code for fault in caught.value.faults} == {"E431"}


@pytest.mark.parametrize(
    "text", ["a = 1\n", "[a]\nmodule = []\n", "[a]\nmodules = 'x'\n", "[a]\nmodules = [1]\n"]
)
def test_an_ill_formed_block_is_refused(pond: Model, text: str) -> None:
    write(pond, text)
    with pytest.raises(LibraryError, match="E431"):
        read_blocks(pond.library)
