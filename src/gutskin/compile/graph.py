"""Hash-consed expression graph.

Equal subexpressions are one node, so derivatives share work with the function. Nodes are numbered in the
order they are made: a node's arguments always come before it.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from gutskin.network import Formula

Node = tuple[object, ...]

FUNCTIONS = ("exp", "ln", "abs")
CONDITIONS = ("lt", "le", "gt", "ge", "and", "or")


class Graph:
    """A growing set of nodes ``(op, *arguments)``.

    Leaves are ``("c", number)``, ``("x", i)`` for a state and ``("p", k)`` for a constant.
    """

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.moving: list[bool] = []  # does the node depend on a state?
        self._index: dict[Node, int] = {}

    def make(self, op: str, *parts: float | int) -> int:
        """Return the number of a node, making it when it is new."""
        node: Node = (op, *parts)
        known = self._index.get(node)
        if known is None:
            known = self._index[node] = len(self.nodes)
            self.nodes.append(node)
            leaf = op in ("c", "p", "x")
            self.moving.append(op == "x" if leaf else any(self.moving[int(part)] for part in parts))
        return known

    def number(self, value: float) -> int:
        """Return a literal."""
        return self.make("c", float(value))

    def value(self, i: int) -> float | None:
        """Return the number of a literal node, else None."""
        node = self.nodes[i]
        return float(node[1]) if node[0] == "c" else None  # type: ignore[arg-type]

    def add(self, a: int, b: int) -> int:
        """A + b, folded."""
        va, vb = self.value(a), self.value(b)
        if va is not None and vb is not None:
            return self.number(va + vb)
        if va == 0.0:
            return b
        if vb == 0.0:
            return a
        if self.nodes[b][0] == "neg":
            return self.subtract(a, int(self.nodes[b][1]))  # type: ignore[call-overload]
        return self.make("add", *sorted((a, b)))

    def subtract(self, a: int, b: int) -> int:
        """A - b, folded."""
        va, vb = self.value(a), self.value(b)
        if va is not None and vb is not None:
            return self.number(va - vb)
        if a == b:
            return self.number(0.0)
        if vb == 0.0:
            return a
        return self.negative(b) if va == 0.0 else self.make("sub", a, b)

    def negative(self, a: int) -> int:
        """-a, folded."""
        value = self.value(a)
        if value is not None:
            return self.number(-value)
        return int(self.nodes[a][1]) if self.nodes[a][0] == "neg" else self.make("neg", a)  # type: ignore[call-overload]

    def multiply(self, a: int, b: int) -> int:
        """A * b, folded; constants gather so that they can be computed once a person."""
        va, vb = self.value(a), self.value(b)
        if va is not None and vb is not None:
            return self.number(va * vb)
        for value, other in ((va, b), (vb, a)):
            if value == 0.0:
                return self.number(0.0)
            if value == 1.0:
                return other
            if value == -1.0:
                return self.negative(other)
        for still, moving in ((a, b), (b, a)):
            node = self.nodes[moving]
            if not self.moving[still] and node[0] == "mul" and self.moving[moving]:
                left, right = int(node[1]), int(node[2])  # type: ignore[call-overload]
                if not self.moving[left]:
                    return self.multiply(self.multiply(still, left), right)
                if not self.moving[right]:
                    return self.multiply(left, self.multiply(still, right))
        return self.make("mul", *sorted((a, b)))

    def divide(self, a: int, b: int) -> int:
        """A / b, as a times the reciprocal so that derivatives reuse it."""
        return self.multiply(a, self.reciprocal(b))

    def reciprocal(self, a: int) -> int:
        """1 / a, folded."""
        value = self.value(a)
        if value:
            return self.number(1.0 / value)
        return int(self.nodes[a][1]) if self.nodes[a][0] == "inv" else self.make("inv", a)  # type: ignore[call-overload]

    def power(self, a: int, b: int) -> int:
        """A ^ b; small whole powers become products, 10^b becomes an exponential."""
        exponent = self.value(b)
        if exponent in (0.0, 1.0):
            return a if exponent else self.number(1.0)
        if exponent == 2.0:
            return self.multiply(a, a)
        if exponent == -1.0:
            return self.reciprocal(a)
        if self.value(a) == 10.0:
            return self.function("exp", self.multiply(b, self.number(math.log(10.0))))
        return self.make("pow", a, b)

    def function(self, op: str, a: int) -> int:
        """exp, ln or abs of a."""
        value = self.value(a)
        if value is not None and (op != "ln" or value > 0):
            known: dict[str, Callable[[float], float]] = {"exp": math.exp, "ln": math.log, "abs": abs}
            return self.number(known[op](value))
        return self.make(op, a)

    def choose(self, condition: int, a: int, b: int) -> int:
        """A where the condition holds, else b."""
        return a if a == b else self.make("if", condition, a, b)

    def build(self, formula: Formula, name: Callable[[str], int]) -> int:
        """Return the node of a formula; ``name`` gives the node of a symbol."""
        op, *parts = formula
        if op == "c":
            return self.number(parts[0])
        if op == "n":
            return name(parts[0])
        nodes = [self.build(part, name) for part in parts]
        binary = {
            "add": self.add,
            "sub": self.subtract,
            "mul": self.multiply,
            "div": self.divide,
            "pow": self.power,
        }
        if op in binary:
            return binary[op](*nodes)
        if op == "neg":
            return self.negative(nodes[0])
        if op == "log10":
            return self.multiply(self.function("ln", nodes[0]), self.number(1.0 / math.log(10.0)))
        if op in FUNCTIONS:
            return self.function(op, nodes[0])
        if op in ("max", "min"):
            return self.choose(self.make("ge" if op == "max" else "le", *nodes), *nodes)
        if op in CONDITIONS:
            return self.make(op, *nodes)
        if op == "if":
            return self.choose(*nodes)
        raise ValueError(f"operation {op!r} is not known")

    def order(self, roots: list[int]) -> list[int]:
        """Return all nodes that the roots need, arguments first."""
        needed: set[int] = set()
        todo = list(roots)
        while todo:
            i = todo.pop()
            if i not in needed:
                needed.add(i)
                node = self.nodes[i]
                if node[0] not in ("c", "x", "p"):
                    todo.extend(int(part) for part in node[1:])  # type: ignore[call-overload]
        return sorted(needed)
