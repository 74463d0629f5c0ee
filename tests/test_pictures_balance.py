"""The books of a budget close, are those of the run, and say what limits what."""

from __future__ import annotations

import runpy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gutskin.errors import GutskinError
from gutskin.model import Model, load
from gutskin.paths import LIBRARY
from gutskin.pictures import Budget, balance, faults, keep, read_picture
from gutskin.pictures.budget import Case, budget
from gutskin.report.account import Account, Books

MIST = {"treatment": "aob_mist", "times_per_day": 2}
TOY = runpy.run_path(str(Path(__file__).with_name("test_flows.py")))
ANY_SIGN = TOY["HELPERS"]["ANY_SIGN"]


@pytest.fixture(scope="module")
def model() -> Model:
    return load()


@pytest.fixture(scope="module")
def day() -> Budget:
    found = read_picture("nitrogen_day", LIBRARY / "pictures")
    assert isinstance(found, Budget)
    return found


@pytest.fixture(scope="module")
def books(model: Model, day: Budget) -> Books:
    return keep(model, day)


def of(books: Books, title: str) -> Account:
    return next(each for each in books.accounts if each.title == title)


def entry(account: Account, words: str) -> np.ndarray:
    (found,) = (each for each in account.entries if each.words == words)
    return np.asarray(found.values)


def oxidised(books: Books) -> np.ndarray:
    supply = of(books, "Ammonia and ammonium")
    ways = ("oxidised, to nitrite", "oxidised, leaks as nitric oxide", "growth, to cells")
    return np.sum([entry(supply, each) for each in ways], axis=0)


def test_income_less_outgo_is_the_change_of_every_pool(books: Books) -> None:
    assert len(books.accounts) == 6
    for account in books.accounts:
        gap = account.total(comes=True) - account.total(comes=False) - account.change
        assert np.abs(gap) == pytest.approx(np.zeros(3), abs=1e-8 * account.through.max())
    assert books.gap < 1e-11


def test_what_sweat_brings_is_flow_times_level(model: Model, books: Books) -> None:
    rows = model.ledger.rows
    flow = rows["nitrogen.sweat_flow"].value * 24 * 1e6  # nmol/cm2/day for mmol/L
    for title, level, content in (("Urea", "urea", 2), ("Nitrate", "nitrate", 1), ("Nitrite", "nitrite", 1)):
        brought = flow * content * rows[f"nitrogen.sweat_{level}_level"].value
        assert entry(of(books, title), "sweat") == pytest.approx(np.full(3, brought), rel=1e-5)


def test_what_leaves_one_pool_comes_to_the_other(books: Books) -> None:
    for a, b, words in (
        ("Urea", "Ammonia and ammonium", "urease"),
        ("Nitrate", "Nitrite", "reduced by residents"),
    ):
        out, into = (
            next(each for each in of(books, title).entries if each.label == words) for title in (a, b)
        )
        assert (out.comes, into.comes) == (False, True)
        assert np.array_equal(out.values, into.values)


def test_without_oxidisers_nothing_is_oxidised_and_with_them_nitrite_is_made(books: Books) -> None:
    none, mist, lesion = oxidised(books)
    assert none == 0.0
    assert 0 < mist < lesion
    assert entry(of(books, "Nitrite"), "oxidised, from ammonium")[0] == 0.0


def test_the_supply_of_ammonia_is_the_ceiling_of_oxidation(model: Model, day: Budget, books: Books) -> None:
    """However many cells are given, no more is oxidised than comes in; without acid it nears that."""
    supply = of(books, "Ammonia and ammonium").total(comes=True)
    assert (oxidised(books) < supply).all()
    many = tuple(
        Case(
            f"{dose} mL",
            "",
            {"plan": [{**MIST, "dose": f"{dose} mL"}], "set": {"skin_barrier_ph_base": "7 1"}},
        )
        for dose in (1.4, 140, 14000)
    )
    found = keep(model, replace(day, cases=many))
    most = of(found, "Ammonia and ammonium").total(comes=True)
    shares = oxidised(found) / most
    assert (np.diff(shares) > 0).all()
    assert (shares < 1).all()
    assert shares[-1] > 0.95
    assert shares[-1] / shares[0] < 10  # of ten thousand times the cells


def test_washing_takes_from_the_pools_and_the_books_still_close(model: Model, day: Budget) -> None:
    washed = Case("washed", "", {"usual": [{"treatment": "water_wash"}], "plan": [MIST]})
    found = keep(model, replace(day, cases=(washed,)))
    assert found.gap < 1e-8
    urea = of(found, "Urea")
    assert entry(urea, "washed off")[0] > entry(urea, "horny layer and scales")[0]
    assert entry(of(found, "Ammonia oxidisers"), "applied")[0] > 0


def test_all_together_only_the_border_counts(books: Books) -> None:
    whole, pools = books.accounts[-1], books.accounts[:-1]
    assert whole.after == pytest.approx(np.sum([each.after for each in pools], axis=0))
    crossing = [e.values for each in pools for e in each.entries if e.comes and not e.other]
    assert whole.total(comes=True) == pytest.approx(np.sum(crossing, axis=0))


# a toy with a pool that is poured into and rinsed


POND = {
    "title": "A pond", "element": "C", "unit": "umol", "begins": 1, "ends": 2.5, "taken": "rinsed",
    "case": [
        {"label": "still"},
        {"label": "rinsed", "plan": [{"treatment": "rinse"}, {"treatment": "pour"}]},
    ],
    "pool": [{"name": "a", "holds": ["a"]}, {"name": "b", "holds": ["b"]}],
    "flow": [
        {"label": "feed", "to": "a", "by": ["feed"]},
        {"label": "turn", "from": "a", "to": "b", "by": ["turn"]},
        {"label": "leave", "from": "b", "by": ["leave"]},
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def pond(tmp_path_factory: pytest.TempPathFactory) -> Model:
    made: Model = TOY["HELPERS"]["toy"](
        tmp_path_factory.mktemp("pond"), TOY["TEXT"],
        {"inflow": (2.0, "mmol/h"), "k_turn": (0.3, "1/h"), "k_leave": (0.1, "1/h", ANY_SIGN)},
        {"a": ("mmol", 1.0, "C2H4O2"), "b": ("mmol", 1.0, "C2H4O2")}, ("feed", "leave"),
        treatments_pour=TOY["POUR"], treatments_rinse=TOY["RINSE"], people_healthy_adult='label = "It"',
    )  # fmt: skip
    return made


def test_numbers_are_a_day_in_the_unit_with_the_content_of_the_element(pond: Model) -> None:
    made = keep(pond, budget("pond", POND, "pond.toml"))
    feed = 2.0 * 2 * 24 * 1000  # mmol/h, two carbons, hours, umol
    a, b, whole = made.accounts
    assert entry(a, "feed") == pytest.approx(np.full(2, feed), rel=1e-6)
    assert a.after[0] == pytest.approx(2.0 / 0.3 * 2000, rel=1e-6)
    assert entry(a, "given") == pytest.approx([0.0, 5 * 2000 * 3 / 1.5])
    assert entry(b, "rinsed")[0] == 0.0
    assert entry(b, "rinsed")[1] > 0
    assert [e.words for e in a.entries] == ["feed", "given", "turn, to b"]
    assert whole.total(comes=True) == pytest.approx(a.total(comes=True))
    assert made.gap < 1e-11


@pytest.mark.parametrize(
    ("changes", "code", "said"),
    [
        ({"unit": "g"}, "E443", "cannot be drawn in g"),
        ({"per": "k_trun"}, "E260", "k_turn"),
        ({"flow": POND["flow"][:2]}, "E461", "leave"),
        ({"case": [{"label": "x", "plan": [{"treatment": "pur"}]}]}, "E232", "pour"),
        ({"case": [{"label": "x", "person": "nobody"}]}, "E264", "nobody"),
        ({"case": [{"label": "x", "set": {"k_leave": "-1 1/h"}}]}, "E445", "no picture"),
    ],
)
def test_what_cannot_be_drawn(changes: dict, code: str, said: str, pond: Model) -> None:
    with pytest.raises(GutskinError, match=said) as caught:
        keep(pond, budget("pond", {**POND, **changes}, "pond.toml"))
    assert caught.value.code == code
    assert caught.value.remedy


def test_books_that_do_not_close_are_no_picture(pond: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(balance, "CLOSES", -1.0)
    with pytest.raises(GutskinError, match="is missing") as caught:
        keep(pond, budget("pond", POND, "pond.toml"))
    assert caught.value.code == "E464"


def test_a_fault_of_a_budget_is_found_without_running(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    assert faults(model) == []
    monkeypatch.setattr(balance, "told", lambda *_: (_ for _ in ()).throw(GutskinError("E461", "not told")))
    monkeypatch.setattr(balance, "counter", None)
    assert [each.code for each in faults(model)] == ["E461"]
