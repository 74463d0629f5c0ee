"""With and without a plan, and through which edges the difference comes.

The share of an edge is what disappears of the plan's effect when the edge is cut in both arms from day 0 on.
Shares need not sum to one: edges in a row each carry the whole effect, edges side by side split it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from gutskin.edges import Edge, read_edges
from gutskin.engine.outcome import Array, Options
from gutskin.model import Model
from gutskin.network import Formula, names_in
from gutskin.people import Person, within
from gutskin.precedence import resolve
from gutskin.readouts import Readout
from gutskin.result import Result
from gutskin.scenario import Scenario
from gutskin.simulate import NotSteadyError, day_zero, simulate

# An effect below this share of a read-out's healthy span (or of its value) is called little change [1].
WORTH_TELLING = 0.1
# An edge of whose inputs none moves by this share carries nothing [1].
MOVES = 5e-3
# Shares are shown to the percent: a coarser integration is enough [1].
EDGE_RTOL = 1e-4
# Share of the work that the two arms are, for progress [1].
ARMS = 0.2


@dataclass(frozen=True)
class EdgeEffect:
    """Share [1] of the plan's effect on each read-out that disappears when the edge is cut."""

    edge: Edge
    shares: Mapping[str, float]


@dataclass(frozen=True)
class Comparison:
    """Both arms of a scenario for one person; ``effects`` [unit] are plan less no plan when the plan ends."""

    person: Person
    scenario: Scenario
    without: Result
    planned: Result
    effects: Mapping[str, float]
    edges: tuple[EdgeEffect, ...]


def effect(without: Result, planned: Result, readout: Readout, day: float) -> float:
    """Return plan less no plan, means over the day before ``day`` [its unit]; NaN after a failure."""
    first = max(day - 1.0, 0.0)
    arms = [result[readout.quantity].mean(first, day)[0] for result in (without, planned)]
    return float(arms[1] - arms[0])


def worth(change: float, readout: Readout, value: float) -> bool:
    """Whether an effect is large enough to be explained."""
    span = readout.healthy.high - readout.healthy.low if readout.healthy else abs(value)
    return bool(np.isfinite(change)) and abs(change) > WORTH_TELLING * max(span, 1e-12)


def _terms(formula: Formula, constant: str) -> list[Formula]:
    """Return the products of a formula in which a constant stands: what it is multiplied with."""
    if constant not in names_in(formula):
        return []
    if formula[0] in ("mul", "div", "n"):
        return [formula]
    return [term for part in formula[1:] for term in _terms(part, constant)]


def _inputs(model: Model, constant: str) -> set[str]:
    """Return the quantities that a constant passes on: those beside it in a product."""
    constants = {c.name for c in model.network.constants}
    rates = ((reaction.name, reaction.rate) for reaction in model.network.reactions)
    formulas = (*model.network.rate_rules, *model.network.assignments, *rates)
    found = [term for _, formula in formulas for term in _terms(formula, constant)]
    return set().union(*(_beside(term, constant) for term in found)) - constants if found else set()


def _beside(term: Formula, constant: str) -> set[str]:
    """Return the names of a product that stand as near to the constant as its own sum."""
    if term[0] in ("mul", "div"):
        for part in term[1:]:
            if constant in names_in(part) and part[0] not in ("mul", "div", "n"):
                return set().union(*(_beside(inner, constant) for inner in _terms(part, constant)))
    return names_in(term)


def carries(model: Model, edge: Edge, without: Result, planned: Result) -> bool:
    """Whether anything that the edge passes on differs between the arms."""
    for name in _inputs(model, edge.constant):
        a, b = without[name].values, planned[name].values
        scale = max(float(np.nanmax(np.abs(a))), 1e-12)
        if float(np.nanmax(np.abs(b - a))) > MOVES * scale:
            return True
    return False


def compare(
    model: Model,
    person: Person,
    scenario: Scenario,
    *,
    options: Options | None = None,
    edges: Sequence[Edge] | None = None,
    settled: Array | None = None,
    tick: Callable[[float], None] | None = None,
) -> Comparison:
    """Run a scenario with and without its plan and share the effect out among the edges.

    Parameters
    ----------
    model, person, scenario
        What, who and what is done.
    options
        Solver settings of the two arms; edges are cut at a coarser tolerance.
    edges
        Edges to cut; all of the library when None, none when empty.
    settled
        Everyday state (S,) of the person when it is known.
    tick
        Called with the share of the work done since the last call [1].

    Raises
    ------
    NotSteadyError
        E270 when the person has no everyday state.
    """
    options = options or Options()
    step = tick or (lambda _: None)
    person = within(person, scenario, model.library)
    constants = resolve(model, person)[0]
    ready, failure = day_zero(model, constants, scenario, options, settled=settled)
    if failure is not None:
        raise NotSteadyError(person.name, failure)
    arms = []
    for planned in (False, True):
        arms.append(simulate(model, person, scenario, planned=planned, options=options, start=ready[:, None]))
        step(ARMS / 2)
    day = scenario.judged_at
    effects = {name: effect(arms[0], arms[1], readout, day) for name, readout in model.readouts.items()}
    chosen = read_edges(model.library) if edges is None else tuple(edges)
    live = [each for each in chosen if carries(model, each, arms[0], arms[1])]
    shared = []
    for each in live:
        left = cut_effect(model, person, scenario, each, ready)
        shared.append(_share(model, each, effects, left, arms[0]))
        step((1 - ARMS) / len(live))
    return Comparison(person, scenario, arms[0], arms[1], effects, tuple(shared))


def cut_effect(
    model: Model, person: Person, scenario: Scenario, edge: Edge, ready: Array
) -> dict[str, float]:
    """Return the plan's effect on every read-out [its unit] with one edge cut in both arms."""
    unit = model.row(edge.constant).unit
    # as from the command line, the strongest origin: nothing else may keep the edge open
    silent = {**person.layers.get("command line", {}), edge.constant: (edge.silent, unit)}
    cut = person.having("command line", silent)
    coarse = Options(rtol=EDGE_RTOL)
    without, planned = (
        simulate(model, cut, scenario, planned=planned, options=coarse, start=ready[:, None])
        for planned in (False, True)
    )
    day = scenario.judged_at
    return {name: effect(without, planned, readout, day) for name, readout in model.readouts.items()}


def _share(
    model: Model, edge: Edge, effects: Mapping[str, float], left: Mapping[str, float], without: Result
) -> EdgeEffect:
    shares = {
        name: 1.0 - left[name] / effects[name]
        for name, readout in model.readouts.items()
        if worth(effects[name], readout, float(without[readout.quantity].values[0, 0]))
    }
    return EdgeEffect(edge, shares)
