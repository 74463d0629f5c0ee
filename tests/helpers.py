"""Tiny libraries for tests: text and numbers go in, a compiled model comes out.

Test files load this with ``runpy`` because tests are imported by path.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from unittest.mock import patch

from gutskin.engine.outcome import Options, Trajectory
from gutskin.engine.solve import solve
from gutskin.model import Model, load

# Far below what the closed forms are compared to, so that the method's own error is what is seen.
FINE = 1e-9


def write_library(
    folder: Path,
    text: str,
    numbers: Mapping[str, tuple[Any, ...]],
    quantities: Mapping[str, tuple[Any, ...]],
    open_reactions: tuple[str, ...] = (),
    **more: str,
) -> Path:
    """Write a library of one module ``toy``.

    ``text`` is what stands inside the module; ``numbers`` maps a constant to (value, unit) and maybe a
    spread, a gsd or TOML; ``quantities`` maps a name to (unit,), (unit, start) or (unit, start, formula);
    ``more`` holds other files by name, ``readouts_gut`` for ``readouts/gut.toml``.
    """
    files = {"models/toy.ant": f"// A toy.\nmodel toy()\n{text}\nend\n"}
    rows = []
    for name, (value, unit, *wide) in numbers.items():
        spread = wide[0] if wide else '{ kind = "fixed" }'
        if isinstance(spread, float):
            spread = f'{{ kind = "lognormal", gsd = {spread} }}'
        said = f'[{name}]\nvalue = {value!r}\nunit = "{unit}"\nspread = {spread}\n'
        rows.append(f'{said}source = "none"\ngrade = "assumed"\n')
    files["parameters/toy.toml"] = "\n".join(rows)
    rows = []
    for name, (unit, *rest) in quantities.items():
        said = f'[{name}]\nlabel = "The {name}"\nunit = "{unit}"\n'
        said += f"start = {rest[0]!r}\n" if rest else ""
        rows.append(said + (f'formula = "{rest[1]}"\n' if len(rest) > 1 else ""))
    files["quantities/toy.toml"] = "\n".join(rows)
    reasons = "\n".join(f'{name} = "a toy has a border"' for name in open_reactions)
    files["open_reactions/toy.toml"] = f"[toy]\n{reasons}\n"
    files |= {f"{name.replace('_', '/', 1)}.toml": said for name, said in more.items()}
    for name, said in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(said, encoding="utf-8")
    return folder


def toy(folder: Path, *args: Any, **more: str) -> Model:
    """Write a library as :func:`write_library` does and load its model, with a cache of its own."""
    library = write_library(folder, *args, **more)
    with patch.dict(os.environ, GUTSKIN_CACHE=str(folder / "cache")):
        return load("toy", library=library)


def run(
    model: Model, times: Any, stops: Any = (), *, constants: Any = None, start: Any = None, **settings: Any
) -> Trajectory:
    """Integrate a toy for one person, or for as many as ``constants`` (K, P) or ``start`` (S, P) have."""
    import numpy as np

    settings = {"rtol": FINE, "floor_share": 1e-3, **settings}
    own = model.constants()[:, None] if constants is None else np.asarray(constants, float)
    begin = model.start()[:, None] if start is None else np.asarray(start, float)
    people = max(own.shape[1], begin.shape[1])
    own, begin = (np.broadcast_to(each, (each.shape[0], people)) for each in (own, begin))
    return solve(model.kernel, begin, own, model.floors(), times, stops, Options(**settings))


def settings_of(constants: Mapping[str, tuple[float, str]], model: Model) -> Any:
    """Return the constants (K,) of a model with some replaced, by name."""
    out = model.constants()
    names = [each.name for each in model.network.constants]
    for name, (value, _) in constants.items():
        out[names.index(name)] = value
    return out


# A spread that lets a constant be negative, for people who cannot live.
ANY_SIGN = '{ kind = "normal", sd = 10.0 }'

CHAIN = """  compartment place;
  substanceOnly species a in place, b in place;
  turn: a => b; k_turn * a;
  leave: b => ; k_leave * b;
  total := a + b;"""


def chain(folder: Path, *, turn: float = 0.7, leave: float = 0.2, start: float = 10.0) -> Model:
    """Return a -> b -> out, whose solution is a sum of two exponentials."""
    return toy(
        folder,
        CHAIN,
        {"k_turn": (turn, "1/h"), "k_leave": (leave, "1/h")},
        {"a": ("mmol", start, "CH2O"), "b": ("mmol", 0.0, "CH2O"), "total": ("mmol",)},
        ("leave",),
    )


def filling(folder: Path, *, inflow: float = 3.0, loss: float = 0.5, start: float = 0.0) -> Model:
    """Return a pool of constant inflow and first-order loss, and a derived quantity that shows constants."""
    return toy(
        folder,
        "  x' = inflow - k_loss * x;\n  steady := inflow / k_loss;",
        {"inflow": (inflow, "ug/cm2/h"), "k_loss": (loss, "1/h", ANY_SIGN)},
        {"x": ("ug/cm2", start), "steady": ("ug/cm2",)},
    )


POOLS = """[level]
quantity = "x"
label = "Level of the pool"
unit = "ug/cm2"
better = "up"
core = true
[half]
quantity = "half"
label = "Half of the pool"
unit = "ug/cm2"
better = "up"
"""
MORE = """title = "More"
about = "Twice the inflow."
kind = "live"
[[effect]]
times = "inflow"
by = { value = 2, unit = "1", source = "none", grade = "assumed" }
"""


def pools(folder: Path, *, loss: Any = 1.3) -> Model:
    """Return a pool of inflow, growth and loss, with two read-outs, spreads and the treatment ``more``.

    ``loss`` is the spread of the loss; who has too little grows without end.
    """
    return toy(
        folder,
        "  x' = inflow + k_grow * x - k_loss * x;\n  half := x / 2;",
        {"inflow": (3.0, "ug/cm2/h", 1.5), "k_grow": (0.02, "1/h"), "k_loss": (0.12, "1/h", loss)},
        {"x": ("ug/cm2", 1.0), "half": ("ug/cm2",)},
        readouts_gut=POOLS,
        treatments_more=MORE,
    )
