"""A person's page: what it says is what it is told, and what nobody knows is not made up."""

from __future__ import annotations

import dataclasses
import math
import re
import runpy
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gutskin.errors import InputError
from gutskin.report.numbers import figure
from gutskin.report.person import (
    Driver,
    Interval,
    PersonReport,
    bands,
    findings,
    guilds,
    headline,
    phrases,
    places,
    plans,
    render,
    write_person,
)

made = runpy.run_path(str(Path(__file__).parent / "fixtures" / "person_report.py"))
HOSTILE = "</script><script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{ 7*7 }}<!--"
EMPTY = PersonReport("Nobody", "")
sizes = st.floats(min_value=-1e9, max_value=1e9, allow_nan=False)


class Page(HTMLParser):
    """Collects elements with their attributes, and text."""

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

    def ids(self) -> set[str]:
        return {str(given["id"]) for _, given in self.elements if "id" in given}


@pytest.fixture(scope="module")
def report() -> PersonReport:
    return made["example"]()


@pytest.fixture(scope="module")
def html(report: PersonReport) -> str:
    return render(report)


def finding(**more: object) -> object:
    return made["finding"]("r", "Read-out", **more)


# ---- the page


def test_page_has_all_parts_and_asks_for_nothing(html: str) -> None:
    page = Page(html)
    assert {"samples", "guilds", "findings", "kinds", "forecast", "ranking", "limits"} <= page.ids()
    assert not [a for t, a in page.elements if t in {"link", "img", "iframe"} and a.get("href") != "data:,"]
    assert "default-src 'none'" in html
    links = {str(a["href"]) for t, a in page.elements if t == "a"}
    assert {link.lstrip("#") for link in links} <= page.ids()


def test_empty_parts_are_left_out() -> None:
    page = Page(render(EMPTY))
    assert not {"samples", "guilds", "findings", "kinds", "forecast", "ranking"} & page.ids()
    assert "limits" in page.ids()
    assert "not medical advice" in " ".join(page.data)


@pytest.mark.parametrize("part", ["diagnosis", "forecasts", "ranking", "samples", "notes"])
def test_page_lives_without_any_one_part(report: PersonReport, part: str) -> None:
    none = None if part in {"diagnosis", "ranking"} else ()
    assert "limits" in Page(render(dataclasses.replace(report, **{part: none}))).ids()


def test_every_finding_has_its_figures_on_the_page(html: str, report: PersonReport) -> None:
    text = " ".join(Page(html).data)
    for each in report.diagnosis.findings:
        assert each.label in text
        if phrases.known(each.person):
            assert phrases.between(each.person, each.unit) in text
            assert phrases.between(each.population, each.unit) in text
    for each in report.diagnosis.fits:
        said = phrases.shares if each.table else phrases.between
        assert said(each.shown) in text
    for plan in report.ranking.plans:
        assert phrases.change(plan.change, report.ranking.worth, "g/m2/h") in text
    for name in ("ab" * 20, "cd" * 20, "3979", "31.4", "the second sample of the stool was left out"):
        assert name in text


def test_nothing_is_called_nan(html: str) -> None:
    assert not re.search(r"\b(nan|inf|None)\b", " ".join(Page(html).data))
    assert "unknown" in html


def test_a_name_is_text_and_never_markup(report: PersonReport) -> None:
    told = report.diagnosis.findings
    named = tuple(dataclasses.replace(each, label=HOSTILE, word=HOSTILE) for each in told)
    odd = dataclasses.replace(
        report, label=HOSTILE, place=HOSTILE, notes=(HOSTILE,), caveats=(HOSTILE,), stamp={"x": HOSTILE},
        diagnosis=dataclasses.replace(report.diagnosis, findings=named),
    )  # fmt: skip
    page = Page(render(odd))
    assert sum(tag == "script" for tag, _ in page.elements) == 1
    assert not [tag for tag, _ in page.elements if tag == "img"]
    assert "{{ 7*7 }}" in " ".join(page.data)


def test_page_is_written_whole(report: PersonReport, tmp_path: Path) -> None:
    path = write_person(report, tmp_path / "deep" / "page.html")
    assert path.read_text(encoding="utf-8") == render(report)
    assert [each.name for each in path.parent.iterdir()] == ["page.html"]


def test_two_forecasts_with_a_plan_are_refused() -> None:
    with pytest.raises(InputError, match="E555"):
        PersonReport("A", "", forecasts=(made["forecast"](planned=True),) * 2)


def test_a_plan_s_vehicle_and_rivals_have_no_column_where_there_are_none(report: PersonReport) -> None:
    html = render(dataclasses.replace(report, ranking=made["ranking"](1)))
    assert "Does the plan help" in html
    assert "· best" not in html
    assert "told apart from the first" not in html


# ---- the first lines


def test_first_lines_say_what_is_outside_and_what_cannot_be_told(report: PersonReport) -> None:
    lines = headline.lines(report)
    assert 3 <= len(lines) <= 5
    assert lines[0].lead.startswith("3 of 5 ")
    assert lines[0].dots == ("better", "worse", "worse", "neutral", "neutral")
    assert lines[1].text.startswith("Cells on the surface")  # it is further from the population
    assert "In Water loss so is most of the population" in lines[1].text
    assert "Cells on the surface lower by 2.40" in lines[2].text
    assert "Something no guild bears on" in lines[3].text
    assert "1 of 6 main read-outs" in lines[3].text
    assert "A small guild" in lines[3].text


def test_a_verdict_that_only_the_population_gives_is_called_so(report: PersonReport) -> None:
    quiet = finding(told=0.0, moved=0.0)
    only = dataclasses.replace(report.diagnosis, findings=(quiet,), fits=())
    lines = headline.lines(PersonReport("A", "", diagnosis=only))
    assert "In 1 of the judged it is the population that says so" in lines[0].text
    assert lines[1].mark == "better"
    assert "look like those of most people" in lines[2].lead


def test_a_bad_fit_is_said_first_and_last(report: PersonReport) -> None:
    bad = dataclasses.replace(report, diagnosis=dataclasses.replace(report.diagnosis, strain=7.0))
    assert "explains the samples badly" in headline.lines(bad)[3].text
    assert "explains these samples badly" in render(bad)
    assert "explains these samples badly" not in render(report)


def test_readings_alone_are_not_called_guilds(report: PersonReport) -> None:
    alone = dataclasses.replace(report.diagnosis, fits=report.diagnosis.fits[-1:])
    html = render(PersonReport("A", "", notes=("One reading.",), diagnosis=alone))
    assert "Who lives there" not in html
    assert "<h2>Readings</h2>" in html
    assert "<h2>What was read</h2>" in html


def test_headings_go_down_one_level_at_a_time(html: str) -> None:
    levels = [int(tag[1]) for tag, _ in Page(html).elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert max(b - a for a, b in pairwise(levels)) == 1


def test_tied_plans_are_said_in_words(report: PersonReport) -> None:
    said = plans.verdict(report.ranking)
    assert "cannot be told apart from A second cream" in said
    assert "the cheapest next measurement is Water loss" in said
    alone = dataclasses.replace(report.ranking, next=())
    assert "no measurement on offer" in plans.verdict(alone)
    assert "told apart" not in plans.verdict(made["ranking"](1))


def test_a_plan_that_does_not_help_is_not_praised(report: PersonReport) -> None:
    worst = dataclasses.replace(report.ranking, plans=report.ranking.plans[2:])
    assert plans.verdict(worst).startswith("No plan is likely to help")


def test_forecasts_alone_say_what_the_plan_changes_most(report: PersonReport) -> None:
    (line,) = headline.lines(PersonReport("A", "", forecasts=report.forecasts))
    assert "day 28 the plan changes most" in line.lead
    same = (made["forecast"](planned=False), made["forecast"](planned=True))
    same = tuple(dataclasses.replace(each, bands=each.bands[:1]) for each in same)
    (line,) = headline.lines(PersonReport("A", "", forecasts=same))
    assert "changes nothing" in line.lead
    (line,) = headline.lines(PersonReport("A", "", forecasts=same[:1]))
    assert "surely outside" in line.lead


# ---- read-outs


def test_rows_are_told_most_first_and_core_ones_apart(report: PersonReport) -> None:
    core, others = findings.rows(report.diagnosis.findings)
    told = [row.order["told"] for row in core]
    assert told == sorted(told, reverse=True)
    assert [row.readout for row in others] == ["tiny", "same", "failed"]


def test_small_drivers_are_not_named_and_an_own_reading_is() -> None:
    drivers = (Driver("A guild", -0.3), Driver("Read-out", 0.2), Driver("Another", 0.05))
    said = findings.drivers(finding(drivers=drivers))
    assert said == "A guild −0.30\u202fSD, its own reading +0.20\u202fSD"


def test_a_read_out_without_range_has_no_verdict() -> None:
    assert findings.verdict(finding(verdict="", outside=math.nan)) == "no healthy range known"


def test_bands_lie_where_their_figures_are() -> None:
    scale = places.scale_of([Interval(0.0, 5.0, 10.0)])
    left, width, middle = scale.band(Interval(0.0, 5.0, 10.0))
    assert (left, middle) == (scale.place(0.0), 50.0)
    assert left + width == pytest.approx(scale.place(10.0))
    assert scale.band(Interval(math.nan, 1.0, 2.0)) is None


@given(st.lists(st.tuples(sizes, sizes, sizes).map(sorted), min_size=1, max_size=3), st.booleans())
def test_any_interval_is_drawn_inside_its_picture(values: list[list[float]], ranged: bool) -> None:
    intervals = [Interval(*each) for each in values]
    scale = places.scale_of(intervals, (0.0, 1.0) if ranged else None)
    for each in intervals:
        left, width, middle = scale.band(each)
        assert -1 <= left <= 100
        assert width >= places.THINNEST - 0.02
        assert left + width <= 101
        assert left - 0.02 <= middle <= left + width + 0.02


def test_a_healthy_range_far_wider_than_what_is_known_is_cut() -> None:
    scale = places.scale_of([Interval(1.0, 1.1, 1.2)], (0.0, 100.0))
    assert scale.high < 3
    assert scale.span(0.0, 100.0) == (0.0, 100.0)


# ---- phrases


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (1.0, ">99\u202f%"),
        (0.0, "<1\u202f%"),
        (0.42, "42\u202f%"),
        (math.nan, "unknown"),
        (0.99, "99\u202f%"),
    ],
)
def test_no_chance_is_certain(value: float, said: str) -> None:
    assert phrases.chance(value) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0.5, "50"),
        (0.0123, "1.2"),
        (0.00123, "0.12"),
        (9.96e-6, "<0.001"),
        (0.0, "0"),
        (1.0, "100"),
        (2e-4, "0.020"),
    ],
)
def test_small_shares_keep_two_digits(value: float, said: str) -> None:
    assert phrases.share(value) == f"{said}\u202f%"


def test_changes_far_below_what_counts_are_about_nothing() -> None:
    assert phrases.change(Interval(-1e-9, 0.0, 1e-9), 1.0, "mg") == "≈ 0\u00a0mg"
    assert phrases.change(Interval(-2.0, -1e-4, 1.0), 1.0) == "≈ 0 (−2.00\u00a0to\u00a0+1.00)"


def test_lists_of_names_end() -> None:
    names = list("ABCDEFG")
    assert phrases.listed(names) == "A, B, C, D and 3 more"
    assert phrases.listed(names[:5]) == "A, B, C, D and E"
    assert (phrases.listed(names[:1]), phrases.listed([])) == ("A", "")


def test_an_interval_without_width_is_one_figure() -> None:
    assert phrases.between(Interval(2.0, 2.0, 2.0), "mg/L") == f"{figure(2.0)}\u00a0mg/L"


# ---- forecasts and guilds


def test_read_outs_that_the_plan_hardly_changes_are_still(report: PersonReport) -> None:
    drawn = {panel.label: panel for _, members in bands.panels(report.forecasts) for panel in members}
    assert not drawn["Fatty acids in the stool"].still
    assert not drawn["Cells on the surface"].still
    assert drawn[made["LONG"]].still
    assert drawn["Could not be followed"].lines[0].label is None
    single = bands.panels(report.forecasts[:1])
    assert not any(panel.still for _, members in single for panel in members)
    assert single[0][1][0].lines[0].kind == "plan"  # one arm alone is drawn as the main one


def test_the_table_of_a_panel_has_the_figures_of_the_last_day(report: PersonReport) -> None:
    panel = bands.panels(report.forecasts)[0][1][0]
    assert panel.heads == ["no plan", "plan"]
    day, said = panel.rows[-1]
    ends = [each.bands[0].values[-1] for each in report.forecasts]
    assert (day, said) == ("28", [phrases.between(each, "mmol/L") for each in ends])


def test_guilds_are_largest_first_and_misfits_marked(report: PersonReport) -> None:
    gut, skin = guilds.seen(report.diagnosis)
    assert [row.label for row in skin.rows] == ["Other of the skin", "One of the skin"]
    assert [row.missed for row in gut.rows] == [False, True]
    assert gut.ticks[-1][1] == "100\u202f%"
    (reading,) = guilds.readings(report.diagnosis)
    assert reading.texts["seen"] == "14.0 (11.0\u00a0to\u00a018.0)\u00a0g/m²/h"


def test_guilds_to_come_stand_beside_what_is_seen_now(report: PersonReport) -> None:
    gut, _ = guilds.coming(report.forecasts, report.diagnosis)
    assert gut.day == "28"
    assert gut.rows[0].texts["seen"] == phrases.shares(report.diagnosis.fits[0].seen)
    alone, _ = guilds.coming(report.forecasts[:1], None)
    assert (alone.rows[0].texts["seen"], alone.rows[0].texts["none"], alone.rows[0].none) == ("", "", None)
