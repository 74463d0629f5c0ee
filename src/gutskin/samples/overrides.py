"""A user's own table of taxa, which goes before the library's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from gutskin.errors import InputError, nearest
from gutskin.samples.content import open_content
from gutskin.samples.names import clean, key
from gutskin.samples.readers.cells import check_widths, grid
from gutskin.samples.taxa import NO_GUILD, RANKS, Row, Taxa

_GUILD = {"guild"}
_TAXON = {"taxon", "name"}
_TABLE = {"table", "site", "site table"}
_YOURS = "yours"


def with_overrides(path: str | Path, taxa: Taxa) -> Taxa:
    """Return the tables of the library with a user's rows in front.

    Parameters
    ----------
    path
        A table with the columns ``taxon`` and ``guild``; ``table`` (the guild table, called like the
        library's file) is needed where the guild does not tell it, and ``rank``, ``source`` and ``reason``
        may be there, as in the library.
    taxa
        The tables of the library.

    Raises
    ------
    InputError
        E300 to E307 as for any file, E310 ragged, E520 columns missing, E521 no such guild or table, E522 a
        taxon that is no species, genus or family, or that stands twice.
    """
    content = open_content(path)
    cells = grid(content) if content.is_text else None
    header = [name.lower().strip() for name in cells.header] if cells else []
    if cells is None or not _TAXON & set(header) or not _GUILD & set(header):
        raise InputError(
            "E520",
            "the table has no columns taxon and guild",
            where=str(path),
            remedy="give both, tab-separated, and table where a taxon has no guild",
        )
    check_widths(cells)
    rows = {site: dict(known) for site, known in taxa.rows.items()}
    seen: set[tuple[str, str, str]] = set()
    for line, texts in cells.rows:
        where = f"{path}, line {line}"
        told = dict(zip(header, texts, strict=True))
        site, row = _row(told, taxa, where)
        place = (site, row.rank, key(row.taxon))
        if place in seen:
            raise InputError("E522", f"{row.taxon!r} stands twice", where=where, remedy="keep one row")
        seen.add(place)
        rows[site][place[1:]] = row
    return replace(taxa, rows=rows)


def _row(told: Mapping[str, str], taxa: Taxa, where: str) -> tuple[str, Row]:
    """Return the guild table and the row that a line means."""
    text = _first(told, _TAXON)
    lineage = clean(text)
    rank, name = lineage.ranks[-1] if lineage.ranks else ("", "")
    rank = told.get("rank") or rank
    if rank not in RANKS or not name:
        raise InputError(
            "E522",
            f"{text!r} is no species, genus or family",
            where=where,
            remedy="name one, such as g__Name",
        )
    guild, site = told["guild"], _first(told, _TABLE)
    if guild and guild != NO_GUILD and guild not in taxa.guilds:
        raise InputError(
            "E521",
            f"there is no guild {guild!r}",
            where=where,
            remedy=nearest(guild, [*taxa.guilds, NO_GUILD]),
        )
    known = taxa.guilds[guild].site if guild in taxa.guilds else ""
    site = site or known
    if site not in taxa.rows or (known and site != known):
        what = f"{guild!r} is no guild of {site!r}" if known else f"table {site!r}"
        raise InputError("E521", what, where=where, remedy=f"table is one of {', '.join(taxa.rows)}")
    guild = "" if guild == NO_GUILD else guild
    return site, Row(rank, name, guild, told.get("source") or _YOURS, told.get("reason") or _YOURS)


def _first(told: Mapping[str, str], names: set[str]) -> str:
    return next((told[name] for name in sorted(names) if told.get(name)), "")
