"""Virtual people are the same whatever the size, part or order of the draw, and have the ledger's spreads."""

from __future__ import annotations

import hashlib
import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from gutskin.errors import InputError
from gutskin.ledger import Spread
from gutskin.model import load
from gutskin.people import Person
from gutskin.population import draw, quantile, uniform
from gutskin.sites import Site


@pytest.fixture(scope="module")
def model():
    return load()


def test_a_person_does_not_depend_on_how_many_are_drawn_or_in_what_parts(model):
    crowd = draw(model, 50, seed=3)
    assert np.array_equal(draw(model, 20, seed=3), crowd[:, :20])
    assert np.array_equal(draw(model, 10, seed=3, first=40), crowd[:, 40:])


@given(first=some.integers(0, 3000), count=some.integers(1, 300), seed=some.integers(0, 2**40))
def test_a_part_has_the_numbers_of_one_long_row(first, count, seed):
    key = int.from_bytes(hashlib.sha256(f"{seed}\0a name".encode()).digest()[:16], "little")
    row = np.random.Generator(np.random.Philox(key=key)).random(first + count)
    assert uniform(seed, "a name", first, count).tobytes() == row[first:].tobytes()


def test_a_late_part_costs_no_more_than_an_early_one():
    """A row of 1e12 numbers would take hours and 8 TB."""
    began = time.process_time()
    late = uniform(1, "a name", 10**12 + 3, 128)
    assert time.process_time() - began < 1.0
    assert np.array_equal(late[5:], uniform(1, "a name", 10**12 + 8, 123))


def test_another_seed_gives_other_people(model):
    assert not np.array_equal(draw(model, 5, seed=1), draw(model, 5, seed=2))


def test_spreads_are_those_of_the_ledger(model):
    crowd = draw(model, 4000, seed=1)
    for k, constant in enumerate(model.network.constants):
        row = model.ledger.rows[constant.row]
        if row.spread.kind == "fixed":
            assert np.all(crowd[k] == row.value)
        elif row.spread.kind == "lognormal":
            logs = np.log(crowd[k] / row.value)
            assert abs(np.median(logs)) < 0.1 * np.log(row.spread.gsd)
            assert logs.std() == pytest.approx(np.log(row.spread.gsd), rel=0.06)
        elif row.spread.kind in ("uniform", "loguniform"):
            assert crowd[k].min() >= row.spread.low
            assert crowd[k].max() <= row.spread.high


def test_two_constants_are_drawn_independently(model):
    crowd = draw(model, 4000, seed=1)
    spreads = [model.ledger.rows[c.row].spread.kind for c in model.network.constants]
    moving = [row for row, kind in zip(crowd, spreads, strict=True) if kind != "fixed"][:12]
    assert np.abs(np.corrcoef(moving) - np.eye(len(moving))).max() < 0.08


def test_what_is_known_of_a_person_is_not_drawn(model):
    name = next(
        c.name for c in model.network.constants if model.ledger.rows[c.row].spread.kind == "lognormal"
    )
    row = model.row(name)
    like = Person("x", "x", layers={"preset": {name: (2 * row.value, row.unit)}})
    k = [c.name for c in model.network.constants].index(name)
    assert np.all(draw(model, 30, like=like)[k] == 2 * row.value)


def lognormal(model):
    return next(c.name for c in model.network.constants if model.row(c.name).spread.kind == "lognormal")


SPREADS = [
    Spread("lognormal", gsd=1.2), Spread("normal", sd=0.1), Spread("uniform", low=4.0, high=5.0),
    Spread("loguniform", low=4.0, high=5.0), Spread("fixed"),
]  # fmt: skip


@pytest.mark.parametrize("spread", SPREADS, ids=lambda spread: spread.kind)
def test_a_number_with_a_spread_of_its_own_is_drawn_from_that(model, spread):
    name = lognormal(model)
    own = replace(model.row(name), value=4.4, spread=spread)
    like = Person("x", "x").at(Site("there", "There", rows={name: own}))
    k = [c.name for c in model.network.constants].index(name)
    found, ledger = draw(model, 500, like=like, seed=4), draw(model, 500, seed=4)
    assert np.array_equal(found[k], quantile(own, 4.4, uniform(4, name, 0, 500)))
    assert (len(set(found[k])) == 1) == (spread.kind == "fixed")
    assert np.array_equal(np.delete(found, k, axis=0), np.delete(ledger, k, axis=0)), (
        "others are as they were"
    )


def test_the_same_person_is_high_here_and_there(model):
    """A site shifts a number; who is above the middle stays above the middle."""
    name = lognormal(model)
    own = replace(model.row(name), value=7.0 * model.row(name).value)
    like = Person("x", "x").at(Site("there", "There", rows={name: own}))
    k = [c.name for c in model.network.constants].index(name)
    np.testing.assert_allclose(draw(model, 40, like=like)[k], 7.0 * draw(model, 40)[k], rtol=1e-12)


def test_no_people_is_refused(model):
    with pytest.raises(InputError, match="E266"):
        draw(model, 0)
