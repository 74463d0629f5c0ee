"""Points of people: the same people as a draw's, whatever their kind, and nobody outside the spreads."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr

from gutskin.coordinates import Coordinates
from gutskin.model import Model
from gutskin.people import Person, read_person
from gutskin.population import WIDEST, draw

toys = runpy.run_path(str(Path(__file__).with_name("twin_toys.py")))


@pytest.fixture(scope="module")
def garden(tmp_path_factory: pytest.TempPathFactory) -> Model:
    model: Model = toys["garden"](
        tmp_path_factory.mktemp("garden"),
        numbers={"k_dry": (1.0, "1/h", '{ kind = "uniform", low = 0.5, high = 2.0 }')},
        people_dry='label = "Dry"\nabout = "Known."\n[set]\nrain = "7 ug/cm2/h"\n',
    )
    return model


@pytest.fixture(scope="module")
def people(garden: Model) -> tuple[Person, ...]:
    return tuple(read_person(n, garden.library / "people", site="bed") for n in ("meadow", "swamp", "dry"))


def test_drawn_points_are_the_people_of_a_draw(garden: Model, people: tuple[Person, ...]) -> None:
    """Each kind as the crowd would draw it; a uniform number beyond three sigmas is drawn in by 0.14 %."""
    coordinates = Coordinates(garden, people)
    points = coordinates.drawn(500, seed=4)
    assert points.shape == (coordinates.places.size, 500)
    for kind, person in enumerate(people):
        wanted = draw(garden, 500, like=person, seed=4)
        got = coordinates.constants(points, np.full(500, kind))
        names = list(coordinates.names)
        for k, name in enumerate(names):
            slack = 0.003 if name == "k_dry" else 1e-9
            np.testing.assert_allclose(got[k], wanted[k], rtol=slack, err_msg=name)


def test_people_of_several_kinds_side_by_side_are_who_they_are_alone(
    garden: Model, people: tuple[Person, ...]
) -> None:
    coordinates = Coordinates(garden, people)
    points, kinds = coordinates.drawn(60, seed=1), np.arange(60) % 3
    got = coordinates.constants(points, kinds)
    for kind in range(3):
        alone = coordinates.constants(points, np.full(60, kind))
        assert got[:, kinds == kind].tobytes() == alone[:, kinds == kind].tobytes()


def test_a_part_of_a_draw_is_the_same_people(garden: Model, people: tuple[Person, ...]) -> None:
    coordinates = Coordinates(garden, people)
    whole = coordinates.drawn(30, seed=9)
    np.testing.assert_array_equal(whole[:, 11:], coordinates.drawn(19, seed=9, first=11))
    assert not np.array_equal(whole, coordinates.drawn(30, seed=10))


def test_points_are_standard_normal_within_the_widest(garden: Model, people: tuple[Person, ...]) -> None:
    from scipy.stats import kstest

    points = Coordinates(garden, people).drawn(4000, seed=2)
    assert np.abs(points).max() <= WIDEST
    for row in points:
        assert kstest(row, "norm").pvalue > 1e-4
    away = np.corrcoef(points) - np.eye(len(points))
    assert np.abs(away).max() < 0.06


def test_what_a_kind_knows_exactly_does_not_move_with_its_coordinate(
    garden: Model, people: tuple[Person, ...]
) -> None:
    coordinates = Coordinates(garden, people)
    row = list(coordinates.names).index("rain")
    assert row in coordinates.places
    got = coordinates.constants(coordinates.drawn(9, seed=1), np.full(9, 2))
    assert (got[row] == 7.0).all()
    only = Coordinates(garden, people[2:])
    assert row not in only.places


@settings(max_examples=30)
@given(st.lists(st.floats(-WIDEST, WIDEST), min_size=5, max_size=5))
def test_constants_are_the_spreads_by_hand(
    garden: Model, people: tuple[Person, ...], point: list[float]
) -> None:
    coordinates = Coordinates(garden, people)
    named = dict(zip([coordinates.names[k] for k in coordinates.places], point, strict=True))
    got = dict(
        zip(
            coordinates.names,
            coordinates.constants(np.array(point)[:, None], np.zeros(1, int))[:, 0],
            strict=True,
        )
    )
    assert got["red_arrival"] == pytest.approx(50.0 * toys["GSD"] ** named["red_arrival"])
    assert got["rain"] == pytest.approx(10.0 + toys["SD"] * named["rain"])
    assert got["k_dry"] == pytest.approx(0.5 + 1.5 * ndtr(named["k_dry"]))
    assert got["k_leave"] == 0.5


def test_nobody_who_differs_has_no_coordinate(tmp_path: Path) -> None:
    helpers = runpy.run_path(str(Path(__file__).with_name("helpers.py")))
    model = helpers["chain"](tmp_path)
    coordinates = Coordinates(model, [Person("ada", "Ada")])
    points = coordinates.drawn(3, seed=1)
    assert points.shape == (0, 3)
    np.testing.assert_array_equal(coordinates.constants(points, np.zeros(3, int))[:, 0], model.constants())
