"""What each level of optimisation costs and gives: the table of docs/decisions/0009.

    python tools/compile_levels.py [TIMES]

Everything is done TIMES times in turn (else 7), and the median and the least are printed: seconds of
processor and of the clock from the text of a kernel to code, of the clock to what the first person did in
90 days, and seconds of processor a person in a crowd. Two parts are compiled, one by one or side by side.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from statistics import median

import numpy as np

from gutskin.bench import Case, person_case, stress_case
from gutskin.engine import jit
from gutskin.engine.fast import solve_lanes
from gutskin.engine.outcome import Options

CROWD = 8
WAYS = ((2, 1), (2, 2), (1, 1), (1, 2), (0, 2))  # level, threads that compile


def run(case: Case, people: int) -> bytes:
    start = np.zeros((len(case.kernel.states), people))
    start[: case.start.size] = case.start[:, None]
    floors = np.append(case.floors, np.ones(len(case.kernel.tallies)))
    done = solve_lanes(
        case.kernel, start, case.constants[:, :people], floors, case.times, case.plans[:people],
        Options(rtol=1e-4), threads=1, raw=True,
    )  # fmt: skip
    return done.states.tobytes()


def once(case: Case, level: int, threads: int) -> tuple[tuple[float, ...], bytes]:
    """Return (processor and clock to code, clock to first result, processor a person), and the result."""
    jit.LEVEL, jit.ThreadPoolExecutor = level, lambda _: ThreadPoolExecutor(threads)
    jit.forget()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["GUTSKIN_CACHE"] = folder
        clock, used = time.perf_counter(), time.process_time()
        jit.load(case.kernel)
        ready = time.perf_counter() - clock, time.process_time() - used
        run(case, 1)
        first, used = time.perf_counter() - clock, time.process_time()
        said = run(case, CROWD)
    return (ready[1], ready[0], first, (time.process_time() - used) / CROWD), said


def main() -> None:
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    for case in (person_case(CROWD), stress_case("large", CROWD)):
        _ = case.plans
        seconds, said = defaultdict(list), set()
        for _ in range(times):
            for way in WAYS:
                figures, result = once(case, *way)
                seconds[way].append(figures)
                said.add(result)
        for (level, threads), rows in seconds.items():
            names = ("processor", "code", "first", "a person")
            columns = zip(names, zip(*rows, strict=True), strict=True)
            figures = [f"{name} {median(each):.4f} ({min(each):.4f})" for name, each in columns]
            print(f"{case.name:8s} level {level}, {threads} at a time: {', '.join(figures)}")
        print(f"{case.name:8s} {'the same bytes' if len(said) == 1 else 'NOT THE SAME BYTES'} at every level")


if __name__ == "__main__":
    main()
