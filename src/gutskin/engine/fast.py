"""Integrate many people at once: people in the lanes of vectors, threads over a shared queue of people."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from gutskin.engine import driver, jit
from gutskin.engine.outcome import Array, Code, Failure, Options, Stop, Trajectory
from gutskin.kernel import Kernel

Progress = Callable[[float], None]

GLANCE = 0.05  # seconds between looks at how far the threads are
REASONS = {
    Code.NOT_FINITE: "{state} became infinite or undefined",
    Code.NEGATIVE: "{state} fell below zero",
    Code.STEP_COLLAPSED: "the step collapsed",
    Code.TOO_MANY_STEPS: "more than {limit} steps",
}


def thread_count() -> int:
    """Return how many threads to use: ``GUTSKIN_THREADS``, or all processors this process may use."""
    chosen = os.environ.get("GUTSKIN_THREADS", "")
    if chosen.isdigit() and int(chosen) > 0:
        return int(chosen)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True)
class Tape:
    """Steps that people took, to be recorded or replayed.

    ``lengths`` of accepted steps [h], everybody's in one row; ``first`` (P,) is where each person's begin.
    """

    mode: int
    lengths: Array
    first: Array

    @classmethod
    def blank(cls, people: int, room: int) -> Tape:
        """Return a tape to record on, with room for so many steps a person."""
        import numpy as np

        return cls(driver.RECORD, np.empty(people * room), np.arange(people) * room)

    def of(self, people: Sequence[int]) -> Tape:
        """Return the steps of these people, to be replayed: the first new person takes those of the first."""
        import numpy as np

        return Tape(driver.REPLAY, self.lengths, self.first[np.asarray(people, np.int64)])


class _Job:
    """All arrays of one call, shared by its threads; they must outlive the threads."""

    def __init__(
        self,
        code: jit.Code,
        kernel: Kernel,
        start: Array,
        constants: Array,
        floors: Array,
        times: Array,
        plans: Sequence[Sequence[Stop]],
        options: Options,
        shown: Array,
        tape: Tape,
    ) -> None:
        import numpy as np

        self.code, self.kernel = code, kernel
        people, body = start.shape[1], code.shape.body
        wholes = np.int64
        self.fields: dict[str, Any] = {
            "width": code.width, "states": code.shape.states, "body": body,
            "constants": len(kernel.constants),
            "derived": len(kernel.derived), "tallies": len(kernel.tallies), "people": people,
            "outputs": times.size, "max_steps": options.max_steps, "time": np.array(times, float),
            "start": np.ascontiguousarray(start.T), "constant": np.ascontiguousarray(constants.T),
            "content": np.array(kernel.content, float).ravel(),
            "limits": np.concatenate([[options.rtol], floors[:body] * options.floor_share, floors[:body],
            shown[:body]]),
            "out_states": np.empty((people, times.size, code.shape.states)),
            "out_derived": np.empty((people, times.size, len(kernel.derived))),
            "out_end": np.empty((people, code.shape.states)), "code": np.zeros(people, wholes),
            "failed_at": np.full(people, np.nan),
            "failed_state": np.full(people, -1, wholes), "steps": np.zeros(people, wholes),
            "mode": tape.mode, "tape": tape.lengths, "tape_first": tape.first,
            "queue": np.zeros(1, wholes), "halt": np.zeros(1, wholes), **_plan(plans),
        }  # fmt: skip

    def record(self) -> tuple[Array, dict[str, Any]]:
        """Return the record of one thread, as the driver reads it, and the arrays it points to."""
        import numpy as np

        shape, width = self.code.shape, self.code.width
        lengths = {
            "p": len(self.kernel.constants), "q": self.kernel.lanes.hoisted, "y": shape.states,
            "next": shape.states, "between": shape.states, "observed": len(self.kernel.derived),
            "work": shape.work, "inverse": 1, "guessed": 1, "verdict": 3, "mask": 1, "share": 1,
            "t": 1, "h": 1, "tried": 1, "goal": 1, "remembered": self.fields["kinds"],
        }  # fmt: skip
        own: dict[str, Any] = {name: _aligned(length * width) for name, length in lengths.items()}
        own["done"] = np.zeros(2)
        slots = []
        for field in driver.Run.__dataclass_fields__:
            if field not in self.fields and field not in own:
                own[field] = np.zeros(width, np.int64)
            value = own[field] if field in own else self.fields[field]
            slots.append(value if isinstance(value, int) else value.ctypes.data)
        return np.array(slots, np.int64), own

    def run(self, threads: int, tick: Progress | None) -> int:
        """Work through everybody; return the number of steps tried. An interrupt stops all threads."""
        records = [
            self.record() for _ in range(max(1, min(threads, -(-self.fields["people"] // self.code.width))))
        ]
        if len(records) == 1 and tick is None:
            self.code.drive(records[0][0].ctypes.data)
        else:
            self._spread(records, tick)
        return int(sum(own["done"][1] for _, own in records))

    def _spread(self, records: Sequence[tuple[Array, dict[str, Any]]], tick: Progress | None) -> None:
        crew = [threading.Thread(target=self.code.drive, args=(slots.ctypes.data,)) for slots, _ in records]
        told = 0.0
        try:
            for each in crew:
                each.start()
            working = True
            while working:
                working = False
                for each in crew:
                    each.join(GLANCE)
                    working |= each.is_alive()
                hours = float(sum(own["done"][0] for _, own in records))
                if tick and hours > told:
                    tick(hours - told)
                    told = hours
        finally:
            self.fields["halt"][0] = 1
            for each in crew:
                each.join()


def _aligned(length: int) -> Array:
    """Return zeros that begin at a multiple of 64 bytes."""
    import numpy as np

    room = np.zeros(length + 8)
    first = (-room.ctypes.data % 64) // 8
    return room[first : first + length]


def _plan(plans: Sequence[Sequence[Stop]]) -> dict[str, Any]:
    """Return everybody's stops as arrays.

    Equal stops share one list of actions. A kind of stop is what it acts on, numbered in each person's own
    order, so that it says nothing of others.
    """
    import numpy as np

    first, begins = [0], [0]
    stops: list[tuple[float, int, int]] = []  # time, kind, list of actions
    known: dict[Any, tuple[int, Any]] = {}  # what is done -> number of its list, what it acts on
    actions: list[tuple[int, int, float]] = []
    most = 1
    read: dict[int, tuple[Any, slice]] = {}  # plans that several people share are read once
    for plan in plans:
        if id(plan) in read:
            stops += stops[read[id(plan)][1]]
            first.append(len(stops))
            continue
        own: dict[Any, int] = {}
        for stop in sorted(plan, key=attrgetter("time")):
            done = (stop.set, stop.scale, stop.add)
            found = known.get(done)
            if found is None:
                found = known[done] = len(known), tuple(tuple(index for index, _ in part) for part in done)
                actions += [(what, index, amount) for what, part in enumerate(done) for index, amount in part]
                begins.append(len(actions))
            stops.append((stop.time, own.setdefault(found[1], len(own)), found[0]))
        read[id(plan)] = plan, slice(first[-1], len(stops))
        first.append(len(stops))
        most = max(most, len(own))
    whole = np.int64
    stops.append((0.0, 0, 0))  # so that no array is empty
    actions.append((0, 0, 0.0))
    return {
        "stop_first": np.array(first, whole), "stop_time": np.array([s[0] for s in stops]), "kinds": most,
        "stop_kind": np.array([s[1] for s in stops], whole),
        "stop_list": np.array([s[2] for s in stops], whole),
        "action_first": np.array(begins, whole), "action_what": np.array([a[0] for a in actions], whole),
        "action_where": np.array([a[1] for a in actions], whole),
        "action_amount": np.array([a[2] for a in actions]),
    }  # fmt: skip


def solve_lanes(
    kernel: Kernel,
    start: Array,
    constants: Array,
    floors: Array,
    times: Array,
    plans: Sequence[Sequence[Stop]],
    options: Options,
    tick: Progress | None = None,
    *,
    threads: int | None = None,
    width: int | None = None,
    raw: bool = False,
    tape: Tape | None = None,
) -> Trajectory:
    """Integrate every person; as :func:`gutskin.engine.solve.solve`, with start and floors of tallies given.

    Parameters
    ----------
    kernel, start, constants, floors, times, plans, options, tick
        As there; one plan a person.
    threads
        Number of threads; by default :func:`thread_count`.
    width
        Number of lanes; by default what the processor has. Neither changes a bit of the result.
    raw
        Show states below their floors as they are, not as 0.
    tape
        Steps to record, or to take instead of choosing them by their errors. Stops of who replays must be at
        the times at which those of the recorded person were.
    """
    import numpy as np

    shown = floors * (0.0 if raw else 1.0)
    tape = tape or Tape(driver.FREE, np.empty(0), np.empty(0, np.int64))
    job = _Job(jit.load(kernel, width), kernel, start, constants, floors, times, plans, options, shown, tape)
    tried = job.run(threads or thread_count(), tick)
    failures = tuple(_failures(job, options))
    states, derived = job.fields["out_states"], job.fields["out_derived"]
    for failure in failures:
        late = times >= failure.time
        states[failure.person, late] = float("nan")
        derived[failure.person, late] = float("nan")
        job.fields["out_end"][failure.person] = float("nan")
    return Trajectory(
        times, states.transpose(2, 1, 0), derived.transpose(2, 1, 0), job.fields["code"], failures, tried,
        end=job.fields["out_end"].T,
    )  # fmt: skip


def _failures(job: _Job, options: Options) -> list[Failure]:
    out = []
    for person in job.fields["code"].nonzero()[0].tolist():
        code, where = Code(int(job.fields["code"][person])), int(job.fields["failed_state"][person])
        state = job.kernel.states[where] if where >= 0 else ""
        reason = REASONS[code].format(state=state, limit=options.max_steps)
        out.append(Failure(person, code, reason, float(job.fields["failed_at"][person]), state))
    return out
