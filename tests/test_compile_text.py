"""The reader of model text, and every wrong library of ``tests/bad/models``."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

import gutskin
from gutskin.compile import compile_text
from gutskin.compile.export import to_sbml
from gutskin.compile.text import instance_paths, read_modules
from gutskin.errors import GutskinError, LibraryErrors
from gutskin.ledger import read_ledger
from gutskin.paths import LIBRARY

BAD = Path(__file__).parent / "bad/models"
WRONG = sorted(path for path in BAD.iterdir() if path.name != "right")
# Antimony finds circles first and names the line (E101_circle); our own check is tested on raw models.
NOT_FROM_FILES = {"E119"}


def load_strictly(library: Path) -> None:
    ledger = read_ledger(library)
    network = compile_text(library / "models/pond.ant", library, ledger)
    states = [q.start or 0.0 for q in network.quantities if q.kind in ("species", "rate")]
    to_sbml(network, states, [ledger.rows[c.row].value for c in network.constants])


def test_the_right_library_next_to_the_wrong_ones_is_right() -> None:
    load_strictly(BAD / "right")


@pytest.mark.parametrize("library", WRONG, ids=lambda path: path.name)
def test_a_wrong_library_is_refused_with_code_place_and_remedy(library: Path) -> None:
    expected = tomllib.loads((library / "expected.toml").read_text())
    with pytest.raises(GutskinError) as caught:
        load_strictly(library)
    error = caught.value
    faults = error.faults if isinstance(error, LibraryErrors) else (error,)
    found = [fault for fault in faults if fault.code == expected["code"]]
    assert found, f"{expected['code']} expected, got {error}"
    assert any(
        re.search(re.escape(expected["where"]) + r"\b", fault.where) and expected["remedy"] in fault.remedy
        for fault in found
    ), [(fault.where, fault.remedy) for fault in found]
    assert all(fault.where and fault.remedy for fault in faults)


@pytest.mark.parametrize("library", WRONG, ids=lambda path: path.name)
def test_a_wrong_library_is_named_after_its_code(library: Path) -> None:
    assert library.name.startswith(tomllib.loads((library / "expected.toml").read_text())["code"] + "_")


def test_every_code_of_compile_and_ledger_has_a_wrong_library() -> None:
    source = Path(gutskin.__file__).parent
    files = [*(source / "compile").glob("*.py"), source / "ledger.py"]
    used = {code for file in files for code in re.findall(r'"(E\d{3})"', file.read_text())}
    shown = {path.name[:4] for path in WRONG}
    assert len(used) > 20
    assert used - shown == NOT_FROM_FILES
    assert shown <= used


def written(tmp_path: Path, body: str, name: str = "pond") -> Path:
    path = tmp_path / f"{name}.ant"
    path.write_text(f"// A {name}.\nmodel {name}()\n{body}end\n")
    return path


def test_instances_nest_and_are_read_once_each(tmp_path: Path) -> None:
    main = written(tmp_path, "  left: bank();\n  right: bank();\n")
    written(tmp_path, "  tree: willow();\n", "bank")
    written(tmp_path, "  height := 1;\n", "willow")
    modules = read_modules(main, tmp_path)
    assert set(modules) == {"pond", "bank", "willow"}
    assert instance_paths(modules, "pond") == {
        "": "pond", "left": "bank", "left_tree": "willow", "right": "bank", "right_tree": "willow",
    }  # fmt: skip


def test_modules_are_found_beside_the_main_file_before_the_library(tmp_path: Path) -> None:
    (tmp_path / "library").mkdir()
    main = written(tmp_path, "  left: bank();\n")
    written(tmp_path / "library", "  old := 1;\n", "bank")
    assert "old" in read_modules(main, tmp_path / "library")["bank"].lines
    written(tmp_path, "  new := 1;\n", "bank")
    assert "new" in read_modules(main, tmp_path / "library")["bank"].lines


def test_lines_are_those_where_a_statement_begins(tmp_path: Path) -> None:
    body = (
        "  compartment a,\n    b; x := 1;\n  // nothing; here\n"
        "  y := 1 + \\\n    2; z' = y;\n  go: => ; \n  y;\n"
    )
    lines = read_modules(written(tmp_path, body), tmp_path)["pond"].lines
    assert lines == {"x": "pond.ant:4", "y": "pond.ant:6", "z": "pond.ant:7", "go": "pond.ant:8"}


def test_every_fault_of_every_file_is_said_in_one_pass(tmp_path: Path) -> None:
    main = written(tmp_path, "  left: bank();\n  a => b; k;\n  k = 3;\n")
    written(tmp_path, "  w := 7 * k;\n", "bank")
    with pytest.raises(LibraryErrors) as caught:
        read_modules(main, tmp_path)
    assert {(fault.code, fault.where) for fault in caught.value.faults} == {
        ("E104", "pond.ant:4"), ("E106", "pond.ant:5"), ("E106", "bank.ant:3"),
    }  # fmt: skip


@pytest.mark.parametrize("literal", ["0", "1", "2", "10"])
def test_few_numbers_may_be_written(tmp_path: Path, literal: str) -> None:
    assert "x" in read_modules(written(tmp_path, f"  x := {literal} * k1 ^ 2;\n"), tmp_path)["pond"].lines


@pytest.mark.parametrize("literal", ["3", "1.0", "0.1", ".5", "1e5", "100", "2."])
@pytest.mark.parametrize("statement", ["x := {} * k;", "x' = k / {};", "go: => ; {} * k;"])
def test_other_numbers_may_not(tmp_path: Path, literal: str, statement: str) -> None:
    with pytest.raises(LibraryErrors, match="E106"):
        read_modules(written(tmp_path, f"  {statement.format(literal)}\n"), tmp_path)


def test_numbers_in_names_and_in_stoichiometry_are_no_literals(tmp_path: Path) -> None:
    body = "  compartment w;\n  substanceOnly species a3 in w;\n  go: 3 a3 => 0.5 a3; k_27 * a3;\n"
    assert set(read_modules(written(tmp_path, body), tmp_path)["pond"].lines) == {"a3", "go"}


@pytest.mark.parametrize("path", sorted((LIBRARY / "models").glob("*.ant")), ids=lambda path: path.stem)
def test_every_module_of_the_library_is_read_without_a_fault(path: Path) -> None:
    assert path.stem in read_modules(path, LIBRARY / "models")
