"""A library to calibrate in tests: numbers whose effects are known in closed form, and cases about them.

Test files load this with ``runpy`` because tests are imported by path.
"""

from __future__ import annotations

import runpy
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from gutskin.calibrate.problem import Point
from gutskin.model import Model, load

HELPERS = runpy.run_path(str(Path(__file__).with_name("helpers.py")))

# `first` and `second` are linear in p and q; `full` saturates in s; `idle` is in nothing that is read; `x`
# settles at inflow / k_loss.
TEXT = """  first := p + q;
  second := p + 2 * q;
  full := s / (s + half);
  other := idle + p;
  x' = inflow - k_loss * x;
  fast := inflow / k_loss;"""
NORMAL = '{ kind = "normal", sd = 1.0 }'
NUMBERS: dict[str, tuple[Any, ...]] = {
    "p": (10.0, "1", NORMAL), "q": (20.0, "1", NORMAL), "idle": (5.0, "1", NORMAL), "s": (3.0, "1", 2.0),
    "half": (1.0, "1"), "inflow": (3.0, "ug/cm2/h", 1.5), "k_loss": (0.5, "1/h", 1.5),
}  # fmt: skip
QUANTITIES: dict[str, tuple[Any, ...]] = {
    "first": ("1",), "second": ("1",), "full": ("1",), "other": ("1",), "x": ("ug/cm2", 0.0),
    "fast": ("ug/cm2",),
}  # fmt: skip
SOURCES = "@article{toy_2000,\n  title = {A toy},\n  author = {Nobody},\n  year = {2000},\n}\n"
PERSON = 'label = "Anyone"\nabout = "a toy"\n'


def library(folder: Path, numbers: Mapping[str, tuple[Any, ...]] | None = None) -> Path:
    """Write the library with some numbers replaced."""
    made = HELPERS["write_library"](
        folder, TEXT, {**NUMBERS, **(numbers or {})}, QUANTITIES, people_healthy_adult=PERSON
    )
    (folder / "sources.bib").write_text(SOURCES, encoding="utf-8")
    return Path(made)


def toy(folder: Path, numbers: Mapping[str, tuple[Any, ...]] | None = None) -> Model:
    """Write the library and load its model."""
    return load("toy", library=library(folder, numbers))


def around(value: float, sd: float) -> dict[str, Any]:
    """Return the range of an expectation whose residual is (model - value) / sd, softened beyond 3."""
    return {"value": value, "low": value - 2 * sd, "high": value + 2 * sd}


def case(
    library: Path,
    study: str,
    *expectations: Mapping[str, Any],
    role: str = "fit",
    about: str = "gut",
    people: str = "{ like = 'healthy_adult' }",
    days: float = 2.0,
    arms: str = "",
) -> Path:
    """Write a case with one arm ``usual`` into the library's evidence; keys of expectations have defaults."""
    said = [f'title = "{study}"', 'source = "toy_2000"', f'about = "{about}"', f'role = "{role}"']
    said += [f"people = {people}", "[arms.usual]", f"days = {days}", arms]
    for each in expectations:
        said.append("[[expect]]")
        row = {"arm": "usual", "unit": "1", "why": "a toy", **each}
        said += [f"{key} = {value!r}" for key, value in row.items()]
    path = library / "evidence" / study / "case.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(said) + "\n", encoding="utf-8")
    return path


class Made:
    """A problem whose residuals are a Python function; counts what it is asked."""

    def __init__(self, residuals: Any, size: int, low: float = -3.0, high: float = 3.0) -> None:
        self.residuals = residuals
        self.low, self.high = np.full(size, low), np.full(size, high)
        self.knobs = [SimpleNamespace(row=SimpleNamespace(row=f"toy.k{k}")) for k in range(size)]
        self.asked: list[np.ndarray] = []
        self.start = self.points([np.zeros(size)])[0]
        self.sloped_at = 0

    def points(self, zs: Any) -> list[Point]:
        self.asked += list(zs)
        return [Point(np.array(z, float), [], np.asarray(self.residuals(z), float)) for z in zs]

    def sloped(self, here: Point, free: Any = None, rows: Any = ()) -> Point:
        self.sloped_at += 1
        along = range(len(self.knobs)) if free is None else free
        slopes = np.zeros((here.residuals.size, len(self.knobs)))
        for k in along:
            step = np.zeros(len(self.knobs))
            step[k] = 1e-6 if here.z[k] < self.high[k] else -1e-6
            slopes[:, k] = (self.residuals(here.z + step) - here.residuals) / step[k]
        if len(rows):
            fresh, slopes = slopes, here.slopes.copy()
            slopes[list(rows)] = fresh[list(rows)]
        return replace(here, slopes=slopes)


def made(residuals: Any, size: int, **bounds: float) -> Any:
    return Made(lambda z: np.asarray(residuals(np.asarray(z)), float), size, **bounds)
