"""Expressions of the small part of Python that :mod:`gutskin.engine.lower` knows, as scalar LLVM IR."""

from __future__ import annotations

import ast
from typing import Any

from gutskin.vectors import literal

INT, REAL, BOOL, NOTHING = "i64", "double", "i1", "void"
KINDS = {
    "int": INT,
    "float": REAL,
    "bool": BOOL,
    "None": NOTHING,
    "Numbers": "ptr double",
    "Wholes": "ptr i64",
}
_ARITHMETIC = {ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Mod: "srem", ast.FloorDiv: "sdiv"}
_ORDER = {ast.Lt: "lt", ast.LtE: "le", ast.Gt: "gt", ast.GtE: "ge", ast.Eq: "eq", ast.NotEq: "ne"}

Value = tuple[str, str]  # kind, text


class Expressions:
    """Writes expressions of one function; every value has a kind."""

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

    def new(self, expression: str) -> str:
        """Write ``%new = expression`` and return the name."""
        self.count += 1
        self.lines.append(f" %e{self.count} = {expression}")
        return f"%e{self.count}"

    def label(self) -> str:
        """Return a new label."""
        self.count += 1
        return f"at{self.count}"

    def open(self, label: str) -> None:
        """Begin a block."""
        self.lines.append(f"{label}:")

    def go(self, label: str) -> None:
        """End a block by going on at a label."""
        self.lines.append(f" br label %{label}")

    def split(self, test: ast.expr, yes: str, no: str) -> None:
        """End a block by going on where the test says."""
        self.lines.append(f" br i1 {self.condition(test)}, label %{yes}, label %{no}")

    def place(self, name: str, kind: str) -> None:
        """Make room for a local."""
        self.kinds[name] = kind
        self.places.append(f" %{name} = alloca {kind}")

    def fail(self, node: ast.AST) -> NotImplementedError:
        """Return the complaint that this is more of Python than is known."""
        return NotImplementedError(f"{self.tree.name}: {ast.unparse(node)}")

    def value(self, node: ast.expr) -> Value:
        """Return kind and text of an expression."""
        method = getattr(self, f"of_{type(node).__name__}", None)
        if method is None:
            raise self.fail(node)
        result: Value = method(node)
        return result

    def condition(self, node: ast.expr) -> str:
        """Return the text of an expression that is true or false."""
        kind, text = self.value(node)
        if kind != BOOL:
            raise self.fail(node)
        return text

    def as_kind(self, value: Value, kind: str) -> str:
        """Return a value as another kind; whole numbers become real ones."""
        if value[0] == kind:
            return value[1]
        if value[0] == INT and kind == REAL:
            return self.new(f"sitofp i64 {value[1]} to double")
        raise NotImplementedError(f"{self.tree.name}: {value[0]} is not {kind}")

    def same(self, a: Value, b: Value) -> tuple[str, str, str]:
        """Return the common kind of two values, and both in it."""
        kind = REAL if REAL in (a[0], b[0]) else a[0]
        return kind, self.as_kind(a, kind), self.as_kind(b, kind)

    def of_Constant(self, node: ast.Constant) -> Value:  # noqa: N802
        """A number written out."""
        if isinstance(node.value, bool):
            return BOOL, str(node.value).lower()
        return (INT, str(node.value)) if isinstance(node.value, int) else (REAL, literal(node.value))  # type: ignore[arg-type]

    def of_Name(self, node: ast.Name) -> Value:  # noqa: N802
        """A local, or a number of the module."""
        if node.id in self.kinds:
            kind = self.kinds[node.id]
            return kind, self.new(f"load {kind}, ptr %{node.id}")
        number = self.around.get(node.id)
        if not isinstance(number, int | float):
            raise self.fail(node)
        return self.of_Constant(ast.Constant(float(number) if isinstance(number, float) else int(number)))

    def of_Attribute(self, node: ast.Attribute) -> Value:  # noqa: N802
        """A field of the record."""
        slot, kind = self.slots[node.attr]
        place = self.new(f"getelementptr i64, ptr %{ast.unparse(node.value)}, i64 {slot}")
        if kind is None:
            raise self.fail(node)
        return kind, self.new(f"load {kind.split()[0]}, ptr {place}")

    def element(self, node: ast.Subscript) -> Value:
        """Return the kind and the address of an element of an array."""
        array, base = self.value(node.value)
        kind = array.split()[1]
        return kind, self.new(
            f"getelementptr {kind}, ptr {base}, i64 {self.as_kind(self.value(node.slice), INT)}"
        )

    def of_Subscript(self, node: ast.Subscript) -> Value:  # noqa: N802
        """An element of an array."""
        kind, place = self.element(node)
        return kind, self.new(f"load {kind}, ptr {place}")

    def of_BinOp(self, node: ast.BinOp) -> Value:  # noqa: N802
        """Arithmetic."""
        a, b = self.value(node.left), self.value(node.right)
        if isinstance(node.op, ast.Div):
            return REAL, self.new(f"fdiv double {self.as_kind(a, REAL)}, {self.as_kind(b, REAL)}")
        kind, left, right = self.same(a, b)
        op = _ARITHMETIC[type(node.op)]
        return kind, self.new(f"{'f' + op if kind == REAL else op} {kind} {left}, {right}")

    def of_UnaryOp(self, node: ast.UnaryOp) -> Value:  # noqa: N802
        """Minus and not."""
        if isinstance(node.op, ast.Not):
            return BOOL, self.new(f"xor i1 {self.condition(node.operand)}, true")
        kind, text = self.value(node.operand)
        return kind, self.new(f"fneg double {text}" if kind == REAL else f"sub i64 0, {text}")

    def of_Compare(self, node: ast.Compare) -> Value:  # noqa: N802
        """One comparison."""
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
        """A call."""
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
