"""Which value of a constant counts.

Where a constant is given more than once, one function decides, by this table (later wins):

=============  ==========================================================
origin         what it is
=============  ==========================================================
ledger         the healthy adult's value of ``library/parameters``
site           ``[set]`` of the place where the person is looked at, in ``library/sites``
preset         ``[set]`` of the person's file in ``library/people``
sample         traits that explain the person's own samples
scenario       ``[set]`` of the scenario
command line   ``--set name=value``
=============  ==========================================================

Numbers of a site, and those of a person that are written like rows of the ledger, have a spread of their own;
all others that are given are known exactly.
"""

from __future__ import annotations

import math
from dataclasses import replace

from gutskin import units
from gutskin.engine.outcome import Array
from gutskin.errors import InputError, nearest
from gutskin.ledger import Parameter
from gutskin.model import Model
from gutskin.people import ORIGINS, Person

# Beyond so many spreads from the ledger's value a number is called unusual [1].
UNUSUAL = 4.0


def resolve(model: Model, person: Person) -> tuple[Array, dict[str, str]]:
    """Return the person's constants (K,) in the ledger's units, and the origin of each that differs.

    Raises
    ------
    InputError
        E260 no such constant, E202 a value in a unit of another kind, E263 not a finite number, E265 a
        negative number for something that cannot be negative.

    Notes
    -----
    A number that the model varies stands for the person's row with a spread, but never for one that is known.
    """
    constants = model.constants()
    index = {c.name: k for k, c in enumerate(model.network.constants)}
    moved = model.varies & _loose(person).keys()
    origins: dict[str, str] = {}
    for origin in ORIGINS[1:]:
        for name, (value, unit) in person.layers.get(origin, {}).items():
            where = f"{person.name}, {origin}: {name}"
            if name not in index:
                remedy = nearest(name, index)
                raise InputError("E260", f"the model has no constant {name!r}", where=where, remedy=remedy)
            if name not in moved:
                constants[index[name]] = _value(model.row(name), value, unit, where)
            origins[name] = origin
    return constants, origins


def spreads(model: Model, person: Person) -> dict[str, Parameter]:
    """Return constant -> the person's own row, in the ledger's unit, where one with a spread counts.

    Raises
    ------
    InputError
        E260 no such constant, E202 a unit of another kind.
    """
    return {name: _in_unit(model.row(name), row) for name, row in _loose(person).items()}


def _loose(person: Person) -> dict[str, Parameter]:
    """Return constant -> the person's own row as it is written, where no later origin says it exactly."""
    found: dict[str, Parameter] = {}
    for origin in ORIGINS[1:]:
        rows = person.rows.get(origin, {})
        for name in person.layers.get(origin, {}):
            if name in rows:
                found[name] = rows[name]
            else:
                found.pop(name, None)
    return found


def _in_unit(ledger: Parameter, own: Parameter) -> Parameter:
    """Return a person's row under the name and in the unit of the ledger's."""
    times = units.convert(1.0, own.unit, ledger.unit)
    held = own.spread
    sizes = {key: getattr(held, key) for key in ("sd", "low", "high")}
    spread = replace(held, **{key: each and times * each for key, each in sizes.items()})
    value = units.convert(own.value, own.unit, ledger.unit)
    return replace(own, row=ledger.row, value=value, unit=ledger.unit, spread=spread)


def _value(row: Parameter, value: float, unit: str, where: str) -> float:
    if not math.isfinite(value):
        raise InputError(
            "E263", f"{value} is no number to compute with", where=where, remedy="give a finite number"
        )
    try:
        converted = units.convert(value, unit, row.unit)
    except InputError as error:
        raise InputError(
            error.code, error.message, where=where, remedy=f"it is measured in {row.unit}"
        ) from error
    if converted < 0 and _range(row)[0] >= 0:
        remedy = f"the ledger has {row.value:g} {row.unit}"
        raise InputError("E265", f"{value:g} {unit} is negative", where=where, remedy=remedy)
    return converted


def _range(row: Parameter) -> tuple[float, float]:
    """Return the range [unit of the row] that its spread calls usual."""
    spread = row.spread
    if spread.kind in ("uniform", "loguniform"):
        return float(spread.low or 0.0), float(spread.high or 0.0)
    if spread.kind == "normal":
        return row.value - UNUSUAL * (spread.sd or 0.0), row.value + UNUSUAL * (spread.sd or 0.0)
    if spread.kind == "lognormal":
        width = (spread.gsd or 1.0) ** UNUSUAL
        return row.value / width, row.value * width
    return min(row.value, 0.0), math.inf


def unusual(model: Model, person: Person) -> tuple[str, ...]:
    """Say which of the person's constants lie outside what the ledger calls usual.

    One with a spread of its own is judged by that. A constant set to 0 is switched off on purpose
    and is not called unusual.
    """
    constants, origins = resolve(model, person)
    own = spreads(model, person)
    index = {c.name: k for k, c in enumerate(model.network.constants)}
    said = []
    for name, origin in origins.items():
        row, value = own.get(name, model.row(name)), float(constants[index[name]])
        low, high = _range(row)
        if value and not low <= value <= high:
            said.append(
                f"{name} = {value:g} {row.unit} ({origin}) is outside the usual {low:.3g} to {high:.3g}"
            )
    return tuple(said)
