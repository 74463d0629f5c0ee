"""A toy with a drug that reaches a pool by two ways side by side, for tests of what drives an answer.

Test files load this with ``runpy`` because tests are imported by path.
"""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

from gutskin.model import Model

toy = runpy.run_path(str(Path(__file__).with_name("helpers.py")))["toy"]

K = 0.5  # [1/h]
NUMBERS: dict[str, tuple[Any, ...]] = {
    "k_leave": (K, "1/h"),
    "inflow": (2.0, "mmol/h", '{ kind = "normal", sd = 0.3 }'),
    "leak": (1.0, "mmol/h", '{ kind = "normal", sd = 0.1 }'),
    "drug": (0.0, "1"),
    "gain_straight": (3.0, "mmol/h", '{ kind = "normal", sd = 0.4 }'),
    "gain_round": (1.0, "mmol/h", '{ kind = "normal", sd = 0.2 }'),
}
EDGE = (
    '{} = {{ label = "{}", from = "gut", to = "skin", cut = {{ constant = "{}", to = 0 }}, source = "none" }}'
)
EDGES = "\n".join(
    EDGE.format(*words)
    for words in (
        ("straight", "the drug acts", "gain_straight"),
        ("round", "it acts round a corner", "gain_round"),
        ("idle", "the leak", "leak"),
    )
)
READOUT = '[pool]\nquantity = "x"\nlabel = "The pool"\nunit = "mmol"\nbetter = "up"\n'
CASE = """title = "A drug"
source = "none"
about = "gut"
role = "fit"

[arms.drug]
days = 3
set = { drug = "1 1" }

[arms.placebo]
days = 3

[[expect]]
readout = "pool"
arm = "drug"
value = 1.0
low = 0.0
unit = "mmol"
why = "none"
"""


def pool(folder: Path, **numbers: tuple[Any, ...]) -> Model:
    """Return x' = inflow + leak + drug * (gain_straight + gain_round) - k_leave * x."""
    return toy(
        folder,
        "  x' = inflow + leak + drug * (gain_straight + gain_round) - k_leave * x;",
        {**NUMBERS, **numbers},
        {"x": ("mmol", 5.0)},
        edges=EDGES,
        readouts_gut=READOUT,
        people_healthy_adult='label = "Somebody"\nabout = "Nobody."\n',
    )


def case(folder: Path, text: str = CASE, name: str = "drug_2000") -> Path:
    """Write a case, with its bibliography beside it, and return its path."""
    path = folder / name / "case.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    (path.parent / "sources.bib").write_text("@misc{none,\n  title = {None},\n}\n", encoding="utf-8")
    return path
