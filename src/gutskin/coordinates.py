"""People as points: a standard normal number for every constant that differs between people.

What the ledger, a place or a preset says of a number's spread turns a point into constants. Between points
one can go half way, or towards data, and what comes out is always a person that the spreads allow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gutskin.engine.outcome import Array
from gutskin.ledger import Parameter
from gutskin.model import Model
from gutskin.people import Person
from gutskin.population import WIDEST, drawn_rows, quantile, uniform


@dataclass(frozen=True)
class _Kind:
    """People alike: their middle (K,) and the row of every constant that differs among them."""

    middle: Array
    rows: tuple[Parameter | None, ...]


class Coordinates:
    """Points of people of several kinds.

    Parameters
    ----------
    model
        Names, values and spreads.
    people
        One person a kind; numbers of their own that are known exactly are everybody's.

    Attributes
    ----------
    places
        Indices (D,) of the constants that differ in any kind; a point has as many coordinates.
    """

    def __init__(self, model: Model, people: Sequence[Person]) -> None:
        self.names = tuple(constant.name for constant in model.network.constants)
        self.kinds = tuple(_Kind(*drawn_rows(model, person)) for person in people)
        loose = [any(kind.rows[k] is not None for kind in self.kinds) for k in range(len(self.names))]
        self.places: NDArray[np.int_] = np.flatnonzero(loose)

    def drawn(self, count: int, *, seed: int, first: int = 0) -> Array:
        """Return points (D, P) of people ``first`` and on, drawn as the spreads say."""
        from scipy.special import ndtri

        shares = [uniform(seed, self.names[k], first, count) for k in self.places]
        return np.clip(ndtri(np.array(shares).reshape(-1, count)), -WIDEST, WIDEST)

    def constants(self, points: Array, kinds: NDArray[np.int_]) -> Array:
        """Return constants (K, P) in the ledger's units of points (D, P) of people of some kinds (P,)."""
        from scipy.special import ndtr

        out, shares = np.empty((len(self.names), points.shape[1])), ndtr(points)
        for number in np.unique(kinds):
            who, kind = np.flatnonzero(kinds == number), self.kinds[number]
            out[:, who] = kind.middle[:, None]
            for d, k in enumerate(self.places):
                row = kind.rows[k]
                if row is not None:
                    out[k, who] = quantile(row, kind.middle[k], shares[d, who])
        return out
