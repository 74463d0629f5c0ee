"""What changes: every read-out at the end of the plan against the same day without it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from gutskin.report import words
from gutskin.report.numbers import figure, percent, quantity, signed, unit_label
from gutskin.report.scales import nice_step
from gutskin.report.story import Change, Course, Story

LARGEST = 3.0  # healthy ranges; a longer bar is cut and says so


@dataclass(frozen=True)
class Row:
    """One bar, ``left`` and ``width`` in percent of the picture.

    ``places`` are (before, after) in percent of a strip whose middle third is the healthy range.
    """

    label: str
    group: str
    judgement: str
    verdict: str
    before: str
    after: str
    without: str
    difference: str
    words: str
    size: str
    left: float
    width: float
    cut: bool
    places: tuple[float, float] | None
    failed: str


@dataclass(frozen=True)
class Bars:
    """The rows, largest first, and the ticks as (percent, words)."""

    rows: list[Row]
    ticks: list[tuple[float, str]]


def position(value: float, course: Course | None) -> float | None:
    """Return where a value lies, 0 at the low and 1 at the high end of the healthy range; None when unknown.

    Where only one side is known, the range is as wide as the limit itself, or one decade on a log10 scale.
    """
    if course is None or not math.isfinite(value):
        return None
    log = words.is_log(course.unit)
    known = [each for each in (course.healthy_low, course.healthy_high) if each is not None]
    if not known:
        return None
    if log:
        value, *known = (math.log10(max(each, 1.0)) for each in (value, *known))
    width = known[1] - known[0] if len(known) == 2 else 1.0 if log else abs(known[0])
    if width <= 0:
        return None
    return (value - known[0]) / width if course.healthy_low is not None else 1 + (value - known[0]) / width


def size(change: Change, course: Course | None) -> float | None:
    """Return the effect of the plan in healthy ranges [1]; None when it failed or no range is known."""
    after, without = position(change.after, course), position(change.end_without, course)
    return None if after is None or without is None else after - without


def sizes(story: Story) -> dict[str, float | None]:
    """Return the size of every change by read-out."""
    courses = {each.readout: each for each in story.courses}
    return {each.readout: size(each, courses.get(each.readout)) for each in story.changes}


def failed(change: Change) -> bool:
    """Say whether one of the three figures could not be computed."""
    return not all(map(math.isfinite, (change.before, change.after, change.end_without)))


def difference(change: Change) -> str:
    """Say the effect of the plan: in percent, as a factor where that is plainer, else in units."""
    without, after = change.end_without, change.after
    factor = after / without if without > 0 and after > 0 else math.nan
    if math.isfinite(factor) and (words.is_log(change.unit) or change.relative >= 2):
        return f"× {figure(factor, 2)}" if factor >= 1 else f"÷ {figure(1 / factor, 2)}"
    if math.isfinite(change.relative):
        return ("+" if change.relative > 0 else "") + percent(change.relative)
    tail = "" if change.unit in {"1", ""} else f"\u00a0{unit_label(change.unit)}"
    return signed(change.absolute) + tail


def bars(story: Story) -> Bars:
    """Return the picture of all changes."""
    found = sizes(story)
    courses = {each.readout: each for each in story.courses}
    order = sorted(story.changes, key=lambda each: -abs(found[each.readout] or 0.0))
    order.sort(key=lambda each: (failed(each), found[each.readout] is None))
    largest = max([abs(s) for s in found.values() if s is not None], default=1.0)
    shown = min(max(largest, 0.1), LARGEST)
    step = nice_step(-shown, shown, 3)
    scale = 37.0 / shown  # percent of the picture for one healthy range; the rest is room for the figure
    steps = [k * step for k in range(-int(shown / step + 1e-9), int(shown / step + 1e-9) + 1)]
    ticks = [(50 + s * scale, "0" if s == 0 else f"{s:+g}".replace("-", "−")) for s in steps]
    return Bars([_row(each, courses.get(each.readout), found[each.readout], scale) for each in order], ticks)


def _strip(position: float) -> float:
    """Return the place [%] on the strip: even within the healthy range, squeezed outside so that all fits."""
    beyond = max(position - 1.0, -position, 0.0)
    if not beyond:
        return 100 * (1 + position) / 3
    squeezed = 31.0 * beyond / (beyond + 1.5)
    return 200 / 3 + squeezed if position > 1 else 100 / 3 - squeezed


def _row(change: Change, course: Course | None, size: float | None, scale: float) -> Row:
    bad = failed(change)
    shown = 0.0 if size is None else max(-LARGEST, min(LARGEST, size))
    before, after = position(change.before, course), position(change.after, course)
    places = None if before is None or after is None else (_strip(before), _strip(after))
    return Row(
        change.label,
        words.say("groups", change.group),
        change.judgement,
        words.say("judgements", change.judgement),
        figure(change.before),
        quantity(change.after, change.unit),
        figure(change.end_without),
        "" if bad else difference(change),
        change.words,
        "" if size is None else signed(size, 2),
        50 + min(shown, 0.0) * scale,
        abs(shown) * scale,
        size is not None and abs(size) > LARGEST,
        places,
        f"failed: {change.reason or 'no reason was given'}" if bad else "",
    )
