"""Expressions: the same numbers as plain numpy, units checked, unknown kept, hostile text refused."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gutskin.errors import GutskinError, InputError
from gutskin.evidence.expression import LONGEST, Expression, Value, expression
from gutskin.evidence.moment import Moment

PEOPLE = 6
RANDOM = np.random.default_rng(11)
PURE = {name: np.round(RANDOM.uniform(0.2, 3.0, PEOPLE), 3) for name in "abc"}
PURE["b"][2] = math.nan


def read(name: str, when: Moment | None) -> Value:
    if name in PURE:
        return Value(PURE[name] + (100.0 if when else 0.0))
    known = {"acid": ("mmol/L", 10.0), "salt": ("umol/L", 1e4), "mass": ("g", 2.0), "part": ("percent", 25.0)}
    if name not in known:
        raise InputError("E405", f"there is no read-out {name!r}")
    unit, value = known[name]
    return Value(np.full(PEOPLE, value), unit)


def value(text: str) -> Value:
    return expression(text).value(read)


def tried(text: str) -> Value | GutskinError:
    """Return what an expression is, or why it is refused."""
    try:
        return value(text)
    except GutskinError as error:
        return error


def refused(text: object) -> InputError:
    with pytest.raises(InputError) as caught:
        expression(text, where="case.toml: expect 1").value(read)
    return caught.value


# ---- the same numbers as plain numpy

names = st.sampled_from(sorted(PURE))
numbers = st.floats(0.1, 9.0).map(lambda x: repr(round(x, 3)))
functions = st.sampled_from(["log10", "ln", "exp", "sqrt", "abs"])


def _grow(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pair = st.tuples(inner, inner)
    return st.one_of(
        st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        inner.map(lambda x: f"-{x}"),
        st.tuples(inner, st.sampled_from(["1", "2", "0.5"])).map(lambda t: f"({t[0]}) ** {t[1]}"),
        st.tuples(functions, inner).map(lambda t: f"{t[0]}({t[1]})"),
        pair.map(lambda t: f"min({t[0]}, {t[1]})"),
        pair.map(lambda t: f"max({t[0]}, {t[1]})"),
    )


sums = st.recursive(names | numbers, _grow, max_leaves=8).filter(lambda t: any(n in t for n in PURE))
KNOWN = {
    "log10": np.log10,
    "ln": np.log,
    "exp": np.exp,
    "sqrt": np.sqrt,
    "abs": np.abs,
    "min": np.minimum,
    "max": np.maximum,
    "__builtins__": {},
}


def by_numpy(text: str) -> np.ndarray:
    with np.errstate(all="ignore"):
        numbers = re.sub(r"(?<![a-z0-9.])(\d+\.?\d*)", r"number(\1)", text)  # Python's own would go complex
        return np.broadcast_to(eval(numbers, {**KNOWN, **PURE, "number": np.float64}), PEOPLE)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(sums)
def test_arithmetic_is_that_of_numpy(text: str) -> None:
    found = tried(text)
    if isinstance(found, GutskinError):  # "a" of "max" is no read-out
        assert "names no read-out" in found.message
    else:
        np.testing.assert_allclose(found.numbers, by_numpy(text), rtol=1e-12)


@settings(max_examples=200, deadline=None)
@given(sums, sums, st.sampled_from(["<", "<=", ">", ">="]), st.booleans())
def test_comparisons_are_those_of_numpy_and_unknown_stays_unknown(
    left: str, right: str, sign: str, negated: bool
) -> None:
    text = f"not ({left} {sign} {right})" if negated else f"{left} {sign} {right}"
    found = tried(text)
    if isinstance(found, GutskinError):
        assert "names no read-out" in found.message
        return
    a, b = by_numpy(left), by_numpy(right)
    holds = {"<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal}[sign](a, b)
    wanted = np.where(np.isnan(a) | np.isnan(b), np.nan, (~holds if negated else holds).astype(float))
    assert found.truth
    np.testing.assert_array_equal(np.broadcast_to(found.numbers, PEOPLE), wanted)


UNKNOWN = {"t": (1.0, 2.0), "f": (2.0, 1.0), "u": (math.nan, 1.0)}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("T and F", 0.0),
        ("T or F", 1.0),
        ("not T", 0.0),
        ("not F", 1.0),
        ("T and U", math.nan),
        ("F and U", math.nan),
        ("T or U", math.nan),
        ("F or U", math.nan),
        ("not U", math.nan),
        ("U and U or T", math.nan),
        ("T and T and F", 0.0),
        ("not (T and F) or F", 1.0),
    ],
)
def test_truth_and_what_is_not_known(text: str, wanted: float) -> None:
    for letter in UNKNOWN:
        text = text.replace(letter.upper(), f"({letter}1 < {letter}2)")
    found = expression(text).value(lambda name, _: Value(np.array([UNKNOWN[name[0]][int(name[1]) - 1]])))
    assert found.truth
    np.testing.assert_array_equal(found.numbers, [wanted])


def test_infinite_values_can_be_compared() -> None:
    """log10 of nothing is minus infinite: below everything, not unknown."""
    ends = {"low": -math.inf, "high": math.inf}
    found = expression("low < high").value(lambda name, _: Value(np.array([ends[name]])))
    assert found.numbers.tolist() == [1.0]
    found = expression("log10(nothing) < '-2 1' ").value(lambda *_: Value(np.zeros(1)))
    assert found.numbers.tolist() == [1.0]


def test_a_chain_of_comparisons_holds_when_all_do() -> None:
    found = value("0.5 < a < 2")
    np.testing.assert_array_equal(found.numbers, ((PURE["a"] > 0.5) & (PURE["a"] < 2)).astype(float))


def test_what_is_undefined_is_no_number_and_no_warning() -> None:
    for text in (
        "a / (a - a)",
        "log10(a - a)",
        "ln(-a)",
        "sqrt(-a)",
        "exp(a * 10000)",
        "(-a) ** 0.5",
        "0 * (1 / (a - a))",
    ):
        assert not np.isfinite(value(text).numbers).any(), text


# ---- moments inside


def test_start_and_at_read_at_their_own_moment() -> None:
    asked: list[tuple[str, str]] = []

    def tell(name: str, when: Moment | None) -> Value:
        asked.append((name, when.text if when else ""))
        return Value(np.ones(1))

    expression("a / start(a + b) - at('mean 1..2 day', c)").value(tell)
    assert asked == [("a", ""), ("a", "start"), ("b", "start"), ("c", "mean 1..2 day")]
    assert [m.text for m in expression("at('3 day', a) - at('1 day', a)").moments] == ["3 day", "1 day"]
    assert expression("a * log10(b) + start(c)").names == ("a", "b", "c")


@pytest.mark.parametrize(
    "text",
    [
        "start()",
        "start(a, b)",
        "at(a)",
        "at(3, a)",
        "at('1 day')",
        "at('1 day', a, b)",
        "at('peak', a + b)",
        "start(start(a))",
        "at('1 day', start(a))",
        "at(a, '1 day')",
        "at('time of peak', 2 * a)",
    ],
)
def test_moments_that_make_no_sense_are_refused(text: str) -> None:
    assert refused(text).code == "E405"


def test_an_extreme_inside_is_of_a_single_read_out() -> None:
    asked: list[str] = []

    def tell(name: str, when: Moment | None) -> Value:
        asked.append(when.text if when else "")
        return Value(np.ones(1))

    expression("at('peak', a) / at('lowest 0..2 day', a)").value(tell)
    assert asked == ["peak", "lowest 0..2 day"]


def test_a_moment_inside_that_is_not_understood() -> None:
    assert refused("at('soon', a)").code == "E407"


# ---- units


@pytest.mark.parametrize(
    ("text", "unit", "wanted"),
    [
        ("acid", "mmol/L", 10.0),
        ("acid + salt", "mmol/L", 20.0),
        ("salt - acid", "umol/L", 0.0),
        ("acid * mass", "mol", None),
        ("acid / salt", "1", 1.0),
        ("max(acid, salt) + acid", "mmol/L", 20.0),
        ("acid ** 2 / salt", "mmol/L", 10.0),
        ("acid / '5 mmol/L'", "1", 2.0),
        ("acid * 2", "mmol/L", 20.0),
        ("-acid + '1 mol/L'", "mmol/L", 990.0),
        ("1 / acid", "L/mmol", 0.1),
        ("abs(-salt)", "mmol/L", 10.0),
        ("log10(acid / '1 umol/L')", "1", 4.0),
        ("part + 1", "1", 1.25),
        ("sqrt(part)", "1", 0.5),
        ("part ** 2", "1", 0.0625),
        ("2 ** part", "1", 2**0.25),
        ("(acid / salt) ** 0.5", "1", 1.0),
        ("a * 0 + 1 + part", "1", 1.25),
    ],
)
def test_units_are_carried_through(text: str, unit: str, wanted: float | None) -> None:
    from gutskin.units import dimension, factor

    found = value(text)
    if wanted is None:
        assert dimension(found.unit) == dimension("mmol/L*g")
        return
    np.testing.assert_allclose(
        np.broadcast_to(found.numbers, PEOPLE)[:2] * factor(found.unit, unit), wanted, rtol=1e-12
    )


@pytest.mark.parametrize(
    "text",
    [
        "acid + mass",
        "acid + 1",
        "acid > mass",
        "acid > 4",
        "min(acid, mass)",
        "log10(acid)",
        "exp(mass)",
        "sqrt(acid)",
        "a ** acid",
        "acid ** 0.5",
        "acid ** 7",
        "acid ** 0",
        "acid ** -1",
        "acid ** a",
        "acid ** (1e300 * 1e300)",
        "acid ** (0 / 0)",
        "acid > '4 g'",
        "acid / salt > '1 h'",
        "((((((acid ** 6) ** 6) ** 6) ** 6) ** 6) ** 6) ** 6",
    ],
)
def test_units_that_do_not_fit_are_refused(text: str) -> None:
    error = refused(text)
    assert error.code == "E406"
    assert error.remedy
    assert error.where == "case.toml: expect 1"


@given(st.lists(st.sampled_from([" * acid", " / acid", " * salt", " / mass"]), max_size=40))
def test_a_long_product_has_a_unit_or_is_refused(parts: list[str]) -> None:
    from gutskin.units import parse

    found = tried("acid" + "".join(parts))
    if isinstance(found, GutskinError):
        assert found.code == "E406"
    else:
        parse(found.unit)


# ---- hostile text

HOSTILE = [
    "__import__('os').system('true')",
    "a.__class__",
    "().__class__.__mro__",
    "(lambda: a)()",
    "lambda: a",
    "[a for a in (1, 2)]",
    "{a: 1}",
    "{a}",
    "[a]",
    "(a, b)",
    "a if a else b",
    "(a := 1)",
    "f'{a}'",
    "b'bytes'",
    "a[0]",
    "*a",
    "min(*a)",
    "log10(x=a)",
    "yield a",
    "await a",
    "a = 1",
    "a; b",
    "import os",
    "exec('a')",
    "open('a')",
    "print(a)",
    "a @ b",
    "a // b",
    "a % b",
    "a << 2",
    "a & b",
    "a | b",
    "~a",
    "a is b",
    "a in b",
    "a == b",
    "a != b",
    "True",
    "None",
    "a and b",
    "not a",
    "a or (b < c)",
    "...",
    "1j * a",
    "a()",
    "a(b)",
    "'a' + a",
    "log10(a)(b)",
    "log10()",
    "log10(a, b)",
    "min(a)",
    "min(a, b, c)",
    "start",
    "",
    " ",
    "\n",
    "(",
    "a b",
    "1",
    "'1 g'",
    "1 + 2",
    "a\x00",
    "a" * (LONGEST + 1),
    "x" * 10_000,
    "(" * 230 + "a" + ")" * 230,
    "-" * 490 + "a",
    "not " * 100 + "(a < b)",
    "abs(" * 100 + "a" + ")" * 100,
    "a" + "**a" * 150,
    "ª" * 3,
    "1" * 400 + " * a",
    "1e999 * a",
    "9" * 5000,
    "a + 'x'",
    "a + '1 furlongs'",
    "a + '1'",
    "nobody",
    "aa",
    "'\\d' * a",
    "1if a else 2",
    "a <> b",
    "0777 + a",
    "#",
    "a # b\n+",
    "\ud800",
    "a\\\n",
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text)[:30])
def test_hostile_text_is_refused_and_nothing_else_happens(text: str) -> None:
    error = refused(text)
    assert error.code in (("E405", "E201", "E203", "E204") if "'" in text else ("E405",))
    assert error.remedy or "no read-out" in error.message
    assert len(str(error)) < 1000


@pytest.mark.parametrize("text", [5, 1.5, None, True, ["a"], {"a": 1}])
def test_what_is_no_text_is_refused(text: object) -> None:
    assert refused(text).code == "E405"


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60) | st.text("ab01.+-*/()<>=', minax\n\"{}[]:\\_", max_size=60))
def test_any_text_is_an_expression_or_is_refused(text: str) -> None:
    found = tried(text)
    if isinstance(found, GutskinError):
        assert found.code in ("E405", "E406", "E407", "E201", "E203", "E204")
    else:
        assert np.asarray(found.numbers).dtype == float


def test_a_huge_power_costs_nothing() -> None:
    assert not np.isfinite(value("a * 9 ** 9 ** 9 ** 9").numbers).any()


def test_spaces_around_and_lines_in_brackets_are_fine() -> None:
    assert value("  (a\n + a) ").numbers.tolist() == pytest.approx((2 * PURE["a"]).tolist())


def test_what_was_wrong_is_named() -> None:
    assert "Lambda is not part of the language" in refused("lambda: a").message
    assert "mmol/L and g do not fit together" in refused("acid + mass").message
    assert "divide by e.g. '1 mmol/L'" in refused("log10(acid)").message
    assert "cube with 1 arguments is not known" in refused("cube(a)").message


def test_an_expression_is_its_text() -> None:
    assert Expression("a + b") == Expression("a + b")
    assert Expression("a + b").names == ("a", "b")
