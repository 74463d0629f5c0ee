"""Unit check of formulas: base dimensions and scale through every operation.

Inside the engine numbers stand in the units in which they are declared, so a formula must be coherent:
adding grams to milligrams, or a rate per day to one per hour, is as wrong as adding grams to hours. Numbers
written in the text are pure numbers.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

from gutskin import units
from gutskin.network import Formula


class Scale(NamedTuple):
    """Powers of the base dimensions, and the size of the unit in base units."""

    powers: tuple[tuple[str, float], ...]
    size: float

    def same(self, other: Scale) -> bool:
        """Whether numbers on the two scales may be added."""
        return self.powers == other.powers and math.isclose(self.size, other.size, rel_tol=1e-9)


PURE = Scale((), 1.0)


class Mismatch(Exception):
    """Two parts of a formula that cannot meet; the text says which."""


def scale_of(unit: str) -> Scale:
    """Return the scale of a unit text."""
    return Scale(units.dimension(unit), units.base_factor(unit))


def show(scale: Scale) -> str:
    """Return e.g. ``amount/time (x 2.8e-07)``."""
    up = [name if power == 1 else f"{name}^{power:g}" for name, power in scale.powers if power > 0]
    down = [name if power == -1 else f"{name}^{-power:g}" for name, power in scale.powers if power < 0]
    kind = ("*".join(up) or "1") + "".join(f"/{each}" for each in down) if scale.powers else "a pure number"
    return f"{kind} (unit size {scale.size:.4g})" if scale.size != 1 else kind


_SIGNS = {"add": " + ", "sub": " - ", "mul": " * ", "div": " / ", "pow": "^"}
_BINDS = {"add": 1, "sub": 1, "neg": 2, "mul": 3, "div": 3, "pow": 4}


def written(formula: Formula) -> str:
    """Return a formula as one would write it, with brackets only where they are needed."""
    op, *parts = formula
    if op == "c":
        return f"{parts[0]:g}"
    if op == "n":
        return str(parts[0])
    if op == "neg":
        return f"-{_inside(parts[0], _BINDS['neg'] + 1)}"
    if op in _SIGNS:
        own = _BINDS[op]
        left = _inside(parts[0], own + (op == "pow"))
        right = _inside(parts[1], own + (op in ("sub", "div", "pow")))
        return f"{left}{_SIGNS[op]}{right}"
    return f"{op}({', '.join(written(part) for part in parts)})"


def _inside(formula: Formula, needed: int) -> str:
    said = written(formula)
    return said if _BINDS.get(formula[0], 5) >= needed else f"({said})"


def _raise(base: Scale, power: float) -> Scale:
    return Scale(tuple((name, each * power) for name, each in base.powers if each * power), base.size**power)


def _multiply(left: Scale, right: Scale) -> Scale:
    powers = dict(left.powers)
    for name, power in right.powers:
        powers[name] = powers.get(name, 0.0) + power
    return Scale(
        tuple(sorted((name, power) for name, power in powers.items() if power)), left.size * right.size
    )


def _pure(formula: Formula, known: Mapping[str, Scale], why: str) -> None:
    scale = of(formula, known)
    if not scale.same(PURE):
        raise Mismatch(f"{why} {written(formula)} is {show(scale)}, not a pure number")


def _power(base: Formula, exponent: Formula, known: Mapping[str, Scale]) -> Scale:
    scale = of(base, known)
    _pure(exponent, known, "the exponent")
    if scale.same(PURE):
        return PURE
    sign, number = (-1.0, exponent[1]) if exponent[0] == "neg" else (1.0, exponent)
    if number[0] != "c":
        raise Mismatch(
            f"{written(base)} is {show(scale)} but is raised to {written(exponent)}: divide it by its like"
        )
    return _raise(scale, sign * number[1])


def _same(formulas: tuple[Formula, ...], known: Mapping[str, Scale]) -> Scale:
    first = of(formulas[0], known)
    for each in formulas[1:]:
        other = of(each, known)
        if not other.same(first):
            raise Mismatch(f"{written(formulas[0])} is {show(first)} but {written(each)} is {show(other)}")
    return first


def of(formula: Formula, known: Mapping[str, Scale]) -> Scale:
    """Return the scale of a formula, given the scale of every name in it.

    Raises
    ------
    Mismatch
        When parts on different scales are added, compared or chosen between, or a function is given a
        quantity with a unit.
    """
    op, *parts = formula
    if op == "c":
        return PURE
    if op == "n":
        return known[parts[0]]
    if op == "mul":
        return _multiply(of(parts[0], known), of(parts[1], known))
    if op == "div":
        return _multiply(of(parts[0], known), _raise(of(parts[1], known), -1.0))
    if op == "pow":
        return _power(parts[0], parts[1], known)
    if op in ("exp", "ln", "log10"):
        _pure(parts[0], known, f"{op} of")
        return PURE
    if op == "if":
        _condition(parts[0], known)
        return _same((parts[1], parts[2]), known)
    return _same(tuple(parts), known)


def _condition(formula: Formula, known: Mapping[str, Scale]) -> None:
    if formula[0] in ("and", "or"):
        for part in formula[1:]:
            _condition(part, known)
    else:
        _same(tuple(formula[1:]), known)
