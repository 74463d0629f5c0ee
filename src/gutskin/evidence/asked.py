"""What cases ask of arms: which quantities of the model, and at which times."""

from __future__ import annotations

import numpy as np

from gutskin.engine.outcome import Array
from gutskin.errors import InputError, nearest
from gutskin.evidence import enrol
from gutskin.evidence.agree import Look
from gutskin.evidence.case import Case
from gutskin.evidence.moment import Moment
from gutskin.model import Model
from gutskin.scenario import DAY


def quantity(model: Model, name: str) -> str:
    """Return the model's quantity behind a read-out, another name of it, or a quantity itself.

    Raises
    ------
    InputError
        E405 when there is none of that name; the nearest is named.
    """
    if name in model.readouts:
        return model.readouts[name].quantity
    for each in model.readouts.values():
        if name in each.also:
            return each.quantity
    known = (*model.kernel.states, *model.kernel.derived)
    if name in known:
        return name
    raise InputError(
        "E405", f"there is no read-out {name!r}", remedy=nearest(name, {*model.readouts, *known})
    )


def quantities(model: Model, case: Case, arm: str) -> set[str]:
    """Return the quantities of the model that a case asks of an arm."""
    asked = [e.readout for e in case.expectations if arm in (e.arm, e.versus)]
    asked += [e.other for e in case.expectations if e.arm == arm and e.other is not None]
    asked += [c.readout for c in case.curves if c.arm == arm]
    asked += enrol.conditions(case, arm)
    return {quantity(model, name) for each in asked for name in each.names}


def grid(case: Case, arm: str) -> Array:
    """Return the times [h] at which a case looks at an arm: each moment has its own, drop-out too."""
    last, every = case.arms[arm].days * DAY, case.arms[arm].every
    asked = enrol.moments(case, arm)
    for each in case.expectations:
        if arm in (each.arm, each.versus):
            asked += [each.moment, *each.readout.moments, *(each.other.moments if each.other else ())]
    found = {0.0, last}
    for curve in case.curves:
        if curve.arm == arm:
            asked += curve.readout.moments
            found.update(np.round(curve.hours, 9).tolist())
    if case.arms[arm].dropout:
        found.update(Moment("", "peak").nodes(last, every).tolist())
    return np.array(sorted(found.union(*(when.nodes(last, every).tolist() for when in asked))))


def looking(model: Model) -> Look:
    """Return what tells the quantity and the unit behind the name of a read-out; tallies are amounts."""
    known = {q.name: q.unit for q in model.network.quantities}

    def look(name: str) -> tuple[str, str]:
        return quantity(model, name), known.get(quantity(model, name), "mmol")

    return look
