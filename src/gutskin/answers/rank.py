"""Which plan helps: the same virtual people under every plan, against nothing and against the vehicle."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gutskin.answers.diagnose import LEVELS, SURE, usual_there
from gutskin.answers.lives import live
from gutskin.answers.measure import Candidate, Measurement, worth_measuring
from gutskin.compare import WORTH_TELLING
from gutskin.engine.outcome import Array
from gutskin.errors import InputError
from gutskin.model import Model
from gutskin.readouts import Readout
from gutskin.scenario import Course, Scenario
from gutskin.stream import chosen
from gutskin.twin.twin import Twin
from gutskin.twin.weights import quantile

MEMBERS = 64
NOTHING = "nothing"
SIDE = 0.25  # chance [1] from which a worsening of another read-out is told


@dataclass(frozen=True)
class SideEffect:
    """Another read-out that a plan makes worse: with which ``chance`` [1], and 5, 50, 95 % of the change."""

    readout: Readout
    chance: float
    change: Array


@dataclass(frozen=True)
class Ranked:
    """One plan.

    ``change`` 5, 50 and 95 % of the endpoint, plan less nothing [its unit]; ``helps`` the chance of a change
    for the better that is worth telling, ``harms`` of one for the worse; ``beats_vehicle`` the chance of the
    former against the plan's vehicle, NaN when nothing is its vehicle; ``best`` the chance of being the best
    of all; ``tied`` whether it cannot be told apart from the plan in front; ``lost`` members that failed.
    """

    plan: Scenario
    change: Array
    helps: float
    harms: float
    beats_vehicle: float
    best: float
    tied: bool
    sides: tuple[SideEffect, ...]
    lost: int


@dataclass(frozen=True)
class Ranking:
    """Plans, the most promising first.

    ``worth`` is the change of the endpoint that is worth telling [its unit]; ``usual`` 5, 50 and 95 % of it
    when nothing is done; ``next`` what to measure when plans cannot be told apart, best first.
    """

    endpoint: Readout
    day: float
    worth: float
    usual: Array
    plans: tuple[Ranked, ...]
    next: tuple[Measurement, ...]
    members: int

    @property
    def told_apart(self) -> bool:
        """Whether one plan leads."""
        return not any(each.tied for each in self.plans[1:])


def score(readout: Readout, values: Array) -> Array:
    """Return values so that more is better; of what should lie within its healthy range, how far it lies."""
    if readout.better == "up":
        return values
    if readout.better == "down":
        return -values
    if readout.healthy is None or readout.better == "none":
        raise InputError(
            "E589", f"{readout.name} is neither good nor bad", remedy="choose another --endpoint"
        )
    return -np.maximum(np.maximum(readout.healthy.low - values, values - readout.healthy.high), 0.0)


def worth_telling(readout: Readout, usual: Array) -> float:
    """Return the change that is worth telling [its unit]: a tenth of the healthy span, or of the value.

    Of what is nought in most people it is a tenth of the mean, so that rounding is no change.
    """
    size = np.abs(usual)
    span = readout.healthy.high - readout.healthy.low if readout.healthy else np.median(size) or size.mean()
    return WORTH_TELLING * max(float(span), 1e-12)


def rank(
    twin: Twin,
    plans: Sequence[Scenario],
    endpoint: str,
    *,
    day: float = 0.0,
    worth: float = 0.0,
    members: int = MEMBERS,
    candidates: Sequence[Candidate] = (),
    tick: Callable[[float], None] | None = None,
) -> Ranking:
    """Return plans ranked by what they do to an endpoint.

    Parameters
    ----------
    twin, plans, endpoint
        Whose members try every plan, the plans with equal usual courses and days, and a read-out.
    day
        When it is judged [day]; at the end of the plans when left out.
    worth
        The change that counts [unit of the endpoint]; see :func:`worth_telling` when left out.
    members
        How many of the twin's members try each plan.
    candidates
        What could be measured next.
    tick
        Called with the share of work done since the last call [1].

    Raises
    ------
    InputError
        E290 unknown endpoint, E588 no plan, or plans that differ in usual courses, E589 an endpoint that is
        neither good nor bad, E285 a day outside the plans, E590 when everybody fails in some plan.
    """
    model = twin.reference.model
    target, base, when = asked(model, plans, endpoint, day)
    there = {n: usual_there(twin.reference, r) for n, r in model.readouts.items()}
    judged = {n: r for n, r in there.items() if n == endpoint or (r.core and r.better != "none")}
    target = there[target.name]
    few, arms = twin.fewer(members), _arms(base, plans)
    values = live(few, base, arms, judged, [when], tick=tick)[:, :, 0]
    tried = _Tried(target, judged, list(arms), values, few.weights)
    if not tried.good.any():
        raise InputError(
            "E590", "no member of the twin lives through all plans", remedy="rank fewer plans at once"
        )
    size = worth or worth_telling(target, tried.of(NOTHING, endpoint))
    gains = np.array([tried.gain(_plan(k), NOTHING) for k in range(len(plans))])
    middles = [float(quantile(gain, tried.weights, 0.5)) for gain in gains]
    order = sorted(range(len(plans)), key=lambda k: -middles[k])
    ahead = [float(tried.weights[gains[order[0]] > gain].sum()) for gain in gains]
    best = _best(gains, tried.weights)
    ranked = tuple(
        _ranked(tried, plans[k], k, size, float(best[k]), k != order[0] and ahead[k] < SURE) for k in order
    )
    rival = next((k for k, each in zip(order, ranked, strict=True) if each.tied), None)
    answer = gains[order[0]] - (0.0 if rival is None else gains[rival])
    following = worth_measuring(few, answer, tried.good, candidates)
    usual = quantile(tried.of(NOTHING, endpoint), tried.weights, LEVELS)
    return Ranking(target, when, size, usual, ranked, following, int(tried.good.sum()))


def asked(
    model: Model, plans: Sequence[Scenario], endpoint: str, day: float = 0.0
) -> tuple[Readout, Scenario, float]:
    """Return the endpoint, what all plans have in common, and the day they are judged on [day].

    Raises
    ------
    InputError
        As :func:`rank`.
    """
    target = chosen(model, [endpoint])[endpoint]
    score(target, np.zeros(1))
    base = _common(plans)
    when = day or base.days
    if not 0 < when <= base.days:
        raise InputError("E285", f"day {when:g}", remedy=f"give a day above 0, to {base.days:g}")
    return target, base, when


@dataclass(frozen=True)
class _Tried:
    """What every arm did to every read-out: ``values`` (A, R, N) of members; who failed anywhere is out."""

    target: Readout
    judged: dict[str, Readout]
    arms: list[str]
    values: Array
    given: Array

    @property
    def good(self) -> NDArray[np.bool_]:
        """Who (N,) failed in no arm."""
        return np.asarray(np.isfinite(self.values).all(axis=(0, 1)))

    @property
    def weights(self) -> Array:
        """Weights (M,) of these."""
        return self.given[self.good] / self.given[self.good].sum()

    def of(self, arm: str, name: str) -> Array:
        """Return a read-out (M,) in an arm."""
        return self.values[self.arms.index(arm), list(self.judged).index(name)][self.good]

    def gain(self, arm: str, other: str, name: str = "") -> Array:
        """Return how much better (M,) one arm is than another."""
        readout = self.judged[name] if name else self.target
        return score(readout, self.of(arm, readout.name)) - score(readout, self.of(other, readout.name))


def _plan(number: int) -> str:
    return f"plan {number}"


def _vehicle(number: int) -> str:
    return f"vehicle {number}"


def _arms(base: Scenario, plans: Sequence[Scenario]) -> dict[str, Sequence[Course]]:
    arms: dict[str, Sequence[Course]] = {NOTHING: base.courses(planned=False)}
    for number, plan in enumerate(plans):
        arms[_plan(number)] = plan.courses(planned=True)
        if plan.vehicle:
            arms[_vehicle(number)] = replace(plan, plan=plan.vehicle).courses(planned=True)
    return arms


def _ranked(tried: _Tried, plan: Scenario, number: int, size: float, best: float, tied: bool) -> Ranked:
    """Return what a plan does, beside nothing and beside its vehicle."""
    arm, weights = _plan(number), tried.weights
    name = tried.target.name
    gain = tried.gain(arm, NOTHING)
    beats = float("nan")
    if plan.vehicle:
        beats = float(weights[tried.gain(arm, _vehicle(number)) > size].sum())
    change = quantile(tried.of(arm, name) - tried.of(NOTHING, name), weights, LEVELS)
    helps, harms = float(weights[gain > size].sum()), float(weights[gain < -size].sum())
    lost = int((~tried.good).sum())
    return Ranked(plan, change, helps, harms, beats, best, tied, _sides(tried, arm), lost)


def _sides(tried: _Tried, arm: str) -> tuple[SideEffect, ...]:
    out = []
    for name, readout in tried.judged.items():
        if name == tried.target.name or (readout.better == "within" and readout.healthy is None):
            continue
        usual = tried.of(NOTHING, name)
        worse = tried.gain(arm, NOTHING, name) < -worth_telling(readout, usual)
        chance = float(tried.weights[worse].sum())
        if chance >= SIDE:
            change = quantile(tried.of(arm, name) - usual, tried.weights, LEVELS)
            out.append(SideEffect(readout, chance, change))
    return tuple(sorted(out, key=lambda each: -each.chance))


def _common(plans: Sequence[Scenario]) -> Scenario:
    if not plans:
        raise InputError("E588", "no plan to rank", remedy="name one with --plan")
    first = plans[0]
    for other in plans[1:]:
        same = (first.usual, first.days, first.overrides, first.site, first.lead_in)
        if (other.usual, other.days, other.overrides, other.site, other.lead_in) != same:
            raise InputError(
                "E588",
                f"{other.name} and {first.name} differ in what is done anyway",
                remedy="give plans the same usual, days, lead_in_days, site and set",
            )
    return first


def _best(gains: Array, weights: Array) -> Array:
    """Return the chance of every plan to be the best; equal plans share it."""
    top = gains.max(axis=0)
    first = gains >= top - 1e-12 * np.maximum(np.abs(top), 1e-12)
    return (first / first.sum(axis=0)) @ weights
