"""Network and numbers to SBML Level 3 Version 2, with units, so that other simulators can run it.

libSBML writes 15 digits: a file agrees with the arrays to about 1e-15 relative, not to the last bit.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from gutskin import units
from gutskin.compile.dimensions import written
from gutskin.errors import LibraryError
from gutskin.network import Event, Formula, Network

AMOUNT, TIME, PLACE = "mmol", "h", "L"


class _Writer:
    """Writes one document; unit definitions are made as they are needed."""

    def __init__(self, network: Network) -> None:
        import libsbml

        self.sbml = libsbml
        self.kinds = {
            "amount": libsbml.UNIT_KIND_MOLE,
            "length": libsbml.UNIT_KIND_METRE,
            "mass": libsbml.UNIT_KIND_KILOGRAM,
            "time": libsbml.UNIT_KIND_SECOND,
            "temperature": libsbml.UNIT_KIND_KELVIN,
            "cells": libsbml.UNIT_KIND_ITEM,
            "virions": libsbml.UNIT_KIND_ITEM,  # SBML counts whatever is counted in items
            "energy": libsbml.UNIT_KIND_JOULE,
        }
        self.document = libsbml.SBMLDocument(3, 2)
        self.model = self.document.createModel()
        self.model.setId(network.name)
        self.known: dict[str, str] = {}
        self.where = ""  # what is being written, for errors
        for each, setter in (
            (TIME, "setTimeUnits"),
            (AMOUNT, "setSubstanceUnits"),
            (AMOUNT, "setExtentUnits"),
        ):
            getattr(self.model, setter)(self.unit(each))
        self.model.setVolumeUnits(self.unit(PLACE))

    def unit(self, text: str) -> str:
        """Return the id of a unit definition."""
        powers = units.dimension(text)
        size = units.base_factor(text)
        if not powers and size == 1.0:
            return "dimensionless"
        if text not in self.known:
            self.known[text] = f"unit_{len(self.known) + 1}"
            definition = self.model.createUnitDefinition()
            definition.setId(self.known[text])
            definition.setName(text)
            for k, (name, power) in enumerate(powers or (("", 1.0),)):
                if name and name not in self.kinds:
                    remedy = f"units of {', '.join(self.kinds)} can be exported"
                    message = f"SBML has no unit of {name!r} for {text!r}"
                    raise LibraryError("E121", message, where=self.where, remedy=remedy)
                part = definition.createUnit()
                part.setKind(self.kinds[name] if name else self.sbml.UNIT_KIND_DIMENSIONLESS)
                part.setExponent(power)
                part.setScale(0)
                part.setMultiplier(size ** (1.0 / power) if k == 0 else 1.0)
        return self.known[text]

    def math(self, formula: Formula, unit: str) -> Any:
        """Return the libSBML tree of a formula in a unit; its numbers are pure numbers, a bare 0 is not."""
        text = _infix(formula) if formula != ("c", 0.0) else f"0 {self.unit(unit)}"
        tree = self.sbml.parseL3Formula(text)
        if tree is None:
            message = f"{written(formula)!r} cannot be written as SBML"
            raise LibraryError(
                "E121", message, where=self.where, remedy="use the functions of the model text"
            )
        return tree

    def parameter(self, name: str, value: float | None, unit: str, label: str, *, constant: bool) -> None:
        each = self.model.createParameter()
        each.setId(name)
        if label:
            each.setName(label)
        if value is not None:
            each.setValue(value)
        each.setUnits(self.unit(unit))
        each.setConstant(constant)

    def rule(self, name: str, formula: Formula, unit: str, *, rate: bool) -> None:
        each = self.model.createRateRule() if rate else self.model.createAssignmentRule()
        each.setVariable(name)
        each.setMath(self.math(formula, f"{unit}/{TIME}" if rate else unit))


_FUNCTIONS = {"ln": "ln", "exp": "exp", "abs": "abs", "max": "max", "min": "min"}
_SIGNS = {
    "add": "+", "sub": "-", "mul": "*", "div": "/", "pow": "^",
    "lt": "<", "le": "<=", "gt": ">", "ge": ">=", "and": "&&", "or": "||",
}  # fmt: skip


def _infix(formula: Formula) -> str:
    op, *parts = formula
    if op == "c":
        return f"({parts[0]!r} dimensionless)" if parts[0] >= 0 else f"(-({-parts[0]!r} dimensionless))"
    if op == "n":
        return str(parts[0])
    if op == "pow" and (parts[1][0] == "c" or (parts[1][0] == "neg" and parts[1][1][0] == "c")):
        # an exponent with a unit attribute, or a sign, hides its value from unit checks
        number = -parts[1][1][1] if parts[1][0] == "neg" else parts[1][1]
        power = f"({_infix(parts[0])} ^ {abs(number)!r})"
        return power if number >= 0 else f"((1 dimensionless) / {power})"
    said = [_infix(part) for part in parts]
    if op == "neg":
        return f"(-{said[0]})"
    if op == "log10":  # the base of a logarithm counts as a number without a unit
        return f"(ln({said[0]}) / ({math.log(10.0)!r} dimensionless))"
    if op == "if":
        return f"piecewise({said[1]}, {said[0]}, {said[2]})"
    if op in _SIGNS:
        return f"({said[0]} {_SIGNS[op]} {said[1]})"
    return f"{_FUNCTIONS[op]}({', '.join(said)})"


def to_sbml(network: Network, states: Sequence[float], constants: Sequence[float]) -> str:
    """Return SBML text of a network with these states and constants.

    Parameters
    ----------
    network
        The network.
    states
        (S,) initial values in declared units.
    constants
        (K,) values in declared units.

    Raises
    ------
    LibraryError
        E121 when a unit or formula cannot be written.
    """
    writer = _Writer(network)
    model = writer.model
    start = dict(zip(network.states, states, strict=True))
    unit_of = {q.name: q.unit for q in network.quantities} | {c.name: c.unit for c in network.constants}
    for place in sorted({q.place for q in network.quantities if q.place}):
        compartment = model.createCompartment()
        compartment.setId(place)
        compartment.setConstant(True)
        compartment.setSpatialDimensions(3)
        compartment.setUnits(writer.unit(PLACE))
        compartment.setSize(1.0)
    for q in network.quantities:
        writer.where = q.line
        if q.kind in ("species", "boundary"):
            species = model.createSpecies()
            species.setId(q.name)
            species.setName(q.label)
            species.setCompartment(q.place)
            species.setHasOnlySubstanceUnits(True)
            species.setBoundaryCondition(q.kind == "boundary")
            species.setConstant(False)
            species.setSubstanceUnits(writer.unit(q.unit))
            species.setInitialAmount(float(start.get(q.name, 0.0)))
        else:
            writer.parameter(q.name, start.get(q.name), q.unit, q.label, constant=False)
    changed = {name for event in network.events for name, _ in event.assignments}
    for each, value in zip(network.constants, constants, strict=True):
        writer.where = each.row
        writer.parameter(each.name, float(value), each.unit, "", constant=each.name not in changed)
    for name, formula in network.assignments:
        writer.rule(name, formula, unit_of[name], rate=False)
    for name, formula in network.rate_rules:
        writer.rule(name, formula, unit_of[name], rate=True)
    for reaction in network.reactions:
        _reaction(writer, reaction.name, reaction.stoichiometry, reaction.rate)
    for k, event in enumerate(network.events):
        _event(writer, event, unit_of, len(network.events) - k)
    return str(writer.sbml.writeSBMLToString(writer.document))


def _event(writer: _Writer, event: Event, unit_of: Mapping[str, str], priority: int) -> None:
    """Write an event; those due together run one after the other, the first with the highest priority."""
    writer.where = event.line
    made = writer.model.createEvent()
    made.setId(event.name)
    made.setUseValuesFromTriggerTime(False)
    trigger = made.createTrigger()
    trigger.setInitialValue(True)
    trigger.setPersistent(True)
    trigger.setMath(writer.sbml.parseL3Formula(f"time {'>' if event.strict else '>='} {_infix(event.time)}"))
    made.createPriority().setMath(writer.sbml.parseL3Formula(f"{priority} dimensionless"))
    for name, formula in event.assignments:
        assignment = made.createEventAssignment()
        assignment.setVariable(name)
        assignment.setMath(writer.math(formula, unit_of[name]))


def _reaction(
    writer: _Writer, name: str, stoichiometry: tuple[tuple[str, float], ...], rate: Formula
) -> None:
    reaction = writer.model.createReaction()
    reaction.setId(name)
    reaction.setReversible(False)
    for species, number in stoichiometry:
        reference = reaction.createReactant() if number < 0 else reaction.createProduct()
        reference.setSpecies(species)
        reference.setStoichiometry(abs(number))
        reference.setConstant(True)
    law = reaction.createKineticLaw()
    tree = writer.math(rate, f"{AMOUNT}/{TIME}")
    law.setMath(tree)
    mentioned = {species for species, _ in stoichiometry}
    for species in sorted(_species_in(writer, tree) - mentioned):
        reaction.createModifier().setSpecies(species)


def _species_in(writer: _Writer, tree: Any) -> set[str]:
    names: set[str] = set()
    todo = [tree]
    while todo:
        node = todo.pop()
        if node.isName() and writer.model.getSpecies(node.getName()) is not None:
            names.add(node.getName())
        todo.extend(node.getChild(i) for i in range(node.getNumChildren()))
    return names


def faults(xml: str) -> list[str]:
    """Return every error and warning that libSBML's validator has about a document."""
    import libsbml

    document = libsbml.readSBMLFromString(xml)
    for category in (
        libsbml.LIBSBML_CAT_UNITS_CONSISTENCY, libsbml.LIBSBML_CAT_GENERAL_CONSISTENCY,
        libsbml.LIBSBML_CAT_IDENTIFIER_CONSISTENCY, libsbml.LIBSBML_CAT_MATHML_CONSISTENCY,
        libsbml.LIBSBML_CAT_OVERDETERMINED_MODEL,
    ):  # fmt: skip
        document.setConsistencyChecks(category, True)
    document.setConsistencyChecks(libsbml.LIBSBML_CAT_MODELING_PRACTICE, False)
    document.setConsistencyChecks(libsbml.LIBSBML_CAT_SBO_CONSISTENCY, False)
    document.checkConsistency()
    found = [document.getError(i) for i in range(document.getNumErrors())]
    return [f"{error.getErrorId()} line {error.getLine()}: {error.getMessage().strip()}" for error in found]
