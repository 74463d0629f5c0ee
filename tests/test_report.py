"""The report page: what it says, what it refuses to invent, and that it asks for nothing from outside."""

from __future__ import annotations

import dataclasses
import json
import math
import re
import runpy
import stat
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gutskin.errors import InputError
from gutskin.report import (
    Change,
    Composition,
    Course,
    Edge,
    GuildShare,
    Plan,
    SampleNote,
    Stamp,
    Story,
    Subject,
    Treatment,
    UnmappedTaxon,
    changes,
    courses,
    edges,
    headline,
    numbers,
    picture,
    render,
    scales,
    words,
    write,
)

example = runpy.run_path(str(Path(__file__).parent / "fixtures" / "report_story.py"))["example"]
HOSTILE = "</script><script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{ 7*7 }}<!--"
EMPTY = Story(Subject("nobody", "Nobody"), (), (), Plan("Nothing", 0.0, 28.0), (), (), ())
numbers_of_any_size = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e12, max_value=1e12)


class Page(HTMLParser):
    """Collects elements, attributes and text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.data: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.data.append(data)

    def count(self, tag: str) -> int:
        return sum(name == tag for name, _ in self.elements)


@pytest.fixture(scope="module")
def story() -> Story:
    return example()


@pytest.fixture(scope="module")
def html(story: Story) -> str:
    return render(story)


def course(values: list[float] | np.ndarray, **more: object) -> Course:
    array = np.asarray(values, dtype=float)
    given_ = {"unit": "mmol/L", "group": "gut", "without": np.ones_like(array), "healthy_low": 1.0, **more}
    return Course("r", "Read-out", t_days=np.arange(array.size, dtype=float), with_plan=array, **given_)


def change(before: float, after: float, without: float, **more: object) -> Change:
    relative = after / without - 1 if without else math.nan
    given_ = {"unit": "mmol/L", "judgement": "better", "group": "gut", **more}
    return Change("r", "Read-out", before=before, after=after, end_without=without, absolute=after - without,
                  relative=relative, **given_)  # fmt: skip


def told(*, course_: Course | None = None, change_: Change | None = None) -> Story:
    return dataclasses.replace(
        EMPTY, courses=(course_,) if course_ else (), changes=(change_,) if change_ else ()
    )


def read(text: str) -> float:
    """Read a printed figure back."""
    plain = text.replace("−", "-").replace(numbers.THIN, "")
    head, _, power = plain.partition("×10")
    return float(head) * 10.0 ** int(power.translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")) or 0)


# figures


@given(numbers_of_any_size)
def test_figure_keeps_three_digits(value: float) -> None:
    assert read(numbers.figure(value)) == pytest.approx(value, rel=5.001e-3)


@given(numbers_of_any_size)
def test_plain_is_the_same_number(value: float) -> None:
    assert read(numbers.plain(value)) == read(numbers.figure(value))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (14.62, "14.6"),
        (-0.12, "−0.120"),
        (999.7, "1000"),
        (12345.0, "12\u202f300"),
        (1.2e6, "1.20\u202f×\u202f10⁶"),
        (3e-5, "3.00\u202f×\u202f10⁻⁵"),
        (math.nan, "failed"),
        (math.inf, "failed"),
    ],
)
def test_figure(value: float, text: str) -> None:
    assert numbers.figure(value) == text


def test_ranges_lose_only_trailing_zeros() -> None:
    assert numbers.span(60.0, 150.0, "mmol/L") == "60 – 150\u00a0mmol/L"
    assert numbers.span(0.3, 1.5, "1") == "0.3 – 1.5"
    assert numbers.span(None, 1e5, "CFU/cm2") == "up to 1\u202f×\u202f10⁵\u00a0CFU/cm²"
    assert numbers.span(None, None, "1") == "unknown"


def test_units_as_people_print_them() -> None:
    assert [numbers.unit_label(u) for u in ("ug/cm2/h", "g/m2/h", "1", "percent", "umol/L", "kcal/day")] == [
        "µg/cm²/h", "g/m²/h", "no unit", "%", "µmol/L", "kcal/day",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.123, "12\u202f%"),
        (0.042, "4.2\u202f%"),
        (4e-4, "<0.1\u202f%"),
        (0.0, "0\u202f%"),
        (-0.06, "−6.0\u202f%"),
        (math.nan, "failed"),
        (None, "not measured"),
    ],
)
def test_percent(share: float | None, text: str) -> None:
    assert numbers.percent(share) == text


# axes


@given(st.lists(numbers_of_any_size, min_size=1, max_size=20))
def test_value_axis_holds_all_values(values: list[float]) -> None:
    axis = scales.value_axis(values)
    assert axis.low <= min(values) <= max(values) <= axis.high
    assert all(axis.low - 1e-6 <= tick <= axis.high * (1 + 1e-6) + 1e-6 for tick in axis.ticks)
    assert 2 <= len(axis.ticks) == len(axis.labels) <= 8
    assert axis.low >= 0 or min(values) < 0


@given(st.floats(-3, 3), st.floats(1e-2, 3000))
def test_day_axis_has_few_ticks(start: float, width: float) -> None:
    axis = scales.day_axis(start, start + width)
    assert 1 <= len(axis.ticks) <= 10
    assert all(start - 1e-6 <= tick <= start + width + 1e-6 for tick in axis.ticks)


@given(st.lists(st.floats(-1e6, 1e6), min_size=400, max_size=2000))
def test_thinning_keeps_extremes_and_ends(values: list[float]) -> None:
    array = np.array(values)
    keep = scales.thin(np.arange(array.size, dtype=float), array)
    assert {0, array.size - 1} <= set(keep.tolist())
    assert keep.size <= 2 * scales.MOST_POINTS
    assert array[keep].min() == array.min()
    assert array[keep].max() == array.max()


def test_thinning_keeps_the_edges_of_a_gap() -> None:
    values = np.ones(2000)
    values[700:900] = math.nan
    keep = scales.thin(np.arange(2000.0), values)
    assert np.isnan(values[keep]).any()


def test_meals_are_shown_as_daily_means() -> None:
    hours = np.linspace(0, 28, 28 * 24 + 1)
    swinging = 10 + 3 * np.sin(2 * np.pi * hours)
    assert scales.swings(hours, swinging)
    assert not scales.swings(hours, 10 + 3 * np.exp(-hours))
    days, means = scales.daily(hours, swinging)
    assert days.tolist() == list(range(29))
    assert means[1:] == pytest.approx(10.0)


def test_a_day_with_a_failed_value_has_no_mean() -> None:
    hours = np.linspace(0, 12, 12 * 24 + 1)
    values = np.ones_like(hours)
    values[30] = math.nan
    _, means = scales.daily(hours, values)
    assert np.flatnonzero(np.isnan(means)).tolist() == [2]


# what changes


def test_size_is_in_healthy_ranges() -> None:
    both = course([1.0], healthy_low=60.0, healthy_high=150.0)
    assert changes.size(change(70, 115, 70), both) == pytest.approx(0.5)
    upper = course([1.0], healthy_low=None, healthy_high=3.0)
    assert changes.size(change(3.4, 2.5, 4.0), upper) == pytest.approx(-0.5)
    decades = course([1.0], unit="CFU/cm2", healthy_low=1e2, healthy_high=1e4)
    assert changes.size(change(1e3, 1e4, 1e3, unit="CFU/cm2"), decades) == pytest.approx(0.5)
    assert changes.size(change(1, 2, 1), course([1.0], healthy_low=None)) is None
    assert changes.size(change(1, math.nan, 1), both) is None


@given(st.floats(0.1, 100), st.floats(0.1, 100))
def test_position_is_zero_and_one_at_the_healthy_limits(low: float, width: float) -> None:
    both = course([1.0], healthy_low=low, healthy_high=low + width)
    assert changes.position(low, both) == pytest.approx(0.0)
    assert changes.position(low + width, both) == pytest.approx(1.0)


def test_a_factor_is_said_where_percent_would_mislead() -> None:
    assert changes.difference(change(1e4, 1e3, 2e4, unit="CFU/cm2")) == "÷ 20"
    assert changes.difference(change(1.0, 4.0, 1.0)) == "× 4.0"
    assert changes.difference(change(1.0, 1.5, 1.0)) == "+50\u202f%"
    assert changes.difference(change(0.0, 2.0, 0.0)) == "+2.00\u00a0mmol/L"
    assert changes.difference(change(0.0, 2.0, 0.0, unit="1")) == "+2.00"


def test_rows_are_sorted_by_size_and_failures_come_last(story: Story) -> None:
    bad = dataclasses.replace(
        story.changes[0], label="Broken", after=math.nan, reason="solver stopped on day 3"
    )
    rows = changes.bars(dataclasses.replace(story, changes=(bad, *story.changes[1:]))).rows
    sizes = [abs(read(row.size)) for row in rows if row.size]
    assert sizes == sorted(sizes, reverse=True)
    assert rows[-1].label == "Broken"
    assert rows[-1].failed == "failed: solver stopped on day 3"
    assert all(row.left >= 0 and row.left + row.width <= 100 for row in rows)


# headline


def test_five_lines_and_no_read_out_twice(story: Story) -> None:
    lines = headline.lines(story)
    assert [line.mark for line in lines] == ["note", "better", "better", "route", "worse"]
    assert lines[0].lead == "11 of 15 read-outs get better"
    assert len(lines[0].dots) == len(story.changes)
    assert lines[4].text.startswith("Hydrogen")
    assert "52\u202f%" in lines[3].text


def test_headline_of_nothing() -> None:
    assert [line.lead for line in headline.lines(EMPTY)] == ["No read-out was asked for"]


def test_a_failed_read_out_is_counted_as_failed() -> None:
    lines = headline.lines(told(change_=change(1.0, math.nan, 1.0)))
    assert "1 failed" in lines[0].text
    assert lines[0].dots == ("failed",)
    assert lines[0].lead.startswith("0 of 1")


# courses and routes


def test_course_refuses_arrays_that_do_not_fit() -> None:
    t = np.arange(3.0)
    with pytest.raises(InputError, match="E701"):
        Course("r", "R", "gut", "1", t, t, np.arange(2.0))
    with pytest.raises(InputError, match="E702"):
        Course("r", "R", "gut", "1", np.array([0.0, 0.0, 1.0]), t, t)
    with pytest.raises(InputError, match="E703"):
        Course("r", "R", "gut", "1", t, t, t, low=t)


def test_a_failed_course_says_so_and_is_never_zero() -> None:
    text = render(told(course_=course([math.nan] * 5, reason="step size fell below 1e-12")))
    assert "With the plan: failed: step size fell below 1e-12" in text
    cells = re.findall(r"<td>(.*?)</td>", text)
    assert cells[1::2] == ["failed"] * (len(cells) // 2)
    data = payload(text)
    assert data[0]["series"][3] == [None] * 5
    assert data[0]["tags"][0] is None


def test_a_line_is_broken_where_values_failed() -> None:
    scene = picture.scene(course([1.0, 2.0, math.nan, 2.0, 1.0]), EMPTY.plan)
    assert scene is not None
    assert picture.draw(scene).with_plan.count("M") == 2


def test_a_course_with_nothing_known_has_no_picture() -> None:
    panel = courses.panels(told(course_=course([math.nan] * 3, without=np.full(3, math.nan))))[0][1][0]
    assert panel.picture is None
    assert panel.payload is None
    assert "failed" in panel.note


def test_populations_are_drawn_in_decades() -> None:
    scene = picture.scene(course([0.0, 1e3, 1e6], unit="CFU/cm2", without=np.full(3, 1e4)), EMPTY.plan)
    assert scene is not None
    data = picture.payload(scene)
    assert data["log"] is True
    assert data["series"][3] == [0.0, 3.0, 6.0]
    assert "10³" in data["yLabels"] or "10⁴" in data["yLabels"]


def test_end_labels_never_overlap(story: Story) -> None:
    for _, members in courses.panels(story):
        for panel in members:
            assert panel.picture is not None
            heights = [y for y, _, _ in panel.picture.ends]
            assert len(heights) == 2
            assert abs(heights[0] - heights[1]) > 13.8


def test_the_dot_marks_only_a_plan_that_ends_early() -> None:
    early = dataclasses.replace(EMPTY.plan, end=2.0)
    assert (scene := picture.scene(course([1.0, 2.0, 3.0, 2.0]), early)) is not None
    assert (dot := picture.draw(scene).dot) is not None
    assert dot[3] == "3.00"
    assert (whole := picture.scene(course([1.0, 2.0, 3.0]), early)) is not None
    assert picture.draw(whole).dot is None


def test_routes_are_ranked_and_opposing_ones_marked(story: Story) -> None:
    flow = edges.flow(story)
    assert flow.routes[0].top[0][1] == "83\u202f%"
    assert [route.against for route in flow.routes].count(True) == 1
    assert flow.routes[-1].top == []
    assert [label for _, label in flow.stations] == [words.say("groups", g) for g in ("gut", "axis", "skin")]


def test_a_failed_share_is_not_ranked() -> None:
    broken = Edge("broken", "gut", "skin", {"r": math.nan})
    weak = Edge("weak", "gut", "skin", {"r": 0.01})
    flow = edges.flow(dataclasses.replace(EMPTY, edges=(broken, weak)))
    assert [route.label for route in flow.routes] == ["weak", "broken"]
    assert flow.routes[1].shares == [("r", "failed")]


# the page


def payload(text: str) -> list[dict]:
    found = re.search(r'<script type="application/json" id="courses-data">(.*?)</script>', text, re.S)
    assert found
    return json.loads(found[1])


def test_page_is_small_and_complete(html: str, story: Story) -> None:
    assert len(html.encode()) < 600_000
    page = Page(html)
    assert page.count("figure") == len(story.courses) + len(story.compositions) + len(story.samples)
    for each in (*story.courses, *story.edges, *story.plan.treatments):
        assert getattr(each, "label", getattr(each, "title", "")) in html
    assert all(caveat in html for caveat in story.caveats)
    assert "not medical advice" in html
    assert story.stamp.model_hash in html
    assert str(story.stamp.seed) in html


def test_nothing_is_asked_from_outside(html: str) -> None:
    for _, attributes in Page(html).elements:
        for name in ("src", "href", "action", "srcset", "data", "poster"):
            assert not re.match(r"(?i)\s*(https?:)?//", attributes.get(name) or "")
            assert not (attributes.get(name) or "").lower().startswith("http")
    assert not re.search(r"(?i)url\(|@import|\bfetch\(|XMLHttpRequest|WebSocket|sendBeacon", html)
    assert "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:" in html


def test_licence_of_the_plotting_library_is_in_the_page(html: str) -> None:
    assert "Copyright (c) 2022 Leon Sorokin" in html
    assert "Permission is hereby granted" in html


def test_every_picture_has_words_and_its_numbers(html: str) -> None:
    page = Page(html)
    for tag, attributes in page.elements:
        if tag == "svg":
            assert (
                attributes.get("aria-hidden") == "true"
                or attributes.get("aria-label")
                or "over" in str(attributes.get("class"))
                or not attributes
            )
        if attributes.get("role") == "img":
            assert attributes.get("aria-label")
    assert page.count("table") >= page.count("figure") + 2
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    targets = [a["href"] for t, a in page.elements if t == "a"]
    assert all(str(target).startswith("#") and str(target)[1:] in ids for target in targets)


def test_every_number_of_a_course_has_its_unit(story: Story) -> None:
    for _, members in courses.panels(story):
        for panel in members:
            assert panel.unit
            for row in panel.rows:
                for cell in row[1:]:
                    assert panel.unit == "no unit" or cell.endswith(panel.unit)


def hostile_story() -> Story:
    t = np.arange(3.0)
    return Story(
        Subject(HOSTILE, HOSTILE, HOSTILE, HOSTILE),
        (SampleNote(HOSTILE, 0.5, 0.2, 0.3, (UnmappedTaxon(HOSTILE, 0.1, HOSTILE),), (HOSTILE,)),),
        (Composition(HOSTILE, (GuildShare(HOSTILE, 0.1, math.nan, None, 0.3),), HOSTILE),),
        Plan(HOSTILE, 0.0, 2.0, (Treatment(HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE, (HOSTILE,)),)),
        (Course(HOSTILE, HOSTILE, HOSTILE, HOSTILE, t, t, t, t, t, 0.0, 1.0, HOSTILE, HOSTILE, HOSTILE),),
        (Change(HOSTILE, HOSTILE, HOSTILE, HOSTILE, 1, 2, 1, 1, 1, "better", HOSTILE, HOSTILE),),
        (Edge(HOSTILE, HOSTILE, HOSTILE, {HOSTILE: 0.5}, HOSTILE, HOSTILE),),
        (HOSTILE,),
        Stamp({HOSTILE: HOSTILE}, HOSTILE, HOSTILE, 1, {HOSTILE: HOSTILE}),
    )


def test_hostile_labels_stay_words(html: str) -> None:
    text = render(hostile_story())
    page, plain = Page(text), Page(html)
    assert page.count("script") == plain.count("script") == 3
    assert page.count("img") == 0
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
    assert "{{ 7*7 }}" in "".join(page.data)
    assert payload(text)[0]["id"] == HOSTILE


def test_empty_lists_are_said_in_words() -> None:
    text = render(EMPTY)
    for words_ in ("Nothing is done", "No read-out was asked for", "No course was kept", "No route was cut",
                   "No community was kept", "No sample was given"):  # fmt: skip
        assert words_ in text
    assert payload(text) == []
    assert "NaN" not in "".join(Page(text).data[:40])


def test_shares_that_failed_are_not_drawn_as_zero() -> None:
    community = Composition("Site", (GuildShare("Guild", None, math.nan, 0.2, 0.3),))
    text = render(dataclasses.replace(EMPTY, compositions=(community,)))
    assert 'class="now"' not in text
    assert "not measured" in text
    assert "failed" in text


def test_same_story_same_page(html: str) -> None:
    assert render(example()) == html


def test_write_replaces_whole_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "report.html"
    target.write_text("old")
    assert write(EMPTY, target) == target
    assert target.read_text(encoding="utf-8") == render(EMPTY)
    assert stat.S_IMODE(target.stat().st_mode) & stat.S_IRUSR

    def broken(self: Path, other: Path) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(Path, "replace", broken)
    before = target.read_bytes()
    with pytest.raises(OSError, match="disk full"):
        write(example(), target)
    assert target.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["report.html"]


def test_write_to_no_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write(EMPTY, tmp_path / "missing" / "report.html")
