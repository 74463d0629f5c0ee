"""How a sample was sequenced: told, by the format, or taken as 16S."""

from __future__ import annotations

import numpy as np
import pytest

from gutskin.samples import Sample
from gutskin.samples.bias import load_regions
from gutskin.samples.method import find_region, judge_method


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("V4", "V4"),
        ("16S V3-V5", "V3-V5"),
        ("v1v3", "V1-V3"),
        ("V1 to V3", "V1-V3"),
        ("V3_V4", "V3-V4"),
        ("515F/806R", "V4"),
        ("341F-805R", "V3-V4"),
        ("hypervariable region V1-3", "V1-V3"),
        ("shotgun", ""),
        ("", ""),
    ],
)
def test_regions_are_found_in_what_people_write(text: str, region: str) -> None:
    assert find_region(text, load_regions()) == region


def _judged(source: str = "x (table)", region: str | None = None, **extras: str) -> tuple[str, str, str]:
    sample = Sample("stool", "ada", "one", ("g__Blautia",), np.array([9.0]), "counts", 9, source, extras)
    found = judge_method(sample, region, load_regions())
    return found.name, found.region, found.said


def test_what_the_caller_says_goes_first_then_the_metadata_then_the_format() -> None:
    assert _judged(region="V1-V3", method="shotgun")[:2] == ("16S", "V1-V3")
    assert _judged(method="WGS")[:2] == ("shotgun", "")
    assert _judged("x (metaphlan)", region=None, method="16S amplicon")[:2] == ("16S", "")
    assert _judged("x (metaphlan)") == ("shotgun", "", "by the format (metaphlan)")
    assert _judged() == ("16S", "", "not told, taken as 16S")


def test_a_region_and_a_method_that_are_told_apart_are_put_together() -> None:
    assert _judged(method="16S", region="V4")[:2] == ("16S", "V4")
