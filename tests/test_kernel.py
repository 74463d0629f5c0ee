"""Compiled functions: floats, arrays and the formulas as written agree; the Jacobian is the derivative."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gutskin.engine.outcome import Options, Stop
from gutskin.engine.solve import solve
from gutskin.model import Model, load
from gutskin.network import Formula

LONG = np.longdouble  # 64 bits of fraction: its rounding is far below what is compared


@pytest.fixture(scope="module")
def person() -> Model:
    return load("person")


class Direct:
    """Evaluates the formulas of a network on columns of long floats, as they are written."""

    def __init__(self, model: Model, states: Any, constants: Any) -> None:
        network = model.network
        self.values: dict[str, Any] = {}
        for name, row in zip(network.states, np.asarray(states, LONG), strict=True):
            self.values[name] = row
        for each, value in zip(network.constants, np.asarray(constants, LONG), strict=True):
            self.values[each.name] = value
        for name, formula in network.assignments:
            self.values[name] = self.of(formula)
        self.rates = dict.fromkeys(network.states, np.zeros(np.shape(states)[1], LONG))
        self.turnover = dict(self.rates)
        for reaction in network.reactions:
            rate = self.of(reaction.rate)
            for name, number in reaction.stoichiometry:
                if name in self.rates:
                    self.rates[name] = self.rates[name] + LONG(number) * rate
                    self.turnover[name] = self.turnover[name] + abs(number * rate)
        for name, formula in network.rate_rules:
            self.rates[name] = self.of(formula)
            self.turnover[name] = abs(self.rates[name]) + abs(self.values[name]) + 1

    def of(self, formula: Formula) -> Any:
        op, *parts = formula
        if op == "c":
            return LONG(parts[0])
        if op == "n":
            return self.values[parts[0]]
        got = [self.of(part) for part in parts]
        known: dict[str, Any] = {
            "add": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.divide, "pow": np.power,
            "neg": np.negative, "exp": np.exp, "ln": np.log, "log10": np.log10, "abs": np.abs,
            "max": np.maximum, "min": np.minimum, "if": np.where, "lt": np.less, "le": np.less_equal,
            "gt": np.greater, "ge": np.greater_equal, "and": np.logical_and, "or": np.logical_or,
        }  # fmt: skip
        return known[op](*got)


def near_start(model: Model, seed: int) -> tuple[Any, Any]:
    """Return states and constants around those of the library, all positive where they were."""
    random = np.random.default_rng(seed)
    states, constants = model.start(), model.constants()
    return states * random.uniform(0.5, 2.0, states.size), constants * random.uniform(
        0.9, 1.1, constants.size
    )


def padded(model: Model, states: Any) -> list[float]:
    return [*np.asarray(states, float).tolist(), *[0.0] * len(model.kernel.tallies)]


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_scalar_rates_are_the_formulas_as_written(person: Model, seed: int) -> None:
    states, constants = near_start(person, seed)
    direct = Direct(person, states[:, None], constants)
    functions = person.kernel.scalar
    q = functions.prepare(constants.tolist())
    got = functions.rates(padded(person, states), q)[: states.size]
    expected, turnover = (np.array([each[name][0] for name in person.network.states], float)
                          for each in (direct.rates, direct.turnover))  # fmt: skip
    assert np.all(np.abs(np.array(got) - expected) <= 1e-11 * turnover + 1e-300)
    observed = functions.observe(padded(person, states), q)
    wanted = [float(np.ravel(direct.values[name])[0]) for name in person.kernel.derived]
    assert observed == pytest.approx(wanted, rel=1e-9)


def test_one_person_is_a_member_of_many(person: Model) -> None:
    crowd = [near_start(person, seed) for seed in range(5)]
    states = np.array([padded(person, s) for s, _ in crowd]).T
    constants = np.array([c for _, c in crowd]).T
    vector, scalar = person.kernel.vector, person.kernel.scalar
    q = vector.prepare(constants)
    rates, derived = vector.rates(states, q), vector.observe(states, q)
    slopes = vector.jacobian(states, q, np.zeros((len(states), len(states), 5)))
    turnover = Direct(person, states[: len(person.network.states)], constants.reshape(-1, 5)).turnover
    sizes = [*(np.asarray(turnover[name], float) for name in person.network.states)]
    for k in range(5):
        own = scalar.prepare(constants[:, k].tolist())
        one = scalar.rates(states[:, k].tolist(), own)
        for i, size in enumerate(sizes):
            assert abs(np.broadcast_to(rates[i], 5)[k] - one[i]) <= 1e-12 * size[k]
        alone = scalar.observe(states[:, k].tolist(), own)
        assert [np.broadcast_to(d, 5)[k] for d in derived] == pytest.approx(alone, rel=1e-9)
        expected = scalar.jacobian(states[:, k].tolist(), own, np.zeros(slopes.shape[:2]))
        assert np.allclose(
            slopes[:, :, k], expected, rtol=1e-8, atol=1e-10 * np.abs(expected).max(axis=1)[:, None]
        )


def test_order_of_people_does_not_matter(person: Model) -> None:
    crowd = [near_start(person, seed) for seed in range(4)]
    states = np.array([padded(person, s) for s, _ in crowd]).T
    constants = np.array([c for _, c in crowd]).T
    vector, order = person.kernel.vector, [2, 0, 3, 1]
    here = np.array(np.broadcast_arrays(*vector.rates(states, vector.prepare(constants)), states[0])[:-1])
    there = vector.rates(states[:, order], vector.prepare(constants[:, order]))
    assert np.array_equal(here[:, order], np.array(np.broadcast_arrays(*there, states[0])[:-1]))


def test_the_jacobian_of_the_whole_person_is_the_derivative(person: Model) -> None:
    """Central differences in long floats: a step of 1e-6 of a state leaves an error of about 1e-12.

    A little beside the start: signals of exactly 1 stand on the kink of ``max(x - 1, 0)``.
    """
    aside = np.random.default_rng(1).uniform(0.98, 1.02, person.start().size)
    states, constants = person.start() * aside, person.constants()
    size = states.size
    step = np.maximum(np.abs(states), 1e-6) * 1e-6
    up, down = (states[:, None] + sign * np.diag(step) for sign in (1, -1))
    both = Direct(person, np.concatenate([up, down], axis=1), constants)
    rates = np.array([np.broadcast_to(both.rates[name], 2 * size) for name in person.network.states])
    expected = ((rates[:, :size] - rates[:, size:]) / (2 * step)).astype(float)
    functions = person.kernel.scalar
    total = len(person.kernel.states)
    got = functions.jacobian(
        padded(person, states), functions.prepare(constants.tolist()), np.zeros((total, total))
    )
    got = got[:size, :size]
    # compare how much a state's own size moves each rate, against the largest such share of that rate
    shares = np.abs(expected) * np.maximum(np.abs(states), 1e-6)
    tolerance = 1e-7 * np.abs(expected) + 1e-8 * shares.max(axis=1)[:, None] / np.maximum(
        np.abs(states), 1e-6
    )
    wrong = np.argwhere(np.abs(got - expected) > tolerance + 1e-30)
    assert not len(wrong), [(person.network.states[i], person.network.states[j]) for i, j in wrong[:5]]
    assert np.count_nonzero(got) > 5 * size


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_what_is_inside_and_what_crossed_the_border_change_by_the_same(person: Model, seed: int) -> None:
    kernel = person.kernel
    states, constants = near_start(person, seed)
    rates = np.array(kernel.scalar.rates(padded(person, states), kernel.scalar.prepare(constants.tolist())))
    for k, content in enumerate(kernel.content):
        parts = np.array(content) * rates
        tally = rates[len(states) + k]
        assert abs(parts.sum() + tally) <= 1e-12 * (np.abs(parts).sum() + abs(tally))


def test_content_and_tally_stay_constant_over_days_with_doses_and_washes(person: Model) -> None:
    kernel, states = person.kernel, person.start()
    heaviest = int(np.argmax(np.array(kernel.content[0])[: states.size] * states))
    plan = [Stop(24.0, add=((heaviest, 50.0),)), Stop(50.0, scale=((heaviest, 0.5),))]
    times = np.linspace(0.0, 96.0, 9)
    run = solve(kernel, states[:, None], person.constants()[:, None], person.floors(), times, [plan],
                Options(rtol=1e-8))  # fmt: skip
    assert not run.failures
    first = len(person.network.states)
    for k, content in enumerate(kernel.content):
        total = np.array(content) @ run.states[:, :, 0] + run.states[first + k, :, 0]
        assert np.ptp(total) <= 1e-6 * np.abs(total).max()


def test_tallies_count_carbon_nitrogen_and_sulphur_that_cross(person: Model) -> None:
    kernel = person.kernel
    assert kernel.states == (*person.network.states, *kernel.tallies)
    assert "tally_C" in kernel.tallies
    assert set(kernel.tallies) <= {"tally_C", "tally_N", "tally_S"}
    assert len(kernel.content) == len(kernel.tallies)


@pytest.mark.parametrize("kind", ["scalar", "vector"])
@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [("power", (2.0, 3.0), 8.0), ("power", (0.0, 2.5), 0.0), ("exp", (1e9,), np.exp(700.0)),
     ("ln", (0.0,), np.log(1e-300)), ("select", (True, 1.0, 2.0), 1.0), ("select", (False, 1.0, 2.0), 2.0)],
)  # fmt: skip
def test_functions_are_safe_at_the_border_of_their_domain(
    person: Model, kind: str, name: str, arguments: tuple[float, ...], expected: float
) -> None:
    functions = getattr(person.kernel, kind).rates.__globals__
    assert float(functions[name](*arguments)) == pytest.approx(expected, rel=1e-14, abs=1e-300)
