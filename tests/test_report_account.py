"""Accounts add up, and small numbers are said plainly."""

from __future__ import annotations

import json

import numpy as np
import pytest

from gutskin.report.account import Account, Books, Entry, document, table


def account(change: float = 0.0, small: float = 0.002) -> Account:
    entries = (
        Entry("rain", True, "", np.array([10.0, 0.0])),
        Entry("springs", True, "hill", np.array([small, 0.0])),
        Entry("leaks", False, "mud", np.array([10.0 + small - change / 2, 0.0])),
    )
    return Account("Pond", entries, np.array([5.0, 0.0]), np.array([5.0 + change, 0.0]), 2.0)


def books(*accounts: Account) -> Books:
    return Books("Water", "of a pond", "N", "nmol/cm2", 2.0, ("wet", "dry"), accounts)


def test_both_sides_and_the_change_leave_no_gap() -> None:
    made = account(1.0)
    assert made.total(comes=True).tolist() == [10.002, 0.0]
    assert made.change.tolist() == [0.5, 0.0]
    assert made.through.tolist() == [10.002, 0.0]
    assert made.gaps == pytest.approx([0.0, 0.0], abs=1e-15)


def test_a_gap_is_a_share_of_what_flows() -> None:
    made = account()
    entries = (*made.entries, Entry("lost", False, "", np.array([1.0, 0.0])))
    short = Account("Pond", entries, made.before, made.after, 2.0)
    assert short.gaps == pytest.approx([-1.0 / 11.002, 0.0])
    assert books(made, short).gap == pytest.approx(1.0 / 11.002)


@pytest.mark.parametrize(
    ("change", "said"), [(0.0, "steady"), (1e-3, "steady"), (1.0, "+0.500"), (-1.0, "−0.500")]
)
def test_a_change_that_is_small_beside_what_flows_is_none(change: float, said: str) -> None:
    assert account(change).changes(0) == said


def test_an_entry_that_hardly_matters_is_less_than_a_power_of_ten() -> None:
    made = account()
    assert [made.said(value) for value in (0.0, 0.002, 0.01, 10.0)] == ["0", "<0.01", "0.0100", "10.0"]
    nothing = Account("Dry", (), np.zeros(2), np.zeros(2), 1.0)
    assert (nothing.said(0.0), nothing.changes(0), nothing.gaps.tolist()) == ("0", "steady", [0.0, 0.0])


def test_the_table_says_side_place_and_unit() -> None:
    columns, rows = table(books(account()))
    assert columns == ["", "", "", "wet", "dry", "unit"]
    assert rows[0] == ["Pond", "in", "rain", "10.0", "0", "nmol N/cm²/day"]
    assert [row[2] for row in rows] == [
        "rain", "springs, from hill", "leaks, to mud", "holds at the end", "changes by",
    ]  # fmt: skip
    assert rows[3][3:] == ["5.00", "0", "nmol N/cm²"]


def test_the_document_holds_all_numbers() -> None:
    said = json.loads(json.dumps(document(books(account(1.0))), allow_nan=False))
    (pond,) = said["accounts"]
    assert said["gap"] < 1e-12
    assert pond["income"] == [10.002, 0.0]
    assert pond["change"] == [0.5, 0.0]
    assert pond["entries"][1] == {"label": "springs", "side": "in", "other": "hill", "values": [0.002, 0.0]}
