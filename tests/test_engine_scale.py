"""Units are a way to write numbers: in others, the same person lives the same life.

A model is run with all its numbers, floors, times and doses in other units. As formulas fit their units, they
stay as they are. In units that differ by powers of two no rounding differs, so not a bit may: nothing in the
engine has a size of its own. In units that differ by other factors numbers are rounded differently, no more.
"""

from __future__ import annotations

import runpy
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gutskin import units
from gutskin.engine.outcome import Array, Options, Stop, Trajectory
from gutskin.engine.solve import solve
from gutskin.model import Model, load

helpers = runpy.run_path(str(Path(__file__).parent / "helpers.py"))
CALM = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
BASES = ("amount", "time", "mass", "length", "cells", "energy")

TOY = """  compartment place;
  substanceOnly species food in place, waste in place;
  feed: => food; inflow;
  eat: food => waste; vmax * eaters * (food / half)^n / (1 + (food / half)^n);
  leave: waste => ; k_leave * waste;
  eaters' = eaters * (k_grow * food / (food + half) - k_die);
  acid' = k_fast * (log10(1 + waste / half) - acid);
  rich := food / half;
  rain: at (time >= t_rain): food = food * share + rainfall, k_die = 2 * k_die;"""
NUMBERS = {
    "inflow": (1.1, "mmol/h"), "vmax": (0.9, "mmol/h/mg*cm2"), "half": (0.7, "mmol"), "n": (2.3, "1"),
    "k_leave": (0.3, "1/h"), "k_grow": (0.5, "1/h"), "k_die": (0.07, "1/h"), "k_fast": (4e3, "1/h"),
    "t_rain": (13.7, "h"), "share": (0.3, "1"), "rainfall": (2.9, "mmol"),
}  # fmt: skip
QUANTITIES = {
    "food": ("mmol", 3.0, "CH2O"), "waste": ("mmol", 0.0, "CH2O"), "eaters": ("mg/cm2", 0.4),
    "acid": ("1", 0.0), "rich": ("1",),
}  # fmt: skip


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """Feeding, growth, a fast equilibrium, an event."""
    folder = tmp_path_factory.mktemp("toy")
    model: Model = helpers["toy"](folder, TOY, NUMBERS, QUANTITIES, ("feed", "leave"))
    return model


@pytest.fixture(scope="module")
def rest(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """A pool that begins exactly at rest, so that no first step can be guessed."""
    model: Model = helpers["filling"](tmp_path_factory.mktemp("rest"), start=6.0)
    return model


@pytest.fixture(scope="module")
def person() -> Model:
    return load()


def sizes(names: list[str], factors: Mapping[str, float]) -> Array:
    """Return by what numbers with these units are multiplied when bases are."""
    return np.array(
        [
            np.prod([factors.get(base, 1.0) ** power for base, power in units.dimension(unit)], initial=1.0)
            for unit in names
        ]
    )


def lived(
    model: Model,
    factors: Mapping[str, float],
    hours: float,
    doses: Mapping[float, tuple[int, float]],
    rtol: float,
) -> Trajectory:
    """Run a model in other units and return it in its own; ``doses`` are hour -> (state, amount)."""
    kept = [q for q in model.network.quantities if q.kind in ("species", "rate")]
    states = sizes([q.unit for q in kept], factors)
    constants = sizes([c.unit for c in model.network.constants], factors)
    derived = sizes([model.network.quantity(name).unit for name in model.kernel.derived], factors)
    clock = factors.get("time", 1.0)
    plan = [Stop(hour * clock, add=((k, dose * states[k]),)) for hour, (k, dose) in doses.items()]
    run = solve(
        model.kernel, (model.start() * states)[:, None], (model.constants() * constants)[:, None],
        model.floors() * states, np.linspace(0.0, hours, 9) * clock, [plan], Options(rtol=rtol),
    )  # fmt: skip
    assert not run.failures
    body = len(kept)
    run.states[:body] /= states[:, None, None]
    run.derived[:] /= derived[:, None, None]
    return run


def binary(draw: st.DataObject, bases: tuple[str, ...]) -> dict[str, float]:
    return {base: 2.0 ** draw.draw(st.integers(-30, 30), label=base) for base in bases}


def the_same(one: Trajectory, two: Trajectory, body: int) -> None:
    np.testing.assert_array_equal(one.states[:body], two.states[:body])
    np.testing.assert_array_equal(one.derived, two.derived)
    assert one.steps == two.steps


DOSES = {3.25: (0, 2.0), 9.5: (0, 1.0), 20.0: (1, 0.5)}


@CALM
@given(st.data(), st.sampled_from([1e-3, 1e-6, 1e-10]))
def test_no_bit_changes_between_units_that_differ_by_powers_of_two(
    toy: Model, data: st.DataObject, rtol: float
) -> None:
    factors = binary(data, BASES)
    the_same(lived(toy, factors, 48.0, DOSES, rtol), lived(toy, {}, 48.0, DOSES, rtol), 4)


@CALM
@given(st.data(), st.booleans())
def test_nor_from_a_state_of_rest(rest: Model, data: st.DataObject, dosed: bool) -> None:
    doses = {40.0: (0, 5.0), 60.0: (0, 5.0)} if dosed else {}
    factors = binary(data, ("mass", "length", "time"))
    the_same(lived(rest, factors, 96.0, doses, 1e-6), lived(rest, {}, 96.0, doses, 1e-6), 1)


@pytest.mark.parametrize("powers", [{"time": -12}, {"amount": 10, "cells": 20}, dict.fromkeys(BASES, 7)])
def test_no_bit_of_the_person_changes(person: Model, powers: dict[str, int]) -> None:
    doses = {6.0 * k + 1.0: (k % 6, 2.0) for k in range(20)}
    factors = {base: 2.0**power for base, power in powers.items()}
    one, two = lived(person, {}, 120.0, doses, 1e-6), lived(person, factors, 120.0, doses, 1e-6)
    the_same(one, two, len(person.network.states))


DECIMAL = [{"amount": 1e3}, {"time": 1 / 24}, {"amount": 1e-6, "time": 3600.0, "mass": 1e3, "cells": 1e-9}]


@pytest.mark.parametrize("factors", DECIMAL)
@pytest.mark.parametrize("name", ["toy", "person"])
def test_other_units_give_the_same_trajectory(
    name: str, factors: dict[str, float], request: pytest.FixtureRequest
) -> None:
    model: Model = request.getfixturevalue(name)
    one, two = (lived(model, each, 48.0, DOSES, 1e-10).states for each in ({}, factors))
    body = len(model.network.states)
    size = np.abs(one[:body]).max(axis=1, keepdims=True) + model.floors()[:, None, None]
    assert (np.abs(one[:body] - two[:body]) / size).max() < 1e-9
