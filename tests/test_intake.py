"""All samples of a person: which stand for the gut and the skin, and what is refused with its reason."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gutskin.errors import InputError
from gutskin.intake import samples_of, take_in, targets
from gutskin.model import load
from gutskin.paths import LIBRARY
from gutskin.people import Person, people_names, read_person
from gutskin.samples import Sample, read_samples
from gutskin.samples.taxa import load_taxa

STOOL = {"Bacteroides": 60.0, "Faecalibacterium": 30.0, "Blautia": 10.0}
SKIN = {"Cutibacterium": 80.0, "Staphylococcus": 20.0}


def table(folder: Path, **columns: dict[str, float]) -> tuple[Sample, ...]:
    """Read samples from a table whose columns are named ``ada.<site>``."""
    taxa = list(dict.fromkeys(taxon for column in columns.values() for taxon in column))
    heads = [f"ada.{name.replace('__', ':')}" for name in columns]
    rows = ["\t".join(["taxon", *heads])]
    rows += ["\t".join([t, *(str(c.get(t, 0.0)) for c in columns.values())]) for t in taxa]
    path = folder / "ada.tsv"
    path.write_text("\n".join(rows) + "\n")
    return read_samples(path)


def test_one_sample_each_for_gut_and_skin(tmp_path: Path) -> None:
    got = take_in(table(tmp_path, stool=STOOL, skin__forehead=SKIN))
    assert set(got.chosen) == {"gut", "skin"}
    assert got.chosen["gut"].sample.site == "stool"
    assert len(got.mappings) == 2
    assert got.refused == ()


def test_the_first_usable_sample_of_a_part_of_the_body_is_chosen(tmp_path: Path) -> None:
    unusable = {"Lactobacillus": 95.0, "Cutibacterium": 5.0, "Unheardofia": 900.0}
    got = take_in(table(tmp_path, skin__forehead=unusable, skin__retroauricular_crease=SKIN, stool=STOOL))
    assert [error.code for _, error in got.refused] == ["E330"]
    assert got.chosen["skin"].sample.site == "skin:retroauricular_crease"
    assert all(mapping.sample.site != "skin:forehead" for mapping in got.mappings)


def test_the_refusal_of_the_only_sample_is_told_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        take_in(table(tmp_path, stool={"Unheardofia": 99.0, "Bacteroides": 1.0}))
    assert caught.value.code == "E330"


def test_when_every_sample_is_refused_all_reasons_are_told(tmp_path: Path) -> None:
    nothing = {"Unheardofia": 99.0, "Bacteroides": 1.0}
    with pytest.raises(InputError) as caught:
        take_in(table(tmp_path, stool=nothing, skin__forehead=nothing))
    assert caught.value.code == "E332"
    assert caught.value.message.count("E330") == 2


def test_samples_of_several_people_are_refused(tmp_path: Path) -> None:
    ada = table(tmp_path, stool=STOOL)
    bob = tuple(replace(sample, person="bob") for sample in table(tmp_path, skin__forehead=SKIN))
    with pytest.raises(InputError, match="E333") as caught:
        take_in((*ada, *bob))
    assert "--subject" in caught.value.remedy
    assert "ada, bob" in caught.value.remedy


def test_no_samples_at_all() -> None:
    with pytest.raises(InputError, match="E332"):
        take_in(())


def test_targets_name_what_the_model_has(tmp_path: Path) -> None:
    model = load()
    constants = {c.name for c in model.network.constants}
    wanted = targets(take_in(table(tmp_path, stool=STOOL, skin__forehead=SKIN)))
    for target in wanted:
        assert set(target.states) <= set(model.network.states), target.name
        assert set(target.along) <= set(model.network.states) - set(target.states), target.name
        assert target.trait in constants
    assert len({target.trait for target in wanted}) == len(wanted)
    assert {target.site for target in wanted} == {"gut", "skin"}


def test_shares_of_targets_are_those_of_the_sample(tmp_path: Path) -> None:
    wanted = {
        (t.site, t.name): t.share for t in targets(take_in(table(tmp_path, stool=STOOL, skin__forehead=SKIN)))
    }
    assert wanted["gut", "bacteroides"] == pytest.approx(0.6, abs=0.05)
    assert wanted["gut", "faecalibacterium"] == pytest.approx(0.3, abs=0.05)
    assert wanted["skin", "cutibacterium"] == pytest.approx(0.8, abs=0.05)
    for site in ("gut", "skin"):
        assert 0.9 < sum(share for (table, _), share in wanted.items() if table == site) <= 1 + 1e-9


def test_only_a_part_of_the_body_that_was_sampled_has_targets(tmp_path: Path) -> None:
    assert {t.site for t in targets(take_in(table(tmp_path, skin__forehead=SKIN)))} == {"skin"}


def test_a_person_without_samples_has_none() -> None:
    assert samples_of(Person("ada", "Ada")) == ()


@pytest.mark.parametrize("name", people_names(LIBRARY / "people"))
def test_shipped_people_have_a_gut_and_a_skin_or_no_samples_at_all(name: str) -> None:
    person = read_person(name, LIBRARY / "people")
    if not person.samples:
        assert samples_of(person) == ()
        return
    found = take_in(samples_of(person))
    assert set(found.chosen) == {"gut", "skin"}
    known = {guild.name for table in ("gut", "skin") for guild in load_taxa().of_site(table)}
    assert {target.name for target in targets(found)} <= known
