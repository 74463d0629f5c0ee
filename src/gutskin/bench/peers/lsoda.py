"""LSODA of SciPy on generated Python: the engine's reference method, without cutting what is small."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gutskin.bench.cases import Case


def open_model(case: Case) -> Callable[[int, float], Any]:
    """Return ``states(person, rtol)``.

    The function raises ``ArithmeticError`` with the reason when the run fails.
    """
    import numpy as np
    import scipy.integrate

    from gutskin.engine.outcome import Options
    from gutskin.engine.reference import Person, run_person

    kernel = case.kernel
    assert kernel.scalar  # this and the import above belong to getting ready, not to the first run
    assert scipy.integrate
    start = np.concatenate([case.start, np.zeros(len(kernel.tallies))])
    floors = np.concatenate([case.floors, np.ones(len(kernel.tallies))])
    plans = case.plans

    def states(person: int, rtol: float) -> Any:
        out = np.empty((start.size, case.days + 1))
        who = Person(kernel, start, case.constants[:, person], floors, Options("LSODA", rtol))
        failure = run_person(who, case.times, plans[person], out, person, None)
        if failure:
            raise ArithmeticError(f"{failure.reason} at {failure.time / case.day:.3g} days")
        return out[: case.start.size]

    return states
