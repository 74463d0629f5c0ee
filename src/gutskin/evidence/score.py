"""From runs to grades: read, summarise over people, compare with the published range."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from gutskin import units
from gutskin.engine.outcome import Array
from gutskin.errors import InputError
from gutskin.evidence.case import START, Case, Curve, Expectation
from gutskin.evidence.conduct import key_of
from gutskin.evidence.curve import distance
from gutskin.evidence.experiment import Run
from gutskin.evidence.moment import moment
from gutskin.evidence.reading import Reading, read
from gutskin.model import Model

GRADES = ("green", "yellow", "red")
LOST = 0.05  # share of people whose runs may fail before a number means nothing [1]
NEUTRAL = {"ratio": 1.0, "odds_ratio": 1.0, "risk_ratio": 1.0}  # no effect; 0 for all other comparisons


@dataclass(frozen=True)
class Score:
    """One graded expectation.

    ``value``, ``low``, ``high`` and ``published`` in ``unit``; ``said`` is which arm and when; ``people`` is
    how many the value is of; ``reason`` says why there is no value.
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

    @property
    def distance(self) -> float:
        """How far outside the range, in widths of it; 0 inside, NaN without a value or for an open range."""
        width = self.high - self.low
        return (
            max(self.low - self.value, self.value - self.high, 0.0) / width
            if math.isfinite(width)
            else math.nan
        )


def grade(value: float, low: float, high: float, published: float | None, how: str = "") -> str:
    """Return the grade of a simulated value.

    Green inside [low, high]; yellow outside by at most half the width of the range and, for a comparison, on
    the same side of no effect as what was published; red otherwise and for NaN. An open range has no yellow.
    """
    if low <= value <= high:
        return "green"
    half = (high - low) / 2
    if not math.isfinite(half) or not low - half <= value <= high + half:
        return "red"
    none = NEUTRAL.get(how, 0.0)
    middle = (low + high) / 2 if published is None else published
    if how and (middle - none) * (value - none) < 0:
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
        out.append(_scored(case, each.readout.text, _said(each), value, each, people, reason, each.how))
    for k, curve in enumerate(case.curves, start=1):
        try:
            value, people, reason = _curve(curve, case, model, runs)
        except InputError as error:
            raise _placed(error, case, f"curve {k}") from error
        said = f"{curve.measure} over {len(curve.hours)} points of {curve.arm}"
        out.append(_scored(case, curve.readout.text, said, value, curve, people, reason, ""))
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
    how: str,
) -> Score:
    published = range_.value if isinstance(range_, Expectation) else None
    unit = range_.unit if isinstance(range_, Expectation) or range_.measure == "rmse" else "1"
    got = grade(value, range_.low, range_.high, published, how)
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
    for run in taken:
        total = next(iter(run.courses.values())).shape[1]
        if len(run.reasons) > LOST * total:
            return math.nan, 0, f"{len(run.reasons)} of {total} failed: {next(iter(run.reasons.values()))}"
    readings = [Reading(case, arm, model, run) for arm, run in zip(arms, taken, strict=True)]
    sides = [read(reading, each.moment, each.readout) for reading in readings]
    if each.versus == START:
        sides.append(read(readings[0], moment("start"), each.readout))
    unit = sides[0].unit
    figures = [np.atleast_1d(side.numbers) for side in sides]
    if each.other is not None:
        return _joined(each, figures[0], np.atleast_1d(read(readings[0], each.moment, each.other).numbers))
    value = _compared(each, figures)
    known = int(np.isfinite(figures[0]).sum())
    if each.how in ("", "difference"):
        value = _in_unit(value, unit, each)
    elif each.how == "percent":
        value = units.convert(100.0 * value, "percent", each.unit)
    else:
        value = _in_unit(value, "1", each)
    return value, known, "" if not math.isnan(value) else "nothing to compare: values are missing or zero"


def _in_unit(value: float, unit: str, each: Expectation) -> float:
    try:
        return units.convert(value, unit, each.unit)
    except InputError as error:
        raise InputError(
            "E406", f"{each.readout.text!r} comes out in {unit}, not in {each.unit}", remedy="mend unit"
        ) from error


def _summary(values: Array, statistic: str) -> float:
    known = values[~np.isnan(values)]
    if not known.size:
        return math.nan
    if statistic in ("mean", "share"):
        return float(known.mean())
    if statistic == "median":
        return float(np.median(known))
    if statistic.startswith("q"):
        return float(np.quantile(known, int(statistic[1:]) / 100))
    sd = float(known.std(ddof=1)) if known.size > 1 else math.nan
    return sd if statistic == "sd" else sd / float(known.mean())


def _compared(each: Expectation, sides: Sequence[Array]) -> float:
    """Return the statistic, or how it compares between both sides."""
    if not each.how:
        return _summary(sides[0], each.statistic)
    if each.how == "standardised":
        a, b = (side[~np.isnan(side)] for side in sides)
        if min(a.size, b.size) < 2:
            return math.nan
        free = a.size + b.size - 2
        pooled = math.sqrt(((a.size - 1) * a.var(ddof=1) + (b.size - 1) * b.var(ddof=1)) / free)
        return float(a.mean() - b.mean()) / pooled if pooled else math.nan
    a, b = (_summary(side, each.statistic) for side in sides)
    if each.how == "difference":
        return a - b
    if each.how == "odds_ratio":
        a, b = (p / (1 - p) if p < 1 else math.inf for p in (a, b))
    if not b or math.isnan(a + b) or (math.isinf(a) and math.isinf(b)):
        return math.nan
    ratio = a / b
    if each.how == "percent":
        return ratio - 1
    if each.how.startswith("log"):
        return (
            (math.log10(ratio) if each.how == "log10_ratio" else math.log2(ratio)) if ratio > 0 else math.nan
        )
    return ratio


def _joined(each: Expectation, a: Array, b: Array) -> tuple[float, int, str]:
    from scipy import stats

    both = np.isfinite(a) & np.isfinite(b)
    if both.sum() < 3 or not np.ptp(a[both]) or not np.ptp(b[both]):
        return math.nan, int(both.sum()), "a correlation needs people who differ"
    how = stats.pearsonr if each.statistic == "correlation" else stats.spearmanr
    return float(how(a[both], b[both]).statistic), int(both.sum()), ""


def _curve(curve: Curve, case: Case, model: Model, runs: Mapping[str, Run]) -> tuple[float, int, str]:
    run = runs[key_of(case.chain(curve.arm))]
    if run.reasons:
        return math.nan, 0, next(iter(run.reasons.values()))
    reading = Reading(case, curve.arm, model, run)
    whole = reading.course(curve.readout)
    middle = np.nanmean(whole.numbers, axis=1)
    simulated = np.interp(curve.hours, reading.times, middle)
    try:
        simulated = simulated * units.factor(whole.unit, curve.unit)
    except InputError as error:
        raise InputError(
            "E406",
            f"{curve.readout.text!r} comes out in {whole.unit}, not in {curve.unit}",
            remedy="mend unit",
        ) from error
    value = distance(curve, simulated)
    return value, whole.numbers.shape[1], "" if not math.isnan(value) else "the measure is not defined"
