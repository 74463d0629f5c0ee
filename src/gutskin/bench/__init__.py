"""How fast: this engine against libroadrunner, in one run, at equal error.

Every person has their own constants and meal times: 90 days, four meals a day, states once a day. Errors are
relative to a run of this engine at a relative tolerance of 1e-10, which the tests check against independent
solvers; the 99.9th percentile over people, days and states counts.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property, partial
from typing import Any

from gutskin.bench.peer import Peer, to_sbml
from gutskin.engine.outcome import Array, Options, Stop
from gutskin.kernel import Kernel
from gutskin.network import Network

DAYS = 90
SIGNIFICANT = 1e-3  # share of a state's largest value below which its error is not relative any more
OURS, THEIRS = (1e-3, 1e-4, 1e-5, 1e-6), (1e-4, 1e-6)
REFERENCE = 1e-10


@dataclass(frozen=True)
class Case:
    """A model with people: numbers, meals and their times."""

    name: str
    network: Network
    kernel: Kernel
    start: Array  # (S,)
    constants: Array  # (K, P)
    floors: Array  # (S,)
    day: float  # in the time unit of the model
    meals: tuple[dict[str, str], ...]  # per meal: state -> constant that is the amount
    meal_times: Array  # (meals, P) in the first day

    @cached_property
    def plans(self) -> list[list[Stop]]:
        """Everybody's stops."""
        states = {name: k for k, name in enumerate(self.network.states)}
        names = [each.name for each in self.network.constants]
        out = []
        for person in range(self.constants.shape[1]):
            plan = []
            for k, meal in enumerate(self.meals):
                adds = tuple(
                    (states[s], float(self.constants[names.index(c), person])) for s, c in meal.items()
                )
                first = float(self.meal_times[k, person])
                plan += [Stop(first + d * self.day, add=adds) for d in range(DAYS)]
            out.append(sorted(plan, key=lambda each: each.time))
        return out

    @property
    def times(self) -> Array:
        """Output times: once a day."""
        import numpy as np

        return np.arange(DAYS + 1) * self.day


@dataclass(frozen=True)
class Row:
    """One measurement: seconds of one core a person, and the 99.9th percentile of the error."""

    engine: str
    rtol: float
    seconds: float
    error: float


def stress_case(name: str, people: int, seed: int = 1) -> Case:
    """Return the synthetic model ``large`` or ``small``."""
    import numpy as np

    from gutskin.bench.stress import MEALS, stress
    from gutskin.compile.source import build_kernel

    made = stress(large=name == "large")
    network, values = made.network, np.array(list(made.values.values()))
    start = np.array([q.start for q in network.quantities if q.kind in ("species", "rate")], float)
    shapes = [
        each.startswith(("middle", "steep", "base", "acid")) or each.endswith("_n") for each in made.values
    ]
    floors = np.maximum(1e-3 * np.abs(start), 1e-3)
    meals = tuple(dict(meal) for meal in made.meals)
    constants, times = _people(values, np.array(shapes), np.array(MEALS), 1.0, people, seed)
    return Case(name, network, build_kernel(network), start, constants, floors, 1.0, meals, times)


def person_case(people: int, seed: int = 1) -> Case:
    """Return the model of the library; each meal raises what is first in the row of states."""
    import numpy as np

    from gutskin.bench.stress import MEALS
    from gutskin.model import load
    from gutskin.network import Constant

    model = load()
    names = list(model.network.states)[:6]
    extra = [Constant(f"meal_{k}_{name}", "", "mmol") for k in range(len(MEALS)) for name in names]
    network = replace(model.network, constants=(*model.network.constants, *extra))
    amounts = np.concatenate(
        [(1 + k) * np.maximum(model.start()[: len(names)], 1.0) for k in range(len(MEALS))]
    )
    values = np.concatenate([model.constants(), amounts])
    from gutskin.compile.source import build_kernel

    constants, times = _people(
        values, np.ones(values.size, bool), np.array(MEALS) * 24, 24.0, people, seed, 0.1
    )
    meals = tuple({name: f"meal_{k}_{name}" for name in names} for k in range(len(MEALS)))
    return Case(
        model.name,
        network,
        build_kernel(network),
        model.start(),
        constants,
        model.floors(),
        24.0,
        meals,
        times,
    )


def _people(
    values: Array, shapes: Array, meals: Array, day: float, people: int, seed: int, shape_spread: float = 0.02
) -> tuple[Array, Array]:
    """Return constants (K, P), the first person's as they are, and meal times (meals, P)."""
    import numpy as np

    random = np.random.default_rng(seed)
    spread = np.where(shapes, shape_spread, 0.25)[:, None]
    factors = np.exp(spread * random.standard_normal((values.size, people)) - spread**2 / 2)
    factors[:, 0] = 1.0
    return values[:, None] * factors, meals[:, None] + random.uniform(-0.03, 0.03, (meals.size, people)) * day


def _errors(states: Array, truth: Array, floors: Array) -> float:
    """Return the 99.9th percentile of the error of (S, T, P) arrays."""
    import numpy as np

    small = np.maximum(SIGNIFICANT * np.abs(truth).max(axis=(1, 2)), floors)
    scale = np.abs(truth) + small[:, None, None]
    return float(np.quantile(np.abs(states - truth)[:, 1:] / scale[:, 1:], 0.999))


def _timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """Return the result and the seconds of processor time; other load on the machine does not count."""
    begin = time.process_time()
    result = work()
    return result, time.process_time() - begin


def _ours(case: Case, rtol: float, people: int, threads: int = 1) -> Any:
    import numpy as np

    from gutskin.engine.fast import solve_lanes

    begin = np.zeros((len(case.kernel.states), people))
    begin[: case.start.size] = case.start[:, None]
    floors = np.concatenate([case.floors, np.ones(len(case.kernel.tallies))])
    return solve_lanes(
        case.kernel, begin, case.constants[:, :people], floors, case.times, case.plans[:people],
        Options(rtol=rtol), threads=threads, raw=True,
    )  # fmt: skip


def _theirs(case: Case, peer: Peer, rtol: float, people: int) -> Array:
    import numpy as np

    constants, meals = case.constants, case.meal_times
    runs = [
        peer.states(case.times, constants[:, k], meals[:, k], rtol, rtol * SIGNIFICANT) for k in range(people)
    ]
    return np.stack(runs, axis=2)


def compare(case: Case, peers: int = 4, say: Callable[[str], None] = print) -> dict[str, Any]:
    """Measure one case; return its entry of the JSON.

    Parameters
    ----------
    case
        Model and people.
    peers
        How many of the people libroadrunner runs.
    say
        Gets a line of text for every measurement.
    """
    body, people = case.start.size, case.constants.shape[1]
    cold, warm = _starts(case)
    say(f"{case.name:8s} {body} states, {people} people, {sum(map(len, case.plans)) / people:.0f} meals each")
    truth = _ours(case, REFERENCE, peers).states[:body]
    rows = []
    for rtol in OURS:
        run, seconds = _timed(partial(_ours, case, rtol, people))
        rows.append(
            Row("gutskin", rtol, seconds / people, _errors(run.states[:body, :, :peers], truth, case.floors))
        )
        say(_line(case, rows[-1], f"{run.steps / people:.0f} steps, {len(run.failures)} failed"))
    peer = Peer(case.network, to_sbml(case.network, case.start, case.constants[:, 0], case.meals, case.day))
    for rtol in THEIRS:
        states, seconds = _timed(partial(_theirs, case, peer, rtol, peers))
        rows.append(Row("libroadrunner", rtol, seconds / peers, _errors(states, truth, case.floors)))
        say(_line(case, rows[-1], ""))
    return _entry(case, rows, cold, warm, say)


def _line(case: Case, row: Row, more: str) -> str:
    said = f"{case.name:8s} {row.engine:14s} rtol {row.rtol:.0e}: {row.seconds:8.4f} s/person"
    return f"{said}, p99.9 error {row.error:.1e} {more}"


def _at_error(rows: Sequence[Row], error: float) -> float:
    """Return seconds a person at an error, on the line through the measured points in logarithms."""
    import numpy as np

    points = sorted((np.log(row.error), np.log(row.seconds)) for row in rows)
    return float(np.exp(np.interp(np.log(error), [p[0] for p in points], [p[1] for p in points])))


def _entry(
    case: Case, rows: list[Row], cold: float, warm: float, say: Callable[[str], None]
) -> dict[str, Any]:
    from gutskin.engine.fast import thread_count

    ours = [row for row in rows if row.engine == "gutskin"]
    ratios = {}
    for row in rows:
        if row.engine != "gutskin" and min(r.error for r in ours) <= row.error <= max(r.error for r in ours):
            ratios[row.error] = row.seconds / _at_error(ours, row.error)
            said = f"{case.name:8s} at p99.9 error {row.error:.1e}, on one core:"
            say(f"{said} {ratios[row.error]:.1f} times libroadrunner")
    error = max(ratios) if ratios else float("nan")
    people, threads = case.constants.shape[1], thread_count()
    begin = time.perf_counter()
    _ours(case, 1e-4, people, threads)
    wall = time.perf_counter() - begin
    one = 1 / next(row.seconds for row in ours if row.rtol == 1e-4)
    speed = f"{one:.0f} people/s on one core, {people / wall:.0f} on {threads}"
    say(f"{case.name:8s} code ready cold {cold:.2f} s, warm {warm:.3f} s; {speed}")
    return {
        "states": case.start.size, "ratio_vs_libroadrunner": ratios.get(error), "p99_9_error": error,
        "warm_s": warm, "cold_s": cold, "people_per_s": people / wall, "people_per_s_core": one,
        "rows": [asdict(row) for row in rows],
        "ratios": [{"p99_9_error": e, "ratio": r} for e, r in ratios.items()],
    }  # fmt: skip


def _starts(case: Case) -> tuple[float, float]:
    """Return seconds to machine code with an empty cache, and with the object on disk."""
    import os
    import tempfile

    from gutskin.engine import jit

    before = os.environ.get("GUTSKIN_CACHE")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["GUTSKIN_CACHE"] = folder
        try:
            seconds = []
            for _ in range(2):
                jit.forget()
                begin = time.perf_counter()
                jit.load(case.kernel)
                seconds.append(time.perf_counter() - begin)
        finally:
            if before is None:
                del os.environ["GUTSKIN_CACHE"]
            else:
                os.environ["GUTSKIN_CACHE"] = before
    return seconds[0], seconds[1]


def bench(people: int = 32, peers: int = 4, say: Callable[[str], None] = print) -> dict[str, Any]:
    """Measure all models; return ``{"models": {name: figures}, "memory_mib": peak}``."""
    import resource

    cases = [person_case(people), stress_case("small", people), stress_case("large", people)]
    models = {case.name: compare(case, peers, say) for case in cases}
    return {"models": models, "memory_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}
