"""Samples and reference people as points in a plane, one panel a site."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from gutskin.ecology import Place
from gutskin.report.panels import COLOURS, Mark, mark
from gutskin.samples.sites import load_sites

WIDTH, HEIGHT = 440.0, 330.0  # [px] of a panel
INSIDE = 34.0  # [px] from the edge of a panel to its outermost point
TOP = 26.0  # [px] for the title of a panel
HEAD, GAP, EDGE = 90.0, 26.0, 16.0  # [px] above the panels, between them, around them
DOT, LETTER, LINE = 5.0, 6.4, 12.0  # [px] radius of a point, size of a letter of a label
LONGEST = 16  # letters of a label
MOST = 24  # samples of a panel that get labels
COLUMNS = 2
ANCHORS = {"start": 0.0, "middle": 0.5, "end": 1.0}  # share of a label left of its anchor
NAMES = {"aitchison": "Aitchison", "bray_curtis": "Bray–Curtis", "jaccard": "Jaccard"}


@dataclass(frozen=True)
class Placed:
    """A panel as the template of sheets has it."""

    title: str
    unit: str = "1"


@dataclass(frozen=True)
class Told:
    """Title, second line and panels, as the template of sheets has them."""

    title: str
    about: str
    panels: tuple[Placed, ...]


def draw(places: Sequence[Place], metric: str) -> str:
    """Return the ordination of every site as SVG that asks for nothing from outside."""
    from gutskin.report.page import environment

    known = load_sites().known
    groups = sorted({group for place in places for group in place.groups if group})
    columns = min(COLUMNS, len(places))
    placed, panels = [], []
    for k, place in enumerate(places):
        panels.append(Placed(known[place.site].label))
        x = EDGE + (k % columns) * (WIDTH + GAP)
        placed.append((x, HEAD + (k // columns) * (HEIGHT + GAP), panels[-1], marks(place, groups)))
    placed.append((EDGE, HEAD - 22.0, Placed(""), _key(groups)))
    told = Told(
        "Samples and reference people", f"Principal coordinates of {NAMES[metric]} distances", tuple(panels)
    )
    rows = math.ceil(len(places) / columns)
    return environment().get_template("sheet.svg.j2").render(
        sheet=told, placed=placed, legend="", unit=str, width=2 * EDGE + columns * (WIDTH + GAP) - GAP,
        height=HEAD + rows * (HEIGHT + GAP) - GAP + EDGE,
    )  # fmt: skip


def colours(groups: Sequence[str]) -> dict[str, str]:
    """Return a colour a group; colours repeat when there are many."""
    return {name: COLOURS[k % len(COLOURS)] for k, name in enumerate(groups)}


def _key(groups: Sequence[str]) -> list[Mark]:
    """Return what points mean: a filled one a sample, an open one a reference person."""
    shown = colours(groups) if groups else {"sample": COLOURS[0]}
    found, x = [], 6.0
    for name, colour in [*shown.items(), ("reference person", "")]:
        found += [_dot(x, 0.0, colour), mark("text", name[:LONGEST], x=x + 10.0, y=4.0, class_="tick")]
        x += 30.0 + LETTER * min(len(name), LONGEST)
    return found


def marks(place: Place, groups: Sequence[str] = ()) -> list[Mark]:
    """Return what is drawn of one site; one scale for both axes, so that distances can be seen."""
    frame = mark("rect", x=0.0, y=TOP, width=WIDTH, height=HEIGHT - TOP, fill="none", class_="axis")
    if place.ordination is None:
        said = "too few samples, or none that differ: nothing to draw"
        return [frame, mark("text", said, x=12.0, y=TOP + 24.0, class_="tick")]
    points = place.ordination.points
    low, high = points.min(axis=0), points.max(axis=0)
    wide, tall = WIDTH - 2 * INSIDE, HEIGHT - TOP - 2 * INSIDE
    scale = min(wide / max(high[0] - low[0], 1e-12), tall / max(high[1] - low[1], 1e-12))
    middle = (low + high) / 2
    xs = WIDTH / 2 + scale * (points[:, 0] - middle[0])
    ys = (TOP + HEIGHT) / 2 - scale * (points[:, 1] - middle[1])
    shown, count = colours(groups), len(place.samples)
    fills = [shown.get(group or "", COLOURS[0] if not groups else "#b3b3b3") for group in place.groups]
    fills += [""] * len(place.others)
    dots = [_dot(float(x), float(y), fill) for x, y, fill in zip(xs, ys, fills, strict=True)]
    names = _names(place) if count <= MOST else [""] * count
    names += [each.sample.person if len(place.others) <= MOST else "" for each in place.others]
    spots = list(zip(xs.tolist(), ys.tolist(), strict=True))
    return [frame, *_axes(place), *dots, *_labels(spots, names)]


def _names(place: Place) -> list[str]:
    """Return what samples are called: their persons where each is of another one."""
    people = [each.sample.person for each in place.samples]
    return people if len({*people}) == len(people) else [each.sample.name for each in place.samples]


def _axes(place: Place) -> list[Mark]:
    assert place.ordination is not None
    first, second = (f"axis {k + 1}: {share:.0%}" for k, share in enumerate(place.ordination.explained))
    return [
        mark("text", first, x=WIDTH - 8.0, y=HEIGHT - 8.0, text_anchor="end", class_="tick"),
        mark("text", second, x=8.0, y=TOP + 16.0, class_="tick"),
    ]


def _dot(x: float, y: float, fill: str) -> Mark:
    if not fill:
        return mark("circle", cx=x, cy=y, r=DOT, fill="#fdfdfc", stroke="#59656b", stroke_width=1.4)
    return mark("circle", cx=x, cy=y, r=DOT, fill=fill, stroke="#fdfdfc", stroke_width=0.8)


def _labels(spots: Sequence[tuple[float, float]], names: Sequence[str]) -> list[Mark]:
    """Return a label beside each point where there is room for it; where there is none it is left out."""
    taken = [(x - DOT, y - DOT, x + DOT, y + DOT) for x, y in spots]
    found = []
    for (x, y), name in zip(spots, names, strict=True):
        text = name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"
        long = LETTER * len(text)
        for at, base, anchor in _spots(x, y) if text else ():
            left = at - long * ANCHORS[anchor]
            box = (left, base - LINE + 3, left + long, base + 2)
            inside = left >= 2 and left + long <= WIDTH - 2 and base - LINE > TOP and base < HEIGHT - 2
            if inside and not any(_meet(box, other) for other in taken):
                taken.append(box)
                found.append(mark("text", text, x=at, y=base, text_anchor=anchor, class_="tick"))
                break
    return found


def _spots(x: float, y: float) -> tuple[tuple[float, float, str], ...]:
    """Return where the label of a point may stand and which end of it, best first."""
    return (x + 9, y + 4, "start"), (x - 9, y + 4, "end"), (x, y - 9, "middle"), (x, y + 17, "middle")


def _meet(one: tuple[float, ...], two: tuple[float, ...]) -> bool:
    return one[0] < two[2] and two[0] < one[2] and one[1] < two[3] and two[1] < one[3]
