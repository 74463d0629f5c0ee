"""The scorecard in a real browser: no complaint, no request, texts as texts, readable on a telephone."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest

from gutskin.evidence.scorecard import write

pytestmark = pytest.mark.browser
HERE = Path(__file__).parent
report = runpy.run_path(str(HERE / "test_report_browser.py"))
cards = runpy.run_path(str(HERE / "test_evidence_scorecard.py"))
opened, browser = report["opened"], report["browser"]
FULL, EVIL, card, score = cards["FULL"], cards["EVIL"], cards["card"], cards["score"]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    odd = score(study=EVIL, said=EVIL, unit=EVIL, readout=EVIL * 3, value=2.5)
    return write(
        card(*FULL.scores, odd, refused=FULL.refused), tmp_path_factory.mktemp("card") / "card.html"
    ).as_uri()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page_is_silent_alone_and_shows_texts_as_texts(browser: Any, address: str, scheme: str) -> None:
    page, said, asked = opened(browser, address, color_scheme=scheme)
    assert said == []
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert page.locator("h1").text_content() == "Scorecard"
    assert page.locator("h2").all_text_contents() == ["Fit", "Check", "Control", "Refused"]
    assert page.locator("script").count() == 0
    assert EVIL in page.locator("body").text_content()
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert paper == "rgb(255, 255, 255)"
    page.close()


@pytest.mark.parametrize("width", [320, 768, 1200])
def test_page_needs_no_sideways_scroll(browser: Any, address: str, width: int) -> None:
    page, said, _ = opened(browser, address, viewport={"width": width, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert said == []
    page.close()


def test_marks_are_drawn_inside_their_pictures(browser: Any, address: str) -> None:
    page, _, _ = opened(browser, address)
    inside = page.evaluate(
        """() => [...document.querySelectorAll('svg')].map((svg) => {
          const box = svg.getBoundingClientRect();
          const mark = svg.querySelector('circle, path').getBoundingClientRect();
          return box.width > 0 && mark.width > 0 && mark.left >= box.left - 1 && mark.right <= box.right + 1;
        })"""
    )
    assert len(inside) == 4
    assert all(inside)
    page.close()


def test_grades_have_contrast_and_are_told_without_colour(browser: Any, address: str) -> None:
    page, _, _ = opened(browser, address)
    cells = page.locator("td.grade")
    assert set(cells.all_text_contents()) == {"● green", "◐ yellow", "○ red"}
    contrast = page.evaluate(
        """() => ['green', 'yellow', 'red'].map((name) => {
          const cell = document.querySelector('td.grade.' + name);
          return getComputedStyle(cell).color.match(/\\d+/g).map(Number).map((v) => v / 255)
            .map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
            .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
        }).map((ink) => 1.05 / (ink + 0.05))"""
    )
    assert min(contrast) >= 4.5
    page.close()
