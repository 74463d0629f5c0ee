"""Which plan helps: a row a plan, its change with the interval, chances, and who cannot be told apart."""

from __future__ import annotations

import math
from dataclasses import dataclass

from gutskin.report.numbers import figure, span
from gutskin.report.person import phrases
from gutskin.report.person.places import Scale, change_scale
from gutskin.report.person.told import Measurement, Plan, Ranking, Treatment

LIKELY = 0.5  # chance [1] from which a plan is said to help or to harm
ARROWS = {
    "up": "better to the right →",
    "down": "← better to the left",
    "within": "better towards the healthy range",
}


@dataclass(frozen=True)
class Row:
    """One plan; places in percent, ``stack`` (left, width) of help, neither and harm."""

    place: int
    title: str
    mark: str
    change: tuple[float, float, float] | None
    stack: list[tuple[str, float, float]]
    texts: dict[str, str]
    sides: list[str]
    treatments: tuple[Treatment, ...]
    tied: bool


@dataclass(frozen=True)
class View:
    """All that the template needs of a ranking."""

    rows: list[Row]
    ticks: list[tuple[float, str]]
    zero: float
    little: tuple[float, float]
    arrow: str
    usual: str
    worth: str
    healthy: str
    verdict: str
    following: list[tuple[str, str, str]]
    vehicles: bool


def view(ranking: Ranking) -> View:
    """Return the ranking as drawn."""
    worth = ranking.worth
    healthy = phrases.joined(span(*ranking.healthy, ranking.unit)) if ranking.healthy else "unknown"
    scale, ticks = change_scale([each.change for each in ranking.plans], worth)
    return View(
        [_row(number, each, ranking, scale) for number, each in enumerate(ranking.plans, 1)],
        ticks, scale.place(0.0), scale.span(-worth, worth), ARROWS.get(ranking.better, ""),
        phrases.between(ranking.usual, ranking.unit), f"{figure(worth)}{phrases.tail(ranking.unit)}",
        healthy, verdict(ranking),
        [_following(each) for each in ranking.next],
        any(math.isfinite(each.beats_vehicle) for each in ranking.plans),
    )  # fmt: skip


def verdict(ranking: Ranking) -> str:
    """Say which plan leads, or which cannot be told apart and what to measure to tell them apart."""
    first = ranking.plans[0]
    if first.helps < LIKELY:
        return (
            f"No plan is likely to help: {first.title} is in front with a chance of "
            f"{phrases.chance(first.helps)} to change {ranking.label} for the better by more than "
            f"{figure(ranking.worth)}{phrases.tail(ranking.unit)}."
        )
    does = (
        f"changes {ranking.label} by {phrases.change(first.change, ranking.worth, ranking.unit)} and helps "
        f"with a chance of {phrases.chance(first.helps)}"
    )
    tied = [each.title for each in ranking.plans[1:] if each.tied]
    if not tied:
        return f"{first.title} leads: it {does}." if len(ranking.plans) > 1 else f"{first.title} {does}."
    said = f"{first.title} {does}, but cannot be told apart from {phrases.listed(tied)}; "
    if not ranking.next:
        return said + "no measurement on offer would tell them apart."
    cheapest = ranking.next[0]
    takes = f"takes away {phrases.chance(cheapest.narrows)} of the doubt between it and {tied[0]}"
    return f"{said}the cheapest next measurement is {cheapest.label} ({takes})."


def _following(each: Measurement) -> tuple[str, str, str]:
    return each.label, phrases.chance(each.narrows), phrases.COSTS.get(each.cost, "")


def _row(place: int, plan: Plan, ranking: Ranking, scale: Scale) -> Row:
    neither = max(1.0 - plan.helps - plan.harms, 0.0)
    left, stack = 0.0, []
    for kind, part in (("better", plan.helps), ("neutral", neither), ("worse", plan.harms)):
        stack.append((kind, round(100 * left, 2), round(100 * part, 2)))
        left += part
    texts = {
        "change": phrases.change(plan.change, ranking.worth, ranking.unit),
        "helps": phrases.chance(plan.helps),
        "harms": phrases.chance(plan.harms),
        "best": phrases.chance(plan.best),
        "vehicle": phrases.chance(plan.beats_vehicle) if math.isfinite(plan.beats_vehicle) else "",
        "lost": f"{plan.lost}" if plan.lost else "",
    }
    mark = "better" if plan.helps >= LIKELY else "worse" if plan.harms >= LIKELY else "neutral"
    sides = [
        f"{each.label}: {phrases.chance(each.chance)}, {phrases.change(each.change, 0.0, each.unit)}"
        for each in plan.sides
    ]
    return Row(
        place, plan.title, mark, scale.band(plan.change), stack, texts, sides, plan.treatments, plan.tied
    )
