"""A person's page in a real browser: no complaint, no request, keys work, readable on a telephone."""

from __future__ import annotations

import runpy
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gutskin.report.person import write_person

pytestmark = pytest.mark.browser
shared = runpy.run_path(str(Path(__file__).parent / "test_report_browser.py"))
made = runpy.run_path(str(Path(__file__).parent / "fixtures" / "person_report.py"))
opened = shared["opened"]
browser = shared["browser"]
OPEN = "document.querySelectorAll('details').forEach((each) => { each.open = true; })"
# Elements whose text sticks out of the page's column.
OUTSIDE = """() => [...document.querySelectorAll('main *')].filter((each) => {
  if (each.closest('svg, .scroll')) return false;
  const box = each.getBoundingClientRect();
  return box.width > 0 && box.right > document.documentElement.clientWidth + 1;
}).map((each) => each.outerHTML.slice(0, 80))"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder, whole = tmp_path_factory.mktemp("person"), made["example"]()
    few = replace(
        whole, samples=(), diagnosis=None, forecasts=whole.forecasts[:1], ranking=made["ranking"](1)
    )
    told = {"whole": whole, "few": few}
    return {name: write_person(each, folder / f"{name}.html").as_uri() for name, each in told.items()}


@pytest.fixture
def page(browser: Any, pages: dict[str, str]) -> Iterator[Any]:
    made_, said, _ = opened(browser, pages["whole"])
    yield made_
    assert said == []
    made_.close()


def order(page: Any) -> list[str]:
    return page.locator(".sortable").first.locator("strong").all_text_contents()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["whole", "few"])
def test_page_is_silent_and_alone(browser: Any, pages: dict[str, str], name: str, scheme: str) -> None:
    page, said, asked = opened(browser, pages[name], color_scheme=scheme)
    assert said == []
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    page.close()


@pytest.mark.parametrize("width", [320, 390, 768, 1200])
@pytest.mark.parametrize("name", ["whole", "few"])
def test_nothing_sticks_out(browser: Any, pages: dict[str, str], name: str, width: int) -> None:
    page, said, _ = opened(browser, pages[name], viewport={"width": width, "height": 800})
    page.evaluate(OPEN)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(OUTSIDE) == []
    assert said == []
    page.close()


def test_rows_are_sorted_with_the_keyboard(page: Any) -> None:
    first = order(page)
    buttons = page.locator(".sort button")
    assert buttons.evaluate_all("all => all.map((b) => b.ariaPressed)") == ["true", "false", "false"]
    buttons.first.focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert buttons.evaluate_all("all => all.map((b) => b.ariaPressed)") == ["false", "true", "false"]
    assert order(page)[:2] == ["Cells on the surface", "Water loss"]
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    groups = (
        page.locator(".sortable")
        .first.locator("li")
        .evaluate_all("all => all.map((li) => +li.dataset.group)")
    )
    assert groups == sorted(groups)
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    assert order(page) == first


def test_folded_read_outs_open_with_the_keyboard(page: Any) -> None:
    folded = page.locator("#findings .others > summary")
    folded.focus()
    page.keyboard.press("Enter")
    assert page.get_by_text("A tiny share", exact=True).first.is_visible()


def test_every_picture_says_what_it_shows(page: Any) -> None:
    mute = "all => all.filter((svg) => !svg.getAttribute('aria-label')).length"
    pictures = page.locator("svg[role=img]")
    assert pictures.count() > 20
    assert pictures.evaluate_all(mute) == 0
    bare = "!s.closest('[role=img], [aria-hidden]')"
    left = f"() => [...document.querySelectorAll('main svg')].filter((s) => {bare}).length"
    assert page.evaluate(left) == 0


def test_page_is_whole_without_scripts_and_on_paper(browser: Any, pages: dict[str, str]) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(pages["whole"])
    assert not page.locator(".sort").is_visible()
    assert page.locator("#findings .sortable").first.is_visible()
    context.close()
    page, said, _ = opened(browser, pages["whole"], color_scheme="dark")
    page.emulate_media(media="print")
    assert not page.locator(".sort").is_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.pdf(format="A4")[:4] == b"%PDF"
    assert said == []
    page.close()
