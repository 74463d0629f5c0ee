"""Bracken tables of seven columns, of one sample or combined; those of two columns are plain tables."""

from __future__ import annotations

import numpy as np

from gutskin.errors import InputError
from gutskin.samples.content import Content
from gutskin.samples.raw import RawTable, check_raw
from gutskin.samples.readers.cells import Grid, check_widths, grid, number

NAME = "bracken"
ABOUT = "Bracken table of one sample, or of several combined; its new estimates of reads are read"

_SINGLE = "new_est_reads"
_MARKS = ("name", "taxonomy_id", "taxonomy_lvl")
_NUM = "_num"


def recognises(content: Content) -> bool:
    """Whether the header is Bracken's."""
    return content.is_text and tuple(content.lines[0].lower().split("\t")[:3]) == _MARKS


def read(content: Content) -> RawTable:
    """Read the reads of every taxon.

    Raises
    ------
    InputError
        E310 ragged, E311 text for a number, E312 negative, E313 not finite, E314 a taxon twice, E317 a column
        twice, E320 no rows or no column of reads.
    """
    cells = grid(content)
    wanted = _wanted(cells, content.stem) if cells else {}
    if cells is None or not wanted:
        raise InputError(
            "E320",
            "there is no column of reads",
            where=str(content.path),
            remedy=f"give {_SINGLE}, or columns that end in {_NUM}",
        )
    check_widths(cells)
    places = tuple(f"{cells.path}, line {line}" for line, _ in cells.rows)
    values = [
        [number(row[at], f"{place}, column {cells.header[at]!r}") for at in wanted]
        for place, (_, row) in zip(places, cells.rows, strict=True)
    ]
    taxa = tuple(row[0] for _, row in cells.rows)
    made = RawTable(
        taxa, tuple(wanted.values()), np.array(values), places, merge=False, reader=NAME, counted=True
    )
    return check_raw(made, cells.path)


def _wanted(cells: Grid, stem: str) -> dict[int, str]:
    """Return the columns of reads with the names of their samples."""
    if _SINGLE in cells.header:
        return {cells.header.index(_SINGLE): stem}
    return {
        at: name.removesuffix(_NUM).removesuffix(".bracken")
        for at, name in enumerate(cells.header)
        if name.endswith(_NUM)
    }
