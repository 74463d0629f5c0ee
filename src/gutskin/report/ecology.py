"""What is said of the ecology of samples, as tables and as plain data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from gutskin.ecology import Dysbiosis, Place, Refusal
from gutskin.ecology.dysbiosis import GuildPart
from gutskin.ecology.outside import Deviation
from gutskin.report.numbers import figure

MOST = 5  # genera and guilds that are named in the tables
PART = 0.05  # of the squared distance [1], from which on a guild is named
CAUTION = "A distance from reference people is no diagnosis: method and life differ too. Research use only."
Table = tuple[str, list[str], list[list[str]]]


def tables(places: Sequence[Place]) -> list[Table]:
    """Return (title, columns, rows) of everything that there is to say."""
    found = [_alpha(places)]
    for place in places:
        found.append(_dysbiosis(place))
        found += [table for table in (_drivers(place), _near(place), _apart(place)) if table[2]]
    return found


def _alpha(places: Sequence[Place]) -> Table:
    columns = ["sample", "site", "reads", "taxa", "Shannon [nat]", "inverse Simpson", "Chao1", "remark"]
    rows = [
        [
            made.sample.name,
            place.site,
            "–" if each.depth is None else f"{each.depth}{' (rarefied)' if each.rarefied else ''}",
            figure(each.richness),
            figure(each.shannon),
            figure(each.inverse_simpson),
            "–" if each.chao1 is None else figure(each.chao1),
            each.remark,
        ]
        for place in places
        for made, each in zip(place.samples, place.alphas, strict=True)
    ]
    return "alpha diversity, of taxa as the table names them", columns, rows


def _dysbiosis(place: Place) -> Table:
    common = _common(place)
    columns = ["sample", "genera outside", "index [log10]", "people below", "guild distance", "people below"]
    rows = []
    for made, each in zip(place.samples, place.judged, strict=True):
        if isinstance(each, Refusal):
            rows.append([made.sample.name, "–", "–", "–", "–", "–", each.reason])
            continue
        rows.append(
            [
                made.sample.name,
                f"{each.outside} of {each.of}",
                figure(each.index),
                f"{each.index_below:.0%}",
                "–" if each.distance is None else figure(each.distance),
                "–" if each.distance_below is None else f"{each.distance_below:.0%}",
                "; ".join(said for said in each.remarks if said not in common),
            ]
        )
    whom = next((f", against {each.reference}" for each in place.judged if isinstance(each, Dysbiosis)), "")
    return f"dysbiosis: {place.site}{'; '.join((whom, *common))}", [*columns, "remark"], rows


def _common(place: Place) -> list[str]:
    """Return the remarks that hold for every sample that is judged; they are said once."""
    told = [each.remarks for each in place.judged if isinstance(each, Dysbiosis)]
    return [said for said in told[0] if all(said in others for others in told)] if told else []


def _drivers(place: Place) -> Table:
    rows = []
    for made, each in zip(place.samples, place.judged, strict=True):
        if isinstance(each, Dysbiosis):
            rows += [[made.sample.name, *_genus(one)] for one in each.genera[:MOST]]
            rows += [[made.sample.name, *_guild(one)] for one in each.guilds[:MOST] if one.part >= PART]
    return f"what drives it: {place.site}", ["sample", "taxon", "share", "usual", "how far"], rows


def _genus(one: Deviation) -> list[str]:
    way = "above" if one.decades > 0 else "below"
    usual = f"{_percent(one.low)} to {_percent(one.high)} %"
    return [one.name, f"{_percent(one.share)} %", usual, f"{10 ** abs(one.decades):.2g}-fold {way}"]


def _guild(one: GuildPart) -> list[str]:
    usual = f"{_percent(one.usual)} %"
    return [f"guild: {one.label}", f"{_percent(one.share)} %", usual, f"{one.part:.0%} of the distance"]


def _percent(share: float) -> str:
    return "0" if share == 0 else f"{100 * share:.2g}" if share >= 0.0005 else "<0.05"


def _near(place: Place) -> Table:
    columns = ["sample", "distance", "nearest", "how far", "median to all"]
    rows = [
        [made.sample.name, one.metric, one.person, figure(one.distance), figure(one.median)]
        for made, near in zip(place.samples, place.near, strict=True)
        for one in near
    ]
    return f"nearest of {len(place.others)} reference people: {place.site}", columns, rows


def _apart(place: Place) -> Table:
    columns = ["distance", "groups", "pseudo-F", "R²", "p", "remark"]
    title = f"groups (PERMANOVA): {place.site}"
    if isinstance(place.apart, str):
        return title, columns, [["–", "–", "–", "–", "–", place.apart]] if place.apart else []
    rows = []
    for metric, each in place.apart.items():
        groups = ", ".join(f"{name} ({count})" for name, count in each.groups.items())
        p = f"{each.p:.3f} ({each.permutations} permutations)"
        rows.append([metric, groups, figure(each.f), f"{each.share:.0%}", p, each.remark])
    return title, columns, rows


def document(places: Sequence[Place]) -> dict[str, Any]:
    """Return all of it as plain data: shares [1], distances in the unit of their metric."""
    return {"sites": [_place(place) for place in places], "caution": CAUTION}


def _place(place: Place) -> dict[str, Any]:
    drawn = place.ordination
    points = drawn.points.tolist() if drawn is not None else None
    return {
        "site": place.site,
        "samples": [
            {
                "sample": made.sample.name,
                "person": made.sample.person,
                "group": group,
                "alpha": asdict(diversity),
                "dysbiosis": {"refused": judged.reason} if isinstance(judged, Refusal) else asdict(judged),
                "nearest": [asdict(one) for one in near],
            }
            for made, group, diversity, judged, near in zip(
                place.samples, place.groups, place.alphas, place.judged, place.near, strict=True
            )
        ],
        "reference_people": [each.sample.person for each in place.others],
        "distances": {metric: table.tolist() for metric, table in place.between.items()},
        "ordination": None if drawn is None else {"points": points, "explained": drawn.explained.tolist()},
        "permanova": place.apart
        if isinstance(place.apart, str)
        else {metric: asdict(each) for metric, each in place.apart.items()},
    }
