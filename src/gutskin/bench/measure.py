"""Running a case with this engine, time and error."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from gutskin.bench.cases import Case
from gutskin.engine.outcome import Array, Options, Trajectory

SIGNIFICANT = 1e-3  # share of a state's largest value below which its error is not relative any more
OURS = (1e-3, 1e-4, 1e-5, 1e-6)
USUAL = 1e-4  # relative tolerance of everything that is told at one only
REFERENCE, REFERENCE_SHARE = 1e-10, 1e-6
NEARLY, FOLLOWED = (
    1e-8,
    2e-6,
)  # at the first tolerance anybody whom a solver can follow has less error than this


@dataclass(frozen=True)
class Row:
    """One measurement of ``people`` over ``days``.

    ``seconds`` of one core a person (the least of all rounds) and the 99.9th percentile of the ``error``; or
    why there are none. ``ratio`` is seconds over those of this engine at the same error for the same days;
    ``least`` what it is at least where this engine, run as loosely as it may, is never that far off.
    """

    engine: str
    rtol: float
    people: int
    days: int
    seconds: float | None = None
    error: float | None = None
    ratio: float | None = None
    least: float | None = None
    failure: str = ""


def options(rtol: float) -> Options:
    """Return the settings at a tolerance: below the usual one absolute tolerances shrink with it."""
    share = Options().floor_share
    return Options(rtol=rtol, floor_share=min(share, share * rtol / USUAL))


def ours(case: Case, rtol: float, threads: int = 1, settings: Options | None = None) -> Trajectory:
    """Run everybody."""
    import numpy as np

    from gutskin.engine.fast import solve_lanes

    begin = np.zeros((len(case.kernel.states), case.people))
    begin[: case.start.size] = case.start[:, None]
    floors = np.concatenate([case.floors, np.ones(len(case.kernel.tallies))])
    return solve_lanes(
        case.kernel, begin, case.constants, floors, case.times, case.plans, settings or options(rtol),
        threads=threads, raw=True,
    )  # fmt: skip


def reference(case: Case, rtol: float = REFERENCE) -> Array:
    """Return everybody's states (S, T, P) at the tolerance that errors are measured against.

    Raises
    ------
    ArithmeticError
        When somebody's run fails; there is nothing to measure against then.
    """
    run = ours(case, rtol, settings=Options(rtol=rtol, floor_share=REFERENCE_SHARE))
    for failure in run.failures:
        raise ArithmeticError(f"{case.name}: no reference for person {failure.person}: {failure.reason}")
    return run.states[: case.start.size]


def strayed(case: Case, truth: Array) -> list[float]:
    """Return everybody's error at a tolerance a little looser than the reference's.

    Where it is large the person's days depend on the last digits (an oscillation that is late by a day is all
    wrong), no solver can follow them at a usual tolerance, and equal errors mean nothing.
    """
    states = reference(case, NEARLY)
    return [errors(states[:, :, [k]], truth[:, :, [k]], case.floors) for k in range(case.people)]


def errors(states: Array, truth: Array, floors: Array) -> float:
    """Return the 99.9th percentile of the error of (S, T, P) arrays over people, days and states."""
    import numpy as np

    small = np.maximum(SIGNIFICANT * np.abs(truth).max(axis=(1, 2)), floors)
    scale = np.abs(truth) + small[:, None, None]
    return float(np.quantile(np.abs(states - truth)[:, 1:] / scale[:, 1:], 0.999))


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """Return the result and the seconds of processor time; other load on the machine does not count."""
    begin = time.process_time()
    result = work()
    return result, time.process_time() - begin


def waited(work: Callable[[], Any]) -> float:
    """Return the seconds that somebody waits."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def seconds_at(points: Sequence[tuple[float, float]], error: float) -> float | None:
    """Return seconds at an error, on the line through (error, seconds) in logarithms; None outside of it."""
    import numpy as np

    known = sorted((np.log(e), np.log(s)) for e, s in points)
    at = np.log(error)
    if not known or not known[0][0] <= at <= known[-1][0]:
        return None
    return float(np.exp(np.interp(at, [p[0] for p in known], [p[1] for p in known])))
