"""A crowd runs in parts, goes on where it was stopped or damaged, and mixes with no other."""

from __future__ import annotations

import csv
import json
import os
import random
import runpy
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyarrow import parquet

import gutskin.crowd.courses
import gutskin.stream
from gutskin.crowd.parts import fault, has_record
from gutskin.crowd.run import Crowd, job_of, run_crowd, size_of
from gutskin.engine.outcome import Options
from gutskin.errors import InputError
from gutskin.model import Model, load
from gutskin.people import Person
from gutskin.population import draw
from gutskin.result import UNFINISHED, read_result
from gutskin.scenario import Scenario, scenario_from
from gutskin.simulate import simulate

helpers = runpy.run_path(str(Path(__file__).parent / "helpers.py"))


@pytest.fixture(scope="module")
def model() -> Model:
    return load()


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Model:
    made: Model = helpers["pools"](tmp_path_factory.mktemp("pool"))
    return made


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gutskin.stream, "PART", 4)


def plan(model: Model, **more: object) -> Scenario:
    data = {"days": 3, "plan": [{"treatment": "high_fibre_diet"}], **more}
    return scenario_from(data, "fibre", (model.library / "treatments",))


def filled(pool: Model, **more: object) -> Scenario:
    return plan(pool, plan=[{"treatment": "more"}], lead_in_days=0, **more)


def crowd(people: int = 10, **more: object) -> Crowd:
    return Crowd(**{"people": people, "days": (2.0, 3.0), "like": Person("ada", "Ada"), **more})  # type: ignore[arg-type]


def tree(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


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
    assert tree(tmp_path / "whole") == tree(tmp_path / "broken")


def test_the_size_of_the_parts_changes_nobody(
    model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = run_crowd(model, plan(model), crowd(), tmp_path / "small")
    monkeypatch.setattr(gutskin.stream, "PART", 7)
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
    assert [(each["code"], each["people"]) for each in found["causes"]] == [("TOO_MANY_STEPS", 5)]
    with (tmp_path / "failures.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["person"] for row in rows] == ["0", "1", "2", "3", "4"]
    assert all(row["reason"] and row["code"] == "TOO_MANY_STEPS" for row in rows)
    assert found["readouts"]["scfa"]["days"]["3"]["difference"] == {
        "n": 0, "mean": None, "q05": None, "q25": None, "q50": None, "q75": None, "q95": None,
    }  # fmt: skip


def test_a_folder_of_another_crowd_is_refused_and_left_alone(model: Model, tmp_path: Path) -> None:
    run_crowd(model, plan(model), crowd(4), tmp_path)
    before = tree(tmp_path)
    for other in (crowd(4, seed=2), crowd(8), crowd(4, days=(1.0,)), crowd(4, readouts=("scfa",))):
        with pytest.raises(InputError, match="E284"):
            run_crowd(model, plan(model), other, tmp_path)
    sooner = plan(model, plan=[{"treatment": "high_fibre_diet", "start": "1 day"}])
    with pytest.raises(InputError, match=r"E284.*differs in scenario_hash"):  # of the same name
        run_crowd(model, sooner, crowd(4), tmp_path)
    with pytest.raises(InputError, match=r"E284.*differs in courses"):
        run_crowd(model, plan(model), crowd(4), tmp_path, courses="netcdf")
    assert tree(tmp_path) == before


@pytest.mark.parametrize(
    ("asked", "courses", "code"),
    [
        ({"days": (9.0,)}, "", "E285"),
        ({"days": ()}, "", "E285"),
        ({"people": 0}, "", "E266"),
        ({"readouts": ("scfaa",)}, "", "E290"),
        ({"people": 10**13}, "netcdf", "E292"),
        ({}, "netcdff", "E294"),
    ],
)
def test_what_cannot_be_run_is_refused_before_anything_is_written(
    model: Model, tmp_path: Path, asked: dict[str, Any], courses: str, code: str
) -> None:
    with pytest.raises(InputError, match=code):
        run_crowd(model, plan(model), crowd(**asked), tmp_path / "out", courses=courses)
    assert not (tmp_path / "out").exists()


def test_a_missing_package_is_refused_before_anything_is_written(
    model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gutskin.crowd.courses, "find_spec", lambda _: None)
    with pytest.raises(InputError, match="E291"):
        run_crowd(model, plan(model), crowd(), tmp_path / "out", courses="parquet")
    assert not (tmp_path / "out").exists()


def test_progress_adds_up(pool: Model, tmp_path: Path) -> None:
    for _ in range(2):
        ticks: list[float] = []
        run_crowd(pool, filled(pool), crowd(), tmp_path, tick=ticks.append)
        assert sum(ticks) == pytest.approx(1.0)
        (tmp_path / "parts" / "000000004.json").unlink(missing_ok=True)
    assert ticks[0] == pytest.approx(0.6), "the first says what was there"


# ---- read-outs and courses


def test_chosen_read_outs_are_those_of_all(pool: Model, tmp_path: Path) -> None:
    everything = run_crowd(pool, filled(pool), crowd(), tmp_path / "all")
    few = run_crowd(pool, filled(pool), crowd(readouts=("half",)), tmp_path / "few")
    assert few["readouts"] == {"half": everything["readouts"]["half"]}
    assert np.load(tmp_path / "few" / "parts" / "000000004.npy").shape == (2, 1, 2, 4)


@pytest.mark.parametrize("kind", gutskin.crowd.courses.KINDS)
def test_courses_change_no_figure_and_take_the_room_that_was_said(
    pool: Model, tmp_path: Path, kind: str
) -> None:
    plain = run_crowd(pool, filled(pool), crowd(days=(2.3, 3.0)), tmp_path / "plain")
    said: list[str] = []
    asked = crowd(days=(2.3, 3.0))
    assert run_crowd(pool, filled(pool), asked, tmp_path / "kept", courses=kind, say=said.append) == plain
    ending = gutskin.crowd.courses.KINDS[kind][1]
    names = {str(p.relative_to(tmp_path / "kept")) for p in (tmp_path / "kept" / "courses").rglob("*.*")}
    starts = ("000000000", "000000004", "000000008")
    assert names == {f"courses/{arm}/{n}{ending}" for arm in ("without", "with_plan") for n in starts}
    assert "will be written" in said[0]
    parts = [path.read_bytes() for path in sorted((tmp_path / "plain" / "parts").glob("*.npy"))]
    assert parts == [path.read_bytes() for path in sorted((tmp_path / "kept" / "parts").glob("*.npy"))]


def test_the_size_that_is_said_is_about_the_size(
    model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = crowd(16, days=(3.0,))
    monkeypatch.setattr(gutskin.stream, "PART", 16)
    run_crowd(model, plan(model), asked, tmp_path, courses="netcdf")
    size = sum(len(data) for data in tree(tmp_path).values()) - (tmp_path / "summary.json").stat().st_size
    assert size == pytest.approx(size_of(job_of(model, plan(model), asked, "netcdf"), "netcdf"), rel=0.1)


def test_courses_are_those_of_simulate(pool: Model, tmp_path: Path) -> None:
    options = Options(rtol=1e-4)
    run_crowd(pool, filled(pool), crowd(6), tmp_path, courses="netcdf", options=options)
    found = read_result(tmp_path / "courses" / "with_plan" / "000000004.nc")
    names = [each.name for each in pool.network.constants]
    like = draw(pool, 2, like=crowd().like, seed=1, first=4)
    people = [
        Person(f"{4 + k}", "x", layers={"preset": {
            name: (float(value), pool.row(name).unit) for name, value in zip(names, own, strict=True)
        }})
        for k, own in enumerate(like.T)
    ]  # fmt: skip
    said = simulate(pool, people, filled(pool), options=options)
    assert found.people == said.people == ("4", "5")
    assert found.names == ("level", "half")
    assert found.units == ("ug/cm2", "ug/cm2")
    assert np.array_equal(found.times, said.times)
    assert np.array_equal(found["level"].values, said["x"].values)
    assert np.array_equal(found["half"].values, said["half"].values)
    assert {key: found.stamp[key] for key in ("arm", "crowd", "seed", "model_hash", "rescued")} == {
        "arm": "with_plan", "crowd": 6, "seed": 1, "model_hash": pool.network.digest, "rescued": [],
    }  # fmt: skip


def test_courses_say_who_failed_in_both_kinds(pool: Model, tmp_path: Path) -> None:
    few = Options(rtol=1e-4, max_steps=1)
    for kind in gutskin.crowd.courses.KINDS:
        run_crowd(pool, filled(pool), crowd(6), tmp_path / kind, courses=kind, options=few)
    found = read_result(tmp_path / "netcdf" / "courses" / "without" / "000000004.nc")
    assert [failure.person for failure in found.failures] == [0, 1]
    assert all(failure.reason.startswith("before day 0: ") for failure in found.failures)
    table = parquet.read_table(tmp_path / "parquet" / "courses" / "without" / "000000004.parquet")
    assert set(table["outcome"].to_pylist()) == {int(found.failures[0].code)}
    assert np.isnan(table["level"].to_numpy()).all()


# ---- stopped, killed, damaged


@pytest.mark.parametrize("kind", ["", "netcdf"])
@pytest.mark.parametrize(
    "which", ["parts/000000004.npy", "parts/000000004.json", "courses/without/000000004.nc"]
)
@pytest.mark.parametrize("harm", ["cut", "flip", "gone"])
def test_a_damaged_part_is_said_and_run_again(
    pool: Model, tmp_path: Path, kind: str, which: str, harm: str
) -> None:
    if which.startswith("courses") and not kind:
        which = "parts/000000008.npy"
    run_crowd(pool, filled(pool), crowd(), tmp_path, courses=kind)
    whole = tree(tmp_path)
    path, held = tmp_path / which, whole[which]
    if harm == "gone":
        path.unlink()
    else:
        path.write_bytes(held[: len(held) // 2] + (b"" if harm == "cut" else bytes([held[len(held) // 2] ^ 1])
                         + held[len(held) // 2 + 1 :]))  # fmt: skip
    said: list[str] = []
    run_crowd(pool, filled(pool), crowd(), tmp_path, courses=kind, say=said.append)
    assert tree(tmp_path) == whole
    record_gone = harm == "gone" and which.endswith(".json")  # as if the part had never been finished
    assert any(str(path) in line and "run again" in line for line in said) is not record_gone


KILLED = """
import sys
from pathlib import Path
import gutskin.stream
from gutskin.crowd.run import Crowd, run_crowd
from gutskin.model import load
from gutskin.people import Person
from gutskin.scenario import scenario_from

gutskin.stream.PART = 4
library, out, kind = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
model = load("toy", library=library)
data = {"days": 3, "lead_in_days": 0, "plan": [{"treatment": "more"}]}
scenario = scenario_from(data, "more", (library / "treatments",))
print("go", flush=True)
run_crowd(model, scenario, Crowd(60, (2.0, 3.0), Person("ada", "Ada")), out, courses=kind)
"""


@pytest.mark.parametrize("kind", ["netcdf", "parquet"])
def test_a_run_that_is_killed_at_any_point_goes_on_to_the_same_bytes(
    tmp_path: Path, pool: Model, kind: str
) -> None:
    def start(out: str, threads: int) -> subprocess.Popen[str]:
        argv = [sys.executable, "-c", KILLED, str(pool.library), str(tmp_path / out), kind]
        env = {**os.environ, "GUTSKIN_THREADS": str(threads)}
        run = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, env=env)
        assert run.stdout
        assert run.stdout.readline() == "go\n"
        return run

    def done() -> list[int]:
        return [first for first in range(0, 60, 4) if has_record(tmp_path / "broken", first)]

    run = start("whole", 1)
    run.communicate()
    assert run.returncode == 0
    whole, chance, killed, caught = tree(tmp_path / "whole"), random.Random(kind), 0, 0
    assert len(whole) == 15 * 4 + 3
    while True:
        run, goal = start("broken", 1 + killed % 2), len(done()) + chance.randint(3, 6)
        while run.poll() is None and len(done()) < goal:  # a goal beyond the last part lets it end
            time.sleep(0.005)
        time.sleep(chance.uniform(0.0, 0.03))
        run.kill()
        run.communicate()
        if run.returncode == 0:
            break
        killed += 1
        for name, data in tree(tmp_path / "broken").items():
            if Path(name).name.startswith(UNFINISHED):
                caught += 1
            else:
                assert data == whole[name], "a file under its own name is whole"
        assert all(fault(tmp_path / "broken", first) == "" for first in done())
    assert killed >= 2
    assert tree(tmp_path / "broken") == whole
    print(f"{kind}: killed {killed} times, {caught} times in the middle of a file")
