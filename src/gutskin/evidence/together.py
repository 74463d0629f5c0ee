"""Many people in one call of the engine: each by their own steps, or variants by the steps of whom they vary.

Variants that share steps are for derivatives: what the steps do to their numbers is the same smooth function,
so that small differences between them mean something at any tolerance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gutskin.engine.fast import Tape, solve_lanes
from gutskin.engine.outcome import Array, Failure, Options, Stop, Trajectory
from gutskin.engine.solve import solve, with_tallies
from gutskin.model import Model
from gutskin.scenario import DAY

PEOPLE = 128  # in one call of the engine; bounds memory
UNSHARED = "the run took a method without steps to share"


@dataclass(frozen=True)
class Crowd:
    """``begin`` (S, P), ``constants`` (K, P) and plans of P people; the ``rows`` of quantities to keep."""

    begin: Array
    constants: Array
    plans: Sequence[Sequence[Stop]]
    times: Array
    rows: Sequence[int]

    def of(self, people: Sequence[int]) -> Crowd:
        """Return some of the people."""
        plans = [self.plans[k] for k in people]
        return Crowd(self.begin[:, people], self.constants[:, people], plans, self.times, self.rows)


class Outcome:
    """``values`` (R, T, P), ``end`` (S, P) and ``failed`` person -> why."""

    def __init__(self, crowd: Crowd) -> None:
        people = crowd.begin.shape[1]
        self.crowd = crowd
        self.values = np.full((len(crowd.rows), crowd.times.size, people), np.nan)
        self.end = np.full((crowd.begin.shape[0], people), np.nan)
        self.failed: dict[int, str] = {}

    def take(self, people: Sequence[int], run: Trajectory) -> None:
        """Keep what a run of these people gave."""
        states = run.states.shape[0]
        for i, row in enumerate(self.crowd.rows):
            self.values[i][:, people] = run.states[row] if row < states else run.derived[row - states]
        self.end[:, people] = run.end[: self.end.shape[0]]
        self.failed |= {people[each.person]: _why(each) for each in run.failures}


def _why(failure: Failure) -> str:
    return f"{failure.reason} on day {failure.time / DAY:.3g}"


def _parts(people: int) -> list[list[int]]:
    return [list(range(first, min(first + PEOPLE, people))) for first in range(0, people, PEOPLE)]


def run_free(model: Model, crowd: Crowd, options: Options) -> Outcome:
    """Run everybody by their own steps."""
    out = Outcome(crowd)
    for part in _parts(crowd.begin.shape[1]):
        some = crowd.of(part)
        floors = model.floors()
        out.take(
            part, solve(model.kernel, some.begin, some.constants, floors, some.times, some.plans, options)
        )
    return out


def run_shared(model: Model, crowd: Crowd, options: Options, base: int) -> Outcome:
    """Run the first ``base`` people by their own steps, and the others in turn by the same.

    Person ``base * v + k`` is a variant of person ``k``; its stops must be at the same times.
    """
    out = Outcome(crowd)
    variants = crowd.begin.shape[1] // base - 1 if base else 0
    for part in _parts(base):
        tape = Tape.blank(len(part), options.max_steps)
        out.take(part, _lanes(model, crowd.of(part), options, tape))
        followers = [base * v + k for v in range(1, variants + 1) for k in part]
        places = [i for _ in range(variants) for i in range(len(part))]
        for some in _parts(len(followers)):
            who = [followers[j] for j in some]
            out.take(who, _lanes(model, crowd.of(who), options, tape.of([places[j] for j in some])))
    return out


def _lanes(model: Model, crowd: Crowd, options: Options, tape: Tape) -> Trajectory:
    start, floors = with_tallies(model.kernel, crowd.begin, model.floors())
    return solve_lanes(
        model.kernel, start, crowd.constants, floors, crowd.times, crowd.plans, options, raw=True, tape=tape
    )
