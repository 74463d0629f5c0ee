"""Checks on an assembled network: one wrong coefficient or unit anywhere in the person is found."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gutskin.compile.check import balance_faults, check, imbalance, unit_faults
from gutskin.errors import LibraryErrors
from gutskin.model import load
from gutskin.network import Constant, Formula, Network, Quantity, Reaction, names_in

PERSON = load("person").network
CLOSED = [i for i, r in enumerate(PERSON.reactions) if not r.open_because]
RULES = (*PERSON.rate_rules, *PERSON.assignments)
USED = set().union(*(names_in(f) for f in (*(r.rate for r in PERSON.reactions), *(f for _, f in RULES))))


def with_reaction(network: Network, i: int, **changes: Any) -> Network:
    reactions = list(network.reactions)
    reactions[i] = replace(reactions[i], **changes)
    return replace(network, reactions=tuple(reactions))


def test_the_person_passes() -> None:
    check(PERSON)
    assert len(CLOSED) > 50


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(CLOSED), st.data())
def test_one_changed_coefficient_in_any_closed_reaction_is_found(i: int, data: st.DataObject) -> None:
    pairs = list(PERSON.reactions[i].stoichiometry)
    chemicals = {q.name for q in PERSON.quantities if q.formula}
    carrying = [k for k, (name, _) in enumerate(pairs) if name in chemicals and _carries(name)]
    k = data.draw(st.sampled_from(carrying))
    factor = data.draw(st.sampled_from([0.5, 0.99, 1.001, 2.0, -1.0]))
    pairs[k] = (pairs[k][0], pairs[k][1] * factor)
    faults = balance_faults(with_reaction(PERSON, i, stoichiometry=tuple(pairs)))
    assert [(f.code, f.where) for f in faults] == [("E114", PERSON.reactions[i].line)]
    assert PERSON.reactions[i].name in faults[0].message


def _carries(name: str) -> bool:
    """Whether a species holds anything that is counted: water-like species hold nothing."""
    alone = replace(PERSON, reactions=(Reaction("probe", "", ((name, 1.0),), ("c", 0.0)),))
    return bool(imbalance(alone)["probe"])


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(CLOSED))
def test_a_closed_reaction_listed_as_open_is_found(i: int) -> None:
    faults = balance_faults(with_reaction(PERSON, i, open_because="a reason"))
    assert [(f.code, f.where) for f in faults] == [("E115", PERSON.reactions[i].line)]


@settings(max_examples=15, deadline=None)
@given(
    st.sampled_from([c for c in PERSON.constants if c.name in USED]),
    st.sampled_from(["K", "kcal", "percent"]),
)
def test_one_constant_in_another_unit_is_found(constant: Constant, factor: str) -> None:
    unit = factor if constant.unit == "1" else f"{constant.unit}*{factor}"
    changed = tuple(replace(c, unit=unit) if c is constant else c for c in PERSON.constants)
    faults = unit_faults(replace(PERSON, constants=changed))
    assert faults
    assert {fault.code for fault in faults} == {"E113"}


def small(rate: Formula = ("mul", ("n", "k"), ("n", "a")), **units: str) -> Network:
    kinds = {"a": "species", "b": "species", "air": "boundary", "s": "rate", "d": "derived"}
    unit = {"a": "mmol", "b": "mmol", "air": "mmol", "s": "1", "d": "mmol/L", "k": "1/h", "v": "L", **units}
    formula = {"species": "CH2O", "boundary": "O2"}
    quantities = tuple(
        Quantity(n, kind, unit[n], n, "pond", formula=formula.get(kind, ""), start=1.0, line=f"pond.ant:{n}")
        for n, kind in kinds.items()
    )
    return Network(
        "pond", quantities, tuple(Constant(n, f"pond.{n}", unit[n]) for n in ("k", "v")),
        (Reaction("go", "pond", (("a", -1.0), ("b", 1.0)), rate, "pond.ant:go"),),
        (("s", ("mul", ("n", "k"), ("n", "s"))),), (("d", ("div", ("n", "a"), ("n", "v"))),),
    )  # fmt: skip


def faults_of(network: Network) -> set[tuple[str, str]]:
    with pytest.raises(LibraryErrors) as caught:
        check(network)
    return {(fault.code, fault.where) for fault in caught.value.faults}


def test_a_small_network_passes() -> None:
    check(small())


@pytest.mark.parametrize(
    ("units", "expected"),
    [
        ({"k": "1/day"}, {("E113", "pond.ant:go"), ("E113", "pond.ant:s")}),
        ({"v": "mL"}, {("E113", "pond.ant:d")}),
        ({"d": "mmol"}, {("E113", "pond.ant:d")}),
        ({"a": "g"}, {("E113", "pond.ant:a"), ("E113", "pond.ant:go"), ("E113", "pond.ant:d")}),
        ({"v": "Litre"}, {("E136", "pond.v")}),
    ],
)  # fmt: skip
def test_a_wrong_unit_is_found_where_it_matters(
    units: dict[str, str], expected: set[tuple[str, str]]
) -> None:
    assert faults_of(small(**units)) == expected


@pytest.mark.parametrize("number", [1.0, 2.0, -2.0])
def test_a_bare_number_is_no_rate(number: float) -> None:
    assert faults_of(small(("c", number))) == {("E113", "pond.ant:go")}


def test_nothing_has_any_unit() -> None:
    check(small(("c", 0.0)))


@pytest.mark.parametrize("name", ["nobody", "air"])
def test_a_name_without_a_value_is_no_part_of_a_formula(name: str) -> None:
    rate = ("mul", ("mul", ("n", "k"), ("n", "a")), ("div", ("n", name), ("n", name)))
    assert faults_of(small(rate)) == {("E109", "pond.ant:go")}


def test_imbalance_counts_the_unlimited_only_on_request() -> None:
    network = with_reaction(small(), 0, stoichiometry=(("a", -1.0), ("b", 1.0), ("air", -1.0)))
    assert imbalance(network) == {"go": {"electrons": 4.0}}
    assert imbalance(network, states_only=True) == {"go": {}}
    burnt = with_reaction(small(), 0, stoichiometry=(("a", -1.0), ("air", -1.0)))
    assert imbalance(burnt) == {"go": {"C": -1.0}}
