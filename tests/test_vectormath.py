"""exp, ln and power in vector code: accuracy in units in the last place, and the edges."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, localcontext
from typing import Any

import numpy as np
import pytest

from gutskin.compile.vectormath import definitions

WRAP = """
define void @run_{name}(ptr %x, ptr %n, ptr %out) {{
 %a = load %v, ptr %x, align 8
 %b = load %v, ptr %n, align 8
 %c = call %v @{name}({arguments})
 store %v %c, ptr %out, align 8
 ret void
}}
"""
WIDTHS = (2, 4, 8)
Run = Callable[[str, Any, Any, int], Any]


@pytest.fixture(scope="module")
def run(machine: Callable[[str], Callable[..., None]]) -> Run:
    text = definitions()
    for name, arguments in (("exp", "%v %a"), ("ln", "%v %a"), ("power", "%v %a, %v %b")):
        text += WRAP.format(name=name, arguments=arguments)
    calls = {width: machine(text.replace("LANES", str(width))) for width in WIDTHS}

    def values(name: str, x: Any, n: Any, width: int) -> Any:
        x, n = np.broadcast_arrays(np.asarray(x, float), np.asarray(n, float))
        out = np.empty(-(-x.size // width) * width)
        a, b = np.ones_like(out), np.ones_like(out)
        a[: x.size], b[: x.size] = x, n
        for first in range(0, out.size, width):
            part = slice(first, first + width)
            calls[width](f"run_{name}", a[part], b[part], out[part])
        return out[: x.size]

    return values


def off(got: Any, exact: list[Decimal]) -> float:
    """Return the largest error in units in the last place."""
    with localcontext() as context:
        context.prec = 60
        return max(
            float(abs(Decimal(float(g)) - e) / Decimal(float(np.spacing(abs(float(e))))))
            for g, e in zip(got, exact, strict=True)
        )


def exactly(compute: Callable[..., Decimal], *arrays: Any) -> list[Decimal]:
    with localcontext() as context:
        context.prec = 50
        return [compute(*(Decimal(float(v)) for v in values)) for values in zip(*arrays, strict=True)]


def test_exp_is_within_two_units_in_the_last_place(run: Run) -> None:
    random = np.random.default_rng(1)
    x = np.concatenate(
        [random.uniform(-690, 690, 3000), random.uniform(-1, 1, 3000), 10.0 ** random.uniform(-20, 0, 500)]
    )
    assert off(run("exp", x, 0.0, 8), exactly(lambda v: v.exp(), x)) <= 1.0


def test_ln_is_within_two_units_in_the_last_place(run: Run) -> None:
    random = np.random.default_rng(2)
    x = np.concatenate(
        [
            10.0 ** random.uniform(-299, 299, 3000),
            random.uniform(0.5, 2, 3000),
            1 + random.uniform(-1e-6, 1e-6, 500),
        ]
    )
    assert off(run("ln", x, 0.0, 8), exactly(lambda v: v.ln(), x)) <= 1.0


def test_power_is_within_two_units_in_the_last_place(run: Run) -> None:
    random = np.random.default_rng(3)
    x, n = 10.0 ** random.uniform(-12, 12, 4000), random.uniform(-8, 8, 4000)
    assert off(run("power", x, n, 8), exactly(lambda a, b: (b * a.ln()).exp(), x, n)) <= 2.0


@pytest.mark.parametrize("name", ["exp", "ln", "power"])
def test_every_lane_width_gives_the_same_bits(run: Run, name: str) -> None:
    random = np.random.default_rng(4)
    x, n = 10.0 ** random.uniform(-30, 2, 1000), random.uniform(-3, 3, 1000)
    first = run(name, x, n, WIDTHS[0])
    for width in WIDTHS[1:]:
        np.testing.assert_array_equal(run(name, x, n, width), first)


def test_edges(run: Run) -> None:
    np.testing.assert_array_equal(run("exp", [0.0, -0.0], 0.0, 2), [1.0, 1.0])
    np.testing.assert_array_equal(run("ln", [1.0], 0.0, 2), [0.0])
    np.testing.assert_allclose(run("ln", [0.0, -3.0], 0.0, 2), np.log(1e-300), rtol=1e-15)
    np.testing.assert_allclose(run("exp", [1e4, -1e4], 0.0, 2), np.exp([700.0, -700.0]), rtol=1e-14)
    np.testing.assert_array_equal(run("power", [2.0, 3.0, 10.0], [2.0, 1.0, 0.0], 4), [4.0, 3.0, 1.0])


@pytest.mark.parametrize("name", ["exp", "ln", "power"])
def test_what_is_undefined_stays_undefined(run: Run, name: str) -> None:
    assert np.isnan(run(name, [np.nan, np.nan], [2.0, -0.5], 2)).all()
    if name == "power":
        assert np.isnan(run(name, [2.0, 0.5], [np.nan, np.nan], 2)).all()
