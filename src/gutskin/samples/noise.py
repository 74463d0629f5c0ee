"""How far a sample lies from what its person usually has, from ``library/measurement.toml``."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from gutskin.errors import GutskinError, LibraryError, nearest
from gutskin.ledger import GRADES, is_number, read_toml
from gutskin.paths import LIBRARY

FILE = "measurement.toml"  # of a library
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
    path = library / FILE
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


def faults(
    library: Path, sources: Collection[str], guilds: Mapping[str, Collection[str]]
) -> list[LibraryError]:
    """Return what is wrong with the file: rows, sources, and guilds by table; none when there is no file."""
    if not (library / FILE).is_file():
        return []
    try:
        noise = read_noise.__wrapped__(library)  # as the file is now
    except GutskinError as error:
        return [LibraryError(error.code, error.message, where=error.where or FILE, remedy=error.remedy)]
    found = [
        LibraryError("E583", f"no table {table!r}", where=FILE)
        for table in guilds
        if table not in noise.usual
    ]
    for table, rows in read_toml(library / FILE).items():
        known = guilds.get(table, ())
        for name, row in rows.items():
            where = f"{FILE}, {table}.{name}"
            if name not in known and name != USUAL:
                remedy = nearest(name, known)
                found.append(
                    LibraryError("E583", f"no guild {name!r} in {table!r}", where=where, remedy=remedy)
                )
            if row["source"] != "none" and row["source"] not in sources:
                remedy = nearest(row["source"], sources)
                said = f"source {row['source']!r} is not in sources.bib"
                found.append(LibraryError("E137", said, where=where, remedy=remedy))
    return found
