"""A person put together: nobody dropped for a bad sample, the place of the skin, readings and errors."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gutskin.errors import InputError
from gutskin.model import Model, load
from gutskin.paths import LIBRARY
from gutskin.samples import Sample
from gutskin.samples.measured import Error, Measured
from gutskin.samples.sites import load_sites
from gutskin.sites import FOLDER, read_site, site_names
from gutskin.subject import DEPTH, SKIN, Subject, seen, subjects

STOOL = {"g__Bacteroides": 300, "g__Faecalibacterium": 300, "g__Blautia": 300, "g__Akkermansia": 100}
CREASE = {"g__Cutibacterium": 700, "g__Staphylococcus": 200, "g__Corynebacterium": 100}
STRANGE = {"g__Nobodyknows": 1000, "g__Bacteroides": 10}


@pytest.fixture(scope="module")
def model() -> Model:
    return load()


def sample(taxa: dict[str, float], person: str = "ada", site: str = "stool", name: str = "") -> Sample:
    counts = np.array(list(taxa.values()), float)
    return Sample(site, person, name or f"{person}.{site}", tuple(taxa), counts, "counts", int(counts.sum()))


def percent(taxa: dict[str, float]) -> Sample:
    made = sample(taxa)
    return replace(made, abundance=100.0 * made.abundance / made.abundance.sum(), kind="percent", depth=None)


def reading(
    value: float, quantity: str = "tewl", unit: str = "g/m2/h", *, site: str = "", error: Error | None = None
) -> Measured:
    return Measured(quantity, value, unit, error or Error("gsd", 1.2, "none"), "table, row 1", site)


def alone(*samples: Sample, readings: tuple[Measured, ...] = ()) -> Subject:
    (made,) = subjects(samples, {"ada": readings} if readings else None)
    return made


# ---- who is who


def test_people_come_in_order_and_nobody_is_dropped_for_a_bad_sample() -> None:
    found = subjects(
        [sample(STRANGE, "zoe"), sample(STOOL, "ben"), sample(CREASE, "ben", "skin:face"), sample(STOOL)],
        {"max": [reading(9.0)]},
    )
    assert [each.name for each in found] == ["ada", "ben", "max", "zoe"]
    assert [len(each.mappings) for each in found] == [1, 2, 0, 0]
    ((bad, why),) = found[3].refused
    assert (bad.name, why.code) == ("zoe.stool", "E330")
    assert found[2].readings == (reading(9.0),)


def test_names_that_differ_in_capitals_are_one_person_and_that_is_said(model: Model) -> None:
    given = {"ADA": [first := reading(9.0)], "ada": [first, reading(11.0)]}
    (made,) = subjects([sample(STOOL, "Ada"), sample(CREASE, "ada", "skin:face")], given)
    assert made.name == "Ada"
    assert [each.sample.person for each in made.mappings] == ["Ada", "ada"]
    assert [each.value for each in made.readings] == [9.0, 11.0]
    assert "Ada and ada and ADA are taken as one person" in seen(made, model).notes


def test_a_faulty_table_of_taxa_is_told_before_anybody_is_mapped(tmp_path: Path) -> None:
    (tmp_path / "own.tsv").write_text("a\tb\n1\t2\n")
    with pytest.raises(InputError) as caught:
        subjects([sample(STOOL)], overrides=tmp_path / "own.tsv")
    assert caught.value.code == "E520"


def test_a_table_of_taxa_of_ones_own_goes_first(tmp_path: Path) -> None:
    (tmp_path / "own.tsv").write_text("taxon\tguild\nNobodyknows\tbacteroides\n")
    (made,) = subjects([sample(STRANGE)], overrides=tmp_path / "own.tsv")
    assert made.mappings[0].shares["bacteroides"] == pytest.approx(1.0)


# ---- where the skin is looked at


def test_the_place_is_where_most_skin_samples_are_from(model: Model) -> None:
    crease = sample(CREASE, site="skin:retroauricular_crease")
    elbows = [sample(CREASE, site="skin:antecubital_fossa", name=name) for name in ("left", "right")]
    told = seen(alone(crease, *elbows), model)
    assert told.place == "fold"
    assert {each.sample.name for each in told.used} == {"left", "right"}
    assert any("skin:retroauricular_crease" in note for note in told.notes)
    even = seen(alone(crease, elbows[0]), model)
    assert even.place == "face"
    assert seen(alone(sample(STOOL)), model).place == "face"


def test_every_place_that_skin_samples_come_from_is_looked_at_in_one_site() -> None:
    sites = [read_site(name, LIBRARY / FOLDER).samples for name in site_names(LIBRARY / FOLDER)]
    skin = [each.name for each in load_sites().known.values() if each.guilds == SKIN]
    assert sorted(name for samples in sites for name in samples) == sorted(skin)


def test_a_place_that_is_asked_for_goes_first(model: Model) -> None:
    both = [sample(STOOL), sample(CREASE, site="skin:face"), sample(CREASE, site="skin:cheek", name="c")]
    told = seen(alone(*both, sample(CREASE, site="skin:hand")), model, place="forearm")
    assert told.place == "forearm"
    assert [each.sample.site for each in told.used] == ["stool", "skin:hand"]
    with pytest.raises(InputError) as caught:
        seen(alone(*both), model, place="nowhere")
    assert caught.value.code == "E450"


def test_a_place_of_ones_own_file_takes_the_samples_it_names(model: Model, tmp_path: Path) -> None:
    (tmp_path / "palm.toml").write_text('label = "Palm"\nabout = "Mine."\nsamples = ["skin:hand"]\n')
    told = seen(alone(sample(CREASE, site="skin:hand")), model, place=str(tmp_path / "palm.toml"))
    assert [each.table for each in told.observation.shares] == ["skin"]


# ---- what was seen


def test_shares_are_of_guilds_that_all_samples_could_show(model: Model) -> None:
    (gut,) = seen(alone(sample(STOOL)), model).observation.shares
    assert gut.table == "gut"
    assert not set(alone(sample(STOOL)).mappings[0].unseen) & set(gut.guilds)
    assert np.exp(gut.log).sum() == pytest.approx(1.0)
    share = dict(zip(gut.guilds, np.exp(gut.log), strict=True))
    assert share["bacteroides"] == max(share.values())


def test_more_samples_of_one_place_leave_less_error(model: Model) -> None:
    days = [replace(sample(STOOL, name=f"s{k}"), extras={"date": f"2024-01-0{k}"}) for k in (1, 2, 3)]
    (one,) = seen(alone(days[0]), model).observation.shares
    (three,) = seen(alone(*days), model).observation.shares
    assert (three.variance < one.variance).all()
    assert (three.variance > one.bias).all()


def test_percentages_count_as_few_reads_and_that_is_said(model: Model) -> None:
    told = seen(alone(percent(STOOL)), model)
    assert any(str(DEPTH) in note for note in told.notes)
    counted = sample({name: 5 * count for name, count in STOOL.items()})
    same = seen(alone(counted), model)
    assert not any(str(DEPTH) in note for note in same.notes)
    assert counted.depth == DEPTH
    assert told.observation.shares[0].log == pytest.approx(same.observation.shares[0].log)


def test_a_refused_sample_beside_a_good_one_is_a_note(model: Model) -> None:
    told = seen(alone(sample(STOOL), sample(STRANGE, site="skin:face")), model)
    assert [each.table for each in told.observation.shares] == ["gut"]
    assert any(note.startswith("ada.skin:face") for note in told.notes)


def test_nothing_to_be_seen_is_refused(model: Model) -> None:
    with pytest.raises(InputError) as caught:
        seen(Subject("ada"), model)
    assert caught.value.code == "E570"
    with pytest.raises(InputError) as caught:
        seen(alone(sample(STRANGE)), model)
    assert caught.value.code == "E330"
    with pytest.raises(InputError) as caught:
        seen(alone(sample(STRANGE), sample(STRANGE, site="skin:face")), model)
    assert caught.value.code == "E570"
    assert caught.value.message.count("E330") == 2


# ---- readings


def test_several_readings_count_as_their_mean_with_less_error(model: Model) -> None:
    (made,) = seen(Subject("ada", readings=(reading(9.0), reading(16.0))), model).observation.readings
    assert made.log
    assert math.exp(made.value) == pytest.approx(12.0)
    assert made.sd == pytest.approx(math.log(1.2) / math.sqrt(2))


def test_a_reading_with_an_error_of_its_unit_stays_as_it_is(model: Model) -> None:
    given = reading(5.1, "skin_ph", "1", error=Error("sd", 0.2, "none"))
    (made,) = seen(Subject("ada", readings=(given,)), model).observation.readings
    assert (made.value, made.sd, made.log) == (5.1, 0.2, False)


def test_a_reading_of_nought_is_no_log(model: Model) -> None:
    given = reading(0.0, "easi", "1", error=Error("gsd", 1.8, "none"))
    (made,) = seen(Subject("ada", readings=(given,)), model).observation.readings
    assert (made.value, made.log) == (0.0, False)
    assert made.sd > 0


def test_readings_of_another_place_or_of_nothing_in_the_model_are_not_used(model: Model) -> None:
    given = (reading(9.0, site="skin:cheek"), reading(30.0, site="skin:hand"), reading(1.0, "load", "CFU/g"))
    told = seen(Subject("ada", readings=given), model)
    assert [math.exp(each.value) for each in told.observation.readings] == [pytest.approx(9.0)]
    assert sum("is not used" in note for note in told.notes) == 2
