"""Which way each reaction carries an element between pools, and whether a budget tells all of it."""

from __future__ import annotations

from collections.abc import Mapping

from gutskin.compile.formulas import composition
from gutskin.errors import InputError, nearest
from gutskin.network import Network
from gutskin.pictures.budget import OUTSIDE, Budget

Way = tuple[str, str]  # from which pool to which
ROUNDING = 1e-9  # [mol/mol] below which a reaction leaves a pool as it is


def contents(network: Network, budget: Budget) -> dict[str, tuple[str, float]]:
    """Return the pool of every species that is counted, and its content of the element [mol/mol].

    Raises
    ------
    InputError
        E460 when the model has no such species, it is in two pools or does not hold the element.
    """
    known = {q.name: q.formula for q in network.quantities if q.kind == "species"}
    found: dict[str, tuple[str, float]] = {}
    for pool in budget.pools:
        for name in pool.holds:
            where = f"{budget.name}, {pool.label}"
            if name not in known:
                remedy = nearest(name, known) or "see: gutskin explain"
                raise InputError("E460", f"the model has no species {name!r}", where=where, remedy=remedy)
            content = dict(composition(known[name])).get(budget.element, 0.0)
            if name in found or not content:
                why = "is in two pools" if name in found else f"holds no {budget.element}"
                raise InputError("E460", f"{name} {why}", where=where, remedy="leave it out")
            found[name] = pool.name, content
    return found


def ways(network: Network, budget: Budget) -> dict[str, dict[Way, float]]:
    """Return what every reaction that touches a pool carries which way [mol of the element per mol].

    What comes from several places goes to all others in proportion.
    """
    held, found = contents(network, budget), {}
    for reaction in network.reactions:
        change: dict[str, float] = {}
        for name, count in reaction.stoichiometry:
            if name in held:
                pool, content = held[name]
                change[pool] = change.get(pool, 0.0) + count * content
        change[OUTSIDE] = -sum(change.values())
        lost = {pool: -each for pool, each in change.items() if each < -ROUNDING}
        won = {pool: each for pool, each in change.items() if each > ROUNDING}
        total = sum(lost.values())
        if total:
            found[reaction.name] = {(a, b): lost[a] * won[b] / total for a in lost for b in won}
    return found


def told(network: Network, budget: Budget) -> dict[str, dict[Way, float]]:
    """Return :func:`ways` when the flows of the budget tell each of them once.

    Raises
    ------
    InputError
        E460 names that the model has not, E461 a way that no flow tells, or two, E462 a flow by a reaction
        that carries nothing that way.
    """
    found, names = ways(network, budget), {each.name for each in network.reactions}
    labels = {pool.name: pool.label for pool in budget.pools} | {OUTSIDE: "outside"}
    seen: dict[tuple[str, Way], int] = {}
    for flow in budget.flows:
        way, where = (flow.source, flow.sink), f"{budget.name}, {flow.label}"
        for name in flow.by:
            if name not in names:
                remedy = nearest(name, names) or "see: gutskin explain"
                raise InputError("E460", f"the model has no reaction {name!r}", where=where, remedy=remedy)
            if way not in found.get(name, {}):
                said = f"{name} carries no {budget.element} from {labels[way[0]]} to {labels[way[1]]}"
                raise InputError("E462", said, where=where, remedy=_does(found.get(name, {}), labels))
            seen[name, way] = seen.get((name, way), 0) + 1
    for name, carried in found.items():
        for way in carried:
            count = seen.get((name, way), 0)
            if count != 1:
                said = f"{'two flows tell' if count else 'no flow tells'} what {name} carries"
                remedy = f"one flow from {labels[way[0]]} to {labels[way[1]]}"
                raise InputError("E461", said, where=budget.name, remedy=remedy)
    return found


def _does(carried: Mapping[Way, float], labels: Mapping[str, str]) -> str:
    said = ", ".join(f"from {labels[a]} to {labels[b]}" for a, b in carried)
    return f"it does so {said}" if said else "leave it out: it touches no pool"
