"""How far a guild's share may be off, by method and region, from ``library/taxa/regions.toml``."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from gutskin.errors import LibraryError
from gutskin.ledger import read_toml
from gutskin.paths import LIBRARY

AMPLICON, SHOTGUN = "16S", "shotgun"
_DIRECTIONS = ("down", "up")


@dataclass(frozen=True)
class Effect:
    """What a region does to a guild: geometric standard deviation of the factor [1], too few or too many."""

    region: str
    guild: str
    gsd: float
    direction: str
    source: str


@dataclass(frozen=True)
class Regions:
    """Methods and regions of the library.

    ``words`` and ``readers`` tell a method by what is said and by the format; ``spellings`` are of regions;
    ``default`` is keyed by guild table and method [1]; ``unseen`` by region: guilds whose absence says
    nothing.
    """

    words: Mapping[str, tuple[str, ...]]
    readers: Mapping[str, tuple[str, ...]]
    spellings: Mapping[str, tuple[str, ...]]
    default: Mapping[tuple[str, str], float]
    effects: tuple[Effect, ...]
    unseen: Mapping[str, tuple[str, ...]]

    def says(self, text: str, method: str) -> bool:
        """Whether a text names a method."""
        return any(word in text.lower() for word in self.words[method])

    def reads(self, reader: str, method: str) -> bool:
        """Whether a format is written for one method only."""
        return any(reader.lower().startswith(name) for name in self.readers[method])

    def of(self, region: str) -> tuple[Effect, ...]:
        """Return the effects of a region."""
        return tuple(each for each in self.effects if each.region == region)


@dataclass(frozen=True)
class Bias:
    """Uncertainty of guilds' shares: geometric standard deviations [1], and known directions."""

    gsd: Mapping[str, float]
    directions: Mapping[str, str]


def bias_of(table: str, guilds: Iterable[str], method: str, region: str, regions: Regions) -> Bias:
    """Return how far the shares of guilds may be off.

    Parameters
    ----------
    table
        Guild table of the site.
    guilds
        Guilds to tell it of.
    method, region
        As judged.
    regions
        The library's.
    """
    base = math.log(regions.default[table, method]) ** 2
    effects = {each.guild: each for each in regions.of(region)} if method == AMPLICON else {}
    gsd, directions = {}, {}
    for guild in guilds:
        effect = effects.get(guild)
        gsd[guild] = math.exp(math.sqrt(base + (math.log(effect.gsd) ** 2 if effect else 0.0)))
        if effect and effect.direction:
            directions[guild] = effect.direction
    return Bias(gsd, directions)


@lru_cache(maxsize=4)
def load_regions(folder: Path = LIBRARY / "taxa") -> Regions:
    """Read ``regions.toml`` of a library.

    Raises
    ------
    LibraryError
        E340 for a gsd that is not above one, a direction that is neither, or a region without spellings.
    """
    path = folder / "regions.toml"
    data = read_toml(path)
    methods = {name: data["methods"][name] for name in (AMPLICON, SHOTGUN)}
    spellings = {name: tuple(names) for name, names in data["regions"].items()}
    effects = tuple(_effect(row, spellings, path) for row in data["effect"])
    return Regions(
        {name: tuple(row["words"]) for name, row in methods.items()},
        {name: tuple(row.get("readers", ())) for name, row in methods.items()},
        spellings,
        {
            (table, method): _gsd(row, path)
            for table, rows in data["default"].items()
            for method, row in rows.items()
        },
        effects,
        {row["region"]: tuple(row["guilds"]) for row in data["unseen"]},
    )


def _effect(row: Mapping[str, Any], spellings: Mapping[str, Any], path: Path) -> Effect:
    direction = row.get("direction", "")
    if direction not in ("", *_DIRECTIONS):
        raise _fault(path, f"direction = {direction!r}: write {' or '.join(_DIRECTIONS)}, or leave it out")
    if row["region"] not in spellings:
        raise _fault(path, f"region {row['region']!r} is not in [regions]")
    return Effect(row["region"], row["guild"], _gsd(row, path), direction, row["source"])


def _gsd(row: Mapping[str, Any], path: Path) -> float:
    gsd = float(row["gsd"])
    if not math.isfinite(gsd) or gsd <= 1.0:
        raise _fault(path, f"gsd = {gsd:g}: a geometric standard deviation is above 1")
    return gsd


def _fault(path: Path, message: str) -> LibraryError:
    return LibraryError("E340", message, where=str(path), remedy="mend the row")
