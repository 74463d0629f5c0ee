"""Sobol indices by groups: how much of the variance of an answer comes from each, through SALib.

The first index of a group is the share of the variance that would go if its numbers were known; the total
index the share that would stay if only they were unknown. Every base sample needs all its runs: one that
lost a run is left out whole, and counted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gutskin.engine.outcome import Array
from gutskin.errors import InputError

LOST = 0.1  # share of base samples that may be left out [1]
LEVEL = 0.95  # of the confidence intervals
RESAMPLES = 200
EDGE = 1e-16  # a uniform number is at least so far from 0 and from 1, as in population.uniform
# Takes uniform numbers (n, D) in (0, 1) and gives answers (n,), NaN where there is none.
Evaluate = Callable[[Array], Array]


@dataclass(frozen=True)
class Index:
    """First and total index of a group [1], and the half of the confidence interval of each."""

    name: str
    numbers: int
    first: float
    first_half: float
    total: float
    total_half: float


@dataclass(frozen=True)
class Sobol:
    """``indices`` per group, ``mean`` and ``sd`` of the answer, base samples and those ``dropped``."""

    indices: tuple[Index, ...]
    mean: float
    sd: float
    size: int
    dropped: int


def check_size(size: int) -> None:
    """Refuse a number of base samples that spoils the even spread of the sequence.

    Raises
    ------
    InputError
        E433 when it is no power of two, or below 8.
    """
    if size < 8 or size & (size - 1):
        raise InputError("E433", f"{size} base samples", remedy="give a power of two from 8, such as 128")


def problem_of(groups: Sequence[str], low: float, high: float) -> dict[str, Any]:
    """Return numbers with the same range, and the group of each, as SALib wants them.

    Raises
    ------
    InputError
        E433 when there is one group only, which SALib takes for none.
    """
    if len(groups) > 1 and len(set(groups)) == 1:
        said = f"all numbers are in {groups[0]}"
        raise InputError("E433", said, remedy="its share is the whole: choose finer groups or more numbers")
    names = [f"x{k}" for k in range(len(groups))]
    bounds = [[low, high]] * len(groups)
    return {"num_vars": len(groups), "names": names, "groups": list(groups), "bounds": bounds}


def complete(values: Array, what: str) -> Array:
    """Return which samples, rows of answers (n, runs), have all their runs (n,).

    Raises
    ------
    InputError
        E434 too many lost one, E435 the answers do not vary.
    """
    whole = np.isfinite(values).all(axis=1)
    dropped = whole.size - int(whole.sum())
    if dropped > LOST * whole.size:
        said = f"{dropped} of {whole.size} {what} lost a run"
        remedy = f"at most {LOST:.0%} may: let fewer numbers move, or take coarser groups"
        raise InputError("E434", said, remedy=remedy)
    kept = values[whole]
    if np.ptp(kept) <= 1e-12 * np.abs(kept).max():
        raise InputError("E435", "the answer does not vary", remedy="let other numbers move")
    return np.asarray(whole)


def sobol(groups: Sequence[str], evaluate: Evaluate, size: int, seed: int = 1) -> Sobol:
    """Return Sobol indices.

    Parameters
    ----------
    groups
        The group of each of the D numbers.
    evaluate
        Gives answers for samples of the unit cube.
    size
        Base samples, a power of two; ``size * (groups + 2)`` runs are made.
    seed
        Same seed, same samples and same confidence intervals.

    Raises
    ------
    InputError
        E433 the size or a single group, E434 too many base samples lost a run, E435 an answer
        that does not vary.
    """
    from SALib.analyze.sobol import analyze
    from SALib.sample.sobol import sample

    check_size(size)
    problem = problem_of(groups, 0.0, 1.0)
    names = list(dict.fromkeys(groups))
    cube = sample(problem, size, calc_second_order=False, seed=np.random.default_rng(seed))
    values = np.asarray(evaluate(np.clip(cube, EDGE, 1.0 - EDGE)), float).reshape(size, len(names) + 2)
    whole = complete(values, "base samples")
    kept, dropped = values[whole].ravel(), size - int(whole.sum())
    found = analyze(
        problem, kept, calc_second_order=False, num_resamples=RESAMPLES, conf_level=LEVEL,
        seed=np.random.default_rng([seed, 1]),
    )  # fmt: skip
    count = {name: sum(each == name for each in groups) for name in names}
    keys = ("S1", "S1_conf", "ST", "ST_conf")
    indices = tuple(
        Index(name, count[name], *(float(found[key][k]) for key in keys)) for k, name in enumerate(names)
    )
    plain = values[whole][:, [0, -1]]  # the two independent samples of every base sample
    return Sobol(indices, float(plain.mean()), float(plain.std()), size, dropped)
