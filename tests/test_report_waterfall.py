"""Bars of books: where each begins and ends, one scale an account, and nothing from outside."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy as np
import pytest

from gutskin.report import waterfall
from gutskin.report.account import Account, Books, Entry
from gutskin.report.panels import Mark
from gutskin.report.waterfall import BARS, EACH, LABELS, closure, draw, height, marks

HOSTILE = "</style><script>alert(1)</script>\"'&{{ 7*7 }}"


def account(*values: tuple[float, float], after: float = 5.0) -> Account:
    comes = (True, True, False, False)
    entries = tuple(
        Entry(f"way {k}", comes[k], "mud" if k == 1 else "", np.array(each)) for k, each in enumerate(values)
    )
    return Account("Pond", entries, np.array([5.0, 5.0]), np.array([after, after]), 1.0)


EVEN = account((6.0, 3.0), (2.0, 1.0), (5.0, 4.0), (3.0, 0.0))


def bars(made: Account) -> list[Mark]:
    return [each for each in marks(made) if each.kind == "rect"]


def test_income_steps_right_and_outgo_comes_back_to_the_beginning() -> None:
    first, second, third, last = (each.attributes for each in bars(EVEN)[:4])
    assert first["x"] == LABELS
    assert second["x"] == pytest.approx(first["x"] + first["width"], abs=0.11)
    assert second["x"] + second["width"] == pytest.approx(LABELS + BARS, abs=0.11)
    assert third["x"] + third["width"] == pytest.approx(LABELS + BARS, abs=0.11)
    assert last["x"] == pytest.approx(LABELS, abs=0.11)


def test_all_cases_have_one_scale_and_nothing_has_no_bar() -> None:
    drawn = [each.attributes for each in bars(EVEN)]
    assert len(drawn) == 7
    assert drawn[4]["x"] == LABELS + EACH
    assert drawn[4]["width"] == pytest.approx(drawn[0]["width"] / 2, abs=0.11)
    said = [each.text for each in marks(EVEN) if each.attributes.get("class") == "value"]
    assert said == ["6.00", "2.00", "5.00", "3.00", "3.00", "1.00", "4.00", "0"]


def test_a_pool_that_falls_ends_left_of_where_it_began_and_stays_in_its_column() -> None:
    made = account((1.0, 1.0), (0.0, 0.0), (1.0, 3.0), after=3.0)
    drawn = [each.attributes for each in bars(made)]
    assert min(each["x"] for each in drawn) >= LABELS - 0.1
    assert drawn[-1]["x"] == pytest.approx(LABELS + EACH, abs=0.11)
    assert drawn[-1]["x"] + drawn[-1]["width"] <= LABELS + EACH + BARS + 0.2
    zeros = [
        m.attributes["x1"] for m in marks(made) if m.attributes.get("class") == "axis" and m.kind == "line"
    ]
    assert drawn[0]["x"] in zeros


def test_colours_say_the_side_and_whether_it_stays_in_the_house() -> None:
    fills = [each.attributes["fill"] for each in bars(EVEN)[:4]]
    assert fills[2] == fills[3]
    assert len({*fills}) == 3
    assert fills == [waterfall.COLOURS[side] for side in ((True, False), (True, True), *[(False, False)] * 2)]


def test_the_picture_is_one_svg_that_needs_nothing() -> None:
    made = Books(HOSTILE, "of a pond", "N", "nmol/cm2", 1.0, ("wet", HOSTILE), (EVEN, EVEN))
    text = draw(made)
    root = ElementTree.fromstring(text)
    assert re.findall(r"https?://[^\"']*", text) == ["http://www.w3.org/2000/svg"]
    assert "nan" not in text.lower()
    assert draw(made) == text
    assert float(root.get("height") or 0) > 2 * height(EVEN)
    assert float(root.get("width") or 0) > LABELS + 2 * EACH
    words = [each.text for each in root.iter("{http://www.w3.org/2000/svg}text")]
    assert HOSTILE in words
    assert any("holds 5.00, steady" in (each or "") for each in words)


def test_how_well_it_closes_is_said_as_measured() -> None:
    made = Books("A", "b", "N", "nmol", 1.0, ("wet", "dry"), (EVEN,))
    assert "better than 10⁻⁸" in closure(made)
    open_ = account((6.0, 3.0), (2.0, 1.0), (5.0, 4.0), after=5.0)
    assert "4e-01" in closure(Books("A", "b", "N", "nmol", 1.0, ("wet", "dry"), (open_,)))
