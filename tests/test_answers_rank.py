"""Which plan helps: closed-form gains, ties, vehicles and side effects over the same people."""

from __future__ import annotations

import importlib
import runpy
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gutskin.answers.measure import Candidate
from gutskin.answers.rank import Ranking, _best, rank, score, worth_telling
from gutskin.errors import InputError
from gutskin.model import Model
from gutskin.readouts import Healthy
from gutskin.reference import reference
from gutskin.scenario import Scenario, scenario_from
from gutskin.twin import Observation, Twin, personalise

module = importlib.import_module("gutskin.answers.rank")  # its name in the package is the function's
toys = runpy.run_path(str(Path(__file__).with_name("twin_toys.py")))


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Twin:
    model: Model = toys["garden"](tmp_path_factory.mktemp("garden"))
    meadows = reference(model, "bed", population="meadows", size=1000)
    return personalise(
        meadows, Observation((toys["shares"](np.log([50.0, 30.0, 10.0]), 0.5),), (toys["reading"](9.0, 1.0),))
    )


def plan(twin: Twin, name: str, **more: Any) -> Scenario:
    data = {"days": 4, "lead_in_days": 0, "plan": [{"treatment": name}], **more}
    return scenario_from(data, name, (twin.reference.model.library / "treatments",))


def ranked(twin: Twin, *names: str, endpoint: str = "damp", **more: Any) -> Ranking:
    return rank(twin, [plan(twin, name) for name in names], endpoint, members=50, **more)


def test_plans_are_ranked_by_what_they_do(twin: Twin) -> None:
    """Damp is twice the moisture: water adds half of it, spray a fifth, shade nothing."""
    got = ranked(twin, "shade", "spray", "water")
    assert [each.plan.name for each in got.plans] == ["water", "spray", "shade"]
    usual = 2 * twin.fewer(50).read("wet")
    np.testing.assert_allclose(got.usual[1], np.median(usual), rtol=0.01)
    for each, share in zip(got.plans, (0.5, 0.2, 0.0), strict=True):
        wanted = np.quantile(share * usual, [0.05, 0.5, 0.95], method="hazen")
        np.testing.assert_allclose(each.change, wanted, atol=0.02 * usual.mean())
    assert [each.best for each in got.plans] == pytest.approx([1.0, 0.0, 0.0])
    assert [each.helps for each in got.plans] == pytest.approx([1.0, 1.0, 0.0])
    assert [each.harms for each in got.plans] == [0.0, 0.0, 0.0]
    assert got.told_apart
    assert not any(each.tied for each in got.plans)
    assert got.worth == pytest.approx(0.1 * np.median(usual), rel=0.01)
    assert (got.day, got.members) == (4.0, 50)


def test_side_effects_are_other_read_outs_that_get_worse(twin: Twin) -> None:
    (got,) = ranked(twin, "shade").plans
    (side,) = got.sides
    assert (side.readout.name, side.chance) == ("hue", pytest.approx(1.0))
    hue = twin.fewer(50).read("hue")
    np.testing.assert_allclose(side.change, np.quantile(hue, [0.05, 0.5, 0.95], method="hazen"), rtol=0.03)
    names = {each.readout.name for each in ranked(twin, "water").plans[0].sides}
    assert names <= {"wet"}, "who becomes too wet is told, and nothing that gets better"


def test_a_read_out_that_should_go_down_is_turned(twin: Twin) -> None:
    got = ranked(twin, "shade", endpoint="hue").plans[0]
    assert got.harms == pytest.approx(1.0)
    assert got.helps == 0.0
    assert got.change[1] > 0


def test_what_should_lie_within_its_range_is_judged_by_how_far_it_lies(twin: Twin) -> None:
    wet = twin.reference.model.readouts["wet"]  # 8 to 12
    got = score(wet, np.array([7.0, 8.0, 10.0, 12.0, 15.0]))
    np.testing.assert_allclose(got, [-1, 0, 0, 0, -3])
    assert worth_telling(wet, np.zeros(3)) == pytest.approx(0.4)


def test_the_same_plan_twice_is_tied_and_shares_the_chance_to_be_best(twin: Twin) -> None:
    got = ranked(twin, "water", "water", "spray")
    assert [each.best for each in got.plans] == pytest.approx([0.5, 0.5, 0.0])
    assert [each.tied for each in got.plans] == [False, True, False]
    assert not got.told_apart


def test_plans_that_do_nothing_are_all_tied_and_none_helps(twin: Twin) -> None:
    got = ranked(twin, "shade", "shade")
    assert got.plans[1].tied
    assert all(each.helps == each.harms == 0 for each in got.plans)


def test_a_plan_is_told_apart_from_its_vehicle(twin: Twin) -> None:
    """A water of which the spray is the vehicle beats it; a spray whose vehicle is water does not."""
    plans = [
        plan(twin, "water", vehicle=[{"treatment": "spray"}]),
        plan(twin, "spray", vehicle=[{"treatment": "water"}]),
        plan(twin, "shade"),
        plan(twin, "spray", vehicle=[{"treatment": "spray"}]),
    ]
    got = {id(each.plan): each for each in rank(twin, plans, "damp", members=20).plans}
    first, second, third, fourth = (got[id(each)].beats_vehicle for each in plans)
    assert (first, second, fourth) == (pytest.approx(1.0), 0.0, 0.0)
    assert np.isnan(third)


def test_worth_may_be_given_and_counts(twin: Twin) -> None:
    usual = 2 * twin.fewer(50).read("wet")
    limit = 0.5 * float(np.median(usual))
    got = ranked(twin, "water", worth=limit).plans[0]
    assert got.helps == pytest.approx(0.5, abs=0.05)


def test_worth_of_what_is_nought_in_most_people_is_not_nought(twin: Twin) -> None:
    readout = replace(twin.reference.model.readouts["damp"], healthy=None)
    assert worth_telling(readout, np.array([0.0, 0.0, 0.0, 4.0])) == pytest.approx(0.1)
    assert worth_telling(readout, np.zeros(4)) > 0
    assert worth_telling(readout, np.array([1.0, -2.0, 3.0])) == pytest.approx(0.2)
    ranged = replace(readout, healthy=Healthy(1.0, 3.0, "none"))
    assert worth_telling(ranged, np.zeros(4)) == pytest.approx(0.2)


def test_an_earlier_day_is_judged_then(twin: Twin) -> None:
    late = plan(twin, "water", plan=[{"treatment": "water", "start": "2 day"}])
    assert rank(twin, [late], "damp", day=2.0, members=20).plans[0].helps == 0.0
    assert rank(twin, [late], "damp", day=4.0, members=20).plans[0].helps == pytest.approx(1.0)
    for day in (-1.0, 4.5):
        with pytest.raises(InputError, match="E285"):
            rank(twin, [late], "damp", day=day)


def test_a_reading_that_tells_what_a_plan_does_is_named_next(twin: Twin) -> None:
    """What water adds is half of the damp, so a reading of the damp tells what it adds."""
    known = twin.reference.model.readouts
    plain = replace(twin, seen=Observation(twin.seen.shares))
    case = [Candidate(known["damp"], 0.1, False, 2), Candidate(known["hue"], 0.1, True, 1)]
    got = rank(plain, [plan(twin, "water")], "damp", members=60, candidates=case)
    assert got.next[0].candidate.readout.name == "damp"
    assert got.next[0].narrows > 0.9


def test_equal_plans_share_and_the_chances_sum_to_one() -> None:
    gains = np.array([[1.0, 2.0, 0.0], [1.0, 1.0, 0.0], [0.0, 3.0, 0.0]])
    got = _best(gains, np.array([0.5, 0.3, 0.2]))
    np.testing.assert_allclose(got, [0.25 + 0.2 / 3, 0.25 + 0.2 / 3, 0.3 + 0.2 / 3])
    assert got.sum() == pytest.approx(1.0)


def test_who_fails_in_a_plan_is_left_out_of_all(twin: Twin, monkeypatch: pytest.MonkeyPatch) -> None:
    real = module.live

    def harsh(*args: Any, **more: Any) -> np.ndarray:
        out = real(*args, **more)
        out[..., :7] = np.nan
        return out

    monkeypatch.setattr(module, "live", harsh)
    got = ranked(twin, "water", "spray")
    assert got.members == 43
    assert [each.lost for each in got.plans] == [7, 7]
    assert got.plans[0].helps == pytest.approx(1.0)
    monkeypatch.setattr(module, "live", lambda *a, **k: np.full_like(real(*a, **k), np.nan))
    with pytest.raises(InputError, match="E590"):
        ranked(twin, "water")


@pytest.mark.parametrize(("endpoint", "code"), [("odd", "E589"), ("damps", "E290")])
def test_an_endpoint_that_cannot_be_judged_is_refused(twin: Twin, endpoint: str, code: str) -> None:
    with pytest.raises(InputError, match=code):
        ranked(twin, "water", endpoint=endpoint)


@pytest.mark.parametrize(
    "more", [{"days": 5}, {"lead_in_days": 1}, {"usual": [{"treatment": "spray"}]}, {"site": "bed"},
             {"set": {"rain": "4 ug/cm2/h"}}]
)  # fmt: skip
def test_plans_that_differ_in_what_is_done_anyway_are_refused(twin: Twin, more: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="E588"):
        rank(twin, [plan(twin, "water"), plan(twin, "spray", **more)], "damp")


def test_no_plan_is_refused(twin: Twin) -> None:
    with pytest.raises(InputError, match="E588"):
        rank(twin, [], "damp")


def test_same_again(twin: Twin) -> None:
    one, two = ranked(twin, "water", "spray"), ranked(twin, "water", "spray")
    assert [each.change.tobytes() for each in one.plans] == [each.change.tobytes() for each in two.plans]
