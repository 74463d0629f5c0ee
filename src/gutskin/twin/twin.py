"""Twin: the weighted virtual people that stand for one person."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gutskin.coordinates import Coordinates
from gutskin.engine.outcome import Array
from gutskin.reference import Reference
from gutskin.rest import AtRest, read
from gutskin.twin.observation import Observation
from gutskin.twin.weights import effective, misfit


@dataclass(frozen=True)
class Twin:
    """A person as virtual people at rest.

    Parameters
    ----------
    reference, seen, coordinates
        What was known before, what was seen, and what turns points into people.
    kinds
        Stratum (N,) of every member.
    points
        Where members are (D, N), in standard normal coordinates.
    found
        Where they settled.
    weights
        How much each stands for the person (N,) [1]; they sum to one.
    odds
        Chance (L,) of every stratum [1].
    support
        Effective people of the reference population that explain what was seen; when they are few the
        population was refined.
    rounds
        Moves of the refinement; 0 when the population itself was weighted.
    """

    reference: Reference
    seen: Observation
    coordinates: Coordinates
    kinds: NDArray[np.int_]
    points: Array
    found: AtRest
    weights: Array
    odds: Array
    support: float
    rounds: int

    @property
    def constants(self) -> Array:
        """Constants (K, N) of every member in the ledger's units."""
        return self.coordinates.constants(self.points, self.kinds)

    @property
    def effective(self) -> float:
        """Effective members."""
        return effective(self.weights)

    @property
    def shown(self) -> Array:
        """What every member would show (M, N)."""
        return self.seen.shown(self.reference.model, self.found)

    @property
    def strain(self) -> float:
        """How badly the members explain what was seen: mean square of the errors, about 1 when well [1]."""
        middle = (self.shown * self.weights).sum(axis=1, keepdims=True)
        seen = self.seen
        return float(2.0 * misfit(middle, seen.values, seen.covariance)[0] / seen.size)

    def read(self, quantity: str) -> Array:
        """Return a quantity (N,) of every member in its unit."""
        return read(self.reference.model, self.found, quantity)

    def fewer(self, count: int) -> Twin:
        """Return a twin of fewer members of even weight, for what takes long; itself when it has no more."""
        from dataclasses import replace

        from gutskin.twin.weights import resampled

        if count >= self.weights.size:
            return self
        who = resampled(self.weights, count, self.reference.seed)
        even = np.full(count, 1.0 / count)
        return replace(
            self, kinds=self.kinds[who], points=self.points[:, who], found=self.found.of(who), weights=even
        )
