"""LSODA: Adams and BDF with automatic switching [petzold_1983]_, through SciPy.

.. [petzold_1983] L. Petzold, Automatic selection of methods for solving stiff and nonstiff systems of
   ordinary differential equations, SIAM J. Sci. Stat. Comput. 4 (1983) 136-148, doi:10.1137/0904010.
"""

from __future__ import annotations

from typing import Any


def open_lsoda(rates: Any, jacobian: Any, time: float, state: Any, end: float, rtol: float, atol: Any) -> Any:
    """Return a stepper from ``time`` to ``end`` [h]."""
    from scipy.integrate import LSODA

    return LSODA(rates, time, state, end, rtol=rtol, atol=atol, jac=jacobian)
