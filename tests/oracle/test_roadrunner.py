"""An independent simulator gives the same answer: SBML export run by libroadrunner against our engine."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from gutskin.compile.events import event_faults
from gutskin.compile.export import faults, to_sbml
from gutskin.compile.source import build_kernel
from gutskin.engine import events
from gutskin.engine.fast import solve_lanes
from gutskin.engine.outcome import Options
from gutskin.engine.solve import solve
from gutskin.model import load
from gutskin.network import Constant, Event, Formula, Network, Quantity, Reaction

roadrunner = pytest.importorskip("roadrunner", reason="libroadrunner is not installed")

# Both solvers run far below the tolerance of the comparison, so that what is left is not theirs.
TIGHT = Options(rtol=1e-10, floor_share=1e-3)


def oracle(xml: str, names: tuple[str, ...], times: Any, absolute: float) -> Any:
    runner = roadrunner.RoadRunner(xml)
    runner.integrator.relative_tolerance = 1e-10
    runner.integrator.absolute_tolerance = absolute
    runner.integrator.maximum_num_steps = 200_000
    runner.timeCourseSelections = list(names)
    return np.array(runner.simulate(times=times.tolist())).T


def test_ten_days_of_the_whole_person_agree() -> None:
    model = load("person")
    times = np.array([0.0, 1.0, 6.0, 24.0, 72.0, 240.0])
    names = (*model.network.states, *model.kernel.derived)
    xml = to_sbml(model.network, model.start(), model.constants())
    theirs = oracle(xml, names, times, 1e-14)
    size, more = len(model.network.states), len(model.kernel.tallies)
    start, floors = (
        np.append(model.start(), np.zeros(more))[:, None],
        np.append(model.floors(), np.ones(more)),
    )
    own, plans = model.constants()[:, None], [events.with_events(model.kernel, model.constants(), (), 0.0)]
    run = solve_lanes(model.kernel, start, own, floors, times, plans, TIGHT, raw=True)
    told = solve(model.kernel, start, own, floors, times, options=TIGHT)
    assert not run.failures
    assert not told.failures
    # what is below its floor is told as 0, and nothing else differs from what is compared here
    shown = np.where(np.abs(run.states) < floors[:, None, None], 0.0, run.states)
    np.testing.assert_array_equal(told.states[:size], shown[:size])
    ours, floors = np.vstack([run.states[:size, :, 0], run.derived[:, :, 0]]), floors[:size]
    # below its floor a state means nothing; a difference from the usual that passes through 0 is compared by
    # its own largest size
    largest = np.abs(theirs[size:]).max(axis=1, keepdims=True) * np.ones_like(times)
    scale = np.vstack([np.abs(theirs[:size]) + floors[:, None], np.where(largest, largest, 1.0)])
    apart = np.abs(ours - theirs) / scale
    worst = np.unravel_index(np.argmax(apart), apart.shape)
    assert apart.max() <= 1e-6, (names[worst[0]], times[worst[1]], apart.max())


def n(name: str) -> Formula:
    return ("n", name)


def drawn(seed: int) -> tuple[Network, list[float], list[float]]:
    """Return a random network: mass action, saturation, inhibition, and a signal."""
    pick = random.Random(seed)
    count = pick.randint(2, 6)
    species = [f"s{i}" for i in range(count)]
    constants: dict[str, tuple[float, str]] = {"half": (pick.uniform(0.2, 2.0), "mmol"), "hill": (2.7, "1")}
    reactions = []
    for j in range(pick.randint(count, 2 * count)):
        k, left = f"k{j}", pick.choice(species)
        right = pick.choice([None, *(name for name in species if name != left)])
        constants[k] = (pick.uniform(0.05, 1.5), "1/h")
        first = ("mul", n(k), n(left))
        other = n(pick.choice(species))
        rate = pick.choice([
            first,
            ("div", ("mul", first, n("half")), ("add", n("half"), n(left))),
            ("div", first, ("add", ("c", 1.0), ("pow", ("div", other, n("half")), n("hill")))),
            ("mul", first, ("exp", ("neg", ("div", other, n("half"))))),
            ("mul", first, ("add", ("c", 1.0), n("signal"))),
            ("mul", first, n("fraction")),
        ])  # fmt: skip
        made = [(right, float(pick.choice([1, 0.5, 0.25])))] if right else []
        reactions.append(Reaction(f"go{j}", "toy", ((left, -1.0), *made), rate, open_because="a test"))
    constants["inflow"] = (pick.uniform(0.1, 1.0), "mmol/h")
    for name in species:  # none runs out: a power of a rounding error below 0 stops the other solver
        reactions.append(Reaction(f"enter_{name}", "toy", ((name, 1.0),), n("inflow"), open_because="a test"))
    constants["k_signal"] = (0.3, "1/h")
    total: Formula = n(species[0])
    for name in species[1:]:
        total = ("add", total, n(name))
    share = ("div", n(species[0]), total)
    quantities = (
        *(Quantity(s, "species", "mmol", s, "toy", "place", "CH2O", pick.uniform(0.5, 3.0)) for s in species),
        Quantity("signal", "rate", "1", "Signal", "toy", start=0.1),
        Quantity("fraction", "derived", "1", "F", "toy"),
    )
    rules = (
        (
            "signal",
            ("mul", n("k_signal"), ("sub", ("log10", ("add", ("c", 1.0), n("fraction"))), n("signal"))),
        ),
    )
    kept = tuple(Constant(name, f"toy.{name}", unit) for name, (_, unit) in constants.items())
    network = Network("toy", quantities, kept, tuple(reactions), rules, (("fraction", share),))
    return network, [q.start or 0.0 for q in quantities[:-1]], [value for value, _ in constants.values()]


def with_events(seed: int) -> tuple[Network, list[float], list[float]]:
    """Return a random network with events at a few times, so that many are due together."""
    network, start, values = drawn(seed)
    pick, events = random.Random(1000 + seed), []
    more = {f"t{i}": (pick.uniform(0.1, 40.0), "h") for i in range(3)}
    more |= {"dose": (pick.uniform(0.5, 3.0), "mmol"), "share": (pick.uniform(0.1, 0.9), "1")}
    rates = [c.name for c in network.constants if c.unit == "1/h"]
    for i in range(7):
        made: dict[str, Formula] = {}
        for name in pick.sample(network.states, k=2):
            factor = n("share") if name == "signal" or pick.random() < 0.5 else ("c", 2.0)
            scaled = pick.choice([("mul", n(name), factor), ("div", ("mul", factor, n(name)), ("c", 2.0))])
            raised = ("add", n("dose"), scaled)
            made[name] = scaled if name == "signal" else pick.choice([scaled, raised, n("dose")])
        rate = pick.choice(rates)
        made[rate] = ("mul", n(rate), ("add", ("div", ("c", 1.0), ("c", 2.0)), n("share")))
        made["dose"] = ("mul", n("dose"), ("sub", ("c", 2.0), n("share")))
        when = ("add", n(f"t{i % 3}"), n("t0")) if i > 4 else n(f"t{i % 3}")
        events.append(Event(f"event{i}", "toy", when, pick.random() < 0.5, tuple(made.items())))
    kept = (*network.constants, *(Constant(name, f"toy.{name}", unit) for name, (_, unit) in more.items()))
    network = replace(network, constants=kept, events=tuple(events))
    return network, start, [*values, *(value for value, _ in more.values())]


@pytest.mark.parametrize("seed", range(8))
def test_random_small_networks_with_events_agree(seed: int) -> None:
    """What is due together happens in one order here, and in the order of priorities there."""
    network, start, constants = with_events(seed)
    assert event_faults(network) == []
    xml = to_sbml(network, start, constants)
    assert faults(xml) == []
    times = np.array([0.0, 0.05, 11.3, 27.9, 60.0, 90.0])
    theirs = oracle(xml, (*network.states, "fraction"), times, 1e-14)
    begin, values, floors = np.array(start)[:, None], np.array(constants)[:, None], np.full(len(start), 1e-9)
    run = solve(build_kernel(network), begin, values, floors, times, options=TIGHT)
    assert not run.failures
    ours = np.vstack([run.states[: len(start), :, 0], run.derived[:, :, 0]])
    largest = np.abs(theirs).max(axis=1, keepdims=True)
    assert (np.abs(ours - theirs) / largest).max() <= 1e-7


@pytest.mark.parametrize("seed", range(8))
def test_random_small_networks_agree(seed: int) -> None:
    network, start, constants = drawn(seed)
    xml = to_sbml(network, start, constants)
    assert faults(xml) == []
    times = np.array([0.0, 0.5, 2.0, 10.0, 50.0])
    theirs = oracle(xml, (*network.states, "fraction"), times, 1e-14)
    kernel = build_kernel(network)
    begin, values, floors = np.array(start)[:, None], np.array(constants)[:, None], np.full(len(start), 1e-9)
    run = solve(kernel, begin, values, floors, times, options=TIGHT)
    assert not run.failures
    ours = np.vstack([run.states[: len(start), :, 0], run.derived[:, :, 0]])
    assert np.abs(ours - theirs).max() <= 1e-6 * np.abs(theirs).max()
    assert np.allclose(ours, theirs, rtol=1e-6, atol=1e-8)
