"""How often cohorts agree, and so how sure the direction of a taxon is.

The chance that another cohort has more of a taxon is taken as ``(a + up) / (2 a + up + down)``: ``up`` and
``down`` are votes, of which a cohort has 1 when it is significant and ``weak`` when it is not. ``a`` and
``weak`` are the two numbers under which cohorts that are left out one at a time are foretold best from the
others, over all rows with folds of two or more cohorts (maximum likelihood on a grid).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gutskin.diseases.signature import SIGNIFICANT, Row, Signature

Array = NDArray[np.float64]
PRIORS = np.geomspace(0.1, 20.0, 47)
WEAKS = np.linspace(0.0, 1.0, 21)
BINS = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


@dataclass(frozen=True)
class Agreement:
    """What leaving cohorts out one at a time teaches.

    Parameters
    ----------
    prior, weak
        ``a`` and ``weak`` of the module's formula [1].
    foretold
        How many left-out signs there were.
    gain
        Mean log2 likelihood above tossing a coin [bit].
    pairs
        Pairs of cohorts on one taxon by how many of the two are significant: pairs of one sign, all pairs.
    reliability
        Bins of foretold chance: from, to, left-out signs, share of them that came true [1].
    """

    prior: float
    weak: float
    foretold: int
    gain: float
    pairs: tuple[tuple[int, int], ...]
    reliability: tuple[tuple[float, float, int, float], ...]

    def shape(self, row: Row) -> tuple[float, float]:
        """Return both parameters of the beta distribution of the chance of more of a taxon."""
        up, down = row.votes(self.weak)
        return self.prior + up, self.prior + down

    def weight(self, row: Row) -> float:
        """Return the sign that another cohort is expected to have, between -1 and 1."""
        up, down = self.shape(row)
        return (up - down) / (up + down)

    def sure(self, row: Row) -> float:
        """Return the chance that another cohort has the sign of the row's own cohorts, 0.5 to 1."""
        return (1.0 + abs(self.weight(row))) / 2.0

    def mass(self, row: Row) -> float:
        """Return all votes of a row."""
        return sum(row.votes(self.weak))

    def share(self, rows: Iterable[Row]) -> float:
        """Return how much of the votes agrees with the stated directions, those against set off [1].

        1 when every cohort has the sign of its row, 0 when as many speak against; a row without direction
        agrees with nothing.
        """
        sign = {"up": 1.0, "down": -1.0, "flat": 0.0}
        voted = [(sign[row.direction], row.votes(self.weak)) for row in rows]
        total = sum(up + down for _, (up, down) in voted)
        return sum(s * (up - down) for s, (up, down) in voted) / total if total else 0.0


def learn(signatures: Sequence[Signature]) -> Agreement:
    """Learn from the folds of all signatures how much a cohort tells about another."""
    rows = [row for each in signatures for row in each.rows if len(row.folds) > 1]
    cases = _left_out(rows)
    if not len(cases):
        return Agreement(1.0, 1.0, 0, 0.0, _pairs(rows), ())
    up, low = cases[:, 1:3], cases[:, 3:5]
    found = []
    for weak in WEAKS:
        votes = up + weak * low
        chance = (PRIORS[:, None] + votes[:, 0]) / (2 * PRIORS[:, None] + votes.sum(axis=1))
        right = np.where(cases[:, 0] > 0, chance, 1.0 - chance)
        found.append(np.log2(right).sum(axis=1))
    table = np.array(found)
    k, j = np.unravel_index(int(table.argmax()), table.shape)
    prior, weak = float(PRIORS[j]), float(WEAKS[k])
    gain = float(table[k, j]) / len(cases) + 1.0
    return Agreement(prior, weak, len(cases), gain, _pairs(rows), _reliability(cases, prior, weak))


def _left_out(rows: Sequence[Row]) -> Array:
    """Return a line a left-out sign: sign, significant votes of others up and down, weak ones up and down."""
    lines = []
    for row in rows:
        for name, fold in row.folds.items():
            others = [(v, row.q[each] < SIGNIFICANT) for each, v in row.folds.items() if each != name]
            kinds = ((True, 1), (True, -1), (False, 1), (False, -1))
            if fold:
                counts = [sum(v * sign > 0 and found is told for v, found in others) for told, sign in kinds]
                lines.append((np.sign(fold), *counts))
    return np.array(lines, dtype=float)


def _pairs(rows: Sequence[Row]) -> tuple[tuple[int, int], ...]:
    """Count pairs of cohorts of one sign and all pairs, by how many of the two are significant."""
    same, every = [0, 0, 0], [0, 0, 0]
    for row in rows:
        for one, other in itertools.combinations(row.folds, 2):
            known = (row.q[one] < SIGNIFICANT) + (row.q[other] < SIGNIFICANT)
            every[known] += 1
            same[known] += row.folds[one] * row.folds[other] > 0
    return tuple(zip(same, every, strict=True))


def _reliability(cases: Array, prior: float, weak: float) -> tuple[tuple[float, float, int, float], ...]:
    votes = cases[:, 1:3] + weak * cases[:, 3:5]
    chance = (prior + votes[:, 0]) / (2 * prior + votes.sum(axis=1))
    sure = np.maximum(chance, 1.0 - chance)
    true = np.where(chance > 0.5, cases[:, 0] > 0, cases[:, 0] < 0) * 1.0
    true[chance == 0.5] = 0.5
    out = []
    for low, high in itertools.pairwise(BINS):
        here = (sure >= low) & ((sure < high) | (high == BINS[-1]))
        if here.any():
            out.append((low, high, int(here.sum()), float(true[here].mean())))
    return tuple(out)
