"""Run arms: each different one once, whoever asks for it, many people side by side.

Arms of all cases that begin at the same time and last equally long run in one call of the engine, so that
forty single people cost hardly more than a few. What an arm gives does not depend on its company.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from gutskin.engine.outcome import Array, Options, Stop
from gutskin.engine.solve import solve
from gutskin.engine.steady import settle_all
from gutskin.errors import GutskinError, InputError, nearest
from gutskin.evidence.agree import agree
from gutskin.evidence.case import Arm, Case, Crew
from gutskin.evidence.conduct import Queue, crew_key, key_of, members, taken
from gutskin.evidence.moment import Moment
from gutskin.model import Model
from gutskin.protocol import stops
from gutskin.scenario import DAY

PEOPLE = 128  # in one call of the engine; bounds memory
Tick = Callable[[float], None]


@dataclass(frozen=True)
class Run:
    """An arm that was run.

    ``courses`` quantity -> (T, P) at ``times`` (T,) [h]; ``reasons`` person -> why it failed; ``end`` (S, P).
    """

    times: Array
    courses: Mapping[str, Array]
    reasons: Mapping[int, str]
    end: Array


def quantity(model: Model, name: str) -> str:
    """Return the model's quantity behind a read-out, another name of it, or a quantity itself.

    Raises
    ------
    InputError
        E405 when there is none of that name; the nearest is named.
    """
    if name in model.readouts:
        return model.readouts[name].quantity
    for each in model.readouts.values():
        if name in each.also:
            return each.quantity
    known = (*model.kernel.states, *model.kernel.derived)
    if name in known:
        return name
    raise InputError(
        "E405", f"there is no read-out {name!r}", remedy=nearest(name, {*model.readouts, *known})
    )


def quantities(model: Model, case: Case, arm: str) -> set[str]:
    """Return the quantities of the model that a case asks of an arm."""
    asked = [e.readout for e in case.expectations if arm in (e.arm, e.versus)]
    asked += [e.other for e in case.expectations if e.arm == arm and e.other is not None]
    asked += [c.readout for c in case.curves if c.arm == arm]
    return {quantity(model, name) for each in asked for name in each.names}


def grid(case: Case, arm: str) -> Array:
    """Return the times [h] at which a case looks at an arm: each moment has its own, drop-out too."""
    last, every = case.arms[arm].days * DAY, case.arms[arm].every
    asked = []
    for each in case.expectations:
        if arm in (each.arm, each.versus):
            asked += [each.moment, *each.readout.moments, *(each.other.moments if each.other else ())]
    found = {0.0, last}
    for curve in case.curves:
        if curve.arm == arm:
            asked += curve.readout.moments
            found.update(np.round(curve.hours, 9).tolist())
    if case.arms[arm].dropout:
        found.update(Moment("", "peak").nodes(last, every).tolist())
    return np.array(sorted(found.union(*(when.nodes(last, every).tolist() for when in asked))))


def check(model: Model, case: Case) -> None:
    """Find what stops a case from running before anything is run.

    Raises
    ------
    InputError
        E405 an unknown read-out, E406 units, E403 noise and shares, E233 and E202 a course that does not fit
        the model, E264, E260 people.
    """
    known = {q.name: q.unit for q in model.network.quantities}

    def look(name: str) -> tuple[str, str]:
        return quantity(model, name), known.get(quantity(model, name), "mmol")

    try:
        agree(case, look)
        for arm in case.arms.values():
            stops(arm.courses, model.network, model.constants())
            members(model, replace(arm.crew, count=1))
    except GutskinError as error:
        place = f"{case.study}/{case.path.name}" + (f": {error.where}" if error.where else "")
        raise InputError(error.code, error.message, where=place, remedy=error.remedy) from error


class Laboratory:
    """Runs the arms of cases on one model; asked again it gives what it has.

    Parameters
    ----------
    model
        The model.
    options
        Solver settings.
    change
        Turns constants (K, P) into others before anything is run: how calibrating and cutting edges act.
    """

    def __init__(
        self, model: Model, options: Options | None = None, change: Callable[[Array], Array] | None = None
    ) -> None:
        self.model, self.options = model, options or Options(rtol=1e-4)
        self.change = change or (lambda constants: constants)
        self.runs: dict[str, Run] = {}
        self._crews: dict[str, tuple[Array, Array, dict[int, str]]] = {}
        names = (*model.kernel.states, *model.kernel.derived)
        self.rows = {name: i for i, name in enumerate(names)}

    def run(self, cases: Iterable[Case], tick: Tick | None = None) -> None:
        """Run all arms of the cases that have not been run."""
        found: dict[str, list[Arm]] = {}
        wanted: dict[str, set[str]] = {}
        moments: dict[str, set[float]] = {}
        for case in cases:
            for name in case.arms:
                key = key_of(case.chain(name))
                found.setdefault(key, case.chain(name))
                wanted.setdefault(key, set()).update(quantities(self.model, case, name))
                moments.setdefault(key, set()).update(grid(case, name).tolist())
        todo = {key: chain for key, chain in found.items() if not self._has(key, wanted[key], moments[key])}
        for key in todo.keys() & self.runs.keys():  # what it was asked for before is kept
            wanted[key] |= set(self.runs[key].courses)
            moments[key] |= set(self.runs[key].times.tolist())
        self._settle([chain[0].crew for chain in todo.values()])
        for depth in range(1, max((len(c) for c in todo.values()), default=0) + 1):
            level = {key: chain for key, chain in todo.items() if len(chain) == depth}
            for days in sorted({chain[-1].days for chain in level.values()}):
                same = {key: chain for key, chain in level.items() if chain[-1].days == days}
                self._together(same, wanted, moments, days)
                if tick:
                    tick(len(same) / len(todo))

    def _has(self, key: str, wanted: set[str], moments: set[float]) -> bool:
        run = self.runs.get(key)
        return run is not None and wanted <= set(run.courses) and moments <= set(run.times.tolist())

    def _settle(self, crews: Sequence[Crew]) -> None:
        """Find the everyday state of everybody who is not known yet."""
        new: dict[str, Array] = {}
        for crew in crews:
            key = crew_key(crew)
            if key not in self._crews and key not in new:
                new[key] = self.change(members(self.model, crew))
        if not new:
            return
        constants = np.concatenate(list(new.values()), axis=1)
        begin = np.repeat(self.model.start()[:, None], constants.shape[1], axis=1)
        settled = settle_all(self.model.kernel, begin, constants, self.model.floors(), self.options)
        first = 0
        for key, own in new.items():
            part = settled[first : first + own.shape[1]]
            first += own.shape[1]
            reasons = {k: f"no everyday state: {s.failure.reason}" for k, s in enumerate(part) if s.failure}
            self._crews[key] = own, np.array([s.states for s in part]).T, reasons

    def _together(
        self,
        chains: Mapping[str, list[Arm]],
        wanted: Mapping[str, set[str]],
        moments: Mapping[str, set[float]],
        days: float,
    ) -> None:
        """Run arms of equal length, everybody in one queue."""
        times = np.unique([0.0, days * DAY, *(t for key in chains for t in moments[key])])
        queues = {key: self._queue(chain) for key, chain in chains.items()}
        rows = sorted(set().union(*(wanted[key] for key in chains)))
        begin = np.concatenate([queue.begin for queue in queues.values()], axis=1)
        constants = np.concatenate([queue.constants for queue in queues.values()], axis=1)
        plans = [plan for queue in queues.values() for plan in queue.plans]
        values, end, failed = self._solve(begin, constants, times, plans, rows)
        first = 0
        for key, queue in queues.items():
            mine = slice(first, first + len(queue.alive))
            first = mine.stop
            lost = {queue.alive[k - mine.start]: why for k, why in failed.items() if mine.start <= k < first}
            courses = {
                name: queue.spread(values[i][:, mine]) for i, name in enumerate(rows) if name in wanted[key]
            }
            self.runs[key] = Run(times, courses, {**queue.reasons, **lost}, queue.spread(end[:, mine]))

    def _queue(self, chain: Sequence[Arm]) -> Queue:
        """Return everybody who begins the last arm of a chain."""
        own, settled, lost = self._crews[crew_key(chain[0].crew)]
        before = self.runs[key_of(chain[:-1])] if len(chain) > 1 else None
        reasons = dict(before.reasons if before else lost)
        begin = before.end if before else settled
        alive = [k for k in range(own.shape[1]) if k not in reasons]
        plans = [stops(taken(chain, k), self.model.network, own[:, k]) for k in alive]
        return Queue(begin[:, alive], own[:, alive], plans, alive, own.shape[1], reasons)

    def _solve(
        self,
        begin: Array,
        constants: Array,
        times: Array,
        plans: Sequence[Sequence[Stop]],
        rows: Sequence[str],
    ) -> tuple[Array, Array, dict[int, str]]:
        people, body = begin.shape[1], self.model.start().size
        values = np.empty((len(rows), times.size, people))
        end, failed = np.empty((body, people)), dict[int, str]()
        kept = [self.rows[name] for name in rows]
        for first in range(0, people, PEOPLE):
            part = slice(first, min(first + PEOPLE, people))
            run = solve(
                self.model.kernel,
                begin[:, part],
                constants[:, part],
                self.model.floors(),
                times,
                plans[part],
                self.options,
            )
            states = len(self.model.kernel.states)
            for i, row in enumerate(kept):
                values[i, :, part] = run.states[row] if row < states else run.derived[row - states]
            end[:, part] = run.end[:body]
            failed |= {first + f.person: f"{f.reason} on day {f.time / DAY:.3g}" for f in run.failures}
        return values, end, failed
