"""Books of what came, went and is there: as tables and as plain data."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from gutskin.report.numbers import figure, unit_label
from gutskin.report.story import Array

STEADY = 1e-3  # of what flows: a smaller change of a pool is none worth telling
TINY = 1e-3  # of the most that flows in an account: a smaller entry has no figure


@dataclass(frozen=True, eq=False)
class Entry:
    """What came in or went out a day, one value a case; ``other`` is the pool on the other side, if any."""

    label: str
    comes: bool
    other: str
    values: Array

    @property
    def words(self) -> str:
        """The label, with where it is from or goes to."""
        return f"{self.label}, {'from' if self.comes else 'to'} {self.other}" if self.other else self.label


@dataclass(frozen=True, eq=False)
class Account:
    """One pool: entries a day, what it held ``before`` and ``after``, in ``days``; one value a case."""

    title: str
    entries: tuple[Entry, ...]
    before: Array
    after: Array
    days: float

    def total(self, *, comes: bool) -> Array:
        """Return all that came in, or all that went out, a day."""
        return sum((e.values for e in self.entries if e.comes == comes), np.zeros(self.before.size))

    @property
    def change(self) -> Array:
        """What the pool changed by a day."""
        return (self.after - self.before) / self.days

    @property
    def through(self) -> Array:
        """What flows through a day: the larger of both sides."""
        return np.maximum(self.total(comes=True), self.total(comes=False))

    @property
    def gaps(self) -> Array:
        """Income less outgo less change, as a share of what flows; 0 where nothing does."""
        gap = self.total(comes=True) - self.total(comes=False) - self.change
        through = self.through
        return np.where(through > 0, gap / np.where(through > 0, through, 1.0), gap)

    def said(self, value: float) -> str:
        """Write an entry; one too small to matter here is less than a power of ten."""
        most = float(self.through.max())
        power = math.floor(math.log10(TINY * most)) if most > 0 else 0
        if 0 < value < 10.0**power:
            return f"<{10.0**power:.{max(0, -power)}f}"
        return figure(value)

    def changes(self, k: int) -> str:
        """Say what the pool of a case changed by."""
        through, change = float(self.through[k]), float(self.change[k])
        if abs(change) <= STEADY * through:
            return "steady"
        return f"{'+' if change > 0 else ''}{figure(change)}"


@dataclass(frozen=True)
class Books:
    """Accounts of an ``element`` in ``unit``, for ``cases`` side by side; the last is all together."""

    title: str
    about: str
    element: str
    unit: str
    days: float
    cases: tuple[str, ...]
    accounts: tuple[Account, ...]

    @property
    def holds(self) -> str:
        """The unit of what a pool holds, with the element."""
        return unit_label(self.unit).replace("mol", f"mol {self.element}")

    @property
    def flows(self) -> str:
        """The unit of what flows, with the element."""
        return f"{self.holds}/day"

    @property
    def gap(self) -> float:
        """The largest gap of all accounts and cases, as a share of what flows."""
        return max(float(np.abs(each.gaps).max()) for each in self.accounts)


def table(books: Books) -> tuple[list[str], list[list[str]]]:
    """Return (columns, rows) of all accounts."""
    rows = []
    for each in books.accounts:
        for entry in each.entries:
            side = "in" if entry.comes else "out"
            rows.append([each.title, side, entry.words, *map(each.said, entry.values), books.flows])
        rows.append([each.title, "", "holds at the end", *map(figure, each.after), books.holds])
        changes = [each.changes(k) for k in range(len(books.cases))]
        rows.append([each.title, "", "changes by", *changes, books.flows])
    return ["", "", "", *books.cases, "unit"], rows


def document(books: Books) -> dict[str, Any]:
    """Return all that is drawn as plain data; ``gap`` is what is missing, as a share of what flows."""
    return {
        "title": books.title, "about": books.about, "element": books.element, "unit": books.unit,
        "days": books.days, "cases": list(books.cases), "gap": books.gap,
        "accounts": [
            {
                "title": each.title, "before": each.before.tolist(), "after": each.after.tolist(),
                "income": each.total(comes=True).tolist(), "outgo": each.total(comes=False).tolist(),
                "change": each.change.tolist(), "gaps": each.gaps.tolist(),
                "entries": [
                    {
                        "label": entry.label, "side": "in" if entry.comes else "out", "other": entry.other,
                        "values": entry.values.tolist(),
                    }
                    for entry in each.entries
                ],
            }
            for each in books.accounts
        ],
    }  # fmt: skip
