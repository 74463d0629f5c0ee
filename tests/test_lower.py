"""Python lowered to machine code does what Python does."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gutskin.engine.lower import lower

Numbers = Any
Wholes = Any
LIMIT = 40
HALF = 0.5


@dataclass
class Record:
    count: int
    scale: float
    numbers: Numbers
    wholes: Wholes


def collatz(record: Record) -> None:
    """While, if, else, whole arithmetic, break, and a number of the module."""
    for k in range(record.count):
        n, steps = record.wholes[k], 0
        while n != 1:
            if n % 2 == 0:
                n = n // 2
            else:
                n = 3 * n + 1
            steps += 1
            if steps >= LIMIT:
                break
        record.wholes[k] = steps


def blend(record: Record) -> None:
    """Continue, and, or, not, min, max, abs, calls with arguments, mixed numbers."""
    for k in range(1, record.count):
        x = record.numbers[k]
        if not (x > -2.0 and x < 2.0) or k == 3:
            continue
        record.numbers[k] = max(min(x, 1.0), -HALF) + abs(x) / 4 - nearest(record, k, x) * record.scale
    record.numbers[0] = -float(record.count)


def nearest(record: Record, below: int, x: float) -> int:
    best, at = 1e9, 0
    for k in range(below):
        if abs(record.numbers[k] - x) < best:
            best, at = abs(record.numbers[k] - x), k
    return at


@pytest.fixture(scope="module")
def call(machine: Callable[[str], Any]) -> Callable[[str, Record], None]:
    text = "declare double @llvm.fabs.f64(double)\n" + lower((collatz, blend, nearest), Record)
    engine = machine(text).engine

    def run(name: str, record: Record) -> None:
        bits = np.array([record.scale]).view(np.int64)[0]
        slots = np.array(
            [record.count, bits, record.numbers.ctypes.data, record.wholes.ctypes.data], np.int64
        )
        ctypes.CFUNCTYPE(None, ctypes.c_void_p)(engine.get_function_address(name))(slots.ctypes.data)

    return run


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(1, 10**6), min_size=1, max_size=8),
    st.lists(st.floats(-5, 5), min_size=8, max_size=8),
)
def test_machine_code_does_what_python_does(call: Any, whole: list[int], real: list[float]) -> None:
    sides = []
    for run in (lambda name, record: globals()[name](record), call):
        record = Record(len(whole), 0.25, np.array(real), np.array(whole, np.int64))
        run("collatz", record)
        run("blend", record)
        sides.append(record)
    np.testing.assert_array_equal(sides[0].wholes, sides[1].wholes)
    np.testing.assert_array_equal(sides[0].numbers, sides[1].numbers)


def uses_too_much(record: Record) -> None:
    record.numbers[0] = sum(x for x in range(3))


def test_more_of_python_than_is_known_is_refused_by_name() -> None:
    with pytest.raises(NotImplementedError, match="uses_too_much"):
        lower((uses_too_much,), Record)
