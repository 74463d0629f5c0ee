"""Who wins when a constant is given more than once, and how a person's file is read."""

from __future__ import annotations

import itertools
import math
import runpy
from pathlib import Path

import numpy as np
import pytest

from gutskin.errors import GutskinError, InputError
from gutskin.model import Model, load
from gutskin.paths import LIBRARY
from gutskin.people import ORIGINS, Person, people_names, read_person
from gutskin.population import draw
from gutskin.precedence import resolve, spreads, unusual
from gutskin.scenario import scenario_from
from gutskin.simulate import simulate

helpers = runpy.run_path(str(Path(__file__).parent / "helpers.py"))
SHIPPED = people_names(LIBRARY / "people")
ADA = Person("ada", "Ada")


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return helpers["filling"](tmp_path_factory.mktemp("pool"))


def inflow(model: Model, person: Person) -> float:
    names = [c.name for c in model.network.constants]
    return float(resolve(model, person)[0][names.index("inflow")])


def test_the_order_of_origins() -> None:
    assert ORIGINS == ("ledger", "site", "preset", "sample", "scenario", "command line")


@pytest.mark.parametrize(("weak", "strong"), itertools.combinations(ORIGINS, 2))
def test_the_later_origin_wins(pool: Model, weak: str, strong: str) -> None:
    value = {origin: 3.0 + k for k, origin in enumerate(ORIGINS)}
    for order in ((weak, strong), (strong, weak)):
        person = ADA
        for origin in order:
            if origin != "ledger":
                person = person.having(origin, {"inflow": (value[origin], "ug/cm2/h")})
        constants, origins = resolve(pool, person)
        assert inflow(pool, person) == value[strong]
        assert origins == {"inflow": strong}
        assert constants.size == 2


def test_nobody_in_particular_has_the_values_of_the_ledger(pool: Model) -> None:
    constants, origins = resolve(pool, ADA)
    np.testing.assert_array_equal(constants, pool.constants())
    assert origins == {}


def test_origins_that_name_different_constants_all_count(pool: Model) -> None:
    person = ADA.having("preset", {"inflow": (9.0, "ug/cm2/h")}).having("sample", {"k_loss": (0.1, "1/h")})
    constants, origins = resolve(pool, person)
    assert sorted(constants) == [0.1, 9.0]
    assert origins == {"inflow": "preset", "k_loss": "sample"}


def test_having_replaces_the_overrides_of_that_origin_only_and_leaves_the_person_alone() -> None:
    one = ADA.having("preset", {"a": (1.0, "1")}).having("sample", {"b": (2.0, "1")})
    two = one.having("preset", {"c": (3.0, "1")})
    assert two.layers == {"preset": {"c": (3.0, "1")}, "sample": {"b": (2.0, "1")}}
    assert one.layers["preset"] == {"a": (1.0, "1")}
    assert ADA.layers == {}


@pytest.mark.parametrize("origin", ["ledger", "samples", ""])
def test_an_origin_that_cannot_be_overridden(origin: str) -> None:
    with pytest.raises(ValueError, match="origin"):
        ADA.having(origin, {})


@pytest.mark.parametrize(
    ("value", "unit", "wanted"),
    [(3.0, "ug/cm2/h", 3.0), (72.0, "ug/cm2/day", 3.0), (3e-3, "mg/cm2/h", 3.0), (3e4, "ug/m2/h", 3.0)],
)
def test_units_are_converted_once(pool: Model, value: float, unit: str, wanted: float) -> None:
    """The value and the end of a run agree with the same value given in the model's own unit."""
    person = ADA.having("command line", {"inflow": (value, unit)})
    assert inflow(pool, person) == pytest.approx(wanted, rel=1e-12)
    scenario = scenario_from({"days": 2, "set": {"inflow": f"{value} {unit}"}}, "toy", ())
    by_scenario, by_person = (
        simulate(pool, ADA, scenario),
        simulate(pool, person, scenario_from({"days": 2}, "toy", ())),
    )
    assert by_scenario["steady"].values[-1, 0] == pytest.approx(wanted / 0.5, rel=1e-12)
    np.testing.assert_array_equal(by_scenario.values, by_person.values)


def test_equal_units_leave_the_number_untouched_to_the_last_bit(pool: Model) -> None:
    assert inflow(pool, ADA.having("sample", {"inflow": (0.1 + 0.2, "ug/cm2/h")})) == 0.1 + 0.2


def test_the_scenario_beats_the_sample_and_the_command_line_beats_the_scenario(pool: Model) -> None:
    scenario = scenario_from({"days": 1, "set": {"inflow": "8 ug/cm2/h"}}, "toy", ())
    sampled = ADA.having("sample", {"inflow": (5.0, "ug/cm2/h")})
    told = sampled.having("command line", {"inflow": (9.0, "ug/cm2/h")})
    assert simulate(pool, sampled, scenario)["steady"].values[-1, 0] == 16.0
    assert simulate(pool, told, scenario)["steady"].values[-1, 0] == 18.0


@pytest.mark.parametrize(
    ("name", "value", "unit", "code"),
    [
        ("inflw", 1.0, "ug/cm2/h", "E260"), ("x", 1.0, "ug/cm2", "E260"), ("inflow", 1.0, "ug/cm2", "E202"),
        ("inflow", math.nan, "ug/cm2/h", "E263"), ("inflow", -1.0, "ug/cm2/h", "E265"),
        ("inflow", math.inf, "ug/cm2/h", "E263"),
    ],
)  # fmt: skip
def test_an_override_that_cannot_be_used(pool: Model, name: str, value: float, unit: str, code: str) -> None:
    with pytest.raises(InputError) as caught:
        resolve(pool, ADA.having("preset", {name: (value, unit)}))
    assert caught.value.code == code
    assert caught.value.where == f"ada, preset: {name}"
    if name == "inflw":
        assert "did you mean inflow" in caught.value.remedy


def test_what_may_be_negative_by_its_spread_may_be_set_negative(pool: Model) -> None:
    """The loss of this toy has a normal spread that goes below zero, its inflow has none."""
    assert -1.0 in resolve(pool, ADA.having("preset", {"k_loss": (-1.0, "1/h")}))[0]


def test_what_is_unusual_is_said_with_its_origin(pool: Model) -> None:
    far = ADA.having("command line", {"k_loss": (99.0, "1/h")}).having(
        "preset", {"inflow": (900.0, "ug/cm2/h")}
    )
    (said,) = unusual(pool, far)
    assert said.startswith("k_loss = 99 1/h (command line) is outside the usual")
    assert unusual(pool, ADA.having("sample", {"k_loss": (1.0, "1/h")})) == ()
    assert unusual(pool, ADA.having("sample", {"k_loss": (0.0, "1/h")})) == ()


def test_a_file_of_a_person(tmp_path: Path) -> None:
    path = tmp_path / "eve.toml"
    path.write_text(
        'label = "Eve"\nabout = "Calm."\ncitation = ["a_2001", "b_2002"]\nsamples = "eve.tsv"\n'
        '[set]\nstress_load = "50 percent"\n'
    )
    got = read_person(str(path), LIBRARY / "people")
    assert (got.name, got.label, got.about, got.citation) == ("eve", "Eve", "Calm.", "a_2001, b_2002")
    assert got.samples == str(tmp_path / "eve.tsv")
    assert got.layers == {"preset": {"stress_load": (50.0, "percent")}}


OWN = """label = "Eve"
[set]
k_loss = "99 1/h"
[set.inflow]
value = 72
unit = "ug/cm2/day"
spread = { kind = "normal", sd = 24 }
source = "none"
grade = "assumed"
"""


def test_a_number_with_source_and_spread_stands_beside_one_that_is_known(pool: Model, tmp_path: Path) -> None:
    path = tmp_path / "eve.toml"
    path.write_text(OWN)
    eve = read_person(str(path), LIBRARY / "people")
    assert eve.layers == {"preset": {"inflow": (72.0, "ug/cm2/day"), "k_loss": (99.0, "1/h")}}
    assert inflow(pool, eve) == pytest.approx(3.0)
    (own,) = spreads(pool, eve).items()
    assert own[0] == "inflow"
    assert (own[1].row, own[1].unit, own[1].value) == ("toy.inflow", "ug/cm2/h", pytest.approx(3.0))
    assert own[1].spread.sd == pytest.approx(1.0)
    crowd = draw(pool, 2000, like=eve)
    k = {constant.name: k for k, constant in enumerate(pool.network.constants)}
    assert set(crowd[k["k_loss"]]) == {99.0}
    assert crowd[k["inflow"]].std() == pytest.approx(1.0, rel=0.05)


def test_a_later_origin_makes_a_number_with_a_spread_known_again(pool: Model, tmp_path: Path) -> None:
    path = tmp_path / "eve.toml"
    path.write_text(OWN)
    eve = read_person(str(path), LIBRARY / "people").having("scenario", {"inflow": (5.0, "ug/cm2/h")})
    assert spreads(pool, eve) == {}
    k = [constant.name for constant in pool.network.constants].index("inflow")
    assert set(draw(pool, 50, like=eve)[k]) == {5.0}
    assert eve.having("preset", {}).rows == {}


def test_a_number_with_a_spread_is_judged_by_that(pool: Model, tmp_path: Path) -> None:
    path = tmp_path / "eve.toml"
    path.write_text(OWN.replace("99 1/h", "1 1/h").replace("value = 72", "value = 7.2e4"))
    eve = read_person(str(path), LIBRARY / "people")
    assert unusual(pool, eve) == ()
    far = eve.having("command line", {"k_loss": (99.0, "1/h")})
    assert len(unusual(pool, far)) == 1


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("[set]\nstress_load = { value = 1 }", "E132", "missing"),
        ('lable = "Eve"', "E240", "did you mean label"), ("[set]\nstress_load = 1", "E204", "no unit"),
        ('[set]\nstress_load = "much"', "E203", "not a number"), ("set = 5", "E240", "[set]"),
        ("label =", "E130", "not TOML"),
    ],
)  # fmt: skip
def test_a_bad_file_of_a_person(tmp_path: Path, text: str, code: str, said: str) -> None:
    path = tmp_path / "eve.toml"
    path.write_text(text)
    with pytest.raises(GutskinError) as caught:
        read_person(str(path), LIBRARY / "people")
    assert caught.value.code == code
    assert "eve.toml" in caught.value.where
    assert said in str(caught.value)


def test_nobody_of_that_name(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"E264.*did you mean healthy_adult"):
        read_person("healthy_adlt", LIBRARY / "people")
    with pytest.raises(InputError, match="E131"):
        read_person(str(tmp_path / "eve.toml"), LIBRARY / "people")


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_people_can_be_read_and_resolved(name: str) -> None:
    person = read_person(name, LIBRARY / "people")
    assert person.label
    assert person.about
    assert not person.samples or Path(person.samples).exists()
    constants, _ = resolve(load(), person)
    assert np.isfinite(constants).all()
