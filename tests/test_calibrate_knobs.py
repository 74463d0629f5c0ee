"""Coordinates of numbers: bounds, round trips, and how they are chosen."""

from __future__ import annotations

import math
import runpy
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gutskin.calibrate.knobs import choose, ends, knob, turned
from gutskin.errors import InputError
from gutskin.ledger import Parameter, Spread
from gutskin.model import Model

toys = runpy.run_path(str(Path(__file__).parent / "calibrating.py"))


def row(value: float, kind: str, **given: float) -> Parameter:
    return Parameter("toy.k", value, "1", Spread(kind, **given), "none", "", "assumed")


@st.composite
def rows(draw: st.DrawFn) -> Parameter:
    kind = draw(st.sampled_from(["lognormal", "normal", "uniform", "loguniform"]))
    value = draw(st.floats(1e-6, 1e6))
    if kind == "lognormal":
        return row(value, kind, gsd=draw(st.floats(1.01, 10.0)))
    if kind == "normal":
        return row(value, kind, sd=value * draw(st.floats(1e-3, 10.0)))
    low, high = draw(st.floats(0.01, 1.0)), draw(st.floats(1.01, 100.0))
    return row(value, kind, low=value * low, high=value * high)


@given(rows(), st.floats(0.0, 1.0))
def test_a_number_comes_back_from_its_coordinate_and_stays_in_its_spread(
    made: Parameter, share: float
) -> None:
    each = knob(made)
    z = min(max(each.low + share * (each.high - each.low), each.low), each.high)
    value = each.value(z)
    least, most = ends(made)
    assert least <= value <= most
    assert value > 0 or made.spread.kind == "normal"
    if value > 0:
        assert each.coordinate(value) == pytest.approx(z, abs=1e-6)
    assert least <= each.told(z, 4) <= most


@given(rows())
def test_the_ledgers_value_is_zero_to_the_last_bit(made: Parameter) -> None:
    each = knob(made)
    assert each.value(0.0) == made.value
    assert each.coordinate(made.value) == 0.0
    assert each.low <= 0.0 <= each.high


def test_one_is_a_standard_deviation_of_the_spread() -> None:
    assert knob(row(2.0, "lognormal", gsd=1.5)).value(1.0) == pytest.approx(3.0)
    assert knob(row(2.0, "normal", sd=0.25)).value(-2.0) == pytest.approx(1.5)
    # the standard deviation of a uniform distribution is its width over the root of 12
    assert knob(row(2.0, "uniform", low=1.0, high=4.0)).value(1.0) == pytest.approx(2.0 + 3.0 / math.sqrt(12))
    assert knob(row(1.0, "loguniform", low=0.1, high=10.0)).high == pytest.approx(math.sqrt(3))


def test_a_positive_number_cannot_become_negative() -> None:
    each = knob(row(0.1, "normal", sd=0.3))
    assert each.value(each.low) == 0.0
    assert knob(row(-0.1, "normal", sd=0.3)).low == -3.0


def test_what_cannot_move_is_refused() -> None:
    for made in (row(1.0, "fixed"), row(9.0, "uniform", low=1.0, high=4.0)):
        with pytest.raises(InputError, match="E421"):
            knob(made)


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return toys["toy"](tmp_path_factory.mktemp("toy"))


def chosen(*args: object) -> list[str]:
    return [each.row.row for each in choose(*args)]  # type: ignore[arg-type]


def test_choosing(toy: Model) -> None:
    every = ["toy.p", "toy.q", "toy.idle", "toy.s", "toy.inflow", "toy.k_loss"]
    assert chosen(toy, (), ("toy",)) == every, "half is fixed"
    assert chosen(toy, (), (), ("assumed",)) == every
    assert chosen(toy, ("q", "toy.p")) == ["toy.p", "toy.q"], "in the order of the ledger; constants or rows"
    assert chosen(toy, ("toy.*",)) == every
    assert chosen(toy, ("*loss",)) == ["toy.k_loss"]
    with pytest.raises(InputError, match="E421"):
        choose(toy, ("half",))
    for wrong in (((),), (("pp",),), ((), ("toys",)), ((), (), ("guess",)), (("toy.p",), (), ("animal",))):
        with pytest.raises(InputError, match="E420"):
            choose(toy, *wrong)


def test_turning_changes_nothing_else(toy: Model) -> None:
    other = turned(toy, {"toy.p": 12.5})
    assert other.row("p").value == 12.5
    assert toy.row("p").value == 10.0
    assert [r for r in other.ledger.rows if other.ledger.rows[r] != toy.ledger.rows[r]] == ["toy.p"]
    assert other.kernel is toy.kernel
