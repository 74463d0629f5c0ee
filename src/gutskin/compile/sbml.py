"""SBML to raw pieces of a network: with ``export.py`` the only files that touch libSBML.

libSBML objects die with their document, so nothing of libSBML leaves this file.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from gutskin.errors import LibraryError
from gutskin.network import Formula


@dataclass(frozen=True)
class RawEvent:
    """An event as written: what happens once the clock reaches (or, when ``strict``, has passed) ``time``."""

    name: str
    time: Formula
    strict: bool
    assignments: tuple[tuple[str, Formula], ...]


@dataclass(frozen=True)
class RawModel:
    """What flattened SBML holds, before units, labels and numbers are attached."""

    name: str
    species: tuple[tuple[str, str, bool], ...] = ()  # name, place, is a boundary
    parameters: tuple[str, ...] = ()  # neither species nor ruled
    reactions: tuple[tuple[str, tuple[tuple[str, float], ...], Formula], ...] = ()
    rate_rules: tuple[tuple[str, Formula], ...] = ()
    assignments: tuple[tuple[str, Formula], ...] = ()
    events: tuple[RawEvent, ...] = ()


def _operators() -> dict[int, str]:
    import libsbml as s

    return {
        s.AST_PLUS: "add", s.AST_TIMES: "mul", s.AST_MINUS: "sub", s.AST_DIVIDE: "div",
        s.AST_POWER: "pow", s.AST_FUNCTION_POWER: "pow", s.AST_FUNCTION_EXP: "exp", s.AST_FUNCTION_LN: "ln",
        s.AST_FUNCTION_ABS: "abs", s.AST_FUNCTION_MAX: "max", s.AST_FUNCTION_MIN: "min",
        s.AST_RELATIONAL_LT: "lt", s.AST_RELATIONAL_LEQ: "le",
        s.AST_RELATIONAL_GT: "gt", s.AST_RELATIONAL_GEQ: "ge",
        s.AST_LOGICAL_AND: "and", s.AST_LOGICAL_OR: "or",
    }  # fmt: skip


def _fold(op: str, parts: list[Formula]) -> Formula:
    out = parts[0]
    for part in parts[1:]:
        out = (op, out, part)
    return out


def _formula(node: Any, where: str) -> Formula:
    import libsbml as s

    if node is None:
        raise LibraryError("E101", "a formula cannot be read", where=where, remedy="mend it")
    kind = node.getType()
    if kind in (s.AST_INTEGER, s.AST_REAL, s.AST_REAL_E, s.AST_RATIONAL) and math.isfinite(node.getValue()):
        return ("c", float(node.getValue()))
    if kind == s.AST_NAME:
        return ("n", node.getName())
    parts = [_formula(node.getChild(i), where) for i in range(node.getNumChildren())]
    if kind == s.AST_FUNCTION_PIECEWISE:
        return _piecewise(parts, where)
    if kind == s.AST_FUNCTION_ROOT:
        return ("pow", parts[-1], ("c", 0.5 if len(parts) == 1 else 1.0 / parts[0][1]))
    if kind == s.AST_FUNCTION_LOG:
        if len(parts) == 2 and parts[0] != ("c", 10.0):
            raise LibraryError(
                "E117", "a logarithm to a base other than 10 or e", where=where, remedy="use ln or log10"
            )
        return ("log10", parts[-1])
    if kind == s.AST_MINUS and len(parts) == 1:
        return ("neg", parts[0])
    operators = _operators()
    if kind not in operators:
        said = s.formulaToL3String(node)
        raise LibraryError(
            "E117",
            f"{said!r} is not supported",
            where=where,
            remedy="see docs/model-text.md for the functions",
        )
    op = operators[kind]
    if op in ("add", "mul", "max", "min", "and", "or"):
        return _fold(op, parts) if parts else ("c", 0.0 if op == "add" else 1.0)
    return (op, *parts)


def _piecewise(parts: list[Formula], where: str) -> Formula:
    if len(parts) % 2 == 0:
        raise LibraryError(
            "E117",
            "a piecewise without an otherwise",
            where=where,
            remedy="give a last value without a condition",
        )
    out = parts[-1]
    for i in range(len(parts) - 3, -1, -2):
        out = ("if", parts[i + 1], parts[i], out)
    return out


def _stoichiometry(reaction: Any) -> tuple[tuple[str, float], ...]:
    net: dict[str, float] = {}
    for side, sign in ((reaction.getListOfReactants(), -1.0), (reaction.getListOfProducts(), 1.0)):
        for reference in side:
            if not reference.getConstant():
                message, remedy = "a stoichiometric number that is a symbol", "write it as a number"
                raise LibraryError("E117", message, where=reaction.getId(), remedy=remedy)
            net[reference.getSpecies()] = (
                net.get(reference.getSpecies(), 0.0) + sign * reference.getStoichiometry()
            )
    return tuple((name, number) for name, number in net.items() if number)


def _refuse_unsupported(model: Any) -> None:
    counts = {
        "a function definition": model.getNumFunctionDefinitions(),
        "a constraint": model.getNumConstraints(), "an initial assignment": model.getNumInitialAssignments(),
    }  # fmt: skip
    for what, count in counts.items():
        if count:
            raise LibraryError("E117", f"{what} in the model", remedy="not supported: use rules")


def _trigger(event: Any) -> tuple[Formula, bool]:
    """Return the time of an event, and whether it must have passed."""
    import libsbml as s

    name, trigger = event.getId(), event.getTrigger()
    node: Any = trigger.getMath() if trigger is not None else None
    sides = [node.getChild(i) for i in range(node.getNumChildren())] if node is not None else []
    after, before = (s.AST_RELATIONAL_GEQ, s.AST_RELATIONAL_GT), (s.AST_RELATIONAL_LEQ, s.AST_RELATIONAL_LT)
    clock = [side.getType() == s.AST_NAME_TIME for side in sides]
    if clock == [True, False] and node.getType() in after:
        return _formula(sides[1], name), node.getType() == s.AST_RELATIONAL_GT
    if clock == [False, True] and node.getType() in before:
        return _formula(sides[0], name), node.getType() == s.AST_RELATIONAL_LT
    said = s.formulaToL3String(node) if node is not None else "nothing"
    message = f"the event {name!r} waits for {said!r}, not for the clock"
    raise LibraryError("E120", message, where=name, remedy="write at (time >= t_x): with t_x in the ledger")


def _event(event: Any) -> RawEvent:
    name, (time, strict), trigger = event.getId(), _trigger(event), event.getTrigger()
    odd = {
        "a delay": event.isSetDelay(), "a priority": event.isSetPriority(),
        "t0": not trigger.getInitialValue(), "persistent": not trigger.getPersistent(),
        "fromTrigger": not event.getUseValuesFromTriggerTime(),
    }  # fmt: skip
    for what, there in odd.items():
        if there:
            message = f"the event {name!r} has {what}"
            remedy = "not supported: events happen at their time, in the order in which they are written"
            raise LibraryError("E123", message, where=name, remedy=remedy)
    made = tuple(
        (each.getVariable(), _formula(each.getMath(), name)) for each in event.getListOfEventAssignments()
    )
    return RawEvent(name, time, strict, made)


def read_sbml(xml: str) -> RawModel:
    """Read flattened SBML.

    Raises
    ------
    LibraryError
        E101 unreadable SBML, E104 a reaction without a rate, E117 a construct that is not supported, named,
        E120 an event that waits for something else than a time, E123 one with a delay or an option.
    """
    import libsbml

    document = libsbml.readSBMLFromString(xml)
    model = document.getModel()
    if model is None or document.getNumErrors(libsbml.LIBSBML_SEV_ERROR):
        said = document.getError(0).getMessage() if document.getNumErrors() else "no model"
        raise LibraryError("E101", f"SBML cannot be read: {said.strip()}")
    _refuse_unsupported(model)
    rates: list[tuple[str, Formula]] = []
    assignments: list[tuple[str, Formula]] = []
    for rule in model.getListOfRules():
        if rule.isAlgebraic():
            raise LibraryError("E117", "an algebraic rule", remedy="not supported: make it a fast state")
        (rates if rule.isRate() else assignments).append(
            (rule.getVariable(), _formula(rule.getMath(), rule.getVariable()))
        )
    ruled = {name for name, _ in (*rates, *assignments)}
    reactions = []
    for reaction in model.getListOfReactions():
        law = reaction.getKineticLaw()
        if law is None or law.getMath() is None:
            message, remedy = f"reaction {reaction.getId()!r} has no rate", "write name: a => b; rate"
            raise LibraryError("E104", message, where=reaction.getId(), remedy=remedy)
        reactions.append(
            (reaction.getId(), _stoichiometry(reaction), _formula(law.getMath(), reaction.getId()))
        )
    return RawModel(
        name=model.getId(),
        species=tuple(
            (s.getId(), s.getCompartment(), s.getBoundaryCondition()) for s in model.getListOfSpecies()
        ),
        parameters=tuple(p.getId() for p in model.getListOfParameters() if p.getId() not in ruled),
        reactions=tuple(reactions),
        rate_rules=tuple(rates),
        assignments=tuple(assignments),
        events=tuple(_event(each) for each in model.getListOfEvents()),
    )
