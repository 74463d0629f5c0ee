"""The document and the tables hold every number of the page, and the data set holds the twin."""

from __future__ import annotations

import csv
import json
import math
import re
import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from gutskin.answers import document as made
from gutskin.answers import tell
from gutskin.answers.diagnose import diagnose
from gutskin.answers.stamp import stamp
from gutskin.report.numbers import figure
from gutskin.report.person import render

toy = runpy.run_path(str(Path(__file__).parent / "fixtures" / "twin_toy.py"))


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    twin = toy["twin"](toy["model"](tmp_path_factory.mktemp("toy")))
    return {
        "twin": twin, "diagnosis": diagnose(twin), "ranking": toy["ranking"](twin),
        "forecasts": [toy["forecast"](twin, planned=k, shift=float(k)) for k in (False, True)],
        "stamp": stamp(twin, population="adults", seed=5),
    }  # fmt: skip


@pytest.fixture(scope="module")
def folder(answers: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    where = tmp_path_factory.mktemp("out") / "deep"
    files = made.write_documents(where, **answers)
    assert sorted(path.name for path in where.iterdir()) == sorted(path.name for path in files)
    return where


def table(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def numbers(value: Any) -> list[float]:
    if isinstance(value, dict):
        return [each for part in value.values() for each in numbers(part)]
    if isinstance(value, list):
        return [each for part in value for each in numbers(part)]
    return [float(value)] if isinstance(value, int | float) and not isinstance(value, bool) else []


def test_the_document_is_json_without_nan(folder: Path) -> None:
    text = (folder / "answer.json").read_text(encoding="utf-8")
    said = json.loads(text, parse_constant=pytest.fail)
    assert said["format"] == made.FORMAT
    assert said["diagnosis"]["findings"][1]["outside"] is None
    assert said["ranking"]["plans"][1]["beats_vehicle"] is None
    assert said["stamp"]["population"]["name"] == "adults"


def test_every_interval_of_the_page_is_in_the_document(answers: dict[str, Any], folder: Path) -> None:
    report = tell.person_report(
        answers["twin"].reference.model, "Ada", "face",
        **{key: answers[key] for key in ("diagnosis", "forecasts", "ranking", "stamp")},
    )  # fmt: skip
    html = render(report)
    said = json.loads((folder / "answer.json").read_text(encoding="utf-8"))
    known = {figure(each).lstrip("−") for each in numbers(said)}
    shown = re.findall(r"([\d.,\u202f×⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+) \(([\d.\u202f×]+)\u00a0to\u00a0([\d.\u202f×]+)\)", html)
    assert len(shown) > 8
    assert {part for each in shown for part in each} <= known


def test_an_answer_that_was_not_asked_is_none(answers: dict[str, Any], tmp_path: Path) -> None:
    said = made.document(None, (), None, {})
    assert (said["diagnosis"], said["forecasts"], said["ranking"]) == (None, [], None)
    files = made.write_documents(tmp_path, answers["twin"], None, (), None, {})
    assert {path.name for path in files} == {"answer.json", "twin.nc"}


def test_plain_keeps_numbers_and_drops_what_is_none() -> None:
    said = made.plain(
        {"a": (1.5, math.nan, -math.inf), "b": np.array([1, 2]), "c": np.float64(0.1), "d": True}
    )
    assert said == {"a": [1.5, None, None], "b": [1, 2], "c": 0.1, "d": True}


def test_findings_have_a_row_each_with_all_bits(answers: dict[str, Any], folder: Path) -> None:
    rows = table(folder, "findings.csv")
    for row, each in zip(rows, answers["diagnosis"].findings, strict=True):
        assert row["readout"] == each.readout.name
        assert [float(row[f"person_q{q}"]) for q in ("05", "50", "95")] == list(each.now)
        assert float(row["moved"]) == each.moved
    assert rows[1]["outside"] == rows[1]["healthy_low"] == ""
    assert [row["table"] for row in table(folder, "fits.csv")] == ["gut", "gut", ""]


def test_the_forecast_has_a_row_for_each_arm_thing_and_day(answers: dict[str, Any], folder: Path) -> None:
    rows = table(folder, "forecast.csv")
    assert len(rows) == 2 * (1 + 2) * 2
    assert {row["plan"] for row in rows} == {"", "More of it"}
    last = [row for row in rows if row["what"] == "x" and not row["table"] and row["day"] == "14.0"]
    planned = answers["forecasts"][1].bands[0].quantiles()[1]
    assert [float(last[1][q]) for q in ("q05", "q50", "q95")] == list(planned)


def test_the_ranking_has_a_row_a_plan(folder: Path) -> None:
    first, second = table(folder, "ranking.csv")
    assert (first["place"], first["plan"], first["helps"], first["tied"]) == ("1", "more", "0.97", "False")
    assert (second["beats_vehicle"], second["side_effects"]) == ("", "total 0.41")


def test_the_data_set_is_the_twin(answers: dict[str, Any], folder: Path) -> None:
    twin, (without, planned) = answers["twin"], answers["forecasts"]
    with xr.open_dataset(folder / "twin.nc", engine="h5netcdf") as data:
        data.load()
    assert np.array_equal(data["states"].sel(state="y"), twin.found.states[1])
    assert np.array_equal(data["derived"].sel(derived_name="total"), twin.found.derived[0])
    assert np.array_equal(data["constants"], twin.constants)
    assert np.array_equal(data["weight"], twin.weights)
    assert [str(each) for each in data["stratum"].values] == ["ada", "bob"]
    assert str(data["constant_unit"].sel(constant="k_loss").values) == "1/h"
    lived = data["with_plan_values"].sel(with_plan_readout="x", with_plan_day=14.0)
    assert np.array_equal(lived, planned.bands[0].values[1], equal_nan=True)
    assert np.array_equal(data["without_gut_shares"], without.compositions[0].shares)
    assert json.loads(data.attrs["stamp"])["twin"]["seed"] == 5
