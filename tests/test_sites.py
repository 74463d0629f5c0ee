"""Sites: files of a place of the body, what a person is there, and who chooses it."""

from __future__ import annotations

from pathlib import Path

import pytest

from gutskin.errors import GutskinError
from gutskin.model import load
from gutskin.paths import LIBRARY
from gutskin.people import Person, read_person, within
from gutskin.precedence import resolve, spreads, unusual
from gutskin.scenario import scenario_from
from gutskin.sites import FOLDER, read_site, site_names

SHIPPED = site_names(LIBRARY / FOLDER)
ROW = (
    '{{ value = {}, unit = "{}", spread = {{ kind = "lognormal", gsd = 1.5 }}, source = "none", '
    'grade = "assumed" }}'
)
BACK = f'label = "Back"\nabout = "Broad."\n[set]\nstress_load = {ROW.format(50, "percent")}\n'


def back(tmp_path: Path, text: str = BACK) -> str:
    path = tmp_path / "back.toml"
    path.write_text(text)
    return str(path)


def test_a_file_of_a_site(tmp_path: Path) -> None:
    got = read_site(back(tmp_path), LIBRARY / FOLDER)
    assert (got.name, got.label, got.about) == ("back", "Back", "Broad.")
    (row,) = got.rows.values()
    assert (row.value, row.unit, row.spread.gsd, row.grade) == (50.0, "percent", 1.5, "assumed")
    assert row.line == "back.toml:4"


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        (BACK.replace("label", "lable"), "E451", "did you mean label"),
        (BACK.replace('about = "Broad."\n', ""), "E451", "about = None"),
        (BACK.replace('"Back"', "3"), "E451", "label = 3"),
        ('label = "B"\nabout = "B"\nset = 5\n', "E451", "write [set]"),
        ('label = "B"\nabout = "B"\n[set]\nstress_load = "50 percent"\n', "E451", "a table a number"),
        (BACK.replace('grade = "assumed"', 'grade = "guess"'), "E134", "guess"),
        (BACK.replace(', source = "none"', ""), "E132", "source missing"),
        (BACK.replace('"percent"', '"furlong per fish"'), "E136", "stress_load"),
        ("label =", "E130", "not TOML"),
    ],
)  # fmt: skip
def test_a_bad_file_of_a_site(tmp_path: Path, text: str, code: str, said: str) -> None:
    with pytest.raises(GutskinError) as caught:
        read_site(back(tmp_path, text), LIBRARY / FOLDER)
    assert caught.value.code == code
    assert "back.toml" in caught.value.where
    assert said in str(caught.value)


def test_no_site_of_that_name(tmp_path: Path) -> None:
    with pytest.raises(GutskinError, match=r"E450.*did you mean forearm"):
        read_site("forarm", LIBRARY / FOLDER)
    with pytest.raises(GutskinError, match="E450"):
        read_person("healthy_adult", LIBRARY / "people", site="forarm")
    with pytest.raises(GutskinError, match="E131"):
        read_site(str(tmp_path / "nowhere.toml"), LIBRARY / FOLDER)


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_sites_fit_the_model(name: str) -> None:
    model, site = load(), read_site(name, LIBRARY / FOLDER)
    person = Person("ada", "Ada").at(site)
    constants, origins = resolve(model, person)
    assert origins == dict.fromkeys(site.rows, "site")
    assert spreads(model, person).keys() == site.rows.keys()
    assert unusual(model, person) == ()
    names = [constant.name for constant in model.network.constants]
    for each, row in site.rows.items():
        assert row.unit == model.row(each).unit
        assert constants[names.index(each)] == row.value
        assert not each.endswith(("_trait", "_fitness")), "traits belong to persons"


def test_the_face_is_what_the_ledger_holds() -> None:
    assert read_site("face", LIBRARY / FOLDER).rows == {}


def test_the_asker_chooses_the_site(tmp_path: Path) -> None:
    """Whoever asks later wins: the person's own, the scenario, the command line."""
    folder, path = LIBRARY / "people", tmp_path / "eve.toml"
    path.write_text('label = "Eve"\nsite = "fold"\n[set]\nstress_load = "0.5 1"\n')
    own = read_person(str(path), folder)
    assert own.site is not None
    assert own.site.name == "fold"
    quiet, asked = (scenario_from({"days": 1, **more}, "toy", ()) for more in ({}, {"site": "forearm"}))
    assert within(own, quiet, LIBRARY).site == own.site
    there = within(own, asked, LIBRARY)
    assert there.site is not None
    assert (there.site.name, there.layers["preset"]) == ("forearm", {"stress_load": (0.5, "1")})
    assert set(there.layers["site"]) == set(read_site("forearm", LIBRARY / FOLDER).rows)
    told = read_person(str(path), folder, site="face")
    assert told.site is not None
    assert (told.site.name, told.layers["site"]) == ("face", {})
    with pytest.raises(GutskinError, match="E450"):
        within(own, scenario_from({"days": 1, "site": "nose"}, "toy", ()), LIBRARY)


def test_a_site_of_ones_own_lies_beside_the_person(tmp_path: Path) -> None:
    back(tmp_path)
    path = tmp_path / "eve.toml"
    path.write_text('label = "Eve"\nsite = "back.toml"\n')
    assert read_person(str(path), LIBRARY / "people").layers["site"] == {"stress_load": (50.0, "percent")}
    path.write_text('label = "Eve"\nsite = 3\n')
    with pytest.raises(GutskinError, match="E240"):
        read_person(str(path), LIBRARY / "people")


def test_what_a_person_sets_counts_before_the_site(tmp_path: Path) -> None:
    site, model = read_site(back(tmp_path), LIBRARY / FOLDER), load()
    ada = Person("ada", "Ada").at(site)
    assert resolve(model, ada)[1] == {"stress_load": "site"}
    calm = ada.having("preset", {"stress_load": (0.1, "1")})
    assert resolve(model, calm)[1] == {"stress_load": "preset"}
    assert spreads(model, calm) == {}
    assert spreads(model, ada)["stress_load"].value == pytest.approx(0.5)
