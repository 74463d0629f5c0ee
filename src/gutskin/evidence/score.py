"""From runs to grades: read, summarise over people, compare with the published range."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from gutskin import units
from gutskin.engine.outcome import Array
from gutskin.errors import InputError
from gutskin.evidence.case import START, Case, Curve, Expectation
from gutskin.evidence.conduct import key_of
from gutskin.evidence.curve import distance
from gutskin.evidence.experiment import Run
from gutskin.evidence.moment import Moment, moment
from gutskin.evidence.reading import Reading, read
from gutskin.evidence.summary import compared, correlated, in_unit, neutral, summary
from gutskin.model import Model

GRADES = ("green", "yellow", "red")
LOST = 0.05  # share of people whose runs may fail before a number means nothing [1]


@dataclass(frozen=True)
class Score:
    """One graded expectation.

    ``value``, ``low``, ``high`` and ``published`` in ``unit``; ``said`` is which arm and when; ``people`` is
    how many the value is of; ``reason`` says why there is no value; ``title`` and ``why`` are the case's own
    words.
    """

    study: str
    about: str
    role: str
    readout: str
    said: str
    value: float
    low: float
    high: float
    published: float | None
    unit: str
    grade: str
    people: int
    reason: str = ""
    title: str = ""
    why: str = ""

    @property
    def distance(self) -> float:
        """How far outside the range, in widths of it; 0 inside, NaN without a value or for an open range."""
        width, off = self.high - self.low, max(self.low - self.value, self.value - self.high, 0.0)
        if not math.isfinite(width) or math.isnan(self.value):
            return math.nan
        return off / width if width else math.inf * off if off else 0.0


def grade(value: float, low: float, high: float, published: float | None, alike: float | None = None) -> str:
    """Return the grade of a simulated value.

    Green inside [low, high]; yellow outside by at most half the width of the range and, for a comparison, on
    the same side of no effect (``alike``) as what was published or, without that, as the middle of the
    range; red otherwise and for NaN. An open range has no yellow.
    """
    if low <= value <= high:
        return "green"
    half = (high - low) / 2
    if not math.isfinite(half) or not low - half <= value <= high + half:
        return "red"
    middle = (low + high) / 2 if published is None else published
    if alike is not None and (middle - alike) * (value - alike) < 0:
        return "red"
    return "yellow"


def score_case(case: Case, model: Model, runs: Mapping[str, Run]) -> list[Score]:
    """Grade every expectation and curve of a case whose arms have been run.

    Raises
    ------
    InputError
        E405, E406 with the place: an unknown read-out, or units that do not fit.
    """
    out = []
    for k, each in enumerate(case.expectations, start=1):
        try:
            value, people, reason = _value(each, case, model, runs)
        except InputError as error:
            raise _placed(error, case, f"expect {k}") from error
        out.append(_scored(case, each.readout.text, _said(each), value, each, people, reason))
    for k, curve in enumerate(case.curves, start=1):
        try:
            value, people, reason = _curve(curve, case, model, runs)
        except InputError as error:
            raise _placed(error, case, f"curve {k}") from error
        said = f"{curve.measure} over {len(curve.hours)} points of {curve.arm}"
        out.append(_scored(case, curve.readout.text, said, value, curve, people, reason))
    return out


def _placed(error: InputError, case: Case, what: str) -> InputError:
    return InputError(
        error.code, error.message, where=f"{case.study}/{case.path.name}: {what}", remedy=error.remedy
    )


def _scored(
    case: Case,
    readout: str,
    said: str,
    value: float,
    range_: Expectation | Curve,
    people: int,
    reason: str,
) -> Score:
    published = range_.value if isinstance(range_, Expectation) else None
    unit = range_.unit if isinstance(range_, Expectation) or range_.measure == "rmse" else "1"
    alike = neutral(range_) if isinstance(range_, Expectation) else None
    got = grade(value, range_.low, range_.high, published, alike)
    return Score(
        case.study,
        case.about,
        case.role,
        readout,
        said,
        value,
        range_.low,
        range_.high,
        published,
        unit,
        got,
        people,
        reason,
        case.title,
        range_.why,
    )


def _said(each: Expectation) -> str:
    """Return the expectation without its numbers, in words."""
    statistic = "" if each.statistic == "mean" else f"{each.statistic} "
    joined = f" with {each.other.text}" if each.other else ""
    against = f", {each.how.replace('_', ' ')} to {each.versus}" if each.versus else ""
    return f"{statistic}{each.arm}{against}{joined}, {each.moment.text}"


def _value(each: Expectation, case: Case, model: Model, runs: Mapping[str, Run]) -> tuple[float, int, str]:
    """Return what the model gives [unit of the expectation], for how many people, or why it gives nothing."""
    arms = [each.arm] + ([each.versus] if each.versus not in ("", START) else [])
    taken = [runs[key_of(case.chain(arm))] for arm in arms]
    for arm in arms:
        if lost := _lost(case, arm, runs):
            return math.nan, 0, lost
    readings = [Reading(case, arm, model, run) for arm, run in zip(arms, taken, strict=True)]
    sides = [read(reading, each.moment, each.readout) for reading in readings]
    if each.versus == START:
        sides.append(read(readings[0], moment("start"), each.readout))
    figures = [side.numbers for side in sides]
    if each.other is not None:
        value, people = correlated(
            each.statistic, figures[0], read(readings[0], each.moment, each.other).numbers
        )
    else:
        if _same_people(each, case):
            figures = _paired(*figures)
        value, people = compared(each, figures), int((~np.isnan(figures[0])).sum())
    value = in_unit(value, each, sides[0].unit)
    return value, people, "nothing to compare: values are missing, zero or alike" if math.isnan(value) else ""


def _lost(case: Case, arm: str, runs: Mapping[str, Run]) -> str:
    """Return why a number of this arm means nothing, or nothing.

    Too many failed in it or in an arm before, of those who were enrolled there.
    """
    chain = case.chain(arm)
    for depth in range(len(chain), 0, -1):
        run = runs[key_of(chain[:depth])]
        if not run.count:
            return f"nobody of {run.end.shape[1]} is enrolled"
        if len(run.reasons) > LOST * run.count:
            return f"{len(run.reasons)} of {run.count} failed: {next(iter(run.reasons.values()))}"
    return ""


def _same_people(each: Expectation, case: Case) -> bool:
    """Whether both sides are the same people, earlier and later."""
    if each.versus in ("", START):
        return each.versus == START
    lines = [{arm.name for arm in case.chain(name)} for name in (each.arm, each.versus)]
    return each.arm in lines[1] or each.versus in lines[0]


def _paired(a: Array, b: Array) -> list[Array]:
    """Leave out who is known on one side only, so that nobody is compared with others."""
    known = ~(np.isnan(a) | np.isnan(b))
    return [np.where(known, side, np.nan) for side in (a, b)]


def _curve(curve: Curve, case: Case, model: Model, runs: Mapping[str, Run]) -> tuple[float, int, str]:
    run = runs[key_of(case.chain(curve.arm))]
    if lost := _lost(case, curve.arm, runs):
        return math.nan, 0, lost
    reading = Reading(case, curve.arm, model, run)
    points = [
        reading.visit(Moment(f"{hour:g} h", "instant", hour, hour), curve.readout) for hour in curve.hours
    ]
    simulated = np.array([summary(point.numbers, "mean") for point in points])
    value = distance(curve, simulated * units.factor(points[0].unit, curve.unit))
    return value, run.count, "the measure is not defined" if math.isnan(value) else ""
