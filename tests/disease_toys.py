"""Made-up signatures, samples and healthy people for the tests of diseases.

Test files load this with ``runpy`` because tests are imported by path.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from gutskin.diseases.signature import Row, Signature
from gutskin.samples import Sample

HEAD = 'label = "toy"\nsite = "gut"\nabout = "made up"\n'
COMMON = '[common]\nunit = "log2 fold"\nsource = "none"\nwhere = "here"\ngrade = "assumed"\n'
COHORTS = "[cohorts]\none = { cases = 9, controls = 8 }\ntwo = { cases = 7, controls = 6 }\n"
FOLDS = """
[[taxon]]
name = "Aaa"
rank = "genus"
direction = "up"
size = 1.5
folds = { one = 1.0, two = 2.0 }
q = { one = 0.01, two = 0.4 }
"""
COUNTS = """
[[taxon]]
name = "Bbb"
rank = "family"
direction = "down"
cohorts = 3
agree = 2
significant = 1
"""
MARKER = """
[[marker]]
name = "it"
medium = "blood"
direction = "up"
measure = "ratio"
value = 2.0
low = 1.0
high = 3.0
source = "none"
where = "here"
grade = "assumed"
"""
WHOLE = HEAD + COMMON + COHORTS + FOLDS + COUNTS + MARKER
GENERA = ("Aaa", "Ccc", "Ddd", "Eee", "Fff")


def put(folder: Path, text: str, name: str = "toy") -> Path:
    path = folder / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    return folder


def folded(name: str, *folds: tuple[float, float], rank: str = "genus") -> Row:
    """A row whose cohorts have these folds and q."""
    names = [f"c{k}" for k in range(len(folds))]
    middle = float(np.median([fold for fold, _ in folds]))
    way = "flat" if abs(middle) < 0.05 else "up" if middle > 0 else "down"
    by_name = {each: fold for each, (fold, _) in zip(names, folds, strict=True)}
    q = {each: value for each, (_, value) in zip(names, folds, strict=True)}
    return Row(name, rank, way, "none", "here", "assumed", size=middle, folds=by_name, q=q)


def toy(*rows: Row, name: str = "toy") -> Signature:
    return Signature(name, "toy", "made up", "gut", {}, rows)


def sample(shares: Mapping[str, float], depth: int | None = 10_000, person: str = "ada") -> Sample:
    """Genera of a stool sample, as reads of a depth or as percentages."""
    total = sum(shares.values())
    values = np.array(list(shares.values())) / total * (depth or 100)
    values = np.round(values) if depth else values
    kind = "counts" if depth else "percent"
    return Sample("stool", person, person, tuple(f"g__{n}" for n in shares), values, kind, depth)


def healthy(count: int = 40, seed: int = 3) -> list[Sample]:
    """People whose genera vary independently."""
    rng = np.random.default_rng(seed)
    logs = rng.normal(0.0, 0.7, size=(count, len(GENERA)))
    return [
        sample(dict(zip(GENERA, np.exp(row), strict=True)), None, person=f"p{k}")
        for k, row in enumerate(logs)
    ]
