"""A scorecard as Markdown or as an offline HTML page; both show every red with its value."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from html import escape
from itertools import groupby
from pathlib import Path

from gutskin.errors import InputError
from gutskin.evidence.case import ROLES
from gutskin.evidence.score import GRADES, Score
from gutskin.evidence.validate import Scorecard
from gutskin.result import write_text

SIGNS = {"green": "●", "yellow": "◐", "red": "○"}
ROLE_WORDS = {
    "fit": "may be used to set numbers", "check": "only ever compared",
    "control": "an effect that must not appear",
}  # fmt: skip
LEGEND = (
    "● inside the published range, ◐ outside by at most half its width and with the right sign, ○ further "
    "off. `gutskin validate` prints what your installation gives; [evidence.md](evidence.md) says how cases "
    "are read."
)
# Geometry of the picture of one expectation [px]: the published range fills the middle half.
WIDTH, HEIGHT, SPAN = 240, 18, 120


def number(value: float | None) -> str:
    """Return a number as the tables show it."""
    if value is None or math.isnan(value):
        return "–"
    if math.isinf(value):
        return "never" if value > 0 else "none"
    return f"{value:.3g}"


def span(score: Score) -> str:
    """Return the published range in words."""
    if math.isinf(score.low):
        return f"at most {number(score.high)}"
    if math.isinf(score.high):
        return f"at least {number(score.low)}"
    return f"{number(score.low)} to {number(score.high)}"


def order(scores: Sequence[Score]) -> list[Score]:
    """Return scores by role, subject and study."""
    return sorted(scores, key=lambda s: (ROLES.index(s.role), s.about, s.study))


def plain(text: str) -> str:
    """Return text as Markdown shows it unchanged, in one line and one cell."""
    return re.sub(r"([\\`*_\[\]|])", r"\\\1", escape(" ".join(text.split()), quote=False))


def code(text: str) -> str:
    """Return an expression as Markdown shows it, in one line and one cell."""
    return "`" + " ".join(text.split()).replace("`", "'").replace("|", "\\|") + "`"


def markdown(card: Scorecard) -> str:
    """Return the scorecard as a page of Markdown."""
    rows = ["| role | what it is | green | yellow | red |", "|---|---|---|---|---|"]
    for role, counts in card.totals().items():
        rows.append(f"| {role} | {ROLE_WORDS[role]} | " + " | ".join(str(counts[g]) for g in GRADES) + " |")
    rows += ["", "| role | subject | green | yellow | red |", "|---|---|---|---|---|"]
    for role, about, counts in card.subjects():
        rows.append(f"| {role} | {about} | " + " | ".join(str(counts[g]) for g in GRADES) + " |")
    out = [f"{card.studies} cases, {len(card.scores)} expectations. {LEGEND}", "", *rows, ""]
    for role, mine in groupby(order(card.scores), key=lambda s: s.role):
        out += [f"## {role.capitalize()}", ""]
        out += [
            "| | study | about | read-out | arm | published | model | unit |",
            "|---|---|---|---|---|---|---|---|",
        ]
        for s in mine:
            words = (s.study, s.about, s.said, span(s), s.reason or number(s.value), s.unit)
            study, about, said, published, value, unit = (plain(each) for each in words)
            cells = (SIGNS[s.grade], study, about, code(s.readout), said, published, value, unit)
            out.append("| " + " | ".join(cells) + " |")
        out.append("")
    if card.refused:
        out += ["## Refused", "", *(f"- {plain(str(error))}" for error in card.refused), ""]
    return "\n".join(out)


_STYLE = """
body{font:15px/1.45 system-ui,sans-serif;max-width:1180px;margin:2rem auto;padding:0 1rem;color:#1d2329;
background:#fff}.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%;margin:0 0 2rem}code{font-size:.92em}svg{display:block}
th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #e3e6e8;vertical-align:top}
th{font-weight:600}
.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}td.why{text-align:left;white-space:normal}
.green{color:#23774a}.yellow{color:#8a6400}.red{color:#b3261e}.grade{font-weight:600;white-space:nowrap}
.why{color:#59636b;font-size:.9em}
"""


def _picture(score: Score) -> str:
    """Return the published range as a bar and the model's value as a mark, cut at the edges."""
    if not 0 < score.high - score.low < math.inf or not math.isfinite(score.value):
        return ""
    left = (WIDTH - SPAN) / 2
    place = left + SPAN * (score.value - score.low) / (score.high - score.low)
    inside = min(max(place, 6), WIDTH - 6)
    mark = f'<circle cx="{inside:.1f}" cy="9" r="4.5" fill="currentColor"/>'
    if inside != place:
        tip, back = (WIDTH - 2, WIDTH - 11) if place > inside else (2, 11)
        mark = f'<path d="M{tip} 9 L{back} 4 L{back} 14 Z" fill="currentColor"/>'
    label = escape(f"{number(score.value)} against {_measured(span(score), score)}")
    bar = f'<rect x="{left}" y="5" width="{SPAN}" height="8" rx="2" fill="#cfd6da"/>'
    size = f'width="{WIDTH}" height="{HEIGHT}" role="img" aria-label="{label}"'
    return f'<svg class="{score.grade}" {size}>{bar}{mark}</svg>'


def html(card: Scorecard) -> str:
    """Return the scorecard as one page that opens without a network."""
    head = "".join(f"<th class=n>{g}</th>" for g in GRADES)
    totals = "".join(
        f"<tr><td>{role}</td><td>{ROLE_WORDS[role]}</td>"
        + "".join(f'<td class="n {g}">{counts[g]}</td>' for g in GRADES) + "</tr>"
        for role, counts in card.totals().items()
    )  # fmt: skip
    parts = [_wide(f"<tr><th>role</th><th>what it is</th>{head}</tr>{totals}"), _subjects(card, head)]
    for role, mine in groupby(order(card.scores), key=lambda s: s.role):
        rows = "".join(_row(s) for s in mine)
        columns = "<th>grade</th><th>study</th><th>read-out</th><th class=n>published</th>"
        columns += "<th class=n>model</th><th>range and model</th>"
        parts.append(f"<h2>{role.capitalize()}</h2>" + _wide(f"<tr>{columns}</tr>{rows}"))
    refused = "".join(f"<li>{escape(str(error))}</li>" for error in card.refused)
    if refused:
        parts.append(f"<h2>Refused</h2><ul>{refused}</ul>")
    title = f"{card.studies} cases, {len(card.scores)} expectations"
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><title>gutskin scorecard</title>'
        f"<style>{_STYLE}</style>"
        f"<h1>Scorecard</h1><p>{title}. Research use only; never medical advice.</p>{''.join(parts)}</html>\n"
    )


def _subjects(card: Scorecard, head: str) -> str:
    rows = "".join(
        f"<tr><td>{role}</td><td>{about}</td>"
        + "".join(f'<td class="n {g}">{counts[g]}</td>' for g in GRADES) + "</tr>"
        for role, about, counts in card.subjects()
    )  # fmt: skip
    return _wide(f"<tr><th>role</th><th>subject</th>{head}</tr>{rows}")


def _wide(rows: str) -> str:
    """Return a table that scrolls by itself where the page is narrow."""
    return f'<div class="wide"><table>{rows}</table></div>'


def _measured(text: str, score: Score) -> str:
    """Return a number or a range with its unit, where there is one to say."""
    return text if score.unit == "1" or not text[-1].isdigit() else f"{text} {score.unit}"


def _row(score: Score) -> str:
    said = f"<code>{escape(score.readout)}</code><div class=why>{escape(score.said)}</div>"
    value = score.reason or _measured(number(score.value), score)
    if score.why:
        said += f"<details class=why><summary>why this range</summary>{escape(score.why)}</details>"
    title = f"{escape(score.title)}, {score.about}" if score.title else score.about
    cells = f"<td>{escape(score.study)}<div class=why>{title}</div></td><td>{said}</td>"
    shape = "why" if score.reason else "n"
    cells += f"<td class=n>{escape(_measured(span(score), score))}</td><td class={shape}>{escape(value)}</td>"
    cells += f"<td>{_picture(score)}</td>"
    return f'<tr><td class="grade {score.grade}">{SIGNS[score.grade]} {score.grade}</td>{cells}</tr>'


def write(card: Scorecard, path: Path, *, title: str = "# Scorecard\n\n") -> Path:
    """Write a scorecard as ``.md`` or ``.html``, atomically, and return its path.

    Raises
    ------
    InputError
        E410 for another ending.
    """
    if path.suffix not in (".md", ".html"):
        raise InputError("E410", f"{path} is neither .md nor .html", remedy="choose one of the two endings")
    text = html(card) if path.suffix == ".html" else title + markdown(card)
    return write_text(path, text)
