"""Reference people of a site: what their genera and guilds are like, and how they score among themselves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gutskin.ecology import centre, outside
from gutskin.ecology.composition import Array, Composition, stack
from gutskin.errors import InputError
from gutskin.samples.sites import load_sites
from gutskin.samples.taxa import load_taxa

FEWEST = 20  # people, fewer tell no range
LEVELS = np.linspace(0.0, 1.0, 21)  # quantiles over people that are kept [1]


@dataclass(frozen=True, eq=False)
class Reference:
    """People of one site.

    Parameters
    ----------
    site
        Canonical site.
    said
        Who they are.
    people, guild_people
        How many [1], and of how many enough was mapped to guilds.
    genera
        Genera that any of them has, and what is usual: ``low`` and ``high`` are the 5 and 95 % quantiles of
        the share [1], ``prevalence`` the share of the people who have it [1], ``mean`` the mean share [1].
    guilds
        Guilds, with ``centre`` [ln] and ``covariance`` [ln squared] of their centred log-ratios.
    indices, distances
        Quantiles at ``LEVELS`` of the index [log10] and the distance [1] that the people themselves get when
        each is compared with the others.
    """

    site: str
    said: str
    people: int
    genera: tuple[str, ...]
    prevalence: Array
    mean: Array
    low: Array
    high: Array
    indices: Array
    guild_people: int = 0
    guilds: tuple[str, ...] = ()
    centre: Array | None = None
    covariance: Array | None = None
    distances: Array | None = None


def below(value: float, quantiles: Array) -> float:
    """Return the share of the people [1] whose value lies below, from quantiles at ``LEVELS``."""
    return float(np.interp(value, quantiles, LEVELS))


def reference_of(samples: Sequence[Composition], said: str) -> Reference:
    """Return the reference that people of one site give: one sample each, the first visit with most reads.

    Parameters
    ----------
    samples
        Compositions of samples of one site.
    said
        Who the people are.

    Raises
    ------
    InputError
        E539 fewer than 20 people.
    """
    chosen = _one_each(samples)
    if len(chosen) < FEWEST:
        what = f"{len(chosen)} reference people"
        where = chosen[0].sample.site if chosen else ""
        raise InputError("E539", what, where=where, remedy=f"give a table of at least {FEWEST}")
    names, shares = stack([each.named for each in chosen])
    low, high = outside.bounds(shares)
    return Reference(
        site=chosen[0].sample.site,
        said=said,
        people=len(chosen),
        genera=names,
        prevalence=(shares > 0).mean(axis=0),
        mean=shares.mean(axis=0),
        low=low,
        high=high,
        indices=np.quantile(_indices(shares), LEVELS),
        **_guilds(chosen),
    )


def _one_each(samples: Sequence[Composition]) -> list[Composition]:
    people: dict[str, list[Composition]] = defaultdict(list)
    for each in samples:
        people[each.sample.person].append(each)
    return [min(theirs, key=_first) for theirs in people.values()]


def _first(made: Composition) -> tuple[float, int]:
    visit = made.sample.extras.get("visit", "")
    return float(visit) if visit.isdigit() else 0.0, -(made.sample.depth or 0)


def _indices(shares: Array) -> Array:
    """Return the index of each person against the others [log10]; genera that none of them has count 0."""
    found = []
    for k, own in enumerate(shares):
        others = np.delete(shares, k, axis=0)
        seen = others.any(axis=0)
        found.append(outside.index(outside.decades(own[seen], *outside.bounds(others[:, seen]))))
    return np.array(found)


def _guilds(samples: Sequence[Composition]) -> dict[str, Any]:
    """Return what the guilds of the people are like; nothing where too few can be mapped."""
    needed = load_taxa().rules.refuse_below
    mapped = [each for each in samples if each.mapped >= needed]
    if len(mapped) < FEWEST:
        return {"guild_people": len(mapped)}
    table = load_sites().require(samples[0].sample.site).guilds
    guilds = tuple(each.name for each in load_taxa().of_site(table) if not each.unseen)
    points = centre.coordinates(guild_shares(mapped, guilds))
    mean, covariance = centre.moments(points)
    far = [
        centre.distance(own, *centre.moments(np.delete(points, k, axis=0))) for k, own in enumerate(points)
    ]
    return {
        "guild_people": len(mapped),
        "guilds": guilds,
        "centre": mean,
        "covariance": covariance,
        "distances": np.quantile(far, LEVELS),
    }


def guild_shares(samples: Sequence[Composition], guilds: Sequence[str]) -> Array:
    """Return the shares [1] of guilds among these guilds, shape ``(samples, guilds)``."""
    shares = np.array([[each.guilds.get(name, 0.0) for name in guilds] for each in samples])
    return np.asarray(shares / shares.sum(axis=1, keepdims=True))
