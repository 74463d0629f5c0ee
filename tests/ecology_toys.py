"""Made-up samples and compositions for the tests of ecology.

Test files load this with ``runpy`` because tests are imported by path.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from gutskin.ecology import Composition
from gutskin.samples import Sample

GENERA = ("Aaa", "Bbb", "Ccc", "Ddd", "Eee")


def sample(
    abundance: Mapping[str, float],
    *,
    kind: str = "counts",
    person: str = "ada",
    site: str = "stool",
    **more: Any,
) -> Sample:
    """Taxa by lineage, as reads or percent."""
    values = np.array(list(abundance.values()), dtype=float)
    depth = round(values.sum()) if kind == "counts" else None
    extras = {"numbers": "made up", **{name: str(value) for name, value in more.items() if name != "name"}}
    name = more.get("name", person)
    return Sample(site, person, name, tuple(abundance), values, kind, depth, "", extras)


def made(
    genera: Mapping[str, float], guilds: Mapping[str, float] | None = None, mapped: float = 1.0, **more: Any
) -> Composition:
    """A composition with these shares [1], without the way through taxa."""
    total = sum(genera.values())
    percent = {f"g__{name}": 100 * share / total for name, share in genera.items()}
    shares = {name: share / total for name, share in genera.items()}
    whole = sum((guilds or {}).values()) or 1.0
    own = {name: share / whole for name, share in (guilds or {}).items()}
    given = sample(percent, kind="percent", **more)
    return Composition(given, given.abundance, shares, own, mapped if guilds else 0.0)


def crowd(count: int = 40, seed: int = 3, guilds: tuple[str, ...] = ()) -> list[Composition]:
    """People whose genera and guilds vary independently."""
    rng = np.random.default_rng(seed)
    found = []
    for k in range(count):
        genera = dict(zip(GENERA, np.exp(rng.normal(0.0, 0.7, len(GENERA))), strict=True))
        own = dict(zip(guilds, np.exp(rng.normal(0.0, 0.7, len(guilds))), strict=True))
        found.append(made(genera, own, person=f"p{k}"))
    return found
