"""Tables of people as the commands take them: who is found, folders that stay inside, and completion."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gutskin.cli import complete
from gutskin.cli.subject import SUMMARY, Tables, folders, read
from gutskin.errors import GutskinError
from gutskin.model import Model, load
from gutskin.paths import LIBRARY
from gutskin.subject import seen

FIXTURES = Path(__file__).parent / "fixtures"
PEOPLE, FACTS = FIXTURES / "people.tsv", FIXTURES / "people.metadata.tsv"
NONE = Tables(None, None, None, None, None, None, ())
TOLD = replace(NONE, stool=PEOPLE, metadata=FACTS)
STOOL = "taxon\t{}\ng__Bacteroides\t500\ng__Blautia\t300\ng__Faecalibacterium\t400\n"
SKIN = "taxon\t{}\ng__Cutibacterium\t500\ng__Staphylococcus\t300\ng__Corynebacterium\t40\n"


@pytest.fixture(scope="module")
def model() -> Model:
    return load()


@pytest.fixture
def single(tmp_path: Path) -> Tables:
    """Two tables of one sample each that tell neither person nor site."""
    (tmp_path / "gut.tsv").write_text(STOOL.format("one"))
    (tmp_path / "skin.tsv").write_text(SKIN.format("two"))
    return replace(NONE, stool=tmp_path / "gut.tsv", skin=tmp_path / "skin.tsv")


def refused(tables: Tables, model: Model, site: str = "") -> str:
    with pytest.raises(GutskinError) as caught:
        read(tables, model, site)
    assert caught.value.remedy
    return caught.value.code


# ---- who is found


def test_everybody_of_a_table_is_found_with_samples_and_readings(model: Model) -> None:
    ben, ada, cleo = read(TOLD, model)
    assert [ben.name, ada.name, cleo.name] == ["../Ben", "Ada", "Cleo"]
    assert [each.sample.site for each in ada.mappings] == [
        "stool", "skin:retroauricular_crease", "skin:antecubital_fossa",
    ]  # fmt: skip
    assert {(each.quantity, each.value) for each in ada.readings} == {
        ("calprotectin", 30), ("tewl", 11), ("tewl", 14),
    }  # fmt: skip
    assert [error.code for _, error in cleo.refused] == ["E330"]


def test_people_are_chosen_in_any_case_and_once(model: Model) -> None:
    found = read(replace(TOLD, people=("cleo", "ADA", "Ada")), model)
    assert [each.name for each in found] == ["Cleo", "Ada"]
    assert refused(replace(TOLD, people=("Adam",)), model) == "E572"
    assert refused(replace(TOLD, people=("",)), model) == "E572"


def test_one_table_as_stool_and_skin_is_read_once(model: Model) -> None:
    assert len(read(replace(TOLD, skin=PEOPLE), model)[1].mappings) == 3


def test_two_single_samples_are_of_one_person(single: Tables, model: Model) -> None:
    (made,) = read(single, model)
    assert made.name == "gut"
    assert [each.sample.site for each in made.mappings] == ["stool", "skin:unspecified"]
    (named,) = read(replace(single, people=("Zoe",)), model, "forearm")
    assert (named.name, named.mappings[1].sample.site) == ("Zoe", "skin:forearm")


def test_a_single_sample_takes_the_name_it_is_given(single: Tables, model: Model) -> None:
    (made,) = read(replace(single, skin=None, people=("Zoe",)), model)
    assert (made.name, len(made.mappings)) == ("Zoe", 1)


def test_tables_of_several_samples_are_joined_by_their_names(tmp_path: Path, model: Model) -> None:
    for name, text in (("gut", STOOL), ("skin", SKIN)):
        rows = [line + "\t" + line.split("\t")[-1] for line in text.format("ada").splitlines()]
        (tmp_path / f"{name}.tsv").write_text("\n".join([rows[0][: -len("ada")] + "ben", *rows[1:]]) + "\n")
    found = read(replace(NONE, stool=tmp_path / "gut.tsv", skin=tmp_path / "skin.tsv"), model)
    assert [(each.name, len(each.mappings)) for each in found] == [("ada", 2), ("ben", 2)]


def test_readings_alone_will_do(tmp_path: Path, model: Model) -> None:
    (tmp_path / "facts.tsv").write_text("sample\tperson\tsite\tEASI\na\tada\tface\t8\nb\tben\tface\tNA\n")
    (made,) = read(replace(NONE, metadata=tmp_path / "facts.tsv"), model)
    assert (made.name, made.mappings, made.readings[0].value) == ("ada", (), 8.0)


def test_a_wrong_reading_is_the_fault_of_one_person_and_a_misspelt_column_is_told(
    tmp_path: Path, model: Model, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = "sample\tperson\tsite\tEASI\tcalprotectn\na\tada\tface\t8\t3\nb\tBen\tface\tlots\t4\n"
    (tmp_path / "facts.tsv").write_text(rows)
    ben, ada = read(replace(NONE, metadata=tmp_path / "facts.tsv"), model)
    assert [each.value for each in ada.readings] == [8.0]
    assert ada.fault is None
    assert ben.fault is not None
    assert ben.fault.code == "E527"
    with pytest.raises(GutskinError, match="E527"):
        seen(ben, model)
    assert "did you mean calprotectin?" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("change", "site", "code"),
    [
        ({"stool": None, "metadata": None}, "", "E571"),
        ({"stool": FIXTURES / "nowhere.tsv"}, "", "E300"),
        ({"stool": FIXTURES}, "", "E301"),
        ({"stool": FIXTURES / ("x" * 400)}, "", "E300"),
        ({"taxa": FACTS}, "", "E520"),
        ({"metadata": PEOPLE}, "", "E324"),
        ({}, "nowhere", "E450"),
    ],
)
def test_what_cannot_be_read_is_told_at_once(
    change: dict[str, Path | None], site: str, code: str, model: Model
) -> None:
    assert refused(replace(TOLD, **change), model, site) == code


# ---- folders


def test_folders_stay_inside_and_apart_whatever_people_are_called() -> None:
    names = [
        "../../x", "..", "", ".", "a/b", "a\\b", "a_b", "A_B", "x" * 300, "x" * 299 + "y", "Änne 女", "\n",
        "/etc/passwd", SUMMARY, "Summary.CSV",
    ]  # fmt: skip
    out = Path("some/where")
    found = folders(names, out)
    assert list(found) == names
    assert {each.parent for each in found.values()} == {out}
    plain = [each.name.lower() for each in found.values()]
    assert len({*plain, SUMMARY}) == len(names) + 1
    assert all(name.strip(".") and len(name) <= 90 for name in plain)
    assert found["a/b"] == out / "a_b"


@given(st.lists(st.text(max_size=100), unique=True, max_size=20))
def test_no_name_leaves_the_folder_or_takes_that_of_another(names: list[str]) -> None:
    found = folders(names, Path("out"))
    assert all(each.parent == Path("out") and each.name not in {"", ".", ".."} for each in found.values())
    assert len({each.name.lower() for each in found.values()}) == len(names)


# ---- completion


def test_plans_and_sites_are_completed() -> None:
    scenario = sorted(path.stem for path in (LIBRARY / "scenarios").glob("*.toml"))[0]
    treatment = sorted(path.stem for path in (LIBRARY / "treatments").glob("*.toml"))[0]
    assert scenario in complete.plans(scenario[:3])
    assert treatment in complete.plans(treatment[:3])
    assert complete.plans("no such") == []
    found = complete.plans("")
    assert found == sorted({*found})
    assert set(complete.sites("f")) == {path.stem for path in (LIBRARY / "sites").glob("f*.toml")}
