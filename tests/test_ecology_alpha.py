"""Alpha diversity against closed forms."""

from __future__ import annotations

import math
import runpy
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gutskin.ecology import Composition, alpha

sample = runpy.run_path(str(Path(__file__).with_name("ecology_toys.py")))["sample"]
COUNTS = st.lists(st.integers(1, 500), min_size=2, max_size=30)


def reads(counts: list[int], kind: str = "counts") -> Composition:
    given = sample({f"g__T{k}": count for k, count in enumerate(counts)}, kind=kind)
    return Composition(given, given.abundance, {}, {}, 1.0)


@pytest.mark.parametrize("count", [2, 7, 40])
def test_an_even_community_has_the_logarithm_of_its_taxa(count: int) -> None:
    found = alpha(reads([11] * count))
    assert found.richness == count
    assert found.shannon == pytest.approx(math.log(count))
    assert found.inverse_simpson == pytest.approx(count)
    assert (found.depth, found.rarefied) == (11 * count, False)


def test_chao1_by_hand() -> None:
    """Five taxa, three read once, one twice: 5 + 3 * 2 / (2 * 2)."""
    assert alpha(reads([1, 1, 1, 2, 9])).chao1 == pytest.approx(6.5)


def test_chao1_is_not_told_without_single_reads_or_without_reads() -> None:
    found = alpha(reads([2, 5, 9]))
    assert found.chao1 is None
    assert "read once" in found.remark
    found = alpha(reads([30, 60, 10], "percent"), rarefy=10)
    assert (found.chao1, found.depth, found.rarefied) == (None, None, False)
    assert "neither rarefied" in found.remark


@given(COUNTS, st.randoms())
def test_order_and_scale_change_nothing(counts: list[int], random: object) -> None:
    before = alpha(reads(counts))
    shuffled = list(counts)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    after, scaled = alpha(reads(shuffled)), alpha(reads([3 * each for each in counts]))
    for other in (after, scaled):
        assert (other.richness, other.shannon) == pytest.approx((before.richness, before.shannon))
        assert other.inverse_simpson == pytest.approx(before.inverse_simpson)
    assert after.chao1 == before.chao1


@given(COUNTS)
def test_the_numbers_of_hill_are_in_order(counts: list[int]) -> None:
    found = alpha(reads(counts))
    assert found.richness >= math.exp(found.shannon) * (1 - 1e-9)
    assert math.exp(found.shannon) >= found.inverse_simpson * (1 - 1e-9)
    assert found.chao1 is None or found.chao1 >= found.richness


def test_rarefied_richness_is_what_the_hypergeometric_law_expects() -> None:
    counts, depth = [400, 100, 50, 20, 8, 4, 2, 1, 1], 60
    total = sum(counts)
    expected = sum(1 - math.comb(total - each, depth) / math.comb(total, depth) for each in counts)
    drawn = [alpha(reads(counts), rarefy=depth, seed=seed).richness for seed in range(20)]
    assert np.mean(drawn) == pytest.approx(expected, abs=0.15)


def test_a_seed_gives_the_same_and_a_shallow_sample_says_why_not() -> None:
    deep = reads([400, 100, 50, 20, 8, 4, 2, 1, 1])
    assert alpha(deep, rarefy=60, seed=5) == alpha(deep, rarefy=60, seed=5)
    assert alpha(deep, rarefy=60, seed=5) != alpha(deep, rarefy=60, seed=6)
    assert alpha(deep, rarefy=60).depth == 60
    found = alpha(deep, rarefy=1000)
    assert not found.rarefied
    assert found.richness == 9
    assert "only 586 reads" in found.remark


def test_all_reads_drawn_are_all_reads() -> None:
    whole = reads([4, 3, 2, 1])
    assert alpha(whole, rarefy=10).richness == alpha(whole).richness
    assert alpha(whole, rarefy=10).shannon == pytest.approx(alpha(whole).shannon)
