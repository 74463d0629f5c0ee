"""Sample -> Twin: the reference population weighted by, or moved to, what was seen of one person."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from gutskin.coordinates import Coordinates
from gutskin.engine.outcome import Array
from gutskin.errors import InputError, nearest
from gutskin.reference import Reference
from gutskin.twin.observation import Observation
from gutskin.twin.refine import Ensemble, refine
from gutskin.twin.twin import Twin
from gutskin.twin.weights import effective, misfit, resampled, temper, weights

MEMBERS = 256  # of a refined twin
FEW = 200.0  # effective people below which the population is refined
SPREAD = 1.5  # effective people kept for each member before they are moved


def personalise(
    reference: Reference,
    seen: Observation,
    *,
    members: int = MEMBERS,
    known: Sequence[str] = (),
    seed: int = 1,
    tick: Callable[[float], None] | None = None,
) -> Twin:
    """Return the weighted population that stands for one person.

    Parameters
    ----------
    reference
        The population before anything is seen.
    seen
        Samples and readings.
    members
        How many virtual people a refined twin has.
    known
        Names of the strata that the person can be of, when that is known; all when empty.
    seed
        Of resampling and updates.
    tick
        Called with the share of work done since the last call [1].

    Raises
    ------
    InputError
        E529 when nothing was seen, E530 a stratum that the population does not have.
    """
    if not seen.size:
        raise InputError("E529", "nothing was seen of the person", remedy="give a sample or a reading")
    prior = _prior(reference, known)
    values, covariance = seen.values, seen.covariance
    shown = seen.shown(reference.model, reference.found)
    misfits = misfit(shown, values, covariance)
    weight = weights(prior, misfits)
    odds = _odds(reference, prior, shown, values, covariance)
    size = effective(weight)
    coordinates = Coordinates(reference.model, reference.people)
    if size >= FEW:
        who = np.flatnonzero(weight > 1e-6 * weight.max())
        if tick:
            tick(1.0)
        return Twin(
            reference, seen, coordinates, reference.kinds[who], reference.points(who, coordinates),
            reference.found.of(who), weight[who] / weight[who].sum(), odds, size, 0,
        )  # fmt: skip
    chosen, power = _chosen(reference, prior, misfits, odds, members, seed)
    points = reference.points(chosen, coordinates)
    begin = Ensemble(points, reference.kinds[chosen], reference.found.of(chosen))
    moved = refine(reference.model, coordinates, begin, seen, left=1.0 - power, seed=seed, tick=tick)
    even = np.full(members, 1.0 / members)
    return Twin(
        reference, seen, coordinates, moved.kinds, moved.points, moved.found, even, odds, size, moved.rounds
    )


def _prior(reference: Reference, known: Sequence[str]) -> Array:
    """Return the weights (P,) of members before anything is seen; who cannot be the person has none."""
    names = [each.person for each in reference.strata]
    for name in known:
        if name not in names:
            remedy = nearest(name, names) or f"known: {', '.join(names)}"
            raise InputError("E530", f"the population has no people like {name!r}", remedy=remedy)
    if not known:
        return reference.weights
    may = np.isin(reference.kinds, [names.index(name) for name in known])
    out = np.where(may, reference.weights, 1e-300)
    return out / out.sum()


def _odds(reference: Reference, prior: Array, shown: Array, values: Array, covariance: Array) -> Array:
    """Return the chance (L,) of every stratum: its share times how well a normal law of it explains."""
    log = np.full(len(reference.strata), -np.inf)
    for kind in np.unique(reference.kinds):
        who = reference.kinds == kind
        share = float(prior[who].sum())
        if share < 1e-12:
            continue
        middle, spread = shown[:, who].mean(axis=1), np.cov(shown[:, who]) + covariance
        away = values - middle
        log[kind] = np.log(share) - 0.5 * (
            away @ np.linalg.solve(spread, away) + np.linalg.slogdet(spread)[1]
        )
    out = np.exp(log - log.max())
    return out / out.sum()


def _chosen(
    reference: Reference, prior: Array, misfits: Array, odds: Array, members: int, seed: int
) -> tuple[NDArray[np.int_], float]:
    """Return members to begin with, as many of every stratum as its odds say, and the power taken in.

    The power is the largest that leaves enough different people in all strata together.
    """
    held = prior.copy()
    for kind, chance in enumerate(odds):
        who = reference.kinds == kind
        total = held[who].sum()
        if total > 0:
            held[who] *= chance / total
    held = np.maximum(held, 1e-300)
    power = temper(held, misfits, min(SPREAD * members, 0.5 * effective(held)))
    weight = weights(held, misfits, power)
    for kind, chance in enumerate(odds):
        who = reference.kinds == kind
        if weight[who].sum() > 0:
            weight[who] *= chance / weight[who].sum()
    return resampled(weight, members, seed), power
