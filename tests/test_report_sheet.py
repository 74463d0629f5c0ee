"""Sheets of panels: what is drawn lies where its value is, labels are apart, nothing is from outside."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gutskin.report import panels, sheet
from gutskin.report.panels import HEIGHT, Mark, Panel, Row, Span, marks, spread
from gutskin.report.sheet import Sheet

PLACES = ("up", "middle", "down")
DAYS = np.linspace(0.0, 30.0, 181)
SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "</style><script>alert(1)</script>\"'&{{ 7*7 }}"


def bars() -> Panel:
    rows = tuple(Row(f"row {k}", np.array([k + 1.0, 2.0, 3.0])) for k in range(9))
    return Panel("Bars", "percent", PLACES, rows, stacked=True)


def line(*values: float, **more: object) -> Panel:
    return Panel("Line", "mmol/L", PLACES, (Row("it", np.array(values)),), **more)  # type: ignore[arg-type]


def course(stacked: bool = False) -> Panel:
    rows = (Row("a", 1 + np.sin(DAYS) ** 2), Row("b", 2 + DAYS / 30))
    return Panel("Course", "g", DAYS, rows, stacked, () if stacked else ((1.0, 2.0),))


def of(drawn: list[Mark], kind: str, name: str) -> list[Mark]:
    return [each for each in drawn if each.kind == kind and each.attributes.get("class") == name]


def test_points_lie_where_their_values_are() -> None:
    drawn = marks(line(0.0, 50.0, 100.0), None)
    ys = [each.attributes["cy"] for each in drawn if each.kind == "circle"]
    ticks = of(drawn, "line", "grid")
    words = [each.text for each in of(drawn, "text", "tick")][: len(ticks)]
    at = {float(text): each.attributes["y1"] for text, each in zip(words, ticks, strict=True)}
    assert ys[0] == at[0.0]
    assert ys[2] == at[100.0]
    assert ys[1] == pytest.approx((ys[0] + ys[2]) / 2, abs=0.1)
    assert [each.text for each in of(drawn, "text", "value")] == ["0", "50.0", "100"]


@pytest.mark.parametrize("zero", [True, False])
def test_an_axis_begins_at_nothing_unless_it_need_not(zero: bool) -> None:
    drawn = marks(line(5.8, 6.3, 6.6, zero=zero), None)
    assert ("0" in [each.text for each in of(drawn, "text", "tick")]) == zero


def test_things_without_an_order_are_bars_from_nothing() -> None:
    drawn = marks(line(1.0, 0.0, 4.0, joined=False), None)
    rects = [each.attributes for each in drawn if each.kind == "rect"]
    assert not of(drawn, "path", "line")
    assert rects[2]["height"] == pytest.approx(4 * rects[0]["height"], abs=0.3)
    assert rects[0]["y"] + rects[0]["height"] == pytest.approx(rects[2]["y"] + rects[2]["height"], abs=0.2)
    assert [each.text for each in of(drawn, "text", "value")] == ["1.00", "0", "4.00"]
    pair = Panel("Two", "g", PLACES, (Row("a", np.ones(3)), Row("b", np.ones(3))), joined=False)
    left, right = (
        [
            each.attributes["x"]
            for each in marks(pair, None)
            if each.attributes.get("fill") == colour
            and each.kind == "rect"
            and "class" not in each.attributes
        ]
        for colour in panels.COLOURS[:2]
    )
    assert all(b > a for a, b in zip(left, right, strict=True))


def test_layers_stand_on_each_other_and_fill_the_plot() -> None:
    panel = bars()
    drawn = of(marks(panel, None), "rect", "layer")
    assert len(drawn) == 27
    first = [each.attributes for each in drawn[::3]]
    for below, above in pairwise(first):
        assert above["y"] + above["height"] == pytest.approx(below["y"], abs=0.2)
    heights = np.array([each["height"] for each in first])
    assert heights / heights[0] == pytest.approx(np.arange(1.0, 10.0), rel=0.05)
    assert len({each["fill"] for each in first}) == 9


@pytest.mark.parametrize("panel", [bars(), course(), course(stacked=True)], ids=["bars", "lines", "layers"])
def test_labels_are_apart_and_on_the_sheet(panel: Panel) -> None:
    labels = of(marks(panel, None), "text", "label")
    assert {each.text for each in labels} == {row.label for row in panel.rows}
    ys = sorted(each.attributes["y"] for each in labels)
    assert all(b - a >= panels.APART - 0.2 for a, b in pairwise(ys))
    assert 0 < ys[0] <= ys[-1] < HEIGHT


@given(st.lists(st.floats(0.0, 100.0), max_size=7))
def test_spread_keeps_order_and_distance(wanted: list[float]) -> None:
    places = spread(wanted, 0.0, 100.0, 15.0)
    order = sorted(range(len(wanted)), key=wanted.__getitem__)
    assert all(places[b] - places[a] >= 15.0 - 1e-9 for a, b in pairwise(order))
    assert all(-1e-9 <= each <= 100.0 + 1e-9 for each in places)


def test_places_that_are_apart_stay() -> None:
    assert spread([10.0, 60.0, 30.0], 0.0, 100.0, 15.0) == [10.0, 60.0, 30.0]


def test_the_plan_and_the_healthy_range_are_shaded() -> None:
    drawn = marks(course(), Span("plan", 0.0, 10.0))
    (plan,) = of(drawn, "rect", "plan")
    (healthy,) = of(drawn, "rect", "healthy")
    assert plan.attributes["width"] == pytest.approx(healthy.attributes["width"] / 3, abs=0.1)
    assert len(of(marks(course(stacked=True), Span("plan", 0.0, 10.0)), "line", "end")) == 1
    assert not of(marks(line(1.0, 2.0, 3.0), Span("plan", 0.0, 10.0)), "rect", "plan")


def test_a_range_that_is_far_off_does_not_squeeze_the_values() -> None:
    drawn = marks(line(1.0, 1.1, 1.2, healthy=((0.5, 1.5), (0.1, 50.0), None)), None)
    assert len(of(drawn, "rect", "healthy")) == 2
    ys = [each.attributes["cy"] for each in drawn if each.kind == "circle"]
    assert max(ys) - min(ys) > 10
    assert all(each.attributes["height"] >= 0 for each in drawn if each.kind == "rect")


def test_a_sheet_is_one_svg_that_needs_nothing() -> None:
    made = Sheet(HOSTILE, "somebody", 2, (bars(), course(), line(1.0, 2.0, 3.0)), Span(HOSTILE, 0.0, 10.0))
    text = sheet.draw(made)
    root = ElementTree.fromstring(text)
    assert root.find(f"{SVG}title").text == HOSTILE  # type: ignore[union-attr]
    assert root.get("role") == "img"
    assert {each.tag.removeprefix(SVG) for each in root.iter()} == {
        "svg", "title", "desc", "style", "rect", "text", "tspan", "g", "line", "path", "circle",
    }  # fmt: skip
    assert re.findall(r"https?://[^\"']*", text) == ["http://www.w3.org/2000/svg"]
    assert "url(" not in text
    assert "nan" not in text.lower()
    assert sheet.draw(made) == text
    width, height = (float(root.get(side) or 0) for side in ("width", "height"))
    assert width > 2 * panels.WIDTH
    assert height > 2 * HEIGHT


def test_a_narrow_sheet_has_room_for_what_it_says_under_its_title() -> None:
    few, many = (
        ElementTree.fromstring(sheet.draw(Sheet("A", "b" * letters, 1, (line(1.0, 2.0, 3.0),))))
        for letters in (10, 120)
    )
    assert float(few.get("width") or 0) == panels.WIDTH + 2 * sheet.EDGE
    assert float(many.get("width") or 0) > 120 * 6


@pytest.mark.parametrize(("stacked", "said"), [(True, "broken line: the plan"), (False, "grey: the plan")])
def test_what_shading_means_is_said_where_there_is_any(stacked: bool, said: str) -> None:
    plan = Span("plan", 0.0, 10.0)
    assert said in sheet.draw(Sheet("A", "b", 1, (course(stacked),), plan))
    alone = sheet.draw(Sheet("A", "b", 1, (line(1.0, 2.0, 3.0),), plan))
    assert said not in alone
    assert "healthy range" not in alone


def test_the_numbers_are_those_that_were_given() -> None:
    made = Sheet("A", "b", 1, (line(1.0, 2.0, 3.0, healthy=((0.5, 1.5), None, (2.0, 3.0))), course()))
    said = json.loads(json.dumps(sheet.document(made), allow_nan=False))
    assert said["panels"][0]["places"] == list(PLACES)
    assert said["panels"][0]["healthy"] == [[0.5, 1.5], None, [2.0, 3.0]]
    assert said["panels"][0]["rows"] == [{"label": "it", "values": [1.0, 2.0, 3.0]}]
    assert said["panels"][1]["days"] == DAYS.tolist()


def test_tables_show_places_and_days() -> None:
    plan = Span("plan", 0.0, 10.0)
    along, timed = sheet.tables(
        Sheet("A", "b", 1, (line(1.0, 2.0, 3.0, healthy=((0.5, 1.5),) * 3), course()), plan)
    )
    assert along[0] == ["", "", *PLACES, "unit"]
    assert along[1] == [
        ["Line", "it", "1.00", "2.00", "3.00", "mmol/L"],
        ["Line", "healthy range", *["0.5 to 1.5"] * 3, "mmol/L"],
    ]
    assert timed[0][0] == "Course"
    assert "day 10" in timed[0]
    assert timed[0][-2:] == ["day 30", "unit"]
    assert timed[1][1][1] == "2.00"
