"""Move virtual people towards what was seen, when too few of the population explain it.

The likelihood is let in by and by (tempering): at each step every person's point moves by an ensemble Kalman
update (Iglesias 2013, Emerick 2013), settles anew, and shows what they would show. Step sizes follow from the
misfits (Iglesias 2021). A correlation that so many people could show by chance counts for little (Furrer
2007), so that numbers of which the samples say nothing keep the spread they had.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gutskin.coordinates import Coordinates
from gutskin.engine.outcome import Array
from gutskin.model import Model
from gutskin.population import WIDEST, uniform
from gutskin.rest import AtRest, at_rest
from gutskin.twin.observation import Observation
from gutskin.twin.weights import misfit

ROUNDS = 6  # at most
NONE = 1e-9  # power of the likelihood that moves nobody [1]
RUSH = 60.0  # [day] lived after a move before the last, which may leave slow guilds on their way
PATIENT = 400.0  # [day] lived after the last
STILL = 1e-3  # [1/day] what counts as settled


@dataclass(frozen=True)
class Ensemble:
    """People on their way: ``points`` (D, N), ``kinds`` (N,), where they are at rest, rounds so far."""

    points: Array
    kinds: NDArray[np.int_]
    found: AtRest
    rounds: int = 0


def refine(
    model: Model,
    coordinates: Coordinates,
    begin: Ensemble,
    seen: Observation,
    *,
    left: float,
    seed: int,
    tick: Callable[[float], None] | None = None,
) -> Ensemble:
    """Return the people moved to where they explain what was seen.

    Parameters
    ----------
    model, coordinates
        The model, and what turns points into people.
    begin
        People to begin with; all must be alive.
    seen
        What was seen.
    left
        Which power of the likelihood they have not taken in yet, in [0, 1]; nobody moves when it is none.
    seed
        Of the noise of updates.
    tick
        Called with the share of the likelihood taken in since the last call [1].
    """
    values, covariance = seen.values, seen.covariance
    now, whole = begin, left
    if left <= NONE:
        return begin
    different = np.unique(begin.points, axis=1).shape[1]
    for number in range(ROUNDS):
        shown = seen.shown(model, now.found)
        step = left if number == ROUNDS - 1 else _step(misfit(shown, values, covariance), values.size, left)
        noise = _normal(seed, number, shown.shape)
        points = _moved(now, shown, values, covariance / step, noise, different)
        left -= step
        last = left <= NONE
        now = _lived(model, coordinates, now, points, seen, PATIENT if last else RUSH)
        if tick:
            tick(step / whole)
        if last:
            break
    return now


def _step(misfits: Array, size: int, left: float) -> float:
    """Return which power of the likelihood the next move takes in."""
    mean, spread = float(misfits.mean()), float(misfits.var())
    step = max(size / (2.0 * max(mean, 1e-12)), np.sqrt(size / (2.0 * max(spread, 1e-12))))
    return min(step, left)


def _moved(
    now: Ensemble, shown: Array, values: Array, covariance: Array, noise: Array, different: int
) -> Array:
    """Return points (D, N) after one update; spreads are taken within kinds of people.

    Copies tell nothing of chance: it is judged by how many ``different`` people there were at the start.
    """
    people = now.points.shape[1]
    points, seen = _within(now.points, now.kinds), _within(shown, now.kinds)
    free = max(people - np.unique(now.kinds).size, 1)
    joint, own = points @ seen.T / free, seen @ seen.T / free
    scale = np.sqrt(np.outer((points**2).sum(axis=1) / free, np.diag(own)))
    correlation = joint / np.maximum(scale, 1e-300)
    by_chance = (1.0 - correlation**2) ** 2 / max(different - np.unique(now.kinds).size, 1)
    trust = correlation**2 / np.maximum(correlation**2 + by_chance, 1e-300)
    root = np.linalg.cholesky(covariance)
    away = values[:, None] + root @ noise - shown
    moved = now.points + (trust * joint) @ np.linalg.solve(own + covariance, away)
    return np.clip(moved, -WIDEST, WIDEST)


def _within(values: Array, kinds: NDArray[np.int_]) -> Array:
    """Return values (.., N) less the mean of their kind."""
    out = values.copy()
    for kind in np.unique(kinds):
        who = kinds == kind
        out[:, who] -= values[:, who].mean(axis=1, keepdims=True)
    return out


def _lived(
    model: Model, coordinates: Coordinates, now: Ensemble, points: Array, seen: Observation, days: float
) -> Ensemble:
    """Return the people settled at new points; who cannot live or be looked at there stays behind."""
    constants = coordinates.constants(points, now.kinds)
    found = at_rest(model, constants, start=now.found.states, tolerance=STILL, limit=days, patient=True)
    stay = ~(found.alive & np.isfinite(seen.shown(model, found)).all(axis=0))
    states = np.where(stay, now.found.states, found.states)
    derived = np.where(stay, now.found.derived, found.derived)
    points = np.where(stay, now.points, points)
    return Ensemble(points, now.kinds, AtRest(states, derived, ~np.zeros_like(stay)), now.rounds + 1)


def _normal(seed: int, number: int, shape: tuple[int, ...]) -> Array:
    from scipy.special import ndtri

    count = int(np.prod(shape))
    return ndtri(uniform(seed, f"noise of update {number}", 0, count)).reshape(shape)
