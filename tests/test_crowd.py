"""A crowd runs in parts, goes on where it was stopped, and mixes with no other."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import gutskin.crowd
from gutskin.crowd import Crowd, run_crowd
from gutskin.engine.outcome import Options
from gutskin.errors import InputError
from gutskin.model import Model, load
from gutskin.people import Person
from gutskin.scenario import Scenario, scenario_from


@pytest.fixture(scope="module")
def model() -> Model:
    return load()


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gutskin.crowd, "PART", 4)


def plan(model: Model, **more: object) -> Scenario:
    data = {"days": 3, "plan": [{"treatment": "high_fibre_diet"}], **more}
    return scenario_from(data, "fibre", (model.library / "treatments",))


def crowd(people: int = 10, **more: object) -> Crowd:
    return Crowd(**{"people": people, "days": (2.0, 3.0), "like": Person("ada", "Ada"), **more})  # type: ignore[arg-type]


def test_a_stopped_run_goes_on_to_the_same_bytes(model: Model, tmp_path: Path) -> None:
    run_crowd(model, plan(model), crowd(), tmp_path / "whole")
    run_crowd(model, plan(model), crowd(), tmp_path / "broken")
    gone = sorted((tmp_path / "broken" / "parts").glob("*.npy"))
    assert len(gone) == 3
    gone[1].unlink()
    (tmp_path / "broken" / "summary.json").unlink()
    kept = gone[0].stat().st_mtime_ns
    run_crowd(model, plan(model), crowd(), tmp_path / "broken")
    assert gone[0].stat().st_mtime_ns == kept
    for path in sorted(p for p in (tmp_path / "whole").rglob("*") if p.is_file()):
        assert path.read_bytes() == (tmp_path / "broken" / path.relative_to(tmp_path / "whole")).read_bytes()


def test_the_size_of_the_parts_changes_nobody(
    model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = run_crowd(model, plan(model), crowd(), tmp_path / "small")
    monkeypatch.setattr(gutskin.crowd, "PART", 7)
    assert run_crowd(model, plan(model), crowd(), tmp_path / "large") == small


def test_the_summary_is_of_the_people(model: Model, tmp_path: Path) -> None:
    found = run_crowd(model, plan(model), crowd(), tmp_path)
    parts = np.concatenate([np.load(p) for p in sorted((tmp_path / "parts").glob("*.npy"))], axis=-1)
    row = list(model.readouts).index("scfa")
    figures = found["readouts"]["scfa"]["days"]["3"]
    assert figures["difference"]["n"] == 10 - found["failed"]
    assert figures["without"]["q50"] == pytest.approx(np.nanmedian(parts[0, row, 1]))
    assert figures["difference"]["mean"] == pytest.approx(np.nanmean(parts[1, row, 1] - parts[0, row, 1]))
    assert figures["difference"]["q05"] < figures["difference"]["q50"] < figures["difference"]["q95"]
    assert json.loads((tmp_path / "summary.json").read_text()) == found


def test_who_fails_is_counted_with_a_reason_and_in_no_figure(model: Model, tmp_path: Path) -> None:
    found = run_crowd(model, plan(model), crowd(5), tmp_path, options=Options(rtol=1e-4, max_steps=3))
    assert found["failed"] == 5
    assert {each["person"] for each in found["failures"]} == set(range(5))
    assert all(each["reason"] and each["code"] == "TOO_MANY_STEPS" for each in found["failures"])
    assert found["readouts"]["scfa"]["days"]["3"]["difference"] == {
        "n": 0, "mean": None, "q05": None, "q25": None, "q50": None, "q75": None, "q95": None,
    }  # fmt: skip


def test_a_folder_of_another_crowd_is_refused_and_left_alone(model: Model, tmp_path: Path) -> None:
    run_crowd(model, plan(model), crowd(4), tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    for other in (crowd(4, seed=2), crowd(8), crowd(4, days=(1.0,))):
        with pytest.raises(InputError, match="E284"):
            run_crowd(model, plan(model), other, tmp_path)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_a_day_outside_the_scenario_is_refused_before_anything_is_written(
    model: Model, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="E285"):
        run_crowd(model, plan(model), crowd(days=(9.0,)), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_progress_adds_up(model: Model, tmp_path: Path) -> None:
    ticks: list[float] = []
    run_crowd(model, plan(model), crowd(), tmp_path, tick=ticks.append)
    assert sum(ticks) == pytest.approx(1.0)
