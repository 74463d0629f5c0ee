"""The values of a picture are those of the run, in the unit of the panel."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gutskin.errors import GutskinError
from gutskin.evidence.expression import expression
from gutskin.model import Model, load
from gutskin.paths import LIBRARY
from gutskin.people import Person, read_person
from gutskin.pictures import faults, read_picture, take
from gutskin.pictures.read import Panel, Picture, Row
from gutskin.report.sheet import Sheet
from gutskin.scenario import Scenario, read_scenario
from gutskin.simulate import simulate

FOLDER = LIBRARY / "pictures"


@pytest.fixture(scope="module")
def model() -> Model:
    return load()


@pytest.fixture(scope="module")
def person() -> Person:
    return read_person("healthy_adult", LIBRARY / "people")


@pytest.fixture(scope="module")
def colon(model: Model, person: Person) -> Sheet:
    return take(model, read_picture("colon", FOLDER), person)


@pytest.fixture(scope="module")
def week() -> Scenario:
    path = LIBRARY / "scenarios" / "clindamycin.toml"
    return replace(read_scenario(path, (LIBRARY / "treatments",)), days=9.0)


def one(unit: str, text: str, kind: str = "course", healthy: tuple[str, ...] = ()) -> Picture:
    rows = (Row("it", (expression(text),)),)
    places = (("here", "here"),) if kind == "along" else ()
    return Picture("one", "One", "", 1, "", places, (Panel("it", unit, kind, False, True, healthy, rows),))


def test_values_along_places_are_those_of_everyday_life(model: Model, person: Person, colon: Sheet) -> None:
    result = simulate(model, person, Scenario("day", "", "", 1.0))
    panels = {panel.title: panel for panel in colon.panels}
    water = [
        1000 * result[f"colon_{place}_water"].at(0.0)[0] for place in ("ascending", "transverse", "distal")
    ]
    (row,) = panels["Water"].rows
    assert row.values == pytest.approx(water)
    assert panels["Water"].at == ("ascending", "transverse", "distal")
    assert panels["pH"].rows[0].values[2] == pytest.approx(result["colon_distal_ph"].at(0.0)[0])
    assert colon.plan is None


def test_shares_that_are_stacked_fill_the_whole(colon: Sheet) -> None:
    stacked = [panel for panel in colon.panels if panel.stacked]
    assert len(stacked) == 2
    for panel in stacked:
        assert np.sum([row.values for row in panel.rows], axis=0) == pytest.approx(100.0)
        assert all((row.values > 0).all() for row in panel.rows)


def test_the_healthy_range_is_that_of_the_read_out_in_the_unit_of_the_panel(
    model: Model, person: Person, colon: Sheet
) -> None:
    known = [model.readouts[name].healthy for name in ("scfa_ascending", "scfa_transverse", "scfa")]
    assert colon.panels[0].healthy == tuple((each.low, each.high) for each in known if each)
    picture = one("umol/L", "colon_distal_scfa", "along", ("scfa",))
    (panel,) = take(model, picture, person).panels
    assert panel.healthy == ((1000 * known[2].low, 1000 * known[2].high),)  # type: ignore[union-attr]


def test_a_course_is_that_of_the_scenario_with_its_plan(model: Model, person: Person, week: Scenario) -> None:
    made = take(model, one("umol/g", "colon_distal_butyrate / colon_cell_mass"), person, week)
    result = simulate(model, person, week)
    values = 1000 * result["colon_distal_butyrate"].values[:, 0] / result["colon_cell_mass"].values[:, 0]
    (panel,) = made.panels
    assert panel.rows[0].values == pytest.approx(values)
    assert np.asarray(panel.at) == pytest.approx(result.times / 24)
    assert made.plan is not None
    assert (made.plan.start, made.plan.end) == (0.0, 7.0)


def test_a_course_against_its_start_moves(model: Model, person: Person, week: Scenario) -> None:
    sheet = take(model, one("1", "colon_cell_mass / start(colon_cell_mass)"), person, week)
    plain = take(model, one("g", "colon_cell_mass"), person, week)
    values, mass = (each.panels[0].rows[0].values for each in (sheet, plain))
    assert values == pytest.approx(mass / mass[0])
    assert values[0] == pytest.approx(1.0)
    assert values.min() < 0.9


def test_another_moment_than_the_start_is_refused(model: Model, person: Person, week: Scenario) -> None:
    with pytest.raises(GutskinError, match="E446"):
        take(model, one("g", "at('2 day', colon_cell_mass)"), person, week)


def test_things_apart_are_values_of_day_nought_without_a_line(model: Model, person: Person) -> None:
    made = take(model, read_picture("skin_feel", FOLDER), person)
    (panel,) = made.panels
    assert not panel.joined
    result = simulate(model, person, Scenario("day", "", "", 1.0))
    wanted = [
        result[model.readouts[name].quantity].at(0.0)[0] for name in ("dryness", "oiliness", "irritation")
    ]
    assert panel.rows[0].values[:3] == pytest.approx(wanted)


def test_another_person_gives_another_picture(model: Model, colon: Sheet) -> None:
    other = take(model, read_picture("colon", FOLDER), read_person("slow_passage", LIBRARY / "people"))
    assert other.about != colon.about
    assert not np.allclose(other.panels[0].rows[0].values, colon.panels[0].rows[0].values, rtol=0.01)


@pytest.mark.parametrize(
    ("picture", "code", "said"),
    [
        (one("mmol", "colon_distal_butyrat", "along"), "E442", "colon_distal_butyrate"),
        (one("mmol", "colon_distal_butyrate", "along", ("scfaa",)), "E442", "scfa"),
        (one("g", "colon_distal_butyrate", "along"), "E443", "mmol cannot be drawn in g"),
        (one("1", "colon_distal_ph", "along", ("scfa",)), "E443", "mmol/L cannot be drawn in 1"),
        (one("mmol", "colon_distal_butyrate + colon_ph", "along"), "E406", "do not fit"),
        (one("mmol", "colon_distal_butyrate"), "E444", "--scenario"),
    ],
)
def test_what_cannot_be_drawn_is_said_before_anything_runs(
    picture: Picture, code: str, said: str, model: Model, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gutskin.pictures.values.simulate", None)
    with pytest.raises(GutskinError) as caught:
        take(model, picture, person)
    assert caught.value.code == code
    assert said in str(caught.value)


def test_a_run_that_fails_is_no_picture(model: Model, person: Person, week: Scenario) -> None:
    from gutskin.engine.outcome import Code, Failure

    broken = replace(
        simulate(model, person, Scenario("day", "", "", 1.0)),
        failures=(Failure(0, Code(1), "it ran dry", 5.0, ""),),
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gutskin.pictures.values.simulate", lambda *_: broken)
        with pytest.raises(GutskinError, match="it ran dry") as caught:
            take(model, one("mmol", "colon_distal_butyrate"), person, week)
    assert caught.value.code == "E445"


def test_no_picture_of_the_library_has_a_fault(model: Model) -> None:
    assert faults(model) == []
