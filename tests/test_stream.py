"""People in parts are the people they are alone, and what is reduced is what the closed form says."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gutskin.stream
from gutskin.engine.outcome import Options
from gutskin.errors import InputError
from gutskin.model import Model, load
from gutskin.people import Person
from gutskin.population import draw
from gutskin.scenario import Scenario, scenario_from
from gutskin.stream import (
    BEFORE,
    Crowd,
    Job,
    Part,
    both_arms,
    chosen,
    every,
    judged,
    means,
    part_size,
    parts_of,
    run_part,
    run_people,
    stream,
)

helpers = runpy.run_path(str(Path(__file__).parent / "helpers.py"))
ADA = Person("ada", "Ada")
FINE = Options(rtol=1e-9, floor_share=1e-3)


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Model:
    model: Model = helpers["pools"](tmp_path_factory.mktemp("pool"))
    return model


@pytest.fixture(scope="module")
def leaky(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """Some people lose too little: they never come to rest."""
    spread = '{ kind = "normal", sd = 0.1 }'
    model: Model = helpers["pools"](tmp_path_factory.mktemp("leaky"), loss=spread)
    return model


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    return lambda size: monkeypatch.setattr(gutskin.stream, "PART", size)


def plan(model: Model, **more: object) -> Scenario:
    data = {"days": 4, "lead_in_days": 0, "plan": [{"treatment": "more", "start": "1 day"}], **more}
    return scenario_from(data, "more", (model.library / "treatments",))


def whole(parts: list[Part]) -> np.ndarray:
    return np.concatenate([part.values for part in parts], axis=-1)


def test_means_are_those_of_the_closed_form(pool: Model) -> None:
    crowd = Crowd(12, (1.0, 2.5, 4.0), ADA, seed=5)
    (part,) = stream(pool, plan(pool), crowd, options=FINE)
    names = [each.name for each in pool.network.constants]
    drawn = draw(pool, 12, like=ADA, seed=5)
    inflow, loss = drawn[names.index("inflow")], drawn[names.index("k_loss")] - 0.02
    rest, row = inflow / loss, list(chosen(pool, ())).index("level")
    assert part.values.shape == (2, 2, 3, 12)
    assert part.values[0, row] == pytest.approx(np.tile(rest, (3, 1)), rel=1e-3)  # settled to 3e-4 a day
    for d, day in enumerate(crowd.days):
        after = np.maximum(np.arange((day - 1) * 24.0, day * 24.0 + 1e-9, 4.0) - 24.0, 0.0)
        said = 2 * rest - rest * np.exp(-np.outer(after, loss))
        assert part.values[1, row, d] == pytest.approx(said.mean(axis=0), rel=1e-3)


@pytest.mark.parametrize("size", [1, 3, 8, 40])
def test_the_size_of_the_parts_changes_no_bit(pool: Model, small: Callable[[int], None], size: int) -> None:
    crowd = Crowd(19, (2.0, 3.1), ADA)
    small(128)
    together = whole(list(stream(pool, plan(pool), crowd)))
    small(size)
    parts = list(stream(pool, plan(pool), crowd))
    assert [(part.first, part.count) for part in parts] == parts_of(19, size)
    assert whole(parts).tobytes() == together.tobytes()


@pytest.mark.parametrize("threads", ["1", "2", "3"])
def test_threads_change_no_bit(pool: Model, monkeypatch: pytest.MonkeyPatch, threads: str) -> None:
    crowd = Crowd(40, (4.0,), ADA)
    monkeypatch.setenv("GUTSKIN_THREADS", "1")
    one = whole(list(stream(pool, plan(pool), crowd)))
    monkeypatch.setenv("GUTSKIN_THREADS", threads)
    assert whole(list(stream(pool, plan(pool), crowd))).tobytes() == one.tobytes()


def test_a_day_is_judged_by_its_own_times_whatever_else_is_asked(pool: Model) -> None:
    alone = whole(list(stream(pool, plan(pool), Crowd(5, (2.3,), ADA))))
    beside = whole(list(stream(pool, plan(pool), Crowd(5, (2.0, 2.3, 2.4), ADA))))
    assert alone[:, :, 0].tobytes() == beside[:, :, 1].tobytes()


@given(days=st.lists(st.floats(0.0, 9.0), min_size=1, max_size=4), longer=st.floats(0.0, 3.0))
def test_judged_times_lie_within_the_run_and_hold_every_window(days: list[float], longer: float) -> None:
    last = max(days) + longer
    times = judged(days, last)
    assert (times[0], times[-1]) == (0.0, last * 24.0)
    assert np.all(np.diff(times) > 0)
    values = np.repeat(times[None, :, None], 2, axis=2)
    for day, mean in zip(days, means(days, times, values)[0, :, 0], strict=True):
        begun = max(day - 1.0, 0.0) * 24.0
        steps = int((day * 24.0 + 1e-9 - begun) // 4.0)
        assert mean == pytest.approx(begun + 2.0 * steps, abs=1e-6)


def test_means_add_in_the_order_of_time_however_the_numbers_lie() -> None:
    times = judged((2.0,), 2.0)
    values = np.random.default_rng(1).normal(size=(3, times.size, 9)) * 10.0 ** np.arange(9)
    said = means((2.0,), times, values)
    for k in range(9):
        assert means((2.0,), times, values[:, :, [k]]).tobytes() == said[:, :, [k]].tobytes()
    turned = np.ascontiguousarray(values.transpose(2, 0, 1)).transpose(1, 2, 0)
    assert means((2.0,), times, turned).tobytes() == said.tobytes()
    assert said[:, 0] == pytest.approx(values[:, (times >= 24) & (times <= 48)].mean(axis=1))


def test_what_is_reduced_is_asked_of_whole_courses(pool: Model, small: Callable[[int], None]) -> None:
    seen: list[Any] = []

    def highest(times: np.ndarray, values: np.ndarray) -> np.ndarray:
        seen.append(times)
        return values.max(axis=1)

    small(4)
    crowd = Crowd(10, (), ADA, readouts=("level",))
    parts = list(stream(pool, plan(pool), crowd, highest))
    assert [part.values.shape for part in parts] == [(2, 1, 4), (2, 1, 4), (2, 1, 2)]
    assert all(np.array_equal(times, every(4.0)) for times in seen)
    assert np.all(whole(parts)[1] > whole(parts)[0])


def test_arms_may_be_any(pool: Model) -> None:
    once = both_arms(plan(pool))["with_plan"]
    arms = {
        "none": (),
        "late": both_arms(plan(pool, plan=[{"treatment": "more", "start": "3 days"}]))["with_plan"],
    }
    crowd = Crowd(4, (4.0,), ADA, readouts=("level",))
    (three,) = stream(pool, plan(pool), crowd, arms={**arms, "early": once})
    (two,) = stream(pool, plan(pool), crowd)
    assert np.array_equal(three.values[[0, 2]], two.values)
    assert np.all(np.diff(three.values[:, 0, 0], axis=0) > 0)


def test_who_fails_is_missing_in_every_arm(leaky: Model, small: Callable[[int], None]) -> None:
    small(8)
    parts = list(stream(leaky, plan(leaky), Crowd(24, (4.0,), ADA, seed=2)))
    names = [each.name for each in leaky.network.constants]
    bad = np.flatnonzero(draw(leaky, 24, like=ADA, seed=2)[names.index("k_loss")] < 0.02)
    assert 0 < bad.size < 24
    said = [(arm, failure) for part in parts for arm, failure in part.failures]
    assert set(bad) <= {failure.person for _, failure in said}
    assert all(arm == BEFORE and failure.reason for arm, failure in said)
    lost = np.concatenate([part.lost for part in parts])
    assert np.array_equal(np.flatnonzero(lost), sorted(failure.person for _, failure in said))
    assert np.array_equal(np.isnan(whole(parts)), np.broadcast_to(lost, (2, 2, 1, 24)))


def test_who_fails_in_one_arm_is_missing_in_both(pool: Model) -> None:
    """So few steps are enough to settle and at rest, and too few when the inflow changes again and again."""
    often = [
        {"treatment": "more", "start": f"{t / 8} day", "end": f"{(t + 1) / 8} day"} for t in range(2, 30, 2)
    ]
    for steps in range(2, 400):
        options = Options(rtol=1e-4, max_steps=steps)
        (part,) = stream(pool, plan(pool, plan=often), Crowd(6, (4.0,), ADA), options=options)
        arms = {arm for arm, _ in part.failures}
        if arms == {"with_plan"}:
            assert np.isnan(part.values[:, :, :, part.lost]).all()
            assert np.isfinite(part.values[:, :, :, ~part.lost]).all()
            return
    pytest.fail("no limit of steps told the arms apart")


def test_nobody_left_is_no_error(pool: Model) -> None:
    usual = plan(pool, usual=[{"treatment": "more"}], plan=[], lead_in_days=3)
    (part,) = stream(pool, usual, Crowd(3, (1.0,), ADA), options=Options(rtol=1e-4, max_steps=1))
    assert part.lost.all()
    assert np.isnan(part.values).all()


def test_read_outs_come_in_the_order_of_the_library(pool: Model) -> None:
    assert list(chosen(pool, ("half", "level"))) == list(chosen(pool, ())) == ["level", "half"]
    with pytest.raises(InputError, match=r"E290.*did you mean level"):
        chosen(pool, ("levl",))


@pytest.mark.parametrize(
    ("people", "days", "code"),
    [(0, (1.0,), "E266"), (3, (), "E285"), (3, (9.0,), "E285"), (3, (np.nan,), "E285")],
)
def test_what_cannot_be_run_is_refused(pool: Model, people: int, days: tuple[float, ...], code: str) -> None:
    with pytest.raises(InputError, match=code):
        next(stream(pool, plan(pool), Crowd(people, days, ADA)))


def test_long_runs_have_small_parts(pool: Model) -> None:
    def size(outputs: int) -> int:
        crowd, times = Crowd(3, (1.0,), ADA), np.broadcast_to(0.0, outputs)
        return part_size(Job(pool, plan(pool), crowd, both_arms(plan(pool)), {}, times, Options()))

    assert size(10) == gutskin.stream.PART
    assert size(10**9) == gutskin.stream.LANES
    middle, lanes = size(300_000), gutskin.stream.LANES
    each = 8 * (len(pool.kernel.states) + len(pool.kernel.derived)) * 300_000
    assert middle % lanes == 0
    assert lanes < middle < gutskin.stream.PART
    assert middle * each <= gutskin.stream.ROOM < (middle + lanes) * each


def test_the_person_of_the_library_is_the_same_in_any_part(small: Callable[[int], None]) -> None:
    model = load()
    scenario = scenario_from(
        {"days": 2, "plan": [{"treatment": "high_fibre_diet"}]}, "fibre", (model.library / "treatments",)
    )
    crowd = Crowd(9, (2.0,), ADA)
    small(128)
    together = whole(list(stream(model, scenario, crowd)))
    small(2)
    assert whole(list(stream(model, scenario, crowd))).tobytes() == together.tobytes()


def job(model: Model, crowd: Crowd, scenario: Scenario) -> Job:
    arms = both_arms(scenario)
    times = judged(crowd.days, scenario.days)
    return Job(model, scenario, crowd, arms, chosen(model, ()), times, FINE)


def test_people_by_their_constants_are_the_people_of_the_crowd(pool: Model) -> None:
    crowd, scenario = Crowd(9, (2.0, 4.0), ADA, seed=3), plan(pool)
    constants = draw(pool, 9, like=ADA, seed=3)
    got = run_people(job(pool, crowd, scenario), constants)
    assert got.values.tobytes() == run_part(job(pool, crowd, scenario), 0, 9).values.tobytes()
    later = run_people(job(pool, crowd, scenario), constants[:, 4:], 4)
    assert (later.first, later.count) == (4, 5)
    assert later.values.tobytes() == got.values[..., 4:].tobytes()


def test_people_begin_where_they_settled_when_that_is_known(pool: Model) -> None:
    """From half of where they would settle, the pool fills as the closed form says."""
    crowd, scenario = Crowd(5, (2.0, 4.0), ADA, seed=3), plan(pool)
    constants = draw(pool, 5, like=ADA, seed=3)
    names = [each.name for each in pool.network.constants]
    loss = constants[names.index("k_loss")] - 0.02
    rest = constants[names.index("inflow")] / loss
    made = job(pool, crowd, scenario)
    got = run_people(made, constants, 0, 0.5 * rest[None])
    row = list(made.readouts).index("level")
    wanted = rest - 0.5 * rest * np.exp(-np.outer(made.times, loss))
    np.testing.assert_allclose(got.values[0, row], wanted, rtol=1e-5)


def test_who_has_no_everyday_state_is_named_by_their_number(leaky: Model) -> None:
    crowd, scenario = Crowd(30, (2.0,), ADA), plan(leaky)
    constants = draw(leaky, 30, like=ADA)
    got = run_people(job(leaky, crowd, scenario), constants[:, 10:], 10)
    lost = {failure.person for arm, failure in got.failures if arm == BEFORE}
    names = [each.name for each in leaky.network.constants]
    assert lost
    assert lost == set(np.flatnonzero(constants[names.index("k_loss")] <= 0.02).tolist()) & set(range(10, 30))
    assert np.isnan(got.values[..., got.lost]).all()
