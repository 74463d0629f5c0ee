"""Signature: which taxa cohorts of people with a disease have more or less of, and who agrees."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from dataclasses import dataclass, field

DIRECTIONS = ("up", "down", "flat")
SIGNIFICANT = 0.05  # q below which a cohort's own finding counts in full
FLAT = 0.05  # [log2] a median nearer to 0 has no direction


@dataclass(frozen=True)
class Cohort:
    """How many people with the disease and without it a cohort has."""

    cases: int
    controls: int


@dataclass(frozen=True)
class Row:
    """What is known of one taxon.

    Parameters
    ----------
    name, rank, also
        The taxon as tables write it, its rank, and other names of it.
    direction
        ``"up"``, ``"down"`` or ``"flat"`` in people with the disease.
    size, unit, low, high
        Size as published, in its unit, and its interval; none where only a direction is known.
    folds, q, capped
        Cohort -> log2 fold of the mean share [log2], q [1], and cohorts in which one group had none of the
        taxon: their sign counts, their size does not.
    counted
        Where no folds are known: cohorts in all, those that agree, those that are significant.
    source, where, grade, verified, note
        As in the ledger; ``verified`` false where the number was not seen again in its source.
    """

    name: str
    rank: str
    direction: str
    source: str
    where: str
    grade: str
    also: tuple[str, ...] = ()
    size: float | None = None
    unit: str = ""
    low: float | None = None
    high: float | None = None
    folds: Mapping[str, float] = field(default_factory=dict)
    q: Mapping[str, float] = field(default_factory=dict)
    capped: tuple[str, ...] = ()
    counted: tuple[int, int, int] = (0, 0, 0)
    verified: bool = True
    note: str = ""

    @property
    def feature(self) -> tuple[str, str]:
        """Rank and name: what rows of several signatures share."""
        return self.rank, self.name

    @property
    def cohorts(self) -> int:
        """How many cohorts stand behind the row."""
        return len(self.folds) or self.counted[0]

    @property
    def agree(self) -> int:
        """How many cohorts have the sign of the direction."""
        if not self.folds:
            return self.counted[1]
        sign = {"up": 1, "down": -1, "flat": 0}[self.direction]
        return sum(value * sign > 0 for value in self.folds.values())

    @property
    def significant(self) -> int:
        """How many cohorts are significant in the direction; where only counts are known, either way."""
        if not self.folds:
            return self.counted[2]
        sign = {"up": 1, "down": -1, "flat": 0}[self.direction]
        return sum(value * sign > 0 and self.q[name] < SIGNIFICANT for name, value in self.folds.items())

    @property
    def spread(self) -> tuple[float, float] | None:
        """Lowest and highest fold of the cohorts that are not capped [log2], none with fewer than two."""
        told = self.told
        return (min(told), max(told)) if len(told) > 1 else None

    @property
    def told(self) -> tuple[float, ...]:
        """Folds that tell a size [log2]: those that are not capped."""
        return tuple(value for name, value in self.folds.items() if name not in self.capped)

    @property
    def median(self) -> float:
        """Median fold of the cohorts [log2]; of the capped ones when there is no other."""
        return statistics.median(self.told or tuple(self.folds.values()))

    def votes(self, weak: float) -> tuple[float, float]:
        """Return what speaks for more and for less of the taxon.

        Parameters
        ----------
        weak
            What a cohort counts that is not significant, where a significant one counts 1 [1].
        """
        if self.folds:
            each = [(v, 1.0 if self.q[name] < SIGNIFICANT else weak) for name, v in self.folds.items()]
            return sum(w for v, w in each if v > 0), sum(w for v, w in each if v < 0)
        cohorts, agree, significant = self.counted
        mean = (significant + weak * (cohorts - significant)) / cohorts if cohorts else 0.0
        found = agree * mean, (cohorts - agree) * mean
        return found if self.direction == "up" else found[::-1]


@dataclass(frozen=True)
class Marker:
    """A marker that is no taxon: what, in which medium, direction, measure, value with interval, source."""

    name: str
    medium: str
    direction: str
    measure: str
    source: str
    where: str
    grade: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    verified: bool = True
    note: str = ""


@dataclass(frozen=True)
class Signature:
    """A disease: name, label, table of sites it is about, rows of taxa, markers, related signatures."""

    name: str
    label: str
    about: str
    site: str
    cohorts: Mapping[str, Cohort] = field(default_factory=dict)
    rows: tuple[Row, ...] = ()
    markers: tuple[Marker, ...] = ()
    see: tuple[str, ...] = ()
