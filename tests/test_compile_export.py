"""SBML export: valid, with units, and the same model when it is read again."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import libsbml
import numpy as np
import pytest

from gutskin.compile import compile_text
from gutskin.compile.export import faults, to_sbml
from gutskin.compile.sbml import read_sbml
from gutskin.compile.source import build_kernel
from gutskin.ledger import read_ledger
from gutskin.model import Model, load
from gutskin.network import Constant, Formula, Network, Quantity

POND = Path(__file__).parent / "bad/models/right"


@pytest.fixture(scope="module")
def person() -> Model:
    return load("person")


@pytest.fixture(scope="module")
def exported(person: Model) -> str:
    return to_sbml(person.network, person.start(), person.constants())


def test_the_person_has_no_error_and_no_unit_warning(exported: str) -> None:
    assert faults(exported) == []


def test_a_wrong_unit_in_an_export_would_be_noticed(exported: str) -> None:
    document = libsbml.readSBMLFromString(exported)
    species = document.getModel().getSpecies(0)
    species.setSubstanceUnits("kilogram")
    assert faults(libsbml.writeSBMLToString(document))


def _plain(formula: Formula) -> Formula:
    """Undo what the writer does to keep units checkable: logarithms to base 10, negative numbers."""
    op, *parts = formula
    if op in ("c", "n"):
        return formula
    inner = tuple(_plain(part) for part in parts)
    if op == "div" and inner[0][0] == "ln" and inner[1] == ("c", pytest.approx(math.log(10.0), rel=1e-14)):
        return ("log10", inner[0][1])
    return (op, *inner)


def test_the_person_read_again_is_the_same_model(person: Model, exported: str) -> None:
    raw, network = read_sbml(exported), person.network
    assert raw.name == "person"
    assert {name: (place, outside) for name, place, outside in raw.species} == {
        q.name: (q.place, q.kind == "boundary") for q in network.quantities if q.place
    }
    assert set(raw.parameters) == {c.name for c in network.constants}
    assert {r[0]: dict(r[1]) for r in raw.reactions} == {
        r.name: dict(r.stoichiometry) for r in network.reactions
    }
    for got, expected in (
        ({r[0]: r[2] for r in raw.reactions}, {r.name: r.rate for r in network.reactions}),
        (dict(raw.rate_rules), dict(network.rate_rules)), (dict(raw.assignments), dict(network.assignments)),
    ):  # fmt: skip
        assert set(got) == set(expected)
        for name, formula in got.items():
            assert _plain(formula) == expected[name], name


def test_numbers_of_an_export_agree_to_the_digits_that_sbml_has(person: Model, exported: str) -> None:
    document = libsbml.readSBMLFromString(exported)
    model = document.getModel()
    for constant, value in zip(person.network.constants, person.constants(), strict=True):
        assert model.getParameter(constant.name).getValue() == pytest.approx(value, rel=1e-14)
    for name, value in zip(person.network.states, person.start(), strict=True):
        species, parameter = model.getSpecies(name), model.getParameter(name)
        got = species.getInitialAmount() if species else parameter.getValue()
        assert got == pytest.approx(value, rel=1e-14)


def test_an_export_read_again_has_the_same_rates(tmp_path: Path) -> None:
    ledger = read_ledger(POND)
    network = compile_text(POND / "models/pond.ant", POND, ledger)
    values = [ledger.rows[c.row].value for c in network.constants]
    raw = read_sbml(to_sbml(network, [1.0, 0.3, 0.0], values))
    kinds = {name: i for i, name in enumerate(raw.parameters)}
    again = Network(
        raw.name, network.quantities, tuple(sorted(network.constants, key=lambda c: kinds[c.name])),
        network.reactions, raw.rate_rules, raw.assignments,
    )  # fmt: skip
    state = [1.0, 0.3, 0.5, 0.0]

    def rates(each: Network) -> Any:
        kernel = build_kernel(each)
        rows = {c.name: ledger.rows[c.row].value for c in network.constants}
        return kernel.scalar.rates(state, kernel.scalar.prepare([rows[name] for name in kernel.constants]))

    assert rates(again) == rates(network)


def test_units_and_labels_come_along(exported: str) -> None:
    document = libsbml.readSBMLFromString(exported)
    model = document.getModel()
    units = {model.getUnitDefinition(i).getName() for i in range(model.getNumUnitDefinitions())}
    assert {"mmol", "h", "mmol/h"} <= units | {"mmol/h"}
    assert all(model.getSpecies(i).getName() for i in range(model.getNumSpecies()))
    assert all(model.getParameter(i).isSetUnits() for i in range(model.getNumParameters()))
    assert model.isSetTimeUnits()
    assert model.isSetExtentUnits()


P, S = ("n", "p"), ("n", "s")


@pytest.mark.parametrize(
    "formula",
    [
        ("log10", P), ("pow", P, ("c", 0.5)), ("max", P, ("c", -2.0)), ("sub", P, ("sub", S, P)),
        ("if", ("and", ("lt", P, ("c", 1.0)), ("ge", S, ("c", 0.0))), P, ("neg", S)),
        ("div", P, ("mul", S, P)), ("pow", ("pow", P, S), P), ("neg", ("pow", P, ("c", 2.0))),
        ("abs", ("min", ("ln", P), ("exp", S))), ("mul", ("c", 1e-12), P),
        ("pow", P, ("neg", ("c", 2.0))), ("pow", ("add", P, S), ("c", -1.5)),
    ],
)  # fmt: skip
def test_every_operation_means_the_same_after_export(formula: Formula) -> None:
    quantities = (Quantity("s", "rate", "1", "S", "t", start=1.0), Quantity("d", "derived", "1", "D", "t"))
    constants = (Constant("p", "t.p", "1"), Constant("h", "t.h", "h"))
    network = Network("t", quantities, constants, (), (("s", ("div", S, ("n", "h"))),), (("d", formula),))
    xml = to_sbml(network, [1.0], [0.7, 1.0])
    assert faults(xml) == []
    again = Network("t", quantities, network.constants, (), network.rate_rules, read_sbml(xml).assignments)
    for s in (0.3, 1.9):
        got, expected = (
            k.scalar.observe([s], k.scalar.prepare([0.7, 1.0])) for k in map(build_kernel, (again, network))
        )
        assert got == pytest.approx(expected, rel=1e-14)


def test_one_third_survives_export_to_fifteen_digits() -> None:
    state, constant = Quantity("s", "rate", "1", "S", "t", start=1.0), Constant("k", "t.k", "1/h")
    network = Network("t", (state,), (constant,), (), (("s", ("mul", ("n", "k"), S)),), ())
    document = libsbml.readSBMLFromString(to_sbml(network, np.array([1 / 3]), np.array([2 / 3])))
    assert document.getModel().getParameter("k").getValue() == pytest.approx(2 / 3, rel=1e-14)
    assert document.getModel().getParameter("s").getValue() == pytest.approx(1 / 3, rel=1e-14)
