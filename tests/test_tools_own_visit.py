"""``tools/own_visit.py``: visits in order, batches, and the figures printed in docs/ecology.md."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
TOOL = runpy.run_path(str(ROOT / "tools" / "own_visit.py"))
made = runpy.run_path(str(Path(__file__).with_name("ecology_toys.py")))["made"]


def test_first_two_visits_count_and_sides_are_averaged() -> None:
    given = [
        made({"A": 0.2, "B": 0.8}, person="x", name="1", visit=3),
        made({"A": 0.4, "B": 0.6}, person="x", name="2", visit=1),
        made({"A": 0.6, "B": 0.4}, person="x", name="3", visit=1),
        made({"A": 0.5, "B": 0.5}, person="y", name="4", visit=1),
        made({"A": 0.1, "B": 0.9}, person="y", name="5", visit=2),
        made({"A": 1.0}, person="z", name="6", visit=2),
    ]
    visits = TOOL["collect"](given, {"1": "p", "5": "q", "2": "q"}, "genera")
    assert list(visits) == ["x", "y"]
    assert [len(each.shares) for each in visits["x"]] == [2, 1]
    assert visits["x"][1].batches == {"p"}
    table = TOOL["between"](visits, "bray_curtis")
    assert np.allclose(table, [[0.3, 0.4], [0.3, 0.4]])
    assert TOOL["together"](visits).tolist() == [[True, False], [False, True]]


def test_the_page_prints_what_the_tool_prints(shared: Path) -> None:
    file = shared / "hmp_gut_skin" / "hmp_gut_skin_small.biom"
    argv = [
        sys.executable,
        str(ROOT / "tools" / "own_visit.py"),
        str(file),
        str(file.with_suffix(".metadata.tsv")),
    ]
    done = subprocess.run(argv, capture_output=True, text=True, encoding="utf-8", check=True)
    page = (ROOT / "docs" / "ecology.md").read_text(encoding="utf-8")
    said = re.search(r"own_visit\.py .*?\n```\n\n```text\n(.*?)```", page, re.S)
    assert said
    assert done.stdout == said[1], "print tools/own_visit.py into docs/ecology.md anew"
