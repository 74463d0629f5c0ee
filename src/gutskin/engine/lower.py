"""A small part of Python, lowered to scalar LLVM IR.

The loop around the steps is written as Python functions over one record of numbers and arrays, so that it can
be read, and runs as machine code. Known are: whole and real numbers, ``if``, ``while``, ``for .. in range``,
``break``, ``continue``, ``return``, arithmetic, comparisons, ``and or not``, ``abs``, ``min``, ``max``,
``float``, ``take`` (atomic) and calls of other functions. A name that is nothing else must be a number of the
module.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import Any

from gutskin.engine.expressions import INT, KINDS, NOTHING, Expressions, Value


def lower(functions: Sequence[Callable[..., Any]], record: type) -> str:
    """Return the IR of the functions; the record is their first argument.

    Raises
    ------
    NotImplementedError
        When a function uses more of Python than is known here.
    """
    slots = {each.name: (k, KINDS.get(str(each.type))) for k, each in enumerate(fields(record))}
    trees = [ast.parse(textwrap.dedent(inspect.getsource(each))).body[0] for each in functions]
    returns = {tree.name: KINDS[ast.unparse(tree.returns)] for tree in trees}  # type: ignore[attr-defined]
    text = [
        _Function(tree, slots, returns, function.__globals__).text()  # type: ignore[arg-type]
        for tree, function in zip(trees, functions, strict=True)
    ]
    return "".join(text)


class _Function(Expressions):
    """Writes the statements of one function."""

    def text(self) -> str:
        first, *more = self.tree.args.args
        arguments = ["ptr %" + first.arg]
        for each in more:
            kind = KINDS[ast.unparse(each.annotation)]  # type: ignore[arg-type]
            arguments.append(f"{kind} %in_{each.arg}")
            self.place(each.arg, kind)
            self.lines.append(f" store {kind} %in_{each.arg}, ptr %{each.arg}")
        self.block(self.tree.body)
        kind = self.returns[self.tree.name]
        self.lines.append(" ret void" if kind == NOTHING else " unreachable")
        head = f"define {kind} @{self.tree.name}({', '.join(arguments)}) nounwind {{"
        return "\n".join([head, *self.places, *self.lines, "}", ""])

    def block(self, body: Sequence[ast.stmt]) -> None:
        for statement in body:
            getattr(self, f"do_{type(statement).__name__}", self.unknown)(statement)

    def unknown(self, node: ast.stmt) -> None:
        raise self.fail(node)

    def do_Expr(self, node: ast.Expr) -> None:  # noqa: N802
        if not isinstance(node.value, ast.Constant):
            self.value(node.value)

    def do_Assign(self, node: ast.Assign) -> None:  # noqa: N802
        target = node.targets[0]
        if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
            values = [self.value(each) for each in node.value.elts]
            for each, value in zip(target.elts, values, strict=True):
                self.assign(each, value)
        else:
            self.assign(target, self.value(node.value))

    def do_AugAssign(self, node: ast.AugAssign) -> None:  # noqa: N802
        self.assign(node.target, self.value(ast.BinOp(node.target, node.op, node.value)))

    def assign(self, target: ast.expr, value: Value) -> None:
        if isinstance(target, ast.Name):
            if target.id not in self.kinds:
                self.place(target.id, value[0])
            kind = self.kinds[target.id]
            self.lines.append(f" store {kind} {self.as_kind(value, kind)}, ptr %{target.id}")
        elif isinstance(target, ast.Subscript):
            kind, place = self.element(target)
            self.lines.append(f" store {kind} {self.as_kind(value, kind)}, ptr {place}")
        else:
            raise self.fail(target)

    def do_If(self, node: ast.If) -> None:  # noqa: N802
        yes, no, after = self.label(), self.label(), self.label()
        self.split(node.test, yes, no)
        for label, body in ((yes, node.body), (no, node.orelse)):
            self.open(label)
            self.block(body)
            self.go(after)
        self.open(after)

    def do_While(self, node: ast.While) -> None:  # noqa: N802
        test, inside, after = self.label(), self.label(), self.label()
        self.go(test)
        self.open(test)
        self.split(node.test, inside, after)
        self.open(inside)
        self.loops.append((test, after))
        self.block(node.body)
        self.loops.pop()
        self.go(test)
        self.open(after)

    def do_For(self, node: ast.For) -> None:  # noqa: N802
        """``for i in range(..)``: the counter advances where ``continue`` goes."""
        if not (isinstance(node.iter, ast.Call) and ast.unparse(node.iter.func) == "range"):
            raise self.fail(node.iter)
        bounds = node.iter.args
        self.assign(node.target, self.value(bounds[0]) if len(bounds) > 1 else (INT, "0"))
        test, inside, onward, after = (self.label() for _ in range(4))
        self.go(test)
        self.open(test)
        self.split(ast.Compare(node.target, [ast.Lt()], [bounds[-1]]), inside, after)
        self.open(inside)
        self.loops.append((onward, after))
        self.block(node.body)
        self.loops.pop()
        self.go(onward)
        self.open(onward)
        self.assign(node.target, self.value(ast.BinOp(node.target, ast.Add(), ast.Constant(1))))
        self.go(test)
        self.open(after)

    def do_Break(self, _: ast.Break) -> None:  # noqa: N802
        self.go(self.loops[-1][1])
        self.open(self.label())

    def do_Continue(self, _: ast.Continue) -> None:  # noqa: N802
        self.go(self.loops[-1][0])
        self.open(self.label())

    def do_Return(self, node: ast.Return) -> None:  # noqa: N802
        kind = self.returns[self.tree.name]
        said = "void" if node.value is None else f"{kind} {self.as_kind(self.value(node.value), kind)}"
        self.lines.append(f" ret {said}")
        self.open(self.label())
