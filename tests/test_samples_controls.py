"""Negative controls: read from the same table, and what they explain is taken out of the samples."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gutskin.errors import InputError
from gutskin.samples import Sample, map_sample, read_controls, read_samples
from gutskin.samples.controls import contaminants
from gutskin.samples.taxa import load_taxa

TABLE = """taxon\ta1\ta2\tb1\tb2
g__Bacteroides\t5000\t0\t20\t0
g__Ralstonia\t50\t10\t700\t900
g__Staphylococcus\t0\t3000\t20\t0
g__Sphingomonas\t900\t0\t0\t40
"""
METADATA = """sample\tperson\tsite
a1\tada\tstool
a2\tada\tforehead
b1\tlab\tExtraction blank
b2\tlab\tnegative control
"""


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    table, metadata = tmp_path / "table.tsv", tmp_path / "metadata.tsv"
    table.write_text(TABLE, encoding="utf-8")
    metadata.write_text(METADATA, encoding="utf-8")
    return table, metadata


def test_controls_are_no_samples_and_are_read_on_their_own(files: tuple[Path, Path]) -> None:
    table, metadata = files
    assert [each.name for each in read_samples(table, metadata=metadata)] == ["a1", "a2"]
    assert [each.name for each in read_controls(table, metadata=metadata)] == ["b1", "b2"]


def test_a_table_without_controls_has_none_whatever_it_tells_of_sites(tmp_path: Path) -> None:
    path = tmp_path / "plain.tsv"
    path.write_text("taxon\tone\ng__Bacteroides\t9\n", encoding="utf-8")
    assert read_controls(path) == ()
    path.write_text("taxon\tada.stool\ng__Bacteroides\t9\n", encoding="utf-8")
    assert read_controls(path) == ()


def test_what_controls_hold_more_of_is_taken_out_and_said(files: tuple[Path, Path]) -> None:
    table, metadata = files
    one, two = read_samples(table, metadata=metadata)
    controls = read_controls(table, metadata=metadata)
    found = map_sample(one, controls=controls)
    assert found.contaminated == pytest.approx(50 / 5950)
    assert {r.taxon for r in found.routes if r.way == "contaminant"} == {"g__Ralstonia"}
    (flag,) = [flag for flag in found.flags if flag.name == "controls"]
    assert "Ralstonia 0.8%" in flag.text
    assert found.mapped == pytest.approx(5000 / 5900)
    assert map_sample(two, controls=controls).mapped == pytest.approx(1.0)
    assert map_sample(one).contaminated == 0.0


def _sample(reads: dict[str, float], site: str = "stool") -> Sample:
    values = np.array(list(reads.values()))
    return Sample(site, "ada", "one", tuple(reads), values, "counts", int(values.sum()))


def test_a_resident_that_leaks_into_a_control_stays() -> None:
    control = _sample({"g__Bacteroides": 30.0, "g__Ralstonia": 70.0}, "control")
    found = contaminants(
        _sample({"g__Bacteroides": 900.0, "g__Ralstonia": 100.0}), [control], load_taxa().rules
    )
    assert set(found) == {"g__Ralstonia"}
    assert found["g__Ralstonia"].controls == pytest.approx(0.7)


def test_what_is_in_few_of_the_controls_is_not_taken_out() -> None:
    clean, dirty = _sample({"g__Ralstonia": 1.0}, "control"), _sample({"g__Blautia": 1.0}, "control")
    sample = _sample({"g__Blautia": 10.0, "g__Bacteroides": 990.0})
    assert contaminants(sample, [clean, clean, dirty], load_taxa().rules) == {}
    assert set(contaminants(sample, [clean, dirty], load_taxa().rules)) == {"g__Blautia"}


def test_a_sample_of_which_controls_hold_more_of_everything_is_refused() -> None:
    control = _sample({"g__Ralstonia": 100.0, "g__Blautia": 100.0}, "control")
    left = _sample({"o__Streptophyta": 50.0, "g__Ralstonia": 20.0, "g__Blautia": 30.0})
    with pytest.raises(InputError, match="E525"):
        map_sample(left, controls=[control])
    with pytest.raises(InputError, match="E525"):
        map_sample(control)


def test_as_much_as_in_the_controls_is_not_more() -> None:
    control = _sample({"g__Ralstonia": 50.0, "g__Blautia": 50.0}, "control")
    assert contaminants(_sample({"g__Ralstonia": 5.0, "g__Blautia": 5.0}), [control], load_taxa().rules) == {}
