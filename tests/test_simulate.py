"""From a person and a scenario to a result: start, arms, failures, stamp, and nothing lost on the way."""

from __future__ import annotations

import runpy
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gutskin.engine.methods import METHODS
from gutskin.engine.outcome import Code, Options
from gutskin.model import Model, load
from gutskin.paths import LIBRARY
from gutskin.people import Person, read_person
from gutskin.precedence import resolve
from gutskin.scenario import Scenario, read_scenario, scenario_from
from gutskin.simulate import NotSteadyError, day_zero, everyday, simulate
from gutskin.sites import Site

helpers = runpy.run_path(str(Path(__file__).parent / "helpers.py"))
ADA = Person("ada", "Ada")
BROKEN = Person("bob", "Bob").having("preset", {"k_loss": (-1.0, "1/h")})
LEVEL = """title = "More"
about = "Twice the inflow."
kind = "live"
[[effect]]
times = "inflow"
by = { value = 2, unit = "1", source = "none", grade = "assumed" }
"""
DOSE = """title = "Drop"
about = "Some x."
kind = "apply"
dose = { unit = "mg", usual = 1, low = 0.5, high = 2 }
every = "1 day"
[[effect]]
add = "x"
amount = { value = 4, unit = "ug/cm2/mg", source = "none", grade = "assumed" }
"""


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Model:
    folder = tmp_path_factory.mktemp("pool")
    (folder / "treatments").mkdir()
    (folder / "treatments" / "more.toml").write_text(LEVEL)
    (folder / "treatments" / "drop.toml").write_text(DOSE)
    return helpers["filling"](folder)


@pytest.fixture(scope="module")
def person_model() -> Model:
    return load()


def scenario(pool: Model, **data: Any) -> Scenario:
    return scenario_from({"days": 2, **data}, "toy", (pool.library / "treatments",), where="toy.toml")


def test_a_run_starts_from_the_everyday_state_and_stays_there(pool: Model) -> None:
    got = simulate(pool, ADA, scenario(pool))
    np.testing.assert_allclose(got["x"].values, 6.0, rtol=1e-4)
    np.testing.assert_array_equal(got["steady"].values, 6.0)
    np.testing.assert_array_equal(got.times, np.arange(0, 49, 4))
    assert not got.failures


def test_events_happen_on_the_clock_of_the_scenario_and_the_stamp_says_so(tmp_path: Path) -> None:
    """Not in the search for the everyday state, not in the lead-in, and not silently."""
    model = helpers["toy"](
        tmp_path,
        "  x' = inflow - k_loss * x;\n  turn: at (time >= t_turn): x = 2 * x, inflow = inflow / 2;",
        {"inflow": (3.0, "ug/cm2/h"), "k_loss": (0.5, "1/h"), "t_turn": (21.0, "h")},
        {"x": ("ug/cm2", 1.0)},
        treatments_drop=DOSE,
    )
    usual = {"usual": [{"treatment": "drop"}], "lead_in_days": 3}
    for more in ({}, usual):
        made = scenario_from({"days": 2, **more}, "toy", (tmp_path / "treatments",), where="toy.toml")
        got = simulate(model, ADA, made, planned=False)
        assert not got.failures
        before, after = got["x"].values[5, 0], got["x"].values[6, 0]
        assert after == pytest.approx(
            3 + (2 * (6 + (before - 6) * np.exp(-0.5)) - 3) * np.exp(-1.5), rel=1e-4
        )
        (said,) = [each for each in got.stamp["warnings"] if "events of the model" in each]
        assert said.endswith("turn")
        everyday_state, failure = day_zero(model, model.constants(), made, Options())
        assert failure is None
        assert everyday_state[0] == pytest.approx(6.0, rel=1e-3)  # else it would rest at 3
    chain = helpers["chain"](tmp_path / "chain")
    assert simulate(chain, ADA, Scenario("s", "S", "", 1.0)).stamp["warnings"] == []


def test_names_labels_and_units_of_everything(pool: Model, tmp_path: Path) -> None:
    got = simulate(pool, ADA, scenario(pool))
    assert (got.names, got.labels, got.units) == (
        ("x", "steady"),
        ("The x", "The steady"),
        ("ug/cm2", "ug/cm2"),
    )
    chain = helpers["chain"](tmp_path)
    run = simulate(chain, ADA, Scenario("s", "S", "", 1.0))
    assert run.names == ("a", "b", "tally_C", "total")
    assert run.labels[2] == "C that left the person"
    assert all(run.units)


def test_the_plan_belongs_to_one_arm_only(pool: Model) -> None:
    plan = scenario(pool, plan=[{"treatment": "more"}])
    without, planned = (simulate(pool, ADA, plan, planned=planned) for planned in (False, True))
    np.testing.assert_allclose(without["x"].values, 6.0, rtol=1e-4)
    wanted = 12 - 6 * np.exp(-0.5 * planned.times)
    np.testing.assert_allclose(planned["x"].values[:, 0], wanted, rtol=1e-4)


def test_levels_end_and_return_to_the_persons_own_value(pool: Model) -> None:
    person = ADA.having("sample", {"inflow": (5.0, "ug/cm2/h")})
    got = simulate(
        pool, person, scenario(pool, plan=[{"treatment": "more", "start": "1 day", "end": "36 h"}])
    )
    shown = got["steady"].values[:, 0]
    during = (got.times > 24) & (got.times <= 36)
    np.testing.assert_array_equal(shown, np.where(during, 20.0, 10.0))


def test_doses_are_in_the_unit_and_at_the_time_that_was_asked(pool: Model) -> None:
    plan = [{"treatment": "drop", "dose": "500 ug", "start": "6 h", "every": "1 day"}]
    got = simulate(pool, ADA, scenario(pool, plan=plan))
    wanted = 6 + sum(2 * np.exp(-0.5 * (got.times - at)) * (got.times > at) for at in (6.0, 30.0))
    np.testing.assert_allclose(got["x"].values[:, 0], wanted, rtol=1e-4)


def test_the_lead_in_makes_used_to_what_is_usual(pool: Model) -> None:
    usual = [{"treatment": "drop", "every": "4 h"}]
    rhythm = 6 + 4 / (np.exp(0.5 * 4) - 1)
    used = simulate(pool, ADA, scenario(pool, usual=usual), planned=False)
    np.testing.assert_allclose(used["x"].values, rhythm, rtol=1e-4)
    new = simulate(pool, ADA, scenario(pool, usual=usual, lead_in_days=0), planned=False)
    assert new["x"].values[0, 0] == pytest.approx(6.0, rel=1e-4)
    assert new["x"].values[-1, 0] == pytest.approx(rhythm, rel=1e-4)


def test_doses_keep_their_hour_of_the_day_in_the_lead_in(pool: Model) -> None:
    usual = [{"treatment": "drop", "every": "1 day", "start": "20 h"}]
    used = simulate(pool, ADA, scenario(pool, usual=usual), planned=False)
    since = np.where(
        used.times > 20, np.where(used.times > 44, used.times - 44, used.times - 20), used.times + 4
    )
    wanted = 6 + 4 * np.exp(-0.5 * since) / (1 - np.exp(-0.5 * 24))
    np.testing.assert_allclose(used["x"].values[:, 0], wanted, rtol=1e-4)
    assert used["x"].values[0, 0] == pytest.approx(6 + 4 * np.exp(-2), rel=1e-3)


def test_a_lead_in_shorter_than_the_first_dose_begins_with_it(pool: Model) -> None:
    usual = [{"treatment": "drop", "every": "1 day", "start": "20 h"}]
    used = simulate(pool, ADA, scenario(pool, usual=usual, lead_in_days=0.5), planned=False)
    assert used["x"].values[0, 0] == pytest.approx(6 + 4 * np.exp(-6), rel=1e-4)


def test_day_zero_from_a_known_state_does_not_settle_again(pool: Model) -> None:
    state, failure = day_zero(pool, pool.constants(), scenario(pool), Options(), settled=np.array([123.0]))
    assert failure is None
    np.testing.assert_array_equal(state, [123.0])


def test_a_given_start_is_where_it_starts(pool: Model) -> None:
    got = simulate(pool, [ADA, ADA], scenario(pool), start=np.array([[1.0, 50.0]]))
    np.testing.assert_array_equal(got["x"].values[0], [1.0, 50.0])


def test_overrides_of_the_scenario_count_from_the_everyday_state_on(pool: Model) -> None:
    got = simulate(pool, ADA, scenario(pool, set={"inflow": "24 ug/cm2/day"}))
    np.testing.assert_allclose(got["x"].values, 2.0, rtol=1e-4)


@pytest.mark.parametrize("method", sorted(METHODS))
def test_a_person_without_everyday_state_is_nan_with_a_reason_and_harms_nobody(
    pool: Model, method: str
) -> None:
    options = Options(method, max_steps=20_000)
    got = simulate(pool, [ADA, BROKEN, ADA], scenario(pool), options=options)
    (failure,) = got.failures
    assert failure.person == 1
    assert failure.code != Code.OK
    assert "before day 0" in failure.reason
    assert np.isnan(got.values[:, :, 1]).all()
    alone = simulate(pool, ADA, scenario(pool), options=options)
    for k in (0, 2):
        np.testing.assert_array_equal(got.values[:, :, [k]], alone.values)


def test_a_run_that_fails_later_keeps_what_it_had(pool: Model) -> None:
    got = simulate(
        pool,
        [ADA, BROKEN],
        scenario(pool, days=20),
        start=np.full((1, 2), 6.0),
        options=Options(max_steps=300),
    )
    (failure,) = got.failures
    assert failure.person == 1
    assert failure.code == Code.TOO_MANY_STEPS
    assert failure.time > 4
    missing = np.isnan(got["x"].values[:, 1])
    assert not missing[got.times < failure.time - 24].any()
    assert missing[got.times >= failure.time].all()
    assert np.isfinite(got["x"].values[:, 0]).all()


def test_who_was_rescued_stands_in_the_stamp(pool: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    import gutskin.simulate

    solved = gutskin.simulate.solve
    monkeypatch.setattr(gutskin.simulate, "solve", lambda *a, **k: replace(solved(*a, **k), rescued=(1,)))
    people = [Person("ada", "Ada"), Person("bob", "Bob")]
    assert simulate(pool, people, scenario(pool)).stamp["rescued"] == ["bob"]


def test_an_error_for_those_who_need_the_everyday_state() -> None:
    found = everyday(load(), load().constants(), Options(max_steps=5))
    assert found.failure is not None
    error = NotSteadyError("ada", found.failure)
    assert error.code == "E270"
    assert found.failure.reason in str(error)
    assert error.where == "ada"


def test_the_stamp_says_what_made_the_result(pool: Model) -> None:
    asked = scenario(pool, seed=42, plan=[{"treatment": "drop", "dose": "9 mg"}])
    made = simulate(pool, ADA, asked, options=Options("BDF", 1e-5)).stamp
    assert {"gutskin", "python", "numpy", "scipy"} <= set(made)
    assert made["model_hash"] == pool.network.digest
    assert made["ledger_hash"] == pool.ledger.digest
    assert (made["seed"], made["days"], made["scenario"], made["model"]) == (42, 2.0, "toy", "toy")
    assert made["solver"] == {"method": "BDF", "rtol": 1e-5, "floor_share": 0.01, "max_steps": 200_000}
    assert len(made["warnings"]) == 1


SITE = """label = "Shore"
about = "Where more flows in."
[set.inflow]
value = 4
unit = "ug/cm2/h"
spread = { kind = "lognormal", gsd = 1.5 }
source = "none"
grade = "assumed"
"""


def test_the_site_of_a_scenario_counts_before_the_persons_own_and_is_stamped(
    pool: Model, tmp_path: Path
) -> None:
    path = tmp_path / "shore.toml"
    path.write_text(SITE)
    other = ADA.at(Site("dune", "Dune"))
    at_home = simulate(pool, other, scenario(pool))
    there = simulate(pool, other, scenario(pool, site=str(path)))
    assert (at_home.stamp["site"], at_home.stamp["spreads"]) == ({"ada": "dune"}, {})
    assert there.stamp["site"] == {"ada": "shore"}
    assert there.stamp["people"]["ada"]["site"] == {"inflow": "4.0 ug/cm2/h"}
    assert there.stamp["spreads"] == {"ada": {"inflow": "lognormal (gsd 1.5)"}}
    assert there["steady"].values[-1, 0] == pytest.approx(4.0 / 0.5)
    assert simulate(pool, ADA, scenario(pool)).stamp["site"] == {}


def test_ticks_add_up_to_the_hours(pool: Model) -> None:
    done: list[float] = []
    simulate(pool, [ADA, ADA], scenario(pool), start=np.full((1, 2), 6.0), tick=done.append)
    assert sum(done) == pytest.approx(2 * 48.0)


def test_the_same_run_twice_is_the_same_to_the_last_bit(person_model: Model) -> None:
    demo = replace(
        read_scenario(LIBRARY / "scenarios" / "demo.toml", (LIBRARY / "treatments",)), days=1.0, lead_in=1.0
    )
    who = read_person("healthy_adult", LIBRARY / "people")
    one, two = (simulate(person_model, who, demo) for _ in range(2))
    np.testing.assert_array_equal(one.values, two.values)


@pytest.fixture(scope="module")
def demo_start(person_model: Model) -> tuple[Person, Scenario, Any]:
    demo = read_scenario(LIBRARY / "scenarios" / "demo.toml", (LIBRARY / "treatments",))
    who = read_person("hmp_042", LIBRARY / "people")
    state, failure = day_zero(person_model, resolve(person_model, who)[0], demo, Options())
    assert failure is None
    return who, demo, state[:, None]


@pytest.mark.parametrize("planned", [False, True], ids=["without", "with plan"])
def test_carbon_and_nitrogen_are_neither_made_nor_lost(
    person_model: Model, demo_start: tuple[Person, Scenario, Any], planned: bool
) -> None:
    """What is inside plus what crossed the border stays the same through 28 days, doses and washes too."""
    who, demo, start = demo_start
    got = simulate(person_model, who, demo, planned=planned, start=start)
    assert not got.failures
    kernel = person_model.kernel
    states = got.values[: len(kernel.states), :, 0]
    assert {"tally_C", "tally_N"} <= set(kernel.tallies)
    for name, content in zip(kernel.tallies, kernel.content, strict=True):
        tally = states[kernel.states.index(name)]
        inside = np.array(content) @ states
        assert (np.array(content) >= 0).all()
        assert np.ptp(inside) > 1e-6 * inside[0] or not planned
        assert np.abs(inside + tally - inside[0]).max() < 1e-8 * inside[0], name


def test_nothing_of_the_demo_is_negative_or_missing(
    person_model: Model, demo_start: tuple[Person, Scenario, Any]
) -> None:
    who, demo, start = demo_start
    got = simulate(person_model, who, replace(demo, days=7.0), start=start)
    assert np.isfinite(got.values).all()
    body = got.values[: start.shape[0], :, 0]
    assert (body >= 0).all(), [person_model.kernel.states[i] for i in np.flatnonzero((body < 0).any(axis=1))]
    for each in person_model.readouts.values():
        assert (got[each.quantity].values >= 0).all(), each.name
