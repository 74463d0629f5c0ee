"""Text tables: genus percentages, two columns of taxon and percent, and the classic QIIME table."""

from __future__ import annotations

import re

import numpy as np

from gutskin.errors import InputError
from gutskin.samples.content import Content
from gutskin.samples.raw import RawTable, check_raw, repeated
from gutskin.samples.readers.cells import Grid, check_widths, grid, number

NAME = "table"
ABOUT = "tab-separated text: taxon by sample, taxon and percent, or classic QIIME with a taxonomy column"

_TAXONOMY = {"taxonomy", "consensus lineage", "consensuslineage", "lineage", "taxonomic lineage"}
_NAMELESS = re.compile(r"^(?:\d+|[0-9a-f]{32}|[ACGTN]{30,}|(?:OTU|ASV|Zotu|seq)[_ ]?\d+)$", re.IGNORECASE)


def recognises(content: Content) -> bool:
    """Whether this is text with at least two columns."""
    return content.is_text and grid(content) is not None


def read(content: Content) -> RawTable:
    """Read the table.

    Raises
    ------
    InputError
        E310 ragged, E311 text for a number, E312 negative, E313 not finite, E317 a column twice, E318 rows
        without names of taxa, E320 no rows.
    """
    cells = grid(content)
    if cells is None:
        raise InputError(
            "E320", "there is no table in this file", where=str(content.path), remedy="give rows"
        )
    check_widths(cells)
    lower = [name.lower().lstrip("#") for name in cells.header]
    named = next((index for index, name in enumerate(lower) if index and name in _TAXONOMY), None)
    table = _values(cells, named)
    if named is None:
        _refuse_nameless(table, cells)
    return check_raw(table, cells.path)


def _values(cells: Grid, named: int | None) -> RawTable:
    """Turn cells into numbers; ``named`` is the taxonomy column, when there is one."""
    wanted = [index for index in range(1, len(cells.header)) if index != named]
    columns = tuple(cells.header[index] for index in wanted)
    places = tuple(f"{cells.path}, line {line}" for line, _ in cells.rows)
    values = np.empty((len(cells.rows), len(wanted)))
    for row, (place, (_, texts)) in enumerate(zip(places, cells.rows, strict=True)):
        for column, index in enumerate(wanted):
            values[row, column] = number(texts[index], f"{place}, column {cells.header[index]!r}")
    taxa = tuple(texts[0 if named is None else named] for _, texts in cells.rows)
    return RawTable(taxa, columns, values, places, merge=named is not None, reader=NAME)


def _refuse_nameless(table: RawTable, cells: Grid) -> None:
    """Refuse features that carry an identifier but no name."""
    nameless = [taxon for taxon in table.taxa if _NAMELESS.match(taxon)]
    if len(nameless) > len(table.taxa) / 2:
        raise InputError(
            "E318",
            f"the rows have no names of taxa, only identifiers such as {nameless[0][:40]!r}",
            where=cells.path,
            remedy="add a column called taxonomy with the lineage of every row",
        )
    twice = repeated(table.taxa)
    if twice:
        line = [place for place, taxon in zip(table.places, table.taxa, strict=True) if taxon == twice][-1]
        raise InputError("E314", f"{twice!r} stands twice", where=line, remedy="add the rows of a taxon up")
