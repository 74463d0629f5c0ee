"""Names of ranks as tables and programs write them, and lineages put together from one name a rank."""

from __future__ import annotations

import re
from collections.abc import Sequence

LETTERS = {
    "domain": "d", "superkingdom": "d", "kingdom": "k", "phylum": "p", "class": "c", "order": "o",
    "family": "f", "genus": "g", "species": "s",
}  # fmt: skip
_TAGGED = re.compile(r"(?:[A-Za-z]{1,2}|D_\d)__")
_UNTOLD = {"", "na", "nan", "none", "null"}


def are_ranks(names: Sequence[str]) -> bool:
    """Whether two or more of some column names are ranks."""
    return sum(name.strip().lower() in LETTERS for name in names) >= 2


def lineage_of(ranks: Sequence[str], names: Sequence[str | None]) -> str:
    """Join the names in columns to a lineage.

    Columns that are no rank and names that are missing are left out; a name that carries its rank already,
    such as ``g__Name``, keeps it.
    """
    parts = []
    for rank, name in zip(ranks, names, strict=True):
        letter, text = LETTERS.get(rank.strip().lower()), (name or "").strip()
        if letter and text.lower() not in _UNTOLD:
            parts.append(text if _TAGGED.match(text) else f"{letter}__{text}")
    return ";".join(parts)
