"""What a run returns: trajectories with people last, and failures as values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

Array = Any  # numpy.ndarray of float


class Code(IntEnum):
    """How one person's run ended."""

    OK = 0
    NOT_FINITE = 1
    NEGATIVE = 2
    STEP_COLLAPSED = 3
    TOO_MANY_STEPS = 4
    NOT_STEADY = 5


@dataclass(frozen=True)
class Failure:
    """Why, when and where one person's run failed; ``time`` [h], ``state`` is a name or empty."""

    person: int
    code: Code
    reason: str
    time: float
    state: str = ""


@dataclass(frozen=True)
class Options:
    """Solver settings, stored in every result.

    Parameters
    ----------
    method
        A name of ``engine.methods.NAMES``.
    rtol
        Relative tolerance of a step.
    floor_share
        Absolute tolerance of a state as a share of its floor (the size below which it means nothing).
    max_steps
        Limit of steps of one person's run.
    """

    method: str = "Rodas5P"
    rtol: float = 1e-6
    floor_share: float = 0.01
    max_steps: int = 200_000


@dataclass(frozen=True)
class Stop:
    """An exact stop of one person's run at ``time`` [h].

    Constants are set first, then states are scaled, then amounts are added. An output at the time of a stop
    shows the person just before it.
    """

    time: float
    set: tuple[tuple[int, float], ...] = ()
    scale: tuple[tuple[int, float], ...] = ()
    add: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True)
class Trajectory:
    """States of people at the output times.

    ``times`` (T,) [h]; ``states`` (S, T, P) in declared units, NaN from the time of a failure on; ``derived``
    (D, T, P) likewise; ``codes`` (P,); ``steps`` tried in all; ``rescued`` are people whose step collapsed
    and who were run again with a reference method; ``end`` (S, P) are the states to go on from, which keep
    what is shown as 0.
    """

    times: Array
    states: Array
    derived: Array
    codes: Array
    failures: tuple[Failure, ...]
    steps: int
    rescued: tuple[int, ...] = ()
    end: Array = None
