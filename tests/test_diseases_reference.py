"""Healthy people as a reference: each counts once, and the file holds what was written."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pytest

from gutskin.diseases import read_diseases, read_reference, reference_of, reference_path
from gutskin.diseases.features import log_shares
from gutskin.diseases.reference import write_reference
from gutskin.errors import InputError, LibraryError

_TOYS = runpy.run_path(str(Path(__file__).with_name("disease_toys.py")))
GENERA, folded, healthy, sample = (_TOYS[name] for name in ("GENERA", "folded", "healthy", "sample"))

ROWS = [folded(name, (1.0, 0.1)) for name in (*GENERA, "Zzz")]


def test_means_and_spreads_are_of_log_shares_over_people() -> None:
    people = healthy()
    found = reference_of(people, ROWS)
    logs = np.array([log_shares(each.abundance / 100) for each in people])
    assert [name for _, name in found.features] == list(GENERA)
    assert found.mean == pytest.approx(logs.mean(axis=0))
    assert np.diag(found.covariance) == pytest.approx(logs.var(axis=0, ddof=1))


def test_a_person_with_many_samples_counts_once() -> None:
    people = healthy()
    again = reference_of([*people, *[people[0]] * 5], ROWS)
    assert again.mean == pytest.approx(reference_of(people, ROWS).mean)


def test_too_few_people_are_refused() -> None:
    with pytest.raises(InputError, match=r"E485 19 healthy people .* at least 20"):
        reference_of(healthy(19), ROWS)


def test_a_written_reference_is_read_back(tmp_path: Path) -> None:
    made = reference_of([*healthy(), sample({"Aaa": 1.0}, person="last")], ROWS, "forty-one")
    write_reference(made, tmp_path / "healthy_gut.tsv", ["made up"])
    found = read_reference(tmp_path / "healthy_gut.tsv")
    assert (found.features, found.said) == (made.features, "forty-one")
    assert found.mean == pytest.approx(made.mean, abs=1e-4)
    assert found.covariance == pytest.approx(made.covariance, abs=0.02)


@pytest.mark.parametrize(
    ("old", "new"), [("mean", "middle"), ("\t1.000", ""), ("\t1.000", "\tone"), ("# ", "")]
)
def test_a_reference_that_does_not_fit_is_refused(old: str, new: str, tmp_path: Path) -> None:
    path = tmp_path / "healthy_gut.tsv"
    write_reference(reference_of(healthy(), ROWS, "forty"), path)
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(LibraryError, match="E484"):
        read_reference(path)


def test_the_reference_of_the_library_knows_most_genera_of_its_signatures() -> None:
    found = read_reference(reference_path("gut"))
    genera = {row.feature for each in read_diseases() if each.site == "gut" for row in each.rows}
    genera = {each for each in genera if each[0] == "genus"}
    assert len(genera & set(found.features)) > len(genera) / 2
    assert np.linalg.eigvalsh(found.covariance).min() > -0.1
    assert np.diag(found.covariance).max() < 16.0
