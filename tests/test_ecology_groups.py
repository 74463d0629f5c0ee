"""Groups: what metadata says, and a test that finds groups that lie apart and no others."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pytest

from gutskin.ecology import permanova
from gutskin.ecology.groups import labels
from gutskin.errors import InputError

sample = runpy.run_path(str(Path(__file__).with_name("ecology_toys.py")))["sample"]


def line(*places: float) -> np.ndarray:
    return np.abs(np.subtract.outer(places, places))


def test_pseudo_f_is_that_of_the_analysis_of_variance() -> None:
    """On a line PERMANOVA is ANOVA: groups 0, 2 and 10, 12 have F = 100 / 2."""
    found = permanova(line(0.0, 2.0, 10.0, 12.0), ["a", "a", "b", "b"])
    assert found.f == pytest.approx(50.0)
    assert found.share == pytest.approx(100 / 104)
    assert found.groups == {"a": 2, "b": 2}


def test_groups_apart_are_found_and_mixed_ones_are_not() -> None:
    places = [*np.linspace(0, 1, 8), *np.linspace(5, 6, 8)]
    assert permanova(line(*places), ["a"] * 8 + ["b"] * 8).p <= 0.002
    assert permanova(line(*places), ["a", "b"] * 8).p > 0.3


def test_a_seed_gives_the_same() -> None:
    table = line(*np.random.default_rng(0).normal(size=14))
    groups = ["a", "b"] * 7
    assert permanova(table, groups, seed=4) == permanova(table, groups, seed=4)


def test_samples_without_a_group_are_left_out_and_said() -> None:
    table = line(0.0, 2.0, 99.0, 10.0, 12.0)
    found = permanova(table, ["a", "a", None, "b", "b"], ["p", "q", "r", "r"])
    assert found.f == pytest.approx(50.0)
    assert "1 samples without a group" in found.remark
    assert "not independent" in found.remark


def test_samples_that_do_not_differ_and_groups_without_a_distance_within() -> None:
    same = permanova(np.zeros((4, 4)), ["a", "a", "b", "b"])
    assert (same.p, same.share, same.remark) == (1.0, 0.0, "the samples do not differ")
    sure = permanova(line(0.0, 0.0, 0.0, 9.0, 9.0, 9.0), ["a"] * 3 + ["b"] * 3)
    assert (sure.f, sure.share) == (np.inf, 1.0)
    assert 0.05 < sure.p < 0.2


@pytest.mark.parametrize("groups", [["a"] * 3, ["a", "b", "c"], [None, "a", "a"]])
def test_nothing_to_compare_is_refused(groups: list[str | None]) -> None:
    with pytest.raises(InputError, match="E536"):
        permanova(line(0.0, 1.0, 2.0), groups)


def test_labels_come_from_metadata_or_from_the_sample() -> None:
    given = [sample({"g__A": 9}, person="ada", visit=1), sample({"g__A": 9}, person="bob", visit=2)]
    facts = {"ada": {"Diet": "rice"}}
    assert labels(given, "diet", facts) == ("rice", None)
    assert labels(given, "person", facts) == ("ada", "bob")
    assert labels(given, "visit", {}) == ("1", "2")
    with pytest.raises(InputError, match=r"E535 .*did you mean Diet"):
        labels(given, "diit", facts)
    with pytest.raises(InputError, match="E535"):
        labels(given, "numbers", {})
