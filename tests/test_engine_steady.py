"""Settling: to the right place, with the residual said, and refused when nothing comes to rest."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pytest

from gutskin.engine.methods import NAMES
from gutskin.engine.outcome import Code, Options
from gutskin.engine.steady import settle, settle_all
from gutskin.model import Model, load
from gutskin.simulate import everyday

helpers = runpy.run_path(str(Path(__file__).parent / "helpers.py"))
settings_of = helpers["settings_of"]
methods = pytest.mark.parametrize("method", sorted(NAMES))


@pytest.fixture(scope="module")
def filling(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return helpers["filling"](tmp_path_factory.mktemp("filling"), start=1000.0)


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return helpers["chain"](tmp_path_factory.mktemp("chain"))


@pytest.fixture(scope="module")
def swing(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """Hunter and prey, which go round for ever."""
    return helpers["toy"](
        tmp_path_factory.mktemp("swing"),
        "  prey' = k_swing * prey * (1 - hunter);\n  hunter' = k_swing * hunter * (prey - 1) - k_drain;",
        {"k_swing": (0.1, "1/h"), "k_drain": (0.0, "1/h")},
        {"prey": ("1", 1.5), "hunter": ("1", 1.0)},
    )


@methods
@pytest.mark.parametrize("inflow", [1e-3, 3.0, 4e4])
def test_it_settles_where_inflow_and_loss_balance(filling: Model, method: str, inflow: float) -> None:
    constants = settings_of({"inflow": (inflow, "")}, filling)
    found = settle(filling.kernel, filling.start(), constants, filling.floors(), Options(method))
    assert found.failure is None
    assert found.states == pytest.approx([inflow / 0.5], rel=1e-4, abs=filling.floors()[0])
    assert found.residual <= 3e-4
    assert found.slowest == "x"


def test_the_residual_is_the_relative_change_a_day(filling: Model) -> None:
    constants = settings_of({"k_loss": (0.001, "")}, filling)
    found = settle(filling.kernel, filling.start(), constants, filling.floors(), tolerance=0.01)
    x = found.states[0]
    assert found.failure is None
    assert found.residual == pytest.approx(abs(3.0 - 0.001 * x) * 24 / x, rel=1e-6)
    assert found.residual <= 0.01
    tighter = settle(filling.kernel, filling.start(), constants, filling.floors(), tolerance=1e-5)
    assert tighter.days > found.days
    assert tighter.residual <= 1e-5
    assert tighter.states[0] == pytest.approx(3000.0, rel=1e-3)


@methods
def test_from_anywhere_to_the_same_place(filling: Model, method: str) -> None:
    ends = [
        settle(filling.kernel, np.array([x]), filling.constants(), filling.floors(), Options(method)).states[
            0
        ]
        for x in (0.0, 1.0, 1e6)
    ]
    assert ends == pytest.approx([6.0] * 3, rel=1e-4)


def test_an_empty_pool_counts_as_settled_and_tallies_are_left_out(chain: Model) -> None:
    found = settle(chain.kernel, chain.start(), chain.constants(), chain.floors())
    assert found.failure is None
    assert found.states.shape == (2,)
    assert np.abs(found.states).max() < 1e-5


def test_what_never_rests_is_refused_with_the_slowest_state_and_the_residual(swing: Model) -> None:
    found = settle(swing.kernel, swing.start(), swing.constants(), swing.floors(), limit=100.0)
    assert found.failure is not None
    assert found.failure.code == Code.NOT_STEADY
    assert found.failure.state == found.slowest
    assert found.slowest in ("prey", "hunter")
    assert found.residual > 3e-4
    assert found.slowest in found.failure.reason
    assert f"{found.residual:.1e} a day" in found.failure.reason
    assert found.days >= 100.0
    assert found.failure.time == found.days * 24


def test_a_failure_on_the_way_keeps_its_code_and_its_time(tmp_path: Path) -> None:
    """Growth that is infinite after 900 h, which is in the second stretch of the search."""
    model = helpers["toy"](tmp_path, "  x' = k_grow * x^2;", {"k_grow": (1 / 900, "1/h")}, {"x": ("1", 1.0)})
    found = settle(model.kernel, model.start(), model.constants(), model.floors(), Options(max_steps=20_000))
    assert found.failure is not None
    assert found.failure.code in (Code.TOO_MANY_STEPS, Code.STEP_COLLAPSED, Code.NOT_FINITE)
    assert found.failure.time == pytest.approx(900.0, abs=1.0)


def test_a_state_below_zero_is_named(swing: Model) -> None:
    constants = settings_of({"k_swing": (0.0, ""), "k_drain": (0.01, "")}, swing)
    found = settle(swing.kernel, swing.start(), constants, swing.floors())
    assert found.failure is not None
    assert found.failure.code == Code.NEGATIVE
    assert found.failure.state == "hunter"


def test_undefined_constants_are_a_failure_not_a_state(filling: Model) -> None:
    for name in ("inflow", "k_loss"):
        constants = settings_of({name: (np.nan, "")}, filling)
        found = settle(filling.kernel, filling.start(), constants, filling.floors())
        assert found.failure is not None
        assert found.failure.code != Code.OK


def test_too_many_steps_is_said(filling: Model) -> None:
    options = Options(max_steps=3)
    found = settle(filling.kernel, filling.start(), filling.constants(), filling.floors(), options)
    assert found.failure is not None
    assert found.failure.code == Code.TOO_MANY_STEPS


def test_the_shipped_adult_has_an_everyday_state() -> None:
    model = load()
    found = everyday(model, model.constants())
    assert found.failure is None
    assert found.residual <= 3e-4
    assert (found.states >= -model.floors()).all()
    again = everyday(model, model.constants(), start=found.states)
    gap = np.abs(again.states - found.states) / (np.abs(found.states) + model.floors())
    assert gap.max() < 0.05, model.kernel.states[int(gap.argmax())]


def test_a_divisor_of_zero_stops_neither_the_person_nor_the_others(tmp_path: Path) -> None:
    """In the engine's numbers 1 / 0 is infinite, so inflow is shut off: a state, not an error."""
    model = helpers["toy"](
        tmp_path,
        "  level' = inflow / (1 + brake / half) - loss * level;",
        {"inflow": (3.0, "1/h"), "brake": (1.0, "1"), "half": (1.0, "1"), "loss": (0.5, "1/h")},
        {"level": ("1", 1.0)},
    )
    usual = model.constants()
    odd = settings_of({"half": (0.0, "")}, model)
    start = np.repeat(model.start()[:, None], 2, axis=1)
    first, second = settle_all(model.kernel, start, np.array([usual, odd]).T, model.floors())
    assert first.states == pytest.approx([3.0], rel=1e-3)
    assert second.failure is None
    assert second.states == pytest.approx([0.0], abs=1e-6)
