"""Which state is to blame for a step that failed; a part of :mod:`gutskin.engine.driver`."""

from __future__ import annotations

from gutskin.engine.record import Run


def undefined(run: Run, lane: int) -> int:
    """Return the first state whose rate at the beginning of the step is no number, or -1."""
    for i in range(run.body):
        rate = run.work[i * run.width + lane]
        if not abs(rate) < 1e300:
            return i
    return -1


def lowest(run: Run, lane: int) -> int:
    """Return the state that fell furthest through its floor."""
    worst, depth = 0, 0.0
    for i in range(run.body):
        below = run.next[i * run.width + lane] / run.limits[1 + run.body + i]
        if below < depth:
            worst, depth = i, below
    return worst
