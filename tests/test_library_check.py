"""``gutskin lint``: everything a library holds is checked in one pass, also what a run would not touch."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from gutskin import library_check
from gutskin.errors import GutskinError, InputError, LibraryErrors
from gutskin.library_check import check_library
from gutskin.model import Model
from gutskin.paths import LIBRARY
from gutskin.samples.noise import faults as noise_faults

POND = Path(__file__).parent / "bad/models/right"
READOUT = '[sweetness]\nquantity = "sugar"\nlabel = "Sugar"\nunit = "mmol"\nbetter = "up"\n'
EDGE = """
[sugar_alarm]
label = "sugar raises the alarm"
from = "gut"
to = "skin"
cut = {{ constant = "{}", to = 0 }}
source = "{}"
"""
FEED = """
title = "Feeding"
about = "Sugar by hand."
kind = "eat"
dose = {{ unit = "g", usual = 1, low = 0.5, high = 2 }}
every = "1 day"
[[effect]]
add = "{}"
amount = {{ value = 5.0, unit = "{}", source = "{}", where = "Table 3", grade = "in vitro" }}
"""
SCENARIO = 'title = "Fed"\nabout = "A week of feeding."\ndays = 7\n[[plan]]\ntreatment = "{}"\n'
PERSON = 'label = "A carp"\nabout = "Lives there."\n[set]\n{} = "{}"\n'
ROW = (
    '{} = {{ value = 0.3, unit = "{}", spread = {{ kind = "lognormal", gsd = 1.2 }}, source = "{}", '
    'where = "Table 2", grade = "in vitro" }}'
)
CANDIDATES = 'endpoint = "sweetness"\ndays = 84\nusual = [{ treatment = "feed" }]\nplans = ["feed", "fed"]\n'
SITE = f'label = "Reeds"\nabout = "At the edge."\n[set]\n{ROW}\n'
CARP = f'label = "A carp"\nabout = "Lives there."\nsite = "reeds"\n[set]\n{ROW}\n'
FISH = (
    'title = "Fish"\nabout = "All."\n[[people]]\nperson = "{}"\nshare = {}\nmembers = 1\nsource = "{}"\n'
    'where = "Table 1"\ngrade = "in vitro"\n'
)


@pytest.fixture
def pond(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GUTSKIN_CACHE", str(tmp_path / "cache"))
    library = Path(shutil.copytree(POND, tmp_path / "library"))
    for folder in ("readouts", "treatments", "scenarios", "people", "sites", "populations"):
        (library / folder).mkdir()
    put(library, "readouts/gut.toml", READOUT)
    put(library, "edges.toml", EDGE.format("k_rise", "pond_1999"))
    put(library, "treatments/feed.toml", FEED.format("sugar", "mmol/g", "pond_1999"))
    put(library, "scenarios/fed.toml", SCENARIO.format("feed"))
    put(library, "people/carp.toml", PERSON.format("k_leave", "0.4 1/h"))
    put(library, "populations/fish.toml", FISH.format("carp", 1, "pond_1999"))
    put(library, "candidates.toml", CANDIDATES)
    put(library, "sites/reeds.toml", SITE.format("k_leave", "1/h", "pond_1999"))
    return library


def put(library: Path, name: str, text: str) -> None:
    (library / name).write_text(text)


def found(library: Path) -> set[str]:
    with pytest.raises(LibraryErrors) as caught:
        check_library(library, "pond")
    assert all(fault.where for fault in caught.value.faults)
    return {fault.code for fault in caught.value.faults}


def test_a_right_library_is_counted(pond: Path) -> None:
    assert check_library(pond, "pond") == {
        "states": 3, "reactions": 3, "numbers of the ledger": 6, "read-outs": 1, "edges": 1, "treatments": 1,
        "scenarios": 1, "people": 1, "sites": 1, "populations": 1, "daily series": 0,
        "pictures": 0, "diseases": 0,
        "claims": 0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("readouts/gut.toml", READOUT.replace('"sugar"', '"suger"'), "E235"),
        ("readouts/gut.toml", READOUT.replace('"mmol"', '"umol"'), "E235"),
        ("readouts/gut.toml", READOUT + 'healthy = { low = 1, high = 2, source = "nobody_1900" }\n', "E137"),
        ("edges.toml", EDGE.format("k_raise", "pond_1999"), "E237"),
        ("edges.toml", EDGE.format("k_rise", "nobody_1900"), "E137"),
        ("treatments/feed.toml", FEED.format("suger", "mmol/g", "pond_1999"), "E233"),
        ("treatments/feed.toml", FEED.format("sugar", "mg/g", "pond_1999"), "E202"),
        ("treatments/feed.toml", FEED.format("sugar", "mmol/g", "nobody_1900"), "E137"),
        ("scenarios/fed.toml", SCENARIO.format("fed"), "E232"),
        ("people/carp.toml", PERSON.format("k_live", "0.4 1/h"), "E260"),
        ("people/carp.toml", PERSON.format("k_leave", "0.4 g"), "E202"),
        ("people/carp.toml", CARP.format("k_live", "1/h", "pond_1999"), "E260"),
        ("people/carp.toml", CARP.format("k_leave", "g", "pond_1999"), "E202"),
        ("people/carp.toml", CARP.format("k_leave", "1/h", "nobody_1900"), "E137"),
        ("people/carp.toml", CARP.replace("reeds", "reds").format("k_leave", "1/h", "pond_1999"), "E450"),
        ("sites/reeds.toml", SITE.replace("label", "lable").format("k_leave", "1/h", "pond_1999"), "E451"),
        ("sites/reeds.toml", SITE.format("k_live", "1/h", "pond_1999"), "E260"),
        ("sites/reeds.toml", SITE.format("k_leave", "g", "pond_1999"), "E202"),
        ("sites/reeds.toml", SITE.format("k_leave", "1/h", "nobody_1900"), "E137"),
        ("populations/fish.toml", FISH.format("crap", 1, "pond_1999"), "E581"),
        ("populations/fish.toml", FISH.format("carp", 0.9, "pond_1999"), "E581"),
        ("populations/fish.toml", FISH.format("carp", 1, "nobody_1900"), "E137"),
        ("populations/fish.toml", "[[people\n", "E130"),
        ("scenarios/fed.toml", 'site = "reds"\n' + SCENARIO.format("feed"), "E450"),
        ("candidates.toml", CANDIDATES.replace('["feed", "fed"]', '["feed", "food"]'), "E575"),
        ("candidates.toml", CANDIDATES.replace('["feed", "fed"]', "[]"), "E574"),
        ("candidates.toml", CANDIDATES.replace('"fed"', '"feed"'), "E574"),
        ("candidates.toml", CANDIDATES.replace("days", "day"), "E574"),
        ("candidates.toml", CANDIDATES.replace("84", "0.5"), "E241"),
        ("candidates.toml", CANDIDATES.replace("sweetness", "sweet"), "E575"),
        ("candidates.toml", CANDIDATES.replace('= "feed"', '= "food"'), "E232"),
        ("candidates.toml", "[[plans\n", "E130"),
    ],
    ids=lambda value: value if len(value) < 30 else "",
)  # fmt: skip
def test_one_fault_is_found(pond: Path, name: str, text: str, code: str) -> None:
    put(pond, name, text)
    assert code in found(pond)


@pytest.mark.parametrize("better", ["none", "within"])
def test_plans_are_ranked_by_what_is_good_or_bad(pond: Path, better: str) -> None:
    put(pond, "readouts/gut.toml", READOUT.replace('"up"', f'"{better}"'))
    assert found(pond) == {"E575"}


@pytest.mark.parametrize(
    ("samples", "said"),
    [
        ('["skin:face", "skin:fase"]', "did you mean skin:face"),
        ('["skin:hand", "skin:foot"]', "'skin:hand' belongs to bank too"),
    ],
)
def test_places_of_samples_are_known_and_of_one_site(pond: Path, samples: str, said: str) -> None:
    (pond / "taxa").mkdir()
    sites = '[controls]\nlabel = "Blank"\nsynonyms = []\n[columns]\n'
    sites += "".join(
        f'[sites."skin:{name}"]\nlabel = "{name}"\nguilds = "skin"\nsynonyms = []\n'
        for name in ("face", "hand", "foot")
    )
    put(pond, "taxa/sites.toml", sites)
    put(pond, "sites/bank.toml", 'label = "Bank"\nabout = "Dry."\nsamples = ["skin:hand"]\n')
    put(pond, "sites/reeds.toml", f'label = "Reeds"\nabout = "Wet."\nsamples = {samples}\n')
    model = cast(Model, SimpleNamespace(library=pond))
    (fault,) = library_check._places(model)
    assert fault.code == "E576"
    assert said in str(fault)
    put(pond, "sites/reeds.toml", 'label = "Reeds"\nabout = "Wet."\nsamples = ["skin:face"]\n')
    assert library_check._places(model) == []


def test_faults_of_all_kinds_are_found_in_one_pass(pond: Path) -> None:
    put(pond, "readouts/gut.toml", READOUT.replace('"sugar"', '"suger"'))
    put(pond, "edges.toml", EDGE.format("k_raise", "nobody_1900"))
    put(pond, "treatments/more.toml", FEED.format("suger", "mmol/g", "pond_1999"))
    put(pond, "people/carp.toml", PERSON.format("k_live", "0.4 1/h"))
    assert found(pond) == {"E235", "E237", "E137", "E233", "E260"}


def test_a_fault_of_a_site_is_told_once_however_many_people_are_there(pond: Path) -> None:
    put(pond, "sites/reeds.toml", SITE.format("k_leave", "1/h", "nobody_1900"))
    put(pond, "people/carp.toml", CARP.format("k_leave", "1/h", "pond_1999"))
    with pytest.raises(LibraryErrors) as caught:
        check_library(pond, "pond")
    (fault,) = caught.value.faults
    assert (fault.code, fault.where) == ("E137", "reeds.toml:4")


def test_a_misspelt_name_is_answered_with_the_nearest(pond: Path) -> None:
    put(pond, "readouts/gut.toml", READOUT.replace('"sugar"', '"suger"'))
    with pytest.raises(LibraryErrors) as caught:
        check_library(pond, "pond")
    assert "did you mean sugar" in caught.value.faults[0].remedy


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("readouts/gut.toml", READOUT.replace("label", "lable"), "E235"),
        ("edges.toml", "[a]\nlabel = 'b'\n", "E237"),
    ],
    ids=["read-out", "edge"],
)
def test_what_cannot_be_read_is_refused(pond: Path, name: str, text: str, code: str) -> None:
    put(pond, name, text)
    with pytest.raises(GutskinError, match=code):
        check_library(pond, "pond")


def test_faults_of_the_model_come_first(pond: Path) -> None:
    path = pond / "models/pond.ant"
    put(pond, "models/pond.ant", path.read_text().replace("6 cells", "5 cells"))
    assert found(pond) == {"E114"}


def test_a_model_that_is_not_there_is_refused(pond: Path) -> None:
    with pytest.raises(InputError, match="E262"):
        check_library(pond, "lake")


PICTURE = """
title = "The pond"
scenario = "{}"
[[panel]]
title = "Sugar"
unit = "{}"
kind = "course"
row = [{{ label = "sugar", quantity = "{}" }}]
"""


def test_a_daily_series_of_nothing_is_a_fault(pond: Path) -> None:
    number = '{ value = 3, unit = "day", source = "none", grade = "assumed" }'
    said = '[w]\nlabel = "W"\nconstant = "wind"\nsize = "sail"\nshape = "normal"\n'
    put(pond, "daily.toml", f"{said}memory = {number}\n")
    assert found(pond) == {"E458"}
    put(pond, "daily.toml", said)
    assert found(pond) == {"E457"}


def test_a_picture_that_can_be_drawn_is_counted(pond: Path) -> None:
    (pond / "pictures").mkdir()
    put(pond, "pictures/sugar.toml", PICTURE.format("fed", "mmol", "sweetness"))
    assert check_library(pond, "pond")["pictures"] == 1


@pytest.mark.parametrize(
    ("scenario", "unit", "quantity", "code"),
    [
        ("fed", "mmol", "suger", "E442"),
        ("fed", "g", "sugar", "E443"),
        ("fad", "mmol", "sugar", "E245"),
        ("fed", "mmol", "sugar +", "E405"),
        ("fed", "", "sugar", "E441"),
    ],
)
def test_a_picture_that_cannot_be_drawn(
    pond: Path, scenario: str, unit: str, quantity: str, code: str
) -> None:
    (pond / "pictures").mkdir()
    put(pond, "pictures/sugar.toml", PICTURE.format(scenario, unit, quantity))
    assert found(pond) == {code}


CLAIM = '[CL001]\nsection = "pond"\nclaim = "Sugar"\nsystem = "gut"\ngrade = "weak"\nsource = "{}"\n'


def test_claims_are_counted_and_their_faults_told_with_others(pond: Path) -> None:
    put(pond, "claims.toml", CLAIM.format("none") + 'untested = "no pond"\n')
    assert check_library(pond, "pond")["claims"] == 1
    put(pond, "claims.toml", CLAIM.format("nobody_1900"))
    put(pond, "people/carp.toml", PERSON.format("k_live", "0.4 1/h"))
    assert found(pond) == {"E137", "E471", "E260"}
    put(pond, "claims.toml", "[CL001\n")
    assert found(pond) == {"E130", "E260"}


NOISE = '[{0}]\nusual = {{ value = 2, source = "{2}", where = "Table 1", grade = "in vitro" }}\n'
NOISE += '{1} = {{ value = 3, source = "none", grade = "assumed" }}\n'


def test_noise_of_samples_is_of_guilds_that_there_are(pond: Path) -> None:
    """Every guild table has its usual noise, and nothing else has any."""
    guilds, sources = {"water": ("carp", "pike"), "mud": ("eel",)}, {"pond_1999"}
    right = {table: NOISE.format(table, names[0], "pond_1999") for table, names in guilds.items()}

    def codes(text: str) -> list[str]:
        put(pond, "measurement.toml", text)
        return [fault.code for fault in noise_faults(pond, sources, guilds)]

    assert codes(right["water"] + right["mud"]) == []
    assert codes(right["water"] + NOISE.format("mud", "eel", "nobody_1900")) == ["E137"]
    assert codes(right["water"] + NOISE.format("mud", "carp", "pond_1999")) == ["E583"]
    assert codes(right["water"] + right["mud"] + NOISE.format("air", "gull", "none")) == ["E583"]
    assert codes(right["water"]) == ["E583"]
    assert codes("usual = 2\n") == ["E583"]
    assert codes("[water\n") == ["E130"]
    (pond / "measurement.toml").unlink()
    assert noise_faults(pond, sources, guilds) == []


def test_noise_is_part_of_the_check(pond: Path) -> None:
    shutil.copytree(LIBRARY / "taxa", pond / "taxa")
    put(pond, "measurement.toml", NOISE.format("pond", "carp", "pond_1999"))
    assert "E583" in found(pond)
