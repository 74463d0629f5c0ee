"""What can be said of a person and what cannot, in at most five sentences, from the numbers alone."""

from __future__ import annotations

from gutskin.report.headline import Line
from gutskin.report.person import findings, phrases, plans
from gutskin.report.person.told import Band, Diagnosis, Finding, Forecast, PersonReport

NAMED = 3  # read-outs named in a sentence
STRAINED = 2.0  # mean square of errors [1] from which what was seen is badly explained


def lines(report: PersonReport) -> list[Line]:
    """Return the sentences: the tally, what is outside, what differs most, what cannot be told, the plan."""
    found = _hidden(report.diagnosis) if report.diagnosis else []
    if report.ranking:
        mark = "better" if report.ranking.plans[0].helps >= plans.LIKELY else "neutral"
        found.append(Line(mark, "Plans:", plans.verdict(report.ranking)))
    elif report.forecasts:
        found += _coming(report.forecasts)
    return found


def strained(diagnosis: Diagnosis) -> bool:
    """Say whether the model explains badly what was seen."""
    return diagnosis.strain > STRAINED


def _hidden(diagnosis: Diagnosis) -> list[Line]:
    core = [each for each in diagnosis.findings if each.core] or list(diagnosis.findings)
    return [*_tally(core), *_outside(core), *_furthest(diagnosis), *_open(core, diagnosis)]


def _tally(core: list[Finding]) -> list[Line]:
    ranged = [each for each in core if each.verdict]
    if not ranged:
        return []
    marks = [findings.MARKS[each.verdict] for each in ranged]
    said = [mark for mark in marks if mark != "neutral"]
    dots = tuple(mark for kind in ("better", "worse", "neutral") for mark in marks if mark == kind)
    lead = f"{len(said)} of {len(ranged)} main read-outs can be judged:"
    text = (
        f"{marks.count('better')} within their healthy range, {marks.count('worse')} outside, "
        f"{marks.count('neutral')} cannot be told."
    )
    quiet = sum(each.verdict != "indeterminate" and findings.silent(each) for each in ranged)
    aside = f" In {quiet} of the judged it is the population that says so, not the samples." if quiet else ""
    return [Line("note", lead, text + aside, dots)]


def _outside(core: list[Finding]) -> list[Line]:
    out = sorted((each for each in core if each.verdict == "outside"), key=lambda each: -abs(each.moved))
    if not out:
        mark = "neutral" if any(each.verdict == "indeterminate" for each in core) else "better"
        return [Line(mark, "Nothing is surely outside its healthy range", "among the main read-outs.")]
    said = "; ".join(f"{each.label} {phrases.between(each.person, each.unit)}" for each in out[:NAMED])
    more = f"; and {len(out) - NAMED} more" if len(out) > NAMED else ""
    usual = [each.label for each in out if findings.usual_outside(each)]
    aside = ""
    if usual:
        aside = f" In {phrases.listed(usual)} so is most of the population."
    return [Line("worse", "Outside the healthy range:", f"{said}{more}.{aside}")]


def _furthest(diagnosis: Diagnosis) -> list[Line]:
    moved = [each for each in diagnosis.findings if abs(each.moved) >= 2 * findings.LITTLE_MOVED]
    if not moved:
        text = f"no read-out moves by {2 * findings.LITTLE_MOVED:g} SD or more."
        return [Line("neutral", "The samples look like those of most people:", text)]
    order = sorted(moved, key=lambda each: (not each.core, -abs(each.moved)))
    said = "; ".join(_departure(each) for each in order[:NAMED])
    return [Line("route", "Furthest from the population:", f"{said}.")]


def _departure(finding: Finding) -> str:
    way = "higher" if finding.moved > 0 else "lower"
    alike = (each for each in finding.drivers if each.shift * finding.moved > 0)
    because = next((findings.source(finding, each) for each in alike), "")
    size = phrases.deviations(abs(finding.moved)).lstrip("+")
    return f"{finding.label} {way} by {size}" + (f", from {because}" if because else "")


def _open(core: list[Finding], diagnosis: Diagnosis) -> list[Line]:
    """Say what cannot be told: open verdicts, read-outs of which the samples say nothing, misfits."""
    undecided = [each.label for each in core if each.verdict == "indeterminate"]
    quiet = sum(findings.silent(each) for each in core)
    said = []
    if undecided:
        said.append(f"whether within or outside: {phrases.listed(undecided)}")
    if quiet:
        said.append(f"the samples say next to nothing of {quiet} of {len(core)} main read-outs")
    if strained(diagnosis):
        said.insert(0, "the model explains the samples badly, so trust none of this")
    missed = [each.label for each in diagnosis.fits if each.missed]
    if missed:
        said.append(f"the model cannot show what was seen of {phrases.listed(missed)}")
    return [Line("neutral", "Cannot be told:", "; ".join(said) + ".")] if said else []


def _coming(forecasts: tuple[Forecast, ...]) -> list[Line]:
    """Say what the plan changes most by the end, or what lies outside then."""
    arms = {each.planned: {band.readout: band for band in each.bands} for each in forecasts}
    main = arms.get(True) or arms.get(False) or {}
    if not main:
        return []
    day = next(iter(main.values())).days[-1]
    if len(arms) == 2:
        pairs = [(band, arms[False][name]) for name, band in main.items() if name in arms[False]]
        found = [(_distance(*pair), *pair) for pair in pairs]
        best = max((each for each in found if each[0] > 0), key=lambda each: each[0], default=None)
        if best:
            _, band, other = best
            text = (
                f"{band.label}: {phrases.between(band.values[-1], band.unit)} with it, "
                f"{phrases.between(other.values[-1], other.unit)} without."
            )
            return [Line("route", f"By day {day:g} the plan changes most:", text)]
        return [Line("neutral", f"By day {day:g} the plan changes nothing", "that was followed.")]
    out = [each.label for each in main.values() if _beyond(each)]
    text = f"{phrases.listed(out)}." if out else "none of the read-outs that were followed."
    return [Line("worse" if out else "neutral", f"On day {day:g} surely outside the healthy range:", text)]


def _distance(band: Band, other: Band) -> float:
    """Return how far apart two medians are at the end [widths of the other's interval]."""
    one, two = band.values[-1], other.values[-1]
    width = two.high - two.low
    return abs(one.median - two.median) / width if width > 0 else 0.0


def _beyond(band: Band) -> bool:
    last = band.values[-1]
    return bool(band.healthy and (last.high < band.healthy[0] or last.low > band.healthy[1]))
