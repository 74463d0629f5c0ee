"""The unit check: parts that cannot meet are refused; what passes is coherent in any units."""

from __future__ import annotations

import math

import pytest
from hypothesis import HealthCheck, assume, given, reject, settings
from hypothesis import strategies as st

from gutskin.compile.dimensions import PURE, Mismatch, Scale, of, scale_of, show, written
from gutskin.network import Formula

# Machines that run tests are often busy with other things.
CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

UNITS = {
    "m": "mmol", "m2": "mmol", "u": "umol", "g": "g", "mg": "mg", "h": "h", "k": "1/h", "kd": "1/day",
    "p": "1", "pc": "percent", "v": "L",
}  # fmt: skip
KNOWN = {name: scale_of(unit) for name, unit in UNITS.items()}


def n(name: str) -> Formula:
    return ("n", name)


@pytest.mark.parametrize(
    ("formula", "unit"),
    [
        (("mul", n("k"), n("m")), "mmol/h"), (("div", n("m"), n("v")), "mmol/L"), (n("p"), "1"),
        (("div", n("m"), n("m2")), "1"), (("pow", n("m"), ("c", 2.0)), "mmol^2"),
        (("pow", n("v"), ("neg", ("c", 1.0))), "1/L"),
        (("pow", ("pow", n("v"), ("c", 2.0)), ("c", 0.5)), "L"),
        (("exp", ("neg", ("div", n("m"), n("m2")))), "1"), (("max", n("m"), n("m2")), "mmol"),
        (("if", ("gt", n("v"), n("v")), n("m"), n("m2")), "mmol"), (("abs", ("neg", n("m"))), "mmol"),
        (("pow", n("p"), n("p")), "1"), (("log10", n("p")), "1"), (("mul", ("c", 2.0), n("g")), "g"),
    ],
)  # fmt: skip
def test_coherent_formulas_have_the_unit_they_should(formula: Formula, unit: str) -> None:
    assert of(formula, KNOWN).same(scale_of(unit))


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        (("add", n("g"), n("mg")), ["g is mass", "mg is mass", "1e-06"]),
        (("add", n("kd"), n("k")), ["kd is 1/time", "k is 1/time", "1.157e-05", "0.0002778"]),
        (("sub", n("m"), n("g")), ["m is amount", "g is mass"]),
        (("max", n("m"), n("u")), ["m is amount", "u is amount"]),
        (("add", n("p"), n("pc")), ["pc is a pure number (unit size 0.01)"]),
        (("add", ("c", 1.0), n("m")), ["1 is a pure number", "m is amount"]),
        (("exp", n("m")), ["exp of m is amount", "not a pure number"]),
        (("ln", n("k")), ["ln of k is 1/time"]),
        (("pow", n("p"), n("m")), ["the exponent m is amount"]),
        (("pow", n("m"), n("p")), ["m is amount", "raised to p", "divide it by its like"]),
        (("if", ("lt", n("m"), n("h")), n("p"), n("p")), ["m is amount", "h is time"]),
        (("if", ("lt", n("m"), n("m")), n("p"), n("h")), ["p is a pure number", "h is time"]),
        (("if", ("and", ("lt", n("m"), n("m")), ("gt", n("h"), n("v"))), n("p"), n("p")), ["h is time"]),
    ],
)  # fmt: skip
def test_parts_that_cannot_meet_are_refused_and_both_are_named(formula: Formula, words: list[str]) -> None:
    with pytest.raises(Mismatch) as caught:
        of(formula, KNOWN)
    assert all(word in str(caught.value) for word in words), str(caught.value)


def test_scales_are_shown_in_words() -> None:
    assert show(PURE) == "a pure number"
    assert show(scale_of("mol/s")) == "amount/time"
    assert show(scale_of("1/s")) == "1/time"
    assert show(scale_of("m2")) == "length^2"
    assert show(scale_of("mmol")) == "amount (unit size 0.001)"


def test_formulas_are_written_as_one_would() -> None:
    assert written(("add", n("a"), ("mul", ("c", 2.0), ("pow", n("b"), n("c"))))) == "a + 2 * b^c"
    assert written(("mul", ("add", n("a"), n("b")), ("neg", n("c")))) == "(a + b) * (-c)"
    assert written(("sub", n("a"), ("sub", n("b"), n("c")))) == "a - (b - c)"
    assert written(("if", ("lt", n("a"), n("b")), n("c"), ("neg", n("d")))) == "if(lt(a, b), c, -d)"


def evaluate(formula: Formula, values: dict[str, float]) -> float:
    op, *parts = formula
    if op == "c":
        return float(parts[0])
    if op == "n":
        return values[parts[0]]
    if op == "if":
        test, left, right = parts
        return evaluate(left if evaluate(test[1], values) <= evaluate(test[2], values) else right, values)
    got = [evaluate(part, values) for part in parts]
    known = {
        "add": lambda a, b: a + b, "sub": lambda a, b: a - b, "mul": lambda a, b: a * b, "max": max,
        "div": lambda a, b: a / b, "pow": lambda a, b: a**b, "exp": math.exp, "neg": lambda a: -a, "abs": abs,
    }  # fmt: skip
    return float(known[op](*got))


ARITHMETIC = st.recursive(
    st.sampled_from([n("m"), n("h"), n("p"), ("c", 2.0), ("c", 10.0)]),
    lambda x: st.one_of(
        st.tuples(st.sampled_from(["add", "sub", "mul", "div", "pow"]), x, x), st.tuples(st.just("neg"), x)
    ),
    max_leaves=8,
)


@settings(CALM, derandomize=True)
@given(ARITHMETIC)
def test_a_written_formula_read_again_means_the_same(formula: Formula) -> None:
    values = {"m": 1.25, "h": 0.75, "p": 1.5}
    try:
        expected = evaluate(formula, values)
        got = eval(written(formula).replace("^", "**"), {"__builtins__": {}}, values)
    except (ZeroDivisionError, OverflowError, TypeError):  # TypeError: the root of a negative number
        reject()
    assume(abs(expected) < 1e6)
    assert got == pytest.approx(expected, rel=1e-6)


Strategy = st.SearchStrategy[Formula]


def _two(op: str, left: Strategy, right: Strategy) -> Strategy:
    return st.tuples(st.just(op), left, right)


def _grown(amount: Strategy, flow: Strategy, pure: Strategy) -> tuple[Strategy, Strategy, Strategy]:
    """Return formulas one level deeper that are amounts, flows and pure numbers by construction."""
    tame = st.builds(lambda x: ("exp", ("neg", ("abs", x))), pure)
    chosen = st.builds(lambda a, b: ("if", ("le", a, b), b, ("add", a, b)), amount, amount)
    hours, usual, exponent = st.just(n("h")), st.just(n("m")), st.just(n("p"))
    return (
        st.one_of(amount, _two("add", amount, amount), _two("mul", pure, amount), chosen,
                  _two("max", amount, amount), _two("mul", flow, hours)),
        st.one_of(flow, _two("div", amount, hours), _two("sub", flow, flow), _two("mul", tame, flow)),
        st.one_of(pure, _two("div", amount, usual), tame, _two("pow", tame, exponent)),
    )  # fmt: skip


_LEVEL = (
    st.sampled_from([n("m"), n("m2")]),
    st.just(("mul", n("k"), n("m"))),
    st.sampled_from([n("p"), ("c", 1.0), ("c", 2.0)]),
)
for _ in range(3):
    _LEVEL = _grown(*_LEVEL)
AMOUNTS, FLOWS, NUMBERS = _LEVEL


@pytest.mark.parametrize(
    ("formulas", "unit"),
    [(AMOUNTS, "mmol"), (FLOWS, "mmol/h"), (NUMBERS, "1")],
    ids=["amounts", "flows", "1"],
)
def test_formulas_coherent_by_construction_pass(formulas: st.SearchStrategy[Formula], unit: str) -> None:
    @settings(CALM, max_examples=30)
    @given(formulas)
    def check(formula: Formula) -> None:
        assert of(formula, KNOWN).same(scale_of(unit))

    check()


@settings(CALM, max_examples=50)
@given(FLOWS, st.sampled_from([2.0**-10, 2.0**7]), st.sampled_from([2.0**-6, 2.0**5]))
def test_what_passes_gives_the_same_answer_in_other_units(formula: Formula, mol: float, hour: float) -> None:
    values = {"m": 0.75, "m2": 1.5, "h": 2.0, "k": 0.25, "p": 1.25}
    other = {"m": 0.75 * mol, "m2": 1.5 * mol, "h": 2.0 * hour, "k": 0.25 / hour, "p": 1.25}
    plain = evaluate(formula, values)
    # powers of two scale exactly, so nothing is lost but what cancellation loses in both
    assert evaluate(formula, other) == pytest.approx(plain * mol / hour, rel=1e-9, abs=1e-12 * mol / hour)


def test_sizes_that_differ_by_rounding_only_are_the_same() -> None:
    assert Scale((), 0.1 + 0.2).same(Scale((), 0.3))
    assert not Scale((), 1.0).same(Scale((("time", 1.0),), 1.0))
