"""Figures are those of the people, whatever the parts; and a million people need little memory."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gutskin.crowd.parts import record, save_values, values_path
from gutskin.crowd.summary import day_name, summarise
from gutskin.readouts import Readout
from gutskin.stream import parts_of

NAMES = ("level", "half")
ARMS = ("without", "with_plan")
DAYS = (2.0, 3.5)
READOUTS = {name: Readout(name, "gut", name, name.title(), "1", "up", None, ()) for name in NAMES}


def folder(out: Path, values: np.ndarray, size: int, failures: list[dict[str, Any]]) -> dict[str, Any]:
    """Write made-up parts and summarise them."""
    parts = parts_of(values.shape[-1], size)
    for first, count in parts:
        path = save_values(values_path(out, first), values[..., first : first + count])
        own = [each for each in failures if first <= each["person"] < first + count]
        record(out, first, [path], {"failures": own, "rescued": [["with_plan", first]]})
    return summarise(out, parts, ARMS, READOUTS, DAYS)


def failure(person: int, arm: str, state: str) -> dict[str, Any]:
    return {
        "person": person, "arm": arm, "code": "NEGATIVE", "time": 1.0, "state": state, "reason": f"{person}",
    }  # fmt: skip


def test_figures_are_those_of_all_people(tmp_path: Path) -> None:
    values = np.random.default_rng(3).normal(size=(2, 2, 2, 101))
    values[:, :, :, [4, 50]] = np.nan
    found = folder(tmp_path, values, 10, [failure(4, "with_plan", "x"), failure(50, "without", "x")])
    for r, name in enumerate(NAMES):
        for d, day in enumerate(DAYS):
            at = found["readouts"][name]["days"][day_name(day)]
            for said, own in (
                (at["without"], values[0, r, d]),
                (at["with_plan"], values[1, r, d]),
                (at["difference"], values[1, r, d] - values[0, r, d]),
            ):
                assert said["n"] == 99
                assert said["mean"] == pytest.approx(np.nanmean(own), rel=1e-12)
                assert said["q05"] == np.nanquantile(own, 0.05)
                assert said["q50"] == np.nanquantile(own, 0.5)
                assert said["q95"] == np.nanquantile(own, 0.95)
    assert (found["people"], found["failed"], found["rescued"]) == (101, 2, 11)


def test_the_size_of_the_parts_changes_no_bit(tmp_path: Path) -> None:
    values = np.random.default_rng(3).normal(size=(2, 2, 2, 101))
    failures = [failure(k, "without", "xy"[k % 2]) for k in range(3, 90, 7)]
    one, two = (folder(tmp_path / str(size), values, size, failures) for size in (10, 101))
    assert {**one, "rescued": 0} == {**two, "rescued": 0}
    assert (tmp_path / "10" / "failures.csv").read_bytes() == (tmp_path / "101" / "failures.csv").read_bytes()


def test_failures_are_counted_by_cause_and_a_person_once(tmp_path: Path) -> None:
    failures = [
        failure(2, "without", "x"),
        failure(2, "with_plan", "x"),
        failure(5, "with_plan", "x"),
        failure(6, "with_plan", "y"),
    ]
    found = folder(tmp_path, np.zeros((2, 2, 2, 9)), 3, failures)
    assert found["failed"] == 3
    said = [(each["arm"], each["state"], each["people"], each["person"]) for each in found["causes"]]
    assert said == [("without", "x", 1, 2), ("with_plan", "x", 2, 2), ("with_plan", "y", 1, 6)]


def test_figures_of_nobody_are_none(tmp_path: Path) -> None:
    found = folder(tmp_path, np.full((2, 2, 2, 3), np.nan), 2, [])
    assert found["readouts"]["level"]["days"]["2"]["difference"] == {
        "n": 0, "mean": None, "q05": None, "q25": None, "q50": None, "q75": None, "q95": None,
    }  # fmt: skip
    json.dumps(found, allow_nan=False)


MILLION = """
import json, resource, sys
from pathlib import Path
import numpy as np
from gutskin.crowd.parts import record, save_values, values_path
from gutskin.crowd.summary import summarise
from gutskin.readouts import Readout
from gutskin.stream import PART, parts_of

out, people, count = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
names = [f"r{k}" for k in range(count)]
parts = parts_of(people, PART)
for first, size in parts:
    values = np.random.Generator(np.random.Philox(key=first)).normal(size=(2, count, 2, size))
    path = save_values(values_path(out, first), values)
    failures = [{"person": first + k, "arm": "with_plan", "code": "NEGATIVE", "time": 1.0, "state": "x",
                 "reason": "x fell below zero, as it does"} for k in range(size)]
    record(out, first, [path], {"failures": failures, "rescued": []})
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
readouts = {name: Readout(name, "gut", name, name, "1", "up", None, ()) for name in names}
found = summarise(out, parts, ("without", "with_plan"), readouts, (1.0, 2.0))
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
last = found["readouts"][names[-1]]["days"]["2"]["difference"]
print(json.dumps({"before": before, "peak": peak, "failed": found["failed"], **last}))
"""


@pytest.mark.slow
def test_a_million_people_need_less_than_a_gigabyte(tmp_path: Path) -> None:
    """All of them failing, at that: what is known of failures is bounded too."""
    argv = [sys.executable, "-c", MILLION, str(tmp_path), "1000000", "12"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["failed"] == found["n"] == 1_000_000
    assert found["peak"] < 1e6, "kilobytes"
    assert found["mean"] == pytest.approx(0.0, abs=0.01)
    assert found["q95"] == pytest.approx(1.6449 * 2**0.5, abs=0.01)
