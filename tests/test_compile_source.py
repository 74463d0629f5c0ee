"""Generated source: the same for the same network, with constants computed once and only true entries."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import numpy as np
import pytest

from gutskin.compile import compile_text
from gutskin.compile.source import build_kernel
from gutskin.kernel import Kernel
from gutskin.ledger import read_ledger
from gutskin.model import load
from gutskin.network import Constant, Network, Quantity, Reaction

POND = Path(__file__).parent / "bad/models/right"


@pytest.fixture(scope="module")
def pond() -> Kernel:
    return build_kernel(compile_text(POND / "models/pond.ant", POND, read_ledger(POND)))


def body(kernel: Kernel, name: str) -> str:
    tree = ast.parse(kernel.source)
    found = next(node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name)
    return ast.unparse(found)


def test_names_are_those_of_the_network(pond: Kernel) -> None:
    assert pond.states == ("sugar", "cells", "alarm", "tally_C")
    assert pond.derived == ("hunger",)
    assert pond.tallies == ("tally_C",)
    assert pond.content == ((6.0, 1.0, 0.0, 0.0),)


def test_rates_of_a_small_model_are_those_worked_out_by_hand(pond: Kernel) -> None:
    constants = dict(zip(pond.constants, range(2, 20), strict=False))
    q = pond.scalar.prepare([float(constants[name]) for name in pond.constants])
    sugar, cells, alarm = 3.0, 5.0, 7.0
    hunger = sugar / (constants["km_eat"] + sugar)
    eaten = constants["vmax_eat"] * hunger
    got = pond.scalar.rates([sugar, cells, alarm, 0.0], q)
    lost = constants["k_leave"] * cells
    assert got == pytest.approx([
        constants["inflow"] - eaten, 6 * eaten - lost,
        constants["k_rise"] * cells - constants["k_fall"] * alarm, lost - 6 * constants["inflow"],
    ], rel=1e-14)  # fmt: skip
    assert pond.scalar.observe([sugar, cells, alarm, 0.0], q) == [pytest.approx(hunger, rel=1e-15)]


def test_the_jacobian_has_no_entry_that_is_always_zero(pond: Kernel) -> None:
    written = set(re.findall(r"out\[(\d+), (\d+)\]", body(pond, "jacobian")))
    assert written == {("0", "0"), ("1", "0"), ("1", "1"), ("2", "1"), ("2", "2"), ("3", "1")}


def test_constants_are_seen_only_where_they_are_prepared() -> None:
    kernel = load("person").kernel
    for name in ("rates", "jacobian", "observe"):
        assert not re.search(r"\bp\d+\b", body(kernel, name))
    assert len(re.findall(r"\bp\d+\b", body(kernel, "prepare"))) >= len(kernel.constants)


def test_source_is_the_same_every_time_and_is_nothing_but_arithmetic() -> None:
    model = load("person")
    assert build_kernel(model.network) == build_kernel(model.network) == model.kernel
    calls = {node.func.id for node in ast.walk(ast.parse(model.kernel.source))
             if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}  # fmt: skip
    assert calls <= {"power", "exp", "ln", "select", "abs"}
    assert not [node for node in ast.walk(ast.parse(model.kernel.source)) if isinstance(node, ast.Attribute)]


def test_every_number_of_the_text_stands_in_the_source_with_all_its_digits() -> None:
    state = Quantity("s", "rate", "1", "S", "small", start=1.0)
    network = Network("small", (state,), (), (), (("s", ("mul", ("c", 1 / 3), ("n", "s"))),), ())
    assert repr(1 / 3) in build_kernel(network).source
    assert build_kernel(network).scalar.rates([1.0], ()) == [1 / 3]


def test_a_network_without_constants_or_reactions_or_rules_still_runs() -> None:
    still = Network(
        "still", (Quantity("s", "species", "mmol", "S", "still", formula="H2O", start=1.0),), (), (), (), ()
    )
    kernel = build_kernel(still)
    assert kernel.scalar.rates([1.0], kernel.scalar.prepare([])) == [0.0]
    assert kernel.tallies == ()
    empty = build_kernel(Network("empty", (), (), (), (), ()))
    assert empty.scalar.rates([], empty.scalar.prepare([])) == []


def test_unlimited_species_are_outside_and_are_tallied() -> None:
    inside = Quantity("a", "species", "mmol", "A", "pond", "w", "CH3NO", 1.0)
    outside = Quantity("gas", "boundary", "mmol", "Gas", "pond", "w", "CO2")
    go = Reaction("go", "pond", (("a", -1.0), ("gas", 1.0)), ("mul", ("n", "k"), ("n", "a")))
    kernel = build_kernel(
        Network("pond", (inside, outside), (Constant("k", "pond.k", "1/h"),), (go,), (), ())
    )
    assert kernel.states == ("a", "tally_C", "tally_N")
    assert kernel.scalar.rates([2.0, 0.0, 0.0], kernel.scalar.prepare([3.0])) == [-6.0, 6.0, 6.0]
    slopes = kernel.scalar.jacobian([2.0, 0.0, 0.0], kernel.scalar.prepare([3.0]), np.zeros((3, 3)))
    assert slopes[:, 0].tolist() == [-3.0, 3.0, 3.0]
