"""The report in a real browser: no complaint, no request, pictures drawn, readable on a telephone."""

from __future__ import annotations

import runpy
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gutskin.report import courses, numbers, write

pytestmark = pytest.mark.browser
example = runpy.run_path(str(Path(__file__).parent / "fixtures" / "report_story.py"))["example"]
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
INK = """() => [...document.querySelectorAll('.plot canvas')].map((c) => {
  const data = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
  const seen = new Set();
  for (let i = 0; i < data.length; i += 4) {
    if (data[i + 3] > 0) seen.add(data[i] << 16 | data[i + 1] << 8 | data[i + 2]);
  }
  return seen.size;
})"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("chromium is not installed")
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with api.sync_playwright() as play:
        launched = play.chromium.launch(executable_path=path, args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    return write(example(), tmp_path_factory.mktemp("report") / "report.html").as_uri()


def opened(browser: Any, address: str, **options: Any) -> tuple[Any, list[str], list[str]]:
    options.setdefault("viewport", {"width": 1200, "height": 900})
    page = browser.new_page(**options)
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    page.wait_for_function("document.fonts.status === 'loaded'")
    page.wait_for_timeout(150)
    return page, said, asked


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page_is_silent_and_alone(browser: Any, address: str, scheme: str) -> None:
    page, said, asked = opened(browser, address, color_scheme=scheme)
    assert said == []
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    inks = page.evaluate(INK)
    assert len(inks) == len(example().courses)
    assert min(inks) > 8
    page.close()


@pytest.mark.parametrize("width", [320, 390, 768, 1200])
def test_page_needs_no_sideways_scroll(browser: Any, address: str, width: int) -> None:
    page, said, _ = opened(browser, address, viewport={"width": width, "height": 800})
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert said == []
    page.close()


def test_one_reading_line_in_all_pictures(browser: Any, address: str) -> None:
    page, said, _ = opened(browser, address)
    page.locator(".plot").first.focus()
    page.keyboard.press("ArrowLeft")  # from outside: the last day
    page.wait_for_timeout(100)
    shown = page.locator(".reading").all_text_contents()
    drawn = [panel for _, members in courses.panels(example()) for panel in members]
    for text, panel in zip(shown, drawn, strict=True):
        day, without, with_plan = panel.rows[-1]
        tail = "" if panel.unit == "no unit" else f"\u00a0{panel.unit}"
        wanted = f"day {day}: plan {with_plan.removesuffix(tail)}, no plan {without.removesuffix(tail)}"
        assert text == wanted
    page.keyboard.press("Escape")
    page.wait_for_timeout(100)
    assert "healthy" in page.locator(".reading").first.text_content()
    page.locator(".plot .u-over").nth(3).hover()
    page.wait_for_timeout(100)
    days = {text.partition(":")[0] for text in page.locator(".reading").all_text_contents()}
    assert len(days) <= 2  # daily means and finer courses may round the same place differently
    assert said == []
    page.close()


def test_pictures_without_scripts_and_on_paper(browser: Any, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    assert page.locator(".plot .static").first.is_visible()
    assert page.locator("noscript").count() == 1
    context.close()
    page, said, _ = opened(browser, address, color_scheme="dark")
    assert not page.locator(".plot .static").first.is_visible()
    page.emulate_media(media="print")
    assert page.locator(".plot .static").first.is_visible()
    assert not page.locator(".plot .uplot").first.is_visible()
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert paper == "rgb(255, 255, 255)"
    assert page.pdf(format="A4")[:4] == b"%PDF"
    assert said == []
    page.close()


def test_colours_follow_a_change_of_scheme(browser: Any, address: str) -> None:
    page, _, _ = opened(browser, address, color_scheme="light")
    picture = "document.querySelector('.plot canvas').toDataURL()"
    light = page.evaluate(picture)
    page.emulate_media(color_scheme="dark")
    page.wait_for_timeout(150)
    assert page.evaluate(picture) != light
    page.close()


def test_text_has_contrast(browser: Any, address: str) -> None:
    script = """() => ['--ink', '--muted', '--plan', '--none-text', '--better', '--worse'].map((name) => {
      const light = (css) => {
        const c = document.createElement('canvas').getContext('2d');
        c.fillStyle = css; c.fillRect(0, 0, 1, 1);
        return [...c.getImageData(0, 0, 1, 1).data].slice(0, 3).map((v) => v / 255)
          .map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
          .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
      };
      const style = getComputedStyle(document.documentElement);
      const pair = [name, '--paper'].map((each) => light(style.getPropertyValue(each).trim()));
      pair.sort((a, b) => b - a);
      return (pair[0] + 0.05) / (pair[1] + 0.05);
    })"""
    for scheme in ("light", "dark"):
        page, _, _ = opened(browser, address, color_scheme=scheme)
        assert min(page.evaluate(script)) >= 4.5
        page.close()


def test_figures_match_between_python_and_script(browser: Any, address: str) -> None:
    source = (Path(courses.__file__).parent / "assets" / "page.js").read_text(encoding="utf-8")
    start, end = source.index("const superscript"), source.index("const colour")
    values = [0, 0.00123, 0.0009996, 0.22, 9.996, 14.62, 999.7, 1234, 12345, 99949, 99951, 1.2e6, -3.4, -2e-5]
    page, _, _ = opened(browser, address)
    got = page.evaluate(
        f"(vs) => {{ const THIN = '\\u202f'; {source[start:end]} return vs.map(figure); }}", values
    )
    assert got == [numbers.figure(value) for value in values]
    page.close()
