"""Mapping: a sample as shares of guilds, with what was not mapped and why it may mislead."""

from __future__ import annotations

import math
from collections import abc
from dataclasses import dataclass, replace
from pathlib import Path

from gutskin.errors import InputError
from gutskin.samples.bias import AMPLICON, Bias, bias_of, load_regions
from gutskin.samples.controls import Contaminant, contaminants
from gutskin.samples.copies import cells_of, load_copies
from gutskin.samples.flags import (
    Flag,
    amount_flags,
    contaminant_flags,
    control_flags,
    load_flags,
    presumed,
    primer_flags,
)
from gutskin.samples.measured import Measured
from gutskin.samples.method import Method, judge_method
from gutskin.samples.names import clean
from gutskin.samples.overrides import with_overrides
from gutskin.samples.refusals import nothing_left, too_little, where
from gutskin.samples.routing import CONTAMINANT, REMOVED, UNMAPPED, Route, hint, route
from gutskin.samples.sample import Sample
from gutskin.samples.sites import load_sites
from gutskin.samples.taxa import Guild, Taxa, load_taxa

_HINTS = 10  # so many of the largest unmapped taxa get a suggestion


@dataclass(frozen=True)
class Mapping:
    """What a sample says about the guilds of its site.

    A likelihood takes ``cells`` (or ``shares`` of reads) of the guilds that can be seen, ``depth`` for the
    noise of counting, and ``bias`` for what no count of reads makes smaller: the observed log ratio of two
    guilds is off by a normal deviate of the root of the sum of their squared ``log(gsd)``.

    Parameters
    ----------
    sample
        The sample; ``sample.extras`` holds what was told of date, visit, region and method.
    shares
        Guild to share of the mapped reads [1]; sums to one. Guilds the method cannot show are left out.
    mapped
        Mapped share of what was not taken out [1].
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
    cells
        Guild to share of the mapped cells [1]: reads over copies of the 16S gene. The same as ``shares`` when
        not ``corrected``. Keys are those of ``shares``.
    corrected
        Whether copies of the 16S gene were corrected in ``cells``.
    copies
        Mean copies of the 16S gene in the mapped cells [copies/genome]; none when not ``corrected``. A load
        in gene copies over this is a load in cells.
    method
        16S or shotgun, the region, and how that is known.
    bias
        ``gsd``: guild to geometric standard deviation of the factor by which its share may be off [1], from
        extraction and primers; ``directions``: where known, ``"down"`` when the sample shows too few.
    contaminated
        Share of all reads that was taken out because negative controls hold more of it [1].
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
    cells: abc.Mapping[str, float]
    corrected: bool
    copies: float | None
    method: Method
    bias: Bias
    contaminated: float

    @property
    def unmapped(self) -> tuple[Route, ...]:
        """Taxa without a guild, largest first."""
        return tuple(each for each in self.routes if each.way == UNMAPPED)

    @property
    def depth(self) -> int | None:
        """Reads that have a guild [1]; none when percentages were given."""
        if self.sample.depth is None:
            return None
        return round(self.sample.depth * self.mapped * (1.0 - self.removed - self.contaminated))


def map_sample(
    sample: Sample,
    *,
    region: str | None = None,
    taxa: Taxa | None = None,
    refuse: bool = True,
    controls: abc.Sequence[Sample] = (),
    overrides: str | Path | None = None,
    load: Measured | None = None,
    correct: bool | None = None,
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
    controls
        Negative controls of the same table: taxa of which they hold more are taken out.
    overrides
        A user's table of taxa, whose rows go before those of ``taxa``.
    load
        Total load of the sample, to warn when there was little.
    correct
        Whether copies of the 16S gene are corrected in ``cells``; none for 16S only.

    Raises
    ------
    InputError
        E330 when less than ``refuse_below`` of the library's rules is mapped, E331 when all was removed, E520
        to E522 for a faulty table of overrides, E525 for a control or when controls explain all of a sample.
    """
    taxa = taxa or load_taxa()
    taxa = with_overrides(overrides, taxa) if overrides is not None else taxa
    table = load_sites().require(sample.site).guilds
    if not table:
        raise InputError(
            "E525", "a negative control has no guilds", where=where(sample), remedy="leave it out"
        )
    dirt = contaminants(sample, controls, taxa.rules)
    routes = _routes(sample, table, taxa, dirt)
    return _mapping(sample, table, taxa, routes, dirt, _Asked(region, refuse, load, correct))


@dataclass(frozen=True)
class _Asked:
    """What the caller of :func:`map_sample` wants."""

    region: str | None
    refuse: bool
    load: Measured | None
    correct: bool | None


@dataclass(frozen=True)
class _Amounts:
    """What was taken out and what was mapped: shares of all reads [1], ``mapped`` of what was left [1]."""

    removed: float
    contaminated: float
    weights: dict[str, float]
    found: float
    mapped: float


def _amounts(sample: Sample, table: str, taxa: Taxa, routes: tuple[Route, ...], *, refuse: bool) -> _Amounts:
    """Add the routes up; refuse a sample of which nothing is left or too little is mapped."""
    removed, contaminated = (
        math.fsum(each.share for each in routes if each.way == way) for way in (REMOVED, CONTAMINANT)
    )
    weights = _weights(routes, taxa.of_site(table))
    found, kept = math.fsum(weights.values()), 1.0 - removed - contaminated
    if kept <= 1e-9:
        raise nothing_left(sample, contaminated)
    mapped = min(found / kept, 1.0)  # sums of shares may round above one
    if refuse and mapped < taxa.rules.refuse_below:
        raise too_little(mapped, taxa.rules.refuse_below, routes, sample, table)
    return _Amounts(removed, contaminated, weights, found, mapped)


def _mapping(
    sample: Sample,
    table: str,
    taxa: Taxa,
    routes: tuple[Route, ...],
    dirt: abc.Mapping[str, Contaminant],
    asked: _Asked,
) -> Mapping:
    got = _amounts(sample, table, taxa, routes, refuse=asked.refuse)
    method = judge_method(sample, asked.region, load_regions())
    trace = presumed(got.weights, table, method, taxa)
    unseen = _unseen(got.weights, taxa.of_site(table), method)
    seen = {name: share for name, share in got.weights.items() if name not in unseen}
    shares = {name: share / got.found if got.found else 0.0 for name, share in seen.items()}
    correct = method.name == AMPLICON if asked.correct is None else asked.correct
    cells, copies = cells_of(routes, shares, load_copies() if correct else None)
    flags = (
        *amount_flags(sample, got.mapped, got.removed, taxa.rules),
        *load_flags(asked.load, table, taxa.rules),
        *primer_flags(trace, got.weights, method),
        *contaminant_flags(routes, taxa.rules),
        *control_flags(dirt),
    )
    return Mapping(
        sample,
        shares,
        got.mapped,
        got.removed,
        max(0.0, 1.0 - float(sample.abundance.sum()) / sample.total),
        routes,
        flags,
        unseen,
        _parts(taxa.of_site(table), routes),
        cells,
        copies is not None,
        copies,
        method,
        bias_of(table, shares, method.name, trace.region if trace else method.region, load_regions()),
        got.contaminated,
    )


def _weights(routes: abc.Iterable[Route], guilds: abc.Iterable[Guild]) -> dict[str, float]:
    """Return the guilds' shares of all reads [1]."""
    weights = {guild.name: 0.0 for guild in guilds}
    for each in routes:
        if each.guild:
            weights[each.guild] += each.share
    return weights


def _unseen(weights: abc.Mapping[str, float], guilds: abc.Iterable[Guild], method: Method) -> tuple[str, ...]:
    """Return the guilds that were not found and that the method cannot show."""
    blind = {guild.name for guild in guilds if guild.unseen}
    blind |= set(load_regions().unseen.get(method.region, ()))
    return tuple(name for name, weight in weights.items() if name in blind and not weight)


def _routes(sample: Sample, table: str, taxa: Taxa, dirt: abc.Mapping[str, Contaminant]) -> tuple[Route, ...]:
    """Route every taxon, largest first; the largest unmapped ones get a suggestion."""
    found = [
        route(taxon, float(value) / sample.total, table, taxa)
        for taxon, value in zip(sample.taxa, sample.abundance, strict=True)
    ]
    found = [
        replace(each, guild="", way=CONTAMINANT, flagged=False) if _is_dirt(each, dirt) else each
        for each in found
    ]
    found.sort(key=lambda each: (-each.share, each.taxon))
    largest = [each for each in found if each.way == UNMAPPED and not each.via][:_HINTS]
    hints = {each.taxon: hint(each.taxon, table, taxa) for each in largest}
    return tuple(replace(each, hint=hints[each.taxon]) if hints.get(each.taxon) else each for each in found)


def _is_dirt(found: Route, dirt: abc.Mapping[str, Contaminant]) -> bool:
    """Whether a taxon is taken out for the controls; what is no microbe is taken out anyway."""
    return found.taxon in dirt and found.way != REMOVED


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
