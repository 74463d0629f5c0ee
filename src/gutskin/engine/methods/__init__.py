"""Integrators, one a file.

Each is a function ``open(rates, jacobian, time, state, end, rtol, atol)`` that returns a stepper with
``step()``, ``t``, ``y``, ``status`` and ``dense_output()``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gutskin.engine.methods.bdf import open_bdf
from gutskin.engine.methods.lsoda import open_lsoda

METHODS: dict[str, Callable[..., Any]] = {"LSODA": open_lsoda, "BDF": open_bdf}
