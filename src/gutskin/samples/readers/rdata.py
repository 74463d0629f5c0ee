"""R data files: phyloseq objects, DADA2 tables, matrices and data frames (``.rds``, ``.RData``, ``.rda``)."""

from __future__ import annotations

from gutskin.errors import InputError
from gutskin.samples.content import R_DATA, Content
from gutskin.samples.features import FeatureTable
from gutskin.samples.readers.rtables import Counts, RTables, read_tables

NAME = "R"
ABOUT = "R data file with a phyloseq object, a DADA2 table or one matrix of counts"


def recognises(content: Content) -> bool:
    """Whether this is an R data file."""
    return content.data.startswith(R_DATA)


def read(content: Content) -> FeatureTable:
    """Read the one table of counts, with its taxonomy and the facts about samples that stand beside it.

    Raises
    ------
    InputError
        E505 damaged, E506 no table or several, E508 too many objects, E515 a taxonomy alone.
    """
    where = str(content.path)
    found = read_tables(content)
    counts = _chosen(found)
    if len(counts) != 1:
        if not counts and found.lineages:
            raise InputError(
                "E515",
                "this is a taxonomy, not a table of counts",
                where=where,
                remedy="give the table, and this with --taxonomy",
            )
        held = ", ".join(each.name or "one without a name" for each in counts[:5]) or "none"
        raise InputError(
            "E506",
            f"one table of counts with named rows and columns is needed, and the file holds {held}",
            where=where,
            remedy="save one phyloseq object or matrix with saveRDS(x, file)",
        )
    table = counts[0]
    return FeatureTable(
        table.rows, table.columns, table.values, where, NAME, lineages=found.lineages, about=found.about
    )


def _chosen(found: RTables) -> list[Counts]:
    """Return the tables that can be meant: those the taxonomy of the file names, when it has one."""
    if not found.lineages:
        return found.counts
    named = [
        each for each in found.counts if not found.lineages.keys().isdisjoint((*each.rows, *each.columns))
    ]
    return named or found.counts
