"""Answers of many people who differ from the ledger in chosen numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields

import numpy as np

from gutskin.drivers.experiment import Answer, Question
from gutskin.engine.outcome import Array, Options
from gutskin.evidence.experiment import Laboratory
from gutskin.ledger import Parameter
from gutskin.model import Model
from gutskin.population import quantile

BATCH = 256  # people in one laboratory; bounds memory
Tick = Callable[[float], None]


@dataclass(frozen=True)
class Varied(Model):
    """A model with other values of its constants (K,) than its ledger has; ``moved`` are names of these."""

    values: Array = field(default_factory=lambda: np.empty(0))
    moved: frozenset[str] = frozenset()

    @property
    def varies(self) -> frozenset[str]:
        """Constants whose values here stand for a person's own spread."""
        return self.moved

    def constants(self) -> Array:
        """Return the values (K,)."""
        return self.values.copy()


def places(model: Model, rows: Sequence[Parameter]) -> list[list[int]]:
    """Return for every row of the ledger the constants that have its value."""
    found: dict[str, list[int]] = {}
    for k, constant in enumerate(model.network.constants):
        found.setdefault(constant.row, []).append(k)
    return [found.get(row.row, []) for row in rows]


def varied(model: Model, where: Sequence[Sequence[int]], numbers: Array) -> list[Varied]:
    """Return one model for every row of numbers (n, D), in the units of the ledger."""
    own = {each.name: getattr(model, each.name) for each in fields(Model)}
    base, out = model.constants(), []
    moved = frozenset(model.network.constants[k].name for ks in where for k in ks)
    for line in numbers:
        values = base.copy()
        for ks, number in zip(where, line, strict=True):
            values[ks] = number
        out.append(Varied(**own, values=values, moved=moved))
    return out


def drawn(rows: Sequence[Parameter], cube: Array) -> Array:
    """Return numbers (n, D) [units of the rows] for uniform numbers (n, D)."""
    return np.stack([quantile(row, row.value, cube[:, k]) for k, row in enumerate(rows)], axis=1)


@dataclass
class Asked:
    """Puts a question to people with other numbers in ``rows``; remembers how many had no answer, and why."""

    model: Model
    question: Question
    rows: Sequence[Parameter]
    options: Options | None = None
    tick: Tick | None = None
    people: int = 0
    failed: Counter[str] = field(default_factory=Counter)

    def __call__(self, numbers: Array) -> Array:
        """Return answers (n,) of people with numbers (n, D) [units of the rows], NaN for who has none."""
        where, out = places(self.model, self.rows), []
        for first in range(0, len(numbers), BATCH):
            batch = numbers[first : first + BATCH]
            laboratory = Laboratory(self.model, self.options, varied(self.model, where, batch))
            laboratory.run([self.question.case])
            out += [self.question.answer(self.model, runs) for runs in laboratory.results[1:]]
            if self.tick:
                self.tick(len(batch) / len(numbers))
        self.people += len(out)
        self.failed.update(each.reason for each in out if each.reason)
        return np.array([each.value for each in out])

    def slopes(self, up: Array, down: Array) -> tuple[Answer, Array]:
        """Return the answer of the person, and differences (D,) when each number alone goes up and down.

        Everybody takes the steps of the person of the ledger, so that small differences mean something.
        """
        where = places(self.model, self.rows)
        numbers = np.repeat(np.array([row.value for row in self.rows])[None], 2 * len(self.rows), axis=0)
        for k in range(len(self.rows)):
            numbers[2 * k, k], numbers[2 * k + 1, k] = up[k], down[k]
        laboratory = Laboratory(self.model, self.options, varied(self.model, where, numbers), shared=True)
        laboratory.run([self.question.case])
        found = [self.question.answer(self.model, runs) for runs in laboratory.results]
        values = np.array([each.value for each in found[1:]])
        return found[0], values[0::2] - values[1::2]
