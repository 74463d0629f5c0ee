"""Which routes carry the effect: each edge as a line between its stations, as wide as what it carries."""

from __future__ import annotations

import math
from dataclasses import dataclass

from gutskin.report import words
from gutskin.report.numbers import percent
from gutskin.report.story import Edge, Story

SMALLEST = 0.005  # [1] a smaller share is not listed beside the line; the table has it


@dataclass(frozen=True)
class Route:
    """One line; ``start`` and ``end`` in percent of the picture, ``weight`` in pixels."""

    label: str
    ends: str
    source: str
    grade: str
    start: float
    end: float
    weight: float
    against: bool
    top: list[tuple[str, str]]
    shares: list[tuple[str, str]]


@dataclass(frozen=True)
class Flow:
    """The routes, strongest first, and the stations as (percent, label)."""

    stations: list[tuple[float, str]]
    routes: list[Route]


def strongest(edge: Edge) -> tuple[str, float] | None:
    """Return the read-out whose effect depends most on the edge, with its share; None when all failed."""
    known = [(name, share) for name, share in edge.shares.items() if math.isfinite(share)]
    return max(known, key=lambda pair: abs(pair[1])) if known else None


def ranked(story: Story) -> list[Edge]:
    """Return the edges, the one that carries most first."""

    def carried(edge: Edge) -> float:
        best = strongest(edge)
        return abs(best[1]) if best else -1.0

    return sorted(story.edges, key=lambda edge: -carried(edge))


def labels(story: Story) -> dict[str, str]:
    """Return the words for read-out ids."""
    return {each.readout: each.label for each in story.changes} | {
        each.readout: each.label for each in story.courses
    }


def flow(story: Story) -> Flow:
    """Return the picture of all routes."""
    groups = words.groups({end for edge in story.edges for end in (edge.from_, edge.to)})
    gap = 72.0 / max(1, len(groups) - 1)
    places = {group: 14.0 + gap * k for k, group in enumerate(groups)}
    stations = [(places[group], words.say("groups", group)) for group in groups]
    names = labels(story)
    return Flow(stations, [_route(edge, places, names) for edge in ranked(story)])


def _route(edge: Edge, places: dict[str, float], names: dict[str, str]) -> Route:
    best = strongest(edge)
    share = best[1] if best else 0.0
    order = sorted(edge.shares.items(), key=lambda pair: -abs(pair[1]) if math.isfinite(pair[1]) else 1.0)
    shares = [(names.get(name, name), percent(each)) for name, each in order]
    top = [pair for pair, (_, each) in zip(shares, order, strict=True) if abs(each) >= SMALLEST][:3]
    return Route(
        edge.label,
        f"{words.say('groups', edge.from_)} → {words.say('groups', edge.to)}",
        edge.source,
        edge.grade,
        places[edge.from_],
        places[edge.to],
        1.5 + 14.5 * min(abs(share), 1.0),
        share < 0,
        top,
        shares,
    )
