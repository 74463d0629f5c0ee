"""Events in a run: once, exactly at their time, in a fixed order, and from each person's own constants."""

from __future__ import annotations

import math
import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gutskin.engine.events import with_events
from gutskin.engine.fast import solve_lanes
from gutskin.engine.methods import NAMES
from gutskin.engine.outcome import Code, Options, Stop
from gutskin.engine.solve import solve
from gutskin.engine.steady import settle
from gutskin.model import Model

helpers = runpy.run_path(str(Path(__file__).parent / "helpers.py"))
run, settings_of = helpers["run"], helpers["settings_of"]
methods = pytest.mark.parametrize("method", sorted(NAMES))

TEXT = """  compartment place;
  substanceOnly species a in place;
  enter: => a; inflow;
  leave: a => ; k_leave * a;
  rest := inflow / k_leave;
  wash: at (time >= t_wash): a = a * share + dose, k_leave = 2 * k_leave;
  flood: at (time > t_flood): a = a + flood_size * k_leave;"""
NUMBERS = {
    "inflow": (3.0, "mmol/h"), "k_leave": (0.5, "1/h"), "t_wash": (6.0, "h"), "share": (0.25, "1"),
    "dose": (2.0, "mmol"), "t_flood": (1e6, "h"), "flood_size": (8.0, "mmol*h"),
}  # fmt: skip


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """A pool at rest that loses a share, gets a dose, and drains twice as fast from then on."""
    model: Model = helpers["toy"](
        tmp_path_factory.mktemp("pool"), TEXT, NUMBERS,
        {"a": ("mmol", 6.0, "CH2O"), "rest": ("mmol",)}, ("enter", "leave"),
    )  # fmt: skip
    return model


def own(pool: Model, **changed: float) -> Any:
    return settings_of({name: (value, "") for name, value in changed.items()}, pool)[:, None]


def leaving(pool: Model) -> int:
    """Return the number of ``k_leave``."""
    return [each.name for each in pool.network.constants].index("k_leave")


def filled(start: float, k: float, hours: Any) -> Any:
    """Return the pool after some hours of inflow 3 and loss ``k``."""
    return 3 / k + (start - 3 / k) * np.exp(-k * np.asarray(hours))


@methods
def test_an_event_happens_once_exactly_at_its_time(pool: Model, method: str) -> None:
    times = np.array([0.0, 3.0, 6.0, 6.5, 20.0])
    done = run(pool, times, method=method)
    assert not done.failures
    np.testing.assert_allclose(done.states[0, :3, 0], 6.0, rtol=1e-7)
    np.testing.assert_allclose(done.states[0, 3:, 0], filled(3.5, 1.0, times[3:] - 6), rtol=1e-7)
    np.testing.assert_array_equal(done.derived[0, :, 0], [6.0, 6.0, 6.0, 3.0, 3.0])


@methods
def test_what_an_event_brings_counts_in_the_tallies(pool: Model, method: str) -> None:
    done = run(pool, np.array([0.0, 5.0, 7.0, 30.0]), method=method, constants=own(pool, t_flood=9.0))
    total = np.array(pool.kernel.content) @ done.states[:, :, 0] + done.states[1:, :, 0]
    np.testing.assert_allclose(total[0], 6.0, rtol=1e-9)


def test_a_closed_network_with_an_event_has_a_tally_too(tmp_path: Path) -> None:
    text = "  compartment place;\n  substanceOnly species a in place, b in place;\n"
    text += "  turn: a => b; k_turn * a;\n  feed: at (time >= t_feed): a = a + dose;"
    model = helpers["toy"](
        tmp_path, text, {"k_turn": (0.3, "1/h"), "t_feed": (2.0, "h"), "dose": (5.0, "mmol")},
        {"a": ("mmol", 1.0, "CH2O"), "b": ("mmol", 0.0, "CH2O")},
    )  # fmt: skip
    assert model.kernel.tallies == ("tally_C",)
    done = run(model, np.array([0.0, 1.0, 3.0]))
    np.testing.assert_allclose(done.states[2, :, 0], [0, 0, -5], rtol=1e-12)
    np.testing.assert_allclose(done.states.sum(axis=0)[:, 0], 1.0, rtol=1e-9)


def test_times_come_from_each_person_s_own_constants(pool: Model) -> None:
    hours = np.array([1.0, 6.0, 6.0, 39.0])
    people = np.hstack([own(pool, t_wash=each) for each in hours])
    times = np.linspace(0, 40, 81) + 0.25
    times[0] = 0.0
    done = run(pool, times, constants=people)
    for k, hour in enumerate(hours):
        known = np.where(times < hour, 6.0, filled(3.5, 1.0, np.maximum(times - hour, 0)))
        np.testing.assert_allclose(done.states[0, :, k], known, rtol=1e-7)
    np.testing.assert_array_equal(done.states[:, :, 1], done.states[:, :, 2])
    alone = run(pool, times, constants=people[:, [3]])
    np.testing.assert_array_equal(alone.states[:, :, 0], done.states[:, :, 3])


@pytest.mark.parametrize(
    ("changed", "happens"),
    [
        ({"t_wash": 0.0}, False),  # true from the start
        ({"t_wash": -5.0}, False),
        ({"t_wash": 1e-9}, True),
        ({"t_wash": math.inf}, False),
        ({"t_flood": 0.0}, True),  # becomes true at once
        ({"t_flood": -1e-9}, False),
        ({"t_flood": 1e-9}, True),
        ({"t_flood": 10.0}, False),  # at the very end nothing happens any more
        ({"t_flood": 9.999}, True),
    ],
)
@methods
def test_what_is_due_at_the_beginning_and_at_the_end(
    pool: Model, changed: dict[str, float], happens: bool, method: str
) -> None:
    constants = own(pool, **{"t_wash": 1e6, "t_flood": 1e6, **changed})
    done = run(pool, np.array([0.0, 10.0]), constants=constants, method=method)
    assert done.states[0, 0, 0] == 6.0
    assert (abs(done.end[0, 0] - 6.0) > 1e-3) == happens


def test_the_clock_is_that_of_the_output_times(pool: Model) -> None:
    """A run that begins at hour 100 is as one that begins at 0 with everything 100 h earlier."""
    times = np.array([0.0, 3.0, 7.0, 9.0])
    early = run(pool, times)
    late = run(pool, times + 96, constants=own(pool, t_wash=102.0))
    np.testing.assert_allclose(late.states, early.states, rtol=1e-9, atol=1e-9)
    missed = run(pool, times + 96)
    np.testing.assert_allclose(missed.states[0], 6.0, rtol=1e-7)


# ---- order


def test_events_due_together_happen_in_the_order_of_the_model(pool: Model) -> None:
    """The flood is twice as high because the wash has doubled its constant just before."""
    done = run(pool, np.array([0.0, 7.0]), constants=own(pool, t_flood=6.0))
    np.testing.assert_allclose(done.states[0, 1, 0], filled(3.5 + 8 * 1.0, 1.0, 1.0), rtol=1e-7)


@pytest.mark.parametrize("method", sorted(NAMES))
def test_what_is_done_to_a_person_comes_after_events_of_the_same_time(pool: Model, method: str) -> None:
    plan = [(Stop(6.0, set=((leaving(pool), 0.1),), add=((0, 10.0),), scale=((0, 2.0),)),)]
    done = run(pool, np.array([0.0, 6.0, 7.0]), plan, method=method)
    np.testing.assert_allclose(done.states[0, :, 0], [6, 6, filled(17.0, 0.1, 1.0)], rtol=1e-7)


def test_an_event_sees_what_was_done_to_constants_before(pool: Model) -> None:
    plan = [(Stop(5.0, set=((leaving(pool), 0.2),)),)]
    done = run(pool, np.array([0.0, 20.0]), plan)
    before = filled(6.0, 0.2, 1.0)
    np.testing.assert_allclose(done.states[0, 1, 0], filled(before / 4 + 2, 0.4, 14.0), rtol=1e-7)


# As the order of constants is the flattened text's, the number of k_leave is checked where it is used.
LEAVING = 0
amounts = st.floats(0.0, 5.0)
stops = st.lists(
    st.builds(
        lambda t, s, f, a: Stop(t, ((LEAVING, s),) if s else (), ((0, f),), ((0, a),)),
        st.integers(0, 39).map(lambda half: half / 2), st.sampled_from([0, 0.1, 1.5]),
        st.floats(0.1, 2.0), amounts,
    ),
    max_size=5,
)  # fmt: skip


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(stops, st.integers(0, 40).map(lambda half: half / 2), st.integers(0, 40).map(lambda half: half / 2))
def test_a_plan_with_events_is_the_plan_with_the_events_in_between(
    pool: Model, plan: list[Stop], wash: float, flood: float
) -> None:
    constants = own(pool, t_wash=wash, t_flood=flood)[:, 0]
    merged = with_events(pool.kernel, constants, plan, 0.0)
    assert [stop for stop in merged if stop in plan] == sorted(plan, key=lambda stop: stop.time)
    extra = [stop for stop in merged if stop not in plan]
    assert sorted(stop.time for stop in extra) == sorted([wash] * (wash > 0) + [flood])
    assert [stop.time for stop in merged] == sorted(stop.time for stop in merged)
    assert leaving(pool) == LEAVING
    k_leave = constants[LEAVING]
    for stop in merged:  # numbers come from the constants of that moment
        if stop in extra and stop.set:
            assert stop == Stop(wash, ((LEAVING, 2 * k_leave),), ((0, 0.25),), ((0, 2.0),))
        elif stop in extra:
            assert stop == Stop(flood, add=((0, 8.0 * k_leave),))
        k_leave = dict(stop.set).get(LEAVING, k_leave)


# ---- going on from a stored state


@methods
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.integers(1, 79).map(lambda quarter: quarter / 4),
    st.sampled_from([0.0, 3.0, 6.0, 12.5]),
    st.sampled_from([0.0, 6.0, 9.25]),
    stops,
)
def test_a_run_cut_in_two_is_the_run(
    pool: Model, method: str, cut: float, wash: float, flood: float, plan: list[Stop]
) -> None:
    """Wherever the cut is, at an event or a stop too: nothing is missed, and nothing happens twice."""
    constants = own(pool, t_wash=wash, t_flood=flood)
    whole = run(pool, np.array([0.0, cut, 20.0]), [plan], constants=constants, method=method)
    first = run(pool, np.array([0.0, cut]), [plan], constants=constants, method=method)
    np.testing.assert_allclose(first.states[:, 1], whole.states[:, 1], rtol=1e-6, atol=1e-6)
    options = Options(method, helpers["FINE"], 1e-3)
    rest = solve(
        pool.kernel, first.end, constants, pool.floors(), np.array([cut, 20.0]), [plan], options, since=0.0
    )
    np.testing.assert_allclose(rest.states[:, 1], whole.states[:, 2], rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(rest.derived[:, 1], whole.derived[:, 2], rtol=1e-12)


# ---- many people, and people that fail


def crowd(pool: Model, people: int = 11) -> tuple[Any, Any, list[list[Stop]]]:
    random = np.random.default_rng(7)
    constants = own(pool) * np.exp(0.2 * random.standard_normal((7, people)))
    constants[5] = random.uniform(0, 15, people)
    plans = [[Stop(float(t), add=((0, 1.0),)) for t in random.uniform(0, 15, k % 3)] for k in range(people)]
    return random.uniform(1, 9, (1, people)), constants, plans


def test_threads_widths_order_and_company_change_no_byte(pool: Model) -> None:
    start, constants, plans = crowd(pool)
    times, options = np.linspace(0, 16, 9), Options(rtol=1e-5)
    whole = solve(pool.kernel, start, constants, pool.floors(), times, plans, options)
    assert not whole.failures
    tallied, floors = np.vstack([start, np.zeros_like(start)]), np.append(pool.floors(), 1.0)
    merged = [with_events(pool.kernel, constants[:, k], plan, 0.0) for k, plan in enumerate(plans)]
    for width in (2, 4, 8):
        for threads in (1, 2):
            part = solve_lanes(
                pool.kernel, tallied, constants, floors, times, merged, options, threads=threads, width=width
            )
            np.testing.assert_array_equal(part.states, whole.states)
    order = [7, 2, 10, 0]
    some = solve(
        pool.kernel, start[:, order], constants[:, order], pool.floors(), times,
        [plans[k] for k in order], options,
    )  # fmt: skip
    np.testing.assert_array_equal(some.states, whole.states[:, :, order])


@methods
@pytest.mark.parametrize("name", ["t_wash", "share", "dose"])
@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_an_undefined_event_fails_its_person_alone(pool: Model, method: str, name: str, value: float) -> None:
    wrong = own(pool, **{name: value})
    times = np.array([0.0, 5.0, 10.0])
    done = run(pool, times, constants=np.hstack([own(pool), wrong, own(pool)]), method=method)
    alone = run(pool, times, method=method)
    np.testing.assert_array_equal(done.states[:, :, [0]], alone.states)
    np.testing.assert_array_equal(done.states[:, :, [2]], alone.states)
    if (name, value) == ("t_wash", math.inf):  # never
        assert not done.failures
        return
    (failure,) = done.failures
    assert failure.person == 1
    assert failure.code in (Code.NOT_FINITE, Code.STEP_COLLAPSED)
    assert failure.time == pytest.approx(0.0 if name == "t_wash" else 6.0)
    assert np.isnan(done.states[:, 2, 1]).all()


# ---- rest


@methods
def test_no_event_happens_while_the_everyday_state_is_sought(pool: Model, method: str) -> None:
    constants = own(pool, t_flood=30.0)[:, 0]
    found = settle(pool.kernel, np.array([1.0]), constants, pool.floors(), Options(method))
    assert found.failure is None
    assert found.states == pytest.approx([6.0], rel=1e-4)
