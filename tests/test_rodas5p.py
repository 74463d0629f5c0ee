"""The coefficients: order, order between steps, and stability, all by numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gutskin.engine.methods.rodas5p import DENSE, GAMMA, ORDER, STAGES, A, C


def step(f: Callable[[Any], Any], jacobian: Callable[[Any], Any], y: Any, h: float) -> tuple[Any, Any, Any]:
    """Return the new state, the estimate of the error, and the stages, as the method says."""
    matrix = np.eye(y.size) / (h * GAMMA) - jacobian(y)
    stages: list[Any] = []
    for i in range(STAGES):
        argument = y + sum((a * u for a, u in zip(A[i], stages, strict=True)), np.zeros(y.size))
        side = f(argument) + sum((c * u for c, u in zip(C[i], stages, strict=True)), np.zeros(y.size)) / h
        stages.append(np.linalg.solve(matrix, side))
    return argument + stages[-1], stages[-1], stages


def pendulum(y: Any) -> Any:
    return np.array([y[1] * y[2], -np.sin(y[0]) - 0.1 * y[1] ** 2, -y[2] * y[0] / (1 + y[2])])


def pendulum_slopes(y: Any) -> Any:
    return np.array(
        [
            [0.0, y[2], y[1]],
            [-np.cos(y[0]), -0.2 * y[1], 0.0],
            [-y[2] / (1 + y[2]), 0.0, -y[0] / (1 + y[2]) ** 2],
        ]
    )


def run(h: float) -> tuple[Any, Any]:
    """Return the end and what is seen inside the first step."""
    y = np.array([1.0, 0.5, 0.8])
    seen = None
    for _ in range(round(1 / h)):
        new, _, stages = step(pendulum, pendulum_slopes, y, h)
        if seen is None:
            d = [sum(w * u for w, u in zip(row, stages, strict=True)) for row in DENSE]
            s = 0.37
            seen = (1 - s) * y + s * (new + (1 - s) * (d[0] + s * (d[1] + s * d[2])))
        y = new
    return y, seen


def exact(time: float) -> Any:
    from scipy.integrate import solve_ivp

    return solve_ivp(
        lambda _, y: pendulum(y), (0, time), [1.0, 0.5, 0.8], method="DOP853", rtol=1e-13, atol=1e-15
    ).y[:, -1]


def test_the_error_falls_with_the_fifth_power_of_the_step() -> None:
    errors = [np.abs(run(h)[0] - exact(1.0)).max() for h in (1 / 8, 1 / 16, 1 / 32)]
    orders = np.log2(np.array(errors[:-1]) / errors[1:])
    assert (orders > ORDER - 0.4).all(), orders


def test_between_steps_the_error_of_one_step_falls_with_the_fifth_power() -> None:
    errors = [np.abs(run(h)[1] - exact(0.37 * h)).max() for h in (1 / 2, 1 / 4, 1 / 8)]
    orders = np.log2(np.array(errors[:-1]) / errors[1:])
    assert (orders > 4.5).all(), orders


def test_the_estimate_is_of_order_four() -> None:
    y = np.array([1.0, 0.5, 0.8])
    errors = [np.abs(step(pendulum, pendulum_slopes, y, h)[1]).max() for h in (1 / 8, 1 / 16, 1 / 32)]
    orders = np.log2(np.array(errors[:-1]) / errors[1:])
    assert (np.abs(orders - 5) < 0.5).all(), orders


def growth(z: complex) -> complex:
    """Return what a step of length 1 makes of 1 when y' = z y."""
    stages: list[complex] = []
    argument = 1.0 + 0j
    for i in range(STAGES):
        argument = 1.0 + sum(a * u for a, u in zip(A[i], stages, strict=True))
        stages.append(
            (z * argument + sum(c * u for c, u in zip(C[i], stages, strict=True))) / (1 / GAMMA - z)
        )
    return argument + stages[-1]


def test_it_is_stable_on_the_whole_left_and_forgets_what_is_infinitely_fast() -> None:
    imaginary = np.concatenate([[0.0], np.geomspace(1e-3, 1e6, 4000)])
    assert max(abs(growth(1j * y)) for y in imaginary) <= 1 + 1e-9
    left = [-x + 1j * y for x in np.geomspace(1e-2, 1e6, 30) for y in np.geomspace(1e-2, 1e6, 30)]
    assert max(abs(growth(z)) for z in left) <= 1 + 1e-9
    assert abs(growth(-1e9)) < 1e-6
    np.testing.assert_allclose(growth(-0.01), np.exp(-0.01), rtol=1e-13)
