"""Every construct that docs/model-text.md allows compiles, and means the same to libroadrunner.

The measure of error: the difference of a quantity as a share of its largest size in the run. Both simulators
run at a relative tolerance of 1e-12. Where a formula bends, or an event has to be found by a search for its
time, the other one is not as good, and the comparison less strict.
"""

from __future__ import annotations

import re
import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gutskin.compile.export import faults, to_sbml
from gutskin.engine.outcome import Options, Trajectory
from gutskin.engine.solve import solve
from gutskin.model import Model
from gutskin.network import Network

roadrunner = pytest.importorskip("roadrunner", reason="libroadrunner is not installed")
helpers = runpy.run_path(str(Path(__file__).parents[1] / "helpers.py"))
DOCS = Path(__file__).parents[2] / "docs/model-text.md"

BASE = """  compartment place;
  compartment far;
  substanceOnly species a in place, b in place;
  substanceOnly species $air in far;
  turn: a => b; k * a;
  feed: => a; inflow;
  drain: b => ; k * b;
  u' = k * (2 - u);
  v' = k * (1 - v) - k * slow * u;
"""
NUMBERS: dict[str, tuple[Any, ...]] = {
    "k": (0.4, "1/h"), "inflow": (1.3, "mmol/h"), "slow": (0.1, "1"), "half": (1.7, "mmol"), "n": (2.5, "1"),
    "t_one": (3.3, "h"), "t_two": (7.1, "h"), "dose": (2.2, "mmol"), "share": (0.3, "1"),
}  # fmt: skip
QUANTITIES: dict[str, tuple[Any, ...]] = {
    "a": ("mmol", 3.0, "CH2O"), "b": ("mmol", 0.5, "CH2O"), "u": ("1", 0.4), "v": ("1", 0.9), "w": ("1", 0.2),
    "d": ("1",), "both": ("mmol",), "air": ("mmol",),
}  # fmt: skip

CONSTRUCTS = {
    "a reaction with numbers": "eat: 2 a => 3 b; k * a; both := a + b;",
    "a share as a number": "eat: 2 a => 0.5 b; k * a^2 / (half + a);",
    "an unlimited surrounding": "breathe: a + 2 air => 2 b + air; k * a;",
    "a catalyst": "help: a + b => 2 b; k * a * b / (half + b);",
    "a rate rule": "w' = k * (u - w);",
    "an assignment rule": "d := a / (a + half); w' = k * (d - w);",
    "rules in any order": "w' = k * (d - w); d := u * both / half; both := a + b;",
    "all of arithmetic": "w' = -k * (w - (u + v) / 2) + k * (1 - -u) * 2^u - k * w;",
    "a Hill term": "w' = k * (a / half)^n / (1 + (a / half)^n) - k * w;",
    "a whole power": "w' = k * (a / half)^2 - k * (u^10 / 10^10) - k * w;",
    "a negative power": "w' = k * (1 + u)^-2 - k * w;",
    "exp": "w' = k * exp(-a / half) - k * w;",
    "ln": "w' = k * ln(1 + a / half) - k * w;",
    "log10": "w' = k * log10(1 + a / half) - k * w;",
    "ten to a power": "w' = k * 10^(-u) - k * w;",
    "sqrt": "w' = k * sqrt(1 + u) - k * w;",
    "sqrt of a unit": "w' = k * sqrt(a * a) / half - k * w;",
    "max": "w' = k * max(u, v) - k * w;",
    "min": "w' = k * min(u, v, slow) - k * w;",
    "abs": "w' = k * abs(u - v) - k * w;",
    "piecewise": "w' = k * piecewise(u, u < v, v) - k * w;",
    "piecewise of two cases": "w' = k * piecewise(u, u >= 1 + v, v, u > v, slow) - k * w;",
    "and, or": "w' = k * piecewise(u, u < v && v > slow || u <= slow, 2 * v) - k * w;",
    "an event that sets a state": "one: at (time >= t_one): a = dose;",
    "an event that empties a state": "one: at (time >= t_one): a = 0;",
    "an event that scales a state": "one: at (time >= t_one): a = a * share; w' = k * (u - w);",
    "an event that divides a state": "one: at (time >= t_one): u = u / 2;",
    "an event that raises a state": "one: at (time > t_one): a = a + dose;",
    "an event that takes": "one: at (time > t_one): a = a - share * a;",
    "an event that sets a constant": "one: at (t_one <= time): k = 2 * k, u = u / k * k;",
    "an event that does it all": "one: at (time >= t_one): a = share * a + dose, k = share * k, u = 2 - u;",
    "events in turn": """one: at (time >= t_one): k = 2 * k;
    two: at (time >= t_two): a = a + dose * k / k, k = k / 10;""",
    "events together, up and twice": """one: at (time >= t_one): a = a + dose;
    two: at (t_one < time): a = 2 * a;""",
    "events together, twice and up": """two: at (t_one < time): a = 2 * a;
    one: at (time >= t_one): a = a + dose;""",
    "events together, by way of a constant": """one: at (time >= t_one): share = 2 * share;
    two: at (time >= t_one): a = a * share;""",
    "an event at the start": "one: at (time >= 0 * t_one): a = dose;",
    "an event just after the start": "one: at (time > 0 * t_one): a = dose;",
    "an event before the start": "one: at (time > -t_one): a = dose;",
    "an event at a formula": "one: at (time >= 2 * t_one - share * max(t_two, t_one)): a = dose;",
    "an event at a quantity that stands still": "d := 1 + slow; one: at (time >= t_one * d): a = a * d;",
}  # fmt: skip


def built(folder: Path, text: str) -> Model:
    """Compile the base with more text; a reaction that is always there uses every constant."""
    used = {
        name
        for name in QUANTITIES
        if name in ("a", "b", "u", "v", "air") or re.search(rf"\b{name}('| :=)", text)
    }
    rest = " + ".join(["half", "dose", "half * n * share", "k * half * (t_one + t_two)"])
    whole = f"{BASE}  spill: b => ; k * b * slow / (1 + ({rest}) / half);\n  {text}"
    names = re.findall(r"(\w+): [^;]*=>", whole)
    moved = [name for name in names if name not in ("turn", "help", "eat", "breathe")]
    known = {name: row for name, row in QUANTITIES.items() if name in used}
    known["air"] = ("mmol", 0.0, "CO2")
    opened = [*moved, *(name for name in ("eat", "breathe") if f"{name}:" in whole)]
    return helpers["toy"](folder, whole, NUMBERS, known, tuple(opened))


def ours(model: Model, times: Any) -> Trajectory:
    begin, constants = model.start()[:, None], model.constants()[:, None]
    options = Options(rtol=1e-12, floor_share=1e-3)
    return solve(model.kernel, begin, constants, model.floors(), times, options=options)


def theirs(network: Network, start: Any, constants: Any, names: tuple[str, ...], times: Any) -> Any:
    xml = to_sbml(network, start, constants)
    assert faults(xml) == []
    runner = roadrunner.RoadRunner(xml)
    runner.integrator.relative_tolerance = 1e-12
    runner.integrator.absolute_tolerance = 1e-16
    runner.integrator.maximum_num_steps = 500_000
    runner.timeCourseSelections = list(names)
    return np.array(runner.simulate(times=np.asarray(times).tolist())).T


def apart(one: Any, two: Any) -> float:
    return float((np.abs(one - two) / np.abs(two).max(axis=1, keepdims=True).clip(1e-6)).max())


@pytest.mark.parametrize("what", CONSTRUCTS)
def test_a_construct_means_the_same_to_both(tmp_path: Path, what: str) -> None:
    model, times = built(tmp_path, CONSTRUCTS[what]), np.array([0.0, 0.7, 2.9, 5.0, 9.0, 20.0])
    names = (*model.network.states, *model.kernel.derived)
    run = ours(model, times)
    assert not run.failures
    got = np.vstack([run.states[: len(model.network.states), :, 0], run.derived[:, :, 0]])
    other = theirs(model.network, model.start(), model.constants(), names, times)
    bent = model.network.events or "<" in CONSTRUCTS[what] or ">" in CONSTRUCTS[what].replace("=>", "")
    assert apart(got, other) < (1e-8 if bent else 1e-9)


def test_every_function_of_the_page_is_among_the_constructs() -> None:
    page = DOCS.read_text(encoding="utf-8")
    said = re.search(r"^- (`\+ - \* / \^`.*?)\n- ", page, re.M | re.S)
    assert said
    tried = " ".join(CONSTRUCTS.values())
    for part in re.findall(r"`([^`]+)`", said[1]):
        for token in part.split() if part != "(x / k)^n" else ["(a / half)^n"]:
            assert token in tried, token
