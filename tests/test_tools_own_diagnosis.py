"""``tools/own_diagnosis.py``: whose visits count, distances, and what each visit was told of guilds."""

from __future__ import annotations

import runpy
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from gutskin.samples import Sample
from gutskin.twin import Observation

ROOT = Path(__file__).resolve().parents[1]
TOOL = runpy.run_path(str(ROOT / "tools" / "own_diagnosis.py"))
toys = runpy.run_path(str(Path(__file__).with_name("twin_toys.py")))
SITES = ("stool", "skin:face")


def sample(person: str, visit: int, site: str) -> Sample:
    name = f"{person}{visit}{site}"
    return Sample(site, person, name, ("A",), np.array([9.0]), "counts", 9, extras={"visit": str(visit)})


def test_first_two_visits_with_all_sites_count() -> None:
    given = [sample("ada", visit, site) for visit in (3, 1, 2) for site in SITES]
    given += [sample("ben", 1, site) for site in SITES] + [sample("ben", 2, "stool")]
    given += [sample("cleo", 1, site) for site in SITES]
    found = TOOL["visits"](given, SITES)
    assert list(found) == ["ada"]
    assert [{each.extras["visit"] for each in one} for one in found["ada"]] == [{"1"}, {"2"}]


def test_distances_are_from_first_to_second_visits() -> None:
    points = np.array([[[0.0, 0.0], [3.0, 4.0]], [[1.0, 0.0], [1.0, 0.0]]])
    assert TOOL["euclid"](points) == pytest.approx(np.array([[5.0, 1.0], [np.sqrt(20), 0.0]]))


def test_shares_are_compared_over_the_guilds_that_all_visits_show() -> None:
    whole = toys["shares"](np.log([50.0, 30.0, 10.0]))
    part = whole.only(np.array([True, True, False]))
    told = [[Observation((whole,)), Observation((part,))], [Observation((part,)), Observation((part,))]]
    (points,) = TOOL["ratios"](told)
    assert points.shape == (2, 2, 2)
    assert np.allclose(points, points[0, 0])
    assert np.allclose(points.sum(axis=2), 0.0)


@pytest.mark.slow
def test_a_diagnosis_knows_its_own_person_better_than_chance(shared: Path) -> None:
    file = shared / "hmp_gut_skin" / "hmp_gut_skin_small.biom"
    argv = [sys.executable, str(ROOT / "tools" / "own_diagnosis.py"), str(file)]
    argv += [str(file.with_suffix(".metadata.tsv")), "--size", "1000", "--members", "128"]
    done = subprocess.run(argv, capture_output=True, text=True, encoding="utf-8", check=True)
    (row,) = [line for line in done.stdout.splitlines() if line.startswith("diagnosis")]
    mean, high = float(row.split()[2]), float(row.split("–")[1].rstrip(")"))
    assert mean < high < 0.5
