"""Text, tables and ledger are bound together: every name to one row, and every row to a name."""

from __future__ import annotations

import random
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gutskin.compile import compile_text
from gutskin.compile.assemble import Assembler, Tables, read_tables
from gutskin.compile.sbml import RawModel
from gutskin.compile.text import ModuleText
from gutskin.errors import LibraryErrors
from gutskin.ledger import Ledger, read_ledger
from gutskin.network import Network, names_in

# Machines that run tests are often busy with other things.
CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

POND = Path(__file__).parent / "bad/models/right"
NUMBER = 'unit = "1/h"\nspread = { kind = "fixed" }\nsource = "none"\ngrade = "assumed"\n'


def compiled(library: Path, name: str = "pond") -> Network:
    return compile_text(library / f"models/{name}.ant", library, read_ledger(library))


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    """A lake with two ponds that differ in one number."""
    library = tmp_path / "library"
    shutil.copytree(POND, library)
    (library / "models/lake.ant").write_text(
        'import "pond.ant"\n// Two ponds.\nmodel lake()\n  deep: pond();\n  flat: pond();\n'
        "  flat.k_fall is deep.k_fall;\n  flat.sugar is deep.sugar;\n  flat.water is deep.water;\nend\n"
    )
    path = library / "parameters/pond.toml"
    path.write_text(f"{path.read_text()}\n[flat.k_leave]\nvalue = 7.0\n{NUMBER}")
    return library


def test_everything_of_the_right_library_is_bound() -> None:
    network = compiled(POND)
    assert network.states == ("sugar", "cells", "alarm")
    assert network.derived == ("hunger",)
    assert {c.name: (c.row, c.unit) for c in network.constants}["k_fall"] == ("pond.k_fall", "1/h")
    cells = network.quantity("cells")
    assert (cells.kind, cells.label, cells.unit, cells.formula) == ("species", "Cells", "mmol", "CH2O")
    assert (cells.start, cells.floor, cells.place, cells.line) == (0.3, 1e-9, "water", "pond.ant:4")
    assert {r.name: r.open_because for r in network.reactions} == {
        "feed": "sugar flows in", "eat": "", "leave": "cells flow out",
    }  # fmt: skip
    assert {r.name: r.line for r in network.reactions}["eat"] == "pond.ant:8"


def test_instances_share_the_rows_of_their_module_but_their_own_come_first(lake: Path) -> None:
    rows = {c.name: c.row for c in compiled(lake, "lake").constants}
    assert rows["deep_k_leave"] == "pond.k_leave"
    assert rows["flat_k_leave"] == "pond.flat.k_leave"
    assert rows["inflow"] == "pond.inflow"  # one row, one constant: see test_compile_shared.py
    assert not {"deep_inflow", "flat_inflow"} & rows.keys()


def test_what_is_bound_to_another_name_exists_once(lake: Path) -> None:
    network = compiled(lake, "lake")
    assert "flat_k_fall" not in {c.name for c in network.constants}
    assert set(network.states) == {"deep_sugar", "deep_cells", "flat_cells", "deep_alarm", "flat_alarm"}
    eaten = {r.name: dict(r.stoichiometry) for r in network.reactions}["flat_eat"]
    assert eaten == {"deep_sugar": -1.0, "flat_cells": 6.0}


def test_a_row_for_an_instance_that_is_not_there_is_refused(lake: Path) -> None:
    path = lake / "parameters/pond.toml"
    path.write_text(f"{path.read_text()}\n[high.k_leave]\nvalue = 7.0\n{NUMBER}")
    with pytest.raises(LibraryErrors) as caught:
        compiled(lake, "lake")
    assert [(f.code, f.where) for f in caught.value.faults] == [("E110", "pond.toml:22")]


def test_rows_of_modules_that_are_not_used_are_left_alone(lake: Path) -> None:
    (lake / "parameters/sea.toml").write_text(f"[k]\nvalue = 1.0\n{NUMBER}")
    (lake / "quantities/sea.toml").write_text('[fish]\nlabel = "Fish"\nunit = "mmol"\n')
    assert compiled(lake, "lake").name == "lake"


def test_faults_of_all_tables_are_found_in_one_pass(tmp_path: Path) -> None:
    library = Path(shutil.copytree(POND, tmp_path / "library"))
    for table, old, new in (
        ("parameters", "km_eat", "km_aet"), ("quantities", "start = 1.0", "begin = 1.0"),
        ("open_reactions", "feed", "feeed"),
    ):  # fmt: skip
        path = library / table / "pond.toml"
        path.write_text(path.read_text().replace(old, new))
    with pytest.raises(LibraryErrors) as caught:
        compiled(library)
    found = {(fault.code, fault.where) for fault in caught.value.faults}
    assert found == {
        ("E109", "pond.ant:6"), ("E110", "pond.toml:2"), ("E132", "pond.toml:1"),
        ("E115", "open_reactions: pond.feeed"),
    }  # fmt: skip
    remedies = {fault.code: fault.remedy for fault in caught.value.faults}
    assert "km_aet" in remedies["E109"]
    assert "feed" in remedies["E115"]


def assembler(assignments: Any) -> Assembler:
    raw = RawModel("pond", assignments=tuple(assignments))
    lines = {name: f"pond.ant:{k}" for k, (name, _) in enumerate(raw.assignments)}
    return Assembler(
        raw, {"pond": ModuleText("pond", Path("pond.ant"), lines=lines)}, Ledger({}), Tables({}, {}, {})
    )


@CALM
@given(st.integers(1, 12), st.data())
def test_definitions_are_ordered_so_that_each_uses_only_earlier_ones(count: int, data: st.DataObject) -> None:
    uses = {k: data.draw(st.sets(st.integers(0, max(k - 1, 0)), max_size=3)) - {k} for k in range(count)}
    rules = [
        (f"d{k}", ("max", ("n", "x"), *(("n", f"d{i}") for i in sorted(used)))) for k, used in uses.items()
    ]
    random.Random(data.draw(st.integers(0, 99))).shuffle(rules)
    ordered = assembler(rules).ordered()
    assert sorted(ordered) == sorted(rules)
    for k, (_, formula) in enumerate(ordered):
        assert names_in(formula) - {"x"} <= {name for name, _ in ordered[:k]}


def test_definitions_that_go_in_a_circle_are_refused_with_all_names() -> None:
    made = assembler([("free", ("c", 1.0)), ("up", ("n", "down")), ("down", ("n", "up"))])
    with pytest.raises(LibraryErrors) as caught:
        made.network()
    circle = next(fault for fault in caught.value.faults if fault.code == "E119")
    assert "down, up" in circle.message
    assert circle.where == "pond.ant:1"
    assert "fast state" in circle.remedy


def test_tables_know_where_each_row_is_written() -> None:
    tables = read_tables(POND)
    assert tables.line("pond.alarm") == "pond.toml:3"
    assert tables.line("pond.nobody") == "quantities/pond.toml"
    assert tables.open_reactions == {"pond.feed": "sugar flows in", "pond.leave": "cells flow out"}
