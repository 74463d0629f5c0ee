"""The solvers to compare with: those installed for real, others through stand-ins with their interface."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gutskin import bench
from gutskin.bench import peers, versus
from gutskin.bench.serve import PeerFailed, Served

BENCH = runpy.run_path(str(Path(__file__).with_name("test_bench.py")))
decay, solution = BENCH["decay"], BENCH["solution"]
HERE = [name for name, peer in peers.PEERS.items() if peer.installed]

ROADRUNNER = """
import libsbml
import numpy as np
import roadrunner

class Run:
    def __init__(self, sbml):
        self.run = roadrunner.RoadRunner(sbml)
        self.run.integrator.relative_tolerance = 1e-10
        self.run.integrator.absolute_tolerance = 1e-12
        model = libsbml.readSBMLFromString(sbml).getModel()
        rules = [each.getVariable() for each in model.getListOfRules() if each.isRate()]
        self.states = sorted([*self.run.model.getFloatingSpeciesIds(), *rules])
        self.run.timeCourseSelections = ["time", *self.states]
"""
STAND_INS = {
    "COPASI": {
        "COPASI.py": "ObjectStdVector, CCopasiException = list, RuntimeError\n",
        "basico.py": ROADRUNNER
        + """
import pandas

class Value:
    def __init__(self, name): self.name, self.number = name, None
    def getSBMLId(self): return self.name
    def setInitialValue(self, number): self.number = number
    def getInitialValueReference(self): return self

class Model(Run):
    def __init__(self, sbml):
        super().__init__(sbml)
        self.values = [Value(name) for name in reversed(list(self.run.model.getGlobalParameterIds()))]
    def getModel(self): return self
    def getNumModelValues(self): return len(self.values)
    def getModelValue(self, k): return self.values[k]
    def updateInitialValues(self, changed):
        self.run.resetAll()
        ids = list(self.run.model.getGlobalParameterIds())
        places = [ids.index(each.name) for each in changed]
        self.run.model.setGlobalParameterValues(places, [each.number for each in changed])

load_model_from_string = Model

def run_time_course(model, start_time, duration, intervals, method, r_tol, a_tol, max_steps, use_sbml_id):
    assert (method, use_sbml_id) == ("deterministic", True)
    found = np.array(model.run.simulate(start_time, duration, intervals + 1))
    return pandas.DataFrame(found[:, 1:], columns=model.states)
""",
    },
    "AMICI": {
        "amici/__init__.py": ROADRUNNER
        + """
class Model(Run):
    def create_solver(self): return Solver()
    def get_module(self): return self
    def get_model(self): return self
    def get_free_parameter_ids(self): return list(self.run.model.getGlobalParameterIds())
    def get_state_ids(self): return self.states
    def set_t0(self, time): self.begin = time
    def set_timepoints(self, times): self.times = times
    def set_initial_state(self, state): self.state = state
    def set_free_parameter_by_id(self, numbers):
        self.numbers = numbers

class Solver:
    def set_sensitivity_order(self, order): pass
    def set_max_steps(self, steps): pass
    def set_relative_tolerance(self, rtol): self.rtol = rtol
    def set_absolute_tolerance(self, atol): assert 0 < atol < self.rtol

models = {}

class SbmlImporter:
    def __init__(self, sbml, from_file):
        assert not from_file
        self.sbml = sbml
    def sbml2amici(self, name, folder, **_): models[name, folder] = Model(self.sbml)

def import_model_module(name, folder): return models[name, folder]
""",
        "amici/sim/__init__.py": "",
        "amici/sim/sundials.py": """
from types import SimpleNamespace
import numpy as np

SensitivityOrder = SimpleNamespace(none=0)

def run_simulation(model, solver):
    run = model.run
    run.resetAll()
    for name, number in model.numbers.items():
        run.setValue(name, number)
    for name, number in zip(model.states, model.state):
        run.setValue(name, number)
    found = np.array(run.simulate(times=[t - model.begin for t in model.times]))
    return SimpleNamespace(status=0, x=found[:, 1:])
""",
    },
    "numbalsoda": {
        "numbalsoda.py": """
import ctypes
import numpy as np
from scipy.integrate import solve_ivp

def lsoda(side, u0, t_eval, data, rtol, atol, mxstep):
    pointer = ctypes.c_void_p
    call = ctypes.CFUNCTYPE(None, ctypes.c_double, pointer, pointer, pointer)(side)
    def rates(time, state):
        state, rate = np.ascontiguousarray(state), np.empty(len(state))
        call(time, state.ctypes.data, rate.ctypes.data, data.ctypes.data)
        return rate
    if len(t_eval) == 1:
        return u0[None].copy(), True
    run = solve_ivp(rates, (t_eval[0], t_eval[-1]), u0, "LSODA", t_eval, rtol=rtol, atol=atol)
    return run.y.T, run.success
"""
    },
}


def put(files: dict[str, str], folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put packages where they are found first, here and in processes started from here."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.syspath_prepend(str(folder))


def judge(name: str, case: bench.Case) -> None:
    """Hold a peer, in its own process, against the closed form."""
    served = Served(name, case, 600.0)
    try:
        loose, seconds = served.run(1e-4)
        tight, _ = served.run(1e-8)
    finally:
        served.close()
    assert seconds >= 0
    assert served.ready > 0
    for k in range(case.people):
        # Meals that are events come up to a step's rounding late.
        np.testing.assert_allclose(tight[:, :, k], solution(case, k), rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(loose[:, :, k], solution(case, k), rtol=1e-2, atol=1e-2)


@pytest.mark.parametrize("name", HERE)
def test_a_peer_gets_the_closed_form(name: str) -> None:
    judge(name, decay())


@pytest.mark.parametrize("name", STAND_INS)
def test_a_stand_in_gets_the_closed_form(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """How a peer is asked: constants, start, meals and order of states, whether or not it is installed."""
    put(STAND_INS[name], tmp_path, monkeypatch)
    assert peers.PEERS[name].installed
    judge(name, decay())


def test_every_peer_is_tested_one_way_or_the_other() -> None:
    assert {*HERE, *STAND_INS} == peers.PEERS.keys()
    assert {"libroadrunner", "LSODA"} <= {*HERE}


def test_libroadrunner_agrees_on_ninety_days_of_meals() -> None:
    case = bench.stress_case("small", 2)
    served = Served("libroadrunner", case, 600.0)
    try:
        got, _ = served.run(1e-10)
    finally:
        served.close()
    truth = bench.ours(case, 1e-9).states[: case.start.size]
    assert bench.errors(got, truth, case.floors) < 1e-4  # its meals come a little late


def test_lsoda_says_why_it_failed() -> None:
    case = decay()
    case.constants[0] = -1e6
    served = Served("LSODA", case, 600.0)
    try:
        with pytest.raises(PeerFailed, match="days"):
            served.run(1e-4)
    finally:
        served.close()


TROUBLE = {
    "raises at once": ("raise RuntimeError('no licence')", "RuntimeError: no licence"),
    "dies": ("import os; os._exit(7)", "its process ended with status 7"),
    "hangs": ("import time; time.sleep(600)", "no answer within 4 s"),
    "gives up": ("lsoda = lambda *_, **more: (None, False)", "gave up between 0 and 0 days"),
    "gives nothing": (
        "lsoda = lambda _, u0, t_eval, **more: (0 * u0 + t_eval[:, None] * float('inf'), True)",
        "its states are not finite",
    ),
}


@pytest.mark.parametrize("kind", TROUBLE)
def test_a_peer_in_trouble_is_a_row_with_the_reason(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text, reason = TROUBLE[kind]
    put({"numbalsoda.py": text + "\n"}, tmp_path, monkeypatch)
    said: list[str] = []
    hangs = kind == "hangs"
    others = () if hangs else ("LSODA",)
    plan = versus.Plan(("numbalsoda", *others), quick=True, rounds=2, limit=4.0 if hangs else 600.0)
    entry: dict[str, Any] = bench.compare(decay(4, 30), plan, said.append)
    assert entry["peers"]["numbalsoda"]["status"] == "failed"
    assert entry["peers"]["numbalsoda"]["reason"] == reason
    failed = [row for row in entry["rows"] if row["engine"] == "numbalsoda"]
    assert {(row["failure"], row["seconds"], row["ratio"]) for row in failed} == {(reason, None, None)}
    assert any(reason in line for line in said)
    assert [entry["peers"][name]["status"] for name in others] == ["measured"] * len(others)


def test_a_peer_that_fails_at_one_tolerance_is_measured_at_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = STAND_INS["numbalsoda"]["numbalsoda.py"]
    refusal = "    if rtol == 1e-4:\n        return None, False\n    if len(t_eval) == 1:\n"
    put({"numbalsoda.py": text.replace("    if len(t_eval) == 1:\n", refusal)}, tmp_path, monkeypatch)
    plan = versus.Plan(("numbalsoda",), quick=True, rounds=2)
    entry = bench.compare(decay(4, 30), plan, lambda _: None)
    rows = {row["rtol"]: row for row in entry["rows"] if row["engine"] == "numbalsoda"}
    assert rows[1e-4]["failure"].startswith("gave up between 0 and ")
    assert rows[1e-6]["seconds"] > 0
    assert entry["peers"]["numbalsoda"]["status"] == "measured"
    assert entry["peers"]["numbalsoda"]["reason"] == rows[1e-4]["failure"]
