"""What is known with pen and paper, or was published: the engine finds it again.

The chain, logistic growth and a train of doses for one set of numbers are in ``test_fast.py``; here numbers
are drawn, and problems are as hard as they were published.
"""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import expm
from scipy.special import lambertw

from gutskin.engine.fast import solve_lanes
from gutskin.engine.outcome import Options, Stop, Trajectory
from gutskin.kernel import Kernel

kernel_of = runpy.run_path(str(Path(__file__).parent / "test_fast.py"))["kernel_of"]
CALM = settings(max_examples=25, deadline=None)
rates = st.floats(0.01, 5.0)
TIMES = np.linspace(0.0, 10.0, 21)


def run(
    kernel: Kernel, start: Any, constants: Any, times: Any = TIMES, plan: Any = (), *, rtol: float = 1e-10,
    floors: Any = None, share: float = 1e-4,
) -> Trajectory:  # fmt: skip
    """Integrate one person, and show what is small as it is."""
    floors = np.full(len(kernel.states), 1e-6) if floors is None else np.array(floors)
    begin, own = np.array(start, float)[:, None], np.array(constants, float)[:, None]
    done = solve_lanes(
        kernel, begin, own, floors, np.array(times), [plan], Options("Rodas5P", rtol, share), raw=True
    )
    assert not done.failures
    return done


@pytest.fixture(scope="module")
def eaten() -> Kernel:
    return kernel_of({"s": 1.0}, {"vmax": 1.0, "km": 1.0}, {"s": "-vmax * s / (km + s)"})


@CALM
@given(st.floats(0.05, 50.0), rates, st.floats(0.05, 20.0))
def test_a_substrate_eaten_by_a_saturated_enzyme(eaten: Kernel, start: float, vmax: float, km: float) -> None:
    """Michaelis and Menten's rate, integrated with Lambert's W (Schnell and Mendoza)."""
    got = run(eaten, [start], [vmax, km]).states[0, :, 0]
    # W of a number as large as exp(1000): its logarithm is what is known
    log = np.log(start / km) + (start - vmax * TIMES) / km
    known = np.array([km * (_large_w(x) if x > 100 else lambertw(np.exp(x)).real) for x in log])
    np.testing.assert_allclose(got, known, rtol=1e-8, atol=1e-8)


def _large_w(log: float) -> float:
    """W(exp(log)) for a large log, by Newton's steps on w + ln w = log."""
    w = log - np.log(log)
    for _ in range(8):
        w -= (w + np.log(w) - log) / (1 + 1 / w)
    return float(w)


@pytest.fixture(scope="module")
def growing() -> Kernel:
    return kernel_of({"x": 1.0}, {"r": 1.0, "room": 1.0}, {"x": "r * x * (1 - x / room)"})


@CALM
@given(st.floats(1e-3, 30.0), rates, st.floats(0.1, 20.0))
def test_logistic_growth_from_below_and_from_above(
    growing: Kernel, start: float, r: float, room: float
) -> None:
    got = run(growing, [start], [r, room]).states[0, :, 0]
    np.testing.assert_allclose(
        got, room / (1 + (room / start - 1) * np.exp(-r * TIMES)), rtol=1e-8, atol=1e-9
    )


@pytest.fixture(scope="module")
def chain() -> Kernel:
    """Four pools in a row, with one way back."""
    return kernel_of(
        {"a": 1.0, "b": 0.0, "c": 0.0, "d": 0.0},
        {"k": 1.0, "l": 1.0, "m": 1.0, "n": 1.0, "back": 1.0},
        {
            "a": "-k * a + back * c",
            "b": "k * a - l * b",
            "c": "l * b - m * c - back * c",
            "d": "m * c - n * d",
        },
    )


def matrix(k: float, l: float, m: float, n: float, back: float) -> Any:  # noqa: E741
    return np.array([[-k, 0, back, 0], [k, -l, 0, 0], [0, l, -m - back, 0], [0, 0, m, -n]])


@CALM
@given(st.tuples(rates, rates, rates, rates, rates))
def test_a_chain_of_pools_is_the_exponential_of_its_matrix(chain: Kernel, k: tuple[float, ...]) -> None:
    got = run(chain, [3.0, 1.0, 0.0, 2.0], k).states[:, :, 0]
    known = np.stack([expm(matrix(*k) * t) @ [3, 1, 0, 2] for t in TIMES], axis=1)
    np.testing.assert_allclose(got, known, rtol=1e-8, atol=1e-9)


doses = st.lists(
    st.tuples(st.integers(0, 999).map(lambda n: n / 100), st.integers(0, 3), st.floats(0.1, 10.0)), max_size=6
)


@CALM
@given(st.tuples(rates, rates, rates, rates, rates), doses)
def test_doses_of_a_linear_model_superpose(
    chain: Kernel, k: tuple[float, ...], given: list[tuple[float, int, float]]
) -> None:
    """What many doses do is the sum of what each does alone, and that is a matrix exponential."""
    plan = [Stop(time, add=((where, amount),)) for time, where, amount in given]
    got = run(chain, np.zeros(4), k, plan=plan).states[:, :, 0]
    known = np.zeros_like(got)
    for time, where, amount in given:
        for j in np.flatnonzero(time < TIMES):
            known[:, j] += expm(matrix(*k) * (TIMES[j] - time))[:, where] * amount
    np.testing.assert_allclose(got, known, rtol=1e-8, atol=1e-8)


# Reference solutions of the Test Set for IVP Solvers (Mazzia and Magherini), problems ROBER and VDPOL.


def test_robertson_to_the_end() -> None:
    kernel = kernel_of(
        {"a": 1.0, "b": 0.0, "c": 0.0},
        {"k1": 0.04, "k2": 3e7, "k3": 1e4},
        {"a": "-k1 * a + k3 * b * c", "b": "k1 * a - k3 * b * c - k2 * b ** 2", "c": "k2 * b ** 2"},
    )
    floors = [1e-8, 1e-13, 1e-8]
    got = run(kernel, [1.0, 0.0, 0.0], [0.04, 3e7, 1e4], [0.0, 1e11], floors=floors, share=1e-8)
    known = [0.2083340149701255e-07, 0.8333360770334713e-13, 0.9999999791665050]
    np.testing.assert_allclose(got.states[:, 1, 0], known, rtol=1e-7)
    assert got.steps < 5000


@pytest.mark.parametrize(("rtol", "close"), [(1e-6, 1e-3), (1e-9, 1e-6), (1e-12, 1e-9)])
def test_van_der_pol_through_its_jumps(rtol: float, close: float) -> None:
    """As published, with mu = 1000; both states swing through 0, so their floors lie far below them."""
    kernel = kernel_of({"x": 2.0, "v": 0.0}, {"mu": 1e3}, {"x": "v", "v": "mu * (1 - x ** 2) * v - x"})
    got = run(kernel, [2.0, 0.0], [1e3], [0.0, 2000.0], rtol=rtol, floors=[1e2, 1e4], share=rtol * 1e-5)
    np.testing.assert_allclose(got.states[:, 1, 0], [1.706167732170469, -0.8928097010248125e-3], rtol=close)
    assert got.steps < 20_000
