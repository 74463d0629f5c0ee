"""Courses become exact stops: how many, when, by how much, and back to the person's own values."""

from __future__ import annotations

import runpy
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gutskin.engine.outcome import Stop
from gutskin.errors import InputError
from gutskin.ledger import Parameter, Spread
from gutskin.model import Model
from gutskin.network import Event
from gutskin.protocol import stops
from gutskin.scenario import Course
from gutskin.treatment import Dose, Effect, Treatment

helpers = runpy.run_path(str(Path(__file__).parent / "helpers.py"))
OWN = {"inflow": 3.0, "k_loss": 0.5}


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """One state x [ug/cm2]; constants inflow [ug/cm2/h] and k_loss [1/h]."""
    return helpers["filling"](tmp_path_factory.mktemp("pool"))


def effect(action: str, target: str, value: float, unit: str) -> Effect:
    row = Parameter("toy", value, unit, Spread("fixed"), "none", "", "assumed")
    return Effect(action, target, row)


def course(
    *effects: Effect, dose: float | None = None, unit: str = "g", every: float | None = None,
    start: float = 0.0, end: float = 240.0, name: str = "toy",
) -> Course:  # fmt: skip
    measured = Dose(unit, 1.0, 0.1, 100.0) if dose is not None else None
    treatment = Treatment(name, name, "", "take", measured, every, effects)
    return Course(treatment, 1.0 if dose is None else dose, every, start, end)


def plan(pool: Model, *courses: Course) -> tuple[Stop, ...]:
    return stops(courses, pool.network, pool.constants())


def index(pool: Model, name: str) -> int:
    return [c.name for c in pool.network.constants].index(name)


def level(pool: Model, made: tuple[Stop, ...], name: str, time: float) -> float:
    """Return the value of a constant just after a time, as the engine would have it."""
    value = OWN[name]
    for stop in made:
        if stop.time <= time:
            value = dict(stop.set).get(index(pool, name), value)
    return value


def test_a_course_on_what_belongs_to_an_event_is_refused_by_name(pool: Model) -> None:
    """Neither would know what the other did: a course goes back to the person's own value when it ends."""
    change = Event(
        "turn", "toy", ("div", ("n", "inflow"), ("n", "inflow")), False, (("k_loss", ("n", "k_loss")),)
    )
    network = replace(pool.network, events=(change,))
    for target, action in (("inflow", "times"), ("k_loss", "set"), ("k_loss", "plus")):
        held = course(effect(action, target, 2.0, "1" if action == "times" else "1/h"), name="more")
        assert stops([held], pool.network, pool.constants())
        with pytest.raises(InputError, match=f"E125 '{target}' belongs to the event 'turn'") as caught:
            stops([held], network, pool.constants())
        assert (caught.value.where, bool(caught.value.remedy)) == (f"treatment more: {action} {target}", True)
    dose = course(effect("add", "x", 2.0, "ug/cm2"), every=24.0, end=24.0)
    assert stops([dose], network, pool.constants()) == stops([dose], pool.network, pool.constants())


def test_no_courses_no_stops(pool: Model) -> None:
    assert plan(pool) == ()


@settings(deadline=None)
@given(
    dose=st.floats(0.01, 100),
    every=st.floats(1.0, 72.0),
    start=st.floats(0.0, 100.0),
    length=st.floats(1.0, 500.0),
)
def test_number_times_and_size_of_doses(
    pool: Model, dose: float, every: float, start: float, length: float
) -> None:
    made = plan(
        pool,
        course(effect("add", "x", 2.0, "ug/cm2/g"), dose=dose, every=every, start=start, end=start + length),
    )
    times = [stop.time for stop in made]
    assert len(made) == int(np.ceil(length / every - 1e-9)) or len(made) == int(np.ceil(length / every))
    assert times == sorted(times)
    assert times[0] == start
    np.testing.assert_allclose(np.diff(times), every, rtol=1e-9)
    assert all(stop.add == ((0, 2.0 * dose),) for stop in made)
    assert not any(stop.set or stop.scale for stop in made)


def test_the_amount_of_a_dose_is_in_the_unit_of_the_state(pool: Model) -> None:
    made = plan(
        pool, course(effect("add", "x", 2.0, "mg/cm2/g"), dose=500.0, unit="mg", every=24.0, end=24.0)
    )
    assert made[0].add[0][1] == pytest.approx(2000 * 0.5, rel=1e-12)


def test_without_a_dose_the_amount_is_what_is_written(pool: Model) -> None:
    made = plan(pool, course(effect("add", "x", 2.0, "ug/cm2"), every=24.0, end=24.0))
    assert made == (Stop(0.0, add=((0, 2.0),)),)


def test_a_factor_is_never_multiplied_by_the_dose(pool: Model) -> None:
    made = plan(pool, course(effect("scale", "x", 40.0, "percent"), dose=7.0, every=24.0, end=24.0))
    assert made == (Stop(0.0, scale=((0, pytest.approx(0.4)),)),)
    held = plan(pool, course(effect("times", "inflow", 2.0, "1"), dose=7.0, every=24.0, end=24.0))
    assert level(pool, held, "inflow", 1.0) == 6.0


def test_an_addition_to_a_constant_is_multiplied_by_the_dose_and_a_set_value_is_not(pool: Model) -> None:
    added = plan(pool, course(effect("plus", "k_loss", 0.1, "1/h/g"), dose=4.0, end=24.0))
    assert level(pool, added, "k_loss", 1.0) == pytest.approx(0.9)
    fixed = plan(pool, course(effect("set", "k_loss", 2.4, "1/day"), dose=4.0, end=24.0))
    assert level(pool, fixed, "k_loss", 1.0) == pytest.approx(0.1)


spans = st.tuples(st.integers(0, 9), st.integers(1, 9)).map(lambda s: (24.0 * s[0], 24.0 * (s[0] + s[1])))


@settings(deadline=None)
@given(
    held=st.lists(
        st.tuples(spans, st.sampled_from(["plus", "times"]), st.floats(0.1, 5.0)), min_size=1, max_size=5
    ),
    fixed=st.none() | st.tuples(spans, st.floats(0.1, 9.0)),
)
def test_set_then_plus_then_times_and_back_to_the_own_value(pool: Model, held: Any, fixed: Any) -> None:
    """At any time the level is (set or own, + plus) * times; after the last end it is own."""
    unit = {"plus": "ug/cm2/h", "times": "1", "set": "ug/cm2/h"}
    parts = [*held, *([(fixed[0], "set", fixed[1])] if fixed else [])]
    made = plan(
        pool,
        *(course(effect(a, "inflow", v, unit[a]), start=s, end=e) for (s, e), a, v in parts),
    )
    for day in range(20):
        time = day * 24.0 + 12.0
        live = [(action, value) for (start, end), action, value in parts if start <= time < end]
        wanted = next((value for action, value in live if action == "set"), OWN["inflow"])
        wanted += sum(value for action, value in live if action == "plus")
        for action, value in live:
            wanted *= value if action == "times" else 1.0
        assert level(pool, made, "inflow", time) == pytest.approx(wanted, rel=1e-12)
    assert level(pool, made, "inflow", 1e9) == OWN["inflow"]
    assert level(pool, made, "k_loss", 1e9) == OWN["k_loss"]


def test_own_values_are_the_persons_not_the_ledgers(pool: Model) -> None:
    own = pool.constants()
    own[index(pool, "inflow")] = 77.0
    made = stops([course(effect("times", "inflow", 2.0, "1"), end=24.0)], pool.network, own)
    assert [dict(stop.set)[index(pool, "inflow")] for stop in made] == [154.0, 77.0]


def test_two_courses_that_set_one_constant_at_once(pool: Model) -> None:
    one = course(effect("set", "inflow", 1.0, "ug/cm2/h"), end=96.0, name="one")
    two = course(effect("set", "inflow", 2.0, "ug/cm2/h"), start=48.0, end=120.0, name="two")
    with pytest.raises(
        InputError, match=r"E234.*one and two set inflow at the same time \(day 2\)"
    ) as caught:
        plan(pool, one, two)
    assert caught.value.remedy


def test_one_after_the_other_or_the_same_value_is_fine(pool: Model) -> None:
    one = course(effect("set", "inflow", 1.0, "ug/cm2/h"), end=48.0)
    after = course(effect("set", "inflow", 2.0, "ug/cm2/h"), start=48.0, end=96.0)
    made = plan(pool, one, after)
    assert [level(pool, made, "inflow", t) for t in (0.0, 47.9, 48.0, 95.9, 96.0)] == [
        1.0,
        1.0,
        2.0,
        2.0,
        3.0,
    ]
    same = course(effect("set", "inflow", 1000.0, "ng/cm2/h"), start=24.0, end=96.0)
    assert level(pool, plan(pool, one, same), "inflow", 30.0) == pytest.approx(1.0)


def test_two_doses_at_one_time_stand_in_one_stop(pool: Model) -> None:
    one, two = (course(effect("add", "x", v, "ug/cm2"), every=24.0, end=24.0) for v in (1.0, 2.0))
    assert plan(pool, one, two) == (Stop(0.0, add=((0, 1.0), (0, 2.0))),)


@pytest.mark.parametrize(
    ("action", "target", "said"),
    [
        ("add", "xx", "no state"), ("scale", "inflow", "no state"), ("set", "x", "no constant"),
        ("plus", "k_los", "did you mean k_loss"), ("times", "steady", "no constant"),
        ("add", "steady", "no state"),
    ],
)  # fmt: skip
def test_what_the_model_has_not_cannot_be_treated(pool: Model, action: str, target: str, said: str) -> None:
    with pytest.raises(InputError, match="E233") as caught:
        plan(pool, course(effect(action, target, 1.0, "1"), every=24.0))
    assert said in str(caught.value)
    assert "toy" in caught.value.where


@pytest.mark.parametrize(
    ("action", "target", "unit", "dose"),
    [
        ("add", "x", "ug", None), ("add", "x", "ug/cm2", 1.0), ("add", "x", "ug/cm2/mL", 1.0),
        ("scale", "x", "g", None), ("set", "inflow", "ug/cm2", None), ("plus", "inflow", "1", None),
        ("times", "inflow", "1/h", None),
    ],
)  # fmt: skip
def test_an_amount_that_does_not_come_out_in_the_unit_of_its_target(
    pool: Model, action: str, target: str, unit: str, dose: float | None
) -> None:
    with pytest.raises(InputError, match="E202") as caught:
        plan(pool, course(effect(action, target, 1.0, unit), dose=dose, every=24.0))
    assert f"{action} {target}" in caught.value.where
    assert "must come out in" in caught.value.remedy
