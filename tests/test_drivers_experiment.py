"""What can be asked, of whom, and what is refused before anything is run."""

from __future__ import annotations

import math
import runpy
from pathlib import Path

import pytest

from gutskin.drivers.experiment import Question, ask, everyday_case, scenario_case, study_case
from gutskin.errors import InputError
from gutskin.evidence.experiment import Laboratory
from gutskin.model import Model
from gutskin.scenario import scenario_from

toys = runpy.run_path(str(Path(__file__).with_name("drivers_toys.py")))
K = toys["K"]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return toys["pool"](tmp_path_factory.mktemp("toy"))


def value(model: Model, question: Question) -> float:
    laboratory = Laboratory(model)
    laboratory.run([question.case])
    return question.answer(model, laboratory.runs).value


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("drug",), 7 / K), (("drug", "placebo"), 4 / K), (("drug", "nothing"), 4 / K),
        (("drug", "placebo", "ratio"), 7 / 3), (("drug", "start"), 4 / K),
        (("placebo", "start", "ratio"), 1.0),
        (("drug", "start", "", "2 h"), 4 / K * (1 - math.exp(-2 * K))),
    ],
)  # fmt: skip
def test_questions_of_a_study(model: Model, tmp_path: Path, words: tuple[str, ...], expected: float) -> None:
    case = study_case(str(toys["case"](tmp_path).parent), model)
    assert value(model, ask(case, "pool", *words, model=model)) == pytest.approx(expected, rel=2e-3)


def test_an_expression_has_its_unit_and_a_question_its_words(model: Model, tmp_path: Path) -> None:
    case = study_case(str(toys["case"](tmp_path).parent), model)
    question = ask(case, "pool / at('0 h', pool)", "drug", "placebo", at="48 h", model=model)
    assert question.text == "pool / at('0 h', pool), drug, difference to placebo, 48 h"
    assert value(model, question) == pytest.approx(4 / 3, rel=1e-3)
    laboratory = Laboratory(model)
    laboratory.run([question.case])
    assert question.answer(model, laboratory.runs).unit == "mmol/(mmol)"


def test_only_the_arms_that_lead_to_the_question_are_run(model: Model, tmp_path: Path) -> None:
    text = toys["CASE"].replace("[arms.placebo]", '[arms.off]\nafter = "drug"\ndays = 2\n[arms.placebo]')
    case = study_case(str(toys["case"](tmp_path, text).parent), model)
    assert set(ask(case, "pool", "off", model=model).case.arms) == {"drug", "off"}
    assert value(model, ask(case, "pool", "off", "drug", model=model)) == pytest.approx(-4 / K, rel=1e-3)


def test_crowds_of_a_study_are_asked_as_their_person(model: Model, tmp_path: Path) -> None:
    text = toys["CASE"].replace(
        'role = "fit"', 'role = "fit"\npeople = { like = "healthy_adult", count = 30 }'
    )
    case = study_case(str(toys["case"](tmp_path, text).parent), model)
    assert value(model, ask(case, "pool", "drug", "placebo", model=model)) == pytest.approx(4 / K, rel=1e-3)


def test_what_the_person_has_of_their_own_is_known(model: Model, tmp_path: Path) -> None:
    text = toys["CASE"].replace('role = "fit"', 'role = "fit"\npeople = { set = { leak = "0 mmol/h" } }')
    case = study_case(str(toys["case"](tmp_path, text).parent), model)
    question = ask(case, "pool", "drug", "placebo", model=model)
    assert question.own(model) == ({"toy.leak"}, {})
    text = text.replace("[arms.placebo]", '[arms.placebo]\npeople = { set = { inflow = "1 mmol/h" } }')
    case = study_case(str(toys["case"](tmp_path, text).parent), model)
    assert ask(case, "pool", "drug", "placebo", model=model).own(model) == (set(), {})


SOMEBODY = """label = "Somebody"
[set.leak]
value = {}
unit = "mmol/h"
spread = {{ kind = "normal", sd = 0.5 }}
source = "none"
grade = "assumed"
"""


def test_a_spread_that_all_have_alike_stands_for_the_ledgers(model: Model, tmp_path: Path) -> None:
    """Two persons who agree, two who do not, and one beside the ledger."""
    folder = tmp_path / "drug_2000"
    folder.mkdir()
    for name, value in (("ada", 2), ("bob", 2), ("eve", 3)):
        (folder / f"{name}.toml").write_text(SOMEBODY.format(value))
    found = []
    for one, other in (("ada.toml", "bob.toml"), ("ada.toml", "eve.toml"), ("ada.toml", "healthy_adult")):
        text = toys["CASE"].replace("days = 3\nset", f"days = 3\npeople = {{ like = '{one}' }}\nset")
        text = text.replace("[arms.placebo]", f"[arms.placebo]\npeople = {{ like = '{other}' }}")
        case = study_case(str(toys["case"](tmp_path, text).parent), model)
        found.append(ask(case, "pool", "drug", "placebo", model=model).own(model))
    (none, alike), (differ, nothing), (beside, empty) = found
    assert (none, differ, beside) == (set(), {"toy.leak"}, {"toy.leak"})
    assert (nothing, empty) == ({}, {})
    assert (alike["toy.leak"].value, alike["toy.leak"].spread.sd) == (2.0, 0.5)


def test_a_scenario_has_arms_with_and_without_its_plan_after_what_is_usual(
    model: Model, tmp_path: Path
) -> None:
    folder = tmp_path / "treatments"
    folder.mkdir()
    for name, constant, to in (("drug", "drug", 1.0), ("habit", "leak", 5.0)):
        unit = "1" if constant == "drug" else "mmol/h"
        folder.joinpath(f"{name}.toml").write_text(
            f'title = "{name}"\nabout = "For a test."\nkind = "take"\n[[effect]]\nset = "{constant}"\n'
            f'to = {{ value = {to}, unit = "{unit}", source = "none", grade = "assumed" }}\n'
        )
    data = {
        "days": 3, "usual": [{"treatment": "habit"}], "plan": [{"treatment": "drug", "end": "2 days"}],
        "set": {"inflow": "1 mmol/h"},
    }  # fmt: skip
    case = scenario_case(scenario_from(data, "plan", (folder,)), "healthy_adult")
    assert value(model, ask(case, "pool", "without", "start", model=model)) == pytest.approx(0.0, abs=0.01)
    assert value(model, ask(case, "pool", "without", model=model)) == pytest.approx(6 / K, rel=1e-3)
    planned = ask(case, "pool", "with_plan", "without", at="48 h", model=model)
    assert value(model, planned) == pytest.approx(4 / K, rel=1e-3)
    after = ask(case, "pool", "with_plan", "without", at="54 h", model=model)
    assert value(model, after) == pytest.approx(4 / K * math.exp(-6 * K), rel=1e-2)


def test_everyday_life(model: Model) -> None:
    question = ask(everyday_case("healthy_adult"), "pool", "everyday", model=model)
    assert value(model, question) == pytest.approx(3 / K, rel=1e-3)


def test_no_finite_value_is_a_reason_not_a_number(model: Model) -> None:
    question = ask(everyday_case("healthy_adult"), "ln(pool / '1 mmol' - 100)", "everyday", model=model)
    laboratory = Laboratory(model)
    laboratory.run([question.case])
    answer = question.answer(model, laboratory.runs)
    assert math.isnan(answer.value)
    assert answer.reason


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("pool", "drgu"), "E432", "did you mean drug"), (("pool", "drug", "placbo"), "E432", "did you mean"),
        (("pool", "drug", "drug"), "E432", "two arms"), (("pool", "drug", "", "ratio"), "E432", "two arms"),
        (("pool", "drug", "placebo", "odds"), "E432", "difference or ratio"),
        (("pol", "drug"), "E405", "did you mean pool"), (("pool", "drug", "", "", "day 3"), "E407", "28 day"),
        (("pool", "drug", "start", "", "time of peak"), "E432", "versus"),
        (("at('1 day', pool)", "drug", "", "", "peak"), "E432", "keep one"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked(
    model: Model, tmp_path: Path, words: tuple[str, ...], code: str, said: str
) -> None:
    case = study_case(str(toys["case"](tmp_path).parent), model)
    with pytest.raises(InputError, match=code) as caught:
        ask(case, *words, model=model)
    assert said in str(caught.value)


def test_a_study_is_of_the_library_or_the_only_one_of_a_folder(model: Model, tmp_path: Path) -> None:
    library = Path(toys["case"](model.library / "evidence", name="mine_2001").parent)
    assert study_case("mine_2001", model).study == library.name
    with pytest.raises(InputError, match="E432") as caught:
        study_case("mine_2010", model)
    assert "mine_2001" in caught.value.remedy
    for name in ("a_2000", "b_2000"):
        toys["case"](tmp_path, name=name)
    with pytest.raises(InputError, match=r"E432 .* holds 2 studies"):
        study_case(str(tmp_path), model)
