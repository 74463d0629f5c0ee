"""Every integrator against closed forms, at times that are no step ends."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.special import lambertw

from gutskin.engine.methods import NAMES
from gutskin.engine.outcome import Stop
from gutskin.model import Model

helpers = runpy.run_path(str(Path(__file__).parent / "helpers.py"))
run, toy = helpers["run"], helpers["toy"]
# Error allowed relative to the largest value: methods control the error of a step, not of the whole run.
CLOSE = 3e-6
TIMES = np.sort(np.concatenate([[0.0], np.geomspace(1e-3, 59.37, 80)]))

methods = pytest.mark.parametrize("method", sorted(NAMES))


def close(got: Any, wanted: Any) -> bool:
    return bool(np.max(np.abs(got - wanted)) <= CLOSE * np.max(np.abs(wanted)))


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return helpers["chain"](tmp_path_factory.mktemp("chain"))


@pytest.fixture(scope="module")
def filling(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return helpers["filling"](tmp_path_factory.mktemp("filling"))


@pytest.fixture(scope="module")
def growth(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return toy(
        tmp_path_factory.mktemp("growth"),
        "  n' = r_grow * n * (1 - n / room);",
        {"r_grow": (0.4, "1/h"), "room": (1e6, "CFU/cm2")},
        {"n": ("CFU/cm2", 100.0)},
    )


@pytest.fixture(scope="module")
def enzyme(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return toy(
        tmp_path_factory.mktemp("enzyme"),
        "  compartment place;\n  substanceOnly species s in place, p in place;\n"
        "  turn: s => p; vmax * s / (km + s);",
        {"vmax": (2.0, "mmol/h"), "km": (1.5, "mmol")},
        {"s": ("mmol", 20.0, "CH2O"), "p": ("mmol", 0.0, "CH2O")},
    )


@pytest.fixture(scope="module")
def stiff(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """A slow pool that a fast one follows within milliseconds."""
    return toy(
        tmp_path_factory.mktemp("stiff"),
        "  slow' = -k_slow * slow;\n  fast' = k_fast * (slow - fast);",
        {"k_slow": (0.1, "1/h"), "k_fast": (1e6, "1/h")},
        {"slow": ("1", 1.0), "fast": ("1", 0.0)},
    )


def test_there_is_a_choice_of_methods() -> None:
    assert {"LSODA", "BDF"} <= set(NAMES)


@methods
def test_decay_chain(chain: Model, method: str) -> None:
    done = run(chain, TIMES, method=method)
    turn, leave = 0.7, 0.2
    a = 10 * np.exp(-turn * TIMES)
    b = 10 * turn / (leave - turn) * (np.exp(-turn * TIMES) - np.exp(-leave * TIMES))
    assert not done.failures
    assert close(done.states[0, :, 0], a)
    assert close(done.states[1, :, 0], b)
    assert close(done.derived[0, :, 0], a + b)
    gone = done.states[chain.kernel.states.index("tally_C"), :, 0]
    assert close(gone, 10 - a - b)


@methods
def test_logistic_growth(growth: Model, method: str) -> None:
    room, n0, r = 1e6, 100.0, 0.4
    wanted = room / (1 + (room / n0 - 1) * np.exp(-r * TIMES))
    assert close(run(growth, TIMES, method=method).states[0, :, 0], wanted)


@methods
def test_michaelis_menten_through_lambert_w(enzyme: Model, method: str) -> None:
    vmax, km, s0 = 2.0, 1.5, 20.0
    wanted = km * lambertw(s0 / km * np.exp((s0 - vmax * TIMES) / km)).real
    done = run(enzyme, TIMES, method=method)
    assert close(done.states[0, :, 0], wanted)
    assert close(done.states[1, :, 0], s0 - wanted)


@methods
def test_a_fast_pool_follows_a_slow_one(stiff: Model, method: str) -> None:
    done = run(stiff, TIMES, method=method)
    late = TIMES > 1e-2
    wanted = np.exp(-0.1 * TIMES) * 1e6 / (1e6 - 0.1)
    assert close(done.states[1, late, 0], wanted[late])
    assert done.steps < 2000


@methods
def test_repeated_doses_superpose(filling: Model, method: str) -> None:
    doses = [2.0, 10.0, 10.5, 34.25]
    plan = tuple(Stop(at, add=((0, 7.0),)) for at in doses)
    none = filling.constants()
    none[[c.name for c in filling.network.constants].index("inflow")] = 0.0
    got = run(filling, TIMES, [plan], constants=none[:, None], method=method).states[0, :, 0]
    wanted = sum(7 * np.where(at < TIMES, np.exp(-0.5 * np.maximum(TIMES - at, 0)), 0.0) for at in doses)
    assert close(got, wanted)


@methods
def test_many_doses_reach_the_geometric_sum(filling: Model, method: str) -> None:
    """Just before a late dose: dose / (exp(k every) - 1)."""
    plan = tuple(Stop(6.0 * n, add=((0, 7.0),)) for n in range(40))
    none = filling.constants()
    none[[c.name for c in filling.network.constants].index("inflow")] = 0.0
    got = run(filling, np.array([0.0, 234.0]), [plan], constants=none[:, None], method=method)
    assert got.states[0, -1, 0] == pytest.approx(7 / (np.exp(0.5 * 6) - 1), rel=CLOSE)


@methods
def test_constants_change_at_stops(filling: Model, method: str) -> None:
    names = [c.name for c in filling.network.constants]
    inflow, loss = names.index("inflow"), names.index("k_loss")
    plan = (Stop(5.0, set=((inflow, 12.0),)), Stop(20.0, set=((inflow, 3.0), (loss, 1.0))))
    done = run(filling, TIMES, [plan], method=method)

    def pool(start: float, rate: float, k: float, hours: Any) -> Any:
        return rate / k + (start - rate / k) * np.exp(-k * hours)

    first, second = pool(0.0, 3.0, 0.5, 5.0), pool(pool(0.0, 3.0, 0.5, 5.0), 12.0, 0.5, 15.0)
    wanted = np.select(
        [TIMES <= 5, TIMES <= 20],
        [pool(0.0, 3.0, 0.5, TIMES), pool(first, 12.0, 0.5, TIMES - 5)],
        pool(second, 3.0, 1.0, TIMES - 20),
    )
    assert close(done.states[0, :, 0], wanted)
    shown = np.select([TIMES <= 5, TIMES <= 20], [6.0, 24.0], 3.0)
    np.testing.assert_array_equal(done.derived[0, :, 0], shown)


@methods
def test_a_tighter_tolerance_gives_a_smaller_error(growth: Model, method: str) -> None:
    wanted = 1e6 / (1 + (1e6 / 100.0 - 1) * np.exp(-0.4 * TIMES))
    worst = [
        np.max(np.abs(run(growth, TIMES, method=method, rtol=rtol).states[0, :, 0] - wanted))
        for rtol in (1e-3, 1e-6, 1e-9)
    ]
    assert worst[0] > 10 * worst[1] > 100 * worst[2]


def test_methods_agree_on_the_shipped_model() -> None:
    from gutskin.model import load

    model = load()
    times = np.array([0.0, 6.0, 24.0])
    ends = []
    for method in sorted(NAMES):
        done = run(model, times, method=method, rtol=1e-7, floor_share=0.01)
        assert not done.failures
        ends.append(done.states[: len(model.start()), -1, 0])
    for other in ends[1:]:
        gap = np.abs(other - ends[0]) / (np.abs(ends[0]) + model.floors())
        assert gap.max() < 1e-3, model.kernel.states[int(gap.argmax())]
