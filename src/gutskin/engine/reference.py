"""The reference: people one by one, with the integrators of SciPy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from gutskin.engine.methods import METHODS
from gutskin.engine.outcome import Array, Code, Failure, Options, Stop, Trajectory
from gutskin.kernel import Kernel

Progress = Callable[[float], None]


class Stuck(Exception):
    """A run cannot go on; carried to the person's failure."""

    def __init__(self, code: Code, reason: str, time: float, state: str = "") -> None:
        super().__init__(reason)
        self.code, self.reason, self.time, self.state = code, reason, time, state


class Person:
    """One person's run: state, constants and the recorded outputs."""

    def __init__(
        self, kernel: Kernel, start: Array, constants: Array, floors: Array, options: Options
    ) -> None:
        import numpy as np

        self.kernel, self.options, self.steps = kernel, options, 0
        self.state, self.constants = np.array(start, float), np.array(constants, float)
        self.floors = floors
        self.size = len(kernel.states)
        self.still = kernel.scalar.prepare(self.constants.tolist())

    def _arithmetic(self, compute: Callable[..., Any], state: Array, *more: Any) -> Any:
        import numpy as np

        try:
            return compute(state.tolist(), self.still, *more)
        except ArithmeticError:
            return np.full(self.size, np.nan)

    def stop(self, stop: Stop) -> None:
        """Apply a stop; tallies take what a dose brings or a wash removes."""
        before = self.state.copy()
        for index, value in stop.set:
            self.constants[index] = value
        if stop.set:
            self.still = self.kernel.scalar.prepare(self.constants.tolist())
        for index, value in stop.scale:
            self.state[index] *= value
        for index, value in stop.add:
            self.state[index] += value
        first = self.size - len(self.kernel.tallies)
        for row, content in enumerate(self.kernel.content):
            self.state[first + row] -= sum(
                c * d for c, d in zip(content, self.state - before, strict=True) if c
            )

    def advance(self, time: float, end: float, times: Array, record: Callable[[int, Array], None]) -> None:
        """Integrate from ``time`` to ``end`` [h], recording at the indices of ``times`` in (time, end]."""
        import numpy as np

        rates, jacobian, empty = (
            self.kernel.scalar.rates,
            self.kernel.scalar.jacobian,
            np.zeros((self.size, self.size)),
        )

        def derivative(_: float, y: Array) -> Array:
            return np.asarray(self._arithmetic(rates, y))

        def slopes(at: float, y: Array) -> Array:
            matrix = self._arithmetic(jacobian, y, empty.copy())
            if not np.isfinite(matrix).all():
                raise Stuck(Code.NOT_FINITE, "a rate became infinite or undefined", at)
            return matrix

        if not np.isfinite(self.state).all():
            worst = self.kernel.states[int(np.argmin(np.isfinite(self.state)))]
            raise Stuck(Code.NOT_FINITE, f"{worst} became infinite or undefined", time, worst)
        open_method = METHODS[self.options.method]
        tolerance = self.floors * self.options.floor_share
        run = open_method(derivative, slopes, time, self.state, end, self.options.rtol, tolerance)
        first, last = np.searchsorted(times, time, "right"), np.searchsorted(times, end, "right")
        while run.status == "running":
            message = self._step(run)
            self.steps += 1
            self._guard(run, message)
            due = np.searchsorted(times, run.t, "right")
            if due > first:
                dense = run.dense_output()
                for index in range(first, min(due, last)):
                    record(index, run.y if times[index] == run.t else dense(times[index]))
                first = due
        self.state = np.array(run.y)

    def _step(self, run: Any) -> str | None:
        """Take a step; SciPy raises when it meets what is undefined in a matrix."""
        try:
            message: str | None = run.step()
        except ValueError as error:
            raise Stuck(Code.NOT_FINITE, f"a rate became infinite or undefined ({error})", run.t) from error
        return message

    def _guard(self, run: Any, message: str | None) -> None:
        import numpy as np

        names = self.kernel.states
        if not np.all(np.isfinite(run.y)):
            worst = names[int(np.argmin(np.isfinite(run.y)))]
            raise Stuck(Code.NOT_FINITE, f"{worst} became infinite or undefined", run.t, worst)
        if run.status == "failed":
            raise Stuck(Code.STEP_COLLAPSED, f"the step collapsed: {message}", run.t)
        body = self.size - len(self.kernel.tallies)
        below = run.y[:body] < -self.floors[:body]
        if below.any():
            worst = names[int(np.argmax(below))]
            raise Stuck(Code.NEGATIVE, f"{worst} fell below zero", run.t, worst)
        if self.steps > self.options.max_steps:
            raise Stuck(Code.TOO_MANY_STEPS, f"more than {self.options.max_steps} steps", run.t)


def _segments(stops: Sequence[Stop], start: float, end: float) -> list[tuple[float, list[Stop], float]]:
    """Return (from, stops at that time, to) pieces covering start to end; stops at the end do not count."""
    marks = sorted({start, end, *(s.time for s in stops if start <= s.time < end)})
    at = {mark: [s for s in stops if s.time == mark < end] for mark in marks}
    ends = [*marks[1:], end]
    return [(mark, at[mark], ends[i]) for i, mark in enumerate(marks)]


def run_person(
    person: Person, times: Array, stops: Sequence[Stop], out: Array, number: int, tick: Progress | None
) -> Failure | None:
    """Run one person over ``times`` [h] into ``out`` (S, T); NaN after a failure."""
    import numpy as np

    def record(index: int, state: Array) -> None:
        out[:, index] = state

    out[:] = np.nan
    record(0, person.state)
    try:
        for begin, due, end in _segments(stops, float(times[0]), float(times[-1])):
            for stop in due:
                person.stop(stop)
            if end > begin:
                with np.errstate(all="ignore"):  # what overflows is caught as a failure
                    person.advance(begin, end, times, record)
            if tick:
                tick(end - begin)
    except Stuck as stuck:
        out[:, np.searchsorted(times, stuck.time, "left") :] = np.nan
        return Failure(number, stuck.code, stuck.reason, float(stuck.time), stuck.state)
    return None


def one_by_one(
    kernel: Kernel,
    start: Array,
    constants: Array,
    floors: Array,
    times: Array,
    plans: Sequence[Sequence[Stop]],
    options: Options,
    tick: Progress | None = None,
) -> Trajectory:
    """Run everybody with a reference method; as :func:`gutskin.engine.solve.solve`."""
    import numpy as np

    people = start.shape[1]
    states = np.full((len(kernel.states), times.size, people), np.nan)
    derived = np.full((len(kernel.derived), times.size, people), np.nan)
    end = np.full((len(kernel.states), people), np.nan)
    failures, steps = [], 0
    for k in range(people):
        person = Person(kernel, start[:, k], constants[:, k], floors, options)
        failure = run_person(person, times, plans[k], states[:, :, k], k, tick)
        _silence(states[: len(kernel.states) - len(kernel.tallies), :, k], floors)
        derived[:, :, k] = observe(kernel, states[:, :, k], constants[:, k], times, plans[k])
        failures += [failure] if failure else []
        end[:, k] = np.nan if failure else person.state
        steps += person.steps
    codes = np.zeros(people, int)
    for failure in failures:
        codes[failure.person] = failure.code
    return Trajectory(times, states, derived, codes, tuple(failures), steps, end=end)


def _silence(states: Array, floors: Array) -> None:
    """Report as 0 what lies below the size at which a state means something (an absent population)."""
    import numpy as np

    states[np.abs(states) < floors[: len(states), None]] = 0.0


def observe(kernel: Kernel, states: Array, constants: Array, times: Array, stops: Sequence[Stop]) -> Array:
    """Return derived quantities (D, T) of one person, with constants as they were just before each time."""
    import numpy as np

    out = np.full((len(kernel.derived), times.size), np.nan)
    current = np.array(constants, float)
    marks = sorted({s.time for s in stops if s.set})
    edges = [-np.inf, *marks, np.inf]
    for k in range(len(edges) - 1):
        for stop in stops:
            if stop.time == edges[k]:
                for index, value in stop.set:
                    current[index] = value
        chosen = (times > edges[k]) & (times <= edges[k + 1])
        if chosen.any() and len(kernel.derived):
            with np.errstate(all="ignore"):
                values = kernel.vector.observe(states[:, chosen], kernel.vector.prepare(current))
            out[:, chosen] = np.vstack([np.broadcast_to(v, chosen.sum()) for v in values])
    return out
