"""The contract: frozen, JSON-able, and with a digest that notices every change."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gutskin.model import load
from gutskin.network import VERSION, Constant, Event, Formula, Network, Quantity, Reaction, names_in

# Machines that run tests are often busy with other things.
CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

NAMES = ("a", "b", "k")
LEAVES = st.one_of(
    st.tuples(st.just("n"), st.sampled_from(NAMES)),
    st.tuples(st.just("c"), st.floats(allow_nan=False, allow_infinity=False)),
)
FORMULAS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.tuples(st.sampled_from(["add", "sub", "mul", "div", "pow", "max"]), inner, inner),
        st.tuples(st.sampled_from(["neg", "exp", "ln"]), inner),
        st.tuples(st.just("if"), st.tuples(st.just("lt"), inner, inner), inner, inner),
    ),
    max_leaves=12,
)


def small(rate: Formula = ("mul", ("n", "k"), ("n", "a"))) -> Network:
    return Network(
        "small",
        (
            Quantity("a", "species", "mmol", "A", "small", "place", "CH2O", 1.0),
            Quantity("b", "rate", "1", "B", "small", start=1 / 3),
            Quantity("c", "derived", "mmol", "C", "small"),
        ),
        (Constant("k", "small.k", "1/h"),),
        (Reaction("go", "small", (("a", -1 / 3),), rate),),
        (("b", ("neg", ("n", "b"))),),
        (("c", ("n", "a")),),
        events=(Event("turn", "small", ("n", "k"), True, (("b", rate), ("k", ("n", "k"))), "small.ant:3"),),
    )


@CALM
@given(FORMULAS)
def test_json_gives_back_an_equal_network_for_any_formula(rate: Formula) -> None:
    network = small(rate)
    again = Network.from_json(network.to_json())
    assert again == network
    assert again.digest == network.digest


def test_json_keeps_every_bit_of_a_coefficient() -> None:
    again = Network.from_json(small().to_json())
    assert again.reactions[0].stoichiometry == (("a", -1 / 3),)
    assert again.quantity("b").start == 1 / 3


def test_the_whole_person_survives_json() -> None:
    network = load("person").network
    assert Network.from_json(network.to_json()) == network


def test_json_of_another_version_is_refused() -> None:
    data = json.loads(small().to_json())
    data["version"] = VERSION + 1
    with pytest.raises(ValueError, match=f"expected {VERSION}"):
        Network.from_json(json.dumps(data))


def _changed(what: str) -> Network:
    network = small()
    quantity, reaction = network.quantities[0], network.reactions[0]
    changes: dict[str, dict[str, Any]] = {
        "a formula": {"reactions": (replace(reaction, rate=("n", "k")),)},
        "a literal": {"reactions": (replace(reaction, rate=("mul", reaction.rate, ("c", 2.0))),)},
        "a coefficient": {"reactions": (replace(reaction, stoichiometry=(("a", -0.3333),)),)},
        "a rate rule": {"rate_rules": (("b", ("n", "b")),)},
        "an assignment": {"assignments": (("c", ("n", "b")),)},
        "a unit": {"quantities": (replace(quantity, unit="umol"), *network.quantities[1:])},
        "a start": {"quantities": (replace(quantity, start=1.0 + 2**-52), *network.quantities[1:])},
        "a chemical formula": {"quantities": (replace(quantity, formula="CH4"), *network.quantities[1:])},
        "the unit of a constant": {"constants": (Constant("k", "small.k", "1/day"),)},
        "the row of a constant": {"constants": (Constant("k", "other.k", "1/h"),)},
        "the name": {"name": "other"},
        "an event": {"events": ()},
        "the time of an event": {"events": (replace(network.events[0], strict=False),)},
    }
    return replace(network, **changes[what])


@pytest.mark.parametrize(
    "what",
    ["a formula", "a literal", "a coefficient", "a rate rule", "an assignment", "a unit", "a start",
     "a chemical formula", "the unit of a constant", "the row of a constant", "the name",
     "an event", "the time of an event"],
)  # fmt: skip
def test_the_digest_notices(what: str) -> None:
    assert _changed(what).digest != small().digest


def test_the_digest_of_equal_networks_is_equal() -> None:
    assert small().digest == small().digest


def test_a_network_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        small().name = "other"  # type: ignore[misc]


def test_states_are_species_then_rules_and_derived_are_apart() -> None:
    assert small().states == ("a", "b")
    assert small().derived == ("c",)


def test_a_quantity_is_found_by_name_or_not_at_all() -> None:
    assert small().quantity("b").label == "B"
    with pytest.raises(KeyError, match="nobody"):
        small().quantity("nobody")


@CALM
@given(FORMULAS)
def test_names_of_a_formula_are_all_the_names_written_in_it(formula: Formula) -> None:
    written = json.dumps(formula)
    assert names_in(formula) == {name for name in NAMES if f'["n", "{name}"]' in written}
