"""Who is enrolled in an arm: a condition on the end of the arm before, as a study's criterion of inclusion.

Who does not fulfil it is missing in the arm and in those that follow, like who has left. A person whose run
failed before cannot be judged and is not enrolled either: it counts as a failure of the arm before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from gutskin.engine.outcome import Array
from gutskin.errors import InputError
from gutskin.evidence.case import Arm, Case
from gutskin.evidence.expression import Expression, Value, expression
from gutskin.evidence.moment import Moment, moment, take
from gutskin.scenario import DAY

END = moment("")  # read-outs without a moment of their own are means over the last day of the arm before


def read_enrol(data: Mapping[str, Any], after: str, arms: Mapping[str, Arm], where: str) -> Expression | None:
    """Return the condition of an arm, None when everybody goes on.

    Raises
    ------
    InputError
        E455 for an arm that follows none, E405 for what is no expression, E407 for a moment after the end of
        the arm before.
    """
    if "enrol" not in data:
        return None
    if not after:
        remedy = "let people live an arm first, and follow it with after"
        raise InputError("E455", "enrol in an arm that follows none", where=where, remedy=remedy)
    made = expression(data["enrol"], where=f"{where}: enrol")
    for when in made.moments:
        when.refuse_outside(arms[after].days, where=where)
    return made


def conditions(case: Case, arm: str) -> list[Expression]:
    """Return the conditions that are judged at the end of an arm."""
    return [each.enrol for each in case.arms.values() if each.after == arm and each.enrol is not None]


def moments(case: Case, arm: str) -> list[Moment]:
    """Return the moments of an arm that conditions look at."""
    found = conditions(case, arm)
    return [when for each in found for when in (END, *each.moments)]


def enrolled(
    condition: Expression,
    before: Arm,
    times: Array,
    courses: Mapping[str, Array],
    look: Callable[[str], tuple[str, str]],
) -> Array:
    """Return who fulfils a condition (P,); who is unknown does not.

    Parameters
    ----------
    condition, before
        The condition, and the arm whose end it looks at.
    times, courses
        (T,) [h] and quantity -> (T, P) of that arm, without noise of measurement.
    look
        Gives the quantity and the unit behind the name of a read-out.
    """

    def read(name: str, own: Moment | None) -> Value:
        quantity, unit = look(name)
        when = own or END
        hours = when.nodes(before.days * DAY, before.every)
        rows = np.searchsorted(times, hours)
        if not np.array_equal(times[np.minimum(rows, times.size - 1)], hours):
            raise ValueError(f"{before.name} was run without outputs that {condition.text!r} asks for")
        return Value(take(when, hours, courses[quantity][rows]), when.unit or unit)

    return condition.value(read).numbers == 1.0
