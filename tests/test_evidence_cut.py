"""``cut`` in an arm of a case: what ``set`` would do with the edge's constant, and nothing else."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pytest

from gutskin.errors import InputError
from gutskin.evidence.conduct import key_of
from gutskin.evidence.experiment import Laboratory, Run
from gutskin.evidence.read import read_case
from gutskin.model import Model

toys = runpy.run_path(str(Path(__file__).with_name("drivers_toys.py")))


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return toys["pool"](tmp_path_factory.mktemp("toy"))


def lived(model: Model, folder: Path, arms: str) -> dict[str, Run]:
    text = toys["CASE"].replace("[[expect]]", f"{arms}\n[[expect]]")
    case = read_case(toys["case"](folder, text), model.library)
    case = type(case)(**{**vars(case), "expectations": tuple(
        type(case.expectations[0])(**{**vars(case.expectations[0]), "arm": arm}) for arm in case.arms
    )})  # fmt: skip
    laboratory = Laboratory(model)
    laboratory.run([case])
    return {arm: laboratory.runs[key_of(case.chain(arm))] for arm in case.arms}


def test_cutting_is_setting_to_the_silent_value(model: Model, tmp_path: Path) -> None:
    runs = lived(
        model,
        tmp_path,
        """
[arms.cut]
days = 3
set = { drug = "1 1" }
cut = ["straight", "round"]
[arms.set]
days = 3
set = { drug = "1 1", gain_straight = "0 mmol/h", gain_round = "0 mmol/h" }
""",
    )
    assert np.array_equal(runs["cut"].courses["x"], runs["set"].courses["x"])
    assert np.array_equal(runs["cut"].end, runs["set"].end)
    assert runs["cut"].end[0, 0] == pytest.approx(3.0 / toys["K"], rel=1e-3)
    assert runs["drug"].end[0, 0] == pytest.approx(7.0 / toys["K"], rel=1e-3)


def test_a_cut_ends_with_its_arm(model: Model, tmp_path: Path) -> None:
    runs = lived(
        model, tmp_path, '[arms.cut]\ndays = 3\ncut = ["idle"]\n[arms.later]\nafter = "cut"\ndays = 5\n'
    )
    assert runs["cut"].end[0, 0] == pytest.approx(2.0 / toys["K"], rel=1e-3)
    assert runs["later"].end[0, 0] == pytest.approx(3.0 / toys["K"], rel=1e-3)


def test_an_arm_like_a_cut_one_is_cut_too(model: Model, tmp_path: Path) -> None:
    runs = lived(
        model,
        tmp_path,
        """
[arms.cut]
days = 3
set = { drug = "1 1" }
cut = ["idle"]
[arms.twin]
like = "cut"
without = ["set"]
""",
    )
    assert runs["twin"].end[0, 0] == pytest.approx(2.0 / toys["K"], rel=1e-3)


@pytest.mark.parametrize(
    ("cut", "remedy"),
    [('["strait"]', "did you mean straight"), ('"straight"', "a list"), ("[]", "a list"), ("[1]", "a list")],
)
def test_what_is_no_list_of_edges_is_refused(model: Model, tmp_path: Path, cut: str, remedy: str) -> None:
    text = toys["CASE"].replace("[arms.placebo]", f"[arms.placebo]\ncut = {cut}")
    with pytest.raises(InputError, match="E430") as caught:
        read_case(toys["case"](tmp_path, text), model.library)
    assert remedy in caught.value.remedy
    assert "arm placebo" in caught.value.where


def test_cutting_what_is_set_to_another_value_is_refused(model: Model, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="E234"):
        lived(model, tmp_path, '[arms.both]\ndays = 3\nset = { leak = "1 mmol/h" }\ncut = ["idle"]\n')
