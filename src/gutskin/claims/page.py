"""All claims as a page of Markdown: what is claimed, what tests it, what came out and what that means."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from gutskin.claims.read import GRADES
from gutskin.claims.run import DRAWS, Effect, Judged, Tried
from gutskin.claims.verdict import VERDICTS
from gutskin.claims.words import published, value
from gutskin.evidence.scorecard import SIGNS, code, plain
from gutskin.result import write_text

ABOUT = """# Claims

What an article on gut and skin claims, how well the literature supports it, and what this model and its
cases say to it. **A verdict is about the model and its cases, not about people**: it says whether published
findings that bear on the claim come out of the simulation. A model agrees with a `fit` study because its
numbers were set by it; whether a claim is true is for the literature, whose grade stands beside the verdict.
`gutskin claims` gives this table, `gutskin claims ID` all of one claim, and
[evidence.md](evidence.md#claims) says how verdicts are reached. Research use only; never medical advice.

● inside the published range, ◐ outside by at most half its width and with the right sign, ○ further off.
"""
DRAWN = """For single persons brackets hold nine tenths of what {draws} sets of numbers give, drawn from the
spreads of the ledger; crowds are drawn themselves.
"""


def markdown(judged: Sequence[Judged], draws: int = DRAWS) -> str:
    """Return the page."""
    out = [ABOUT + (DRAWN.format(draws=draws) if draws else ""), _counts(judged), ""]
    for section, mine in groupby(judged, key=lambda each: each.claim.section):
        out += [f"## {plain(section).capitalize()}", ""]
        out += ["| claim | literature | experiment | simulated effect | verdict |", "|---|---|---|---|---|"]
        out += [_row(each) for each in mine]
        out.append("")
    return "\n".join(out)


def _counts(judged: Sequence[Judged]) -> str:
    found = Counter((each.claim.grade, each.verdict) for each in judged)
    rows = [f"{len(judged)} claims.", "", "| literature | " + " | ".join(VERDICTS) + " |"]
    rows.append("|---" * (len(VERDICTS) + 1) + "|")
    for grade in GRADES:
        rows.append(f"| {grade} | " + " | ".join(str(found[grade, each]) for each in VERDICTS) + " |")
    totals = (str(sum(found[grade, each] for grade in GRADES)) for each in VERDICTS)
    return "\n".join([*rows, "| all | " + " | ".join(totals) + " |"])


def _row(judged: Judged) -> str:
    claim = judged.claim
    said = f'<a id="{claim.id.lower()}"></a>**{claim.id}** {plain(claim.claim)}'
    said += f"<br>*{plain(claim.problem)}*" if claim.problem else ""
    literature = claim.grade + (f": {plain(claim.finding)}" if claim.finding else "")
    literature += f" ({code(claim.source)})" if claim.source != "none" else ""
    tried = "<br>".join(_experiment(each) for each in judged.tried) or plain(claim.untested)
    effects = "<br>".join(_effect(effect) for each in judged.tried for effect in each.effects) or "–"
    return f"| {said} | {literature} | {tried} | {effects} | {judged.verdict} |"


def _experiment(tried: Tried) -> str:
    says = "" if tried.trial.says == "for" else ", speaks against"
    return f"{plain(tried.case.title)} ({code(tried.trial.case)}, {tried.case.role}{says})"


def _effect(effect: Effect) -> str:
    score = effect.score
    told = f"{plain(value(effect))}; published {plain(published(effect))}"
    return f"{SIGNS[score.grade]} {code(score.readout)} {plain(score.said)}: {told}"


def write(judged: Sequence[Judged], path: Path, draws: int = DRAWS) -> Path:
    """Write the page, atomically, and return its path."""
    return write_text(path, markdown(judged, draws))
