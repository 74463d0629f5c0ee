"""Arms: what is done to whom, in which order, and which wishes are refused."""

from __future__ import annotations

import runpy
import tomllib
from pathlib import Path

import pytest

from gutskin.errors import InputError
from gutskin.evidence.arms import read_arms, words
from gutskin.evidence.case import Arm
from gutskin.evidence.conduct import key_of, taken
from gutskin.model import Model
from gutskin.paths import LIBRARY

pool = runpy.run_path(str(Path(__file__).parent / "fixtures" / "evidence_pool.py"))


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return pool["library"](tmp_path_factory.mktemp("pool"))


def arms(text: str, model: Model, study: str = "toy") -> dict[str, Arm]:
    return read_arms(tomllib.loads(text), Path("somewhere") / study / "case.toml", model.library)


def refused(text: str, model: Model, code: str = "E402") -> InputError:
    with pytest.raises(InputError) as caught:
        arms(text, model)
    assert caught.value.code == code
    assert "toy/case.toml" in caught.value.where
    assert caught.value.remedy
    return caught.value


COURSE = '[[arms.{name}.courses]]\ntreatment = "{what}"\n'
TRIAL = "[arms.drug]\ndays = 4\n{more}" + "".join(
    COURSE.format(name="drug", what=what) for what in ("drop", "wash")
)


def test_an_arm_with_all_keys(model: Model) -> None:
    made = arms(
        """people = { count = 5 }
[arms.a]
days = 4
people = { like = "fast", count = 3, seed = 2 }
diet = { meal = "4 ug/cm2/h" }
set = { half = "1 ug/cm2" }
adherence = 0.8
dropout = 0.1
analysis = "last observation"
every = "2 h"

[[arms.a.courses]]
treatment = "drop"
dose = "3 mg"
times_per_day = 3
start = "1 day"
end = "2 day"

[arms.b]
days = 1
""",
        model,
    )
    a = made["a"]
    assert (a.days, a.adherence, a.dropout, a.analysis, a.every) == (4.0, 0.8, 0.1, "last observation", 2.0)
    assert (a.crew.like, a.crew.count, made["b"].crew.like, made["b"].crew.count) == (
        "fast",
        3,
        "healthy_adult",
        5,
    )
    diet, level, drop = a.courses
    assert [(c.treatment.effects[0].target, c.every, c.start, c.end) for c in (diet, level)] == [
        ("inflow", None, 0.0, 96.0),
        ("half", None, 0.0, 96.0),
    ]
    assert (drop.dose, drop.every, drop.doses()) == (3.0, 8.0, [24.0, 32.0, 40.0])


def test_outputs_are_every_four_hours_or_once_in_a_shorter_arm(model: Model) -> None:
    made = arms("[arms.a]\ndays = 0.1\n[arms.b]\ndays = 1\n", model)
    assert [made[name].every for name in "ab"] == [pytest.approx(2.4), 4.0]


def test_arms_may_be_written_in_any_order(model: Model) -> None:
    made = arms(
        '[arms.c]\nlike = "b"\nwithout = ["drop"]\n[arms.b]\nafter = "a"\ndays = 2\n'
        + COURSE.format(name="b", what="drop")
        + "[arms.a]\ndays = 1\n",
        model,
    )
    assert [made[name].after for name in "abc"] == ["", "a", "a"]
    assert made["c"].courses == ()


def test_a_placebo_arm_differs_in_nothing_else(model: Model) -> None:
    text = TRIAL.format(more='adherence = 0.5\ndropout = 0.2\nevery = "1 h"\ndiet = "feast"\n')
    made = arms(text + '[arms.placebo]\nlike = "drug"\ndays = 4\nwithout = ["drop"]\n', model)
    drug, placebo = made["drug"], made["placebo"]
    assert [c.treatment.name for c in drug.courses] == ["feast", "drop", "wash"]
    assert [c.treatment.name for c in placebo.courses] == ["feast", "wash"]
    assert all(each in drug.courses for each in placebo.courses)
    for key in ("days", "crew", "adherence", "dropout", "analysis", "every", "after"):
        assert getattr(drug, key) == getattr(placebo, key)
    kept = {c.treatment.name: taken([drug], 3)[k].doses() for k, c in enumerate(drug.courses)}
    assert taken([placebo], 3)[1].doses() == kept["wash"], "who forgets a dose forgets it in both arms"


def test_a_diet_of_a_table_can_be_left_out_too(model: Model) -> None:
    made = arms(
        '[arms.a]\ndays = 1\ndiet = { food = "4 ug/cm2/h" }\n[arms.b]\nlike = "a"\nwithout = ["diet"]\n',
        model,
    )
    assert made["b"].courses == ()


def test_who_goes_on_is_who_was_there(model: Model) -> None:
    made = arms(
        '[arms.a]\ndays = 1\npeople = { like = "fast" }\n[arms.b]\nafter = "a"\ndays = 1\n'
        '[arms.c]\nlike = "b"\nwithout = ["x"]\n'.replace('without = ["x"]', 'without = ["drop"]')
        + COURSE.format(name="b", what="drop"),
        model,
    )
    assert {made[name].crew.like for name in "abc"} == {"fast"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "arms = 3",
        "[arms]\n",
        "arms = { a = 3 }",
        "[arms.a]\n",
        "[arms.a]\ndays = 0",
        "[arms.a]\ndays = true",
        "[arms.a]\ndays = inf",
        "[arms.a]\ndays = 4000",
        "[arms.a]\ndays = 1\nweeks = 2",
        "[arms.a]\ndays = 1\nadherence = 1.1",
        "[arms.a]\ndays = 1\nadherence = '1'",
        "[arms.a]\ndays = 1\ndropout = -0.1",
        "[arms.a]\ndays = 1\nanalysis = 'all'",
        "[arms.a]\ndays = 1\nevery = '2 day'",
        "[arms.a]\ndays = 1\nevery = '0 h'",
        "[arms.a]\ndays = 1\ndiet = 3",
        "[arms.a]\ndays = 1\ndiet = {}",
        "[arms.a]\ndays = 1\nset = 'x'",
        "[arms.a]\ndays = 1\ndiet = 'drop'",
        "[arms.a]\ndays = 1\ncourses = 'drop'",
        "[arms.a]\ndays = 1\n[[arms.a.courses]]\ntreatment = 'drop'\nreplaces = 'wash'",
        "[arms.a]\ndays = 1\nafter = 'a'",
        "[arms.a]\ndays = 1\nafter = 'b'",
        "[arms.a]\ndays = 1\nafter = 3",
        "[arms.a]\nlike = 'a'\nwithout = ['drop']",
        "[arms.a]\ndays = 1\n[arms.b]\nlike = 'a'",
        "[arms.a]\ndays = 1\n[arms.b]\nlike = 'a'\nwithout = 'drop'",
        "[arms.a]\ndays = 1\n[arms.b]\nlike = 'a'\nwithout = [{}]",
        TRIAL.format(more="") + "[arms.b]\nlike = 'drug'\nwithout = ['drop']\ndays = 3",
        TRIAL.format(more="") + "[arms.b]\nlike = 'drug'\nwithout = ['drop', 'feast']",
        "[arms.a]\ndays = 1\n[arms.b]\ndays = 1\nafter = 'a'\npeople = { count = 2 }",
        "[arms.a]\ndays = 1\n[arms.drug]\ndays = 1\nafter = 'a'\n"
        + COURSE.format(name="drug", what="drop")
        + "[arms.b]\nlike = 'drug'\nwithout = ['drop']\npeople = { count = 2 }",
        "[arms.a]\ndays = 1\ndropout = 0.1\nanalysis = 'last observation'\n[arms.b]\ndays = 1\nafter = 'a'",
        "people = 3\n[arms.a]\ndays = 1",
        "people = { who = 'me' }\n[arms.a]\ndays = 1",
        "people = { count = 0 }\n[arms.a]\ndays = 1",
        "people = { count = 1.5 }\n[arms.a]\ndays = 1",
        "people = { count = true }\n[arms.a]\ndays = 1",
        "people = { seed = 'x' }\n[arms.a]\ndays = 1",
        "people = { count = 1000000 }\n[arms.a]\ndays = 1",
        "people = { set = 3 }\n[arms.a]\ndays = 1",
        "people = { like = ['x'] }\n[arms.a]\ndays = 1",
        "people = { site = 3 }\n[arms.a]\ndays = 1",
        "[arms.start]\ndays = 1",
    ],
)
def test_ill_formed_arms_are_refused(text: str, model: Model) -> None:
    refused(text, model)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[arms.a]\ndays = 1\ndiet = 'feats'", "E232"),
        ("[arms.a]\ndays = 1\nset = { half = 3 }", "E204"),
        ("[arms.a]\ndays = 1\ndiet = { food = 'much' }", "E203"),
        ("[arms.a]\ndays = 1\nevery = '4 g'", "E202"),
        ("[arms.a]\ndays = 1\n[[arms.a.courses]]\ntreatment = 'drop'\ndose = '3 mL'", "E202"),
        ("[arms.a]\ndays = 1\n[[arms.a.courses]]\ntreatment = 'drop'\nstart = '1 day'", "E244"),
        ("[arms.a]\ndays = 1\n[[arms.a.courses]]\ntreatment = 'drop'\nhow = 'fast'", "E240"),
    ],
)
def test_what_is_given_wrongly_is_refused_with_the_code_of_scenarios(
    text: str, code: str, model: Model
) -> None:
    refused(text, model, code)


def test_circles_are_named(model: Model) -> None:
    said = refused("[arms.a]\ndays = 1\nafter = 'b'\n[arms.b]\ndays = 1\nafter = 'a'", model).message
    assert said == "arms a, b follow each other in a circle"


# ---- what makes two arms one


def one(text: str, model: Model, study: str = "toy") -> str:
    made = arms(text, model, study)
    return key_of([made["a"]])


FED = "[arms.a]\ndays = 2\ndiet = { food = '4 ug/cm2/h' }\nset = { half = '1 ug/cm2' }\n"


def test_the_same_arm_of_two_studies_is_one(model: Model) -> None:
    assert one(FED, model, "one_2001") == one(FED.replace("food", "meal"), model, "two_2002")
    assert one(FED, model) == one(FED + "every = '1 h'\ndropout = 0.2\n", model), "only how it is looked at"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("days = 2", "days = 3"),
        ("4 ug", "5 ug"),
        ("'1 ug/cm2'", "'2 ug/cm2'"),
        ("set", "adherence = 0.5\nset"),
        ("days", "people = { seed = 2, count = 2 }\ndays"),
        ("days", "people = { like = 'fast' }\ndays"),
        ("days", "people = { set = { half = '2 ug/cm2' } }\ndays"),
    ],
)
def test_arms_that_differ_in_what_is_done_are_two(old: str, new: str, model: Model) -> None:
    assert one(FED, model) != one(FED.replace(old, new, 1), model)


# ---- doses that are forgotten


def doses(adherence: float, model: Model, person: int = 0, seed: int = 1) -> list[list[float]]:
    text = f"people = {{ seed = {seed} }}\n[arms.a]\ndays = 200\nadherence = {adherence}\n"
    text += COURSE.format(name="a", what="drop") * 2 + 'start = "6 h"\n'
    made = arms(text, model)
    return [course.doses() for course in taken([made["a"]], person)]


def test_all_doses_or_none(model: Model) -> None:
    assert [len(each) for each in doses(1.0, model)] == [400, 400]
    assert doses(0.0, model) == [[], []]


def test_about_half_of_the_doses_is_taken_by_chance(model: Model) -> None:
    morning, evening = doses(0.5, model)
    for each in (morning, evening):
        assert abs(len(each) - 200) < 4 * 10  # four standard deviations of a coin thrown 400 times
        assert set(each) <= set(doses(1.0, model)[each is evening])
    both = {time - 6.0 for time in evening} & set(morning)
    assert abs(len(both) - 100) < 4 * 9, "each dose by its own chance, also of two courses of the same"
    assert doses(0.5, model) == [morning, evening], "same seed, same doses"
    assert doses(0.5, model, person=1)[0] != morning
    assert doses(0.5, model, seed=2)[0] != morning


def test_who_takes_more_takes_what_who_takes_less_takes(model: Model) -> None:
    assert set(doses(0.3, model)[0]) <= set(doses(0.7, model)[0])


def test_luck_of_a_later_arm_is_its_own(model: Model) -> None:
    text = "[arms.a]\ndays = 20\nadherence = 0.5\n" + COURSE.format(name="a", what="drop")
    made = arms(text + text.replace("arms.a", "arms.b").replace("days", "after = 'a'\ndays"), model)
    first, second = taken([made["a"]], 0), taken([made["a"], made["b"]], 0)
    assert first[0].doses() != second[0].doses()


def test_a_level_is_held_whole(model: Model) -> None:
    made = arms("[arms.a]\ndays = 2\nadherence = 0\ndiet = 'feast'\n", model)
    assert taken([made["a"]], 0) == made["a"].courses


# ---- words of diets


def test_words_of_diets_stand_for_constants_of_the_model() -> None:
    from gutskin.model import load

    known = {constant.name for constant in load().network.constants}
    assert words(LIBRARY)
    assert set(words(LIBRARY).values()) <= known
    assert not set(words(LIBRARY)) & known, "a word is no constant of another meaning"
