"""Who lives there: shares of the guilds, now and at the end, against what is typical."""

from __future__ import annotations

import math
from dataclasses import dataclass

from gutskin.report.numbers import percent
from gutskin.report.scales import nice_step
from gutskin.report.story import Composition, GuildShare, Story


@dataclass(frozen=True)
class Guild:
    """One row; places in percent of the picture's width, None where there is nothing to draw."""

    label: str
    observed: float | None
    start: float | None
    without: float | None
    with_plan: float | None
    typical: tuple[float, float, float] | None
    texts: dict[str, str]


@dataclass(frozen=True)
class Site:
    """One picture: rows with the largest guild first, ticks as (percent, words)."""

    name: str
    reference: str
    guilds: list[Guild]
    ticks: list[tuple[float, str]]


def sites(story: Story) -> list[Site]:
    """Return one picture per site."""
    return [_site(each) for each in story.compositions]


def _known(guild: GuildShare) -> list[float]:
    shares = [guild.observed, guild.start, guild.without, guild.with_plan]
    if guild.typical:
        shares.append(guild.typical.high)
    return [each for each in shares if each is not None and math.isfinite(each)]


def _site(composition: Composition) -> Site:
    largest = max((share for guild in composition.guilds for share in _known(guild)), default=1.0) or 1.0
    top = 1.04 * largest
    step = nice_step(0.0, top, 3)
    ticks = [(100 * k * step / top, percent(k * step)) for k in range(int(top / step + 1e-9) + 1)]
    order = sorted(composition.guilds, key=lambda each: -max([each.start or 0.0, each.observed or 0.0]))
    return Site(composition.site, composition.reference, [_guild(each, top) for each in order], ticks)


def _guild(guild: GuildShare, top: float) -> Guild:
    def place(share: float | None) -> float | None:
        return 100 * share / top if share is not None and math.isfinite(share) else None

    typical = guild.typical
    band = (typical.low, typical.median, typical.high) if typical else (math.nan,) * 3
    drawn = tuple(100 * share / top for share in band)
    texts = {
        "observed": percent(guild.observed),
        "start": percent(guild.start),
        "without": percent(guild.without),
        "with_plan": percent(guild.with_plan),
        "typical": f"{percent(band[0])} – {percent(band[2])}" if all(map(math.isfinite, band)) else "unknown",
    }
    return Guild(
        guild.label,
        place(guild.observed),
        place(guild.start),
        place(guild.without),
        place(guild.with_plan),
        (drawn[0], drawn[1], drawn[2]) if all(map(math.isfinite, drawn)) else None,
        texts,
    )
