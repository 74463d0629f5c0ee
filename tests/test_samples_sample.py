"""Sample: what it refuses, and how the kind of numbers is decided."""

from __future__ import annotations

import numpy as np
import pytest

from gutskin.errors import InputError
from gutskin.samples import Sample
from gutskin.samples.sample import judge_kind


def _make(values: list[float], kind: str = "counts", taxa: tuple[str, ...] = ("g__Aa", "g__Bb")) -> Sample:
    return Sample("stool", "ada", "test", taxa, np.array(values, dtype=float), kind)


@pytest.mark.parametrize(
    ("values", "kind", "taxa", "code"),
    [
        ([1, -1], "counts", ("g__Aa", "g__Bb"), "E312"),
        ([1, np.nan], "counts", ("g__Aa", "g__Bb"), "E313"),
        ([1, np.inf], "counts", ("g__Aa", "g__Bb"), "E313"),
        ([1, 2], "counts", ("g__Aa", "g__Aa"), "E314"),
        ([1, 2], "percent", ("g__Aa", "g__Bb"), "E315"),
        ([60, 42], "percent", ("g__Aa", "g__Bb"), "E315"),
        ([0, 0], "counts", ("g__Aa", "g__Bb"), "E316"),
        ([1, 2, 3], "counts", ("g__Aa", "g__Bb"), "E319"),
        ([1, 2], "grams", ("g__Aa", "g__Bb"), "E319"),
    ],
)
def test_bad_samples_are_refused(values: list[float], kind: str, taxa: tuple[str, ...], code: str) -> None:
    with pytest.raises(InputError) as caught:
        _make(values, kind, taxa)
    assert caught.value.code == code
    assert caught.value.remedy


def test_a_sample_cannot_be_changed() -> None:
    given = np.array([1.0, 2.0])
    sample = Sample("stool", "ada", "test", ("g__Aa", "g__Bb"), given, "counts")
    given[0] = 5.0
    assert sample.abundance[0] == 1.0
    with pytest.raises(ValueError, match="read-only"):
        sample.abundance[0] = 3.0


@pytest.mark.parametrize(
    ("columns", "kind", "factor"),
    [
        ([[60, 40]], "percent", 1.0),
        ([[600, 400]], "counts", 1.0),
        ([[600, 400], [3, 4]], "counts", 1.0),
        ([[0.6, 0.4]], "percent", 100.0),
        ([[0.6, 0.4], [0.5, 0.49]], "percent", 100.0),
        ([[1, 2]], "percent", 1.0),
        ([[60.5, 30]], "percent", 1.0),
    ],
)
def test_the_kind_of_numbers(columns: list[list[float]], kind: str, factor: float) -> None:
    scale = judge_kind(np.array(columns, dtype=float).T)
    assert (scale.kind, scale.factor) == (kind, factor)


def test_shares_are_of_all_reads_or_of_a_hundred_percent() -> None:
    assert _make([30, 70]).total == 100.0
    assert _make([300, 700]).total == 1000.0
    assert _make([50, 35], "percent").total == 100.0
    assert _make([50, 50.5], "percent").total == 100.5
