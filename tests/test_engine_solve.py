"""What a run promises: outputs change nothing, stops are exact, a failure is a value of one person."""

from __future__ import annotations

import math
import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gutskin.engine.methods import NAMES
from gutskin.engine.outcome import Code, Stop
from gutskin.engine.solve import solve
from gutskin.model import Model

helpers = runpy.run_path(str(Path(__file__).parent / "helpers.py"))
run, toy, settings_of = helpers["run"], helpers["toy"], helpers["settings_of"]
TIMES = np.linspace(0.0, 48.0, 13)

methods = pytest.mark.parametrize("method", sorted(NAMES))
moments = st.integers(0, 4700).map(lambda hundredth: hundredth / 100)


@pytest.fixture(scope="module")
def filling(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return helpers["filling"](tmp_path_factory.mktemp("filling"))


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return helpers["chain"](tmp_path_factory.mktemp("chain"))


@pytest.fixture(scope="module")
def explosion(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """Growth that is infinite after 1 / (k x0) = 20 h."""
    return toy(
        tmp_path_factory.mktemp("explosion"),
        "  x' = k_grow * x^2 - k_drain;",
        {"k_grow": (0.05, "1/h"), "k_drain": (0.0, "1/h")},
        {"x": ("1", 1.0)},
    )


@pytest.fixture(scope="module")
def steep(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """A Hill term with a constant inside: powers and logarithms must not swallow what is undefined."""
    return toy(
        tmp_path_factory.mktemp("steep"),
        "  x' = vmax * (x / k_half)^n / (1 + (x / k_half)^n) + k_slow * ln(1 + k_ln * x) - k_slow * x;",
        {
            "vmax": (0.1, "1/h"),
            "k_half": (2.0, "1"),
            "n": (2.0, "1"),
            "k_slow": (0.1, "1/h"),
            "k_ln": (1.0, "1"),
        },
        {"x": ("1", 1.0)},
    )


def crowd(model: Model, *changed: dict[str, tuple[float, str]]) -> Any:
    return np.stack([settings_of(each, model) for each in changed], axis=1)


# ---- outputs


@methods
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    extra=st.lists(moments, max_size=25, unique=True),
    doses=st.lists(moments, max_size=4, unique=True),
)
def test_output_times_never_change_the_states(
    filling: Model, method: str, extra: list[float], doses: list[float]
) -> None:
    plan = [tuple(Stop(at, add=((0, 5.0),)) for at in sorted(doses))]
    dense = np.unique([*TIMES, *extra])
    first, second = run(filling, TIMES, plan, method=method), run(filling, dense, plan, method=method)
    common = np.isin(dense, TIMES)
    np.testing.assert_array_equal(first.states, second.states[:, common])
    np.testing.assert_array_equal(first.derived, second.derived[:, common])
    assert first.steps == second.steps


@methods
def test_output_times_never_change_the_shipped_model(method: str) -> None:
    from gutskin.model import load

    model = load()
    coarse, fine = np.array([0.0, 12.0, 24.0]), np.sort(np.r_[0.0, 12.0, 24.0, np.linspace(0.1, 23.9, 57)])
    two = [run(model, each, method=method, rtol=1e-5, floor_share=0.01) for each in (coarse, fine)]
    np.testing.assert_array_equal(two[0].states, two[1].states[:, np.isin(fine, coarse)])


@methods
def test_twice_the_same_run_is_the_same_to_the_last_bit(chain: Model, method: str) -> None:
    one, two = run(chain, TIMES, method=method), run(chain, TIMES, method=method)
    np.testing.assert_array_equal(one.states, two.states)


def test_shapes_and_first_row(chain: Model) -> None:
    done = run(chain, TIMES, start=np.array([[10.0, 4.0, 1.0], [0.0, 1.0, 2.0]]))
    assert done.states.shape == (3, TIMES.size, 3)
    assert done.derived.shape == (1, TIMES.size, 3)
    np.testing.assert_array_equal(done.states[:, 0], [[10, 4, 1], [0, 1, 2], [0, 0, 0]])
    np.testing.assert_array_equal(done.codes, [Code.OK] * 3)


def test_a_model_without_derived_quantities(explosion: Model) -> None:
    done = run(explosion, np.array([0.0, 5.0]))
    assert done.derived.shape == (0, 2, 1)


def test_ticks_add_up_to_the_hours(filling: Model) -> None:
    done: list[float] = []
    plan = [(Stop(3.0, add=((0, 1.0),)), Stop(30.0, add=((0, 1.0),)))]
    start, floors = filling.start()[:, None], filling.floors()
    solve(filling.kernel, start, filling.constants()[:, None], floors, TIMES, plan, tick=done.append)
    assert sum(done) == pytest.approx(48.0)


# ---- stops


def test_constants_first_then_scale_then_add_and_the_output_shows_just_before(filling: Model) -> None:
    k_loss = [c.name for c in filling.network.constants].index("k_loss")
    inflow = [c.name for c in filling.network.constants].index("inflow")
    plan = [(Stop(4.0, set=((k_loss, 1e-12), (inflow, 0.0)), scale=((0, 0.5),), add=((0, 7.0),)),)]
    done = run(filling, np.array([0.0, 4.0, 4.0 + 1e-9, 40.0]), plan)
    before = 6 * (1 - math.exp(-2.0))
    assert done.states[0, 1, 0] == pytest.approx(before, rel=1e-7)
    assert done.states[0, 2, 0] == pytest.approx(before / 2 + 7, rel=1e-7)
    assert done.states[0, 3, 0] == pytest.approx(before / 2 + 7, rel=1e-7)
    assert done.derived[0, 1, 0] == 6.0
    assert done.derived[0, 2, 0] == 0.0


def test_a_stop_at_the_start_counts_and_one_outside_does_not(filling: Model) -> None:
    plan = [(Stop(0.0, add=((0, 6.0),)), Stop(49.0, add=((0, 1e6),)))]
    done = run(filling, TIMES, plan)
    assert done.states[0, 0, 0] == 0.0
    np.testing.assert_allclose(done.states[0, 1:, 0], 6.0, rtol=1e-7)


def test_two_stops_at_one_time_both_count(filling: Model) -> None:
    plan = [(Stop(4.0, add=((0, 1.0),)), Stop(4.0, add=((0, 2.0),)))]
    one = [(Stop(4.0, add=((0, 3.0),)),)]
    np.testing.assert_array_equal(run(filling, TIMES, plan).states, run(filling, TIMES, one).states)


def test_every_person_has_their_own_stops(filling: Model) -> None:
    constants = crowd(filling, {}, {})
    plans = [(Stop(4.0, add=((0, 1.0),)),), ()]
    done = run(filling, TIMES, plans, constants=constants)
    np.testing.assert_array_equal(done.states[:, :, :1], run(filling, TIMES, plans[:1]).states)
    np.testing.assert_array_equal(done.states[:, :, 1:], run(filling, TIMES).states)


def test_one_plan_for_all(filling: Model) -> None:
    plan = [(Stop(4.0, add=((0, 1.0),)),)]
    done = run(filling, TIMES, plan, constants=crowd(filling, {}, {}, {}))
    for k in range(3):
        np.testing.assert_array_equal(done.states[:, :, [k]], run(filling, TIMES, plan).states)


@methods
def test_tallies_take_what_a_dose_brings_and_a_wash_removes(chain: Model, method: str) -> None:
    plan = [(Stop(5.0, add=((0, 8.0),)), Stop(9.0, scale=((1, 0.25),)), Stop(9.0, add=((1, 2.0),)))]
    done = run(chain, TIMES, plan, method=method)
    inside = np.array(chain.kernel.content) @ done.states[:, :, 0] + done.states[2:, :, 0]
    # what lies below its floor is reported as 0
    np.testing.assert_allclose(inside, 10.0, rtol=1e-9, atol=chain.floors().sum())


# ---- a crowd


@methods
def test_alone_or_in_a_crowd_is_the_same(filling: Model, method: str) -> None:
    people = [{"inflow": (v, "")} for v in (0.0, 1.0, 3.0, 50.0)]
    together = run(filling, TIMES, constants=crowd(filling, *people), method=method)
    for k, person in enumerate(people):
        alone = run(filling, TIMES, constants=crowd(filling, person), method=method)
        np.testing.assert_array_equal(together.states[:, :, [k]], alone.states)
        np.testing.assert_array_equal(together.derived[:, :, [k]], alone.derived)


BAD = {
    "undefined loss": {"k_loss": (math.nan, "")},
    "undefined inflow": {"inflow": (math.nan, "")},
    "infinite loss": {"k_loss": (math.inf, "")},
}


@methods
@pytest.mark.parametrize("bad", BAD.values(), ids=BAD.keys())
def test_a_failed_person_is_nan_with_a_reason_and_harms_nobody(filling: Model, method: str, bad: Any) -> None:
    done = run(filling, TIMES, constants=crowd(filling, {}, bad, {"inflow": (9.0, "")}), method=method)
    alone = run(filling, TIMES, constants=crowd(filling, {}, {"inflow": (9.0, "")}), method=method)
    np.testing.assert_array_equal(done.states[:, :, [0, 2]], alone.states)
    np.testing.assert_array_equal(done.derived[:, :, [0, 2]], alone.derived)
    (failure,) = done.failures
    assert failure.person == 1
    assert failure.code == done.codes[1] != Code.OK
    assert failure.code in (Code.NOT_FINITE, Code.STEP_COLLAPSED)
    assert failure.reason
    assert 0.0 <= failure.time < TIMES[1]
    assert np.isnan(done.states[:, 1:, 1]).all()
    np.testing.assert_array_equal(done.codes[[0, 2]], Code.OK)


@methods
@pytest.mark.parametrize("constant", ["vmax", "k_half", "n", "k_slow", "k_ln"])
def test_an_undefined_constant_is_never_swallowed(steep: Model, method: str, constant: str) -> None:
    done = run(steep, TIMES, constants=crowd(steep, {constant: (math.nan, "")}), method=method)
    assert done.failures
    assert np.isnan(done.states[0, 1:]).all()


def test_an_undefined_number_stays_undefined_in_scalar_and_vector_functions(steep: Model) -> None:
    names = [c.name for c in steep.network.constants]
    for name in names:
        constants = settings_of({name: (math.nan, "")}, steep)
        kernel = steep.kernel
        assert math.isnan(kernel.scalar.rates([1.0], kernel.scalar.prepare(constants.tolist()))[0]), name
        assert np.isnan(kernel.vector.rates(np.array([[1.0]]), kernel.vector.prepare(constants))[0]), name


@methods
def test_a_rate_a_billion_times_too_fast_is_followed_or_refused(filling: Model, method: str) -> None:
    """Decay that fast ends at its steady state; growth that fast is a failure with a time."""
    fast, wild = {"k_loss": (5e8, "")}, {"k_loss": (-5e8, "")}
    done = run(filling, TIMES, constants=crowd(filling, {}, fast, wild), method=method, max_steps=3000)
    np.testing.assert_allclose(done.states[0, 1:, 1], 3.0 / 5e8, atol=filling.floors()[0])
    (failure,) = done.failures
    assert failure.person == 2
    assert failure.code in (Code.TOO_MANY_STEPS, Code.STEP_COLLAPSED, Code.NOT_FINITE)
    assert failure.time < 1e-5
    assert np.isnan(done.states[0, 1:, 2]).all()
    np.testing.assert_array_equal(
        done.states[:, :, [0]], run(filling, TIMES, method=method, max_steps=3000).states
    )


@methods
def test_an_explosion_is_caught_where_it_happens(explosion: Model, method: str) -> None:
    done = run(explosion, np.linspace(0, 40, 41), method=method, max_steps=20_000)
    (failure,) = done.failures
    assert failure.code in (Code.TOO_MANY_STEPS, Code.STEP_COLLAPSED, Code.NOT_FINITE)
    assert failure.time == pytest.approx(20.0, abs=0.01)
    np.testing.assert_allclose(done.states[0, :19, 0], 1 / (1 - 0.05 * np.arange(19)), rtol=1e-5)
    assert np.isnan(done.states[0, 21:, 0]).all()


@methods
def test_too_many_steps(chain: Model, method: str) -> None:
    done = run(chain, TIMES, method=method, max_steps=10)
    (failure,) = done.failures
    assert failure.code == Code.TOO_MANY_STEPS
    assert "10 steps" in failure.reason
    assert done.steps == 11
    assert 0 < failure.time < 48
    finished = failure.time >= TIMES
    assert np.isnan(done.states[:, ~finished, 0]).all()


@methods
def test_a_state_below_zero_is_named(explosion: Model, method: str) -> None:
    """A drain that does not vanish with its pool is a modelling error, and is said to be one."""
    gone = crowd(explosion, {"k_grow": (0.0, ""), "k_drain": (0.1, "")})
    done = run(explosion, np.linspace(0, 40, 81), constants=gone, method=method)
    (failure,) = done.failures
    assert failure.code == Code.NEGATIVE
    assert failure.state == "x"
    assert "x fell below zero" in failure.reason
    assert failure.time >= 10.0
    known = np.isfinite(done.states[0, :, 0])
    np.testing.assert_allclose(done.states[0, known, 0], (1 - 0.05 * np.arange(81))[known], atol=1e-6)
    assert known[:4].all()
    assert not known[21:].any()


def test_a_failure_before_the_first_output_leaves_no_zero_behind(explosion: Model) -> None:
    done = run(explosion, np.array([0.0, 39.0, 40.0]), max_steps=20_000)
    assert np.isnan(done.states[0, 1:]).all()
    assert not (done.states == 0).any()


def test_derived_quantities_of_a_failed_person_are_nan(filling: Model) -> None:
    done = run(filling, TIMES, constants=crowd(filling, {"k_loss": (math.nan, "")}))
    assert np.isnan(done.derived[:, 1:]).all()
