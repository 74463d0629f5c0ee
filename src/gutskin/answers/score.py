"""How good a forecast was, once the value is known: continuous ranked probability score and coverage."""

from __future__ import annotations

import numpy as np

from gutskin.engine.outcome import Array


def crps(members: Array, value: float) -> float:
    """Return the continuous ranked probability score of members (N,) of even weight [unit of the value].

    The mean distance from the value less half the mean distance between members (Gneiting 2007): of one
    member it is the absolute error, and smaller is better.
    """
    order = np.sort(np.asarray(members, float))
    count = order.size
    between = 2.0 * float(order @ (2.0 * np.arange(count) - count + 1.0)) / count**2
    return float(np.abs(order - value).mean()) - 0.5 * between


def inside(members: Array, value: float, level: float = 0.9) -> bool:
    """Whether a value lies in the middle interval of members (N,) at a level [1]."""
    low, high = np.quantile(members, [0.5 * (1.0 - level), 0.5 * (1.0 + level)])
    return bool(low <= value <= high)
