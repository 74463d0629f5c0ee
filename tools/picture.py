"""Picture of a report or a part of it: tools/picture.py REPORT.html PICTURE.png [#part] (needs chromium)."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright


def main() -> None:
    """Open the report in headless chromium and save what a reader sees first."""
    report, picture = Path(sys.argv[1]).resolve(), Path(sys.argv[2])
    picture.parent.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": 1200, "height": 1500}, color_scheme="light")
        page.goto(report.as_uri())
        page.wait_for_timeout(500)
        part = next((given for given in sys.argv[3:] if given.startswith("#")), "")
        if part:
            page.locator(part).screenshot(path=str(picture))
        else:
            page.screenshot(path=str(picture), full_page="--full" in sys.argv)
        browser.close()


if __name__ == "__main__":
    main()
