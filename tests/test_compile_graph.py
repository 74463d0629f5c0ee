"""The expression graph: sharing, folding, and derivatives that are exact."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gutskin.compile.derivatives import Gradients
from gutskin.compile.graph import Graph
from gutskin.compile.source import build_kernel
from gutskin.network import Constant, Formula, Network, Quantity

STATES, CONSTANTS = ("x", "y", "z"), ("k", "l")
STEP = 1e-150  # of a complex step: no subtraction, so no limit from rounding


def n(name: str) -> Formula:
    return ("n", name)


LEAVES = st.one_of(
    st.tuples(st.just("n"), st.sampled_from([*STATES, *CONSTANTS])),
    st.tuples(st.just("c"), st.sampled_from([0.0, 1.0, 2.0, 10.0, -1.0, 0.3])),
)


def _grown(inner: st.SearchStrategy[Formula]) -> st.SearchStrategy[Formula]:
    """Return formulas that stay inside the domain of every function: no root or logarithm of less than 0."""
    above_one = st.builds(lambda x: ("add", ("c", 1.0), ("abs", x)), inner)
    compared = st.tuples(st.sampled_from(["lt", "le", "gt", "ge"]), inner, inner)
    condition = st.one_of(compared, st.tuples(st.sampled_from(["and", "or"]), compared, compared))
    return st.one_of(
        st.tuples(st.sampled_from(["add", "sub", "mul", "max", "min"]), inner, inner),
        st.tuples(st.sampled_from(["neg", "abs"]), inner),
        st.builds(lambda x: ("exp", ("neg", ("abs", x))), inner),
        st.tuples(st.sampled_from(["ln", "log10"]), above_one),
        st.tuples(st.just("div"), inner, above_one),
        st.tuples(
            st.just("pow"), above_one, st.one_of(LEAVES, st.just(("neg", n("k"))), st.just(("c", 2.0)))
        ),
        st.tuples(st.just("pow"), st.just(("c", 10.0)), st.sampled_from([n("x"), ("sub", n("k"), n("y"))])),
        st.tuples(st.just("if"), condition, inner, inner),
    )


FORMULAS = st.recursive(LEAVES, _grown, max_leaves=10)
VALUES = st.lists(st.floats(0.2, 3.0), min_size=5, max_size=5)


class Direct:
    """Evaluates a formula on complex numbers as it is written; notes how near it came to a kink."""

    def __init__(self, values: dict[str, complex]) -> None:
        self.values, self.gap, self.largest = values, np.inf, 0.0

    def __call__(self, formula: Formula) -> complex:
        got = complex(self._value(*formula))
        self.largest = max(self.largest, abs(got))
        return got

    def _value(self, op: str, *parts: Any) -> Any:
        if op in ("c", "n"):
            return parts[0] if op == "c" else self.values[parts[0]]
        if op == "if":
            return self(parts[1] if self.holds(*parts[0]) else parts[2])
        if op in ("max", "min"):
            a, b = parts
            return self(a if self.holds("ge" if op == "max" else "le", a, b) else b)
        got = [self(part) for part in parts]
        if op == "abs":
            return got[0] if self._compared(got[0].real) >= 0 else -got[0]
        one: dict[str, Any] = {"neg": np.negative, "exp": np.exp, "ln": np.log, "log10": np.log10}
        two = {"add": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.divide, "pow": np.power}
        return (one | two)[op](*got)

    def _compared(self, difference: float) -> float:
        self.gap = min(self.gap, abs(difference) or np.inf)  # an exact tie has the same side everywhere
        return difference

    def holds(self, op: str, a: Formula, b: Formula) -> bool:
        if op in ("and", "or"):
            left, right = self.holds(*a), self.holds(*b)
            return (left and right) if op == "and" else (left or right)
        difference = self._compared((self(a) - self(b)).real)
        return {"lt": difference < 0, "le": difference <= 0, "gt": difference > 0, "ge": difference >= 0}[op]


def kernel_of(formula: Formula) -> Any:
    states = tuple(Quantity(name, "rate", "1", name, "test", start=1.0) for name in STATES)
    rules = (("x", formula), *((name, ("c", 0.0)) for name in STATES[1:]))
    return build_kernel(
        Network("test", states, tuple(Constant(k, f"test.{k}", "1") for k in CONSTANTS), (), rules, ())
    )


@settings(deadline=None, max_examples=200)
@given(FORMULAS, VALUES)
def test_value_and_derivatives_are_those_of_the_formula_as_written(
    formula: Formula, drawn: list[float]
) -> None:
    names = dict(zip((*STATES, *CONSTANTS), drawn, strict=True))
    plain = Direct({name: complex(value) for name, value in names.items()})
    expected = plain(formula)
    assume(plain.gap > 1e-6)
    assume(plain.largest < 1e8)
    kernel = kernel_of(formula)
    q = kernel.scalar.prepare(drawn[3:])
    assert kernel.scalar.rates(drawn[:3], q)[0] == pytest.approx(
        expected.real, rel=1e-9, abs=1e-9 * plain.largest
    )
    slopes = kernel.scalar.jacobian(drawn[:3], q, np.zeros((3, 3)))
    for j, name in enumerate(STATES):
        stepped = Direct({each: complex(value, STEP * (each == name)) for each, value in names.items()})
        assert slopes[0, j] == pytest.approx(stepped(formula).imag / STEP, rel=1e-7, abs=1e-7 * plain.largest)
    assert not slopes[1:].any()


def test_equal_parts_are_one_node() -> None:
    graph = Graph()
    x, k = graph.make("x", 0), graph.make("p", 0)
    assert graph.multiply(x, k) == graph.multiply(k, x)
    assert graph.add(x, k) == graph.add(k, x)
    before = len(graph.nodes)
    graph.function("exp", graph.multiply(x, k))
    assert len(graph.nodes) == before + 1


def test_arguments_come_before_what_uses_them() -> None:
    graph = Graph()
    x = graph.make("x", 0)
    root = graph.divide(graph.function("exp", x), graph.add(x, graph.number(1.0)))
    Gradients(graph).of(root)
    for i, (op, *parts) in enumerate(graph.nodes):
        assert op in ("c", "x", "p") or all(part < i for part in parts)


def folded(build: Any) -> tuple[Graph, int]:
    graph = Graph()
    return graph, build(graph, graph.make("x", 0), graph.number)


@pytest.mark.parametrize(
    ("build", "value"),
    [
        (lambda g, x, c: g.add(g.subtract(x, x), c(0)), 0.0), (lambda g, x, c: g.multiply(x, c(0)), 0.0),
        (lambda g, x, c: g.power(x, c(0)), 1.0), (lambda g, x, c: g.add(c(1), g.multiply(x, c(0))), 1.0),
        (lambda g, x, c: g.function("exp", g.multiply(x, c(0))), 1.0),
        (lambda g, x, c: g.reciprocal(g.add(c(4), g.subtract(x, x))), 0.25),
    ],
)  # fmt: skip
def test_what_is_known_becomes_a_number(build: Any, value: float) -> None:
    graph, root = folded(build)
    assert graph.value(root) == value
    assert Gradients(graph).of(root) == {}


@pytest.mark.parametrize(
    "build",
    [
        lambda g, x, c: g.add(x, c(0)), lambda g, x, c: g.multiply(x, c(1)),
        lambda g, x, c: g.negative(g.multiply(x, c(-1))), lambda g, x, c: g.divide(x, c(1)),
        lambda g, x, c: g.reciprocal(g.power(x, c(-1))), lambda g, x, c: g.power(x, c(1)),
        lambda g, x, c: g.choose(g.make("lt", x, c(1)), x, x), lambda g, x, c: g.subtract(x, c(0)),
    ],
)  # fmt: skip
def test_what_changes_nothing_leaves_no_node(build: Any) -> None:
    graph, root = folded(build)
    assert graph.nodes[root] == ("x", 0)


def test_constants_gather_so_that_they_are_computed_once_a_person() -> None:
    graph = Graph()
    x, k, m = graph.make("x", 0), graph.make("p", 0), graph.make("p", 1)
    root = graph.multiply(m, graph.multiply(k, x))
    op, *parts = graph.nodes[root]
    assert op == "mul"
    assert sorted(graph.moving[int(part)] for part in parts) == [False, True]


def test_a_constant_has_no_derivative_and_an_unknown_operation_is_refused() -> None:
    graph = Graph()
    assert Gradients(graph).of(graph.function("exp", graph.make("p", 0))) == {}
    with pytest.raises(ValueError, match="'sin'"):
        graph.build(("sin", ("n", "x")), lambda _: graph.make("x", 0))
