"""numbalsoda: LSODA in C++ on a compiled right-hand side, from meal to meal.

Its users have numba compile the right-hand side, which takes minutes for a large one. Here it is this
engine's own, one lane wide.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gutskin.bench.cases import Case
from gutskin.bench.machine import compiled
from gutskin.bench.peers.pieces import through
from gutskin.bench.sbml import ABSOLUTE

MAX_STEPS = 100_000
RIGHT_HAND_SIDE = """
define void @side(double %t, ptr %u, ptr %du, ptr %p) {
 call void @rates(ptr %u, ptr %p, ptr %du)
 ret void
}
define void @once(ptr %p, ptr %q) {
 call void @prepare(ptr %p, ptr %q)
 ret void
}
"""


def open_model(case: Case) -> Callable[[int, float], Any]:
    """Return ``states(person, rtol)``.

    The function raises ``ArithmeticError`` when the run fails.
    """
    import ctypes

    import numpy as np
    from numbalsoda import lsoda

    code = compiled(case.kernel.lanes.text.replace("LANES", "1") + RIGHT_HAND_SIDE)
    signature = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)
    still = np.empty(case.kernel.lanes.hoisted + 1)

    def run(state: Any, times: Any, rtol: float) -> Any:
        side = code.get_function_address("side")  # asked for here, so that the code is kept
        found, fine = lsoda(side, state, times, data=still, rtol=rtol, atol=rtol * ABSOLUTE, mxstep=MAX_STEPS)
        if not fine:
            raise ArithmeticError(
                f"gave up between {times[0] / case.day:.4g} and {times[-1] / case.day:.4g} days"
            )
        return found

    run(np.concatenate([case.start, np.zeros(len(case.kernel.tallies))]), case.times[:1], 1e-2)

    def states(person: int, rtol: float) -> Any:
        constants = np.ascontiguousarray(case.constants[:, person])
        once = signature(code.get_function_address("once"))
        once(constants.ctypes.data, still.ctypes.data)
        return through(case, person, lambda state, times: run(state, times, rtol))

    return states
