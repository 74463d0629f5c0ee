"""Every module of the library, alone, in our engine and in libroadrunner.

A module that needs others is given a library of its own, in which what its parents bind to it are constants
and states with the values that they have in the person at the start.

The measure of error: the difference of a state as a share of its largest size in the run plus its floor; of a
derived quantity, of its largest size in the run. Both simulators run at a relative tolerance of 1e-12.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest

from gutskin.compile.export import faults, to_sbml
from gutskin.compile.sbml import RawModel
from gutskin.compile.shared import instance_chains, shared_names
from gutskin.compile.source import build_kernel
from gutskin.compile.text import instance_paths, read_modules
from gutskin.engine.events import with_events
from gutskin.engine.fast import solve_lanes
from gutskin.engine.outcome import Options
from gutskin.errors import LibraryErrors
from gutskin.ledger import Ledger, Parameter, Spread
from gutskin.model import Model, load
from gutskin.network import Constant, Event, Formula
from gutskin.paths import LIBRARY

roadrunner = pytest.importorskip("roadrunner", reason="libroadrunner is not installed")

MODULES = sorted(path.stem for path in (LIBRARY / "models").glob("*.ant"))
BINDING = re.compile(r"(\w+)\.(\w+) is (\w+(?:\.\w+)?)\s*;")
TIMES = np.array([0.0, 0.5, 2.0, 6.0, 24.0, 48.0])
CLOSE = 1e-8


class Whole:
    """The person, and what the local names of its modules are called in it."""

    def __init__(self) -> None:
        self.model = load("person")
        self.modules = read_modules(LIBRARY / "models/person.ant", LIBRARY / "models")
        self.paths = instance_paths(self.modules, "person")
        self.same: dict[str, set[str]] = {}  # flattened name -> all names of the same thing
        for prefix, module in self.paths.items():
            for child, local, other in BINDING.findall(self.modules[module].path.read_text()):
                names = ((prefix, child, local), (prefix, *other.split(".")))
                one, two = ("_".join(filter(None, each)) for each in names)
                self._merge(one, two)
        self._share()
        network, constants, start = self.model.network, self.model.constants(), self.model.start()
        kernel = self.model.kernel.scalar
        tallies = [0.0] * len(self.model.kernel.tallies)
        seen = kernel.observe([*start.tolist(), *tallies], kernel.prepare(constants.tolist()))
        names = (*network.states, *(c.name for c in network.constants), *self.model.kernel.derived)
        self.values = dict(zip(names, map(float, (*start, *constants, *seen)), strict=True))
        self.units = {each.name: each.unit for each in (*network.quantities, *network.constants)}
        self.rows = {each.name: each for each in network.quantities}

    def _merge(self, one: str, two: str) -> None:
        merged = self.same.get(one, {one}) | self.same.get(two, {two})
        self.same |= dict.fromkeys(merged, merged)

    def _share(self) -> None:
        """Instances of one module have its constants together, under one name."""
        chains, rows = instance_chains(self.modules, "person"), self.model.ledger.rows
        local = {
            module: [row.split(".")[1] for row in rows if row.startswith(f"{module}.")] for module in chains
        }
        own = (
            "_".join((*chain, name))
            for module in chains
            for chain in chains[module]
            for name in local[module]
        )
        for name, shared in shared_names(RawModel("person", parameters=tuple(own)), chains, rows).items():
            self._merge(name, shared)

    def called(self, module: str, local: str) -> str:
        """Return the name in the person of a local name of a module, of the first instance of many."""
        prefix = next(prefix for prefix, name in self.paths.items() if name == module)
        name = f"{prefix}_{local}"
        (found,) = self.same.get(name, {name}) & self.units.keys()
        return found


@pytest.fixture(scope="module")
def whole() -> Whole:
    return Whole()


def alone(whole: Whole, module: str, folder: Path) -> Model:
    """Load a module with its ledger; what it lacks becomes constants and states of its own."""
    library = folder / "library"
    shutil.copytree(LIBRARY, library)
    with patch.dict(os.environ, GUTSKIN_CACHE=str(folder / "cache")):
        for _ in range(4):
            try:
                return load(module, library=library)
            except LibraryErrors as error:
                lacking = [(f.code, re.findall(r"'(\w+)' has no", f.message)) for f in error.faults]
                if not {code for code, _ in lacking} <= {"E109", "E112"}:
                    raise
                for table, lines in _rows(whole, module, lacking):
                    path = library / table / f"{module}.toml"
                    text = path.read_text(encoding="utf-8") if path.exists() else ""
                    path.write_text(f"{text}\n{lines}", encoding="utf-8")
        return load(module, library=library)


def _rows(whole: Whole, module: str, lacking: list[tuple[str, list[str]]]) -> Iterator[tuple[str, str]]:
    for code, (local,) in lacking:
        name = whole.called(module, local)
        unit = whole.units[name]
        if code == "E109":
            made = (
                f'[{local}]\nvalue = {whole.values[name]!r}\nunit = "{unit}"\nspread = {{ kind = "fixed" }}\n'
            )
            yield "parameters", f'{made}source = "none"\ngrade = "assumed"\n'
            continue
        row = whole.rows[name]
        made = f'[{local}]\nlabel = "{row.label}"\nunit = "{unit}"\n'
        made += f'formula = "{row.formula}"\n' if row.formula else ""
        made += f"start = {row.start!r}\n" if row.start is not None else ""
        yield "quantities", made


def oracle(model: Model, names: tuple[str, ...], times: Any = TIMES) -> Any:
    xml = to_sbml(model.network, model.start(), model.constants())
    assert faults(xml) == []
    runner = roadrunner.RoadRunner(xml)
    runner.integrator.relative_tolerance = 1e-12
    runner.integrator.absolute_tolerance = 1e-18
    runner.integrator.maximum_num_steps = 500_000
    runner.timeCourseSelections = list(names)
    return np.array(runner.simulate(times=times.tolist())).T


def engine(model: Model, times: Any = TIMES) -> Any:
    """Return states and derived quantities (.., T); what is below its floor is shown as it is."""
    if not model.network.states:
        kernel = model.kernel.scalar
        seen = kernel.observe([], kernel.prepare(model.constants().tolist()))
        return np.repeat(np.array(seen)[:, None], times.size, axis=1)
    size, more = len(model.network.states), len(model.kernel.tallies)
    start, floors = np.append(model.start(), np.zeros(more)), np.append(model.floors(), np.ones(more))
    options = Options(rtol=1e-12, floor_share=1e-6)
    plan = with_events(model.kernel, model.constants(), (), float(times[0]))
    run = solve_lanes(
        model.kernel, start[:, None], model.constants()[:, None], floors, times, [plan], options, raw=True
    )
    assert not run.failures
    return np.vstack([run.states[:size, :, 0], run.derived[:, :, 0]])


def apart(model: Model, ours: Any, theirs: Any) -> dict[str, float]:
    """Return the error of every state and derived quantity."""
    largest = np.abs(theirs).max(axis=1)
    largest[: len(model.network.states)] += model.floors()
    error = np.abs(ours - theirs).max(axis=1) / np.where(largest, largest, 1.0)
    return dict(zip((*model.network.states, *model.kernel.derived), error.tolist(), strict=True))


@pytest.mark.parametrize("module", MODULES)
def test_a_module_agrees(whole: Whole, module: str, tmp_path: Path) -> None:
    model = whole.model if module == "person" else alone(whole, module, tmp_path)
    names = (*model.network.states, *model.kernel.derived)
    assert names
    errors = apart(model, engine(model), oracle(model, names))
    worst = max(errors, key=lambda name: errors[name])
    assert errors[worst] <= CLOSE, (worst, errors[worst])


def test_the_person_with_events_agrees(whole: Whole) -> None:
    """Meals, washes and changes of constants, some together, on the whole person."""
    model, hour = whole.model, (Constant(f"hour_{k}", f"hour_{k}", "h") for k in range(3))
    states, own = model.network.states, [each.name for each in model.network.constants]
    changed = [name for name in own if name.startswith("gain_") or "_gain_" in name][:2]

    def name(text: str) -> Formula:
        return ("n", text)

    def twice(text: str) -> Formula:
        return ("mul", ("c", 2.0), name(text))

    events = (
        Event("eat", "", name("hour_0"), False, tuple((each, twice(each)) for each in states[:6])),
        Event("change", "", name("hour_1"), True, tuple((each, twice(each)) for each in changed)),
        Event(
            "wash", "", name("hour_1"), False, tuple((s, ("div", name(s), ("c", 2.0))) for s in states[-5:])
        ),
        Event("late", "", ("add", name("hour_1"), name("hour_2")), False, ((states[0], ("c", 0.0)),)),
    )
    network = replace(model.network, constants=(*model.network.constants, *hour), events=events)
    numbers = {f"hour_{k}": value for k, value in enumerate((3.1, 7.7, 4.4))}
    rows = {
        name: Parameter(name, value, "h", Spread("fixed"), "none", "", "assumed")
        for name, value in numbers.items()
    }
    ledger = Ledger({**model.ledger.rows, **rows}, model.ledger.sources)
    model = Model("person", network, ledger, build_kernel(network), model.library)
    times = np.array([0.0, 2.0, 5.0, 9.0, 15.0, 48.0])
    errors = apart(model, engine(model, times), oracle(model, (*states, *model.kernel.derived), times))
    worst = max(errors, key=lambda name: errors[name])
    assert errors[worst] <= CLOSE, (worst, errors[worst])
