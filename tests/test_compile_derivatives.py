"""Derivatives of long sums: no recursion, each term once, and the numbers of finite differences.

Whether single formulas have the right derivative is in ``test_compile_graph.py``.
"""

from __future__ import annotations

import sys

import numpy as np
import pytest

from gutskin.compile.derivatives import Gradients
from gutskin.compile.graph import Graph
from gutskin.compile.source import build_kernel
from gutskin.network import Constant, Network, Quantity, Reaction

TERMS, STATES = 5000, 7


def long_sum(graph: Graph) -> int:
    """Return 1 k x0 + 2 k x1 - 3 k x2 ... with terms that are products and quotients of two states each."""
    k, root = graph.make("p", 0), graph.number(0.0)
    for i in range(TERMS):
        x, y = graph.make("x", i % STATES), graph.make("x", (3 * i + 1) % STATES)
        curve = graph.divide(x, graph.add(graph.number(1.0 + i), y))
        term = graph.multiply(graph.number(float(i + 1)), graph.multiply(k, curve))
        root = graph.subtract(root, term) if i % 3 == 2 else graph.add(root, term)
    return root


def test_a_sum_of_thousands_of_terms_has_a_gradient() -> None:
    assert sys.getrecursionlimit() < TERMS
    graph = Graph()
    root = long_sum(graph)
    gradients = Gradients(graph)
    assert set(gradients.of(root)) == gradients.states(root) == set(range(STATES))
    assert gradients.of(root) is gradients.of(root)


def test_the_gradient_of_a_long_sum_is_that_of_finite_differences() -> None:
    """The rate of a state that thousands of reactions feed, as the kernel has it."""
    names = tuple(f"x{i}" for i in range(STATES))
    states = tuple(Quantity(name, "species", "mmol", name, "test", "place", "H2O", 1.0) for name in names)
    reactions = tuple(
        Reaction(
            f"feed_{i}", "test", (("x0", 1.0 if i % 3 else -2.0),),
            ("div", ("mul", ("n", "k"), ("n", f"x{i % STATES}")),
             ("add", ("c", 1.0 + i % 11), ("n", f"x{(3 * i + 1) % STATES}"))),
        )
        for i in range(TERMS)
    )  # fmt: skip
    kernel = build_kernel(Network("test", states, (Constant("k", "test.k", "1/h"),), reactions, (), ()))
    size = len(kernel.states)
    q = kernel.scalar.prepare([0.37])
    y = [*np.random.default_rng(1).uniform(0.5, 2.0, STATES).tolist(), *[0.0] * (size - STATES)]
    slopes = np.array(kernel.scalar.jacobian(y, q, np.zeros((size, size))))
    for j in range(STATES):
        step = 1e-5
        up, down = ([v + sign * step * (i == j) for i, v in enumerate(y)] for sign in (1, -1))
        difference = kernel.scalar.rates(up, q)[0] - kernel.scalar.rates(down, q)[0]
        assert slopes[0, j] == pytest.approx(difference / (2 * step), rel=1e-7)
        assert slopes[0, j]


def test_states_are_those_a_node_depends_on() -> None:
    graph = Graph()
    gradients = Gradients(graph)
    x, y, k = graph.make("x", 0), graph.make("x", 4), graph.make("p", 0)
    assert gradients.states(k) == frozenset()
    assert gradients.states(graph.multiply(k, graph.function("exp", y))) == {4}
    assert gradients.states(graph.choose(graph.make("lt", x, k), y, k)) == {0, 4}
