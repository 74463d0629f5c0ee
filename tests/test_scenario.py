"""Scenarios: each kind of mistake has a file, a code and a hint; doses fall where they should."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gutskin.errors import GutskinError, InputError
from gutskin.model import load
from gutskin.paths import LIBRARY
from gutskin.people import Person
from gutskin.precedence import resolve
from gutskin.protocol import stops
from gutskin.scenario import DAY, LONGEST, Course, Scenario, find_scenario, read_scenario, scenario_from
from gutskin.treatment import find_treatment

TREATMENTS = (LIBRARY / "treatments",)
BAD = sorted((Path(__file__).parent / "bad" / "scenarios").glob("*.toml"))
# Told by the model and not by the file: they name the person, or the treatments, instead of the file.
NEED_THE_MODEL = ("E234", "E260", "E265", "E202_set")
SHIPPED = sorted((LIBRARY / "scenarios").glob("*.toml"))


def made(**data: Any) -> Scenario:
    return scenario_from({"days": 7, **data}, "toy", TREATMENTS, where="toy.toml")


def use(path: Path) -> None:
    """Read a scenario and bind it to the shipped model, as a run does before it starts."""
    model, got = load(), read_scenario(path, TREATMENTS)
    constants, _ = resolve(model, Person("ada", "Ada").having("scenario", got.overrides))
    stops(got.courses(planned=True), model.network, constants)


def planned(**course: Any) -> Course:
    return made(plan=[{"treatment": "inulin", **course}]).plan[0]


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_bad_file_is_refused_with_its_code_its_place_and_a_remedy(path: Path) -> None:
    with pytest.raises(GutskinError) as caught:
        use(path)
    assert caught.value.code == path.name.split("_", 1)[0]
    assert path.name in caught.value.where or path.stem.startswith(NEED_THE_MODEL)
    assert caught.value.message
    assert caught.value.remedy or caught.value.code == "E243"


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("E240_misspelt_key", "did you mean days"),
        ("E240_misspelt_key_of_a_course", "times_per_day"),
        ("E232_unknown_treatment", "did you mean inulin"),
        ("E202_dose_in_millilitres", "doses of inulin are in g"),
        ("E204_dose_without_unit", '"5 g"'),
        ("E242_every_and_times_per_day", "keep one"),
        ("E244_replaces_what_is_not_usual", "soap_wash"),
    ],
)
def test_the_remedy_helps(name: str, hint: str) -> None:
    (path,) = [each for each in BAD if each.stem == name]
    with pytest.raises(GutskinError) as caught:
        read_scenario(path, TREATMENTS)
    assert hint in caught.value.remedy


def test_the_place_names_the_course_by_number() -> None:
    with pytest.raises(InputError) as caught:
        made(plan=[{"treatment": "inulin"}, {"treatment": "inulin", "dose": "x"}])
    assert caught.value.where == "toy.toml: plan 2"


def test_every_code_of_scenarios_has_a_file() -> None:
    codes = {path.name.split("_", 1)[0] for path in BAD}
    assert {"E202", "E203", "E204", "E232", "E240", "E241", "E242", "E243", "E244"} <= codes


def test_a_missing_file_and_a_missing_name(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="E131"):
        read_scenario(tmp_path / "none.toml", TREATMENTS)
    with pytest.raises(InputError, match=r"E245.*did you mean demo"):
        find_scenario("demmo", LIBRARY / "scenarios")
    with pytest.raises(InputError, match="E245"):
        find_scenario(str(tmp_path / "none.toml"), LIBRARY / "scenarios")
    assert find_scenario("demo", LIBRARY / "scenarios") == LIBRARY / "scenarios" / "demo.toml"


def test_what_is_left_out_gets_a_default() -> None:
    got = made()
    assert (got.title, got.days, got.lead_in, got.seed, got.person) == ("toy", 7.0, 28.0, 1, "")
    assert got.usual == got.plan == got.warnings == ()
    course = planned()
    assert (course.dose, course.every, course.start, course.end) == (10.0, 24.0, 0.0, 168.0)


def test_what_is_said_arrives() -> None:
    got = made(title="T", about="A", person="ada", lead_in_days=3, seed=9, set={"stress_load": "1 1"})
    assert (got.title, got.about, got.person, got.lead_in, got.seed) == ("T", "A", "ada", 3.0, 9)
    assert got.overrides == {"stress_load": (1.0, "1")}


@pytest.mark.parametrize("days", [1, 1.5, LONGEST])
def test_days_that_are_allowed(days: float) -> None:
    assert made(days=days).days == days


@pytest.mark.parametrize(
    ("dose", "grams"), [("5 g", 5.0), ("5000 mg", 5.0), ("0.005 kg", 5.0), ("1e1 g", 10.0), ("2.5g", 2.5)]
)
def test_doses_are_turned_into_the_unit_of_the_treatment(dose: str, grams: float) -> None:
    assert planned(dose=dose).dose == pytest.approx(grams, rel=1e-12)


@pytest.mark.parametrize(
    ("dose", "warned"), [("1 g", False), ("30 g", False), ("0.9 g", True), ("31 g", True)]
)
def test_a_dose_out_of_the_studied_range_gives_a_warning(dose: str, warned: bool) -> None:
    got = made(plan=[{"treatment": "inulin", "dose": dose}])
    assert bool(got.warnings) is warned
    assert all("outside the studied 1-30 g" in said for said in got.warnings)


@pytest.mark.parametrize(
    ("interval", "hours"),
    [
        ({"every": "8 h"}, 8),
        ({"every": "2 days"}, 48),
        ({"times_per_day": 3}, 8),
        ({"times_per_day": 0.5}, 48),
    ],
)
def test_intervals(interval: dict[str, Any], hours: float) -> None:
    assert planned(**interval).every == pytest.approx(hours)


def test_a_course_ends_with_the_scenario() -> None:
    assert planned(start="2 days", end="99 days").end == 7 * DAY


def doses(scenario: Scenario, name: str, *, plan: bool) -> list[float]:
    courses = scenario.courses(planned=plan)
    return sorted(time for c in courses if c.treatment.name == name for time in c.doses())


def test_what_a_planned_course_replaces_is_dropped_only_with_the_plan() -> None:
    got = made(
        usual=[{"treatment": "soap_wash"}, {"treatment": "inulin"}],
        plan=[{"treatment": "syndet_wash", "replaces": "soap_wash"}],
    )
    assert [c.treatment.name for c in got.courses(planned=False)] == ["soap_wash", "inulin"]
    assert [c.treatment.name for c in got.courses(planned=True)] == ["inulin", "syndet_wash"]


@settings(deadline=None)
@given(start=st.integers(0, 160), length=st.integers(1, 168), every=st.integers(1, 30))
def test_what_is_replaced_rests_only_while_it_is_replaced(start: int, length: int, every: int) -> None:
    end = min(start + length, 168)
    got = made(
        usual=[{"treatment": "soap_wash", "every": f"{every} h"}],
        plan=[
            {"treatment": "syndet_wash", "replaces": "soap_wash", "start": f"{start} h", "end": f"{end} h"}
        ],
    )
    usual = doses(got, "soap_wash", plan=False)
    assert doses(got, "soap_wash", plan=True) == [time for time in usual if not start <= time < end]
    assert got.begins_at == pytest.approx(start / DAY)
    assert got.judged_at == pytest.approx(end / DAY)


def test_a_level_that_is_replaced_comes_back_too() -> None:
    got = made(
        usual=[{"treatment": "western_diet"}],
        plan=[
            {"treatment": "high_fibre_diet", "replaces": "western_diet", "start": "2 days", "end": "5 days"}
        ],
    )
    spans = {(c.treatment.name, c.start / DAY, c.end / DAY) for c in got.courses(planned=True)}
    assert spans == {("western_diet", 0, 2), ("high_fibre_diet", 2, 5), ("western_diet", 5, 7)}


def test_the_plan_is_judged_when_its_last_course_ends() -> None:
    assert made().judged_at == 7.0
    plan = [
        {"treatment": "inulin", "end": "2 days"},
        {"treatment": "inulin", "start": "1 day", "end": "4 days"},
    ]
    got = made(plan=plan)
    assert (got.begins_at, got.judged_at) == (0.0, 4.0)


@settings(deadline=None)
@given(
    start=st.integers(0, 20),
    length=st.integers(1, 40),
    every=st.integers(1, 96),
    shift=st.sampled_from([0.0, 0.5]),
)
def test_doses_are_equally_spaced_from_start_and_before_end(
    start: int, length: int, every: int, shift: float
) -> None:
    treatment = find_treatment("inulin", TREATMENTS)
    begin, end = start * DAY + shift, start * DAY + shift + length * DAY
    doses = Course(treatment, 1.0, float(every), begin, end).doses()
    assert doses[0] == begin
    assert all(b - a == every for a, b in itertools.pairwise(doses))
    assert doses[-1] < end <= doses[-1] + every


def test_a_level_has_no_doses() -> None:
    got = made(plan=[{"treatment": "high_fibre_diet"}])
    assert got.plan[0].doses() == []
    assert got.plan[0].every is None


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_scenarios_can_be_read_without_warnings(path: Path) -> None:
    got = read_scenario(path, TREATMENTS)
    assert got.plan
    assert not got.warnings


def test_a_vehicle_is_a_course_of_neither_arm() -> None:
    """It stands beside the plan; with and without the plan are what they were."""
    usual, plan = [{"treatment": "soap_wash"}], [{"treatment": "inulin"}]
    with_it = made(usual=usual, plan=plan, vehicle=[{"treatment": "syndet_wash", "replaces": "soap_wash"}])
    without = made(usual=usual, plan=plan)
    for planned_ in (False, True):
        assert with_it.courses(planned=planned_) == without.courses(planned=planned_)
    (course,) = with_it.vehicle
    assert (course.treatment.name, course.replaces) == ("syndet_wash", "soap_wash")
    assert without.vehicle == ()


def test_in_the_vehicles_arm_it_replaces_what_it_says() -> None:
    got = made(
        usual=[{"treatment": "soap_wash"}],
        plan=[{"treatment": "inulin"}],
        vehicle=[{"treatment": "syndet_wash", "replaces": "soap_wash"}],
    )
    arm = replace(got, plan=got.vehicle).courses(planned=True)
    last = [course for course in arm if course.end > course.start]
    assert [course.treatment.name for course in last] == ["syndet_wash"]
