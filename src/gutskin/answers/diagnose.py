"""What is hidden in a person: every read-out before and after the samples, and what moved it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gutskin.engine.outcome import Array
from gutskin.model import Model
from gutskin.readouts import Healthy, Readout
from gutskin.reference import Reference
from gutskin.stream import chosen
from gutskin.twin.twin import Twin
from gutskin.twin.weights import quantile, rank

LEVELS = np.array([0.05, 0.5, 0.95])
SURE = 0.9  # chance [1] from which a verdict is given
AT_PLACE = "skin"  # group of the read-outs that differ between places of the body
DRIVERS = 3  # named for a read-out
WITHIN, OUTSIDE, OPEN, NO_RANGE = "within", "outside", "indeterminate", ""
FULL = 2 * 1.6448536269514722  # width of 5 to 95 % of a standard normal


@dataclass(frozen=True)
class Driver:
    """What was seen and how far it moved the read-out [standard deviations of the population]."""

    what: str
    shift: float


@dataclass(frozen=True)
class Finding:
    """One read-out of a person.

    ``before`` and ``now`` are 5, 50 and 95 % quantiles in the population and in the twin [its unit];
    ``moved`` how far the median went [standard deviations of the population]; ``told`` how much narrower the
    interval became [1]; ``outside`` the chance of being outside the healthy range on its bad side [1], NaN
    without one;
    ``verdict`` within, outside or indeterminate.
    """

    readout: Readout
    before: Array
    now: Array
    moved: float
    told: float
    outside: float
    verdict: str
    drivers: tuple[Driver, ...]

    @property
    def word(self) -> str:
        """Return the word for the median, when 5 and 95 % have the same; else both."""
        low, high = self.readout.word(self.now[0]), self.readout.word(self.now[2])
        return low if low == high else f"{low} to {high}"


@dataclass(frozen=True)
class Fit:
    """A guild or reading: ``seen`` with 90 % of its error, and what the twin shows [share or unit]."""

    what: str
    unit: str
    seen: Array
    shown: Array

    @property
    def missed(self) -> bool:
        """Whether the two intervals do not meet: the model cannot show what was seen."""
        return bool(self.seen[0] > self.shown[2] or self.seen[2] < self.shown[0])


@dataclass(frozen=True)
class Kind:
    """A stratum of the population: its chance [1] before and after the samples."""

    label: str
    before: float
    now: float


@dataclass(frozen=True)
class Diagnosis:
    """What is known of a person's hidden states."""

    twin: Twin
    findings: tuple[Finding, ...]
    fits: tuple[Fit, ...]
    kinds: tuple[Kind, ...]

    def __getitem__(self, name: str) -> Finding:
        return next(each for each in self.findings if each.readout.name == name)


def diagnose(twin: Twin, readouts: Sequence[str] = ()) -> Diagnosis:
    """Return what the twin says of read-outs; of all when none is named.

    Raises
    ------
    InputError
        E290 for a read-out that the library does not have.
    """
    model = twin.reference.model
    rows = chosen(model, readouts)
    gain, away, parts = _gain(twin)
    usual = [usual_there(twin.reference, each) for each in rows.values()]
    findings = tuple(_finding(twin, each, gain, away, parts) for each in usual)
    named = zip(twin.reference.people, twin.reference.strata, twin.odds, strict=True)
    kinds = tuple(Kind(person.label, each.share, float(odds)) for person, each, odds in named)
    return Diagnosis(twin, findings, _fits(twin, model), kinds)


def usual_there(reference: Reference, readout: Readout) -> Readout:
    """Return a read-out with the healthy range of the place where the population is looked at.

    Published ranges are those of the place that the ledger describes. Elsewhere it is 5 to 95 % of the
    healthy people of the population, for what is read at the place.
    """
    here = reference.people[0].site
    healthy = [k for k, each in enumerate(reference.strata) if each.healthy]
    if readout.healthy is None or readout.group != AT_PLACE or here is None or not here.rows or not healthy:
        return readout
    values = reference.read(readout.quantity)[np.isin(reference.kinds, healthy)]
    low, high = (float(each) for each in np.quantile(values, LEVELS[[0, 2]]))
    if not low < high:
        return readout
    said = f"5 to 95 % of healthy people of the model, {here.label}"
    return replace(readout, healthy=Healthy(low, high, "none", said))


def _gain(twin: Twin) -> tuple[Array, Array, list[tuple[str, Array]]]:
    """Return what turns scores (P,) of the population into a regression on what is seen (P, M), and more.

    The others are how far the person is from the population (M,), and the rows of guilds and readings.
    """
    reference, seen = twin.reference, twin.seen
    shown = seen.shown(reference.model, reference.found)
    middle = shown @ reference.weights
    anomalies = shown - middle[:, None]
    spread = (anomalies * reference.weights) @ anomalies.T + seen.covariance
    gain = (np.linalg.solve(spread, anomalies) * reference.weights).T
    return gain, seen.values - middle, seen.parts()


def _finding(
    twin: Twin, readout: Readout, gain: Array, away: Array, parts: Sequence[tuple[str, Array]]
) -> Finding:
    from scipy.special import ndtri

    reference = twin.reference
    all_, own = reference.read(readout.quantity), twin.read(readout.quantity)
    before, now = quantile(all_, reference.weights, LEVELS), quantile(own, twin.weights, LEVELS)
    edge = 0.5 / reference.size
    places = np.clip(rank(all_, reference.weights, np.concatenate([before, now])), edge, 1.0 - edge)
    first, _, last, low, middle, high = ndtri(places)
    scores = ndtri(np.clip(rank(all_, reference.weights, all_), edge, 1.0 - edge))
    slopes = scores @ gain
    drivers = [Driver(what, float((slopes @ row) * (row @ away))) for what, row in parts]
    drivers.sort(key=lambda each: -abs(each.shift))
    outside, verdict = _verdict(readout, own, twin.weights)
    told = float(np.clip(1.0 - (high - low) / (last - first), 0.0, 1.0)) if last > first else 0.0
    return Finding(readout, before, now, float(middle), told, outside, verdict, tuple(drivers[:DRIVERS]))


def beyond(readout: Readout, values: Array) -> NDArray[np.bool_]:
    """Return who (P,) lies outside the healthy range on the bad side; on either when both are bad.

    A value that is missing is not inside.
    """
    if readout.healthy is None:
        return np.zeros(values.shape, bool)
    low, high = ~(values >= readout.healthy.low), ~(values <= readout.healthy.high)
    return high if readout.better == "down" else low if readout.better == "up" else low | high


def _verdict(readout: Readout, values: Array, weights: Array) -> tuple[float, str]:
    """Return the chance of being outside the healthy range, and what that allows to say."""
    if readout.healthy is None:
        return float("nan"), NO_RANGE
    chance = float(weights[beyond(readout, values)].sum())
    return chance, OUTSIDE if chance >= SURE else WITHIN if chance <= 1.0 - SURE else OPEN


def _fits(twin: Twin, model: Model) -> tuple[Fit, ...]:
    """Compare what was seen with what the twin shows; shares are of the guilds that the method shows."""
    out = []
    for each in twin.seen.shares:
        shares, sd = each.shown(model, twin.found.states), np.sqrt(each.variance)
        total = np.log(np.exp(each.log).sum())
        for k, label in enumerate(each.labels):
            seen = np.exp(each.log[k] - total + sd[k] * FULL / 2 * np.array([-1.0, 0.0, 1.0]))
            shown = np.exp(quantile(shares[k], twin.weights, LEVELS))
            out.append(Fit(f"{label} ({each.table})", "1", np.minimum(seen, 1.0), shown))
    for reading in twin.seen.readings:
        seen = reading.value + reading.sd * FULL / 2 * np.array([-1.0, 0.0, 1.0])
        shown = quantile(twin.read(reading.quantity), twin.weights, LEVELS)
        out.append(Fit(reading.label, reading.unit, np.exp(seen) if reading.log else seen, shown))
    return tuple(out)
