"""How much each reaction moved in a stretch of a run, integrated together with the run.

Every reaction that is asked for becomes one more state whose rate is that of the reaction. Steps of the
engine keep every sum that the rates keep, so what reactions moved and what the states changed by agree to
rounding, however long the steps are; how far each number itself is off, the solver's tolerance says. The
states are never part of a model: a search for the everyday state would not end with them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from gutskin.engine.events import with_events
from gutskin.engine.outcome import Array, Failure, Options, Stop
from gutskin.engine.solve import solve
from gutskin.errors import InputError, nearest
from gutskin.kernel import Kernel
from gutskin.model import SMALLEST_FLOOR, Model
from gutskin.network import Network, Quantity
from gutskin.people import Person, within
from gutskin.precedence import resolve
from gutskin.scenario import Scenario
from gutskin.simulate import day_zero, follow, named

PREFIX = "moved_by_"


@dataclass(frozen=True)
class Flows:
    """What happened from ``begin`` to ``end`` [h], in the units of the states.

    ``moved`` is the extent of each reaction [mmol]. ``before`` and ``after`` are states; ``given`` and
    ``taken`` what doses and washes added to and took from them, neither negative. ``constants`` are the
    person's own.
    """

    begin: float
    end: float
    moved: Mapping[str, float]
    before: Mapping[str, float]
    after: Mapping[str, float]
    given: Mapping[str, float]
    taken: Mapping[str, float]
    constants: Mapping[str, float]


def counting(network: Network, reactions: Sequence[str]) -> Network:
    """Return a network with one more state a reaction: how much it has moved [mmol].

    Raises
    ------
    InputError
        E460 when there is no such reaction; the nearest is named.
    """
    rates = {each.name: each.rate for each in network.reactions}
    for name in reactions:
        if name not in rates:
            remedy = nearest(name, rates) or "see: gutskin explain"
            raise InputError("E460", f"the model has no reaction {name!r}", remedy=remedy)
    more = tuple(
        Quantity(PREFIX + name, "rate", "mmol", f"moved by {name}", "", start=0.0, floor=SMALLEST_FLOOR)
        for name in reactions
    )
    rules = tuple((PREFIX + name, rates[name]) for name in reactions)
    return replace(network, quantities=(*network.quantities, *more), rate_rules=(*network.rate_rules, *rules))


@dataclass(frozen=True)
class Counter:
    """A model that counts what some of its reactions move; see :func:`counter`."""

    model: Model
    reactions: tuple[str, ...]
    kernel: Kernel

    def run(
        self, person: Person, scenario: Scenario, begin: float, end: float, options: Options | None = None
    ) -> Flows | Failure:
        """Run a person through a scenario with its plan and count from ``begin`` to ``end`` [h]."""
        options = options or Options()
        model = self.model
        constants, _ = resolve(model, within(person, scenario, model.library))
        ready, failure = day_zero(model, constants, scenario, options)
        if failure is not None:
            return failure
        courses = scenario.courses(planned=True)
        (plan,) = follow(model, constants[:, None], courses, scenario, named(scenario, 1))
        done = [each for each in with_events(self.kernel, constants, plan, 0.0) if begin <= each.time < end]
        times = np.array(sorted({0.0, begin, end, *(each.time for each in done)}))
        count = np.zeros(len(self.reactions))
        floors = np.concatenate([model.floors(), count + SMALLEST_FLOOR])
        start = np.concatenate([ready, count])[:, None]
        run = solve(self.kernel, start, constants[:, None], floors, times, [plan], options)
        if run.failures:
            return run.failures[0]
        return self._flows(times, run.states[:, :, 0], done, constants, (begin, end))

    def _flows(
        self,
        times: Array,
        states: Array,
        done: Sequence[Stop],
        constants: Array,
        window: tuple[float, float],
    ) -> Flows:
        own, body = self.model.network.states, len(self.model.network.states)
        first, last = (int(np.searchsorted(times, each)) for each in window)
        counted = states[body : body + len(self.reactions)]
        given, taken = np.zeros(body), np.zeros(body)
        for stop in done:
            came, went = jumps(stop, states[:body, int(np.searchsorted(times, stop.time))])
            given, taken = given + came, taken + went
        moved = dict(zip(self.reactions, (counted[:, last] - counted[:, first]).tolist(), strict=True))
        rows = (states[:body, first], states[:body, last], given, taken)
        before, after, more, less = (dict(zip(own, each.tolist(), strict=True)) for each in rows)
        names = (each.name for each in self.model.network.constants)
        known = dict(zip(names, constants.tolist(), strict=True))
        return Flows(*window, moved, before, after, more, less, known)


def counter(model: Model, reactions: Sequence[str]) -> Counter:
    """Return what counts these reactions of a model.

    Raises
    ------
    InputError
        E460 when there is no such reaction.
    """
    from gutskin.compile.source import build_kernel

    names = tuple(dict.fromkeys(reactions))
    return Counter(model, names, build_kernel(counting(model.network, names)))


def jumps(stop: Stop, before: Array) -> tuple[Array, Array]:
    """Return what a stop gives to and takes from states (S,) that are ``before`` it; neither is negative."""
    given, taken, now = np.zeros(before.size), np.zeros(before.size), np.array(before, float)
    for index, by in stop.scale:
        change = now[index] * (by - 1.0)
        now[index] += change
        (given if change > 0 else taken)[index] += abs(change)
    for index, amount in stop.add:
        now[index] += amount
        (given if amount > 0 else taken)[index] += abs(amount)
    return given, taken
