"""Derivatives of runs: closed forms, tight runs of their own, stops that depend on what is changed."""

from __future__ import annotations

import runpy
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gutskin import bench
from gutskin.bench.formula import Builder
from gutskin.compile.source import build_kernel
from gutskin.engine.fast import solve_lanes
from gutskin.engine.outcome import Code, Options, Stop
from gutskin.engine.sensitivity import Sensitivity, sensitivities, sensitivities_all
from gutskin.engine.solve import solve
from gutskin.errors import InputError
from gutskin.kernel import Kernel

HELPERS = runpy.run_path(str(Path(__file__).parent / "helpers.py"))
TIGHT = Options(rtol=1e-10, floor_share=1e-6)


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


@pytest.fixture(scope="module")
def fall() -> Kernel:
    """First-order loss; ``dose`` acts on nothing but what a plan makes of it."""
    return kernel_of({"x": 8.0}, {"k": 0.3, "dose": 2.0}, {"x": "-k * x"}, flow="k * x", kept="dose * 1")


def check(got: Sensitivity, column: str, truth: Any, rtol: float = 1e-7) -> None:
    """Compare the derivatives of the first state, by its largest."""
    found = got.states[0, :, got.names.index(column)]
    np.testing.assert_allclose(found, truth, rtol=rtol, atol=rtol * np.abs(truth).max())


# ---- closed forms


def test_linear_chain() -> None:
    kernel = kernel_of({"a": 1.0, "b": 0.0}, {"k": 3.0, "l": 0.2}, {"a": "-k * a", "b": "k * a - l * b"})
    t, k, m = np.linspace(0, 8, 30), 3.0, 0.2
    got = sensitivities(
        kernel, [1.0, 0.0], [k, m], [1e-6] * 2, t, of=["l", 0], start_of=["a", "b"], options=TIGHT
    )
    assert got.names == ("l", "k", "a", "b")
    check(got, "k", -t * np.exp(-k * t))
    check(got, "a", np.exp(-k * t))
    np.testing.assert_array_equal(got.states[0, :, 3], 0.0)
    fast, slow = np.exp(-k * t), np.exp(-m * t)
    by_k = m / (m - k) ** 2 * (fast - slow) - k / (m - k) * t * fast
    by_m = -k / (m - k) ** 2 * (fast - slow) + k / (m - k) * t * slow
    np.testing.assert_allclose(got.states[1, :, 1], by_k, atol=1e-8)
    np.testing.assert_allclose(got.states[1, :, 0], by_m, atol=1e-7)
    np.testing.assert_allclose(got.states[1, :, 3], slow, atol=1e-8)


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("errors", [False, True])
def test_logistic(log: bool, errors: bool) -> None:
    r, room, x0, t = 1.3, 5.0, 0.01, np.linspace(0, 15, 40)
    kernel = kernel_of({"x": x0}, {"r": r, "room": room}, {"x": "r * x * (1 - x / room)"})
    got = sensitivities(
        kernel, [x0], [r, room], [1e-6], t, of=["r", "room"], start_of=[0], log=log, errors=errors,
        options=TIGHT,
    )  # fmt: skip
    e = np.exp(-r * t)
    below = 1 + (room / x0 - 1) * e
    by = {
        "r": room * (room / x0 - 1) * t * e / below**2,
        "room": 1 / below - room * e / x0 / below**2,
        "x": room**2 * e / x0**2 / below**2,
    }
    at = {"r": r, "room": room, "x": x0} if log else {"r": 1.0, "room": 1.0, "x": 1.0}
    for name, truth in by.items():
        check(got, name, at[name] * truth)
    assert np.isfinite(got.error_states).all() == errors


def test_michaelis_menten() -> None:
    """The solution is implicit, its derivatives are not."""
    v, half, s0, t = 0.8, 1.5, 6.0, np.linspace(0, 20, 30)
    kernel = kernel_of({"s": s0}, {"v": v, "half": half}, {"s": "-v * s / (half + s)"})
    got = sensitivities(kernel, [s0], [v, half], [1e-6], t, of=[0, 1], start_of=["s"], options=TIGHT)
    s = got.trajectory.states[0, :, 0]
    np.testing.assert_allclose(s + half * np.log(s), s0 + half * np.log(s0) - v * t, atol=1e-8)
    check(got, "v", -t / (1 + half / s))
    check(got, "half", -np.log(s / s0) / (1 + half / s))
    check(got, "s", (1 + half / s0) / (1 + half / s))


def test_derived_quantities_have_their_own_derivative(fall: Kernel) -> None:
    t = np.linspace(0, 9, 10)
    got = sensitivities(fall, [8.0], [0.3, 2.0], [1e-6], t, of=["k", "dose"], options=TIGHT)
    np.testing.assert_allclose(got.derived[0, :, 0], 8 * (1 - 0.3 * t) * np.exp(-0.3 * t), atol=1e-7)
    np.testing.assert_allclose(got.derived[1, :, 1], 1.0, rtol=1e-9)
    np.testing.assert_array_equal(got.states[:, :, 1], 0.0)


# ---- shared steps


@settings(max_examples=20, deadline=None)
@given(st.floats(0.05, 3.0), st.floats(1e-6, 1e-2), st.booleans())
def test_differences_do_not_feel_the_steps(fall: Kernel, k: float, rtol: float, errors: bool) -> None:
    """At any tolerance: that of a step is its derivative too, and two ways to take differences agree."""
    t, options = np.linspace(0, 6, 7), Options(rtol=rtol)
    one, two = (
        sensitivities(fall, [8.0], [k, 2.0], [1e-6], t, of=["k"], options=options, errors=each).states[0]
        for each in (True, False)
    )
    np.testing.assert_allclose(one, two, atol=2e-7)
    truth = (-8 * t * np.exp(-k * t))[:, None]
    np.testing.assert_allclose(one, truth, atol=300 * rtol + 1e-6)


def test_the_trajectory_is_the_persons_own_run() -> None:
    case = bench.stress_case("small", 3)
    start, times = np.repeat(case.start[:, None], 3, axis=1), case.times[:6]
    got = sensitivities_all(case.kernel, start, case.constants, case.floors, times, case.plans, of=[0])
    own = solve(case.kernel, start, case.constants, case.floors, times, case.plans)
    for k, each in enumerate(got):
        np.testing.assert_array_equal(each.trajectory.states[:, :, 0], own.states[:, :, k])
        np.testing.assert_array_equal(each.trajectory.derived[:, :, 0], own.derived[:, :, k])
        np.testing.assert_array_equal(each.trajectory.end[:, 0], own.end[:, k])


@pytest.mark.parametrize("threads", [1, 3])
def test_everybody_comes_out_as_they_would_alone(threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    case = bench.stress_case("small", 5)
    start, times = np.repeat(case.start[:, None], 5, axis=1), case.times[:4]
    chosen: dict[str, Any] = {"of": [3, 20, 90], "start_of": [1], "log": True}
    alone = [
        sensitivities(
            case.kernel, start[:, k], case.constants[:, k], case.floors, times, case.plans[k], **chosen
        )
        for k in range(5)
    ]
    monkeypatch.setattr("gutskin.engine.sensitivity.ROOM", 500_000)  # two at once
    many = sensitivities_all(
        case.kernel, start, case.constants, case.floors, times, case.plans, **chosen, threads=threads
    )
    for one, two in zip(alone, many, strict=True):
        for name in ("states", "derived", "error_states", "error_derived"):
            np.testing.assert_array_equal(getattr(one, name), getattr(two, name))


@pytest.mark.parametrize("name", ["small", "person"])
def test_real_models_agree_with_tight_runs_of_their_own(name: str) -> None:
    """Differences of runs that choose their own steps, at a tolerance at which that does not matter."""
    case = bench.person_case(1) if name == "person" else bench.stress_case(name, 1)
    random, own = np.random.default_rng(5), case.constants[:, 0]
    chosen = [int(k) for k in random.choice(own.size - 24, 12, replace=False) if own[k] > 0]
    times, step = case.times[:8], 2e-3
    changed = np.repeat(own[:, None], 4 * len(chosen), axis=1)
    for n, k in enumerate(chosen):
        changed[k, 4 * n : 4 * n + 4] *= np.exp(step * np.array([-2, -1, 1, 2]))
    body, tallies = case.start.size, len(case.kernel.tallies)
    start = np.repeat(np.append(case.start, np.zeros(tallies))[:, None], changed.shape[1], axis=1)
    floors = np.append(case.floors, np.ones(tallies))
    plans, tight = case.plans * changed.shape[1], Options(rtol=1e-11, floor_share=1e-7)
    runs = solve_lanes(case.kernel, start, changed, floors, times, plans, tight, raw=True)
    seen = runs.states[:body].reshape(body, times.size, len(chosen), 4)
    truth = seen @ np.array([1 / 12, -2 / 3, 2 / 3, -1 / 12]) / step
    size = np.abs(truth).max(axis=1) + 1e-3 * np.abs(seen).max(axis=(1, 3))
    for rtol, limit in ((1e-10, 1e-5), (1e-6, 1e-3)):
        got = sensitivities(
            case.kernel, case.start, own, case.floors, times, case.plans[0], of=chosen, log=True,
            options=Options(rtol=rtol, floor_share=0.01 if rtol > 1e-8 else 1e-6),
        )  # fmt: skip
        off = np.abs(got.states[:body] - truth) / np.maximum(size[:, None], 1e-9)
        assert np.quantile(off, 0.99) < limit
        assert np.quantile(got.error_states[:body] / np.maximum(size[:, None], 1e-9), 0.99) < 1e-5


# ---- stops


def test_repeated_doses_by_the_amount_and_by_the_rate(fall: Kernel) -> None:
    doses, t = np.arange(10) * 6.0, np.linspace(0.5, 70, 40)
    times = np.concatenate([[0.0], t])

    def plan(constants: Any) -> list[Stop]:
        return [Stop(each, add=((0, constants[1]),)) for each in doses]

    got = sensitivities(fall, [0.0], [0.3, 2.0], [1e-6], times, plan, of=["dose", "k"], options=TIGHT)
    ago = np.maximum(t[:, None] - doses, 0.0) + np.where(t[:, None] > doses, 0.0, np.inf)
    parts = np.exp(-0.3 * ago)
    np.testing.assert_allclose(got.states[0, 1:, 0], parts.sum(axis=1), rtol=1e-8)
    by_rate = -2.0 * np.where(np.isfinite(ago), ago, 0.0) * parts
    np.testing.assert_allclose(got.states[0, 1:, 1], by_rate.sum(axis=1), rtol=1e-6)
    assert not got.failures


def test_a_knob_is_what_only_the_plan_knows(fall: Kernel) -> None:
    def plan(_: Any, amount: float, share: float) -> list[Stop]:
        return [Stop(5.0, scale=((0, share),), add=((0, amount),))]

    knobs = [{"amount": 3.0, "share": 0.5}, {"amount": 0.0, "share": 0.25}]
    got = sensitivities_all(
        fall, [[8.0, 8.0]], [[0.3, 0.3], [2.0, 2.0]], [1e-6], [0.0, 5.0, 9.0], [plan], knobs=knobs,
        sizes={"amount": 1.0}, options=TIGHT,
    )  # fmt: skip
    for each in got:
        assert each.names == ("amount", "share")
        np.testing.assert_allclose(each.states[0, 2], [np.exp(-1.2), 8 * np.exp(-2.7)], rtol=1e-8)
        np.testing.assert_array_equal(each.states[0, :2], 0.0)


def test_a_constant_that_a_stop_sets() -> None:
    """Set to what it is anyway, it no longer depends on what it was; doubled, it does."""
    kernel = kernel_of({"x": 8.0}, {"k": 0.3}, {"x": "-k * x"})
    times = np.array([0.0, 5.0, 8.0])
    fixed = [Stop(5.0, set=((0, 0.6),))]
    got = sensitivities(kernel, [8.0], [0.3], [1e-6], times, fixed, of=["k"], options=TIGHT)
    check(got, "k", -np.array([0.0, 5.0, 5.0]) * got.trajectory.states[0, :, 0])
    got = sensitivities(
        kernel, [8.0], [0.3], [1e-6], times, lambda own: [Stop(5.0, set=((0, 2 * own[0]),))], of=["k"],
        options=TIGHT,
    )  # fmt: skip
    check(got, "k", -np.array([0.0, 5.0, 11.0]) * got.trajectory.states[0, :, 0])


def test_a_start_of_nothing_and_a_constant_of_nothing() -> None:
    kernel = kernel_of({"x": 0.0}, {"k": 0.0}, {"x": "-k * x"})
    t = np.linspace(0, 5, 6)

    def plan(constants: Any) -> Sequence[Stop]:
        assert constants[0] >= 0
        return ()

    got = sensitivities(
        kernel, [0.0], [0.0], [1e-6], t, plan, of=["k"], start_of=["x"], sizes={"k": 0.1, "x": 2.0},
        options=TIGHT,
    )  # fmt: skip
    check(got, "x", np.ones(6))
    got = sensitivities(kernel, [3.0], [0.0], [1e-6], t, plan, of=["k"], sizes={"k": 0.1}, options=TIGHT)
    check(got, "k", -3 * t)


# ---- failures


def test_a_changed_person_that_fails_is_nan_with_a_reason_and_harms_nothing_else(fall: Kernel) -> None:
    def plan(constants: Any) -> list[Stop]:
        return [Stop(5.0, add=((0, 1.0 if constants[1] <= 2.0 else np.inf),))]

    times = np.array([0.0, 5.0, 6.0, 7.0])
    got = sensitivities(fall, [8.0], [0.3, 2.0], [1e-6], times, plan, of=["k", "dose"], start_of=[0])
    calm = sensitivities(
        fall, [8.0], [0.3, 2.0], [1e-6], times, [Stop(5.0, add=((0, 1.0),))], of=["k"], start_of=[0]
    )
    np.testing.assert_array_equal(got.states[:, :, [0, 2]], calm.states)
    np.testing.assert_array_equal(np.isnan(got.states[0, :, 1]), [False, True, True, True])
    np.testing.assert_array_equal(np.isnan(got.error_derived[0, :, 1]), [False, True, True, True])
    assert list(got.failures) == ["dose"]
    failure = got.failures["dose"]
    assert (failure.code, failure.time, failure.person) == (Code.NOT_FINITE, 5.0, 0)
    assert failure.reason.startswith("with dose = 2.000")


def test_who_fails_has_no_derivatives_and_harms_nobody(fall: Kernel) -> None:
    start, constants = np.full((1, 3), 8.0), np.array([[0.3, np.nan, 0.3], [2.0] * 3])
    got = sensitivities_all(fall, start, constants, [1e-6], [0.0, 1.0], of=["k"])
    assert np.isnan(got[1].states).all()
    assert np.isnan(got[1].error_derived).all()
    (failure,) = got[1].trajectory.failures
    assert (failure.person, failure.code) == (0, Code.NOT_FINITE)
    for k in (0, 2):
        assert not got[k].trajectory.failures
        check(got[k], "k", np.array([0.0, -8 * np.exp(-0.3)]), 1e-4)


def test_close_to_where_it_ends_the_error_is_said() -> None:
    """A changed person would be infinite within the run, the person not quite."""
    kernel = kernel_of({"x": 1.0}, {"k": 0.05}, {"x": "k * x ** 2"})
    got = sensitivities(kernel, [1.0], [0.05], [1e-6], [0.0, 10.0, 19.99, 19.999], of=["k"])
    assert not got.trajectory.failures
    assert got.states[0, 1, 0] == pytest.approx(40.0, rel=1e-5)
    assert got.error_states[0, 1, 0] < 1e-4
    assert got.error_states[0, 2, 0] > 0.1 * got.states[0, 2, 0]
    assert np.isnan(got.states[0, 3, 0])
    assert "infinite" in got.failures["k"].reason


def test_nobody_and_nothing(fall: Kernel) -> None:
    assert sensitivities_all(fall, np.empty((1, 0)), np.empty((2, 0)), [1e-6], [0.0, 1.0], of=["k"]) == []
    got = sensitivities(fall, [8.0], [0.3, 2.0], [1e-6], [0.0, 1.0])
    assert (got.states.shape, got.derived.shape) == ((1, 2, 0), (2, 2, 0))


def late(constants: Any) -> list[Stop]:
    return [Stop(constants[0], add=((0, 1.0),))]


@pytest.mark.parametrize(
    ("code", "more"),
    [
        ("E271", {"of": ["q"]}),
        ("E271", {"of": [2]}),
        ("E271", {"start_of": [-1]}),
        ("E271", {"of": ["k"], "sizes": {"dose": 1.0}}),
        ("E272", {"start_of": ["x"], "log": True, "start": [0.0]}),
        ("E272", {"of": ["k"], "constants": [0.0, 2.0]}),
        ("E273", {"of": ["k"], "plan": late}),
        ("E274", {"of": ["k"], "options": Options("LSODA")}),
        ("E275", {"of": ["k"], "knobs": {"amount": 1.0}}),
    ],
)
def test_refusals(fall: Kernel, code: str, more: dict[str, Any]) -> None:
    given = {"start": [8.0], "constants": [0.3, 2.0], "floors": [1e-6], "times": [0.0, 1.0], **more}
    with pytest.raises(InputError) as refused:
        sensitivities(fall, **given)
    assert refused.value.code == code
    assert refused.value.remedy or code == "E271"


def test_plans_for_other_people_are_refused(fall: Kernel) -> None:
    with pytest.raises(InputError) as refused:
        sensitivities_all(fall, [[8.0] * 3], [[0.3] * 3, [2.0] * 3], [1e-6], [0.0, 1.0], [(), ()], of=["k"])
    assert refused.value.code == "E275"


def test_hours_are_told(fall: Kernel) -> None:
    hours: list[float] = []
    sensitivities(fall, [8.0], [0.3, 2.0], [1e-6], [0.0, 24.0], of=["k"], tick=hours.append)
    assert sum(hours) == pytest.approx(5 * 24.0)


def test_too_few_steps_is_a_failure_of_the_person(fall: Kernel) -> None:
    options = replace(TIGHT, max_steps=5)
    got = sensitivities(fall, [8.0], [0.3, 2.0], [1e-6], [0.0, 24.0], of=["k"], options=options)
    assert got.trajectory.failures[0].code == Code.TOO_MANY_STEPS
    assert np.isnan(got.states).all()


def test_events_of_the_model_are_part_of_the_run(tmp_path: Path) -> None:
    """A constant doubles at a time: beyond it the state rises twice as fast, and so does its derivative."""
    text = """  compartment place;
  substanceOnly species x in place;
  inflow: => x; k;
  doubled: at (time >= moment): k = 2 * k;"""
    numbers = {"k": (3.0, "mmol/h"), "moment": (4.0, "h")}
    model = HELPERS["toy"](tmp_path, text, numbers, {"x": ("mmol", 0.0, "CH2O")}, ("inflow",))
    times, start = np.array([0.0, 4.0, 10.0]), model.start()
    got = sensitivities(model.kernel, start, model.constants(), model.floors(), times, of=["k"])
    assert got.trajectory.states[0, :, 0] == pytest.approx([0.0, 12.0, 48.0])
    assert got.states[0, :, 0] == pytest.approx([0.0, 4.0, 16.0])
