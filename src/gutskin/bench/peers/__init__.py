"""The other solvers, one a file.

Each is a function ``open_model(case)`` that returns another: ``states(person, rtol)``, the states (S, T) of
one person of the case at its output times. Neither is called where the package is missing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from gutskin.bench.cases import Case
from gutskin.bench.peers import amici, copasi, lsoda, numbalsoda, roadrunner

States = Callable[[int, float], Any]


@dataclass(frozen=True)
class Peer:
    """A solver to compare with, and how much of a case it is given: slow ones get less.

    ``full`` and ``quick`` are people and days of a full and a quick run; ``slow`` ones are left out of a
    quick run unless asked for.
    """

    package: str  # what must be there to import
    open_model: Callable[[Case], States]
    full: tuple[int, int]
    quick: tuple[int, int]
    slow: bool = False
    rtols: tuple[float, ...] = (1e-4, 1e-6)

    @property
    def installed(self) -> bool:
        """Whether it can be run here."""
        return find_spec(self.package) is not None


MAIN = "libroadrunner"
PEERS: dict[str, Peer] = {
    MAIN: Peer("roadrunner", roadrunner.open_model, full=(4, 90), quick=(2, 90)),
    "COPASI": Peer("basico", copasi.open_model, full=(2, 90), quick=(1, 30), slow=True),
    "LSODA": Peer("scipy", lsoda.open_model, full=(1, 30), quick=(1, 4)),
    "AMICI": Peer("amici", amici.open_model, full=(2, 90), quick=(1, 30), slow=True),
    "numbalsoda": Peer("numbalsoda", numbalsoda.open_model, full=(2, 90), quick=(1, 30), slow=True),
}
