"""What a run returns is plain data that keeps its meaning."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, asdict

import numpy as np
import pytest

from gutskin.engine.methods import NAMES
from gutskin.engine.outcome import Code, Failure, Options, Stop, Trajectory


def test_codes_keep_their_numbers_because_files_hold_them() -> None:
    assert {code.name: code.value for code in Code} == {
        "OK": 0, "NOT_FINITE": 1, "NEGATIVE": 2, "STEP_COLLAPSED": 3, "TOO_MANY_STEPS": 4, "NOT_STEADY": 5,
    }  # fmt: skip


def test_the_standard_method_is_one_of_the_list() -> None:
    assert Options().method in NAMES


def test_options_can_be_written_into_a_stamp() -> None:
    assert set(asdict(Options())) == {"method", "rtol", "floor_share", "max_steps"}
    assert asdict(Options(rtol=1e-4))["rtol"] == 1e-4


@pytest.mark.parametrize("made", [Options(), Stop(0.0), Failure(0, Code.OK, "", 0.0)])
def test_nothing_can_be_changed_afterwards(made: object) -> None:
    name = next(iter(vars(made)))
    with pytest.raises(FrozenInstanceError):
        setattr(made, name, 1)


def test_a_stop_does_nothing_unless_told() -> None:
    assert (Stop(1.0).set, Stop(1.0).scale, Stop(1.0).add) == ((), (), ())


def test_a_trajectory_holds_what_it_was_given() -> None:
    states = np.arange(6.0).reshape(1, 3, 2)
    failure = Failure(1, Code.NEGATIVE, "x fell below zero", 2.0, "x")
    made = Trajectory(np.arange(3.0), states, np.empty((0, 3, 2)), np.array([0, 2]), (failure,), 7)
    assert made.failures[0].state == "x"
    assert Code(int(made.codes[1])) is Code.NEGATIVE
    assert made.states is states
