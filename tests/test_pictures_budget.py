"""Budgets as text: what is understood, and what is refused with its place."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from gutskin.errors import InputError
from gutskin.pictures.budget import Budget, budget

POND: dict[str, Any] = {
    "title": "A pond", "element": "C", "unit": "mmol", "begins": 1, "ends": 3.5,
    "case": [{"label": "still"}, {"label": "stirred", "person": "frog", "plan": [{"treatment": "spoon"}]}],
    "pool": [{"name": "top", "holds": ["a", "b"]}, {"name": "mud", "label": "The mud", "holds": ["c"]}],
    "flow": [
        {"label": "rain", "to": "top", "by": ["rain"]},
        {"label": "settles", "from": "top", "to": "mud", "by": ["settle", "fall"]},
    ],
}  # fmt: skip


def changed(path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    made = copy.deepcopy(POND)
    place = made
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return made


def test_a_budget_is_understood() -> None:
    made = budget("pond", POND, "pond.toml")
    assert isinstance(made, Budget)
    assert (made.begins, made.ends, made.per, made.given, made.taken) == (1.0, 3.5, "", "given", "taken away")
    assert [(case.person, dict(case.lived)) for case in made.cases] == [
        ("", {}),
        ("frog", {"plan": [{"treatment": "spoon"}]}),
    ]
    assert [(pool.label, pool.holds) for pool in made.pools] == [("top", ("a", "b")), ("The mud", ("c",))]
    assert [(flow.source, flow.sink) for flow in made.flows] == [("", "top"), ("top", "mud")]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (changed(("colour",), 1), "colour"),
        (changed(("title",), ""), "title"),
        (changed(("begins",), "one"), "number"),
        (changed(("ends",), 0.5), "from day 1 to 0.5"),
        (changed(("begins",), -1), "from day -1"),
        (changed(("pool",), []), "pool"),
        (changed(("pool", 1, "name"), "top"), "two pools"),
        (changed(("pool", 0, "holds"), [1]), "names in quotes"),
        (changed(("pool", 0, "size"), 1), "size"),
        (changed(("case", 0, "label"), ""), "label"),
        (changed(("flow", 0, "to"), "tap"), "mud, top"),
        (changed(("flow", 1, "to"), "top"), "from 'top' to 'top'"),
        (changed(("flow", 1, "by"), "settle"), "list"),
        (changed(("flow",), [3]), "table"),
    ],
)
def test_what_is_not_understood(data: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError) as caught:
        budget("pond", data, "pond.toml")
    assert caught.value.code == "E441"
    assert said in str(caught.value)
    assert "pond.toml" in str(caught.value)
    assert caught.value.remedy
