"""``tools/ecology_american_gut.py``: the figures printed in docs/ecology.md."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[1]
TOOL = runpy.run_path(str(ROOT / "tools" / "ecology_american_gut.py"))


def test_the_area_is_the_chance_that_a_case_is_farther() -> None:
    random = np.random.default_rng(0)
    assert TOOL["_area"](np.array([3.0, 4.0]), np.array([1.0, 2.0]), random) == "1.000 (1.000 to 1.000)"
    assert TOOL["_area"](np.ones(3), np.ones(5), random) == "0.500 (0.500 to 0.500)"


@pytest.mark.slow
def test_the_page_prints_what_the_tool_prints(shared: Path) -> None:
    argv = [
        sys.executable,
        str(ROOT / "tools" / "ecology_american_gut.py"),
        str(shared / "american_gut_stool"),
    ]
    done = subprocess.run(argv, capture_output=True, text=True, encoding="utf-8", check=True)
    page = (ROOT / "docs" / "ecology.md").read_text(encoding="utf-8")
    said = re.search(r"american_gut\.py .*?\n```\n\n```text\n(.*?)```", page, re.S)
    assert said
    assert done.stdout == said[1], "print tools/ecology_american_gut.py into docs/ecology.md anew"
