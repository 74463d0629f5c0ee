"""Hidden read-outs: a row each, the population's band and the person's in one picture."""

from __future__ import annotations

import math
from dataclasses import dataclass

from gutskin.report import words
from gutskin.report.numbers import THIN, span
from gutskin.report.person import phrases
from gutskin.report.person.places import scale_of
from gutskin.report.person.told import Driver, Finding

LITTLE_TOLD, LITTLE_MOVED = 0.1, 0.25  # [1], [SD]: below both, the samples say nothing of a read-out
LEAST_SHIFT = 0.1  # [SD] of a driver that is named
USUAL = 0.5  # chance [1] from which the population is outside a healthy range too
MARKS = {"outside": "worse", "within": "better", "indeterminate": "neutral", "": "neutral"}
SAID = {"outside": "outside the healthy range", "within": "within", "indeterminate": "cannot be told"}


@dataclass(frozen=True)
class Row:
    """What the template needs of one finding; places in percent, ``order`` what rows are sorted by."""

    label: str
    readout: str
    group: str
    mark: str
    healthy: tuple[float, float] | None
    population: tuple[float, float, float] | None
    person: tuple[float, float, float] | None
    texts: dict[str, str]
    order: dict[str, float]
    silent: bool


def rows(findings: tuple[Finding, ...]) -> tuple[list[Row], list[Row]]:
    """Return the core rows and the others, each told most first."""
    order = sorted(findings, key=lambda each: (-each.told, each.label))
    groups = words.groups({each.group for each in findings})
    made = [(each.core, _row(each, groups)) for each in order]
    return [row for core, row in made if core], [row for core, row in made if not core]


def silent(finding: Finding) -> bool:
    """Say whether the samples say next to nothing of a read-out."""
    return finding.told < LITTLE_TOLD and abs(finding.moved) < LITTLE_MOVED


def usual_outside(finding: Finding) -> bool:
    """Say whether most of the population is outside the healthy range too."""
    return finding.outside_population >= USUAL


def verdict(finding: Finding) -> str:
    """Say what can be said of the healthy range."""
    if not finding.verdict:
        return "no healthy range known"
    chance, usual = (phrases.chance(each) for each in (finding.outside, finding.outside_population))
    return f"{SAID[finding.verdict]}: {chance} outside (population\u00a0{usual})"


def drivers(finding: Finding) -> str:
    """Say which guilds and readings moved a read-out."""
    moved = [each for each in finding.drivers if abs(each.shift) >= LEAST_SHIFT]
    return ", ".join(f"{source(finding, each)} {phrases.deviations(each.shift)}" for each in moved)


def source(finding: Finding, driver: Driver) -> str:
    """Return what moved a read-out; its own reading is called so."""
    return "its own reading" if driver.what == finding.label else driver.what


def _row(finding: Finding, groups: list[str]) -> Row:
    scale = scale_of([finding.population, finding.person], finding.healthy)
    healthy = finding.healthy
    texts = {
        "person": phrases.between(finding.person, finding.unit),
        "population": phrases.between(finding.population, finding.unit),
        "healthy": phrases.joined(span(*healthy, finding.unit)) if healthy else "unknown",
        "word": finding.word,
        "verdict": verdict(finding),
        "moved": phrases.deviations(finding.moved),
        "told": f"{100 * finding.told:.0f}{THIN}%" if math.isfinite(finding.told) else "unknown",
        "drivers": drivers(finding),
        "scale": "log scale" if scale.log else "",
    }
    told = finding.told if math.isfinite(finding.told) else -1.0
    moved = abs(finding.moved) if math.isfinite(finding.moved) else -1.0
    order = {"told": round(told, 6), "moved": round(moved, 6), "group": float(groups.index(finding.group))}
    return Row(
        finding.label, finding.readout, words.say("groups", finding.group), MARKS[finding.verdict],
        scale.span(*healthy) if healthy else None, scale.band(finding.population),
        scale.band(finding.person), texts, order, silent(finding),
    )  # fmt: skip
