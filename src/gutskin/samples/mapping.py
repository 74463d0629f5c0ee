"""Mapping: a sample as shares of guilds, with what was not mapped and why it may mislead."""

from __future__ import annotations

import math
from collections import abc
from dataclasses import dataclass, replace

from gutskin.errors import InputError
from gutskin.samples.names import clean
from gutskin.samples.routing import REMOVED, UNMAPPED, Route, hint, route
from gutskin.samples.sample import Sample
from gutskin.samples.sites import load_sites
from gutskin.samples.taxa import Guild, Rules, Taxa, load_taxa

_HINTS = 10  # so many of the largest unmapped taxa get a suggestion


@dataclass(frozen=True)
class Flag:
    """A warning about a sample: a stable name and a sentence."""

    name: str
    text: str


@dataclass(frozen=True)
class Mapping:
    """What a sample says about the guilds of its site.

    Parameters
    ----------
    sample
        The sample.
    shares
        Guild to share of the mapped reads [1]; sums to one. Guilds the method cannot show are left out.
    mapped
        Mapped share of what was not removed [1].
    removed
        Share of all reads that was taken out: plastids, mitochondria, host [1].
    unlisted
        Share missing from a table of percentages that sums to less than 100 [1]; counted as unmapped.
    routes
        Every taxon with its guild and the way it was found, largest first.
    flags
        Warnings.
    unseen
        Guilds that this method cannot show: their absence says nothing.
    parts
        State to its share of its guild's reads that name a species [1].
    """

    sample: Sample
    shares: abc.Mapping[str, float]
    mapped: float
    removed: float
    unlisted: float
    routes: tuple[Route, ...]
    flags: tuple[Flag, ...]
    unseen: tuple[str, ...]
    parts: abc.Mapping[str, float]

    @property
    def unmapped(self) -> tuple[Route, ...]:
        """Taxa without a guild, largest first."""
        return tuple(each for each in self.routes if each.way == UNMAPPED)


def map_sample(
    sample: Sample, *, region: str | None = None, taxa: Taxa | None = None, refuse: bool = True
) -> Mapping:
    """Turn a sample into shares of guilds.

    Parameters
    ----------
    sample
        The sample.
    region
        Primer region such as ``"V1-V3"``, or ``"shotgun"``; none takes what the sample's metadata told.
    taxa
        Tables to use; none for the library's.
    refuse
        Whether to raise when too little is mapped; false leaves it to the caller (``mapped``).

    Raises
    ------
    InputError
        E330 when less than ``refuse_below`` of the library's rules is mapped, E331 when all was removed.
    """
    taxa = taxa or load_taxa()
    table = load_sites().require(sample.site).guilds
    routes = _routes(sample, table, taxa)
    removed = sum(each.share for each in routes if each.way == REMOVED)
    unlisted = max(0.0, 1.0 - float(sample.abundance.sum()) / sample.total)
    weights = {guild.name: 0.0 for guild in taxa.of_site(table)}
    for each in routes:
        if each.guild:
            weights[each.guild] += each.share
    found, kept = math.fsum(weights.values()), 1.0 - removed
    if kept <= 1e-9:
        what = "all of it is plastids, mitochondria or host"
        raise InputError("E331", what, where=_where(sample), remedy="sample again")
    mapped = min(found / kept, 1.0)  # sums of shares may round above one
    if refuse and mapped < taxa.rules.refuse_below:
        raise _too_little(mapped, taxa.rules.refuse_below, routes, sample, table)
    guilds = taxa.of_site(table)
    unseen = tuple(guild.name for guild in guilds if guild.unseen and not weights[guild.name])
    shares = {name: share / found if found else 0.0 for name, share in weights.items() if name not in unseen}
    flags = (
        *_amount_flags(sample, mapped, removed, taxa.rules),
        *_primer_flags(weights, table, region or sample.extras.get("region", ""), taxa),
        *_contaminant_flags(routes, taxa.rules),
    )
    return Mapping(sample, shares, mapped, removed, unlisted, routes, flags, unseen, _parts(guilds, routes))


def _routes(sample: Sample, table: str, taxa: Taxa) -> tuple[Route, ...]:
    """Route every taxon, largest first; the largest unmapped ones get a suggestion."""
    found = [
        route(taxon, float(value) / sample.total, table, taxa)
        for taxon, value in zip(sample.taxa, sample.abundance, strict=True)
    ]
    found.sort(key=lambda each: (-each.share, each.taxon))
    largest = [each for each in found if each.way == UNMAPPED and not each.via][:_HINTS]
    hints = {each.taxon: hint(each.taxon, table, taxa) for each in largest}
    return tuple(replace(each, hint=hints[each.taxon]) if hints.get(each.taxon) else each for each in found)


def _amount_flags(sample: Sample, mapped: float, removed: float, rules: Rules) -> list[Flag]:
    """Warn when little is mapped, much is removed, or few reads are left."""
    flags = []
    if mapped < rules.warn_below:
        flags.append(Flag("little_mapped", f"only {mapped:.0%} of the sample belongs to known guilds"))
    if removed > rules.removed_above:
        flags.append(Flag("much_removed", f"{removed:.0%} of the sample is plastids, mitochondria or host"))
    left = sample.depth * (1.0 - removed) if sample.depth is not None else math.inf
    if left < rules.low_depth:
        flags.append(Flag("low_depth", f"only {left:.0f} reads; rare guilds are uncertain"))
    return flags


def _primer_flags(weights: abc.Mapping[str, float], table: str, region: str, taxa: Taxa) -> list[Flag]:
    """Warn when a guild is missing that a primer region is known to miss, unless another region was told."""
    flags = []
    for each in taxa.signatures:
        seen = weights.get(each.guild, 0.0)
        if each.site == table and seen < each.below and (not region or each.region.lower() in region.lower()):
            known = f"region {region}" if region else "no region was told"
            flags.append(Flag("primer", f"{each.text} ({seen:.1%} of the reads; {known})"))
    return flags


def _contaminant_flags(routes: tuple[Route, ...], rules: Rules) -> list[Flag]:
    """Warn when genera known from reagents add up."""
    dirt = [each for each in routes if each.flagged]
    share = math.fsum(each.share for each in dirt)
    if share <= rules.contaminants_above:
        return []
    names = ", ".join(clean(each.taxon).label for each in dirt[:3])
    return [Flag("contaminants", f"{share:.1%} are genera known from reagents ({names})")]


def _parts(guilds: tuple[Guild, ...], routes: tuple[Route, ...]) -> dict[str, float]:
    """Return the shares of states told apart by species names; empty where no species are named."""
    parts: dict[str, float] = {}
    for guild in guilds:
        named = {r.taxon: r.share for r in routes if r.guild == guild.name and clean(r.taxon).name("species")}
        total = sum(named.values())
        for state, species in guild.parts.items():
            if total > 0:
                parts[state] = sum(s for t, s in named.items() if clean(t).name("species") in species) / total
    return parts


def _too_little(
    mapped: float, needed: float, routes: tuple[Route, ...], sample: Sample, table: str
) -> InputError:
    lost = [each for each in routes if each.way == UNMAPPED][:5]
    names = ", ".join(
        f"{clean(each.taxon).label} {each.share:.0%}" + (f" (did you mean {each.hint}?)" if each.hint else "")
        for each in lost
    )
    return InputError(
        "E330",
        f"only {mapped:.0%} of the sample belongs to known guilds of {table}; {needed:.0%} is needed",
        where=_where(sample),
        remedy=f"check the site and the names; largest unmapped: {names or 'none listed'}",
    )


def _where(sample: Sample) -> str:
    return f"sample {sample.name!r}, {sample.site}"
