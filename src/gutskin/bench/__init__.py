"""How fast: this engine against other solvers, in one run, at equal error.

Every person has their own constants and meal times: 90 days, four meals a day, states once a day. Errors are
relative to a run of this engine at a relative tolerance of 1e-10, which the tests check against independent
solvers; the 99.9th percentile over people, days and states counts.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from gutskin.bench.cases import DAYS, Case, person_case, stress_case
from gutskin.bench.measure import USUAL, errors, ours
from gutskin.bench.peers import MAIN, PEERS
from gutskin.bench.versus import Plan, Say, compare, headline

QUICK, FULL = "quick", "full"
MISSING, LEFT_OUT = "not installed", "left out"
CASES: dict[str, Callable[[int], Case]] = {
    "person": person_case,
    "small": partial(stress_case, "small"),
    "large": partial(stress_case, "large"),
}


def standing(asked: Sequence[str], *, quick: bool) -> dict[str, str]:
    """Return what becomes of every peer before anything runs: "" when it is run, or why it is not.

    Parameters
    ----------
    asked
        Names; with none, all, less the slow ones of a quick run.
    quick
        Whether this is a quick run.
    """
    found = {}
    for name, peer in PEERS.items():
        if asked and name not in asked:
            found[name] = LEFT_OUT
        elif not peer.installed:
            found[name] = MISSING
        else:
            found[name] = LEFT_OUT if quick and peer.slow and not asked else ""
    return found


def bench(
    people: int = 96, asked: Sequence[str] = (), *, quick: bool = False, rounds: int = 1, say: Say = print
) -> dict[str, Any]:
    """Measure all models.

    Parameters
    ----------
    people
        How many people each model runs.
    asked
        Peers by name; with none, all that are installed, less the slow ones of a quick run.
    quick
        Give peers less to do, and leave out the thousand people.
    rounds
        How often everything is run in turns; the least time counts.
    say
        Gets a line of text when something begins.

    Returns
    -------
    dict
        What ``gutskin bench --json`` prints; ``docs/usage.md`` tells what stands where.
    """
    from gutskin.bench import flops, speed, starts
    from gutskin.bench.serve import environment
    from gutskin.engine.fast import thread_count

    told = standing(asked, quick=quick)
    plan = Plan(tuple(name for name, why in told.items() if not why), quick, rounds, 60.0 if quick else 900.0)
    say("starting afresh")
    found: dict[str, Any] = {"models": {}, "kind": QUICK if quick else FULL, "rtol": USUAL}
    found |= {"threads": thread_count(), "lanes": _lanes()}
    peak = flops.peak(found["lanes"])
    found["peak_gflop_per_s"] = peak / 1e9
    with tempfile.TemporaryDirectory() as folder, environment(GUTSKIN_CACHE=folder):
        found |= starts.load_starts(folder)
        for name, make in CASES.items():
            case = make(people)
            say(f"{name}: {case.start.size} states, {people} people, {DAYS} days")
            entry = {"states": case.start.size, "people": people, "days": case.days}
            measured = compare(case, plan, say)
            ratio, error = headline(measured["rows"], MAIN)
            entry |= {"ratio_vs_libroadrunner": ratio, "p99_9_error": error, **speed.speed(case, peak)}
            entry |= {"thousand_people_s": None} if quick else speed.many(make(speed.MANY))
            found["models"][name] = entry | measured
        found["memory_mib"] = starts.crowd_memory(people)  # when nothing is left to compile
    found["peers"] = {
        name: why or ", ".join(sorted({e["peers"][name]["status"] for e in found["models"].values()}))
        for name, why in told.items()
    }
    return found


def _lanes() -> int:
    import llvmlite.binding as llvm

    from gutskin.engine.jit import lane_width

    return lane_width(llvm.get_host_cpu_features().flatten())


__all__ = [
    "DAYS", "PEERS", "Case", "Plan", "bench", "compare", "errors", "ours", "person_case", "standing",
    "stress_case",
]  # fmt: skip
