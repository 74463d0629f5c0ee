"""Copies of the 16S gene in a genome, from ``library/taxa/copies.tsv``: from reads to cells."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from gutskin.errors import LibraryError
from gutskin.paths import LIBRARY
from gutskin.samples.names import clean, key, variants
from gutskin.samples.routing import Route
from gutskin.samples.taxa import library_table

_COLUMNS = ("rank", "taxon", "value", "unit", "source", "note")
_UNIT = "copies/genome"
_RANKS = ("genus", "guild")


@dataclass(frozen=True)
class Copies:
    """Copies in a genome [copies/genome] by compared name of the genus, and by guild for what has no row."""

    genera: Mapping[str, float]
    guilds: Mapping[str, float]

    def of(self, route: Route) -> float:
        """Return the copies of a taxon that has a guild [copies/genome].

        The genus as the sample names it counts first, then the taxon that decided the guild, then the guild.
        """
        for name in (clean(route.taxon).name("genus"), route.via):
            for spelling in variants(name):
                found = self.genera.get(key(spelling))
                if found is not None:
                    return found
        return self.guilds[route.guild]


def cells_of(
    routes: Iterable[Route], shares: Mapping[str, float], copies: Copies | None
) -> tuple[dict[str, float], float | None]:
    """Turn shares of reads into shares of cells.

    Parameters
    ----------
    routes
        Taxa with their guilds and shares of all reads [1].
    shares
        Guild to share of the mapped reads [1].
    copies
        Copies of the gene in a genome; none leaves the shares as they are.

    Returns
    -------
    tuple
        Guild to share of the mapped cells [1], and the mean copies in one of them [copies/genome]; none for
        the latter when nothing was corrected.
    """
    placed = [each for each in routes if each.guild]
    if copies is None or not placed:
        return dict(shares), None
    counted = dict.fromkeys(shares, 0.0)
    for each in placed:
        counted[each.guild] += each.share / copies.of(each)
    total = math.fsum(counted.values())
    reads = math.fsum(each.share for each in placed)
    return {name: value / total for name, value in counted.items()}, reads / total


@lru_cache(maxsize=4)
def load_copies(folder: Path = LIBRARY / "taxa") -> Copies:
    """Read the table of a library.

    Raises
    ------
    LibraryError
        E340 for another rank or unit, a value that is no number from 1 on, or a name that stands twice.
    """
    path = folder / "copies.tsv"
    found: dict[str, dict[str, float]] = {rank: {} for rank in _RANKS}
    for line, cells in library_table(path, _COLUMNS):
        where = f"{path}, line {line}"
        rank, name = cells["rank"], cells["taxon"]
        if rank not in _RANKS or cells["unit"] != _UNIT:
            raise _fault(where, f"{rank} in {cells['unit']}: write genus or guild, in {_UNIT}")
        name = key(name) if rank == "genus" else name
        if name in found[rank]:
            raise _fault(where, f"{name!r} stands twice")
        found[rank][name] = _value(cells["value"], where)
    return Copies(found["genus"], found["guild"])


def _value(text: str, where: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 1.0 <= value < 100.0:
        raise _fault(where, f"{text!r} is no number of copies")
    return value


def _fault(where: str, message: str) -> LibraryError:
    return LibraryError("E340", message, where=where, remedy="mend the row")
