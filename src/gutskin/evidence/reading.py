"""Reading an arm's run as a study would: expressions at visits or over the whole arm, drop-out, noise."""

from __future__ import annotations

import math

import numpy as np

from gutskin import units
from gutskin.engine.outcome import Array
from gutskin.errors import InputError
from gutskin.evidence.case import Arm, Case
from gutskin.evidence.experiment import Run, grid, quantity
from gutskin.evidence.expression import Expression, Value
from gutskin.evidence.moment import Moment, take
from gutskin.model import Model
from gutskin.population import uniform
from gutskin.scenario import DAY


class Reading:
    """Reads expressions off one arm's run, with drop-out and noise of measurement."""

    def __init__(self, case: Case, arm: str, model: Model, run: Run) -> None:
        self.case, self.arm, self.model, self.run = case, case.arms[arm], model, run
        self.units = {q.name: q.unit for q in model.network.quantities}
        # Only when this case looks, so that a finer grid of another case changes no extreme of this one.
        self.seen = np.isin(run.times, grid(case, arm))
        self.times = run.times[self.seen]

    def visit(self, when: Moment, about: Expression) -> Value:
        """Return an expression at a moment: read-outs are taken first, as at a visit."""
        return about.value(lambda name, own: self._taken(name, own or when))

    def course(self, about: Expression) -> Value:
        """Return an expression over the whole arm (T, P)."""
        return about.value(lambda name, own: self._taken(name, own) if own else self._whole(name))

    def _whole(self, name: str) -> Value:
        self._quiet(name)
        return self._course(name)

    def _quiet(self, name: str) -> None:
        if name in self.case.noise:
            said = f"noise of {name} with an extreme or a time"
            raise InputError("E403", said, remedy="take a moment or a mean")

    def _taken(self, name: str, when: Moment) -> Value:
        course = self._course(name)
        return Value(
            self._noisy(name, when, take(when, self.times, course.numbers), course.unit), course.unit
        )

    def _course(self, name: str) -> Value:
        asked = quantity(self.model, name)
        course = _dropped(self.arm, self.times, self.run.courses[asked][self.seen])
        return Value(course, self.units.get(asked, "1"))

    def _noisy(self, name: str, when: Moment, values: Array, unit: str) -> Array:
        noise = self.case.noise.get(name)
        if noise is None:
            return values
        stream = f"noise {self.case.study} {self.arm.name} {name} {when.text}"
        from scipy.special import ndtri

        error = ndtri(uniform(self.arm.crew.seed, stream, 0, values.size))
        if noise.cv:
            width = math.sqrt(math.log1p(noise.cv**2))
            return values * np.exp(width * error - width**2 / 2)
        return values + units.convert(noise.sd, noise.unit, unit) * error


def _dropped(arm: Arm, times: Array, course: Array) -> Array:
    """Return the course with people lost at random times: missing from then on, or their last value kept."""
    if not arm.dropout:
        return course
    luck = uniform(arm.crew.seed, f"dropout {arm.name}", 0, course.shape[1])
    out = course.copy()
    for k in np.flatnonzero(luck < arm.dropout):
        gone = times > arm.days * DAY * luck[k] / arm.dropout
        last = course[~gone, k][-1] if (~gone).any() else np.nan
        out[gone, k] = last if arm.analysis == "last observation" else np.nan
    return out


def read(reading: Reading, when: Moment, about: Expression) -> Value:
    """Return what an expression is at a moment: (P,), or one number for all; hours for times."""
    if when.visit:
        return reading.visit(when, about)
    whole = reading.course(about)
    course = np.broadcast_to(whole.numbers, np.broadcast_shapes(whole.numbers.shape, (reading.times.size, 1)))
    return Value(take(when, reading.times, course), when.unit or whole.unit, whole.truth)
