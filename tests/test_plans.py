"""Plans by name: treatments on top of what is done anyway, scenarios, lengths, and names of nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from gutskin.answers.rank import asked
from gutskin.errors import InputError
from gutskin.ledger import read_toml
from gutskin.model import load
from gutskin.paths import LIBRARY
from gutskin.plans import FILE, read_plans, usual_endpoint
from gutskin.scenario import DAY
from gutskin.treatment import treatment_names

TREATMENTS = sorted(treatment_names((LIBRARY / "treatments",)))
SCENARIO = 'title = "Own"\nabout = "Mine."\ndays = 28\n{}\n[[plan]]\ntreatment = "{}"\n{}'
USUAL = f'[[usual]]\ntreatment = "{TREATMENTS[0]}"'


def own(folder: Path, usual: str = USUAL, tail: str = "", more: str = "") -> str:
    path = folder / "own.toml"
    path.write_text(SCENARIO.format(more, TREATMENTS[1], tail) + "\n" + usual + "\n")
    return str(path)


def test_without_names_they_are_the_candidates_of_the_library() -> None:
    told = read_toml(LIBRARY / FILE)
    plans = read_plans([])
    assert [each.name for each in plans] == told["plans"]
    assert {each.days for each in plans} == {told["days"]}
    assert len({each.usual for each in plans}) == 1
    assert plans[0].usual[0].treatment.name == told["usual"][0]["treatment"]
    assert asked(load(), plans, usual_endpoint())[0].better != "none"


def test_a_treatment_is_taken_in_its_usual_dose_to_the_end() -> None:
    (plan,) = read_plans([TREATMENTS[0]], days=10)
    (course,) = plan.plan
    assert plan.title == course.treatment.title
    assert (course.start, course.end) == (0.0, 10 * DAY)
    assert course.treatment.dose is None or course.dose == course.treatment.dose.usual


def test_a_treatment_comes_on_top_of_what_the_first_scenario_does_anyway(tmp_path: Path) -> None:
    path = own(tmp_path, more="lead_in_days = 7\nseed = 5\n")
    treatment, scenario = read_plans([TREATMENTS[2], path])
    assert treatment.usual == scenario.usual != ()
    assert (treatment.days, treatment.lead_in, treatment.seed) == (28, 7, 5)


def test_numbers_that_a_scenario_sets_hold_for_treatments_beside_it(tmp_path: Path) -> None:
    number = load().network.constants[0]
    path = own(tmp_path, f'[set]\n{number.name} = "1 {number.unit}"')
    plans = read_plans([path, TREATMENTS[2]])
    assert plans[1].overrides == plans[0].overrides != {}
    asked(load(), plans, usual_endpoint())


def test_a_longer_plan_goes_on_and_a_shorter_one_leaves_out_what_comes_later(tmp_path: Path) -> None:
    late = f'[[plan]]\ntreatment = "{TREATMENTS[2]}"\nstart = "14 day"\nend = "21 day"\n'
    (long,) = read_plans([path := own(tmp_path, tail=late)], days=56)
    assert [each.end / DAY for each in long.plan] == [56, 21]
    assert long.usual[0].end == 56 * DAY
    (short,) = read_plans([path], days=7)
    assert [each.end / DAY for each in short.plan] == [7]
    assert short.days == 7


@pytest.mark.parametrize(
    ("names", "days", "code"),
    [
        (["nothing_like_it"], 0, "E569"),
        ([""], 0, "E569"),
        (["../candidates"], 0, "E569"),
        (["x" * 400], 0, "E569"),
        (["nowhere.toml"], 0, "E245"),
        ([], 0.5, "E241"),
        ([], 4000, "E241"),
        ([], float("nan"), "E241"),
    ],
)
def test_what_is_no_plan_is_refused(names: list[str], days: float, code: str) -> None:
    with pytest.raises(InputError) as caught:
        read_plans(names, days=days)
    assert caught.value.code == code


@pytest.mark.parametrize("days", [0.5, 4000])
def test_a_scenario_can_not_be_lived_longer_than_one_that_is_written(tmp_path: Path, days: float) -> None:
    with pytest.raises(InputError) as caught:
        read_plans([own(tmp_path)], days=days)
    assert caught.value.code == "E241"
    assert caught.value.remedy


def test_a_name_that_is_nearly_right_is_suggested() -> None:
    with pytest.raises(InputError, match=TREATMENTS[0]):
        read_plans([TREATMENTS[0][:-1]])
