"""Reading an arm's run as a study would: expressions at visits or over the whole arm, drop-out, noise."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from gutskin import units
from gutskin.engine.outcome import Array
from gutskin.evidence.asked import quantity
from gutskin.evidence.case import ANALYSES, Arm, Case
from gutskin.evidence.experiment import Run
from gutskin.evidence.expression import Expression, Value
from gutskin.evidence.moment import Moment, take
from gutskin.model import Model
from gutskin.population import uniform
from gutskin.scenario import DAY

LAST = ANALYSES[1]


class Reading:
    """Reads expressions off one arm's run, with drop-out and noise of measurement."""

    def __init__(self, case: Case, arm: str, model: Model, run: Run) -> None:
        self.case, self.arm, self.model, self.run = case, case.arms[arm], model, run
        self.units = {q.name: q.unit for q in model.network.quantities}
        self.noise = {quantity(model, name): (name, noise) for name, noise in case.noise.items()}

    def visit(self, when: Moment, about: Expression) -> Value:
        """Return an expression at a moment: read-outs are taken first, as at a visit."""
        return about.value(lambda name, own: self._taken(name, own or when))

    def course(self, when: Moment, about: Expression) -> Value:
        """Return an expression at all outputs (T, P) that a moment looks at."""
        return about.value(lambda name, own: self._taken(name, own) if own else self._whole(name, when))

    def _whole(self, name: str, when: Moment) -> Value:
        asked = quantity(self.model, name)
        return Value(self._course(asked, self._hours(when)), self.units.get(asked, "mmol"))

    def _taken(self, name: str, when: Moment) -> Value:
        asked = quantity(self.model, name)
        unit, hours = self.units.get(asked, "mmol"), self._hours(when)
        values = take(when, hours, self._course(asked, hours))
        return Value(self._noisy(asked, when, values, unit), when.unit or unit)

    def _hours(self, when: Moment) -> Array:
        """Return the times [h] that a moment is read from: no other arm, case or expectation has a say."""
        return when.nodes(self.arm.days * DAY, self.arm.every)

    def _noisy(self, asked: str, when: Moment, values: Array, unit: str) -> Array:
        if asked not in self.noise or not when.visit:  # noise of extremes is refused before anything is run
            return values
        name, noise = self.noise[asked]
        stream = f"noise {self.case.study} {self.arm.name} {name} {when.text}"
        from scipy.special import ndtri

        error = ndtri(uniform(self.arm.crew.seed, stream, 0, values.size))
        if noise.cv:
            width = math.sqrt(math.log1p(noise.cv**2))
            return values * np.exp(width * error - width**2 / 2)
        return values + units.convert(noise.sd, noise.unit, unit) * error

    def _course(self, asked: str, hours: Array) -> Array:
        """Return a quantity (T, P) at output times; who has left is missing, or keeps their last value."""
        course = self._outputs(asked, hours)
        left = leaving(self.case.chain(self.arm.name), course.shape[1])
        gone = hours[:, None] > left
        if not gone.any():
            return course
        if self.arm.analysis != LAST:
            return np.where(gone, np.nan, course)
        regular = np.arange(0.0, self.arm.days * DAY, self.arm.every)
        last = np.searchsorted(regular, left, side="right") - 1
        seen = self._outputs(asked, np.round(regular, 9))[last, np.arange(left.size)]
        return np.where(gone, np.where(last >= 0, seen, np.nan), course)

    def _outputs(self, asked: str, hours: Array) -> Array:
        rows = np.searchsorted(self.run.times, hours)
        if not np.array_equal(self.run.times[np.minimum(rows, self.run.times.size - 1)], hours):
            raise ValueError(f"{self.arm.name} was run without outputs that {self.case.study} asks for")
        return self.run.courses[asked][rows]


def leaving(chain: Sequence[Arm], people: int) -> Array:
    """Return when people leave the last arm [h]: infinite for who stays, below 0 for who left before."""
    out = np.full(people, np.inf)
    for arm in chain:
        luck = uniform(arm.crew.seed, f"dropout {arm.name}", 0, people)
        lost = luck < arm.dropout
        when = arm.days * DAY * luck / (arm.dropout or 1.0) if arm is chain[-1] else np.full(people, -1.0)
        out = np.where(lost & ~(out < 0), when, out)
    return out


def read(reading: Reading, when: Moment, about: Expression) -> Value:
    """Return what an expression is at a moment: (P,), or one number for all; hours for times."""
    if when.visit:
        return reading.visit(when, about)
    hours, whole = when.nodes(reading.arm.days * DAY, reading.arm.every), reading.course(when, about)
    course = np.broadcast_to(whole.numbers, np.broadcast_shapes(whole.numbers.shape, (hours.size, 1)))
    return Value(take(when, hours, course), when.unit or whole.unit, whole.truth)
