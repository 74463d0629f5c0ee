"""From a person's samples to the traits that explain them.

Guilds of the model compete; which wins in a person depends on traits: how well its strains suit the person.
Here the traits are found that make the everyday state show the shares of the samples. The guilds are set to
their observed shares (in places that the sample does not show by the same factor), the person lives a
stretch, and each trait is moved against the drift of its guild until nothing drifts. Totals are left to the
model, because samples tell shares only. It is one estimate, and says nothing about how uncertain the traits
are.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass

import numpy as np

from gutskin.engine.outcome import Array, Options
from gutskin.engine.solve import solve
from gutskin.engine.steady import settle
from gutskin.model import Model
from gutskin.people import Person
from gutskin.precedence import resolve, spreads
from gutskin.simulate import NotSteadyError, everyday

STRETCH = 24.0  # [h] lived between two corrections
ROUNDS = 150
GAIN = 0.5  # share of the drift that a correction takes back [1]
SPREADS = 3.0  # a trait may go so many of its spreads away from the person's own row, or the ledger's [1]
UNSEEN = 1e-4  # share below which a guild counts as not seen [1]
CLOSE = 0.002  # largest drift of a log share a day at which the search stops [1/day]


@dataclass(frozen=True)
class GuildTarget:
    """One guild of one site: the model states that make it up, its trait, the share observed [1].

    ``along`` are states of the same microbes in other places, from which these states are fed.
    """

    site: str
    name: str
    label: str
    states: tuple[str, ...]
    trait: str
    share: float
    along: tuple[str, ...] = ()


@dataclass(frozen=True)
class Fitted:
    """A guild after fitting: its share [1] in the everyday state, its trait, whether that is at its limit."""

    target: GuildTarget
    modelled: float
    trait: float
    at_limit: bool


@dataclass(frozen=True)
class Explained:
    """A person with traits from samples, and the everyday state (S,) that shows them."""

    person: Person
    start: Array
    guilds: tuple[Fitted, ...]
    rounds: int

    @property
    def worst(self) -> float:
        """Largest difference between an observed and a modelled share [1]."""
        return max((abs(g.modelled - g.target.share) for g in self.guilds), default=0.0)


class _Search:
    """State of one search: the person's constants, the guild shares and the traits."""

    def __init__(
        self, model: Model, person: Person, targets: Sequence[GuildTarget], held: Container[str]
    ) -> None:
        self.model, self.constants, self.targets = model, resolve(model, person)[0], targets
        self.own = spreads(model, person)
        index = {name: i for i, name in enumerate(model.network.states)}
        self.rows = [[index[name] for name in target.states] for target in targets]
        self.along = [[index[name] for name in target.along] for target in targets]
        known = {c.name: k for k, c in enumerate(model.network.constants)}
        self.traits = [-1 if target.trait in held else known.get(target.trait, -1) for target in targets]
        self.limits = [self._limit(target.trait) if target.trait else (1.0, 1.0) for target in targets]
        sites = [target.site for target in targets]
        self.sites = {
            site: [i for i, each in enumerate(sites) if each == site] for site in dict.fromkeys(sites)
        }
        self.wanted = self._wanted()

    def _limit(self, trait: str) -> tuple[float, float]:
        row = self.own.get(trait, self.model.row(trait))
        width = (row.spread.gsd or 1.0) ** SPREADS
        return row.value / width, row.value * width

    def _wanted(self) -> Array:
        shares = np.array([max(target.share, UNSEEN) for target in self.targets])
        for members in self.sites.values():
            shares[members] /= shares[members].sum()
        return shares

    def sizes(self, state: Array) -> Array:
        """Return the size of every guild in a state, each site in its own unit."""
        return np.array([state[rows].sum() for rows in self.rows])

    def shares(self, state: Array) -> Array:
        sizes = self.sizes(state)
        for members in self.sites.values():
            sizes[members] /= max(sizes[members].sum(), 1e-300)
        return sizes

    def placed(self, state: Array) -> Array:
        """Return the state with guilds at the wanted shares and site totals as they are.

        Else what flows in from other places would undo a guild's share before its trait could show.
        """
        out, sizes = state.copy(), self.sizes(state)
        for members in self.sites.values():
            total = sizes[members].sum()
            for i in members:
                if sizes[i] > 0:
                    out[self.rows[i] + self.along[i]] *= self.wanted[i] * total / sizes[i]
                else:
                    out[self.rows[i][0]] = self.wanted[i] * total
        return out

    def correct(self, drift: Array) -> None:
        """Move each trait against the drift of its guild's log share over a stretch."""
        for i, k in enumerate(self.traits):
            if k >= 0:
                low, high = self.limits[i]
                step = np.clip(GAIN * drift[i], -0.5, 0.5)
                self.constants[k] = min(max(self.constants[k] * float(np.exp(-step)), low), high)


def fit(
    model: Model,
    person: Person,
    targets: Sequence[GuildTarget],
    *,
    options: Options | None = None,
    tick: Callable[[float], None] | None = None,
) -> Explained:
    """Return the person with traits that explain the observed shares.

    Parameters
    ----------
    model, person
        What and who.
    targets
        Observed shares; guilds of one site are compared among themselves.
    options
        Solver settings.
    tick
        Called with the share of the search done since the last call [1].

    Raises
    ------
    NotSteadyError
        E270 when the person has no everyday state before or after the search.
    """
    options = options or Options()
    coarse = Options(options.method, max(options.rtol, 1e-5), options.floor_share, options.max_steps)
    held = {name for origin in ("scenario", "command line") for name in person.layers.get(origin, {})}
    search = _Search(model, person, targets, held)
    found = everyday(model, search.constants, coarse)
    if found.failure is not None:
        raise NotSteadyError(person.name, found.failure)
    state, rounds = found.states, 0
    for rounds in range(1, ROUNDS + 1):
        placed = search.placed(state)
        state = _live(model, placed, search.constants, coarse, person)
        drift = np.log(np.maximum(search.shares(state), 1e-12)) - np.log(search.wanted)
        search.correct(drift)
        if tick:
            tick(1.0 / ROUNDS)
        free = [abs(d) for d, k in zip(drift, search.traits, strict=True) if k >= 0]
        if rounds > 5 and max(free, default=0.0) < CLOSE:
            break
    settled = settle(model.kernel, state, search.constants, model.floors(), options)
    if settled.failure is not None:
        raise NotSteadyError(person.name, settled.failure)
    return _twin(search, person, settled.states, rounds)


def _live(model: Model, state: Array, constants: Array, options: Options, person: Person) -> Array:
    run = solve(
        model.kernel,
        state[:, None],
        constants[:, None],
        model.floors(),
        np.array([0.0, STRETCH]),
        (),
        options,
        since=np.inf,
    )
    if run.failures:
        raise NotSteadyError(person.name, run.failures[0])
    return run.end[: state.size, 0]


def _twin(search: _Search, person: Person, state: Array, rounds: int) -> Explained:
    shares = search.shares(state)
    guilds, traits = [], dict[str, tuple[float, str]]()
    for i, target in enumerate(search.targets):
        k = search.traits[i]
        value = float(search.constants[k]) if k >= 0 else float("nan")
        low, high = search.limits[i]
        guilds.append(Fitted(target, float(shares[i]), value, k >= 0 and (value <= low or value >= high)))
        if k >= 0:
            traits[target.trait] = (value, search.model.network.constants[k].unit)
    return Explained(person.having("sample", traits), state, tuple(guilds), rounds)
