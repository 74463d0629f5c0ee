"""The table of verdicts, cell by cell, and as the page has it."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest

from gutskin.claims.verdict import VERDICTS, verdict
from gutskin.evidence.score import GRADES

PAGE = Path(__file__).resolve().parents[1] / "docs" / "evidence.md"
# Grades that a row or a column of the table of the page is about.
MET = {
    "all green": [["green"], ["green", "green"]],
    "some green or yellow": [["yellow"], ["green", "red"], ["yellow", "red"], ["green", "yellow"]],
    "all red, or none": [[], ["red"], ["red", "red"]],
    "none, or all red": [[], ["red"], ["red", "red"]],
}


def cells() -> list[tuple[str, str, str]]:
    """Return (for, against, verdict) of the table in the page."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("| for (down)"))
    head, *rows = ([c.strip() for c in line.strip("|").split("|")] for line in lines[start : start + 5])
    return [(row[0], head[k], row[k]) for row in rows[1:] for k in (1, 2, 3)]


def test_the_table_of_the_page_has_nine_cells_of_known_words() -> None:
    assert len(cells()) == 9
    assert {cell[0] for cell in cells()} | {cell[1] for cell in cells()} == set(MET)
    assert {cell[2] for cell in cells()} == set(VERDICTS) - {"cannot be tested here"}


@pytest.mark.parametrize(("speaking", "against", "said"), cells())
def test_a_cell_of_the_table(speaking: str, against: str, said: str) -> None:
    for one, other in itertools.product(MET[speaking], MET[against]):
        if one or other:
            assert verdict(one, other) == said, (one, other)


def test_the_docstring_has_the_same_table() -> None:
    own = [re.split(r" {2,}", line.strip()) for line in (verdict.__doc__ or "").splitlines()]
    for speaking in ("all green", "some green or yellow", "all red, or none"):
        row = next(cells for cells in own if cells[0] == speaking)
        assert row[1:] == [cell[2] for cell in cells() if cell[0] == speaking]


def test_every_set_of_grades_has_one_verdict_and_no_order_matters() -> None:
    sets = [tuple(each) for n in range(3) for each in itertools.product(GRADES, repeat=n)]
    for one, other in itertools.product(sets, sets):
        found = verdict(one, other)
        assert found in VERDICTS
        assert (found == "cannot be tested here") == (not one and not other)
        assert found == verdict(one[::-1], other[::-1])


def test_a_better_grade_never_makes_a_worse_verdict() -> None:
    rank = {"contradicted": 0, "not supported": 1, "supported in part": 2, "supported": 3}
    for one, other in itertools.product(itertools.product(GRADES, repeat=2), repeat=2):
        here = rank[verdict(one, other)]
        assert rank[verdict(("green", one[1]), other)] >= here
        assert rank[verdict(one, ("red", other[1]))] >= here
