"""People whose tables the library holds."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from gutskin.ecology.people import FOLDER, nearest, people_at, table_of


def test_every_table_of_the_library_is_a_person_at_its_sites() -> None:
    tables = list(FOLDER.glob("*.tsv"))
    for site in ("stool", "skin:retroauricular_crease", "skin:antecubital_fossa"):
        found = people_at(site)
        assert len(found) == len(tables) == len({each.sample.person for each in found})
        assert {each.sample.site for each in found} == {site}
    assert people_at("skin:foot") == ()


def test_a_name_of_the_library_is_its_table_and_a_path_stays_a_path(tmp_path: Path) -> None:
    assert table_of("hmp_009") == FOLDER / "hmp_009.tsv"
    assert table_of("healthy_adult") == Path("healthy_adult")
    assert table_of(str(tmp_path / "x.tsv")) == tmp_path / "x.tsv"


def test_the_nearest_and_the_median() -> None:
    assert nearest(np.array([3.0, 1.0, 2.0]), ("a", "b", "c")) == ("b", 1.0, 2.0)
