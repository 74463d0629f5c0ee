"""Outside: which genera of a sample lie outside what reference people have, and how far."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gutskin.ecology.beta import ZERO
from gutskin.ecology.composition import Array

LOW, HIGH = 0.05, 0.95  # quantiles over reference people that bound what is usual
WORTH = 0.1  # decades from which on a genus counts as outside: a quarter more or less


@dataclass(frozen=True)
class Deviation:
    """One genus outside the range: its share and the range [1], and how far outside it is [log10].

    ``decades`` is negative below the range.
    """

    name: str
    share: float
    low: float
    high: float
    decades: float


def decades(shares: Array, low: Array, high: Array) -> Array:
    """Return how far shares lie outside ranges [log10]; 0 inside, negative below.

    ``ZERO`` is added to shares [1] and bounds first, so that what too few reads can show counts for nothing.

    Parameters
    ----------
    shares, low, high
        Shares [1], shapes that broadcast.
    """
    logs, bottom, top = (np.log10(each + ZERO) for each in (shares, low, high))
    return np.asarray(np.minimum(logs - bottom, 0.0) + np.maximum(logs - top, 0.0))


def index(far: Array) -> float:
    """Return the index of dysbiosis: the decades outside, added up over all genera [log10]."""
    return float(np.abs(far).sum(axis=-1))


def deviations(names: tuple[str, ...], shares: Array, low: Array, high: Array) -> tuple[Deviation, ...]:
    """Return the genera that lie outside by at least a quarter, farthest first."""
    far = decades(shares, low, high)
    order = [int(k) for k in np.argsort(-np.abs(far), kind="stable") if abs(far[k]) >= WORTH]
    return tuple(
        Deviation(names[k], float(shares[k]), float(low[k]), float(high[k]), float(far[k])) for k in order
    )


def bounds(shares: Array) -> tuple[Array, Array]:
    """Return the 5 and 95 % quantiles over people of shares [1] of shape ``(people, genera)``."""
    low, high = np.quantile(shares, (LOW, HIGH), axis=0)
    return low, high
