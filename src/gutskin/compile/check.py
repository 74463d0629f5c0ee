"""Checks on an assembled network: units of every formula, elements of every reaction."""

from __future__ import annotations

from collections.abc import Iterator

from gutskin.compile import dimensions, formulas
from gutskin.compile.events import event_faults
from gutskin.errors import InputError, LibraryError, LibraryErrors, nearest
from gutskin.network import Formula, Network, names_in

AMOUNT, TIME = "mmol", "h"


def _scales(network: Network) -> tuple[dict[str, dimensions.Scale], list[LibraryError]]:
    known: dict[str, dimensions.Scale] = {}
    faults: list[LibraryError] = []
    written = [(q.name, q.unit, q.line) for q in network.quantities]
    for name, unit, where in (*written, *((c.name, c.unit, c.row) for c in network.constants)):
        try:
            known[name] = dimensions.scale_of(unit)
        except InputError as error:
            faults.append(LibraryError("E136", f"{name}: {error.message}", where=where, remedy=error.remedy))
    return known, faults


def _expected(network: Network) -> Iterator[tuple[str, str, Formula, str]]:
    """Yield (what, unit the formula must have, formula, where)."""
    lines = {q.name: q.line for q in network.quantities}
    unit_of = {q.name: q.unit for q in network.quantities}
    for reaction in network.reactions:
        yield f"the rate of {reaction.name}", f"{AMOUNT}/{TIME}", reaction.rate, reaction.line
    for name, formula in network.rate_rules:
        yield f"the change of {name}", f"{unit_of[name]}/{TIME}", formula, lines[name]
    for name, formula in network.assignments:
        yield name, unit_of[name], formula, lines[name]
    unit_of |= {c.name: c.unit for c in network.constants}
    for event in network.events:
        yield f"the time of {event.name}", TIME, event.time, event.line
        for name, formula in event.assignments:
            if name in unit_of:
                yield f"{name} at {event.name}", unit_of[name], formula, event.line


def unit_faults(network: Network) -> list[LibraryError]:
    """Return every formula whose unit is not what it must be (E113) and every unknown unit (E136)."""
    known, faults = _scales(network)
    for quantity in network.quantities:
        if quantity.kind in ("species", "boundary") and quantity.unit != AMOUNT:
            message = f"{quantity.name} is a species counted in {quantity.unit!r}"
            faults.append(
                LibraryError("E113", message, where=quantity.line, remedy=f"species are amounts in {AMOUNT}")
            )
    for what, unit, formula, where in _expected(network):
        if not names_in(formula) <= known.keys() or (faults and faults[0].code == "E136"):
            continue
        try:
            wanted, got = dimensions.scale_of(unit), dimensions.of(formula, known)
        except dimensions.Mismatch as problem:
            faults.append(
                LibraryError(
                    "E113", f"units in {what}: {problem}", where=where, remedy="mend the formula or a unit"
                )
            )
            continue
        if formula != ("c", 0.0) and not got.same(wanted):
            message = (
                f"{what} must be {dimensions.show(wanted)} [{unit}] but the formula is {dimensions.show(got)}"
            )
            faults.append(LibraryError("E113", message, where=where, remedy="mend the formula or a unit"))
    return faults


def imbalance(network: Network, *, states_only: bool = False) -> dict[str, dict[str, float]]:
    """Return, per reaction, what it makes or destroys of each conserved element [mol per mol of reaction].

    Parameters
    ----------
    network
        The network.
    states_only
        Count only what is inside the person: boundary species are then sources and sinks.
    """
    content = {
        q.name: dict(formulas.composition(q.formula))
        for q in network.quantities
        if q.formula and not (states_only and q.kind == "boundary")
    }
    out: dict[str, dict[str, float]] = {}
    for reaction in network.reactions:
        net: dict[str, float] = {}
        for name, number in reaction.stoichiometry:
            for element, count in content.get(name, {}).items():
                net[element] = net.get(element, 0.0) + number * count
        out[reaction.name] = {e: net[e] for e in formulas.CONSERVED if abs(net.get(e, 0.0)) > 1e-9}
    return out


def balance_faults(network: Network) -> list[LibraryError]:
    """Return unclosed reactions that are not declared open (E114), and closed ones that are (E115)."""
    faults: list[LibraryError] = []
    for quantity in network.quantities:
        try:
            if quantity.formula:
                formulas.composition(quantity.formula)
        except LibraryError as error:
            faults.append(
                LibraryError(
                    error.code, f"{quantity.name}: {error.message}", where=quantity.line, remedy=error.remedy
                )
            )
    if faults:
        return faults
    lines = {r.name: r for r in network.reactions}
    for name, net in imbalance(network).items():
        reaction = lines[name]
        if net and not reaction.open_because:
            said = ", ".join(f"{element} {number:+.6g}" for element, number in net.items())
            remedy = f"mend the stoichiometry, or give a reason in open_reactions/ under [{reaction.module}]"
            faults.append(
                LibraryError("E114", f"{name} does not close: {said}", where=reaction.line, remedy=remedy)
            )
        if reaction.open_because and not net:
            message = f"{name} closes but is listed as open"
            faults.append(
                LibraryError(
                    "E115", message, where=reaction.line, remedy="take it off the list of open reactions"
                )
            )
    return faults


def check(network: Network) -> None:
    """Run all checks.

    Raises
    ------
    LibraryErrors
        With every fault.
    """
    unknown = _unknown_names(network)
    faults = [*unit_faults(network), *balance_faults(network), *(unknown or event_faults(network))]
    if faults:
        raise LibraryErrors(faults)


def _unknown_names(network: Network) -> list[LibraryError]:
    known = {q.name for q in network.quantities if q.kind != "boundary"}  # an unlimited species has no amount
    known |= {c.name for c in network.constants}
    out = []
    for what, _, formula, where in _expected(network):
        for name in sorted(names_in(formula) - known):
            out.append(
                LibraryError(
                    "E109",
                    f"{what} uses {name!r}, which has no value",
                    where=where,
                    remedy=nearest(name, known) or "a place or an unlimited species has no amount",
                )
            )
    return out
