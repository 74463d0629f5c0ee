"""What will happen: a twin's members lived forward, and what a sample of a later day would show."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from gutskin.answers.diagnose import LEVELS
from gutskin.answers.lives import live
from gutskin.engine.outcome import Array
from gutskin.errors import InputError
from gutskin.population import uniform
from gutskin.readouts import Readout
from gutskin.scenario import Scenario
from gutskin.stream import chosen
from gutskin.twin.observation import Shares
from gutskin.twin.twin import Twin
from gutskin.twin.weights import quantile

MEMBERS = 128
STATE = "state:"  # begins the name of a state that is read for the guilds


@dataclass(frozen=True)
class Band:
    """A read-out over time: ``values`` (D, N) of members at ``days``; NaN for who failed."""

    readout: Readout
    days: Array
    values: Array
    weights: Array

    def quantiles(self) -> Array:
        """Return 5, 50 and 95 % (D, 3) over members who did not fail."""
        out = np.full((self.days.size, LEVELS.size), np.nan)
        good = np.isfinite(self.values).all(axis=0)
        for k, row in enumerate(self.values[:, good]):
            if row.size:
                out[k] = quantile(row, self.weights[good], LEVELS)
        return out


@dataclass(frozen=True)
class Composition:
    """Shares of guilds over time: of a sample by the same method on that day.

    ``shares`` (D, G, N) [1] of members with ``weights`` (N,); with the day's noise and what the method seems
    to add.
    """

    table: str
    guilds: tuple[str, ...]
    labels: tuple[str, ...]
    days: Array
    shares: Array
    weights: Array


@dataclass(frozen=True)
class Forecast:
    """The time to come, with or without a plan."""

    scenario: Scenario
    planned: bool
    bands: tuple[Band, ...]
    compositions: tuple[Composition, ...]
    lost: int


def forecast(
    twin: Twin,
    scenario: Scenario,
    *,
    planned: bool = False,
    days: Sequence[float] = (),
    readouts: Sequence[str] = (),
    members: int = MEMBERS,
    tick: Callable[[float], None] | None = None,
) -> Forecast:
    """Return how the person's read-outs and guilds will be.

    Parameters
    ----------
    twin, scenario
        Who, and what they do.
    planned
        With the scenario's plan, or without.
    days
        When [day], from 0; every seventh day and the last when left out.
    readouts
        Names; the core ones when left out.
    members
        How many of the twin's members live it.
    tick
        Called with the share of work done since the last call [1].

    Raises
    ------
    InputError
        E290 unknown read-out, E587 another place of the body, E285 a day outside the scenario.
    """
    model = twin.reference.model
    when = tuple(days) or tuple(sorted({*np.arange(0.0, scenario.days, 7.0).tolist(), scenario.days}))
    if min(when) < 0 or max(when) > scenario.days:
        raise InputError("E285", f"days {list(when)}", remedy=f"give days from 0 to {scenario.days:g}")
    rows = {name: each for name, each in chosen(model, readouts).items() if readouts or each.core}
    asked: dict[str, Readout] = dict(rows)
    for each in twin.seen.shares:
        for state in {s for own in each.states for s in own}:
            asked[STATE + state] = Readout(STATE + state, "", state, state, "", "none", None, ())
    few = twin.fewer(members)
    arms = {"arm": scenario.courses(planned=planned)}
    values = live(few, scenario, arms, asked, when, tick=tick)[0]
    names, at = list(asked), np.array(when)
    bands = tuple(Band(each, at, values[names.index(name)], few.weights) for name, each in rows.items())
    sampled = tuple(
        _composition(few, each, at, {name: values[k] for k, name in enumerate(names)}, scenario.seed)
        for each in twin.seen.shares
    )
    lost = int((~np.isfinite(values).all(axis=(0, 1))).sum())
    return Forecast(scenario, planned, bands, sampled, lost)


def _composition(
    twin: Twin, seen: Shares, days: Array, values: Mapping[str, Array], seed: int
) -> Composition:
    """Return what samples by the same method would show; who failed is left out."""
    sizes = np.array([sum(values[STATE + s] for s in own) for own in seen.states])
    good = np.isfinite(sizes).all(axis=(0, 1))
    sizes = np.maximum(sizes[:, :, good], 0.0)
    log = np.log(np.maximum(sizes / np.maximum(sizes.sum(axis=0), 1e-300), 1e-12))
    now = seen.shown(twin.reference.model, twin.found.states)[:, good]
    middle, spread = seen.method(now)
    count = log[0, 0].size
    for k in range(days.size):
        noise = [_normal(seed, f"{seen.table} {g} {days[k]:g}", count) for g in seen.guilds]
        both = np.sqrt(spread + seen.once)
        log[:, k] += middle + both[:, None] * np.array(noise)
    share = np.exp(log - log.max(axis=0))
    share /= share.sum(axis=0)
    return Composition(
        seen.table,
        seen.guilds,
        seen.labels,
        days,
        np.moveaxis(share, 1, 0),
        twin.weights[good] / twin.weights[good].sum(),
    )


def _normal(seed: int, name: str, count: int) -> Array:
    from scipy.special import ndtri

    return ndtri(uniform(seed, name, 0, count))
