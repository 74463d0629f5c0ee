"""Which guild a taxon belongs to, and by which way it was found."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from gutskin.samples.names import Lineage, clean, is_code, key, variants
from gutskin.samples.taxa import ANY_GENUS, RANKS, Row, Taxa

REMOVED, UNMAPPED, CONTAMINANT = "removed", "unmapped", "contaminant"


@dataclass(frozen=True)
class Route:
    """How one taxon was treated.

    ``way`` is the rank of the row that decided, ``"synonym"``, ``"removed"``, ``"contaminant"`` or
    ``"unmapped"``; ``share`` is of all reads [1]; ``via`` the row or name that decided; ``hint`` a similar
    known name; ``reason`` why a known taxon has no guild.
    """

    taxon: str
    guild: str
    way: str
    via: str
    share: float
    hint: str = ""
    flagged: bool = False
    reason: str = ""


def route(taxon: str, share: float, table: str, taxa: Taxa) -> Route:
    """Find the guild of a taxon.

    The lowest named rank that the table or a synonym knows decides. A family decides only when the genus is
    unknown or a database code that no table knows, or when its row is for any genus. Guilds come before
    removal, so a resident eukaryote is kept.

    Parameters
    ----------
    taxon
        Cleaned lineage.
    share
        Of all reads of the sample [1].
    table
        Guild table of the site.
    taxa
        The tables of the library.
    """
    lineage = clean(taxon)
    genus = lineage.name("genus")
    family = "" if genus and not is_code(genus) else lineage.name("family")
    names = (
        ("species", lineage.name("species")),
        ("genus", genus),
        ("family", family),
        (ANY_GENUS, lineage.name("family")),
    )
    for rank, name in names:
        row, synonym = _look_up(name, rank, table, taxa)
        if row is not None:
            if row.guild:
                return Route(taxon, row.guild, "synonym" if synonym else rank, row.taxon, share)
            flagged = _action(lineage, taxa) == "flag"
            return Route(taxon, "", UNMAPPED, row.taxon, share, flagged=flagged, reason=row.reason)
    action = _action(lineage, taxa)
    if action == "remove":
        return Route(taxon, "", REMOVED, lineage.label, share)
    return Route(taxon, "", UNMAPPED, "", share, flagged=action == "flag")


def hint(taxon: str, table: str, taxa: Taxa) -> str:
    """Return the known name that a taxon may be a misspelling of, or an empty text."""
    lineage = clean(taxon)
    name = lineage.name("genus")
    known = {key(row.taxon): row.taxon for row in taxa.rows[table].values()}
    if not name or is_code(name) or name.endswith(("ales", "aceae")) or key(name) in known:
        return ""
    close = difflib.get_close_matches(key(name), list(known), n=1, cutoff=0.86)
    return known[close[0]] if close else ""


def _look_up(name: str, rank: str, table: str, taxa: Taxa) -> tuple[Row | None, bool]:
    """Find a row by name or synonym, trying stricter spellings first; also whether a synonym was needed."""
    rows = taxa.rows[table]
    for spelling in variants(name):
        row = rows.get((rank, key(spelling)))
        if row is not None:
            return row, False
        means = taxa.synonyms.get(key(spelling))
        if means is not None:
            found = (rows.get((each, key(means))) for each in RANKS)
            row = next((each for each in found if each is not None), None)
            if row is not None:
                return row, True
    return None, False


def _action(lineage: Lineage, taxa: Taxa) -> str:
    """Return ``"remove"``, ``"flag"`` or nothing for a lineage."""
    actions = {
        taxa.removed.get(key(spelling), "") for _, name in lineage.ranks for spelling in variants(name)
    }
    return next((action for action in ("remove", "flag") if action in actions), "")
