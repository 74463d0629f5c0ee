"""Variable-order backward differentiation formulas in quasi-constant steps [shampine_1997]_, through SciPy.

.. [shampine_1997] L. F. Shampine and M. W. Reichelt, The MATLAB ODE suite, SIAM J. Sci. Comput. 18 (1997)
   1-22, doi:10.1137/S1064827594276424.
"""

from __future__ import annotations

from typing import Any


def open_bdf(rates: Any, jacobian: Any, time: float, state: Any, end: float, rtol: float, atol: Any) -> Any:
    """Return a stepper from ``time`` to ``end`` [h]."""
    from scipy.integrate import BDF

    return BDF(rates, time, state, end, rtol=rtol, atol=atol, jac=jacobian)
