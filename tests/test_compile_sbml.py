"""SBML to raw pieces: what is understood, and what is refused by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import libsbml
import pytest

from gutskin.compile.sbml import RawModel, read_sbml
from gutskin.errors import LibraryError
from gutskin.network import Formula


def document(rate: str = "k * a", **also: Callable[[Any], None]) -> str:
    made = libsbml.SBMLDocument(3, 2)
    model = made.createModel()
    model.setId("pond")
    place = model.createCompartment()
    place.setId("water")
    place.setConstant(True)
    for name in ("a", "b"):
        species = model.createSpecies()
        species.setId(name)
        species.setCompartment("water")
        species.setHasOnlySubstanceUnits(True)
        species.setBoundaryCondition(name == "b")
        species.setConstant(False)
    for name in ("k", "n"):
        parameter = model.createParameter()
        parameter.setId(name)
        parameter.setConstant(name == "k")
    reaction = model.createReaction()
    reaction.setId("go")
    reaction.setReversible(False)
    for make, name, number in (
        (reaction.createReactant, "a", 2.0), (reaction.createReactant, "a", 1.0),
        (reaction.createProduct, "a", 0.5), (reaction.createProduct, "b", 1.0),
    ):  # fmt: skip
        reference = make()
        reference.setSpecies(name)
        reference.setStoichiometry(number)
        reference.setConstant(True)
    if rate:
        reaction.createKineticLaw().setMath(libsbml.parseL3Formula(rate))
    for change in also.values():
        change(model)
    return str(libsbml.writeSBMLToString(made))


def rate_of(text: str) -> Formula:
    return read_sbml(document(text)).reactions[0][2]


def test_pieces_come_out_by_kind() -> None:
    raw = read_sbml(document())
    assert raw == RawModel(
        "pond",
        (("a", "water", False), ("b", "water", True)),
        ("k", "n"),
        (("go", (("a", -2.5), ("b", 1.0)), ("mul", ("n", "k"), ("n", "a"))),),
    )


def test_rules_are_no_parameters() -> None:
    def ruled(model: Any) -> None:
        rule = model.createRateRule()
        rule.setVariable("n")
        rule.setMath(libsbml.parseL3Formula("-n"))

    raw = read_sbml(document(change=ruled))
    assert raw.parameters == ("k",)
    assert raw.rate_rules == (("n", ("neg", ("n", "n"))),)


A, K, ONE = ("n", "a"), ("n", "k"), ("c", 1.0)


@pytest.mark.parametrize(
    ("text", "formula"),
    [
        ("a - k", ("sub", A, K)), ("a / k", ("div", A, K)), ("-a", ("neg", A)), ("a ^ k", ("pow", A, K)),
        ("pow(a, k)", ("pow", A, K)), ("exp(a)", ("exp", A)), ("ln(a)", ("ln", A)), ("abs(a)", ("abs", A)),
        ("log10(a)", ("log10", A)), ("sqrt(a)", ("pow", A, ("c", 0.5))), ("max(a, k)", ("max", A, K)),
        ("min(a, k, 1)", ("min", ("min", A, K), ONE)), ("a + k + 1", ("add", ("add", A, K), ONE)),
        ("1e3", ("c", 1000.0)), ("root(4, a)", ("pow", A, ("c", 0.25))),
        ("piecewise(a, a > k, k)", ("if", ("gt", A, K), A, K)),
        ("piecewise(a, a < k, k, a >= 1, 1)", ("if", ("lt", A, K), A, ("if", ("ge", A, ONE), K, ONE))),
        ("piecewise(a, a < k && a <= 1 || k > 1, k)",
         ("if", ("or", ("and", ("lt", A, K), ("le", A, ONE)), ("gt", K, ONE)), A, K)),
    ],
)  # fmt: skip
def test_formulas_become_trees(text: str, formula: Formula) -> None:
    assert rate_of(text) == formula


@pytest.mark.parametrize(
    ("text", "said"),
    [("sin(a)", "sin"), ("floor(a)", "floor"), ("time", "time"), ("pi", "pi"), ("avogadro", "avogadro"),
     ("delay(a, 1)", "delay"), ("a == k", "=="), ("log(2, a)", "base"), ("piecewise(a, a > k)", "otherwise"),
     ("infinity", "INF"), ("notanumber", "NaN"), ("true", "true"), ("rateOf(a)", "rateOf")],
)  # fmt: skip
def test_what_is_not_supported_is_refused_by_name_and_owner(text: str, said: str) -> None:
    with pytest.raises(LibraryError, match="E117") as caught:
        rate_of(text)
    assert said in caught.value.message
    assert caught.value.where == "go"
    assert caught.value.remedy


def _initial(model: Any) -> None:
    each = model.createInitialAssignment()
    each.setSymbol("k")
    each.setMath(libsbml.parseL3Formula("1"))


def _constraint(model: Any) -> None:
    model.createConstraint().setMath(libsbml.parseL3Formula("a > 0"))


def _function(model: Any) -> None:
    each = model.createFunctionDefinition()
    each.setId("twice")
    each.setMath(libsbml.parseL3Formula("lambda(x, 2 * x)"))


def _algebraic(model: Any) -> None:
    model.createAlgebraicRule().setMath(libsbml.parseL3Formula("n - a"))


def _moving(model: Any) -> None:
    model.getReaction(0).getReactant(0).setConstant(False)


@pytest.mark.parametrize(
    ("change", "said"),
    [(_initial, "initial assignment"), (_constraint, "constraint"),
     (_function, "function definition"), (_algebraic, "algebraic rule"), (_moving, "stoichiometric")],
)  # fmt: skip
def test_constructs_that_are_not_supported_are_refused_by_name(
    change: Callable[[Any], None], said: str
) -> None:
    with pytest.raises(LibraryError, match="E117") as caught:
        read_sbml(document(change=change))
    assert said in caught.value.message
    assert caught.value.remedy


def test_an_event_that_waits_for_nothing_is_refused() -> None:
    def change(model: Any) -> None:
        event = model.createEvent()
        event.setId("rain")
        event.setUseValuesFromTriggerTime(True)

    with pytest.raises(LibraryError, match="E120 the event 'rain' waits for 'nothing'"):
        read_sbml(document(change=change))


def test_a_reaction_without_a_rate_is_refused() -> None:
    with pytest.raises(LibraryError, match="E104 reaction 'go'"):
        read_sbml(document(""))


@pytest.mark.parametrize("text", ["", "not xml", "<sbml/>", document()[:-40]])
def test_what_is_no_sbml_is_refused(text: str) -> None:
    with pytest.raises(LibraryError, match="E101"):
        read_sbml(text)
