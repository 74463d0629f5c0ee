"""From a story to one HTML file that needs nothing else."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gutskin.report import changes, compositions, courses, edges, headline, picture, words
from gutskin.report.numbers import percent
from gutskin.report.story import Story

if TYPE_CHECKING:
    from jinja2 import Environment


def render(story: Story) -> str:
    """Return the page of a story as HTML that asks for nothing from outside.

    Parameters
    ----------
    story
        What to tell.
    """
    panels = courses.panels(story)
    return (
        environment()
        .get_template("page.html.j2")
        .render(
            story=story,
            lines=headline.lines(story),
            treatments=_treatments(story),
            bars=changes.bars(story),
            panels=panels,
            frame=picture,
            bands=courses.bands(story),
            flow=edges.flow(story),
            sites=compositions.sites(story),
            payload=_json([panel.payload for _, group in panels for panel in group if panel.payload]),
        )
    )


def write(story: Story, path: Path | str) -> Path:
    """Write the page; a reader never meets half a file.

    Parameters
    ----------
    story
        What to tell.
    path
        File to write; its folder must exist.

    Returns
    -------
    Path
        The file.
    """
    target = Path(path)
    text = render(story)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        umask = os.umask(0)
        os.umask(umask)
        Path(name).chmod(0o666 & ~umask)  # mkstemp files are private; a report is an ordinary file
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return target


def environment() -> Environment:
    """Return how templates of ``report/assets`` are filled in."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined
    from markupsafe import Markup

    made = Environment(
        loader=FunctionLoader(words.asset),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["percent"] = percent
    made.globals["asset"] = lambda name: Markup(words.asset(name))  # our own files, not the story's
    return made


def _json(data: Any) -> Any:
    """Return JSON that cannot end the script element it stands in."""
    from markupsafe import Markup

    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029"))


def _treatments(story: Story) -> list[dict[str, Any]]:
    plan = story.plan
    ends = [float(each.t_days[-1]) for each in story.courses if each.t_days.size]
    first, last = min(0.0, plan.start), max([plan.end, *ends])
    width = last - first or 1.0
    found = []
    for each in plan.treatments:
        start, end = each.days or (plan.start, plan.end)
        found.append(
            {
                "it": each,
                "kind": words.say("kinds", each.kind),
                "days": f"day {start:g} to {end:g}",
                "left": 100 * (start - first) / width,
                "width": max(0.6, 100 * (end - start) / width),
            }
        )
    return found
