"""Formulas and small networks from plain text, for benchmarks and tests that need no library."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from gutskin.network import Constant, Formula, Network, Quantity, Reaction, names_in

_BINARY = {ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "div", ast.BitXor: "pow", ast.Pow: "pow"}
_TESTS = {ast.Lt: "lt", ast.LtE: "le", ast.Gt: "gt", ast.GtE: "ge"}


def formula(text: str) -> Formula:
    """Return the formula of an expression such as ``vmax * s / (km + s)``; write powers as ``**``.

    Raises
    ------
    ValueError
        When the text holds anything but numbers, names, arithmetic, comparisons, ``a if b else c`` and calls.
    """
    return _formula(ast.parse(text, mode="eval").body)


def _formula(node: ast.expr) -> Formula:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return ("c", float(node.value))
    if isinstance(node, ast.Name):
        return ("n", node.id)
    if isinstance(node, ast.BinOp):
        return (_BINARY[type(node.op)], _formula(node.left), _formula(node.right))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return ("neg", _formula(node.operand))
    if isinstance(node, ast.Compare):
        return (_TESTS[type(node.ops[0])], _formula(node.left), _formula(node.comparators[0]))
    if isinstance(node, ast.IfExp):
        return ("if", _formula(node.test), _formula(node.body), _formula(node.orelse))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return (node.func.id, *(_formula(each) for each in node.args))
    raise ValueError(f"not a formula: {ast.unparse(node)}")


class Builder:
    """Collects states, constants, rules and reactions of a network."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.start: dict[str, float] = {}
        self.values: dict[str, float] = {}
        self.rules: list[tuple[str, Formula]] = []
        self.changes: list[tuple[str, Formula]] = []
        self.reactions: list[Reaction] = []

    def react(self, change: Mapping[str, float], rate: str) -> None:
        """Add a reaction that changes states by ``change`` times ``rate``."""
        number = len(self.reactions) + 1
        self.reactions.append(Reaction(f"r{number}", "", tuple(change.items()), formula(rate)))

    def rule(self, name: str, text: str) -> None:
        """Add a derived quantity."""
        self.rules.append((name, formula(text)))

    def change(self, name: str, text: str) -> None:
        """Give a state its own rate."""
        self.changes.append((name, formula(text)))

    def network(self) -> Network:
        """Return the network; states are those given a start, species first."""
        own = {name for name, _ in self.changes}
        states = [*(s for s in self.start if s not in own), *(s for s in self.start if s in own)]
        quantities = [
            Quantity(s, "rate" if s in own else "species", "1", s, "", start=self.start[s]) for s in states
        ]
        quantities += [Quantity(name, "derived", "1", name, "") for name, _ in self.rules]
        used: set[str] = set().union(
            *(names_in(f) for _, f in (*self.rules, *self.changes)),
            *(names_in(r.rate) for r in self.reactions),
        )
        lost = used - set(self.values) - {q.name for q in quantities}
        if lost:
            raise ValueError(f"nothing is called {', '.join(sorted(lost))}")
        changes = sorted(self.changes, key=lambda each: states.index(each[0]))
        return Network(
            self.name, tuple(quantities), tuple(Constant(k, k, "1") for k in self.values),
            tuple(self.reactions),
            tuple(changes), tuple(self.rules),
        )  # fmt: skip
