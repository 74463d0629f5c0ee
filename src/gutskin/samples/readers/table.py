"""Text tables: genus percentages, two columns of taxon and percent, and tables with a taxonomy in columns."""

from __future__ import annotations

import numpy as np

from gutskin.errors import InputError
from gutskin.samples.content import Content
from gutskin.samples.ranks import LETTERS, are_ranks, lineage_of
from gutskin.samples.raw import RawTable, check_raw
from gutskin.samples.readers.cells import Grid, Row, check_widths, grid, is_missing, number
from gutskin.samples.sites import load_sites

NAME = "table"
ABOUT = "text divided by tabs, commas or semicolons: taxon by sample, taxon and percent, or classic QIIME"

_TAXONOMY = {"taxonomy", "consensus lineage", "consensuslineage", "lineage", "taxonomic lineage"}
_LOOK = 100  # lines that are looked at to tell a table
_ALONE = {"confidence", "consensus", "size", "sequence", "num hits"}  # columns beside a taxonomy


def recognises(content: Content) -> bool:
    """Whether this is text with at least two columns."""
    return content.is_text and grid(content, _LOOK) is not None


def read(content: Content) -> RawTable:
    """Read the table.

    Raises
    ------
    InputError
        E310 ragged, E311 text for a number, E312 negative, E313 not finite, E317 a column twice,
        E320 no rows, E515 a taxonomy.
    """
    cells = grid(content)
    if cells is None:
        raise InputError(
            "E320", "there is no table in this file", where=str(content.path), remedy="give rows"
        )
    check_widths(cells)
    names = [name.lower().lstrip("#") for name in cells.header]
    ranks = [k for k, name in enumerate(names) if k and name in LETTERS] if are_ranks(names[1:]) else []
    whole = next((k for k, name in enumerate(names) if k and name in _TAXONOMY), None)
    told = {*ranks, *([] if whole is None else [whole])}
    wanted = [k for k in range(1, len(names)) if k not in told]
    if {names[k] for k in wanted} <= _ALONE | {"taxon"} and (told or "taxon" in names[1:]):
        raise InputError(
            "E515", "this is a taxonomy, not a table of counts",
            where=cells.path, remedy="give the table, and this with --taxonomy",
        )  # fmt: skip
    about, rows = _facts(cells, wanted)
    values, places = _values(cells, rows, wanted)
    features = tuple(row[0] for _, row in rows)
    taxa = features
    if told:
        heads = [cells.header[k] for k in ranks]
        taxa = tuple(
            row[whole] if whole is not None else lineage_of(heads, [row[k] for k in ranks]) for _, row in rows
        )
    columns = tuple(cells.header[k] for k in wanted)
    return check_raw(
        RawTable(
            taxa, columns, values, places, merge=bool(told), reader=NAME, about=about, features=features
        ),
        cells.path,
    )


def _values(cells: Grid, rows: tuple[Row, ...], wanted: list[int]) -> tuple[np.ndarray, tuple[str, ...]]:
    """Turn cells into numbers; return them and where each row stands."""
    places = tuple(f"{cells.path}, line {line}" for line, _ in rows)
    values = np.empty((len(rows), len(wanted)))
    for row, (place, (_, texts)) in enumerate(zip(places, rows, strict=True)):
        for column, at in enumerate(wanted):
            values[row, column] = number(texts[at], f"{place}, column {cells.header[at]!r}")
    return values, places


def _facts(cells: Grid, wanted: list[int]) -> tuple[dict[str, dict[str, str]], tuple[Row, ...]]:
    """Set rows about the samples apart, which some programs write above the taxa.

    Such a row is called like a column of metadata, or holds nothing but words in two or more samples; they
    are the first rows of the table.
    """
    known = {name.lower() for names in load_sites().columns.values() for name in names}
    about: dict[str, dict[str, str]] = {cells.header[k]: {} for k in wanted}
    first = 0
    for _, row in cells.rows:
        words = sum(row[k][:1].isalpha() and not is_missing(row[k]) for k in wanted)
        if row[0].lower() not in known and (words < len(wanted) or len(wanted) < 2):
            break
        first += 1
        for k in wanted:
            about[cells.header[k]][row[0]] = row[k]
    return (about, cells.rows[first:]) if 0 < first < len(cells.rows) else ({}, cells.rows)
