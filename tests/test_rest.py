"""People at rest: where the closed form says, and whoever fails harms nobody."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pytest

import gutskin.rest
from gutskin.model import Model
from gutskin.rest import at_rest, read

helpers = runpy.run_path(str(Path(__file__).parent / "helpers.py"))
toys = runpy.run_path(str(Path(__file__).with_name("twin_toys.py")))


@pytest.fixture(scope="module")
def filling(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """x' = inflow - k_loss x: who loses nothing, or less, never settles."""
    model: Model = helpers["filling"](tmp_path_factory.mktemp("filling"))
    return model


def constants(model: Model, losses: list[float]) -> np.ndarray:
    out = np.repeat(model.constants()[:, None], len(losses), axis=1)
    out[[c.name for c in model.network.constants].index("k_loss")] = losses
    return out


def test_people_settle_where_the_closed_form_says(filling: Model) -> None:
    losses = [0.5, 1.0, 3.0]
    found = at_rest(filling, constants(filling, losses))
    assert found.alive.all()
    np.testing.assert_allclose(read(filling, found, "x"), 3.0 / np.array(losses), rtol=1e-3)
    np.testing.assert_allclose(read(filling, found, "steady"), 3.0 / np.array(losses), rtol=1e-9)


def test_derived_quantities_are_those_of_the_states(tmp_path: Path) -> None:
    garden = toys["garden"](tmp_path)
    found = at_rest(garden, np.repeat(garden.constants()[:, None], 2, axis=1))
    np.testing.assert_allclose(read(garden, found, "damp"), 2 * read(garden, found, "wet"), rtol=1e-9)
    hue = read(garden, found, "red") / read(garden, found, "green")
    np.testing.assert_allclose(read(garden, found, "hue"), hue, rtol=1e-9)


def test_who_never_settles_is_missing_and_nobody_else_is_harmed(filling: Model) -> None:
    found = at_rest(filling, constants(filling, [0.5, -0.5, 1.0]))
    assert found.alive.tolist() == [True, False, True]
    assert np.isnan(found.states[:, 1]).all()
    assert np.isnan(found.derived[:, 1]).all()
    alone = at_rest(filling, constants(filling, [0.5, 1.0]))
    assert found.of(np.array([0, 2])).states.tobytes() == alone.states.tobytes()
    assert found.of(np.array([0, 2])).derived.tobytes() == alone.derived.tobytes()


@pytest.mark.parametrize("losses", [[-0.5], [-0.5, -1.0, -0.2]])
def test_people_who_all_fail_are_told(filling: Model, losses: list[float]) -> None:
    found = at_rest(filling, constants(filling, losses))
    assert not found.alive.any()
    assert np.isnan(found.states).all()
    assert found.states.shape[1] == len(losses)


def test_the_patient_take_who_still_drifts_where_they_are(filling: Model) -> None:
    """After 60 days of filling without loss x is 60 days of inflow; who explodes is dead all the same."""
    slow = constants(filling, [1e-9, 0.5, -30.0])
    hasty = at_rest(filling, slow, limit=60.0)
    assert hasty.alive.tolist() == [False, True, False]
    patient = at_rest(filling, slow, limit=60.0, patient=True)
    assert patient.alive.tolist() == [True, True, False]
    assert read(filling, patient, "x")[0] == pytest.approx(3.0 * 24 * 60, rel=0.01)


def test_parts_change_no_bit_and_every_part_is_told(filling: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    own = constants(filling, [0.3, 0.5, -1.0, 0.7, 0.9, 1.1, 1.3])
    whole = at_rest(filling, own)
    monkeypatch.setattr(gutskin.rest, "PART", 2)
    told: list[float] = []
    parts = at_rest(filling, own, tick=told.append)
    assert parts.states.tobytes() == whole.states.tobytes()
    assert parts.derived.tobytes() == whole.derived.tobytes()
    assert len(told) == 4
    assert sum(told) == pytest.approx(1.0)


def test_a_start_near_the_end_ends_there_too(filling: Model) -> None:
    own = constants(filling, [0.5, 1.0])
    far, near = at_rest(filling, own), at_rest(filling, own, start=np.array([[6.1, 2.9]]))
    np.testing.assert_allclose(far.states, near.states, rtol=1e-3)
