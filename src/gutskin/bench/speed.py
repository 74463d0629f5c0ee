"""What this engine alone does: code ready, people a second, share of what the processor can do."""

from __future__ import annotations

import time
from typing import Any

from gutskin.bench import flops
from gutskin.bench.cases import Case
from gutskin.bench.measure import USUAL, ours, timed, waited
from gutskin.bench.starts import code_starts
from gutskin.engine.fast import thread_count

TRIES = 3
MANY = 1000


def speed(case: Case, peak: float) -> dict[str, Any]:
    """Return figures of one case at the usual tolerance.

    Parameters
    ----------
    case
        Model and people.
    peak
        Operations a second that one core can do at best.
    """
    cold, warm = code_starts(case.kernel)
    threads, alone = thread_count(), case.part(1, case.days)
    assert case.plans  # made before the time counts
    assert alone.plans
    runs = [timed(lambda: ours(case, USUAL)) for _ in range(TRIES)]
    core = min(seconds for _, seconds in runs)
    wall = min(waited(lambda: ours(case, USUAL, threads)) for _ in range(TRIES))
    a_step, steps = flops.per_step(case.kernel), runs[0][0].steps
    done = a_step * steps / core
    return {
        "warm_s": warm, "cold_s": cold, "people_per_s": case.people / wall,
        "people_per_s_core": case.people / core, "failed": len(runs[0][0].failures),
        "one_person_s": min(waited(lambda: ours(alone, USUAL)) for _ in range(TRIES)),
        "steps_per_person": steps / case.people, "flop_per_step": a_step, "gflop_per_s": done / 1e9,
        "share_of_peak": done / peak,
    }  # fmt: skip


def many(case: Case) -> dict[str, Any]:
    """Return how long somebody waits for a thousand people on all cores [s], and how many of them failed."""
    assert case.plans
    begin = time.perf_counter()
    run = ours(case, USUAL, thread_count())
    return {"thousand_people_s": time.perf_counter() - begin, "thousand_failed": len(run.failures)}
