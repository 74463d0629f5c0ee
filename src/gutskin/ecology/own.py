"""Own: whether a person is nearer to themselves than to others, by any distance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gutskin.ecology.composition import Array
from gutskin.errors import InputError

RESAMPLES = 10_000
CHANCE = 0.5  # the mean rank [1] when distances tell nothing


@dataclass(frozen=True, eq=False)
class OwnRank:
    """How near people are to themselves.

    Parameters
    ----------
    people
        Who was compared; who has nobody to be compared with is left out.
    ranks
        Share of the others who are nearer than the person's own second visit [1], one a person; ties count
        half. 0: own is nearest; chance: 0.5.
    nearest
        Share of the people whose own second visit is nearest [1].
    mean, low, high
        Mean rank [1] and its 95 % interval over resampled people.
    """

    people: tuple[str, ...]
    ranks: Array
    nearest: float
    mean: float
    low: float
    high: float


def own_rank(
    distances: Array,
    people: Sequence[str],
    *,
    among: NDArray[np.bool_] | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> OwnRank:
    """Rank each person's own second visit among the second visits of all.

    Parameters
    ----------
    distances
        From the first visit of the person of a row to the second visit of the person of a column, any unit,
        shape ``(people, people)``; need not be symmetric.
    people
        Who rows and columns stand for, in this order.
    among
        Which other (column) each person (row) is compared with, such as those of the same batch; none for
        all. The diagonal means nothing.
    resamples
        Of people, for the interval; the crowd of the others stays as it is.
    seed
        Of the resamples.

    Raises
    ------
    InputError
        E542 fewer than two people, distances that do not fit or are not finite, or nobody with others.
    """
    count = len(people)
    table = np.asarray(distances, dtype=float)
    if count < 2 or len({*people}) < count or table.shape != (count, count) or not np.isfinite(table).all():
        what = f"{table.shape} distances of {count} people"
        raise InputError("E542", what, remedy="give one finite distance for each pair of at least two people")
    others = ~np.eye(count, dtype=bool) & (True if among is None else among)
    kept = np.flatnonzero(others.any(axis=1))
    if not kept.size:
        raise InputError("E542", "nobody has others to be compared with", remedy="compare with more people")
    own = np.diag(table)[:, None]
    nearer = ((table < own) & others).sum(axis=1) + 0.5 * ((table == own) & others).sum(axis=1)
    ranks = nearer[kept] / others.sum(axis=1)[kept]
    drawn = np.random.default_rng(seed).integers(kept.size, size=(resamples, kept.size))
    low, high = np.quantile(ranks[drawn].mean(axis=1), (0.025, 0.975))
    named = tuple(people[int(k)] for k in kept)
    return OwnRank(named, ranks, float((ranks == 0).mean()), float(ranks.mean()), float(low), float(high))


def joined(tables: Sequence[Array]) -> Array:
    """Return one distance [1] from several: each in units of its own mean, then their root mean square."""
    return np.asarray(np.sqrt(np.mean([(each / each.mean()) ** 2 for each in tables], axis=0)))
