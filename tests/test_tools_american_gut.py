"""The area under the curve that ``tools/american_gut.py`` prints; its data are not part of the project."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pytest

from gutskin.diseases import disease_names

TOOL = runpy.run_path(str(Path(__file__).parents[1] / "tools" / "american_gut.py"))


@pytest.mark.parametrize(
    ("cases", "controls", "area"),
    [
        ([3.0, 4.0], [1.0, 2.0], 1.0),
        ([1.0], [2.0, 3.0], 0.0),
        ([1.0, 1.0], [1.0], 0.5),
        ([1.0, 3.0], [2.0], 0.5),
    ],
)
def test_the_area_is_the_chance_that_a_case_is_higher(
    cases: list[float], controls: list[float], area: float
) -> None:
    assert TOOL["auc"](np.array(cases), np.array(controls)) == area


def test_every_signature_that_is_tested_is_in_the_library() -> None:
    assert {name for name, *_ in TOOL["ASKED"]} <= set(disease_names())
