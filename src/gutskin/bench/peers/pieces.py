"""A person's run from meal to meal, for solvers that are given no meals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gutskin.bench.cases import Case


def through(case: Case, person: int, run: Callable[[Any, Any], Any]) -> Any:
    """Return states (S, T) of one person.

    Parameters
    ----------
    case, person
        Whose run.
    run
        Takes states (all the kernel has) and times, the first of which is where it starts; returns states
        (times, all).
    """
    import numpy as np

    times, body = case.times, case.start.size
    state = np.concatenate([case.start, np.zeros(len(case.kernel.tallies))])
    out = np.empty((body, times.size))
    out[:, 0] = case.start
    for begin, end, adds in case.pieces(person):
        for index, amount in adds:
            state[index] += amount
        first, last = np.searchsorted(times, (begin, end), "right")
        inside = times[first:last]
        found = run(state, np.unique(np.concatenate([[begin], inside, [end]])))
        out[:, first:last] = found[1 : 1 + inside.size, :body].T
        state = np.array(found[-1])
    return out
