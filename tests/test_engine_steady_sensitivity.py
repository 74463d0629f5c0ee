"""Derivatives of a steady state: closed forms, settling twice, and what has none."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gutskin import bench
from gutskin.bench.formula import Builder
from gutskin.compile.source import build_kernel
from gutskin.engine.outcome import Code, Options
from gutskin.engine.steady import settle, settle_all
from gutskin.engine.steady_sensitivity import SteadySensitivity, steady_sensitivities
from gutskin.errors import InputError
from gutskin.kernel import Kernel

helpers = runpy.run_path(str(Path(__file__).parent / "helpers.py"))


def kernel_of(
    states: dict[str, float], values: dict[str, float], changes: dict[str, str], **rules: str
) -> Kernel:
    build = Builder("toy")
    build.start, build.values = states, values
    for name, text in rules.items():
        build.rule(name, text)
    for name, text in changes.items():
        build.change(name, text)
    return build_kernel(build.network())


def of(kernel: Kernel, states: Any, constants: Any, **more: Any) -> SteadySensitivity:
    chosen = more.pop("of", range(len(kernel.constants)))
    return steady_sensitivities(kernel, states, constants, np.full(len(states), 1e-6), of=chosen, **more)


@settings(max_examples=30, deadline=None)
@given(st.floats(1e-3, 1e3), st.floats(1e-2, 10.0), st.booleans())
def test_a_pool_of_inflow_and_loss(inflow: float, loss: float, log: bool) -> None:
    kernel = kernel_of(
        {"x": 1.0}, {"inflow": 1.0, "loss": 1.0}, {"x": "inflow - loss * x"}, double="2 * x * loss"
    )
    got = of(kernel, [1.001 * inflow / loss], [inflow, loss], log=log)
    x, own = inflow / loss, [inflow, loss] if log else [1.0, 1.0]
    assert got.failure is None
    assert got.at == pytest.approx([x])
    assert got.moved == pytest.approx(1e-3, rel=0.01)
    assert got.residual < 1e-9
    np.testing.assert_allclose(got.states[0], [own[0] / loss, -own[1] * x / loss], rtol=1e-8)
    # two terms of size 2 x cancel
    cancelled = max(1e-7 * own[0], 1e-10 * 2 * own[1] * x)
    np.testing.assert_allclose(got.derived[0], [2 * own[0], 0.0], rtol=1e-8, atol=cancelled)


def test_a_chemostat() -> None:
    """Food settles where growth meets dilution, whatever flows in; eaters live on the rest."""
    values = {"feed": 10.0, "out": 0.3, "vmax": 1.2, "half": 0.7}
    kernel = kernel_of(
        {"food": 1.0, "eater": 1.0},
        values,
        {
            "food": "out * (feed - food) - vmax * food / (half + food) * eater",
            "eater": "vmax * food / (half + food) * eater - out * eater",
        },
    )
    feed, out, vmax, half = values.values()
    food = half * out / (vmax - out)
    got = of(kernel, [food * 1.01, (feed - food) * 0.99], list(values.values()))
    by = [0.0, half * vmax / (vmax - out) ** 2, -half * out / (vmax - out) ** 2, out / (vmax - out)]
    np.testing.assert_allclose(got.states[0], by, rtol=1e-8, atol=1e-9)
    np.testing.assert_allclose(got.states[1], [1 - by[0], *(-each for each in by[1:])], rtol=1e-8)


def test_conserved_totals_stay_as_they_are() -> None:
    """Two pools that exchange: the total decides, and no constant changes it."""
    kernel = kernel_of(
        {"a": 1.0, "b": 1.0, "c": 1.0},
        {"k": 0.2, "l": 0.5, "d": 0.1},
        {"a": "l * b ** 2 - k * a", "b": "2 * k * a - 2 * l * b ** 2", "c": "a - d * c"},
    )
    b = 2.0
    a = 0.5 / 0.2 * b**2
    got = of(kernel, [a, b, a / 0.1], [0.2, 0.5, 0.1])
    assert (got.failure, got.conserved) == (None, 1)
    np.testing.assert_allclose(2 * got.states[0] + got.states[1], 0.0, atol=1e-9)
    # 2 a + b = T and k a = l b^2: (2 l / k) b^2 + b = T
    by_ratio = -(b**2) / (4 * 0.5 / 0.2 * b + 1) * 2
    np.testing.assert_allclose(got.states[1], by_ratio * np.array([-0.5 / 0.04, 1 / 0.2, 0.0]), atol=1e-8)


def test_a_leak_of_nothing_has_no_derivative_where_a_total_decides() -> None:
    """With any leak at all the pools would be empty in the end."""
    kernel = kernel_of(
        {"a": 1.0, "b": 1.0}, {"k": 0.2, "leak": 0.0}, {"a": "b - k * a", "b": "k * a - b - leak * b"}
    )
    got = of(kernel, [5.0, 1.0], [0.2, 0.0], sizes={"leak": 1.0})
    assert (got.failure, got.conserved, list(got.failures)) == (None, 1, ["leak"])
    np.testing.assert_allclose(got.states[:, 0], [-5 / 1.2, 5 / 1.2], rtol=1e-8)
    assert np.isnan(got.states[:, 1]).all()
    assert "leak changes a total" in got.failures["leak"].reason


REFUSED = {
    "a line of steady states": (
        {"a": "a * (1 - a - b) * k", "b": "b * (1 - a - b) * k"}, [0.4, 0.6], Code.NOT_STEADY, "only one"
    ),
    "a state that nothing changes": ({"a": "k - a", "b": "b * (a - k)"}, [1.0, 1.0], Code.NOT_STEADY, "only"),
    "unstable": ({"a": "a * (a - k)", "b": "k - b"}, [1.0, 1.0], Code.NOT_STEADY, "a leaves it"),
    "none": ({"a": "k + a ** 2", "b": "k - b"}, [1.3, 1.0], Code.NOT_STEADY, "a is not at rest"),
    "below zero": ({"a": "0 - k - a", "b": "k - b"}, [-1.0, 1.0], Code.NEGATIVE, "a is below zero"),
    "undefined": ({"a": "k / (a - a) - a", "b": "k - b"}, [1.0, 1.0], Code.NOT_FINITE, "is undefined"),
    "infinite": ({"a": "k - a", "b": "k / (a - 1) - b"}, [1.0, 1.0], Code.NOT_FINITE, "of b"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_has_no_answer_is_a_failure_with_a_reason(case: str) -> None:
    changes, at, code, words = REFUSED[case]
    kernel = kernel_of({"a": 1.0, "b": 1.0}, {"k": 1.0}, changes, sum="a + b")
    got = of(kernel, at, [1.0])
    assert got.failure is not None
    assert got.failure.code == code
    assert words in got.failure.reason
    assert np.isnan(got.states).all()
    assert np.isnan(got.derived).all()


@pytest.mark.parametrize(("code", "more"), [("E271", {"of": ["q"]}), ("E272", {"of": ["k"]})])
def test_refusals(code: str, more: dict[str, Any]) -> None:
    kernel = kernel_of({"a": 1.0}, {"k": 0.0}, {"a": "k - a"})
    with pytest.raises(InputError) as refused:
        of(kernel, [0.0], [0.0], **more)
    assert refused.value.code == code


def test_tallies_are_left_out(tmp_path: Path) -> None:
    model = helpers["filling"](tmp_path)
    got = steady_sensitivities(model.kernel, [6.0], model.constants(), model.floors(), of=["inflow"])
    assert got.states.shape == (1, 1)
    assert got.states[0, 0] == pytest.approx(2.0)
    assert got.derived[0, 0] == pytest.approx(2.0)


@pytest.mark.parametrize("name", ["small", "person"])
def test_settling_twice_says_the_same(name: str) -> None:
    case = bench.person_case(1) if name == "person" else bench.stress_case(name, 1)
    own, start, step = case.constants[:, 0], case.start, 5e-4
    random = np.random.default_rng(7)
    chosen = [int(k) for k in random.choice(own.size - 24, 12, replace=False) if own[k] > 0]
    settled = settle(case.kernel, start, own, case.floors)
    assert settled.failure is None
    got = steady_sensitivities(case.kernel, settled.states, own, case.floors, of=chosen, log=True)
    assert got.failure is None
    assert got.moved < 0.02
    changed = np.repeat(own[:, None], 2 * len(chosen), axis=1)
    for n, k in enumerate(chosen):
        changed[k, 2 * n : 2 * n + 2] *= np.exp([step, -step])
    begin = np.repeat(got.at[:, None], changed.shape[1], axis=1)
    tight = Options(rtol=1e-9, floor_share=1e-6)
    ends = settle_all(case.kernel, begin, changed, case.floors, tight, tolerance=1e-11, limit=20_000.0)
    assert all(each.failure is None for each in ends)
    there = np.array([each.states for each in ends]).T
    twice = (there[:, ::2] - there[:, 1::2]) / (2 * step)
    size = np.maximum(np.abs(got.at), case.floors)[:, None]
    off = np.abs(got.states - twice) / size
    assert np.quantile(off, 0.99) < 1e-5
    assert off.max() < 1e-3
    assert np.abs(got.states / size).max() > 0.5
