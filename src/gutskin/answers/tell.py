"""From answers to what a person's page and document are told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from gutskin.answers.diagnose import LEVELS, SURE, Diagnosis, Finding, Fit, beyond
from gutskin.answers.doing import treatment
from gutskin.answers.forecast import Forecast
from gutskin.answers.rank import Ranked, Ranking
from gutskin.engine.outcome import Array
from gutskin.model import Model
from gutskin.readouts import Readout
from gutskin.report import SampleNote
from gutskin.report import person as page
from gutskin.report.person import Interval
from gutskin.scenario import Course
from gutskin.twin.twin import Twin
from gutskin.twin.weights import quantile

Sources = Mapping[str, Any]


def person_report(
    model: Model,
    label: str,
    place: str,
    *,
    diagnosis: Diagnosis | None = None,
    forecasts: Sequence[Forecast] = (),
    ranking: Ranking | None = None,
    samples: Sequence[SampleNote] = (),
    notes: Sequence[str] = (),
    stamp: Mapping[str, Any],
) -> page.PersonReport:
    """Return what the page of a person is told.

    Parameters
    ----------
    model
        Whose ledger and sources are told of.
    label, place
        Who, and which place of the body is looked at, in words.
    diagnosis, forecasts, ranking
        The answers; those that were not asked for are left out.
    samples, notes
        How samples were read, and what else must be known of them.
    stamp
        What made the answers; see :func:`gutskin.answers.stamp.stamp`.

    Raises
    ------
    InputError
        E555 two forecasts both with, or both without a plan.
    """
    sources = model.ledger.sources
    return page.PersonReport(
        label, place, tuple(notes), tuple(samples),
        tell_diagnosis(diagnosis) if diagnosis else None,
        tuple(tell_forecast(each, sources) for each in forecasts),
        tell_ranking(ranking, sources) if ranking else None,
        caveats(model), stamp,
    )  # fmt: skip


def caveats(model: Model) -> tuple[str, ...]:
    """Return what limits every answer of a model."""
    counted = model.ledger.count()
    weak = counted["assumed"] + counted["calibrated"]
    said = (
        f"Of {sum(counted.values())} numbers in the ledger {counted['assumed']} are assumed and "
        f"{counted['calibrated']} were set to make healthy people come out right: {weak} of them have not "
        "been measured. Intervals hold what differs between people, not what may be wrong with the model."
    )
    return (said,)


# ---- what is hidden


def tell_diagnosis(answer: Diagnosis) -> page.Diagnosis:
    """Return a diagnosis as plain data."""
    twin = answer.twin
    return page.Diagnosis(
        tuple(_finding(twin, each) for each in answer.findings),
        tuple(_fits(twin, answer.fits)),
        tuple(page.Kind(each.label, each.before, each.now) for each in answer.kinds),
        float(twin.support), int(twin.rounds), int(twin.weights.size), twin.effective, twin.strain, SURE,
    )  # fmt: skip


def _finding(twin: Twin, answer: Finding) -> page.Finding:
    readout = answer.readout
    return page.Finding(
        **_named(readout), core=readout.core, better=readout.better, healthy=_healthy(readout),
        population=_interval(answer.before), person=_interval(answer.now), word=answer.word,
        moved=float(answer.moved), told=float(answer.told), outside=float(answer.outside),
        outside_population=_usually_outside(twin, readout), verdict=answer.verdict,
        drivers=tuple(page.Driver(each.what, float(each.shift)) for each in answer.drivers),
    )  # fmt: skip


def _usually_outside(twin: Twin, readout: Readout) -> float:
    """Return the chance [1] that somebody of the population is outside the healthy range; NaN without one."""
    if readout.healthy is None:
        return float("nan")
    values = twin.reference.read(readout.quantity)
    return float(twin.reference.weights[beyond(readout, values)].sum())


def _fits(twin: Twin, fits: Sequence[Fit]) -> Iterable[page.Fit]:
    """Yield what was seen, in the order of a diagnosis: guilds of every part of the body, then readings."""
    reference, left = twin.reference, iter(fits)
    for each in twin.seen.shares:
        shares = each.shown(reference.model, reference.found.states)
        for name, label, row in zip(each.guilds, each.labels, shares, strict=True):
            usual = np.exp(quantile(row, reference.weights, LEVELS))
            yield _fit(next(left), name, label, each.table, usual)
    for reading in twin.seen.readings:
        usual = quantile(reference.read(reading.quantity), reference.weights, LEVELS)
        yield _fit(next(left), reading.readout, reading.label, "", usual)


def _fit(answer: Fit, name: str, label: str, table: str, usual: Array) -> page.Fit:
    seen, shown = _interval(answer.seen), _interval(answer.shown)
    return page.Fit(name, label, table, answer.unit, seen, shown, _interval(usual), answer.missed)


# ---- what will happen


def tell_forecast(answer: Forecast, sources: Sources | None = None) -> page.Forecast:
    """Return a forecast as plain data; ``sources`` key -> source, of what is done."""
    scenario = answer.scenario
    bands = tuple(
        page.Band(
            **_named(each.readout), healthy=_healthy(each.readout),
            days=_days(each.days), values=tuple(map(_interval, each.quantiles())),
        )
        for each in answer.bands
    )  # fmt: skip
    guilds = tuple(
        page.GuildBand(name, label, each.table, _days(each.days), _spread(each.shares[:, row], each.weights))
        for each in answer.compositions
        for row, (name, label) in enumerate(zip(each.guilds, each.labels, strict=True))
    )
    done = _done(scenario.plan, scenario.days, sources) if answer.planned else ()
    members = int(answer.bands[0].weights.size) if answer.bands else 0
    return page.Forecast(
        scenario.title, answer.planned, float(scenario.days), done, bands, guilds, members, int(answer.lost)
    )


def _spread(shares: Array, weights: Array) -> tuple[Interval, ...]:
    """Return one interval a day of shares (D, N) of members with weights (N,); NaN when nobody is left."""
    if not shares.shape[1]:
        return tuple(Interval(*[float("nan")] * 3) for _ in shares)
    return tuple(_interval(quantile(row, weights, LEVELS)) for row in shares)


# ---- which plan helps


def tell_ranking(answer: Ranking, sources: Sources | None = None) -> page.Ranking:
    """Return a ranking as plain data; ``sources`` key -> source, of what is done."""
    following = tuple(
        page.Measurement(
            each.candidate.readout.name, each.candidate.readout.label, float(each.narrows),
            int(each.candidate.cost),
        )
        for each in answer.next
    )  # fmt: skip
    endpoint = answer.endpoint
    return page.Ranking(
        endpoint.name, endpoint.label, endpoint.unit, endpoint.better, _healthy(endpoint), float(answer.day),
        float(answer.worth), _interval(answer.usual), tuple(_plan(each, sources) for each in answer.plans),
        following, answer.told_apart, int(answer.members),
    )  # fmt: skip


def _plan(answer: Ranked, sources: Sources | None) -> page.Plan:
    plan = answer.plan
    sides = tuple(
        page.Side(
            each.readout.name, each.readout.label, each.readout.unit, float(each.chance),
            _interval(each.change),
        )
        for each in answer.sides
    )  # fmt: skip
    return page.Plan(
        plan.name, plan.title, _done(plan.plan, plan.days, sources), _interval(answer.change),
        float(answer.helps), float(answer.harms), float(answer.beats_vehicle), float(answer.best),
        bool(answer.tied), sides, int(answer.lost),
    )  # fmt: skip


# ---- parts


def _done(courses: Sequence[Course], days: float, sources: Sources | None) -> tuple[Any, ...]:
    return tuple(treatment(each, days, sources or {}) for each in courses)


def _named(readout: Readout) -> dict[str, str]:
    return {
        "readout": readout.name, "label": readout.label, "group": readout.group, "unit": readout.unit,
    }  # fmt: skip


def _healthy(readout: Readout) -> tuple[float, float] | None:
    return (readout.healthy.low, readout.healthy.high) if readout.healthy else None


def _interval(values: Array) -> Interval:
    return Interval(*(float(each) for each in values))


def _days(days: Array) -> tuple[float, ...]:
    return tuple(float(each) for each in days)
