"""A small part of Python, lowered to scalar LLVM IR.

The loop around the steps is written as Python functions over one record of numbers and arrays, so that it can be
read, and runs as machine code. Known are: whole and real numbers, ``if``, ``while``, ``for .. in range``,
``break``, ``continue``, ``return``, arithmetic, comparisons, ``and or not``, ``abs``, ``min``, ``max``, ``float``,
``take`` (atomic) and calls of other functions. A name that is nothing else must be a number of the module.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import Any

from gutskin.vectors import literal

INT, REAL, BOOL, NOTHING = "i64", "double", "i1", "void"
KINDS = {"int": INT, "float": REAL, "bool": BOOL, "None": NOTHING, "Numbers": "ptr double", "Wholes": "ptr i64"}
_ARITHMETIC = {ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Mod: "srem", ast.FloorDiv: "sdiv"}
_ORDER = {ast.Lt: "lt", ast.LtE: "le", ast.Gt: "gt", ast.GtE: "ge", ast.Eq: "eq", ast.NotEq: "ne"}

Value = tuple[str, str]  # kind, text


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


class _Function:
    def __init__(
        self,
        tree: ast.FunctionDef,
        slots: dict[str, tuple[int, str | None]],
        returns: dict[str, str],
        around: dict[str, Any],
    ) -> None:
        self.tree, self.slots, self.returns, self.around = tree, slots, returns, around
        self.lines: list[str] = []
        self.places: list[str] = []  # room for locals, made on entry
        self.kinds: dict[str, str] = {}
        self.loops: list[tuple[str, str]] = []  # where continue and break go
        self.count = 0

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

    def new(self, expression: str) -> str:
        self.count += 1
        self.lines.append(f" %e{self.count} = {expression}")
        return f"%e{self.count}"

    def label(self) -> str:
        self.count += 1
        return f"at{self.count}"

    def open(self, label: str) -> None:
        self.lines.append(f"{label}:")

    def go(self, label: str) -> None:
        self.lines.append(f" br label %{label}")

    def split(self, test: ast.expr, yes: str, no: str) -> None:
        self.lines.append(f" br i1 {self.condition(test)}, label %{yes}, label %{no}")

    def place(self, name: str, kind: str) -> None:
        self.kinds[name] = kind
        self.places.append(f" %{name} = alloca {kind}")

    def fail(self, node: ast.AST) -> NotImplementedError:
        return NotImplementedError(f"{self.tree.name}: {ast.unparse(node)}")

    # Statements.

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

    # Expressions.

    def value(self, node: ast.expr) -> Value:
        method = getattr(self, f"of_{type(node).__name__}", None)
        if method is None:
            raise self.fail(node)
        result: Value = method(node)
        return result

    def condition(self, node: ast.expr) -> str:
        kind, text = self.value(node)
        if kind != BOOL:
            raise self.fail(node)
        return text

    def as_kind(self, value: Value, kind: str) -> str:
        if value[0] == kind:
            return value[1]
        if value[0] == INT and kind == REAL:
            return self.new(f"sitofp i64 {value[1]} to double")
        raise NotImplementedError(f"{self.tree.name}: {value[0]} is not {kind}")

    def same(self, a: Value, b: Value) -> tuple[str, str, str]:
        kind = REAL if REAL in (a[0], b[0]) else a[0]
        return kind, self.as_kind(a, kind), self.as_kind(b, kind)

    def of_Constant(self, node: ast.Constant) -> Value:  # noqa: N802
        if isinstance(node.value, bool):
            return BOOL, str(node.value).lower()
        return (INT, str(node.value)) if isinstance(node.value, int) else (REAL, literal(node.value))  # type: ignore[arg-type]

    def of_Name(self, node: ast.Name) -> Value:  # noqa: N802
        if node.id in self.kinds:
            kind = self.kinds[node.id]
            return kind, self.new(f"load {kind}, ptr %{node.id}")
        number = self.around.get(node.id)
        if not isinstance(number, int | float):
            raise self.fail(node)
        return self.of_Constant(ast.Constant(float(number) if isinstance(number, float) else int(number)))

    def of_Attribute(self, node: ast.Attribute) -> Value:  # noqa: N802
        slot, kind = self.slots[node.attr]
        place = self.new(f"getelementptr i64, ptr %{ast.unparse(node.value)}, i64 {slot}")
        if kind is None:
            raise self.fail(node)
        return kind, self.new(f"load {kind.split()[0]}, ptr {place}")

    def element(self, node: ast.Subscript) -> Value:
        """Return the kind and the address of an element of an array."""
        array, base = self.value(node.value)
        kind = array.split()[1]
        return kind, self.new(f"getelementptr {kind}, ptr {base}, i64 {self.as_kind(self.value(node.slice), INT)}")

    def of_Subscript(self, node: ast.Subscript) -> Value:  # noqa: N802
        kind, place = self.element(node)
        return kind, self.new(f"load {kind}, ptr {place}")

    def of_BinOp(self, node: ast.BinOp) -> Value:  # noqa: N802
        a, b = self.value(node.left), self.value(node.right)
        if isinstance(node.op, ast.Div):
            return REAL, self.new(f"fdiv double {self.as_kind(a, REAL)}, {self.as_kind(b, REAL)}")
        kind, left, right = self.same(a, b)
        op = _ARITHMETIC[type(node.op)]
        return kind, self.new(f"{'f' + op if kind == REAL else op} {kind} {left}, {right}")

    def of_UnaryOp(self, node: ast.UnaryOp) -> Value:  # noqa: N802
        if isinstance(node.op, ast.Not):
            return BOOL, self.new(f"xor i1 {self.condition(node.operand)}, true")
        kind, text = self.value(node.operand)
        return kind, self.new(f"fneg double {text}" if kind == REAL else f"sub i64 0, {text}")

    def of_Compare(self, node: ast.Compare) -> Value:  # noqa: N802
        kind, a, b = self.same(self.value(node.left), self.value(node.comparators[0]))
        test = _ORDER[type(node.ops[0])]
        if kind == REAL:
            return BOOL, self.new(f"fcmp {'u' if test == 'ne' else 'o'}{test} double {a}, {b}")
        return BOOL, self.new(f"icmp {test if test in ('eq', 'ne') else 's' + test} i64 {a}, {b}")

    def of_BoolOp(self, node: ast.BoolOp) -> Value:  # noqa: N802
        """``and`` and ``or``, which stop at the first part that decides."""
        name, after = f"decided{self.label()}", self.label()
        self.place(name, BOOL)
        for part in node.values:
            onward = self.label()
            test = self.condition(part)
            self.lines.append(f" store i1 {test}, ptr %{name}")
            ends = (onward, after) if isinstance(node.op, ast.And) else (after, onward)
            self.lines.append(f" br i1 {test}, label %{ends[0]}, label %{ends[1]}")
            self.open(onward)
        self.go(after)
        self.open(after)
        return BOOL, self.new(f"load i1, ptr %{name}")

    def of_Call(self, node: ast.Call) -> Value:  # noqa: N802
        name = ast.unparse(node.func)
        if name in self.returns:
            arguments = [f"ptr %{ast.unparse(node.args[0])}"]
            arguments += [" ".join(self.value(each)) for each in node.args[1:]]
            said = f"call {self.returns[name]} @{name}({', '.join(arguments)})"
            if self.returns[name] == NOTHING:
                self.lines.append(" " + said)
                return NOTHING, ""
            return self.returns[name], self.new(said)
        values = [self.value(each) for each in node.args]
        if name in ("min", "max"):
            kind, a, b = self.same(*values)
            less = self.new(f"fcmp olt double {a}, {b}" if kind == REAL else f"icmp slt i64 {a}, {b}")
            first, second = (a, b) if name == "min" else (b, a)
            return kind, self.new(f"select i1 {less}, {kind} {first}, {kind} {second}")
        if name == "abs":
            return REAL, self.new(f"call double @llvm.fabs.f64(double {values[0][1]})")
        if name == "float":
            return REAL, self.as_kind(values[0], REAL)
        if name == "take":
            return INT, self.new(f"atomicrmw add ptr {values[0][1]}, i64 1 monotonic")
        # Anything else is a vector function, which takes addresses.
        pointers = ", ".join(f"ptr {text}" for _, text in values)
        self.lines.append(f" call void @{name}({pointers})")
        return NOTHING, ""
