"""``gutskin crowd`` as users call it: what goes where, what is refused, and how to go on after Ctrl-C."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gutskin.cli import complete
from gutskin.model import load

# Small parts, and Ctrl-C as a terminal gives it, whoever started the tests.
MAIN = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
import gutskin.stream
gutskin.stream.PART = 4
from gutskin.cli import main
main()
"""
PLAN = 'title = "Short"\nabout = "x"\ndays = 2\nlead_in_days = 0\n[[plan]]\ntreatment = "high_fibre_diet"\n'


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    path = tmp_path / "short.toml"
    path.write_text(PLAN)
    return path


def start(folder: Path, *words: object) -> subprocess.Popen[str]:
    argv = [sys.executable, "-c", MAIN, "crowd", *map(str, words)]
    return subprocess.Popen(argv, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def call(folder: Path, *words: object) -> tuple[int, str, str]:
    run = start(folder, *words)
    said, told = run.communicate(timeout=120)
    return run.returncode, said, told


def tree(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_json_is_alone_on_the_output_and_is_the_summary(plan: Path, tmp_path: Path) -> None:
    asked = (
        plan,
        "--people",
        6,
        "--days",
        "1,2",
        "--readout",
        "scfa",
        "--readout",
        "colon_ph",
        "--out",
        "got",
    )
    code, said, told = call(tmp_path, *asked, "--json")
    assert code == 0, told
    found = json.loads(said)
    assert found == json.loads((tmp_path / "got" / "summary.json").read_text())
    assert set(found["readouts"]) == {"scfa", "colon_ph"}
    assert set(found["readouts"]["scfa"]["days"]) == {"1", "2"}
    assert "will be written to got" in told
    code, said, told = call(tmp_path, *asked)
    assert code == 0, told
    assert "day 1" in said
    assert "day 2" in said
    assert "2 of 2 parts are there" in told
    assert "will be written" not in told


def test_ctrl_c_leaves_whole_parts_says_how_to_go_on_and_ends_with_130(plan: Path, tmp_path: Path) -> None:
    asked = (plan, "--people", 60, "--out", "got", "--courses", "netcdf", "--readout", "scfa")
    assert call(tmp_path, *asked[:4], "whole", *asked[5:])[0] == 0
    run = start(tmp_path, *asked)
    while not (tmp_path / "got" / "parts" / "000000004.json").exists():
        time.sleep(0.005)
        assert run.poll() is None
    run.send_signal(signal.SIGINT)
    said, told = run.communicate(timeout=60)
    assert run.returncode == 130, told
    assert "Traceback" not in told
    assert said == ""
    (line,) = [line for line in told.splitlines() if line.startswith("stopped: ")]
    done = int(line.split()[1])
    parts = len(list((tmp_path / "got" / "parts").glob("*.json")))
    assert done in (4 * parts, 4 * parts - 4), "a part may be finished and not yet counted"
    assert 2 <= parts < 15
    assert f"{done} of 60 people are done; go on with: gutskin crowd {plan} --people 60 --out got" in line
    code, said, told = call(tmp_path, *asked)
    assert code == 0, told
    assert f"{parts} of 15 parts are there" in told
    assert "courses: got/courses" in said
    assert tree(tmp_path / "got") == tree(tmp_path / "whole")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--readout", "scfaa"), "E290"),
        (("--courses", "csv"), "E294"),
        (("--days", "9"), "E285"),
        (("--days", "a"), "E285"),
        (("--people", str(10**12), "--courses", "netcdf"), "E292"),
    ],
)
def test_what_is_refused(plan: Path, tmp_path: Path, words: tuple[str, ...], code: str) -> None:
    status, said, told = call(tmp_path, plan, *words, "--out", "got")
    assert (status, said) == (2, "")
    assert f"error: {code} " in told
    assert "Traceback" not in told
    assert not (tmp_path / "got").exists() or not any((tmp_path / "got").iterdir())


def test_help_says_how_large_courses_are(tmp_path: Path) -> None:
    _, said, _ = call(tmp_path, "--help")
    words = " ".join(said.replace("│", " ").split())
    assert "8 bytes for every person, arm, read-out and 4 hours" in words
    size = 8 * 1000 * 2 * 50 * (30 * 6 + 1)
    assert f"about {size / 1e6:.0f} MB for 1000 people, 50 read-outs and 30 days" in words


def test_completion() -> None:
    assert complete.readouts("") == sorted(load().readouts)
    assert "scfa" in complete.readouts("sc")
    assert complete.courses("p") == ["parquet"]
    assert complete.sites("f") == ["face", "fold", "forearm"]


def test_a_crowd_at_a_site_is_another_crowd(plan: Path, tmp_path: Path) -> None:
    asked = (plan, "--people", "4", "--days", "2", "--readout", "sebum", "--out", "crowd", "--json")
    status, said, told = call(tmp_path, *asked, "--site", "forearm")
    assert status == 0, told
    kept = json.loads((tmp_path / "crowd" / "crowd.json").read_text())
    assert kept["site"] == {"healthy_adult": "forearm"}
    assert "skin_lipid_follicle_density" in kept["spreads"]["healthy_adult"]
    found = json.loads(said)["readouts"]["sebum"]["days"]["2"]["without"]
    assert found["q05"] < found["q50"] < 30.0, "the site's own middle and spread"
    status, _, told = call(tmp_path, *asked)
    assert status == 2
    assert "E284" in told
    assert "site" in told
