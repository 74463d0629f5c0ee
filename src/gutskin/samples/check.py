"""Check the library's tables of taxa, regions, copies and instruments against the model and each other."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

from gutskin.errors import LibraryError, nearest
from gutskin.ledger import GRADES, read_toml
from gutskin.samples.bias import load_regions
from gutskin.samples.copies import load_copies
from gutskin.samples.instruments import LOADS, load_instruments
from gutskin.samples.taxa import load_taxa

_UNSOURCED = {"none", "assumed"}


def faults(
    library: Path, names: Collection[str], readouts: Collection[str], sources: Collection[str]
) -> list[LibraryError]:
    """Return what is wrong with the tables that samples are read by; nothing for a library without them.

    Parameters
    ----------
    library
        Folder of the library.
    names
        States and constants of the model, which guilds refer to.
    readouts
        Names of read-outs, which instruments refer to.
    sources
        Keys of the bibliography.

    Raises
    ------
    LibraryError
        E340 and E530 for tables that cannot be read.
    """
    folder = library / "taxa"
    if not folder.is_dir():
        return []
    taxa, regions = load_taxa(folder), load_regions(folder)
    found = []
    for guild in taxa.guilds.values():
        wanted = (*guild.states, *guild.along, *guild.parts, *((guild.trait,) if guild.trait else ()))
        found += _missing(wanted, names, f"guild {guild.name}", "the model has no")
    told = [each.guild for each in regions.effects] + [g for row in regions.unseen.values() for g in row]
    found += _missing(told, taxa.guilds, str(folder / "regions.toml"), "there is no guild")
    found += _missing(taxa.guilds, load_copies(folder).guilds, str(folder / "copies.tsv"), "no copies of")
    rows = [row for table in taxa.rows.values() for row in table.values()]
    found += _missing((row.source for row in rows), {*sources, *_UNSOURCED}, str(folder), "no source")
    found += _regions(folder / "regions.toml", sources)
    return found + _instruments(library / "instruments", readouts, sources)


def _regions(path: Path, sources: Collection[str]) -> list[LibraryError]:
    data = read_toml(path)
    defaults = (row for each in data["default"].values() for row in each.values())
    rows = [*data["effect"], *data["unseen"], *defaults]
    found = _missing((row["source"] for row in rows), {*sources, "none"}, str(path), "no source")
    return found + _missing((row["grade"] for row in rows), GRADES, str(path), "no grade")


def _instruments(folder: Path, readouts: Collection[str], sources: Collection[str]) -> list[LibraryError]:
    if not folder.is_dir():
        return []
    tools = load_instruments(folder)
    loads = set(read_toml(folder / f"{LOADS}.toml"))
    found = _missing(set(tools.rows) - loads, readouts, str(folder), "there is no read-out")
    told = (each.error.source for each in (*tools.rows.values(),))
    return found + _missing(told, {*sources, "none"}, str(folder), "no source")


def _missing(wanted: Iterable[str], known: Collection[str], where: str, what: str) -> list[LibraryError]:
    return [
        LibraryError("E531", f"{what} {name!r}", where=where, remedy=nearest(name, known))
        for name in dict.fromkeys(wanted)
        if name not in known
    ]
