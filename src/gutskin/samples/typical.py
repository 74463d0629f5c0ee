"""Typical shares of guilds in a reference population, from ``library/taxa/typical_shares.toml``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from gutskin.ledger import read_toml
from gutskin.paths import LIBRARY


@dataclass(frozen=True)
class Typical:
    """5, 50 and 95 % quantiles over the people of a population of a guild's share of the mapped reads [1]."""

    q05: float
    q50: float
    q95: float
    population: str


@lru_cache(maxsize=4)
def typical_shares(folder: Path = LIBRARY / "taxa") -> dict[str, dict[str, Typical]]:
    """Return site -> guild -> typical share; a site without reference people is left out."""
    tables = read_toml(folder / "typical_shares.toml")
    population = tables["population"]
    out: dict[str, dict[str, Typical]] = {}
    for site, data in tables.items():
        if isinstance(data, dict) and "guilds" in data:
            rows = data["guilds"].items()
            said = f"{data['people']} {population}"
            out[site] = {g: Typical(row["q05"], row["q50"], row["q95"], said) for g, row in rows}
    return out
