"""Courses to exact stops: which state jumps and which constant changes, when, by how much."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gutskin import units
from gutskin.compile.events import owned
from gutskin.engine.outcome import Array, Stop
from gutskin.errors import InputError, nearest
from gutskin.network import Network
from gutskin.scenario import Course
from gutskin.treatment import Effect


@dataclass(frozen=True)
class Own:
    """A constant by number that changes of itself: it has each of ``values`` from each of ``times`` [h] on.

    The first time is 0 or before.
    """

    constant: int
    times: tuple[float, ...]
    values: tuple[float, ...]

    def at(self, time: float) -> float:
        """Return its value at a time [h]."""
        return self.values[max(bisect_right(self.times, time) - 1, 0)]


def _number(effect: Effect, course: Course, unit: str) -> float:
    """Return the effect of one dose in the unit of its target; factors are pure numbers.

    The number of an ``add`` or ``plus`` is per unit of dose and is multiplied by the dose. Without a unit it
    is in the target's own, which no file can say.
    """
    value, given = effect.number.value, effect.number.unit
    scaled = effect.action in ("add", "plus") and course.treatment.dose is not None
    if scaled and course.treatment.dose is not None:
        value, given = value * course.dose, _times(given, course.treatment.dose.unit)
    if not given:
        return value
    wanted = "1" if effect.action in ("scale", "times") else unit
    try:
        return units.convert(value, given, wanted)
    except InputError as error:
        where = f"treatment {course.treatment.name}: {effect.action} {effect.target}"
        raise InputError(
            error.code, error.message, where=where, remedy=f"it must come out in {wanted}"
        ) from error


def _times(per_dose: str, dose: str) -> str:
    return f"{per_dose}*{dose}" if per_dose != "1" else dose


def _target(
    effect: Effect, course: Course, known: Mapping[str, tuple[int, str]], kind: str
) -> tuple[int, str]:
    if effect.target not in known:
        where = f"treatment {course.treatment.name}"
        message = f"{effect.action} acts on {effect.target!r}, which is no {kind} of the model"
        raise InputError("E233", message, where=where, remedy=nearest(effect.target, known))
    return known[effect.target]


def _free(effect: Effect, course: Course, taken: Mapping[str, str]) -> None:
    """Refuse a course on a constant that belongs to an event: neither would know what the other did."""
    if effect.target in taken:
        where = f"treatment {course.treatment.name}: {effect.action} {effect.target}"
        message = f"{effect.target!r} belongs to the event {taken[effect.target]!r} of the model"
        remedy = "act on another constant, or let the model do without the event"
        raise InputError("E125", message, where=where, remedy=remedy)


def stops(
    courses: Sequence[Course], network: Network, constants: Array, own: Sequence[Own] = ()
) -> tuple[Stop, ...]:
    """Return the stops of one person.

    Parameters
    ----------
    courses
        What is done, with start and end [h].
    network
        Names and units of states and constants.
    constants
        (K,) the person's own constants, to which levels return when a course ends.
    own
        Constants of theirs that change of themselves. A course that sets one wins while it lasts; what a
        course adds or multiplies acts on the value of the moment.

    Raises
    ------
    InputError
        E233 a treatment acts on something the model has not, E234 two courses set one constant at once,
        E202 an amount does not come out in the unit of its target, E125 a course acts on a constant that
        events of the model set or wait by.
    """
    states = {
        q.name: (i, q.unit)
        for i, q in enumerate(q for q in network.quantities if q.kind in ("species", "rate"))
    }
    fixed = {c.name: (k, c.unit) for k, c in enumerate(network.constants)}
    scale: dict[float, list[tuple[int, float]]] = {}
    add: dict[float, list[tuple[int, float]]] = {}
    levels: dict[int, list[tuple[Course, Effect, float]]] = {each.constant: [] for each in own}
    moving = {each.constant: each for each in own}
    taken = owned(network)
    for course in courses:
        for effect in course.treatment.effects:
            if effect.action in ("add", "scale"):
                index, unit = _target(effect, course, states, "state")
                value = _number(effect, course, unit)
                for time in course.doses():
                    (add if effect.action == "add" else scale).setdefault(time, []).append((index, value))
            else:
                index, unit = _target(effect, course, fixed, "constant")
                _free(effect, course, taken)
                levels.setdefault(index, []).append((course, effect, _number(effect, course, unit)))
    changes: dict[float, list[tuple[int, float]]] = {}
    for index, held in levels.items():
        usual = moving.get(index) or Own(index, (), (float(constants[index]),))
        for time, value in _levels(held, usual, network.constants[index].name):
            changes.setdefault(time, []).append((index, value))
    times = sorted({*scale, *add, *changes})
    return tuple(
        Stop(t, tuple(changes.get(t, ())), tuple(scale.get(t, ())), tuple(add.get(t, ()))) for t in times
    )


def _levels(held: Sequence[tuple[Course, Effect, float]], own: Own, name: str) -> list[tuple[float, float]]:
    """Return (time, value) whenever the value of a constant changes: set first, then plus, then times."""
    out = []
    for time in sorted({t for course, _, _ in held for t in (course.start, course.end)} | {*own.times}):
        active = [
            (effect.action, value, course)
            for course, effect, value in held
            if course.start <= time < course.end
        ]
        chosen = [(value, course) for action, value, course in active if action == "set"]
        values = [value for value, _ in chosen]
        if values and max(values) - min(values) > 1e-9 * max(map(abs, values)):
            who = " and ".join(course.treatment.name for _, course in chosen)
            remedy = "give them one after the other, or leave one out"
            raise InputError("E234", f"{who} set {name} at the same time (day {time / 24:g})", remedy=remedy)
        value = chosen[0][0] if chosen else own.at(time)
        value += sum(v for action, v, _ in active if action == "plus")
        for action, v, _ in active:
            value *= v if action == "times" else 1.0
        out.append((time, value))
    return out
