"""``tools/replicates.py``: technical replicates, pairs of verdicts, and real people read twice."""

from __future__ import annotations

import runpy
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from gutskin.samples import Sample

ROOT = Path(__file__).resolve().parents[1]
FIXTURES = Path(__file__).parent / "fixtures"
TOOL = runpy.run_path(str(ROOT / "tools" / "replicates.py"))


def run(*words: object) -> dict[str, float]:
    """Return the shares [1] that the tool prints, by their titles."""
    argv = [sys.executable, str(ROOT / "tools" / "replicates.py"), *map(str, words)]
    done = subprocess.run(argv, capture_output=True, text=True, encoding="utf-8", check=True)
    rows = [line for line in done.stdout.splitlines()[1:] if "%" in line]
    return {row[:40].strip(): float(row[40:].split("%")[0]) / 100 for row in rows}


def test_a_replicate_has_as_many_reads_and_the_same_shares() -> None:
    sample = Sample("stool", "a", "a", ("A", "B", "C"), np.array([60.0, 40.0, 0.0]), "percent")
    made = [TOOL["drawn"](sample, 1000, np.random.default_rng(k)) for k in range(200)]
    assert {each.abundance.sum() for each in made} == {1000}
    assert {(each.kind, each.depth) for each in made} == {("counts", 1000)}
    counts = np.array([each.abundance for each in made])
    assert counts.mean(axis=0) / 1000 == pytest.approx([0.6, 0.4, 0.0], abs=0.005)
    assert counts[:, 0].std() == pytest.approx(np.sqrt(1000 * 0.6 * 0.4), rel=0.2)


@pytest.mark.parametrize(
    ("pair", "overlaps"),
    [
        (("within", "within"), True),
        (("within", "indeterminate"), True),
        (("indeterminate", "outside"), True),
        (("indeterminate", "indeterminate"), True),
        (("within", "outside"), False),
    ],
)
def test_verdicts_overlap_unless_they_contradict(pair: tuple[str, str], overlaps: bool) -> None:
    assert TOOL["overlap"](pair) is overlaps


def test_the_interval_is_one_over_people() -> None:
    alike = TOOL["share"]([[True] * 50, [False] * 50])
    assert (alike.share, alike.low, alike.high) == (0.5, 0.0, 1.0)
    mixed = TOOL["share"]([[True, False] * 25] * 2)
    assert (mixed.share, mixed.low, mixed.high) == (0.5, 0.5, 0.5)


@pytest.mark.slow
def test_two_readings_of_real_tubes_do_not_contradict_each_other(shared: Path) -> None:
    file = shared / "hmp_gut_skin" / "hmp_gut_skin_small.biom"
    said = run(file, file.with_suffix(".metadata.tsv"), "--size", 1000, "--members", 128)
    assert said["overlap (equal, or one indeterminate)"] >= 0.98
    assert said["equal, of pairs with a verdict"] > 0.6
