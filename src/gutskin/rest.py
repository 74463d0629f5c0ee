"""Many people at rest: where they settle, and what can be read of them there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gutskin.engine.outcome import Array, Code, Options
from gutskin.engine.solve import solve
from gutskin.engine.steady import LIMIT, TOLERANCE, settle_all
from gutskin.model import Model

PART = 512  # people settled between two words of progress
RTOL = 1e-4  # relative tolerance that is enough for a crowd
MOMENT = 1e-3  # [h] that derived quantities are read over


@dataclass(frozen=True)
class AtRest:
    """``states`` (S, P) and ``derived`` (Q, P) where people settled; NaN for who is not ``alive`` (P,)."""

    states: Array
    derived: Array
    alive: NDArray[np.bool_]

    def of(self, who: NDArray[np.int_]) -> AtRest:
        """Return some of the people."""
        return AtRest(self.states[:, who], self.derived[:, who], self.alive[who])


def at_rest(
    model: Model,
    constants: Array,
    *,
    start: Array | None = None,
    tolerance: float = TOLERANCE,
    limit: float = LIMIT,
    patient: bool = False,
    tick: Callable[[float], None] | None = None,
) -> AtRest:
    """Settle people with constants (K, P) and read everything there.

    Parameters
    ----------
    model, constants
        The model and the people.
    start
        States (S, P) to begin with; the ledger's start when left out.
    tolerance, limit
        As in :func:`gutskin.engine.steady.settle_all` [1/day, day].
    patient
        Whether who still drifts at the limit counts as alive, where they are by then.
    tick
        Called with the share of people done since the last call [1].

    Returns
    -------
    AtRest
        Who fails, or never settles, is NaN and not alive; nobody else is harmed.
    """
    people = constants.shape[1]
    begin = np.repeat(model.start()[:, None], people, axis=1) if start is None else start
    states = np.full((model.start().size, people), np.nan)
    derived = np.full((len(model.kernel.derived), people), np.nan)
    options, floors = Options(rtol=RTOL), model.floors()
    for first in range(0, people, PART):
        who = np.arange(first, min(first + PART, people))
        found = settle_all(
            model.kernel, begin[:, who], constants[:, who], floors, options, tolerance=tolerance, limit=limit
        )
        drifts = [k.failure is not None and k.failure.code == Code.NOT_STEADY for k in found]
        good = [
            k
            for k, each, slow in zip(who, found, drifts, strict=True)
            if each.failure is None or (patient and slow)
        ]
        if good:
            states[:, good] = np.array([found[k - first].states for k in good]).T
            derived[:, good], failed = _looked_at(model, states[:, good], constants[:, good], floors, options)
            states[:, [good[k] for k in failed]] = np.nan
        if tick:
            tick(who.size / people)
    alive: NDArray[np.bool_] = np.asarray(np.isfinite(states).all(axis=0))
    states[:, ~alive], derived[:, ~alive] = np.nan, np.nan
    return AtRest(states, derived, alive)


def _looked_at(
    model: Model, states: Array, constants: Array, floors: Array, options: Options
) -> tuple[Array, list[int]]:
    """Return derived quantities (Q, P) of people with states (S, P), and the numbers of those who fail."""
    times = np.array([0.0, MOMENT])
    run = solve(model.kernel, states, constants, floors, times, (), options, since=np.inf)
    return run.derived[:, 0], [failure.person for failure in run.failures]


def read(model: Model, found: AtRest, quantity: str) -> Array:
    """Return one quantity (P,) of people at rest."""
    if quantity in model.kernel.states:
        return found.states[model.kernel.states.index(quantity)]
    return found.derived[model.kernel.derived.index(quantity)]
