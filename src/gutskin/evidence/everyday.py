"""Where people stand before anything is done to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from gutskin.engine.outcome import Array, Options
from gutskin.engine.steady import settle_all
from gutskin.evidence.together import Crowd, run_shared
from gutskin.model import Model
from gutskin.scenario import DAY


@dataclass(frozen=True)
class Everyday:
    """``constants`` (K, P) of a crew, ``states`` (S, P) where they settled, and after how many ``days`` (P,).

    ``reasons`` person -> why there is no everyday state.
    """

    constants: Array
    states: Array
    days: Array
    reasons: Mapping[int, str]


def settled(model: Model, crews: Sequence[Array], options: Options) -> list[Everyday]:
    """Settle crews with constants (K, P) side by side."""
    constants = np.concatenate(crews, axis=1)
    begin = np.repeat(model.start()[:, None], constants.shape[1], axis=1)
    found = settle_all(model.kernel, begin, constants, model.floors(), options)
    out, first = [], 0
    for own in crews:
        part = found[first : first + own.shape[1]]
        first += own.shape[1]
        reasons = {k: f"no everyday state: {s.failure.reason}" for k, s in enumerate(part) if s.failure}
        states, days = np.array([s.states for s in part]).T, np.array([s.days for s in part])
        out.append(Everyday(own, states, days, reasons))
    return out


def moved(
    model: Model, first: Sequence[Everyday], variants: Sequence[Sequence[Array]], options: Options
) -> list[list[Everyday]]:
    """Return the everyday states of settled crews and of variants of them, found by the same steps.

    Parameters
    ----------
    model, first, options
        The model and its settled crews.
    variants
        For every variant the constants (K, P) of all crews.
    """
    own = np.concatenate([each.constants for each in first], axis=1)
    days = np.concatenate([each.days for each in first])
    others = [np.concatenate(each, axis=1) for each in variants]
    ends = [np.full((model.start().size, own.shape[1]), np.nan) for _ in (own, *others)]
    for length in np.unique(days):
        who = np.flatnonzero(days == length)
        constants = np.concatenate([each[:, who] for each in (own, *others)], axis=1)
        begin = np.repeat(model.start()[:, None], constants.shape[1], axis=1)
        crowd = Crowd(begin, constants, [()] * constants.shape[1], np.array([0.0, length * DAY]), [])
        run = run_shared(model, crowd, options, len(who))
        for v, end in enumerate(ends):
            end[:, who] = run.end[:, v * len(who) : (v + 1) * len(who)]
    out, place = [], 0
    bounds = []
    for each in first:
        bounds.append(slice(place, place + each.constants.shape[1]))
        place = bounds[-1].stop
    for end, constants in zip(ends, (own, *others), strict=True):
        out.append(
            [
                replace(each, constants=constants[:, b], states=end[:, b])
                for each, b in zip(first, bounds, strict=True)
            ]
        )
    return out
