"""The house rules that a tool can see: floors, sizes, no biology in Python, nothing heavy at start."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import gutskin
from gutskin.cli import app

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = Path(gutskin.__file__).parent
LIBRARY = PACKAGE / "library"
MODULES = sorted(PACKAGE.rglob("*.py"))


def named(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


def test_imports_only_point_down() -> None:
    tool = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([str(tool), "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_every_module_has_a_floor() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    layers = settings["tool"]["importlinter"]["contracts"][0]["layers"]
    floored = {name.strip() for layer in layers for name in layer.split("|")}
    here = {f"gutskin.{path.stem}" for path in PACKAGE.glob("*.py") if path.stem != "__init__"}
    here |= {f"gutskin.{path.parent.name}" for path in PACKAGE.glob("*/__init__.py")}
    assert here == floored


def _functions(path: Path) -> Iterator[tuple[str, int]]:
    """Yield (name, lines of code) of every function; docstring, comments and empty lines do not count."""
    text = path.read_text()
    lines = text.splitlines()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            said = node.body[0] if ast.get_docstring(node) is not None else None
            quiet = range(said.lineno, (said.end_lineno or 0) + 1) if said else range(0)
            code = [
                k for k in range(node.lineno, (node.end_lineno or 0) + 1)
                if k not in quiet and lines[k - 1].strip() and not lines[k - 1].strip().startswith("#")
            ]  # fmt: skip
            yield node.name, len(code)


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_a_module_has_at_most_300_lines(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 300


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_a_function_has_at_most_40_lines_of_code(path: Path) -> None:
    if path.parent.name == "bench":
        assert max((size for _, size in _functions(path)), default=0) <= 60  # listings of made-up networks
        return
    assert [(name, size) for name, size in _functions(path) if size > 40] == []


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_gutskin_does_not_import_itself_as_a_whole(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            assert "gutskin" not in {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, "absolute imports only"
            if node.module == "gutskin":
                parts = {alias.name for alias in node.names}
                assert all((PACKAGE / f"{part}.py").exists() or (PACKAGE / part).is_dir() for part in parts)


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_a_module_says_what_it_is(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text()))


# Words of the library that are plain English or words of taxonomy too.
PLAIN = {
    "daily", "factor", "family", "genus", "guild", "high", "host", "person", "rank", "rich", "share", "site",
    "small", "species", "usual", "cells", "wash", "weight", "with", "from", "count", "diversity", "order",
    "class", "phylum", "none", "other", "level", "body", "system", "section", "passage", "users", "stress",
    "source", "name", "note", "taxon", "table", "ratio", "tape", "large", "coarse", "onward", "scores",
    "short", "cold", "heat", "exercise", "mild", "dry", "guests", "photo",
}  # fmt: skip
# Where a word of biology is meant: laws of chemistry, the three pages of the product, names of taxa, keys of
# files.
ALLOWED = {
    "compile/formulas.py": {"hydrogen", "oxygen", "water", "sulphate"},
    "samples/names.py": {"bacteria"},
    "evidence/arms.py": {"diet"},  # a key of case files
}
PAGES = {"gut", "skin", "axis", "stool", "blood", "hormones"}


KNOWN = (
    "butyrate", "bacteroides", "colon", "sebum", "acetate", "cutibacterium", "tewl", "propionate", "lactate",
    "akkermansia", "methanogens", "staphylococcus", "aureus", "malassezia", "ammonia", "nitrite", "cortisol",
    "insulin", "ceramide", "corynebacterium",
)  # fmt: skip


def _words_of_biology() -> set[str]:
    words = {*KNOWN}
    for path in (LIBRARY / "quantities").glob("*.toml"):
        words |= {
            p for n, row in tomllib.loads(path.read_text()).items() if "formula" in row for p in n.split("_")
        }
    for folder in ("models", "treatments"):
        words |= {part for path in (LIBRARY / folder).iterdir() for part in path.stem.split("_")}
    for path in (LIBRARY / "readouts").glob("*.toml"):
        words |= {part for name in tomllib.loads(path.read_text()) for part in name.split("_")}
    for path in (LIBRARY / "taxa" / "gut.tsv", LIBRARY / "taxa" / "skin.tsv"):
        names = [line.split("\t")[0] for line in path.read_text().splitlines()[1:]]
        words |= {word.lower() for name in names for word in re.findall("[A-Za-z]+", name)}
    return {word for word in words if len(word) > 3} - PLAIN - PAGES


BIOLOGY = _words_of_biology()


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_no_organ_guild_or_molecule_is_named_in_python(path: Path) -> None:
    """Identifiers, literals, docstrings and comments alike; biology is text of the library."""
    assert len(BIOLOGY) > 100
    if path.parent.name == "bench":
        return  # made-up networks of the benchmark borrow a few words; they are no knowledge
    parts = re.findall("[A-Z]?[a-z]+|[A-Z]+", path.read_text())
    assert {part.lower() for part in parts} & BIOLOGY <= ALLOWED.get(named(path), set())


def test_no_exception_to_the_rule_outlives_its_need() -> None:
    for name, words in ALLOWED.items():
        assert words <= set(re.findall("[a-z]+", (PACKAGE / name).read_text().lower())), name


HEAVY = {
    "numpy",
    "scipy",
    "pint",
    "xarray",
    "antimony",
    "libsbml",
    "jinja2",
    "biom",
    "h5py",
    "rdata",
    "pandas",
    "pyarrow",
    "rich",
    "skbio",
    "statsmodels",
}


def _loaded(statement: str) -> set[str]:
    script = f"import sys; {statement}; print(' '.join({{name.split('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_the_command_line_starts_without_anything_heavy() -> None:
    assert _loaded("import gutskin.cli") & HEAVY == set()


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_no_module_starts_antimony_sbml_pint_or_xarray_when_imported(path: Path) -> None:
    """Only what is imported at the top of a module runs then."""
    tops = [
        node for node in ast.parse(path.read_text()).body if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    names = {alias.name for node in tops if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in tops if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in names} & (HEAVY - {"numpy"}) == set()


def test_nothing_is_public_at_the_top_but_the_version() -> None:
    public = {name for name in vars(gutskin) if not name.startswith("_")}
    modules = {path.stem for path in PACKAGE.iterdir()}
    assert public <= modules
    assert re.fullmatch(r"\d+\.\d+\.\d+", gutskin.__version__)


def test_the_verbs_of_the_command_line_are_these() -> None:
    verbs = {command.name for command in app.registered_commands}
    expected = "bench crowd demo run sample explain list export lint validate calibrate sensitivity why"
    expected += " picture diseases ecology claims diagnose forecast rank population"
    assert verbs == set(expected.split())


PUBLIC = {
    "errors": "GutskinError InputError LibraryError LibraryErrors nearest",
    "units": "base_factor convert dimension factor parse quantity",
    "network": "Constant Event Network Quantity Reaction names_in",
    "ledger": "Ledger Parameter Source Spread is_number parameter read_ledger read_sources read_toml"
    " table_lines",
    "build": "Built build",
    "cache": "read write",
    "plain": "from_json to_json",
    "kernel": "Functions Happening Kernel Lanes",
    "readouts": "Healthy Readout read_readouts",
    "edges": "Edge read_edges",
    "library_check": "check_library",
    "model": "Explanation Model load",
    "compile/__init__": "compile_model compile_text",
    "compile/export": "faults to_sbml",
}


@pytest.mark.parametrize("module", sorted(PUBLIC))
def test_public_names_are_these(module: str) -> None:
    tree = ast.parse((PACKAGE / f"{module}.py").read_text())
    defined = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    assert {name for name in defined if not name.startswith("_")} == set(PUBLIC[module].split())
