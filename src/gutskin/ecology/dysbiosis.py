"""Dysbiosis: how far a sample lies from reference people of its site and age, and which taxa make it so."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gutskin.ecology import centre, outside
from gutskin.ecology.composition import Composition
from gutskin.ecology.outside import Deviation
from gutskin.ecology.reference import Reference, below, guild_shares
from gutskin.ecology.shelf import Scope
from gutskin.samples.taxa import load_taxa

UNKNOWN = 0.1  # share of reads in genera that no reference person has, from which on a warning is given [1]


@dataclass(frozen=True)
class GuildPart:
    """A guild in the distance: its share and that of the centre [1], its part in the distance squared [1]."""

    name: str
    label: str
    share: float
    usual: float
    part: float


@dataclass(frozen=True)
class Dysbiosis:
    """A sample against reference people.

    Parameters
    ----------
    reference
        Who they are.
    outside, of
        How many genera lie outside the 5 to 95 % range, of how many [1].
    index, index_below
        Decades outside, added up over genera [log10], and the share of reference people with less [1].
    distance, distance_below
        Of the guilds from the centre, in spreads [1], and the share of reference people with less [1]; none
        when too little is mapped.
    genera, guilds
        What drives them, most first.
    unknown
        Share of the reads in genera that no reference person has [1]; they count for nothing.
    remarks
        What to mind.
    """

    reference: str
    outside: int
    of: int
    index: float
    index_below: float
    distance: float | None
    distance_below: float | None
    genera: tuple[Deviation, ...]
    guilds: tuple[GuildPart, ...]
    unknown: float
    remarks: tuple[str, ...]


@dataclass(frozen=True)
class Refusal:
    """Why a sample is not compared with reference people."""

    reason: str


def judge(
    made: Composition, reference: Reference | None, age: float | None, scope: Scope | None
) -> Dysbiosis | Refusal:
    """Compare a sample with reference people.

    Parameters
    ----------
    made
        The sample.
    reference
        Of its site; none when there is none.
    age
        Of the person [year]; none when it is not told.
    scope
        For whom the reference stands and how it was read; none when the user gave it and answers for that.
    """
    if reference is None:
        return Refusal(f"no reference people of {made.sample.site}")
    if scope is not None and age is not None and age < scope.low:
        return Refusal(
            f"age {age:.3g}: the reference people are adults of {scope.low:g} to {scope.high:g} years"
        )
    shares = np.array([made.genera.get(name, 0.0) for name in reference.genera])
    found = outside.deviations(reference.genera, shares, reference.low, reference.high)
    index = outside.index(outside.decades(shares, reference.low, reference.high))
    unknown = sum(made.named.values()) - float(shares.sum())
    far, parts, why_not = _guilds(made, reference)
    return Dysbiosis(
        reference=reference.said,
        outside=len(found),
        of=len(reference.genera),
        index=index,
        index_below=below(index, reference.indices),
        distance=far,
        distance_below=None
        if far is None or reference.distances is None
        else below(far, reference.distances),
        genera=found,
        guilds=parts,
        unknown=max(unknown, 0.0),
        remarks=tuple(each for each in (*_ages(age, scope), *_method(made, unknown, scope), why_not) if each),
    )


def _guilds(made: Composition, reference: Reference) -> tuple[float | None, tuple[GuildPart, ...], str]:
    """Return distance, parts of it and, when there is none, why."""
    rules, labels = load_taxa().rules, load_taxa().guilds
    if reference.centre is None or reference.covariance is None:
        return None, (), f"only {reference.guild_people} reference people could be mapped to guilds"
    if made.mapped < rules.refuse_below or not any(made.guilds.get(name) for name in reference.guilds):
        return None, (), "too little is mapped for a distance of guilds"
    shares = guild_shares([made], reference.guilds)
    point = centre.coordinates(shares)[0]
    parts = centre.drivers(point, reference.centre, reference.covariance)
    usual = np.exp(reference.centre) / np.exp(reference.centre).sum()
    told = tuple(
        GuildPart(name, labels[name].label, float(shares[0, k]), float(usual[k]), float(parts[k]))
        for k, name in enumerate(reference.guilds)
    )
    far = centre.distance(point, reference.centre, reference.covariance)
    return far, tuple(sorted(told, key=lambda each: -each.part)), ""


def _ages(age: float | None, scope: Scope | None) -> list[str]:
    if scope is None:
        return []
    if age is None:
        return [f"age not told: compared with adults of {scope.low:g} to {scope.high:g} years"]
    return [f"older than the reference people ({scope.high:g} years at most)"] if age > scope.high else []


def _method(made: Composition, unknown: float, scope: Scope | None) -> list[str]:
    said = list(made.flags)
    region = made.sample.extras.get("region", "")
    if scope is not None and scope.region.lower() not in region.lower():
        told = f"read by {region}" if region else "primers not told"
        said.append(f"{told}, the reference people by {scope.region}: other methods move every sample away")
    if unknown > UNKNOWN:
        said.append(
            f"{unknown:.0%} is of genera that no reference person has: another method or other names?"
        )
    return said
