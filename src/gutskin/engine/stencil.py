"""Derivatives from values at a few places, and how far off they may be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp

from gutskin.engine.outcome import Array

STEP, ROUGH = 2e-4, 2e-5  # of the size: with an error from a second difference, and without
GRAIN = 256 * 2.0**-52  # rounding of a run, relative: measured, few runs have more
Weights = tuple[float, ...]
# Places in steps; weights of the derivative; weights of the difference between a step and two.
BOTH: tuple[tuple[int, ...], Weights, Weights] = (
    (-2, -1, 1, 2),
    (1 / 12, -2 / 3, 2 / 3, -1 / 12),
    (1 / 4, -1 / 2, 1 / 2, -1 / 4),
)
ABOVE: tuple[tuple[int, ...], Weights, Weights] = (
    (0, 1, 2, 4),
    (-7 / 4, 8 / 3, -1.0, 1 / 12),
    (-3 / 4, 2.0, -3 / 2, 1 / 4),
)
QUICK_BOTH: tuple[tuple[int, ...], Weights, Weights] = (-1, 1), (-1 / 2, 1 / 2), ()
QUICK_ABOVE: tuple[tuple[int, ...], Weights, Weights] = (0, 1, 2), (-3 / 2, 2.0, -1 / 2), ()


@dataclass(frozen=True)
class Stencil:
    """Where to look at a function of one number, and how to weigh what is seen there."""

    places: tuple[float, ...]
    weights: tuple[float, ...]
    doubts: tuple[float, ...]
    step: float

    def derivative(self, seen: Sequence[Array]) -> Array:
        """Return the derivative from the values at the places; exactly 0 where they are all the same."""
        return self._weighted(self.weights, seen)

    def error(self, seen: Sequence[Array]) -> Array:
        """Return how far off the derivative may be: what two step sizes disagree by, and rounding.

        The derivative is extrapolated from both steps and better than either, so this is more than its error
        where rounding does not matter. NaN when nothing but one step size was looked at.
        """
        import numpy as np

        if not self.doubts:
            return np.full_like(seen[0], np.nan)
        doubt = np.abs(self._weighted(self.doubts, seen)) / 3
        return doubt + GRAIN * np.abs(seen[0]) / self.step

    def _weighted(self, weights: Weights, seen: Sequence[Array]) -> Array:
        first = seen[0]
        return sum(w * (each - first) for w, each in zip(weights[1:], seen[1:], strict=True)) / self.step


def stencil(value: float, size: float, *, log: bool = False, errors: bool = True) -> Stencil:
    """Return the stencil around a value; what is 0 or more is never looked at below 0.

    Parameters
    ----------
    value
        Where the derivative is wanted.
    size
        What counts as a change of order one, in the unit of the value.
    log
        Whether the derivative is by the logarithm; then the size is not used.
    errors
        Whether there are places enough to say how far off it is.
    """
    share = STEP if errors else ROUGH
    step = share if log else share * size
    if not log and 0 <= value < 2 * step:
        places, weights, doubts = ABOVE if errors else QUICK_ABOVE
    else:
        places, weights, doubts = BOTH if errors else QUICK_BOTH
    where = (value * exp(n * step) if log else value + n * step for n in places)
    return Stencil(tuple(where), weights, doubts, step)
