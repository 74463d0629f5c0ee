"""The compiled form of a network: Python source, the names of its rows, and functions made from it.

The same source runs on floats (one person) and on arrays of people; only the functions it calls differ.
Besides the states of the network a kernel carries one tally a conserved element: what has crossed the border
of the person. State contents plus tally stay constant over any run, which is how balances are tested.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

TINY, LARGE = 1e-300, 700.0

Function = Callable[..., Any]


@dataclass(frozen=True)
class Functions:
    """Compiled functions of a kernel; ``p`` are constants, ``q`` what is computed from them once a person."""

    prepare: Function  # p -> q
    rates: Function  # y, q -> list of dy/dt [unit/h]
    jacobian: Function  # y, q, out -> None; fills out[i][j]
    observe: Function  # y, q -> list of derived quantities
    schedule: Function  # p -> per event its time [h] and the numbers of its changes


@dataclass(frozen=True)
class Happening:
    """What is known of an event beforehand; its time and its numbers come from a person's constants.

    ``kinds`` says of each number of ``schedule`` what it does, ``"set"``, ``"scale"`` or ``"add"``, and
    ``places`` to which constant or state.
    """

    name: str
    strict: bool  # happens at the very beginning of a run too
    kinds: tuple[str, ...]
    places: tuple[int, ...]


@dataclass(frozen=True)
class Lanes:
    """LLVM IR of a kernel for any lane width, and how long its arrays are, in vectors."""

    text: str
    hoisted: int  # what is computed from constants once a person
    entries: int  # of the Jacobian
    factors: int  # of its LU factorisation


@dataclass(frozen=True)
class Kernel:
    """Source and names; ``states`` are the network's states followed by the tallies."""

    states: tuple[str, ...]
    constants: tuple[str, ...]
    derived: tuple[str, ...]
    tallies: tuple[str, ...]
    content: tuple[tuple[float, ...], ...]  # per tally, content of each state [mol/mol]
    source: str
    lanes: Lanes
    events: tuple[Happening, ...] = ()

    @cached_property
    def scalar(self) -> Functions:
        """Functions on floats, for one person."""
        return _compile(self.source, _scalar_names())

    @cached_property
    def vector(self) -> Functions:
        """Functions on arrays with people (or times) last."""
        return _compile(self.source, _array_names())


def _scalar_names() -> dict[str, Function]:
    def power(a: float, b: float) -> float:
        return math.exp(min(b * math.log(TINY if a < TINY else a), LARGE))

    def ln(a: float) -> float:
        return math.log(TINY if a < TINY else a)

    def exp(a: float) -> float:
        return math.exp(LARGE if a > LARGE else a)

    def select(condition: bool, a: float, b: float) -> float:
        return a if condition else b

    return {"power": power, "ln": ln, "exp": exp, "select": select, "abs": abs}


def _array_names() -> dict[str, Function]:
    import numpy as np

    def power(a: Any, b: Any) -> Any:
        return np.exp(np.minimum(b * np.log(np.maximum(a, TINY)), LARGE))

    def ln(a: Any) -> Any:
        return np.log(np.maximum(a, TINY))

    def exp(a: Any) -> Any:
        return np.exp(np.minimum(a, LARGE))

    return {"power": power, "ln": ln, "exp": exp, "select": np.where, "abs": np.abs}


def _compile(source: str, names: dict[str, Function]) -> Functions:
    space: dict[str, Any] = dict(names)
    exec(compile(source, "<kernel>", "exec"), space)
    return Functions(space["prepare"], space["rates"], space["jacobian"], space["observe"], space["schedule"])
