"""Which way an element goes follows from stoichiometry and formulas, and a budget must tell all of it."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from gutskin.errors import InputError
from gutskin.model import Model, load
from gutskin.paths import LIBRARY
from gutskin.pictures import Budget, read_picture
from gutskin.pictures.budget import Flow, Pool
from gutskin.pictures.ways import contents, told, ways


@pytest.fixture(scope="module")
def model() -> Model:
    return load()


@pytest.fixture(scope="module")
def budget() -> Budget:
    found = read_picture("nitrogen_day", LIBRARY / "pictures")
    assert isinstance(found, Budget)
    return found


def test_contents_are_those_of_the_formulas(model: Model, budget: Budget) -> None:
    found = contents(model.network, budget)
    assert found["skin_film_urea"] == ("urea", 2.0)
    assert found["skin_film_aob"] == ("cells", 0.2)
    assert set(found) == {name for pool in budget.pools for name in pool.holds}


def test_a_reaction_carries_what_its_stoichiometry_says(model: Model, budget: Budget) -> None:
    found = ways(model.network, budget)
    assert found["skin_film_split_urea"] == {("urea", "ammonium"): 2.0}
    # 9 ammonium => 10 cells of 0.2 N + 7 nitrite; 3 nitrite => 2 nitric oxide, outside, + nitrate
    built = {("ammonium", "nitrite"): 7.0, ("ammonium", "cells"): 2.0}
    assert found["skin_film_fix_carbon"] == pytest.approx(built)
    assert found["skin_film_disproportionate"] == pytest.approx(
        {("nitrite", ""): 2.0, ("nitrite", "nitrate"): 1.0}
    )
    assert found["skin_film_free_histidine"] == {("", "ammonium"): 1.0}
    assert all(name.startswith("skin_film_") for name in found)


def test_every_reaction_of_the_pools_is_told(model: Model, budget: Budget) -> None:
    assert told(model.network, budget) == ways(model.network, budget)


def test_nothing_is_carried_inside_a_pool(model: Model, budget: Budget) -> None:
    holds = tuple(name for pool in budget.pools for name in pool.holds)
    found = ways(model.network, replace(budget, pools=(Pool("all", "all", holds),)))
    assert "skin_film_split_urea" not in found
    assert found["skin_film_disproportionate"] == pytest.approx({("all", ""): 2.0})


def without(budget: Budget, label: str) -> Budget:
    return replace(budget, flows=tuple(each for each in budget.flows if each.label != label))


def wrong(budget: Budget) -> dict[str, tuple[Budget, str, str]]:
    pool, flow = budget.pools[0], budget.flows[0]
    misspelt = replace(pool, holds=("skin_film_urae",))
    empty = replace(pool, holds=("skin_film_lactate",))
    back = replace(flow, source=flow.sink, sink="")
    return {
        "species": (replace(budget, pools=(misspelt,)), "E460", "skin_film_urea"),
        "element": (replace(budget, pools=(*budget.pools, empty)), "E460", "holds no N"),
        "twice": (replace(budget, pools=(*budget.pools, pool)), "E460", "two pools"),
        "reaction": (
            replace(budget, flows=(Flow("x", "", "urea", ("skin_film_swet_urea",)),)),
            "E460",
            "sweat",
        ),
        "left out": (without(budget, "growth"), "E461", "no flow tells what skin_film_fix_carbon"),
        "doubled": (replace(budget, flows=(*budget.flows, flow)), "E461", "two flows"),
        "backwards": (replace(budget, flows=(back,)), "E462", "from outside to Urea"),
        "elsewhere": (replace(budget, flows=(replace(flow, by=("eat_nothing",)),)), "E460", "no reaction"),
    }


@pytest.mark.parametrize(
    "what", ["species", "element", "twice", "reaction", "left out", "doubled", "backwards", "elsewhere"]
)
def test_what_is_not_told_or_not_there_is_refused(what: str, model: Model, budget: Budget) -> None:
    made, code, said = wrong(budget)[what]
    with pytest.raises(InputError, match=re.escape(said)) as caught:
        told(model.network, made)
    assert caught.value.code == code
    assert budget.name in caught.value.where
    assert caught.value.remedy
