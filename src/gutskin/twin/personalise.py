"""Sample -> Twin: the reference population weighted by, or moved to, what was seen of one person."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from gutskin.coordinates import Coordinates
from gutskin.engine.outcome import Array
from gutskin.errors import InputError
from gutskin.reference import Reference
from gutskin.reference.strata import check_kinds
from gutskin.twin.observation import Observation
from gutskin.twin.refine import Ensemble, refine
from gutskin.twin.twin import Twin
from gutskin.twin.weights import effective, misfit, resampled, temper, weights

MEMBERS = 256  # of a refined twin
FEW = 200.0  # effective people below which the population is refined
SPREAD = 1.5  # effective people kept for each member before they are moved
LEAST = 1e-6  # weight, to the largest, below which a member is left out [1]


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
        E584 when nothing was seen, E585 a stratum that the population does not have, E586 a reading that is
        no number with an error, or that no virtual person has.
    """
    seen = seen.showable(reference.model, reference.found)
    if not seen.size:
        raise InputError("E584", "nothing was seen of the person", remedy="give a sample or a reading")
    _check(seen)
    values, covariance, strata = seen.values, seen.covariance, len(reference.strata)
    shown = seen.shown(reference.model, reference.found)
    misfits = misfit(shown, values, covariance)
    prior = _prior(reference, known, np.isfinite(misfits))
    weight = weights(prior, misfits)
    size = effective(weight)
    coordinates = Coordinates(reference.model, reference.people)
    if size >= FEW:
        who = np.flatnonzero(weight > LEAST * weight.max())
        weight, kinds = weight[who] / weight[who].sum(), reference.kinds[who]
        odds = np.bincount(kinds, weight, strata)
        if tick:
            tick(1.0)
        points = reference.points(who, coordinates)
        return Twin(
            reference, seen, coordinates, kinds, points, reference.found.of(who), weight, odds, size, 0
        )
    odds = _odds(reference, prior, shown, values, covariance)
    chosen, power = _chosen(reference, prior, misfits, odds, members, seed)
    points = reference.points(chosen, coordinates)
    begin = Ensemble(points, reference.kinds[chosen], reference.found.of(chosen))
    moved = refine(reference.model, coordinates, begin, seen, left=1.0 - power, seed=seed, tick=tick)
    even = np.full(members, 1.0 / members)
    return Twin(
        reference, seen, coordinates, moved.kinds, moved.points, moved.found, even, odds, size, moved.rounds
    )


def _check(seen: Observation) -> None:
    """Refuse a reading that is no number or has no error."""
    for each in seen.readings:
        if not (np.isfinite(each.value) and np.isfinite(each.sd) and each.sd > 0):
            said = f"{each.label}: {each.value:g} with an error of {each.sd:g}"
            raise InputError("E586", said, remedy="give a finite number, and an error above 0")


def _prior(reference: Reference, known: Sequence[str], readable: NDArray[np.bool_]) -> Array:
    """Return the weights (P,) of members before anything is seen; who cannot be the person has none."""
    names = [each.person for each in reference.strata]
    check_kinds(known, reference.strata)
    may = np.isin(reference.kinds, [names.index(name) for name in known or names]) & readable
    if not may.any():
        raise InputError(
            "E586", "no virtual person shows what was seen", remedy="leave a reading out, or `known`"
        )
    return np.where(may, reference.weights, 0.0) / reference.weights[may].sum()


def _odds(reference: Reference, prior: Array, shown: Array, values: Array, covariance: Array) -> Array:
    """Return the chance (L,) of every stratum: its share times how well a normal law of it explains."""
    log = np.full(len(reference.strata), -np.inf)
    for kind in np.unique(reference.kinds[prior > 0]):
        who = (reference.kinds == kind) & (prior > 0)
        spread = covariance + (np.cov(shown[:, who]) if who.sum() > 1 else 0.0)
        away = values - shown[:, who].mean(axis=1)
        log[kind] = np.log(prior[who].sum()) - 0.5 * (
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

    def weigh(power: float) -> Array:
        out = np.zeros(prior.size)
        for kind in np.unique(reference.kinds[prior > 0]):
            who = reference.kinds == kind
            out[who] = odds[kind] * weights(prior[who], misfits[who], power)
        return out

    power = temper(weigh, min(SPREAD * members, 0.5 * effective(weigh(0.0))))
    return resampled(weigh(power), members, seed), power
