"""Expressions over read-outs: a small safe language, units checked, nothing evaluated as Python.

Text is parsed by Python's own parser and walked; only arithmetic, comparisons, ``and or not``, a few
functions, names and quoted quantities are known. Truth is 1 or 0, and unknown where an operand is unknown, so
that a person whose run failed never counts as one for whom a comparison does not hold.
"""

from __future__ import annotations

import ast
import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from gutskin.engine.outcome import Array
from gutskin.errors import InputError
from gutskin.evidence.moment import Moment, moment
from gutskin.units import dimension, factor, quantity

_PLAIN: dict[str, Callable[[Array], Array]] = {
    "log10": np.log10, "ln": np.log, "exp": np.exp, "sqrt": np.sqrt, "abs": np.abs,
}  # fmt: skip
_PAIRS: dict[str, Callable[[Array, Array], Array]] = {"min": np.minimum, "max": np.maximum}
_TESTS: dict[type, Callable[[Array, Array], Array]] = {
    ast.Lt: np.less, ast.LtE: np.less_equal, ast.Gt: np.greater, ast.GtE: np.greater_equal,
}  # fmt: skip
_SUMS: dict[type, Callable[[Array, Array], Array]] = {ast.Add: np.add, ast.Sub: np.subtract}
_NODES = (
    ast.Expression, ast.BinOp, ast.UnaryOp, ast.Compare, ast.BoolOp, ast.Call, ast.Name, ast.Constant,
    ast.Load, ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.USub, ast.UAdd, ast.Not, ast.And, ast.Or,
    *_TESTS,
)  # fmt: skip
LONGEST = 500  # letters, of an expression and of the unit of what comes out
DEEPEST = 60  # calls and brackets in each other
HIGHEST = 6  # power of a quantity with a unit


@dataclass(frozen=True)
class Value:
    """Numbers (P,) or (T, P) with their unit; ``truth`` when they say whether something holds."""

    numbers: Array
    unit: str = "1"
    truth: bool = False


# Gives a read-out by name, at a moment (None: at the moment of the expectation).
Reader = Callable[[str, Moment | None], Value]


@dataclass(frozen=True)
class Expression:
    """An expression that has been checked for form; names and units are checked when it is evaluated."""

    text: str
    where: str = ""

    @cached_property
    def tree(self) -> ast.expr:
        """The parsed text."""
        return _parse(self.text, self.where)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Read-outs that it asks for, sorted."""
        called = {id(node.func) for node in ast.walk(self.tree) if isinstance(node, ast.Call)}
        found = (n for n in ast.walk(self.tree) if isinstance(n, ast.Name) and id(n) not in called)
        return tuple(sorted({node.id for node in found}))

    @cached_property
    def moments(self) -> tuple[Moment, ...]:
        """Moments written inside ``at(...)``."""
        return tuple(_moment_of(node, self) for node in self.at_calls)

    @cached_property
    def at_calls(self) -> tuple[ast.Call, ...]:
        """Calls of ``at``."""
        calls = (node for node in ast.walk(self.tree) if isinstance(node, ast.Call))
        return tuple(c for c in calls if isinstance(c.func, ast.Name) and c.func.id == "at")

    def value(self, read: Reader) -> Value:
        """Evaluate.

        Raises
        ------
        InputError
            E405 a name or function that is not known, E406 units that do not fit.
        """
        with np.errstate(all="ignore"):  # what is undefined comes out as NaN or infinite
            return _value(self.tree, read, None, self)


def expression(text: Any, *, where: str = "") -> Expression:
    """Check the form of an expression.

    Raises
    ------
    InputError
        E405 when it is not understood, holds more than the language has or names no read-out, E407 a moment,
        E201, E203, E204 a quantity in quotes.
    """
    if not isinstance(text, str):
        raise _wrong(Expression(repr(text), where), "an expression is text")
    made = Expression(text, where)
    for call in made.at_calls:
        if not _moment_of(call, made).visit and not isinstance(call.args[1], ast.Name):
            raise _wrong(made, "an extreme or a time in at(...) is of a single read-out")
    if not made.names:
        raise _wrong(made, "it names no read-out")
    moments = {id(n.args[0]) for n in ast.walk(made.tree) if isinstance(n, ast.Call) and n.args}
    for node in ast.walk(made.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in moments:
            quantity(node.value, where=where)
    return made


def _wrong(about: Expression, said: str, code: str = "E405") -> InputError:
    shown = about.text if len(about.text) <= LONGEST else f"{about.text[:40]}..."
    return InputError(
        code,
        f"{shown!r}: {said}",
        where=about.where,
        remedy="the language is described in docs/evidence.md",
    )


def _parse(text: str, where: str) -> ast.expr:
    about = Expression(text, where)
    if len(text) > LONGEST:
        raise _wrong(about, f"longer than {LONGEST} letters")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # what Python only warns of is no part of the language
            tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise _wrong(about, "it is not understood") from error
    _refuse_deep(tree, about)
    for node in ast.walk(tree):
        if not isinstance(node, _NODES):
            raise _wrong(about, f"{type(node).__name__} is not part of the language")
        if isinstance(node, ast.Constant) and not _usable(node.value):
            raise _wrong(about, f"{node.value!r} is neither a number nor a quantity")
        if isinstance(node, ast.Call) and (not isinstance(node.func, ast.Name) or node.keywords):
            raise _wrong(about, "only functions of the language can be called")
    return tree.body


def _refuse_deep(tree: ast.AST, about: Expression) -> None:
    level, depth = [tree], 0
    while level:
        level, depth = [inner for node in level for inner in ast.iter_child_nodes(node)], depth + 1
        if depth > DEEPEST:
            raise _wrong(about, "too many brackets in each other")


def _usable(value: Any) -> bool:
    if isinstance(value, int) and not isinstance(value, bool):
        return abs(value) < 10**300
    return isinstance(value, str) or (isinstance(value, float) and math.isfinite(value))


def _moment_of(node: ast.Call, about: Expression) -> Moment:
    first = node.args[0] if len(node.args) == 2 else None
    if not isinstance(first, ast.Constant) or not isinstance(first.value, str):
        raise _wrong(about, 'write at("28 day", x)')
    return moment(first.value, where=about.where)


def _value(node: ast.expr, read: Reader, when: Moment | None, about: Expression) -> Value:
    if isinstance(node, ast.Name):
        return read(node.id, when)
    if isinstance(node, ast.Constant):
        if isinstance(node.value, str):
            number, unit = quantity(node.value, where=about.where)
            return Value(np.asarray(number, float), unit)
        return Value(np.asarray(float(node.value), float))  # type: ignore[arg-type]
    if isinstance(node, ast.Call):
        return _call(node, read, when, about)
    if isinstance(node, ast.UnaryOp):
        inner = _value(node.operand, read, when, about)
        if isinstance(node.op, ast.Not):
            return Value(1.0 - _truth(inner, about), "1", truth=True)
        return Value(-inner.numbers if isinstance(node.op, ast.USub) else inner.numbers, inner.unit)
    if isinstance(node, ast.BoolOp):
        parts = [_truth(_value(each, read, when, about), about) for each in node.values]
        join = np.minimum if isinstance(node.op, ast.And) else np.maximum  # both keep what is unknown
        out = parts[0]
        for part in parts[1:]:
            out = join(out, part)
        return Value(out, "1", truth=True)
    if isinstance(node, ast.Compare):
        return _compare(node, read, when, about)
    assert isinstance(node, ast.BinOp)
    return _binary(node, read, when, about)


def _truth(value: Value, about: Expression) -> Array:
    if not value.truth:
        raise _wrong(about, "and, or, not join comparisons")
    return value.numbers


def _same(a: Value, b: Value, about: Expression) -> Array:
    """Return the numbers of b in the unit of a."""
    if a.unit == b.unit:
        return b.numbers
    try:
        return b.numbers * factor(b.unit, a.unit)
    except InputError as error:
        raise _wrong(about, f"{a.unit} and {b.unit} do not fit together", "E406") from error


def _pure(value: Value, about: Expression, what: str) -> Array:
    if dimension(value.unit):
        raise _wrong(
            about, f"{what} needs a pure number, not {value.unit}: divide by e.g. '1 {value.unit}'", "E406"
        )
    return value.numbers * factor(value.unit, "1") if value.unit != "1" else value.numbers


def _compare(node: ast.Compare, read: Reader, when: Moment | None, about: Expression) -> Value:
    sides = [_value(each, read, when, about) for each in (node.left, *node.comparators)]
    out = None
    for op, a, b in zip(node.ops, sides, sides[1:], strict=False):
        other = _same(a, b, about)
        unknown = np.isnan(a.numbers) | np.isnan(other)
        holds = np.where(unknown, np.nan, _TESTS[type(op)](a.numbers, other))
        out = holds if out is None else np.minimum(out, holds)
    return Value(np.asarray(out, float), "1", truth=True)


def _binary(node: ast.BinOp, read: Reader, when: Moment | None, about: Expression) -> Value:
    a, b = (_value(each, read, when, about) for each in (node.left, node.right))
    if type(node.op) in _SUMS:
        return Value(_SUMS[type(node.op)](a.numbers, _same(a, b, about)), a.unit)
    if isinstance(node.op, ast.Mult):
        return Value(a.numbers * b.numbers, _short(_joined(a.unit, "*", b.unit), about))
    if isinstance(node.op, ast.Div):
        return Value(np.divide(a.numbers, b.numbers), _short(_joined(a.unit, "/", b.unit), about))
    power = _pure(b, about, "a power")
    if not dimension(a.unit):
        return Value(_pure(a, about, "a power") ** power)
    if power.ndim or power not in range(1, HIGHEST + 1):
        raise _wrong(about, f"a quantity in {a.unit} can be raised to a whole power up to {HIGHEST}", "E406")
    unit = "*".join([a.unit if k == 0 else f"({a.unit})" for k in range(int(power))])
    return Value(a.numbers**power, _short(unit, about))


def _short(unit: str, about: Expression) -> str:
    """Refuse units that grow without end, as those of powers of powers do."""
    if len(unit) > LONGEST:
        raise _wrong(about, "the unit of what comes out is too long", "E406")
    return unit


def _joined(a: str, op: str, b: str) -> str:
    if b == "1":
        return a
    return b if (a, op) == ("1", "*") else f"{a}{op}({b})"


def _call(node: ast.Call, read: Reader, when: Moment | None, about: Expression) -> Value:
    name = node.func.id  # type: ignore[attr-defined]
    if name in ("start", "at"):
        own = Moment("start", "instant") if name == "start" else _moment_of(node, about)
        if when is not None or (name == "start" and len(node.args) != 1):
            raise _wrong(about, "start(x) and at(...) take one expression and do not stand in each other")
        return _value(node.args[-1], read, own, about)
    parts = [_value(each, read, when, about) for each in node.args]
    if name in _PLAIN and len(parts) == 1:
        if name == "abs":
            return Value(np.abs(parts[0].numbers), parts[0].unit)
        return Value(_PLAIN[name](_pure(parts[0], about, name)))
    if name in _PAIRS and len(parts) == 2:
        return Value(_PAIRS[name](parts[0].numbers, _same(parts[0], parts[1], about)), parts[0].unit)
    known = ", ".join([*_PLAIN, *_PAIRS, "start", "at"])
    raise _wrong(about, f"{name} with {len(parts)} arguments is not known; there are {known}")
