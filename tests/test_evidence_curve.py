"""Published curves: their tables, and how far a simulated course is from them by each measure."""

from __future__ import annotations

import math
import runpy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gutskin.errors import InputError
from gutskin.evidence.case import Curve
from gutskin.evidence.curve import MEASURES, distance
from gutskin.evidence.expression import expression
from gutskin.evidence.read import read_case
from gutskin.evidence.validate import validate
from gutskin.model import Model

pool = runpy.run_path(str(Path(__file__).parent / "fixtures" / "evidence_pool.py"))


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return pool["library"](tmp_path_factory.mktemp("pool"))


def curve(values: list[float], measure: str) -> Curve:
    hours = tuple(float(k) for k in range(len(values)))
    return Curve(expression("x"), "a", "1", hours, tuple(values), measure, 0.0, 1.0, "why")


def case(
    folder: Path, table: str, *, data: str = "data.csv", more: str = 'measure = "rmse"\nhigh = 1', **rows: str
) -> Path:
    said = {"readout": "x", "arm": "fed", "data": data, "unit": "ug/cm2", "why": "Figure 1", **rows}
    body = '[arms.fed]\ndays = 2\ndiet = "feast"\n[[curve]]\n' + "".join(
        f'{k} = "{v}"\n' for k, v in said.items()
    )
    path = pool["write"](folder, body + more + "\n")
    (path.parent / data).write_bytes(table.encode())
    return path


# ---- measures


def test_each_measure_by_hand() -> None:
    simulated = np.array([2.0, 2.0, 16.0])
    values = [1.0, 2.0, 4.0]
    wanted = {
        "rmse": math.sqrt((1 + 0 + 144) / 3),
        "mean_relative": (1 + 0 + 3) / 3,
        "log10_rmse": math.sqrt((math.log10(2) ** 2 + math.log10(4) ** 2) / 3),
        "share_within_2_fold": 2 / 3,
    }
    assert set(wanted) == set(MEASURES)
    for measure, figure in wanted.items():
        assert distance(curve(values, measure), simulated) == pytest.approx(figure), measure


positive = st.lists(st.floats(1e-3, 1e3), min_size=1, max_size=8)


@given(positive, st.sampled_from(MEASURES))
def test_a_curve_is_next_to_itself(values: list[float], measure: str) -> None:
    assert distance(curve(values, measure), np.array(values)) == float(measure == "share_within_2_fold")


@given(positive, st.floats(1e-3, 1e3), st.floats(0.1, 10.0))
def test_relative_measures_do_not_care_for_the_unit(values: list[float], scale: float, off: float) -> None:
    simulated = off * np.array(values)
    for measure in ("mean_relative", "log10_rmse"):
        there = distance(curve([scale * v for v in values], measure), scale * simulated)
        assert there == pytest.approx(distance(curve(values, measure), simulated), rel=1e-6, abs=1e-9)
    assert distance(curve(values, "log10_rmse"), simulated) == pytest.approx(abs(math.log10(off)), abs=1e-9)


def test_just_two_fold_is_within() -> None:
    assert distance(curve([3.0, 3.0], "share_within_2_fold"), np.array([6.0, 1.5])) == 1.0
    assert distance(curve([3.0, 3.0], "share_within_2_fold"), np.array([6.0001, 1.4999])) == 0.0


def test_nothing_is_far_from_something_and_a_missing_value_is_unknown() -> None:
    values = [1.0, 2.0]
    assert distance(curve(values, "share_within_2_fold"), np.array([0.0, 2.0])) == 0.5
    assert distance(curve(values, "log10_rmse"), np.array([0.0, 2.0])) == math.inf
    for measure in MEASURES:
        assert math.isnan(distance(curve(values, measure), np.array([math.nan, 2.0]))), measure


# ---- tables


def read(path: Path, model: Model) -> Curve:
    return read_case(path, model.library).curves[0]


def test_days_or_hours_in_any_order(model: Model, tmp_path: Path) -> None:
    found = read(case(tmp_path, "day,value\n1.5,7\n0,6\n"), model)
    assert (found.hours, found.values, found.low, found.high) == ((0.0, 36.0), (6.0, 7.0), 0.0, 1.0)
    found = read(case(tmp_path, "\ufeffhour,value,note\r\n0,6,a\r\n36,7,b\r\n"), model)
    assert (found.hours, found.values) == ((0.0, 36.0), (6.0, 7.0))
    found = read(case(tmp_path, "day,value\n1,6\n", more='measure = "share_within_2_fold"\nlow = 0.8'), model)
    assert (found.low, found.high) == (0.8, 1.0)


@pytest.mark.parametrize(
    "table",
    [
        "",
        "day,value\n",
        "day\n1\n",
        "value\n1\n",
        "day,value\n1\n",
        "day,value\none,2\n",
        "day,value\n1,2;3\n",
        "day,value\n1,nan\n",
        "day,value\n1,inf\n",
        "day,value\nnan,1\n",
        "day,value\n-1,1\n",
        "day,value\n3,1\n",
        "day,value\n1,1\n1,2\n",
        "day;value\n1;2\n",
        "\x00",
        "hour,value\n49,1\n",
    ],
)
def test_tables_that_cannot_be_used_are_refused(table: str, model: Model, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read(case(tmp_path, table), model)
    assert caught.value.code == "E408"
    assert "toy_2001/case.toml: curve 1" in caught.value.where


@pytest.mark.parametrize(
    "more",
    [
        "",
        'measure = "rmse"',
        'measure = "rmse"\nlow = 1',
        'measure = "rmse"\nhigh = 0',
        'measure = "rmse"\nhigh = -1',
        'measure = "rmse"\nhigh = nan',
        'measure = "rmse"\nhigh = true',
        'measure = "rmse"\nhigh = "1"',
        'measure = "rmse"\nhigh = 1\nlow = 0',
        'measure = "share_within_2_fold"\nhigh = 1',
        "measure = 3\nhigh = 1",
        'measure = "share_within_2_fold"\nlow = 1.1',
        'measure = "rmse"\nhigh = inf',
        'measure = ["rmse"]\nhigh = 1',
        'measure = "rmse"\nhigh = 1\nvalue = 3',
    ],
)
def test_limits_that_are_none_are_refused(more: str, model: Model, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read(case(tmp_path, "day,value\n1,6\n", more=more), model)
    assert caught.value.code == "E408"


def test_a_table_outside_the_folder_is_refused(model: Model, tmp_path: Path) -> None:
    path = case(tmp_path, "day,value\n1,6\n")
    (tmp_path / "secret.csv").write_text("day,value\n1,6\n")
    text = path.read_text()
    for place in ("../secret.csv", str(tmp_path / "secret.csv"), ".", "nothing.csv"):
        path.write_text(text.replace("data.csv", place))
        with pytest.raises(InputError) as caught:
            read(path, model)
        assert caught.value.code == "E408"


# ---- whole way


def rise(hours: np.ndarray) -> np.ndarray:
    """From everyday life to three times the inflow, in closed form."""
    return 18.0 - 12.0 * np.exp(-0.5 * hours)


HOURS = np.array([0.0, 1.3, 2.0, 7.7, 48.0])


@pytest.mark.parametrize("measure", MEASURES)
def test_a_course_is_compared_at_the_hours_of_the_table(measure: str, model: Model, tmp_path: Path) -> None:
    """Also between regular outputs, where a straight line would be wrong."""
    published = rise(HOURS) * np.array([1.1, 0.9, 1.3, 0.4, 1.0])
    table = "hour,value\n" + "".join(f"{h},{float(v)!r}\n" for h, v in zip(HOURS, published, strict=True))
    limit = "low = 0.5" if measure == "share_within_2_fold" else "high = 100"
    path = case(tmp_path, table, more=f'measure = "{measure}"\n{limit}')
    (score,) = validate(model, [path.parent]).scores
    wanted = distance(replace(read(path, model), measure=measure), rise(HOURS))
    assert score.value == pytest.approx(wanted, rel=2e-3)
    assert (score.grade, score.people) == ("green", 1)
    assert score.unit == ("ug/cm2" if measure == "rmse" else "1")
    assert score.said == f"{measure} over 5 points of fed"


def test_expressions_and_units_of_a_curve(model: Model, tmp_path: Path) -> None:
    table = "hour,value\n" + "".join(
        f"{h},{float(v)!r}\n" for h, v in zip(HOURS, rise(HOURS) / 6, strict=True)
    )
    path = case(tmp_path, table, readout="x / start(x)", unit="1", more='measure = "rmse"\nhigh = 0.01')
    assert validate(model, [path.parent]).scores[0].value < 2e-3
    thousand = "hour,value\n" + "".join(
        f"{h},{float(1e3 * v)!r}\n" for h, v in zip(HOURS, rise(HOURS), strict=True)
    )
    path = case(tmp_path, thousand, unit="ng/cm2", more='measure = "rmse"\nhigh = 10')
    assert validate(model, [path.parent]).scores[0].value < 10


def test_people_of_a_curve_are_averaged_noise_and_all(model: Model, tmp_path: Path) -> None:
    table = "hour,value\n0,6\n48,18\n"
    body = case(tmp_path, table).read_text().replace("[arms", "people = { count = 300 }\n[arms", 1)
    path = tmp_path / "toy_2001" / "case.toml"
    path.write_text(body)
    plain = validate(model, [path.parent]).scores[0]
    path.write_text(body + "[noise.x]\ncv = 0.2\n")
    noisy = validate(model, [path.parent]).scores[0]
    assert plain.people == noisy.people == 300
    assert plain.value != noisy.value
    assert noisy.value < 1.0
