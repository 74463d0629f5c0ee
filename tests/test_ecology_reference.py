"""Reference people: each counts once, and they score evenly among themselves."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pytest

from gutskin.ecology import compose, read_references, reference_of
from gutskin.ecology.reference import LEVELS, below
from gutskin.errors import InputError
from gutskin.samples import read_samples
from gutskin.samples.taxa import load_taxa

_TOYS = runpy.run_path(str(Path(__file__).with_name("ecology_toys.py")))
GENERA, crowd, made = (_TOYS[name] for name in ("GENERA", "crowd", "made"))
GUILDS = tuple(each.name for each in load_taxa().of_site("gut") if not each.unseen)


def test_ranges_are_quantiles_over_people() -> None:
    people = crowd()
    found = reference_of(people, "toys")
    shares = np.array([[each.genera[name] for name in GENERA] for each in people])
    assert (found.genera, found.people) == (GENERA, 40)
    assert found.low == pytest.approx(np.quantile(shares, 0.05, axis=0))
    assert found.high == pytest.approx(np.quantile(shares, 0.95, axis=0))
    assert found.mean == pytest.approx(shares.mean(axis=0))
    assert (found.guild_people, found.centre) == (0, None)


def test_a_person_counts_once_with_their_first_visit() -> None:
    people = crowd()
    later = made({"Zzz": 1.0}, person="p3", visit=2)
    first = reference_of([*people, later], "toys")
    assert first.genera == GENERA
    assert first.mean == pytest.approx(reference_of(people, "toys").mean)


def test_guilds_of_those_who_are_mapped_give_centre_and_spread() -> None:
    people = crowd(guilds=GUILDS)
    poor = [made({"Aaa": 1.0}, {GUILDS[0]: 1.0}, mapped=0.2, person=f"q{k}") for k in range(9)]
    found = reference_of([*people, *poor], "toys")
    assert (found.people, found.guild_people, found.guilds) == (49, 40, GUILDS)
    assert found.centre is not None
    assert found.centre.sum() == pytest.approx(0.0, abs=1e-9)


def test_too_few_people_are_refused() -> None:
    with pytest.raises(InputError, match=r"E539 19 reference people .* at least 20"):
        reference_of(crowd(19), "toys")


def test_below_is_the_share_of_the_people() -> None:
    quantiles = np.quantile(np.arange(101.0), LEVELS)
    assert below(50.0, quantiles) == pytest.approx(0.5)
    assert (below(-1.0, quantiles), below(1000.0, quantiles)) == (0.0, 1.0)


def test_ranges_of_the_library_are_those_of_the_table_of_figures(shared: Path) -> None:
    """Made independently, over all samples of the same people: the means of common genera agree."""
    rows = (shared / "figures" / "hmp_v35_genus_figures.tsv").read_text().splitlines()[1:]
    for site, reference in read_references().items():
        figures = {c[1].removeprefix("g__"): c for c in (row.split("\t") for row in rows) if c[0] == site}
        figures["Cutibacterium"] = figures.get("Propionibacterium", [])
        common = [
            k for k, name in enumerate(reference.genera) if name in figures and reference.mean[k] > 0.01
        ]
        assert len(common) >= 4
        theirs = np.array([float(figures[reference.genera[k]][2]) / 100 for k in common])
        assert np.abs(np.log(reference.mean[common] / theirs)).max() < np.log(1.6)


def test_the_library_is_what_its_tool_writes(shared: Path) -> None:
    file = shared / "hmp_gut_skin" / "hmp_v35_gut_skin_tri_all.biom"
    given = read_samples(file, metadata=file.with_suffix(".metadata.tsv"), site="stool")
    found, held = reference_of([compose(each) for each in given], ""), read_references()["stool"]
    assert found.genera == held.genera
    assert found.high == pytest.approx(held.high, rel=1e-3, abs=1e-6)
    assert found.indices == pytest.approx(held.indices, abs=1e-3)
    assert found.guilds == held.guilds
    assert found.centre == pytest.approx(held.centre, abs=1e-3)
    assert found.distances == pytest.approx(held.distances, abs=0.02)
