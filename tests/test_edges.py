"""Coupling edges: named routes and the constant that cuts each."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gutskin.edges import Edge, read_edges
from gutskin.errors import LibraryError
from gutskin.model import Model, load
from gutskin.paths import LIBRARY

GOOD = """
[sugar_alarm]
label = "sugar raises the alarm"
from = "gut"
to = "skin"
cut = { constant = "k_rise", to = 0 }
source = "pond_1999"
note = "by eye"
"""


def library(tmp_path: Path, text: str) -> Path:
    (tmp_path / "edges.toml").write_text(text)
    return tmp_path


def test_an_edge_is_read_with_all_it_has(tmp_path: Path) -> None:
    (edge,) = read_edges(library(tmp_path, GOOD))
    assert edge == Edge(
        "sugar_alarm", "sugar raises the alarm", "gut", "skin", "k_rise", 0.0, "pond_1999", "by eye"
    )


def test_edges_keep_the_order_in_which_they_are_written(tmp_path: Path) -> None:
    text = GOOD + GOOD.replace("sugar_alarm", "another") + GOOD.replace("sugar_alarm", "a_third")
    assert [edge.name for edge in read_edges(library(tmp_path, text))] == [
        "sugar_alarm",
        "another",
        "a_third",
    ]


def test_a_library_without_edges_has_none(tmp_path: Path) -> None:
    assert read_edges(tmp_path) == ()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('label = "sugar raises the alarm"', "", "label missing"), ('from = "gut"', "", "from missing"),
        ('source = "pond_1999"', "", "source missing"), ('note = "by eye"', 'noet = "by eye"', "'noet'"),
        (", to = 0", "", "cut needs"), ("to = 0", "to = true", "cut needs"),
        ("to = 0", "to = nan", "cut needs"),
        ('cut = { constant = "k_rise", to = 0 }', 'cut = "k_rise"', "cut needs"),
    ],
)  # fmt: skip
def test_an_ill_formed_edge_is_refused_with_its_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert GOOD.count(old) == 1
    with pytest.raises(LibraryError, match="E237") as caught:
        read_edges(library(tmp_path, GOOD.replace(old, new)))
    assert said in caught.value.message
    assert caught.value.where == "edges.toml:2"


@pytest.fixture(scope="module")
def person() -> Model:
    return load("person")


def test_edges_of_the_library_go_between_the_three_parts_and_diet() -> None:
    ends = {end for edge in read_edges(LIBRARY) for end in (edge.origin, edge.target)}
    assert {"gut", "axis", "skin"} <= ends <= {"diet", "gut", "axis", "skin"}
    assert len({edge.constant for edge in read_edges(LIBRARY)}) == len(read_edges(LIBRARY))


@pytest.mark.parametrize("edge", read_edges(LIBRARY), ids=lambda edge: edge.name)
def test_cutting_an_edge_changes_what_some_state_does_when_the_person_is_not_at_ease(
    person: Model, edge: Edge
) -> None:
    """Away from health and the usual diet: effects are given as deviations from the usual."""
    usual = person.constants()
    k = [c.name for c in person.network.constants].index(edge.constant)
    assert usual[k] != edge.silent, "the edge is cut in the ledger already"
    functions = person.kernel.scalar

    def rates(states: list[float], constants: np.ndarray) -> list[float]:
        return list(functions.rates(states, functions.prepare(constants.tolist())))

    for seed in range(3):  # what stands inside a max() may be clipped in one of them
        random = np.random.default_rng(seed)
        states = (person.start() * random.uniform(1.3, 3.0, person.start().size)).tolist()
        states += [0.0] * len(person.kernel.tallies)
        constants = np.where(usual == 0, 1.0, usual * random.uniform(1.1, 1.5, usual.size))
        whole = rates(states, constants)
        constants[k] = edge.silent
        if rates(states, constants) != whole:
            return
    pytest.fail("nothing changes")
