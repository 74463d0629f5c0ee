"""own_rank: who knows everybody, who knows nobody, and the real people."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gutskin.ecology import compose, own_rank
from gutskin.ecology.own import joined
from gutskin.errors import InputError
from gutskin.samples import read_samples

TOOL = runpy.run_path(str(Path(__file__).parents[1] / "tools" / "own_visit.py"))
PEOPLE = tuple("abcdefgh")


def test_who_knows_everybody_has_rank_0_and_who_knows_nobody_half() -> None:
    sure = own_rank(1.0 - np.eye(8), PEOPLE)
    assert (sure.nearest, sure.mean, sure.low, sure.high) == (1.0, 0.0, 0.0, 0.0)
    blind = own_rank(np.ones((8, 8)), PEOPLE)
    assert (blind.nearest, blind.mean) == (0.0, 0.5)
    wrong = own_rank(np.eye(8), PEOPLE)
    assert (wrong.nearest, wrong.mean) == (0.0, 1.0)


def test_ranks_by_hand() -> None:
    """One of three others is nearer, one is as near: (1 + 1/2) / 3."""
    table = np.array([[2.0, 1.0, 2.0, 5.0]] * 4)
    assert own_rank(table, "abcd").ranks.tolist() == pytest.approx([0.5, 0.0, 0.5, 1.0])
    assert own_rank(table, "abcd").nearest == 0.25


@given(st.integers(0, 10**6), st.permutations(range(8)))
def test_order_of_people_and_a_growing_scale_change_no_rank(seed: int, order: list[int]) -> None:
    table = np.random.default_rng(seed).random((8, 8))
    found = own_rank(table, PEOPLE, resamples=10)
    again = own_rank(np.exp(3 * table[np.ix_(order, order)]), [PEOPLE[k] for k in order], resamples=10)
    assert again.ranks.tolist() == pytest.approx(found.ranks[order].tolist())
    assert again.nearest == found.nearest


def test_noise_is_at_chance_and_the_interval_holds_it_and_is_that_of_a_mean() -> None:
    table = np.random.default_rng(5).random((200, 200))
    found = own_rank(table, [str(k) for k in range(200)])
    assert found.low < 0.5 < found.high
    wide = 2 * 1.96 * found.ranks.std() / np.sqrt(200)
    assert found.high - found.low == pytest.approx(wide, rel=0.05)
    assert own_rank(table, [str(k) for k in range(200)]).low == found.low


def test_others_of_another_batch_do_not_count() -> None:
    table = np.array([[2.0, 1.0, 3.0, 1.0]] * 4)
    batch = np.array([0, 0, 0, 1])
    found = own_rank(table, "abcd", among=batch[:, None] == batch[None])
    assert found.people == ("a", "b", "c")
    assert found.ranks.tolist() == [0.5, 0.0, 1.0]
    with pytest.raises(InputError, match="E542 nobody"):
        own_rank(table, "abcd", among=np.zeros((4, 4), dtype=bool))


def test_joined_distances_have_no_units() -> None:
    one = np.random.default_rng(1).random((5, 5))
    assert joined([one, 1000 * one]) == pytest.approx(one / one.mean())


@pytest.mark.parametrize(
    ("table", "people"),
    [
        (np.ones((3, 2)), "abc"),
        (np.ones((1, 1)), "a"),
        (np.ones((2, 2)), "aa"),
        (np.full((2, 2), np.nan), "ab"),
    ],
)
def test_what_does_not_fit_is_refused(table: np.ndarray, people: str) -> None:
    with pytest.raises(InputError, match="E542"):
        own_rank(table, people)


def test_people_of_the_human_microbiome_project_are_nearest_to_themselves(shared: Path) -> None:
    """Stool by genera tells people apart far above chance; the joined sites lie above chance too."""
    file = shared / "hmp_gut_skin" / "hmp_gut_skin_small.biom"
    made = [compose(each) for each in read_samples(file, metadata=file.with_suffix(".metadata.tsv"))]
    found = {site: each[0] for site, each in TOOL["ranks"](made, {}, "genera", "aitchison").items()}
    assert {len(each.people) for each in found.values()} == {22}
    assert found["stool"].nearest > 0.7
    assert found["stool"].high < 0.1
    assert all(each.high < 0.5 for each in found.values())
    assert found["all sites"].high < 0.2
