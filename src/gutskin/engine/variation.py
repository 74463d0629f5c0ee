"""One person and one number of this person: what is changed to see what depends on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from gutskin.engine.outcome import Array, Stop
from gutskin.engine.stencil import Stencil, stencil
from gutskin.errors import InputError, nearest
from gutskin.kernel import Kernel

# Stops, or a function of the constants (K,), and of knobs by name, that returns them.
Plan = Sequence[Stop] | Callable[..., Sequence[Stop]]
CONSTANT, STATE, KNOB = "constant", "state", "knob"
AWAY = 500  # floors: the start of an empty pool is changed by a tenth of a floor, which is next to nothing


@dataclass(frozen=True)
class Given:
    """What makes a person's run: start (S,), constants (K,), plan and knobs."""

    start: Array
    constants: Array
    plan: Plan = ()
    knobs: Mapping[str, float] = field(default_factory=dict)

    def stops(self) -> Sequence[Stop]:
        """Return the plan of these constants and knobs."""
        return self.plan(self.constants, **self.knobs) if callable(self.plan) else self.plan


@dataclass(frozen=True)
class Number:
    """A constant, the start value of a state, or a knob."""

    kind: str
    place: int
    name: str

    def value(self, given: Given) -> float:
        """Return the number of a person."""
        if self.kind == KNOB:
            return float(given.knobs[self.name])
        return float((given.constants if self.kind == CONSTANT else given.start)[self.place])

    def changed(self, given: Given, value: float) -> Given:
        """Return the person with another value of this number."""
        if self.kind == KNOB:
            return replace(given, knobs={**given.knobs, self.name: value})
        array = (given.constants if self.kind == CONSTANT else given.start).copy()
        array[self.place] = value
        return replace(given, **{"constants" if self.kind == CONSTANT else "start": array})

    def stencil(
        self, given: Given, floors: Array, sizes: Mapping[str, float], *, log: bool, errors: bool
    ) -> Stencil:
        """Return where to look around a person's value.

        Raises
        ------
        InputError
            E272 when it has no logarithm, or no size to choose a step by.
        """
        value = self.value(given)
        if log and value <= 0:
            raise InputError("E272", f"{value!r} has no logarithm", where=self.name, remedy="leave out log")
        size = sizes.get(self.name, abs(value))
        if self.kind == STATE and self.name not in sizes:
            size = max(size, AWAY * float(floors[self.place]))
        if not log and size <= 0:
            raise InputError("E272", "a value of 0 has no size", where=self.name, remedy="give it in sizes")
        return stencil(value, size, log=log, errors=errors)


def numbers(
    kernel: Kernel,
    of: Sequence[int | str],
    start_of: Sequence[int | str],
    knobs: Sequence[str],
    sizes: Mapping[str, float],
) -> list[Number]:
    """Return constants, start values and knobs that are named or numbered.

    Raises
    ------
    InputError
        E271 when there is none of that name or number, or a size is given for what is not among them.
    """
    body = kernel.states[: len(kernel.states) - len(kernel.tallies)]
    found = [_found(CONSTANT, each, kernel.constants) for each in of]
    found += [_found(STATE, each, body) for each in start_of]
    found += [Number(KNOB, -1, name) for name in knobs]
    names = [each.name for each in found]
    for name in sizes:
        if name not in names:
            raise InputError(
                "E271", f"a size is given for {name!r}, which does not change", remedy=nearest(name, names)
            )
    return found


def _found(kind: str, wanted: int | str, names: Sequence[str]) -> Number:
    if isinstance(wanted, str) and wanted in names:
        return Number(kind, names.index(wanted), wanted)
    if not isinstance(wanted, str) and 0 <= wanted < len(names):
        return Number(kind, int(wanted), names[wanted])
    raise InputError("E271", f"the model has no {kind} {wanted!r}", remedy=nearest(str(wanted), names))
