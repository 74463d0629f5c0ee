"""The engine in lanes: right answers, and the same bytes however the work is split."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gutskin import bench
from gutskin.bench.formula import Builder
from gutskin.compile.source import build_kernel
from gutskin.engine import fast
from gutskin.engine.outcome import Code, Failure, Options, Stop, Trajectory
from gutskin.engine.solve import solve
from gutskin.kernel import Kernel

WIDTHS = (2, 4, 8)
PEOPLE = 13
TIMES = np.linspace(0.0, 20.0, 11)


def kernel_of(
    states: dict[str, float], values: dict[str, float], changes: dict[str, str], **rules: str
) -> Kernel:
    build = Builder("toy")
    build.start, build.values = states, values
    for name, text in rules.items():
        build.rule(name, text)
    for name, text in changes.items():
        build.change(name, text)
    return build_kernel(build.network())


def run(kernel: Kernel, start: Any, constants: Any, times: Any, stops: Any = (), **more: Any) -> Trajectory:
    start, constants = (
        np.atleast_2d(np.array(start, float).T).T,
        np.atleast_2d(np.array(constants, float).T).T,
    )
    floors = more.pop("floors", np.full(len(kernel.states), 1e-6))
    return solve(
        kernel, start, constants, floors, np.asarray(times, float), stops, Options("Rodas5P", **more)
    )


@pytest.fixture(scope="module")
def eater() -> Kernel:
    """Food, eater and what depends on a constant that changes."""
    return kernel_of(
        {"food": 5.0, "eater": 0.3, "store": 0.0},
        {"inflow": 1.0, "rate": 2.0, "half": 0.7, "dies": 0.3, "fast": 200.0},
        {
            "food": "inflow - rate * eater * food / (half + food)",
            "eater": "0.5 * rate * eater * food ** 1.5 / (half + food ** 1.5) - dies * eater",
            "store": "fast * (food / (1 + food) - store)",
        },
        supply="inflow / (dies + food)",
    )


def crowd(seed: int = 0, people: int = PEOPLE) -> tuple[Any, Any, list[list[Stop]]]:
    random = np.random.default_rng(seed)
    start = random.uniform(0.1, 5.0, (3, people))
    constants = np.array([1.0, 2.0, 0.7, 0.3, 200.0])[:, None] * np.exp(
        0.3 * random.standard_normal((5, people))
    )
    plans = [
        [
            Stop(
                float(t),
                add=((0, 1.0 + k % 3),),
                scale=((1, 0.9),),
                set=((0, 0.5 + t / 10),) if t > 9 else (),
            )
            for t in sorted(random.uniform(0, 19, 2 + k % 4))
        ]
        for k in range(people)
    ]
    return start, constants, plans


def lanes(
    kernel: Kernel, start: Any, constants: Any, plans: Any, times: Any = TIMES, **more: Any
) -> Trajectory:
    return fast.solve_lanes(
        kernel, start, constants, np.full(3, 1e-6), times, plans, Options(rtol=1e-5), **more
    )


def same(a: Trajectory, b: Trajectory) -> None:
    np.testing.assert_array_equal(a.states, b.states)
    np.testing.assert_array_equal(a.derived, b.derived)
    np.testing.assert_array_equal(a.codes, b.codes)


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("width", WIDTHS)
def test_threads_and_lane_width_change_no_byte(eater: Kernel, threads: int, width: int) -> None:
    one = lanes(eater, *crowd(), threads=1, width=2)
    same(lanes(eater, *crowd(), threads=threads, width=width), one)
    assert not one.failures


@settings(max_examples=15, deadline=None)
@given(st.permutations(range(PEOPLE)), st.integers(1, PEOPLE))
def test_order_and_batch_change_no_byte(eater: Kernel, order: list[int], count: int) -> None:
    start, constants, plans = crowd()
    whole = lanes(eater, start, constants, plans)
    chosen = order[:count]
    part = lanes(eater, start[:, chosen], constants[:, chosen], [plans[k] for k in chosen])
    np.testing.assert_array_equal(part.states, whole.states[:, :, chosen])
    np.testing.assert_array_equal(part.derived, whole.derived[:, :, chosen])


def test_alone_is_as_one_of_many(eater: Kernel) -> None:
    start, constants, plans = crowd(people=40)
    many = lanes(eater, start, constants, plans)
    for k in (0, 17, 39):
        alone = lanes(eater, start[:, [k]], constants[:, [k]], [plans[k]])
        np.testing.assert_array_equal(alone.states[:, :, 0], many.states[:, :, k])


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(1, 1999), min_size=0, max_size=30, unique=True))
def test_output_times_change_no_state(eater: Kernel, more: list[int]) -> None:
    few = lanes(eater, *crowd())
    times = np.unique(np.concatenate([TIMES, np.array(sorted(more)) / 100.0]))
    dense = lanes(eater, *crowd(), times=times)
    np.testing.assert_array_equal(dense.states[:, np.isin(times, TIMES)], few.states)
    assert dense.steps == few.steps


def test_two_runs_write_the_same_bytes(eater: Kernel) -> None:
    assert lanes(eater, *crowd()).states.tobytes() == lanes(eater, *crowd()).states.tobytes()


def test_it_agrees_with_the_reference_through_stops_and_between_steps(eater: Kernel) -> None:
    start, constants, plans = crowd()
    times = np.sort(np.concatenate([[0.0, 20.0], np.random.default_rng(3).uniform(0, 20, 60)]))
    floors = np.full(3, 1e-6)
    ours = solve(eater, start, constants, floors, times, plans, Options("Rodas5P", 1e-9))
    theirs = solve(eater, start, constants, floors, times, plans, Options("LSODA", 1e-11, 1e-4))
    np.testing.assert_allclose(ours.states, theirs.states, rtol=2e-6, atol=1e-8)
    np.testing.assert_allclose(ours.derived, theirs.derived, rtol=2e-6)


def test_linear_chain() -> None:
    kernel = kernel_of({"a": 1.0, "b": 0.0}, {"k": 3.0, "l": 0.2}, {"a": "-k * a", "b": "k * a - l * b"})
    times = np.linspace(0, 8, 50)
    got = run(kernel, [1.0, 0.0], [3.0, 0.2], times, rtol=1e-9).states[:, :, 0]
    a, b = np.exp(-3 * times), 3 / (0.2 - 3) * (np.exp(-3 * times) - np.exp(-0.2 * times))
    np.testing.assert_allclose(got, [a, b], rtol=1e-6, atol=1e-6)  # below the floor it is shown as 0


def test_logistic() -> None:
    kernel = kernel_of({"x": 0.01}, {"r": 1.3, "room": 5.0}, {"x": "r * x * (1 - x / room)"})
    times = np.linspace(0, 15, 40)
    got = run(kernel, [0.01], [1.3, 5.0], times, rtol=1e-9).states[0, :, 0]
    np.testing.assert_allclose(got, 5 / (1 + (5 / 0.01 - 1) * np.exp(-1.3 * times)), rtol=1e-6)


def test_repeated_doses_add_up_as_a_geometric_series() -> None:
    kernel = kernel_of({"x": 0.0}, {"k": 0.4}, {"x": "-k * x"})
    doses = [Stop(6.0 * n, add=((0, 2.0),)) for n in range(40)]
    times = np.arange(0, 40) * 6.0 + 5.0
    got = run(kernel, [0.0], [0.4], np.concatenate([[0.0], times]), [doses], rtol=1e-9).states[0, 1:, 0]
    series = np.cumsum(np.exp(-0.4 * 6.0 * np.arange(40)))
    np.testing.assert_allclose(got, 2.0 * np.exp(-0.4 * 5.0) * series, rtol=1e-7)


def test_an_output_at_a_stop_shows_the_person_just_before() -> None:
    kernel = kernel_of({"x": 1.0}, {"k": 0.0}, {"x": "-k * x"}, seen="x + k")
    stops = [
        Stop(0.0, add=((0, 1.0),)),
        Stop(5.0, add=((0, 10.0),), scale=((0, 0.5),)),
        Stop(10.0, add=((0, 5.0),)),
    ]
    got = run(kernel, [1.0], [0.0], [0.0, 5.0, 10.0], [stops])
    np.testing.assert_allclose(got.states[0, :, 0], [1.0, 2.0, 11.0], rtol=1e-12)
    np.testing.assert_allclose(got.derived[0, :, 0], [1.0, 2.0, 11.0], rtol=1e-12)


def test_robertson() -> None:
    kernel = kernel_of(
        {"a": 1.0, "b": 0.0, "c": 0.0},
        {"k1": 0.04, "k2": 3e7, "k3": 1e4},
        {"a": "-k1 * a + k3 * b * c", "b": "k1 * a - k3 * b * c - k2 * b ** 2", "c": "k2 * b ** 2"},
    )
    got = run(
        kernel,
        [1.0, 0.0, 0.0],
        [0.04, 3e7, 1e4],
        [0, 40, 4e5],
        rtol=1e-8,
        floor_share=1.0,
        floors=np.array([1e-8, 1e-12, 1e-8]),
    )
    known = [[0.7158270688, 0.9185534765e-5, 0.2841637457], [0.4938283e-2, 0.1984994e-7, 0.9950617]]
    np.testing.assert_allclose(got.states[:, 1, 0], known[0], rtol=1e-6)
    np.testing.assert_allclose(got.states[:, 2, 0], known[1], rtol=1e-4)
    assert got.steps < 1000


def test_van_der_pol() -> None:
    """In Lienard's form, moved up so that nothing is negative."""
    kernel = kernel_of(
        {"x": 12.0, "w": 10.0},
        {"mu": 1e3},
        {"x": "mu * (x - 10 - (x - 10) ** 2 * (x - 10) / 3 - (w - 10))", "w": "(x - 10) / mu"},
    )
    times, floors = np.array([0.0, 500.0, 700.0, 1500.0, 2000.0]), np.full(2, 1e-6)
    start = np.array([[12.0], [10.0 - 2 / 3]])
    ours = solve(kernel, start, np.array([[1e3]]), floors, times, (), Options("Rodas5P", 1e-9))
    other = solve(kernel, start, np.array([[1e3]]), floors, times, (), Options("LSODA", 1e-11, 1e-4))
    np.testing.assert_allclose(ours.states[0], other.states[0], rtol=1e-5)
    assert np.ptp(ours.states[0]) > 2.5
    assert ours.steps < 2000


BAD = {
    "undefined": ({"rate": np.nan}, (Code.NOT_FINITE,)),
    "infinite": ({"half": np.inf}, tuple(Code)),
    "a billion times": ({"fast": 2e11}, tuple(Code)),
    "drained": ({"inflow": -5.0}, (Code.NEGATIVE,)),
}


@pytest.mark.parametrize("bad", BAD)
def test_a_failed_person_harms_nobody(eater: Kernel, bad: str) -> None:
    start, constants, plans = crowd()
    names, floors = list(eater.constants), np.full(3, 1e-6)
    plans[5] = []
    changed, codes = BAD[bad]
    wrong = constants.copy()
    for name, value in changed.items():
        wrong[names.index(name), 5] = value
    good = solve(eater, start, constants, floors, TIMES, plans, Options("Rodas5P", 1e-5))
    got = solve(eater, start, wrong, floors, TIMES, plans, Options("Rodas5P", 1e-5))
    others = [k for k in range(PEOPLE) if k != 5]
    np.testing.assert_array_equal(got.states[:, :, others], good.states[:, :, others])
    assert got.codes[5] in codes
    for failure in got.failures:
        assert (failure.person, failure.code) == (5, got.codes[5])
        assert failure.reason
        assert np.isnan(got.states[:, failure.time <= TIMES, 5]).all()
        assert np.isfinite(got.states[:, failure.time > TIMES, 5]).all()


def test_too_many_steps_is_a_failure_with_a_time(eater: Kernel) -> None:
    start, constants, plans = crowd(people=3)
    got = solve(
        eater, start, constants, np.full(3, 1e-6), TIMES, plans, Options("Rodas5P", 1e-9, max_steps=20)
    )
    assert [f.code for f in got.failures] == [Code.TOO_MANY_STEPS] * 3
    assert all(0 < f.time < 20 and "20 steps" in f.reason for f in got.failures)


@pytest.mark.parametrize("rtol", [1e-4, 1e-6, 1e-8])
def test_growth_without_end_fails_where_it_ends(rtol: float) -> None:
    kernel = kernel_of({"x": 1.0}, {"k": 1.0}, {"x": "k * x ** 2"})
    got = run(kernel, [[1.0, 0.01]], [[1.0, 1.0]], [0.0, 0.5, 2.0], rtol=rtol)
    (failure,) = got.failures
    assert failure.person == 0
    assert failure.code in (Code.NOT_FINITE, Code.STEP_COLLAPSED)
    assert failure.time == pytest.approx(1.0, abs=0.01)
    np.testing.assert_allclose(got.states[0, 1], [2.0, 0.01 / (1 - 0.005)], rtol=100 * rtol)


def test_whoever_collapses_is_run_by_the_reference_and_named(
    eater: Kernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    start, constants, plans = crowd(people=4)
    honest = fast.solve_lanes

    def collapsing(*args: Any, **more: Any) -> Trajectory:
        got = honest(*args, **more)
        got.codes[2], got.states[:, 1:, 2] = Code.STEP_COLLAPSED, np.nan
        return replace(got, failures=(Failure(2, Code.STEP_COLLAPSED, "the step collapsed", 1.0),))

    floors = np.full(3, 1e-6)
    wanted = solve(eater, start, constants, floors, TIMES, plans, Options("Rodas5P"))
    monkeypatch.setattr(fast, "solve_lanes", collapsing)
    got = solve(eater, start, constants, floors, TIMES, plans, Options("Rodas5P"))
    assert (got.rescued, got.failures, got.codes[2]) == ((2,), (), Code.OK)
    np.testing.assert_allclose(got.states, wanted.states, rtol=1e-3)


def test_progress_is_told_and_an_interrupt_stops_the_threads(eater: Kernel) -> None:
    hours: list[float] = []
    start, constants, plans = crowd(people=200)
    lanes(eater, start, constants, plans, tick=hours.append)
    assert sum(hours) == pytest.approx(200 * 20.0)

    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        lanes(eater, start, constants, plans, tick=interrupt)


def test_the_number_of_threads_is_what_was_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUTSKIN_THREADS", "3")
    assert fast.thread_count() == 3
    monkeypatch.setenv("GUTSKIN_THREADS", "nonsense")
    assert 1 <= fast.thread_count() <= (os.cpu_count() or 1)


@pytest.mark.parametrize("width", WIDTHS)
def test_recording_changes_nothing_and_replaying_repeats_to_the_byte(eater: Kernel, width: int) -> None:
    start, constants, plans = crowd()
    free, tape = lanes(eater, start, constants, plans), fast.Tape.blank(PEOPLE, 10_000)
    same(lanes(eater, start, constants, plans, tape=tape, threads=2), free)
    order = [7, 3, 3, 12, 0, 7]
    again = lanes(
        eater,
        start[:, order],
        constants[:, order],
        [plans[k] for k in order],
        tape=tape.of(order),
        width=width,
    )
    np.testing.assert_array_equal(again.states, free.states[:, :, order])
    np.testing.assert_array_equal(again.derived, free.derived[:, :, order])
    np.testing.assert_array_equal(again.end, free.end[:, order])
    assert again.steps < free.steps * len(order) / PEOPLE * 1.5


def test_who_cannot_take_the_recorded_steps_fails_alone(eater: Kernel) -> None:
    start, constants, plans = crowd(people=1)
    tape = fast.Tape.blank(1, 10_000)
    alone = lanes(eater, start, constants, plans, tape=tape)
    three = np.repeat(constants, 3, axis=1)
    three[list(eater.constants).index("rate"), 1] = np.nan
    got = lanes(eater, np.repeat(start, 3, axis=1), three, plans * 3, tape=tape.of([0, 0, 0]))
    for k in (0, 2):
        np.testing.assert_array_equal(got.states[:, :, k], alone.states[:, :, 0])
    (failure,) = got.failures
    assert (failure.person, failure.code, failure.time) == (1, Code.NOT_FINITE, 0.0)
    assert np.isnan(got.states[:, 1:, 1]).all()


def test_nobody_is_no_work(eater: Kernel) -> None:
    got = lanes(eater, np.empty((3, 0)), np.empty((5, 0)), [])
    assert got.states.shape == (3, TIMES.size, 0)


def test_a_network_without_derived_quantities(machine: Callable[..., Any]) -> None:
    kernel = kernel_of({"x": 1.0}, {"k": 1.0}, {"x": "-k * x"})
    got = run(kernel, [1.0], [1.0], [0.0, 1.0])
    assert got.derived.shape == (0, 2, 1)
    np.testing.assert_allclose(got.states[0, 1, 0], np.exp(-1), rtol=1e-6)


@pytest.mark.slow
def test_people_of_the_library_are_the_same_however_the_work_is_split() -> None:
    case = bench.person_case(5)
    plans = [[stop for stop in plan if stop.time < 120] for plan in case.plans]
    size, people = len(case.kernel.states), case.constants.shape[1]
    start = np.zeros((size, people))
    start[: case.start.size] = case.start[:, None]
    floors = np.append(case.floors, np.ones(size - case.floors.size))

    def lived(chosen: list[int], **more: Any) -> Trajectory:
        return fast.solve_lanes(
            case.kernel, start[:, chosen], case.constants[:, chosen], floors, case.times[:6],
            [plans[k] for k in chosen], Options(rtol=1e-5), **more,
        )  # fmt: skip

    everybody = list(range(people))
    whole = lived(everybody, threads=1, width=2)
    assert not whole.failures
    for width in WIDTHS:
        for threads in (1, 2):
            same(lived(everybody, threads=threads, width=width), whole)
        for chosen in ([3], [4, 1], everybody[::-1]):
            part = lived(chosen, width=width)
            np.testing.assert_array_equal(part.states, whole.states[:, :, chosen])
