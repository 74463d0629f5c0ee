"""Vector code of a kernel against its Python source and a dense solver."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from gutskin.bench.formula import Builder
from gutskin.bench.stress import stress
from gutskin.compile.source import build_kernel
from gutskin.kernel import Kernel

WIDTH = 4
Machine = Callable[[str], Callable[..., None]]


def mixed() -> Kernel:
    """Every operation there is."""
    build = Builder("mixed")
    build.start = {"a": 1.0, "b": 2.0, "c": 0.5, "d": 0.0}
    build.values = {"k": 0.7, "n": 1.7, "m": 3.0}
    build.rule("ratio", "a / (b + k)")
    build.rule("unused", "exp(-k) + m")
    build.react({"a": -1, "b": 2}, "k * a * ratio ** n / (1 + ratio ** n)")
    build.react({"b": -1, "c": 1}, "m * b - k * c if b > c else exp(-b) * ln(1 + c) + abs(a - b)")
    build.react({"c": -1}, "max(c, k) * min(a, b) + log10(m + c) - a ** 2 + c ** b - 10 ** (-c)")
    build.change("d", "-(k * d) + sqrt_of - a / m - 2")
    build.rule("sqrt_of", "(a * b) ** 0.5")
    return build_kernel(build.network())


def numbers(kernel: Kernel, seed: int, lanes: int) -> tuple[Any, Any]:
    random = np.random.default_rng(seed)
    return random.uniform(0.1, 3.0, (len(kernel.states), lanes)), random.uniform(
        0.2, 4.0, (len(kernel.constants), lanes)
    )


@pytest.fixture(scope="module", params=["mixed", "small", "large"])
def kernel(request: pytest.FixtureRequest) -> Kernel:
    return (
        mixed() if request.param == "mixed" else build_kernel(stress(large=request.param == "large").network)
    )


@pytest.fixture(scope="module")
def code(kernel: Kernel, machine: Machine) -> Callable[..., None]:
    return machine(kernel.lanes.text.replace("LANES", str(WIDTH)))


def test_rates_slopes_and_derived_are_those_of_the_python_kernel(
    kernel: Kernel, code: Callable[..., None]
) -> None:
    y, p = numbers(kernel, 1, WIDTH)
    size = len(kernel.states)
    q, f, also = np.empty((kernel.lanes.hoisted, WIDTH)), np.empty((size, WIDTH)), np.empty((size, WIDTH))
    slopes, derived = np.empty((kernel.lanes.entries, WIDTH)), np.empty((len(kernel.derived), WIDTH))
    code("prepare", p, q)
    code("rates", y, q, f)
    code("slopes", y, q, also, slopes)
    code("observe", y, q, derived)
    np.testing.assert_array_equal(f, also)
    for lane in range(WIDTH):
        still = kernel.scalar.prepare(p[:, lane].tolist())
        rates = np.array(kernel.scalar.rates(y[:, lane].tolist(), still))
        np.testing.assert_allclose(f[:, lane], rates, rtol=1e-11, atol=1e-11 * np.abs(rates).max())
        dense = kernel.scalar.jacobian(y[:, lane].tolist(), still, np.zeros((size, size)))
        entries = np.array([dense[i, j] for i, j in places(kernel)])
        np.testing.assert_allclose(slopes[:, lane], entries, rtol=1e-10, atol=1e-11 * np.abs(entries).max())
        said = kernel.scalar.observe(y[:, lane].tolist(), still)
        np.testing.assert_allclose(derived[:, lane], said, rtol=1e-12, atol=1e-13)


def places(kernel: Kernel) -> list[tuple[int, int]]:
    """Return (row, column) of every entry of the Jacobian, in order, as the Python source writes them."""
    lines = [line.split("]")[0] for line in kernel.source.splitlines() if line.startswith("    out[")]
    return [(int(i), int(j)) for i, j in (line.split("[")[1].split(", ") for line in lines)]


def test_factors_solve_what_a_dense_solver_solves(kernel: Kernel, code: Callable[..., None]) -> None:
    random, size = np.random.default_rng(5), len(kernel.states)
    slopes, right = random.uniform(-1, 1, (kernel.lanes.entries, WIDTH)), random.uniform(-1, 1, (size, WIDTH))
    shift = np.array([[30.0, 50.0, 100.0, 1000.0]])
    factors, x = np.empty((kernel.lanes.factors, WIDTH)), np.empty((size, WIDTH))
    code("factor", slopes, shift, factors)
    more, scale = random.uniform(-1, 1, (size, WIDTH)), np.array([[0.5, 1.0, 2.0, 0.0]])
    code("substitute", factors, right, more, scale, x)
    for lane in range(WIDTH):
        matrix = np.eye(size) * shift[0, lane]
        for (i, j), value in zip(places(kernel), slopes[:, lane], strict=True):
            matrix[i, j] -= value
        np.testing.assert_allclose(
            x[:, lane], np.linalg.solve(matrix, (right + more * scale)[:, lane]), rtol=1e-10, atol=1e-14
        )


def test_the_jacobian_is_the_slope_of_the_rates() -> None:
    kernel = mixed()
    y, p = numbers(kernel, 3, 1)
    state, still, size = y[:, 0], kernel.scalar.prepare(p[:, 0].tolist()), len(kernel.states)
    exact = kernel.scalar.jacobian(state.tolist(), still, np.zeros((size, size)))
    for j in range(size):
        step = np.eye(size)[j] * 1e-6
        up, down = (np.array(kernel.scalar.rates((state + s).tolist(), still)) for s in (step, -step))
        np.testing.assert_allclose(exact[:, j], (up - down) / 2e-6, rtol=1e-6, atol=1e-8)


def test_text_is_the_same_every_time() -> None:
    assert mixed().lanes.text == mixed().lanes.text
