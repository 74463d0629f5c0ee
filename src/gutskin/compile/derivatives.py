"""Exact derivatives of the nodes of a graph, as nodes of the same graph.

A derivative shares every part that it has in common with the function or with another derivative.
"""

from __future__ import annotations

from collections.abc import Callable, Container

from gutskin.compile.graph import CONDITIONS, Graph


class Gradients:
    """The gradients of the nodes of one graph, each worked out once."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._known: dict[int, dict[int, int]] = {}
        self._states: dict[int, frozenset[int]] = {}

    def of(self, i: int) -> dict[int, int]:
        """Return state number -> node of the partial derivative of node ``i`` (zeros left out).

        Sums go forward, term by term, so that the derivatives of a rate serve every state it changes.
        Anything else goes backward from the node, which costs the same for few states and many.
        """
        if i not in self._known:
            for j in self._waiting(i, self._known, self._linear):  # long sums would recurse too deep
                if not self.graph.moving[j]:
                    self._known[j] = {}
                elif self._linear(j) or len(self.states(j)) == 1:
                    self._known[j] = self._forward(j)
                else:
                    self._known[j] = self._backward(j)
        return self._known[i]

    def _linear(self, i: int) -> bool:
        op, *raw = self.graph.nodes[i]
        return self.graph.moving[i] and (
            op in ("add", "sub", "neg")
            or (op == "mul" and not all(self.graph.moving[int(part)] for part in raw))  # type: ignore[call-overload]
        )

    def _waiting(self, root: int, known: Container[int], through: Callable[[int], bool]) -> list[int]:
        """Return the unknown nodes on the way down from ``root`` through some nodes, arguments first."""
        found: set[int] = set()
        todo = [root]
        while todo:
            i = todo.pop()
            if i not in found and i not in known:
                found.add(i)
                if through(i):
                    todo.extend(int(part) for part in self.graph.nodes[i][1:])  # type: ignore[call-overload]
        return sorted(found)

    def states(self, i: int) -> frozenset[int]:
        """Return the numbers of the states that node ``i`` depends on."""
        for j in self._waiting(
            i, self._states, lambda j: self.graph.moving[j] and self.graph.nodes[j][0] != "x"
        ):
            op, *raw = self.graph.nodes[j]
            if op == "x":
                self._states[j] = frozenset([int(raw[0])])  # type: ignore[call-overload]
            elif self.graph.moving[j]:
                self._states[j] = frozenset().union(*(self._states[int(part)] for part in raw))  # type: ignore[call-overload]
            else:
                self._states[j] = frozenset()
        return self._states[i]

    def _forward(self, i: int) -> dict[int, int]:
        op, *raw = self.graph.nodes[i]
        if op == "x":
            return {int(raw[0]): self.graph.number(1.0)}  # type: ignore[call-overload]
        parts = [int(part) for part in raw]  # type: ignore[call-overload]
        if op in CONDITIONS:
            return {}
        inner = [self.of(part) for part in parts]
        if op == "if":
            zero = self.graph.number(0.0)
            states = inner[1].keys() | inner[2].keys()
            return self._nonzero(
                {
                    k: self.graph.choose(parts[0], inner[1].get(k, zero), inner[2].get(k, zero))
                    for k in sorted(states)
                }
            )
        out: dict[int, int] = {}
        for slope, each in zip(self._slopes(i, str(op), parts), inner, strict=True):
            for k, derivative in each.items():
                self._gather(out, k, self.graph.multiply(slope, derivative))
        return self._nonzero(out)

    def _backward(self, root: int) -> dict[int, int]:
        """Carry the weight of every node in the root down to nodes of one state."""
        weight, out = {root: self.graph.number(1.0)}, dict[int, int]()
        for i in reversed(self.graph.order([root])):
            if i not in weight or not self.graph.moving[i]:
                continue
            op, *raw = self.graph.nodes[i]
            if len(self.states(i)) == 1:
                for k, derivative in self.of(i).items():
                    self._gather(out, k, self.graph.multiply(weight[i], derivative))
                continue
            parts, zero = [int(part) for part in raw], self.graph.number(0.0)  # type: ignore[call-overload]
            if op == "if":
                self._gather(weight, parts[1], self.graph.choose(parts[0], weight[i], zero))
                self._gather(weight, parts[2], self.graph.choose(parts[0], zero, weight[i]))
            elif op not in CONDITIONS:
                for part, slope in zip(parts, self._slopes(i, str(op), parts), strict=True):
                    self._gather(weight, part, self.graph.multiply(weight[i], slope))
        return self._nonzero(dict(sorted(out.items())))

    def _gather(self, sums: dict[int, int], key: int, term: int) -> None:
        sums[key] = self.graph.add(sums[key], term) if key in sums else term

    def _nonzero(self, gradient: dict[int, int]) -> dict[int, int]:
        return {k: node for k, node in gradient.items() if self.graph.value(node) != 0.0}

    def _slopes(self, i: int, op: str, parts: list[int]) -> list[int]:
        one = self.graph.number(1.0)
        if op in ("add", "sub"):
            return [one, one if op == "add" else self.graph.number(-1.0)]
        if op == "neg":
            return [self.graph.number(-1.0)]
        if op == "mul":
            return [parts[1], parts[0]]
        if op == "inv":
            return [self.graph.negative(self.graph.multiply(i, i))]
        if op == "exp":
            return [i]
        if op == "ln":
            return [self.graph.reciprocal(parts[0])]
        if op == "abs":
            zero = self.graph.number(0.0)
            return [self.graph.choose(self.graph.make("ge", parts[0], zero), one, self.graph.number(-1.0))]
        if op == "pow":
            base, exponent = parts
            down = self.graph.multiply(exponent, self.graph.power(base, self.graph.subtract(exponent, one)))
            return [
                down,
                self.graph.multiply(i, self.graph.function("ln", base))
                if self.graph.moving[exponent]
                else self.graph.number(0.0),
            ]
        raise ValueError(f"operation {op!r} has no derivative")
