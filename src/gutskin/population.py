"""Virtual people: constants drawn from the spreads of the ledger.

Random numbers are counter-based (Philox) and keyed by seed and constant, with one number a person: person 17
is the same in a draw of 20 and of 20 000, whatever the order and on whatever machine.
"""

from __future__ import annotations

import hashlib
import math

import numpy as np

from gutskin.engine.outcome import Array
from gutskin.errors import InputError
from gutskin.ledger import Parameter
from gutskin.model import Model
from gutskin.people import Person
from gutskin.precedence import resolve, spreads

# Draws stop so many standard deviations from the middle: a spread says nothing about its far tails [1].
WIDEST = 3.0
PHILOX_BLOCK = 4  # numbers of one step of the counter (Philox 4x64)


def draw(model: Model, people: int, *, like: Person | None = None, seed: int = 1, first: int = 0) -> Array:
    """Return constants (K, P) of virtual people in the ledger's units.

    Parameters
    ----------
    model
        Names, values and spreads.
    people
        How many.
    like
        Whom they resemble: constants that this person has of their own (preset, sample, scenario, command
        line) are taken as known and not drawn, but for those with a spread of their own (site, preset), which
        are drawn from that.
    seed
        Same seed, same people.
    first
        Number of the first person, so that a crowd can be drawn in parts.

    Raises
    ------
    InputError
        E266 when ``people`` is not above 0.
    """
    if people < 1:
        raise InputError("E266", f"people = {people}", remedy="draw at least one")
    values, rows = drawn_rows(model, like)
    out = np.repeat(values[:, None], people, axis=1)
    for k, row in enumerate(rows):
        if row is not None:
            name = model.network.constants[k].name
            out[k] = quantile(row, values[k], uniform(seed, name, first, people))
    return out


def drawn_rows(model: Model, like: Person | None) -> tuple[Array, tuple[Parameter | None, ...]]:
    """Return middles (K,), and for every constant the row by which people differ in it, or None.

    Parameters
    ----------
    model, like
        As in :func:`draw`.
    """
    known: dict[str, str] = {}
    own: dict[str, Parameter] = {}
    values = model.constants()
    if like is not None:
        (values, known), own = resolve(model, like), spreads(model, like)
    rows: list[Parameter | None] = []
    for constant in model.network.constants:
        row = own.get(constant.name, model.ledger.rows[constant.row])
        free = row.spread.kind != "fixed" and (constant.name in own or constant.name not in known)
        rows.append(row if free else None)
    return values, tuple(rows)


def uniform(seed: int, name: str, first: int, count: int) -> Array:
    """Return one number in (0, 1) for each of ``count`` people; it depends on seed, name and person only.

    The counter starts at the block of the first person, so that a part costs its own people only.
    """
    key = int.from_bytes(hashlib.sha256(f"{seed}\0{name}".encode()).digest()[:16], "little")
    block, skipped = divmod(first, PHILOX_BLOCK)
    raw = np.random.Generator(np.random.Philox(key=key, counter=block)).random(skipped + count)[skipped:]
    return np.clip(raw, 1e-16, 1.0 - 1e-16)


def quantile(row: Parameter, middle: float, uniform: Array) -> Array:
    """Return the numbers [unit of the row] below which shares ``uniform`` [1] of people lie.

    Parameters
    ----------
    row
        Its spread; a ``fixed`` one is its middle for everybody.
    middle
        The median of a lognormal, the mean of a normal; other spreads have their own bounds.
    uniform
        Shares in (0, 1).
    """
    from scipy.special import ndtri

    spread = row.spread
    if spread.kind == "uniform":
        low, high = float(spread.low or 0.0), float(spread.high or 0.0)
        return low + (high - low) * uniform
    if spread.kind == "loguniform":
        low, high = math.log(float(spread.low or 1.0)), math.log(float(spread.high or 1.0))
        return np.exp(low + (high - low) * uniform)
    normal = np.clip(ndtri(uniform), -WIDEST, WIDEST)
    if spread.kind == "lognormal":
        return middle * float(spread.gsd or 1.0) ** normal
    drawn = middle + float(spread.sd or 0.0) * normal
    return np.maximum(drawn, 0.0) if middle >= 0 else drawn
