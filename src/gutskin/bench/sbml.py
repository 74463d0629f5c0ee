"""A network with its numbers as SBML, for the solvers that read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import Any

from gutskin.bench.cases import Case
from gutskin.network import Formula, Network, Reaction, names_in

ABSOLUTE = 1e-3  # absolute tolerance of solvers that take one for all states, as a share of the relative one

_INFIX = {"add": "+", "sub": "-", "mul": "*", "div": "/", "pow": "^", "lt": "<", "le": "<=", "gt": ">",
"ge": ">=",
          "and": "&&", "or": "||"}  # fmt: skip


def infix(formula: Formula) -> str:
    """Return a formula as SBML level 3 text."""
    op, *parts = formula
    if op in ("c", "n"):
        return repr(parts[0]) if op == "c" else str(parts[0])
    said = [infix(part) for part in parts]
    if op in _INFIX:
        return f"({said[0]} {_INFIX[op]} {said[1]})"
    if op == "neg":
        return f"(-{said[0]})"
    if op == "if":
        return f"piecewise({said[1]}, {said[0]}, {said[2]})"
    if op in ("max", "min"):
        return f"piecewise({said[0]}, {said[0]} {'>=' if op == 'max' else '<='} {said[1]}, {said[1]})"
    return f"{op}({', '.join(said)})"


def to_sbml(
    network: Network,
    start: Sequence[float],
    constants: Sequence[float],
    meals: Sequence[Mapping[str, str]] = (),
    day: float = 24.0,
) -> str:
    """Return SBML level 3 of a network with numbers.

    Parameters
    ----------
    network
        The network.
    start, constants
        Values of states and constants, in order.
    meals
        What each daily meal adds: state -> constant that is the amount. Meal ``k`` comes when time passes
        ``clock__k``, which then moves on by a day.
    day
        Length of a day in the time unit of the network.
    """
    import libsbml

    document = libsbml.SBMLDocument(3, 2)
    model = document.createModel()
    room = model.createCompartment()
    room.setId("room__")
    room.setSize(1.0)
    room.setConstant(True)
    kinds = {q.name: q.kind for q in network.quantities}
    for name, value in zip(network.states, start, strict=True):
        if kinds[name] == "species":
            _species(model, name, float(value))
        else:
            _parameter(model, name, float(value), constant=False)
    for constant, value in zip(network.constants, constants, strict=True):
        _parameter(model, constant.name, float(value), constant=False)
    for name, formula in network.assignments:
        _parameter(model, name, None, constant=False)
        _rule(model.createAssignmentRule(), name, formula)
    for name, formula in network.rate_rules:
        _rule(model.createRateRule(), name, formula)
    for reaction in network.reactions:
        _reaction(model, reaction, {name for name in network.states if kinds[name] == "species"})
    if meals:
        _parameter(model, "day__", day, constant=True)
    for k, meal in enumerate(meals):
        _parameter(model, f"clock__{k}", 1e9, constant=False)
        _event(model, k, meal)
    return str(libsbml.writeSBMLToString(document))


def _species(model: Any, name: str, value: float) -> None:
    species = model.createSpecies()
    species.setId(name)
    species.setCompartment("room__")
    species.setInitialAmount(value)
    species.setHasOnlySubstanceUnits(True)
    species.setBoundaryCondition(False)
    species.setConstant(False)


def _parameter(model: Any, name: str, value: float | None, *, constant: bool) -> None:
    parameter = model.createParameter()
    parameter.setId(name)
    parameter.setConstant(constant)
    if value is not None:
        parameter.setValue(value)


def _math(formula: Formula | str) -> Any:
    import libsbml

    return libsbml.parseL3Formula(formula if isinstance(formula, str) else infix(formula))


def _rule(rule: Any, name: str, formula: Formula) -> None:
    rule.setVariable(name)
    rule.setMath(_math(formula))


def _reaction(model: Any, reaction: Reaction, species: Set[str]) -> None:
    made = model.createReaction()
    made.setId("reaction__" + reaction.name)
    made.setReversible(False)
    for name, number in reaction.stoichiometry:
        if name not in species:  # outside of the model: it comes or goes without changing anything
            continue
        side = made.createReactant() if number < 0 else made.createProduct()
        side.setSpecies(name)
        side.setStoichiometry(abs(number))
        side.setConstant(True)
    for name in sorted(names_in(reaction.rate) & species - dict(reaction.stoichiometry).keys()):
        made.createModifier().setSpecies(name)
    made.createKineticLaw().setMath(_math(reaction.rate))


def _event(model: Any, k: int, meal: Mapping[str, str]) -> None:
    event = model.createEvent()
    event.setId(f"eat_{k}")
    event.setUseValuesFromTriggerTime(True)
    trigger = event.createTrigger()
    trigger.setInitialValue(True)
    trigger.setPersistent(True)
    trigger.setMath(_math(f"time >= clock__{k}"))
    for name, text in (*((s, f"{s} + {a}") for s, a in meal.items()), (f"clock__{k}", f"clock__{k} + day__")):
        assignment = event.createEventAssignment()
        assignment.setVariable(name)
        assignment.setMath(_math(text))


def case_sbml(case: Case, *, meals: bool = True) -> str:
    """Return SBML of a case with the numbers of its first person."""
    return to_sbml(case.network, case.start, case.constants[:, 0], case.meals if meals else (), case.day)
