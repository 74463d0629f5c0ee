"""How far a sample lies from what its person usually has, from ``library/measurement.toml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from gutskin.errors import LibraryError
from gutskin.ledger import GRADES, is_number, read_toml
from gutskin.paths import LIBRARY

USUAL = "usual"


@dataclass(frozen=True)
class Noise:
    """Geometric standard deviations [1] of a guild's share between samples of one person, by guild table."""

    usual: Mapping[str, float]
    guilds: Mapping[str, Mapping[str, float]]

    def of(self, table: str, guild: str) -> float:
        """Return the geometric standard deviation [1] of a guild between samples of one person."""
        return self.guilds[table].get(guild, self.usual[table])


@lru_cache(maxsize=4)
def read_noise(library: Path = LIBRARY) -> Noise:
    """Read the file.

    Raises
    ------
    LibraryError
        E583 a row without a value of at least 1, or without source and grade, or a table without `usual`.
    """
    path = library / "measurement.toml"
    usual, guilds = dict[str, float](), dict[str, dict[str, float]]()
    for table, rows in read_toml(path).items():
        if not isinstance(rows, dict):
            raise LibraryError("E583", f"{table} is no table", where=path.name, remedy="write [gut], [skin]")
        for name, row in rows.items():
            good = isinstance(row, dict) and is_number(row.get("value")) and row["value"] >= 1
            if not good or not row.get("source") or row.get("grade") not in GRADES:
                remedy = "write { value, source, where, grade } with a value of at least 1"
                raise LibraryError("E583", f"{table}.{name} = {row!r}", where=path.name, remedy=remedy)
        if USUAL not in rows:
            raise LibraryError("E583", f"{table} has no row {USUAL!r}", where=path.name)
        usual[table] = float(rows[USUAL]["value"])
        guilds[table] = {name: float(row["value"]) for name, row in rows.items() if name != USUAL}
    return Noise(usual, guilds)
