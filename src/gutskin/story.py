"""From runs to the story a report tells."""

from __future__ import annotations

import numpy as np

from gutskin import report
from gutskin.answers.doing import treatment
from gutskin.answers.noted import note, refused
from gutskin.compare import WORTH_TELLING, Comparison, EdgeEffect, worth
from gutskin.engine.outcome import Array
from gutskin.intake import Intake
from gutskin.model import Model
from gutskin.readouts import Readout
from gutskin.report.story import Judgement
from gutskin.result import Result
from gutskin.samples.sites import load_sites
from gutskin.samples.typical import Typical, typical_shares
from gutskin.scenario import DAY
from gutskin.traits import Explained

# Days below which a course is drawn as it is, not as daily means.
DAILY_FROM = 3.0
NOT_FITTED = "read, but not used: the traits explain the first usable sample of this part of the body"


def tell(model: Model, comparison: Comparison, intake: Intake | None, twin: Explained | None) -> report.Story:
    """Return the story of one person under one plan.

    Parameters
    ----------
    model
        The model that was run.
    comparison
        Both arms and the edges.
    intake, twin
        The person's samples and the traits from them; None for a person without samples.
    """
    days, judged = comparison.scenario.days, comparison.scenario.judged_at
    shown = _shown(model, comparison)
    treatments = tuple(treatment(each, days, model.ledger.sources) for each in comparison.scenario.plan)
    return report.Story(
        person=_subject(model, comparison),
        samples=_samples(intake) if intake else (),
        compositions=_compositions(comparison, intake, twin) if intake and twin else (),
        plan=report.Plan(comparison.scenario.title, comparison.scenario.begins_at, judged, treatments),
        courses=tuple(_course(comparison, each) for each in shown),
        changes=tuple(_change(comparison, each) for each in shown),
        edges=tuple(_edge(model, each) for each in comparison.edges if each.shares),
        caveats=_caveats(model, comparison, intake, twin),
        stamp=_stamp(comparison.planned),
    )


def _shown(model: Model, comparison: Comparison) -> list[Readout]:
    """Return the core read-outs and those that the plan moves."""
    return [
        each
        for each in model.readouts.values()
        if each.core
        or worth(comparison.effects[each.name], each, comparison.without[each.quantity].values[0, 0])
    ]


def _subject(model: Model, comparison: Comparison) -> report.Subject:
    person = comparison.person
    keys = [key.strip() for key in person.citation.split(",") if key.strip()]
    said = "; ".join(str(model.ledger.sources.get(key, key)) for key in keys)
    label, about = person.label, person.about
    if person.site:
        label, about = f"{label}, {person.site.label}", f"{about} {person.site.about}".strip()
    return report.Subject(person.name, label, about, said)


def _samples(intake: Intake) -> tuple[report.SampleNote, ...]:
    fitted = list(intake.chosen.values())
    notes = [
        note(each, unused="" if any(each is one for one in fitted) else NOT_FITTED)
        for each in intake.mappings
    ]
    return (*notes, *(refused(sample, error.message) for sample, error in intake.refused))


def _compositions(comparison: Comparison, intake: Intake, twin: Explained) -> tuple[report.Composition, ...]:
    out = []
    for table, mapping in intake.chosen.items():
        members = [fitted.target for fitted in twin.guilds if fitted.target.site == table]
        rows = {
            name: [s for t in members if t.name == name for s in t.states]
            for name in (t.name for t in members)
        }
        start = _sizes(comparison.without, rows, 0.0)
        without = _sizes(comparison.without, rows, comparison.scenario.judged_at)
        planned = _sizes(comparison.planned, rows, comparison.scenario.judged_at)
        typical = typical_shares().get(mapping.sample.site, {})
        guilds = tuple(
            report.GuildShare(
                t.label,
                t.share,
                start[t.name],
                without[t.name],
                planned[t.name],
                _quantiles(typical.get(t.name)),
            )
            for t in members
        )
        said = next((each.population for each in typical.values()), "")
        out.append(report.Composition(load_sites().require(mapping.sample.site).label, guilds, said))
    return tuple(out)


def _quantiles(typical: Typical | None) -> report.Quantiles | None:
    return report.Quantiles(typical.q05, typical.q50, typical.q95) if typical else None


def _sizes(result: Result, rows: dict[str, list[str]], day: float) -> dict[str, float]:
    sizes = {name: float(sum(result[state].at(day)[0] for state in states)) for name, states in rows.items()}
    total = sum(sizes.values())
    return {name: size / total for name, size in sizes.items()}


def _values(result: Result, readout: Readout) -> tuple[Array, Array]:
    series = result[readout.quantity]
    if series.times[-1] >= DAILY_FROM * DAY:
        days, values = series.daily()
        return days, values[:, 0]
    return series.times / DAY, series.values[:, 0]


def _reason(*results: Result) -> str:
    said = [f"{f.reason} (day {f.time / DAY:.3g})" for result in results for f in result.failures]
    return "; ".join(dict.fromkeys(said))


def _course(comparison: Comparison, readout: Readout) -> report.Course:
    days, without = _values(comparison.without, readout)
    planned = _values(comparison.planned, readout)[1]
    healthy = readout.healthy
    return report.Course(
        readout.name, readout.label, readout.group, readout.unit, days, without, planned,
        healthy_low=healthy.low if healthy else None, healthy_high=healthy.high if healthy else None,
        end_word=readout.word(_at(days, planned, comparison)),
        reason=_reason(comparison.without, comparison.planned),
    )  # fmt: skip


def _distance(value: float, readout: Readout) -> float:
    if readout.healthy is None:
        return 0.0
    return max(readout.healthy.low - value, value - readout.healthy.high, 0.0)


def _judge(readout: Readout, after: float, end_without: float) -> Judgement:
    """Judge the plan against the same day without it; inside the healthy range ``within`` is neutral."""
    span = readout.healthy.high - readout.healthy.low if readout.healthy else abs(end_without)
    difference = after - end_without
    if readout.better == "within":
        difference = _distance(end_without, readout) - _distance(after, readout)
    elif readout.better == "down":
        difference = -difference
    if readout.better == "none" or not abs(difference) > WORTH_TELLING * span:
        return "neutral"
    return "better" if difference > 0 else "worse"


def _at(days: Array, values: Array, comparison: Comparison) -> float:
    """Return the value on the day on which the plan is judged."""
    return float(values[int(np.abs(days - comparison.scenario.judged_at).argmin())])


def _change(comparison: Comparison, readout: Readout) -> report.Change:
    days, without = _values(comparison.without, readout)
    planned = _values(comparison.planned, readout)[1]
    before, after, end = float(without[0]), _at(days, planned, comparison), _at(days, without, comparison)
    reason = _reason(comparison.without, comparison.planned)
    known = bool(np.isfinite([before, after, end]).all())
    relative = (after - end) / end if known and end else float("nan")
    word = readout.word(after) if known else ""
    judgement: Judgement = _judge(readout, after, end) if known else "neutral"
    return report.Change(
        readout.name, readout.label, readout.group, readout.unit, before, after, end, after - end, relative,
        judgement, f"ends {word}" if word else "", reason, readout.core,
    )  # fmt: skip


def _edge(model: Model, effect: EdgeEffect) -> report.Edge:
    edge = effect.edge
    row = model.row(edge.constant)
    source = str(model.ledger.sources.get(edge.source, "")) if edge.source != "none" else ""
    return report.Edge(edge.label, edge.origin, edge.target, dict(effect.shares), source, row.grade)


def _stamp(result: Result) -> report.Stamp:
    made = result.stamp
    versions = {name: str(made[name]) for name in ("gutskin", "python", "numpy", "scipy")}
    solver = {name: str(value) for name, value in made["solver"].items()}
    own = sum(len(layer) for layers in made["people"].values() for layer in layers.values())
    solver["constants of the person's own"] = f"{own}, listed in the stamp of the result files"
    looked_at = ", ".join(made.get("site", {}).values())
    if looked_at:
        solver["site"] = looked_at
    return report.Stamp(versions, made["model_hash"], made["ledger_hash"], int(made["seed"]), solver)


def _caveats(
    model: Model, comparison: Comparison, intake: Intake | None, twin: Explained | None
) -> tuple[str, ...]:
    counted = model.ledger.count()
    weak = counted["assumed"] + counted["calibrated"]
    numbers = (
        f"Of {sum(counted.values())} numbers in the ledger {counted['assumed']} are assumed and "
        f"{counted['calibrated']} were set to make the healthy adult come out right: {weak} of them have not "
        "been measured. Sizes of effects are guides to mechanism, not forecasts."
    )
    said = [
        "Research use only. This is a simulation, not a diagnosis and not medical advice.",
        numbers,
        "One run with one set of numbers: no interval is given for this person yet.",
        "The plan is judged against the same days lived without it, not against the start.",
    ]
    if twin and intake:
        said.append(_fit_words(twin))
    if intake is None:
        said.append("No samples: this is the typical adult of the model.")
    site = comparison.person.site
    if site and site.rows:
        ranges = "Healthy ranges are those that the read-outs name a source for, not those of this place."
        said.append(f"{site.label}: {len(site.rows)} number(s) of its own, else the ledger's. {ranges}")
    said += comparison.planned.stamp["warnings"]
    return tuple(said)


def _fit_words(twin: Explained) -> str:
    limited = [g.target.label for g in twin.guilds if g.at_limit]
    text = (
        "The samples tell shares, not amounts. The model's everyday state shows the observed shares to "
        f"within {100 * twin.worst:.1f} percentage points"
    )
    return text + (f"; it cannot reach {', '.join(limited)} and stays at their limits." if limited else ".")
