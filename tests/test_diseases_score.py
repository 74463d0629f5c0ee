"""The score: neither order nor depth moves it, it turns with the sample, and refuses rather than guesses."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gutskin.diseases import Refusal, Score, reference_of, score_sample
from gutskin.diseases.agreement import Agreement
from gutskin.diseases.score import combine
from gutskin.diseases.signature import Row, Signature
from gutskin.samples import Sample

_TOYS = runpy.run_path(str(Path(__file__).with_name("disease_toys.py")))
GENERA, folded, healthy, sample, toy = (
    _TOYS[name] for name in ("GENERA", "folded", "healthy", "sample", "toy")
)

KNOWN = Agreement(0.7, 0.1, 0, 0.0, (), ())
ROWS = (
    folded("Aaa", (1.0, 0.01), (2.0, 0.01), (1.0, 0.01)),
    folded("Ccc", (-1.0, 0.01), (-2.0, 0.01), (-1.0, 0.3)),
    folded("Ddd", (1.0, 0.01), (0.5, 0.3)),
)
CENTRE = (folded("Eee", (0.1, 0.9)), folded("Fff", (0.1, 0.9)))
PEOPLE = healthy()
REFERENCE = reference_of(PEOPLE, [*ROWS, *CENTRE])
SHARES = st.lists(st.floats(0.01, 1.0), min_size=5, max_size=5)


def scored(found: Sample, signature: Signature | None = None, **more: object) -> Score:
    out = score_sample(signature or toy(*ROWS), found, REFERENCE, KNOWN, CENTRE, draws=200, **more)  # type: ignore[arg-type]
    assert isinstance(out, Score)
    return out


def refused(signature: Signature, found: Sample | None = None) -> Refusal:
    out = score_sample(signature, found or PEOPLE[0], REFERENCE, KNOWN, CENTRE, draws=2)
    assert isinstance(out, Refusal)
    return out


def test_more_of_what_goes_up_scores_higher() -> None:
    like = dict(zip(GENERA, (8.0, 0.1, 4.0, 1.0, 1.0), strict=True))
    unlike = dict(zip(GENERA, (0.1, 8.0, 0.2, 1.0, 1.0), strict=True))
    high, low = scored(sample(like)), scored(sample(unlike))
    assert high.value > 1 > -1 > low.value
    assert high.low > low.low
    assert high.high > low.high
    assert high.below > 0.95
    assert low.below < 0.05
    assert high.low < high.value < high.high


@settings(max_examples=25, deadline=None)
@given(SHARES, st.permutations(range(5)), st.permutations(range(3)))
def test_the_order_of_taxa_and_rows_moves_nothing(
    shares: list[float], taxa: list[int], rows: list[int]
) -> None:
    there = sample(dict(zip(GENERA, shares, strict=True)))
    total = there.abundance[taxa]
    turned = Sample("stool", "ada", "ada", tuple(there.taxa[k] for k in taxa), total, "counts", there.depth)
    one, other = scored(there), scored(turned, toy(*(ROWS[k] for k in rows)))
    assert other.standing == pytest.approx(one.standing)
    assert (other.value, other.low, other.high) == pytest.approx((one.value, one.low, one.high))


@settings(max_examples=25, deadline=None)
@given(SHARES, st.integers(2, 50))
def test_depth_moves_no_standing_and_only_narrows(shares: list[float], times: int) -> None:
    there = sample(dict(zip(GENERA, shares, strict=True)), 1000)
    deeper = Sample("stool", "ada", "ada", there.taxa, there.abundance * times, "counts", 1000 * times)
    percent = Sample("stool", "a", "a", there.taxa, there.abundance / there.abundance.sum() * 100, "percent")
    assert scored(deeper).standing == pytest.approx(scored(there).standing)
    assert scored(percent).standing == pytest.approx(scored(there).standing)


@given(
    st.lists(st.floats(-3, 3), min_size=3, max_size=3), st.lists(st.floats(-0.9, 0.9), min_size=3, max_size=3)
)
def test_the_score_turns_with_the_log_ratios_and_with_the_weights(z: list[float], w: list[float]) -> None:
    correlation = np.array([[1.0, 0.3, 0.0], [0.3, 1.0, -0.2], [0.0, -0.2, 1.0]])
    there = combine(np.array(w), np.array(z), correlation)
    assert combine(np.array(w), -np.array(z), correlation) == pytest.approx(-there)
    assert combine(-np.array(w), np.array(z), correlation) == pytest.approx(-there)
    assert combine(np.array(w) / 7, np.array(z), correlation) == pytest.approx(there)


def test_without_weight_there_is_nothing_to_say() -> None:
    assert combine(np.zeros(2), np.ones(2), np.eye(2)) == 0.0


def test_the_healthy_themselves_stand_around_nought_with_spread_one() -> None:
    standings = np.array([scored(each).standing for each in PEOPLE])
    assert standings.mean() == pytest.approx(0.0, abs=0.1)
    assert standings.std() == pytest.approx(1.0, abs=0.15)


def test_fewer_reads_make_the_interval_wider() -> None:
    shares = dict(zip(GENERA, (0.02, 0.03, 0.05, 5.0, 5.0), strict=True))
    few, many = scored(sample(shares, 300)), scored(sample(shares, 300_000))
    assert few.high - few.low > many.high - many.low
    assert "no reads" in scored(sample(shares, None)).resampled


def test_surer_cohorts_make_the_interval_narrower() -> None:
    shares = sample(dict(zip(GENERA, (8.0, 0.1, 4.0, 1.0, 1.0), strict=True)))
    sure = scored(shares, toy(*(folded(r.name, *[(r.median, 0.01)] * 20) for r in ROWS)))
    unsure = scored(shares, toy(*(folded(r.name, (r.median, 0.5)) for r in ROWS)))
    assert sure.high - sure.low < unsure.high - unsure.low


def test_the_same_seed_gives_the_same_and_parts_say_what_brought_it() -> None:
    found = scored(PEOPLE[3], seed=4)
    assert found == scored(PEOPLE[3], seed=4)
    assert [part.name for part in found.parts] == ["Aaa", "Ccc", "Ddd"]
    assert found.parts[1].weight < 0 < found.parts[0].weight


def test_a_signature_without_taxa_is_refused() -> None:
    assert refused(toy()).kind == "no taxa"


def test_too_few_taxa_are_refused() -> None:
    found = refused(toy(*ROWS[:2]))
    assert (found.kind, found.reason) == ("few taxa", "2 of 2 taxa can be seen, 3 are needed")


def test_a_signature_most_of_which_cannot_be_seen_is_refused() -> None:
    unseen = [folded(f"Zz{k}", *[(1.0, 0.01)] * 5) for k in range(3)]
    assert refused(toy(*ROWS, *unseen)).kind == "unseen"


def test_cohorts_that_contradict_each_other_are_refused() -> None:
    against = [folded(name, (1.0, 0.01), (2.0, 0.01), (-1.0, 0.01)) for name in GENERA[:3]]
    found = refused(toy(*against))
    assert found.kind == "conflict"
    assert "33%" in found.reason


def test_a_refusal_can_be_set_aside_but_not_where_nothing_is_seen() -> None:
    against = toy(*(folded(name, (1.0, 0.01), (2.0, 0.01), (-1.0, 0.01)) for name in GENERA[:3]))
    assert scored(PEOPLE[0], against, refuse=False).agree < 0.5
    gone = toy(Row("Zzz", "species", "up", "none", "", "assumed", counted=(1, 1, 1)))
    assert isinstance(score_sample(gone, PEOPLE[0], REFERENCE, KNOWN, CENTRE, refuse=False), Refusal)
