"""Run arms: each different one once, whoever asks for it, many people side by side.

Arms of all cases that begin at the same time and last equally long run in one call of the engine, so that
forty single people cost hardly more than a few. What an arm gives does not depend on its company.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from gutskin.daily import Diary
from gutskin.engine.outcome import Array, Options, Stop
from gutskin.errors import GutskinError, InputError
from gutskin.evidence.agree import agree
from gutskin.evidence.asked import grid, looking, quantities
from gutskin.evidence.case import Arm, Case, Crew
from gutskin.evidence.conduct import Queue, crew_key, key_of, members, taken
from gutskin.evidence.enrol import enrolled
from gutskin.evidence.everyday import Everyday, moved, settled
from gutskin.evidence.together import Crowd, run_free, run_shared
from gutskin.model import Model
from gutskin.protocol import stops
from gutskin.scenario import DAY

Tick = Callable[[float], None]


@dataclass(frozen=True)
class Run:
    """An arm that was run.

    ``courses`` quantity -> (T, P) at ``times`` (T,) [h]; ``reasons`` person -> why it failed; ``end`` (S, P).
    ``out`` are people who were not enrolled, in this arm or one before.
    """

    times: Array
    courses: Mapping[str, Array]
    reasons: Mapping[int, str]
    end: Array
    out: frozenset[int] = frozenset()

    @property
    def count(self) -> int:
        """How many people are in it."""
        return int(self.end.shape[1]) - len(self.out)


def check(model: Model, case: Case) -> None:
    """Find what stops a case from running before anything is run.

    Raises
    ------
    InputError
        E405 an unknown read-out, E406 units, E403 noise and shares, E233 and E202 a course that does not fit
        the model, E264, E260 people.
    """
    try:
        agree(case, looking(model))
        for arm in case.arms.values():
            stops(arm.courses, model.network, model.constants())
            members(model, replace(arm.crew, count=1))
    except GutskinError as error:
        place = f"{case.study}/{case.path.name}" + (f": {error.where}" if error.where else "")
        raise InputError(error.code, error.message, where=place, remedy=error.remedy) from error


class Laboratory:
    """Runs the arms of cases on a model and its variants, side by side; asked again it gives what it has.

    Parameters
    ----------
    model
        The model.
    options
        Solver settings.
    variants
        Models that differ in numbers only.
    shared
        Whether variants take the steps of the model, in settling too: for small changes, to be compared. Else
        everybody takes their own.

    Raises
    ------
    InputError
        E412 for a model with events.
    """

    def __init__(
        self,
        model: Model,
        options: Options | None = None,
        variants: Sequence[Model] = (),
        *,
        shared: bool = False,
    ) -> None:
        if model.kernel.events:
            remedy = "write what happens as courses of arms"
            raise InputError(
                "E412", "arms go on from each other, and events of a model happen once", remedy=remedy
            )
        self.models, self.options, self.shared = (model, *variants), options or Options(rtol=1e-4), shared
        self.results: list[dict[str, Run]] = [{} for _ in self.models]
        self._crews: list[dict[str, Everyday]] = [{} for _ in self.models]
        self._plans: dict[tuple[str, int, bytes], tuple[Stop, ...]] = {}
        self._diary, self._look = Diary(model), looking(model)
        self.rows = {name: i for i, name in enumerate((*model.kernel.states, *model.kernel.derived))}

    @property
    def model(self) -> Model:
        """The model itself."""
        return self.models[0]

    @property
    def runs(self) -> Mapping[str, Run]:
        """Arms of the model itself, by :func:`gutskin.evidence.conduct.key_of`."""
        return self.results[0]

    def run(self, cases: Iterable[Case], tick: Tick | None = None) -> None:
        """Run all arms of the cases that have not been run."""
        found: dict[str, list[Arm]] = {}
        wanted: dict[str, set[str]] = {}
        times: dict[str, set[float]] = {}
        for case in cases:
            for name in case.arms:
                key = key_of(case.chain(name))
                found.setdefault(key, case.chain(name))
                wanted.setdefault(key, set()).update(quantities(self.model, case, name))
                times.setdefault(key, set()).update(grid(case, name).tolist())
        todo = {key: chain for key, chain in found.items() if not self._has(key, wanted[key], times[key])}
        for key in todo.keys() & self.runs.keys():  # what it was asked for before is kept
            wanted[key] |= set(self.runs[key].courses)
            times[key] |= set(self.runs[key].times.tolist())
        self._settle([chain[0].crew for chain in todo.values()])
        for depth in range(1, max((len(c) for c in todo.values()), default=0) + 1):
            level = {key: chain for key, chain in todo.items() if len(chain) == depth}
            for days in sorted({chain[-1].days for chain in level.values()}):
                same = {key: chain for key, chain in level.items() if chain[-1].days == days}
                self._together(same, wanted, sorted(set().union(*(times[key] for key in same))))
                if tick:
                    tick(len(same) / len(todo))

    def _has(self, key: str, wanted: set[str], times: set[float]) -> bool:
        run = self.runs.get(key)
        return run is not None and wanted <= set(run.courses) and times <= set(run.times.tolist())

    def _settle(self, crews: Sequence[Crew]) -> None:
        """Find the everyday state of everybody who is not known yet."""
        new = {crew_key(crew): crew for crew in crews if crew_key(crew) not in self._crews[0]}
        if not new:
            return
        people = [{key: members(model, crew) for key, crew in new.items()} for model in self.models]
        if self.shared:
            first = settled(self.model, list(people[0].values()), self.options)
            found = moved(self.model, first, [list(each.values()) for each in people[1:]], self.options)
        else:
            crews = [own for each in people for own in each.values()]
            every = settled(self.model, crews, self.options)
            found = [every[k : k + len(new)] for k in range(0, len(every), len(new))]
        for crew, own in zip(self._crews, found, strict=True):
            crew.update(zip(new, own, strict=True))

    def _together(
        self, chains: Mapping[str, list[Arm]], wanted: Mapping[str, set[str]], hours: Sequence[float]
    ) -> None:
        """Run arms of equal length, everybody in one queue, variants behind whom they vary."""
        queues = [
            (v, key, self._queue(v, key, c)) for v in range(len(self.models)) for key, c in chains.items()
        ]
        names = sorted(set().union(*(wanted[key] for key in chains)))
        crowd = Crowd(
            np.concatenate([queue.begin for _, _, queue in queues], axis=1),
            np.concatenate([queue.constants for _, _, queue in queues], axis=1),
            [plan for _, _, queue in queues for plan in queue.plans],
            np.array(hours),
            [self.rows[name] for name in names],
        )
        base = sum(len(queue.alive) for v, _, queue in queues if v == 0)
        if self.shared:
            run = run_shared(self.model, crowd, self.options, base)
        else:
            run = run_free(self.model, crowd, self.options)
        first = 0
        for v, key, queue in queues:
            mine = slice(first, first + len(queue.alive))
            lost = {queue.alive[k - first]: why for k, why in run.failed.items() if first <= k < mine.stop}
            first = mine.stop
            courses = {
                n: queue.spread(run.values[i][:, mine]) for i, n in enumerate(names) if n in wanted[key]
            }
            reasons = {**queue.reasons, **lost}
            self.results[v][key] = Run(
                crowd.times, courses, reasons, queue.spread(run.end[:, mine]), queue.out
            )

    def _queue(self, v: int, key: str, chain: Sequence[Arm]) -> Queue:
        """Return everybody who begins the last arm of a chain; a shared variant has whom the model has."""
        everyday = self._crews[v][crew_key(chain[0].crew)]
        own, begin, reasons, gone = everyday.constants, everyday.states, everyday.reasons, everyday.reasons
        out = frozenset[int]()
        if len(chain) > 1:
            before, leads = key_of(chain[:-1]), self.results[0 if self.shared else v]
            begin, reasons = self.results[v][before].end, self.results[v][before].reasons
            gone, out = leads[before].reasons, self._out(chain, leads[before])
            reasons = {k: why for k, why in reasons.items() if k not in out}
        alive = [k for k in range(own.shape[1]) if k not in gone and k not in out]
        plans = self._stops(key, chain, own, alive)
        return Queue(begin[:, alive], own[:, alive], plans, alive, own.shape[1], reasons, out)

    def _out(self, chain: Sequence[Arm], before: Run) -> frozenset[int]:
        """Return who is not in the last arm of a chain: not enrolled, or failed before they could be."""
        condition = chain[-1].enrol
        if condition is None:
            return before.out
        fit = enrolled(condition, chain[-2], before.times, before.courses, self._look)
        return before.out | frozenset(np.flatnonzero(~fit).tolist())

    def _stops(
        self, key: str, chain: Sequence[Arm], own: Array, alive: Sequence[int]
    ) -> list[tuple[Stop, ...]]:
        """Return everybody's stops; variants who do not differ in what the arm holds share them.

        Days of a series are those of the person by number, counted from the first arm of the chain. A crew
        of one is the typical person, whose days are all usual.
        """
        arm, diary, like = chain[-1], self._diary, own
        if self.shared:
            like = self._crews[0][crew_key(chain[0].crew)].constants
        begin = DAY * sum(each.days for each in chain[:-1])
        unsteady = diary.unsteady(like) & (arm.crew.count > 1)
        targets = {effect.target for course in arm.courses for effect in course.treatment.effects}
        held = [i for i, each in enumerate(self.model.network.constants) if each.name in targets]
        held += [constant for _, constant, _ in diary.series]
        out = []
        for k in alive:
            luck = k if arm.adherence < 1.0 or unsteady[k] else -1
            said = (key, luck, own[held, k].tobytes() + like[diary.sizes, k].tobytes())
            if said not in self._plans:
                hours = arm.days * DAY if unsteady[k] else 0.0
                days = diary.own(own[:, k], arm.crew.seed, k, begin, hours, like[:, k]) if hours else ()
                self._plans[said] = stops(taken(chain, k), self.model.network, own[:, k], days)
            out.append(self._plans[said])
        return out
