"""The five lines that matter, said from the numbers and from nothing else."""

from __future__ import annotations

import math
from dataclasses import dataclass

from gutskin.report import changes, edges, words
from gutskin.report.numbers import figure, percent, quantity
from gutskin.report.story import Change, Edge, Story

# Below this share [1] of an effect a route is not called its route.
MINOR = 0.05


@dataclass(frozen=True)
class Line:
    """One line: ``mark`` is better, worse, neutral, route or note; ``lead`` is bold."""

    mark: str
    lead: str
    text: str
    dots: tuple[str, ...] = ()


def lines(story: Story) -> list[Line]:
    """Return at most five lines: the tally, the best of the first and last group, the route, the price."""
    found = [_tally(story)]
    largest = None
    present = words.groups({each.group for each in story.changes})
    for group in dict.fromkeys(present[:1] + present[-1:]):
        largest = _largest(story, group)
        if largest:
            found.append(Line(largest.judgement, f"{largest.label}:", _moved(largest, story)))
    found += _route(story, largest) + _price(story)
    return found[:5]


def _tally(story: Story) -> Line:
    known = [each for each in story.changes if not changes.failed(each)]
    count = {word: sum(each.judgement == word for each in known) for word in ("better", "neutral", "worse")}
    bad = len(story.changes) - len(known)
    if not story.changes:
        return Line("note", "No read-out was asked for", "so nothing can be said about change.")
    lead = f"{count['better']} of {len(story.changes)} read-outs get better"
    days = f"over {story.plan.end - story.plan.start:g} days"
    text = f"{days}, {count['worse']} worse, {count['neutral']} neither"
    dots = tuple(word for word, many in count.items() for _ in range(many)) + ("failed",) * bad
    return Line("note", lead, text + (f"; {bad} failed." if bad else "."), dots)


def _largest(story: Story, group: str) -> Change | None:
    found = changes.sizes(story)
    members = [
        each for each in story.changes if each.group == group and each.main and not changes.failed(each)
    ]
    members = [each for each in members if each.judgement != "worse"]  # what gets worse is the last line
    members = [each for each in members if each.judgement == "better"] or members
    return max(members, key=lambda each: abs(found[each.readout] or 0.0), default=None)


def _moved(change: Change, story: Story) -> str:
    after, without = quantity(change.after, change.unit), figure(change.end_without)
    verdict = words.say("judgements", change.judgement) + (f", {change.words}" if change.words else "")
    aside = f"{without} without the plan, {changes.difference(change)}"
    return f"{figure(change.before)} → {after} by day {story.plan.end:g} ({aside}); {verdict}."


def _route(story: Story, target: Change | None) -> list[Line]:
    """Return the route that carries most of the effect on ``target``, or of any effect when there is none."""
    if target:
        shares = [
            (each.shares[target.readout], each) for each in story.edges if target.readout in each.shares
        ]
        known = [(share, each) for share, each in shares if math.isfinite(share)]
        share, edge = max(known, key=lambda pair: pair[0], default=(0.0, None))
        if edge and share >= MINOR:
            return [_carries(edge, share, target.label)]
        if known:
            text = f"no route carries more than {percent(MINOR)} of the effect on “{target.label}”."
            return [Line("route", "It arises where the plan acts:", text)]
    for edge in edges.ranked(story):
        best = edges.strongest(edge)
        if best and best[1] > edges.SMALLEST:
            return [_carries(edge, best[1], edges.labels(story).get(best[0], best[0]))]
    return []


def _carries(edge: Edge, share: float, label: str) -> Line:
    grade = f" (evidence: {edge.grade})" if edge.grade else ""
    text = f"{edge.label}{grade}; {percent(share)} of the effect on “{label}” goes when it is cut."
    return Line("route", "The main route:", text)


def _price(story: Story) -> list[Line]:
    found = changes.sizes(story)
    worse = [each for each in story.changes if each.judgement == "worse" and not changes.failed(each)]
    if worse:
        most = max(worse, key=lambda each: abs(found[each.readout] or 0.0))
        return [Line("worse", "The price:", f"{most.label}: {_moved(most, story)}")]
    if story.changes:
        return [Line("neutral", "No price seen:", "no read-out that was followed gets worse.")]
    return []
