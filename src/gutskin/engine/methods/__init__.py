"""Integrators, one a file.

``LANES`` is the method of the fast engine, which runs people in the lanes of vectors. The others are the
reference: each is a function ``open(rates, jacobian, time, state, end, rtol, atol)`` that returns a stepper
with ``step()``, ``t``, ``y``, ``status`` and ``dense_output()``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gutskin.engine.methods.bdf import open_bdf
from gutskin.engine.methods.lsoda import open_lsoda

LANES = "Rodas5P"
RESCUE = "BDF"  # pivots, so it runs people whom the fast engine cannot
METHODS: dict[str, Callable[..., Any]] = {"LSODA": open_lsoda, "BDF": open_bdf}
NAMES = (LANES, *METHODS)
