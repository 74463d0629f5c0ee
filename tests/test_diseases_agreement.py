"""Agreement: what cohorts that are left out teach about the sureness of a direction."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gutskin.diseases import learn, read_diseases
from gutskin.diseases.agreement import Agreement
from gutskin.diseases.signature import Row

_TOYS = runpy.run_path(str(Path(__file__).with_name("disease_toys.py")))
folded, toy = (_TOYS[name] for name in ("folded", "toy"))

KNOWN = Agreement(1.0, 0.5, 0, 0.0, (), ())
FOLD = st.tuples(st.floats(-5, 5).filter(lambda x: abs(x) > 0.1), st.floats(0, 1))


def test_the_weight_is_the_expected_sign_of_another_cohort() -> None:
    row = folded("Aaa", (1.0, 0.01), (2.0, 0.5), (-1.0, 0.5))
    assert KNOWN.shape(row) == (2.5, 1.5)
    assert KNOWN.weight(row) == pytest.approx(1.0 / 4.0)
    assert KNOWN.sure(row) == pytest.approx(2.5 / 4.0)


@given(st.lists(FOLD, min_size=1, max_size=6))
def test_weights_turn_with_the_folds_and_stay_below_one(folds: list[tuple[float, float]]) -> None:
    there, back = folded("Aaa", *folds), folded("Aaa", *[(-fold, q) for fold, q in folds])
    assert KNOWN.weight(there) == pytest.approx(-KNOWN.weight(back))
    assert abs(KNOWN.weight(there)) < 1.0
    assert 0.5 <= KNOWN.sure(there) < 1.0


def test_more_cohorts_that_agree_make_surer() -> None:
    sure = [KNOWN.sure(folded("Aaa", *[(1.0, 0.01)] * count)) for count in (1, 2, 4, 8)]
    assert sure == sorted(set(sure))


def test_agreement_is_one_without_and_zero_with_as_many_against() -> None:
    assert KNOWN.share([folded("Aaa", (1.0, 0.01), (2.0, 0.01))]) == 1.0
    assert KNOWN.share([folded("Aaa", (1.0, 0.01), (1.0, 0.5), (-2.0, 0.01), (3.0, 0.5))]) == pytest.approx(
        1 / 3
    )
    assert KNOWN.share([folded("Aaa", (1.0, 0.5), (-1.0, 0.5))]) == 0.0
    against = Row("Aaa", "genus", "up", "none", "", "assumed", counted=(3, 1, 3))
    assert KNOWN.share([against]) == pytest.approx(-1 / 3)
    assert KNOWN.share([]) == 0.0


def test_cohorts_that_toss_coins_teach_that_nothing_is_sure() -> None:
    rng = np.random.default_rng(5)
    rows = [folded(f"G{k}", *[(x, 0.5) for x in rng.normal(size=4)]) for k in range(200)]
    learned = learn([toy(*rows)])
    assert max(learned.sure(row) for row in rows) < 0.6
    assert learned.gain == pytest.approx(0.0, abs=0.01)


def test_cohorts_that_always_agree_teach_that_one_is_enough() -> None:
    rng = np.random.default_rng(5)
    rows = [folded(f"G{k}", *[(sign, 0.5)] * 4) for k, sign in enumerate(rng.choice([-1.0, 1.0], 200))]
    learned = learn([toy(*rows)])
    assert learned.sure(folded("Aaa", (1.0, 0.5))) > 0.85
    assert learned.gain > 0.7
    assert learned.pairs[0] == (1200, 1200)


def test_signatures_without_folds_teach_nothing() -> None:
    assert learn([toy()]).foretold == 0


def test_the_cohorts_of_the_library_agree_by_chance_unless_they_are_significant() -> None:
    """What docs/diseases.md says; the reason why there are weights at all."""
    learned = learn(read_diseases())
    none, one, both = (same / every for same, every in learned.pairs)
    assert none == pytest.approx(0.51, abs=0.01)
    assert one == pytest.approx(0.64, abs=0.01)
    assert both > 0.9
    assert learned.weak == pytest.approx(0.1)
