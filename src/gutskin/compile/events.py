"""What events may do: set constants, and set, scale or raise states, by formulas that stand still.

An event happens at a time that a person's constants give, so it is an exact stop of that person's run. A
state may change to ``scale * state + add`` only, with both numbers made of constants.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from gutskin.compile.dimensions import written
from gutskin.errors import LibraryError
from gutskin.network import Event, Formula, Network, names_in

ZERO: Formula = ("c", 0.0)
ONE: Formula = ("c", 1.0)


class Change(NamedTuple):
    """``scale * target + add``; a constant is only set, its scale is 0."""

    target: str
    scale: Formula
    add: Formula


def affine(formula: Formula, name: str) -> tuple[Formula, Formula] | None:
    """Return (scale, add) with formula = scale * name + add, both without ``name``; None if it is not so."""
    op, *parts = formula
    if name not in names_in(formula):
        return ZERO, formula
    if op == "n":
        return ONE, ZERO
    if op not in ("add", "sub", "neg", "mul", "div"):
        return None
    sides = [affine(part, name) for part in parts]
    if None in sides:
        return None
    (scale, add), *more = (side for side in sides if side is not None)
    if op == "neg":
        return ("neg", scale), ("neg", add)
    other = more[0]
    if op in ("add", "sub"):
        return (op, scale, other[0]), (op, add, other[1])
    if other[0] == ZERO:  # times or divided by what does not hold the name
        return (op, scale, other[1]), (op, add, other[1])
    if op == "mul" and scale == ZERO:
        return ("mul", add, other[0]), ("mul", add, other[1])
    return None


def change(target: str, formula: Formula) -> Change | None:
    """Return what an assignment does to its target, or None when it is not linear in it."""
    found = affine(formula, target)
    return Change(target, *found) if found else None


def still(network: Network) -> dict[str, frozenset[str]]:
    """Return what stands still between events, and the constants it is made of.

    That is every constant, and every derived quantity that is made of constants only.
    """
    known = {each.name: frozenset({each.name}) for each in network.constants}
    for name, formula in network.assignments:
        used = names_in(formula)
        if used <= known.keys():
            known[name] = frozenset().union(*(known[each] for each in used))
    return known


def owned(network: Network) -> dict[str, str]:
    """Return the constants that events set or wait by, and an event of each."""
    if not network.events:  # asked for every person, and formulas of a large model are many
        return {}
    known, constants = still(network), {each.name for each in network.constants}
    out: dict[str, str] = {}
    for event in network.events:
        waits = frozenset().union(*(known[each] for each in names_in(event.time)))
        out |= dict.fromkeys(waits | ({name for name, _ in event.assignments} & constants), event.name)
    return out


def event_faults(network: Network) -> list[LibraryError]:
    """Return every event whose time moves (E120) and every assignment that no stop can make (E122)."""
    known = still(network)
    changed = {name: event for event in network.events for name, _ in event.assignments}
    faults = []
    for event in network.events:
        faults += _time_faults(event, known, changed)
        for name, formula in event.assignments:
            faults += _assignment_faults(event, network, known, name, formula)
    return faults


def _time_faults(
    event: Event, known: Mapping[str, frozenset[str]], changed: Mapping[str, Event]
) -> list[LibraryError]:
    used, remedy = names_in(event.time), "give the time as a formula of constants that no event changes"
    for name in sorted(used - known.keys()):
        message = f"the time of the event {event.name!r} depends on {name!r}, which moves"
        return [LibraryError("E120", message, where=event.line, remedy=remedy)]
    for name in sorted(frozenset().union(*(known[each] for each in used)) & changed.keys()):
        message = (
            f"the time of the event {event.name!r} depends on {name!r}, which {changed[name].name!r} sets"
        )
        return [LibraryError("E120", message, where=event.line, remedy=remedy)]
    return []


def _assignment_faults(
    event: Event, network: Network, known: Mapping[str, frozenset[str]], name: str, formula: Formula
) -> list[LibraryError]:
    constants = {each.name for each in network.constants}
    said = f"the event {event.name!r} sets {name} = {written(formula)}"
    if name not in constants and name not in network.states:
        remedy = "an event sets states and constants; what follows by a rule, or is unlimited, it cannot"
        return [LibraryError("E122", f"{said}, which is neither", where=event.line, remedy=remedy)]
    own = {name} if name in network.states else set[str]()
    moving = sorted(names_in(formula) - known.keys() - own)
    if moving:
        message, remedy = f"{said}, which depends on {moving[0]!r}", "use constants, and the state itself"
        return [LibraryError("E122", message, where=event.line, remedy=remedy)]
    if own and change(name, formula) is None:
        remedy = f"write {name} = k, {name} = {name} * k or {name} = {name} + k"
        return [LibraryError("E122", f"{said}, which is not linear", where=event.line, remedy=remedy)]
    return []
