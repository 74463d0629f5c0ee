"""An experiment in words: who lives through what, and what came out of it."""

from __future__ import annotations

import math
from typing import Any

from gutskin.claims.run import Effect, Judged, Tried, asked
from gutskin.evidence.case import Arm, Case, Crew
from gutskin.evidence.scorecard import number, span
from gutskin.scenario import DAY, Course


def arms(case: Case) -> list[tuple[str, str]]:
    """Return every arm of a case: its name, and who lives how long under what."""
    return [(name, _arm(arm)) for name, arm in case.arms.items()]


def _arm(arm: Arm) -> str:
    who = f" after {arm.after}" if arm.after else f" of {_who(arm.crew)}"
    said = [f"{arm.days:g} {'day' if arm.days == 1 else 'days'}{who}"]
    said += [f"those with {' '.join(arm.enrol.text.split())}"] if arm.enrol else []
    said += [_course(course, arm.days) for course in arm.courses] or ["nothing done"]
    said += [f"{arm.adherence:.0%} of the doses taken"] if arm.adherence < 1 else []
    said += [f"{arm.dropout:.0%} lost"] if arm.dropout else []
    return "; ".join(said)


def _who(crew: Crew) -> str:
    said = crew.like if crew.count == 1 else f"{crew.count} people like {crew.like}"
    said += f" at site {crew.site}" if crew.site else ""
    own = ", ".join(f"{name} = {_amount(*size)}" for name, size in crew.overrides.items())
    return f"{said} with {own}" if own else said


def _course(course: Course, days: float) -> str:
    own = course.treatment
    if own.title == own.name:  # what the arm itself holds
        return f"{own.name}: " + ", ".join(
            f"{each.target} = {_amount(each.number.value, each.number.unit)}" for each in own.effects
        )
    said = f"{own.title} {_amount(course.dose, own.dose.unit)}" if own.dose else own.title
    if course.every is not None:
        often = course.every / DAY
        said += f", {1 / often:.3g} times a day" if often < 1 else f", every {often:.3g} days"
        said = said.replace(", every 1 days", ", once a day")
    if course.start > 0 or course.end < days * DAY:
        said += f", day {course.start / DAY:.3g} to {course.end / DAY:.3g}"
    return said


def _amount(value: float, unit: str) -> str:
    return f"{value:.4g}" if unit in ("", "1") else f"{value:.4g} {unit}"


def value(effect: Effect) -> str:
    """Return the simulated effect with its unit, its interval or of how many people, or why there is none."""
    score = effect.score
    if score.reason:
        return score.reason
    said = number(score.value)
    said += f" ({_interval(effect)})" if effect.draws else ""
    said += "" if score.unit == "1" else f" {score.unit}"
    return said if score.people <= 1 else f"{said} in {score.people} people"


def _interval(effect: Effect) -> str:
    known = effect.draws - effect.lost
    if not known:
        return f"no value in {effect.draws} draws"
    said = f"{number(effect.low)} to {number(effect.high)}"
    return f"{said} in {known} of {effect.draws} draws" if effect.lost else said


def published(effect: Effect) -> str:
    """Return the published range with its unit."""
    said = span(effect.score)
    return said if effect.score.unit == "1" else f"{said} {effect.score.unit}"


def document(judged: Judged) -> dict[str, Any]:
    """Return one claim as ``gutskin claims --json`` prints it; a number that is not finite is null."""
    claim = judged.claim
    return {
        "id": claim.id, "verdict": judged.verdict, "literature_grade": claim.grade,
        "case": ", ".join(judged.cases), "claim": claim.claim, "section": claim.section,
        "system": claim.system, "source": claim.source, "finding": claim.finding, "problem": claim.problem,
        "untested": claim.untested, "tests": [document_of(each) for each in judged.tried],
    }  # fmt: skip


def document_of(tried: Tried) -> dict[str, Any]:
    """Return one trial as JSON prints it, with the arms that its expectations look at."""
    case, used = tried.case, {arm for each in tried.effects for arm in _sides(tried.case, each)}
    return {
        "case": tried.trial.case, "title": case.title, "says": tried.trial.says, "role": case.role,
        "source": case.source, "arms": {name: said for name, said in arms(case) if name in used},
        "expectations": [_effect(each) for each in tried.effects],
    }  # fmt: skip


def _sides(case: Case, effect: Effect) -> set[str]:
    """Return the arms that an expectation compares, and those before them."""
    each = asked(case)[effect.number - 1]
    sides = {each.arm, getattr(each, "versus", "")} & set(case.arms)
    return {arm.name for side in sides for arm in case.chain(side)}


def _effect(effect: Effect) -> dict[str, Any]:
    score = effect.score
    return {
        "number": effect.number, "readout": " ".join(score.readout.split()), "said": score.said,
        "value": _finite(score.value), "q05": _finite(effect.low), "q95": _finite(effect.high),
        "unit": score.unit, "low": _finite(score.low), "high": _finite(score.high),
        "published": score.published, "grade": score.grade, "people": score.people, "draws": effect.draws,
        "green_draws": effect.green, "lost_draws": effect.lost, "reason": score.reason, "why": score.why,
    }  # fmt: skip


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
