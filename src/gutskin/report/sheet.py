"""A sheet of panels: values along places or in time, as tables, numbers and one SVG."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from gutskin.report import panels, scales
from gutskin.report.numbers import figure, unit_label
from gutskin.report.panels import Mark, Panel, Row, Span

__all__ = ["Mark", "Panel", "Row", "Sheet", "Span", "document", "draw", "tables"]

HEAD, GAP, EDGE = 62.0, 26.0, 16.0  # [px] above the panels, between them, around them
LETTER = 6.6  # [px] of a letter, at most on average
Table = tuple[list[str], list[list[str]]]


@dataclass(frozen=True)
class Sheet:
    """Panels in ``columns``; ``about`` says whose they are, ``plan`` when something was done."""

    title: str
    about: str
    columns: int
    panels: tuple[Panel, ...]
    plan: Span | None = None


def draw(sheet: Sheet) -> str:
    """Return the sheet as SVG that asks for nothing from outside."""
    from gutskin.report.page import environment

    columns = min(sheet.columns, len(sheet.panels))
    lines = math.ceil(len(sheet.panels) / columns)
    placed = []
    for k, panel in enumerate(sheet.panels):
        x = EDGE + (k % columns) * (panels.WIDTH + GAP)
        y = HEAD + (k // columns) * (panels.HEIGHT + GAP)
        placed.append((x, y, panel, panels.marks(panel, sheet.plan)))
    line = len(sheet.about) + len(_legend(sheet)) + 2  # letters of the line under the title
    width = max(2 * EDGE + columns * (panels.WIDTH + GAP) - GAP, 2 * EDGE + LETTER * line)
    height = HEAD + lines * (panels.HEIGHT + GAP) - GAP + EDGE
    template = environment().get_template("sheet.svg.j2")
    return template.render(
        sheet=sheet, placed=placed, width=width, height=height, legend=_legend(sheet), unit=unit_label
    )


def _legend(sheet: Sheet) -> str:
    """Return what shading means, in words."""
    said = []
    if any(side for panel in sheet.panels for side in panel.healthy):
        said.append("green: healthy range")
    timed = [panel.stacked for panel in sheet.panels if not panel.along]
    if sheet.plan and timed:
        said.append("grey, or up to the broken line: the plan" if any(timed) else "grey: the plan")
    return "; ".join(said)


def _days(panel: Panel, plan: Span | None) -> list[int]:
    """Return the indices of the days that a table shows: of the ticks, the last, and when the plan ends."""
    days = np.asarray(panel.at, float)
    wanted = [*scales.day_axis(float(days[0]), float(days[-1])).ticks, float(days[-1])]
    if plan is not None:
        wanted += [plan.start, plan.end]
    return sorted({int(np.argmin(np.abs(days - day))) for day in wanted})


def tables(sheet: Sheet) -> list[Table]:
    """Return (columns, rows) of all panels over places, then of every panel in time."""
    places: dict[tuple[str, ...], list[list[str]]] = {}
    courses = []
    for panel in sheet.panels:
        unit = "" if panel.unit == "1" else unit_label(panel.unit)
        if panel.along:
            rows = places.setdefault(tuple(map(str, panel.at)), [])
            rows += [[panel.title, row.label, *map(figure, row.values), unit] for row in panel.rows]
            if panel.healthy:
                rows.append([panel.title, "healthy range", *map(_range, panel.healthy), unit])
            continue
        keep = _days(panel, sheet.plan)
        said = [[row.label, *(figure(float(row.values[k])) for k in keep), unit] for row in panel.rows]
        healthy = [["healthy range", *[_range(panel.healthy[0])] * len(keep), unit]] if panel.healthy else []
        heads = [panel.title, *(f"day {float(panel.at[k]):.3g}" for k in keep), "unit"]
        courses.append((heads, said + healthy))
    along = [(["", "", *names, "unit"], rows) for names, rows in places.items()]
    return along + courses


def _range(sides: tuple[float, float] | None) -> str:
    return f"{sides[0]:.3g} to {sides[1]:.3g}" if sides else "–"


def document(sheet: Sheet) -> dict[str, Any]:
    """Return all that is drawn as plain data; days [day], values in the unit of their panel."""
    return {
        "title": sheet.title,
        "about": sheet.about,
        "plan": None if sheet.plan is None else {"start": sheet.plan.start, "end": sheet.plan.end},
        "panels": [
            {
                "title": panel.title,
                "unit": panel.unit,
                "places" if panel.along else "days": list(panel.at)
                if panel.along
                else np.asarray(panel.at, float).tolist(),
                "healthy": [list(side) if side else None for side in panel.healthy],
                "rows": [{"label": row.label, "values": row.values.tolist()} for row in panel.rows],
            }
            for panel in sheet.panels
        ],
    }
