"""The contract between text and engine: a frozen, JSON-able reaction network.

Formulas are nested tuples ``("op", *arguments)`` with leaves ``("c", number)`` and ``("n", name)``; they come
from model text and go to kernels, SBML and printing. No number of the ledger is in here: a network is
structure only.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

VERSION = 2

Formula = tuple[Any, ...]


@dataclass(frozen=True)
class Quantity:
    """A state, a boundary species or a derived quantity.

    ``kind`` is ``"species"`` (amount changed by reactions), ``"rate"`` (its own rate rule), ``"boundary"``
    (an unlimited species outside the person) or ``"derived"`` (an assignment rule).
    """

    name: str
    kind: str
    unit: str
    label: str
    module: str
    place: str = ""
    formula: str = ""
    start: float | None = None
    floor: float | None = None
    line: str = ""


@dataclass(frozen=True)
class Constant:
    """A named number of the model; its value is a row of the ledger."""

    name: str
    row: str
    unit: str


@dataclass(frozen=True)
class Reaction:
    """``stoichiometry`` maps species to net coefficients; ``rate`` is in amount per hour [mmol/h]."""

    name: str
    module: str
    stoichiometry: tuple[tuple[str, float], ...]
    rate: Formula
    line: str = ""
    open_because: str = ""


@dataclass(frozen=True)
class Event:
    """What the model itself does at a time [h], once a run; ``assignments`` are made together.

    ``strict`` is True for ``time > T``: only then does an event at the very beginning of a run happen.
    """

    name: str
    module: str
    time: Formula
    strict: bool
    assignments: tuple[tuple[str, Formula], ...]
    line: str = ""


@dataclass(frozen=True)
class Network:
    """Structure of a model: quantities, constants, reactions, rules and events."""

    name: str
    quantities: tuple[Quantity, ...]
    constants: tuple[Constant, ...]
    reactions: tuple[Reaction, ...]
    rate_rules: tuple[tuple[str, Formula], ...]
    assignments: tuple[tuple[str, Formula], ...]
    version: int = VERSION
    events: tuple[Event, ...] = ()  # in the order in which they happen when due together

    @property
    def states(self) -> tuple[str, ...]:
        """Names of what is integrated, in order: species first, then rate rules."""
        return tuple(q.name for q in self.quantities if q.kind in ("species", "rate"))

    @property
    def derived(self) -> tuple[str, ...]:
        """Names of derived quantities in an order in which each can be computed."""
        return tuple(name for name, _ in self.assignments)

    def quantity(self, name: str) -> Quantity:
        """Return the quantity of that name.

        Raises
        ------
        KeyError
            When there is none.
        """
        for each in self.quantities:
            if each.name == name:
                return each
        raise KeyError(name)

    def to_json(self) -> str:
        """Return the network as JSON with sorted keys."""
        return json.dumps(asdict(self), sort_keys=True, indent=1)

    @classmethod
    def from_json(cls, text: str) -> Network:
        """Read what :meth:`to_json` wrote.

        Raises
        ------
        ValueError
            When the text was written by another version of the format.
        """
        data = json.loads(text)
        if data.get("version") != VERSION:
            raise ValueError(f"network format {data.get('version')!r}, expected {VERSION}")
        return cls(
            name=data["name"],
            quantities=tuple(Quantity(**q) for q in data["quantities"]),
            constants=tuple(Constant(**c) for c in data["constants"]),
            reactions=tuple(
                Reaction(**{**r, "stoichiometry": _pairs(r["stoichiometry"]), "rate": _tuples(r["rate"])})
                for r in data["reactions"]
            ),
            rate_rules=tuple((name, _tuples(f)) for name, f in data["rate_rules"]),
            assignments=tuple((name, _tuples(f)) for name, f in data["assignments"]),
            events=tuple(
                Event(
                    **{
                        **e,
                        "time": _tuples(e["time"]),
                        "assignments": tuple((name, _tuples(f)) for name, f in e["assignments"]),
                    }
                )
                for e in data["events"]
            ),
        )

    @cached_property
    def digest(self) -> str:
        """Hash of the structure; it changes when any equation, unit or name changes."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()[:16]


def _pairs(items: list[list[Any]]) -> tuple[tuple[str, float], ...]:
    return tuple((str(name), float(number)) for name, number in items)


def _tuples(formula: Any) -> Formula:
    return tuple(_tuples(part) if isinstance(part, list) else part for part in formula)


def names_in(formula: Formula) -> set[str]:
    """Return the names that a formula uses."""
    if formula[0] == "n":
        return {formula[1]}
    if formula[0] == "c":
        return set()
    return set().union(*(names_in(part) for part in formula[1:]))
