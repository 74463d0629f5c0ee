"""Who lives there: guilds as seen, as the twin shows them, as the population has them, and as they may be."""

from __future__ import annotations

from dataclasses import dataclass

from gutskin.report import words
from gutskin.report.person import phrases
from gutskin.report.person.places import scale_of, share_scale
from gutskin.report.person.told import Diagnosis, Fit, Forecast, GuildBand, Interval

Band = tuple[float, float, float] | None


@dataclass(frozen=True)
class Row:
    """One guild or reading; places in percent. ``typical``, ``none`` and ``main`` are bands."""

    label: str
    typical: Band
    none: Band
    main: Band
    seen: Band
    missed: bool
    texts: dict[str, str]


@dataclass(frozen=True)
class Table:
    """The guilds of one part of the body, largest first, with ticks (place, words) of a log scale."""

    title: str
    rows: list[Row]
    ticks: list[tuple[float, str]]
    day: str = ""


def seen(diagnosis: Diagnosis) -> list[Table]:
    """Return guilds as seen and as shown, one table a part of the body."""
    tables = dict.fromkeys(each.table for each in diagnosis.fits if each.table)
    return [_seen(name, [each for each in diagnosis.fits if each.table == name]) for name in tables]


def _seen(name: str, fits: list[Fit]) -> Table:
    spans = [one for each in fits for one in (each.seen, each.shown, each.population)]
    scale, ticks = share_scale(spans)
    order = sorted(fits, key=lambda each: -each.seen.median)
    found = [
        Row(
            each.label, scale.band(each.population), None, scale.band(each.shown), scale.band(each.seen),
            each.missed,
            {
                "seen": phrases.shares(each.seen), "main": phrases.shares(each.shown),
                "typical": phrases.shares(each.population),
            },
        )
        for each in order
    ]  # fmt: skip
    return Table(words.say("groups", name), found, ticks)


def readings(diagnosis: Diagnosis) -> list[Row]:
    """Return what was measured beside the samples, each on a scale of its own."""
    found = []
    for each in (one for one in diagnosis.fits if not one.table):
        scale = scale_of([each.seen, each.shown, each.population])
        texts = {
            "seen": phrases.between(each.seen, each.unit), "main": phrases.between(each.shown, each.unit),
            "typical": phrases.between(each.population, each.unit),
        }  # fmt: skip
        bands = (scale.band(one) for one in (each.population, each.shown, each.seen))
        typical, shown, measured = bands
        found.append(Row(each.label, typical, None, shown, measured, each.missed, texts))
    return found


def coming(forecasts: tuple[Forecast, ...], diagnosis: Diagnosis | None) -> list[Table]:
    """Return guilds on the last day of forecasts, one table a part of the body."""
    tables = dict.fromkeys(each.table for one in forecasts for each in one.guilds)
    now = {(each.table, each.name): each.seen for each in (diagnosis.fits if diagnosis else ())}
    return [_coming(name, forecasts, now) for name in tables]


def _coming(name: str, forecasts: tuple[Forecast, ...], now: dict[tuple[str, str], Interval]) -> Table:
    arms = {each.planned: {g.name: g for g in each.guilds if g.table == name} for each in forecasts}
    main, other = arms.get(True) or arms[False], arms.get(False) if len(arms) > 1 else None
    last = {key: each.values[-1] for key, each in main.items()}
    without = {key: each.values[-1] for key, each in (other or {}).items()}
    seen_ = {key: now[name, key] for key in last if (name, key) in now}
    scale, ticks = share_scale([*last.values(), *without.values(), *seen_.values()])
    found = []
    for key in sorted(last, key=lambda each: -last[each].median):
        parts = {"main": last, "none": without, "seen": seen_}
        texts = {part: phrases.shares(own[key]) if key in own else "" for part, own in parts.items()}
        bands = (scale.band(each[key]) if key in each else None for each in (without, last, seen_))
        none, now_band, measured = bands
        found.append(Row(main[key].label, None, none, now_band, measured, False, texts))
    return Table(words.say("groups", name), found, ticks, _day(next(iter(main.values()), None)))


def _day(guild: GuildBand | None) -> str:
    return f"{guild.days[-1]:g}" if guild else ""
