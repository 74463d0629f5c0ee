"""Drawn numbers: against a formula for a pool whose everyday size is inflow over loss."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pytest

from gutskin.claims.draws import alike, live, single, variants
from gutskin.evidence.conduct import key_of
from gutskin.evidence.read import read_case
from gutskin.model import Model
from gutskin.population import draw, quantile, uniform

claims = runpy.run_path(str(Path(__file__).parent / "fixtures" / "claims_pool.py"))
DRAWS = 7


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return claims["library"](tmp_path_factory.mktemp("draws"))


def case(model: Model, study: str) -> object:
    return read_case(model.library / "evidence" / study / "case.toml", model.library)


def drawn(model: Model, name: str) -> np.ndarray:
    """Return what the ledger's spread gives a constant in every draw."""
    names = [each.name for each in model.network.constants]
    return draw(model, DRAWS)[names.index(name)]


def ends(model: Model, study: str, arm: str) -> np.ndarray:
    """Return the pool at the end of an arm in every draw, and check that others do not matter."""
    found = case(model, study)
    runs = live(model, [found], DRAWS)
    assert len(runs) == DRAWS
    return np.array([each[key_of(found.chain(arm))].courses["x"][-1, 0] for each in runs])


def test_a_draw_is_the_same_however_many_there_are(model: Model) -> None:
    few, many = variants(model, {}, 3), variants(model, {}, 9)
    for one, other in zip(few, many, strict=False):
        assert np.array_equal(one.constants(), other.constants())
    assert not np.array_equal(many[0].constants(), many[1].constants())
    assert not np.array_equal(variants(model, {}, 1, seed=2)[0].constants(), few[0].constants())


def test_arms_of_a_draw_share_its_numbers(model: Model) -> None:
    inflow, loss = drawn(model, "inflow"), drawn(model, "k_loss")
    assert ends(model, "fed_2001", "rest") == pytest.approx(inflow / loss, rel=1e-3)
    assert ends(model, "fed_2001", "fed") == pytest.approx(9.0 / loss, rel=1e-3)


def test_a_row_of_a_site_is_drawn_from_its_own_spread(model: Model) -> None:
    from gutskin.sites import read_site

    row = read_site("edge", model.library / "sites").rows["inflow"]
    own = quantile(row, row.value, uniform(1, "inflow", 0, DRAWS))
    assert ends(model, "edge_2002", "rest") == pytest.approx(own / drawn(model, "k_loss"), rel=1e-3)


def test_what_is_known_of_a_person_is_not_drawn(model: Model) -> None:
    assert ends(model, "fast_2003", "rest") == pytest.approx(drawn(model, "inflow") / 1.0, rel=1e-3)


def test_cases_together_give_what_each_gives_alone(model: Model) -> None:
    every = [case(model, study) for study in ("fed_2001", "edge_2002", "fast_2003")]
    assert [[c.study for c in part] for _, part in alike(model, every)] == [
        ["fed_2001", "fast_2003"],
        ["edge_2002"],
    ]
    together = live(model, every, DRAWS)
    for each in every:
        for one, other in zip(live(model, [each], DRAWS), together, strict=True):
            for key, run in one.items():
                assert other[key].courses["x"][-1] == pytest.approx(run.courses["x"][-1], rel=1e-3)


def test_crowds_are_told_from_single_persons(model: Model) -> None:
    for study, alone in (("fed_2001", True), ("crowd_2004", False)):
        found = case(model, study)
        assert single(found, found.expectations[0]) is alone


def test_nothing_is_run_without_draws_and_the_bar_ends_at_one(model: Model) -> None:
    assert live(model, [case(model, "fed_2001")], 0) == []
    told: list[float] = []
    live(model, [case(model, study) for study in ("fed_2001", "edge_2002")], 2, tick=told.append)
    assert sum(told) == pytest.approx(1.0)
