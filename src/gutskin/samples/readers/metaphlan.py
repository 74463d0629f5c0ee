"""MetaPhlAn profiles: every rank from kingdom to strain in one table, of which one rank is read."""

from __future__ import annotations

import re

import numpy as np

from gutskin.errors import InputError
from gutskin.samples.content import Content
from gutskin.samples.raw import RawTable, check_raw
from gutskin.samples.readers.cells import check_widths, grid, number

NAME = "metaphlan"
ABOUT = "MetaPhlAn profile of one or more samples; its species are read, or its genera when it stops there"

_NOT_SAMPLES = {"ncbi_tax_id", "clade_taxid", "additional_species", "coverage"}
_NOT_SAMPLES |= {"estimated_number_of_reads_from_the_clade"}
_UNNAMED = {"relative_abundance", "metaphlan_analysis", "metaphlan2_analysis"}  # heads that name no sample
_NESTED = re.compile(r"^k__[^|\t\n]+\|p__", re.MULTILINE)
_UNKNOWN = {"unknown", "unclassified"}


def recognises(content: Content) -> bool:
    """Whether this is text with nested lineages divided by bars."""
    return content.is_text and bool(_NESTED.search(content.data[:200_000].decode("utf-8", "replace")))


def read(content: Content) -> RawTable:
    """Read the profile.

    Raises
    ------
    InputError
        E310 ragged, E311 text for a number, E312 negative, E313 not finite, E317 a column twice, E320 no
        rows at species or genus rank.
    """
    cells = grid(content)
    if cells is None:
        raise InputError(
            "E320", "there is no table in this file", where=str(content.path), remedy="give rows"
        )
    check_widths(cells)
    wanted = [
        index for index in range(1, len(cells.header)) if cells.header[index].lower() not in _NOT_SAMPLES
    ]
    rows = next((kept for rank in "sg" if (kept := _at_rank(cells.rows, rank))), None)
    if rows is None:
        raise InputError(
            "E320",
            "the profile has no species and no genera",
            where=cells.path,
            remedy="profile down to genus",
        )
    rows += [row for row in cells.rows if row[1][0].lower() in _UNKNOWN]
    places = tuple(f"{cells.path}, line {line}" for line, _ in rows)
    values = [
        [number(texts[index], f"{place}, column {cells.header[index]!r}") for index in wanted]
        for place, (_, texts) in zip(places, rows, strict=True)
    ]
    taxa = tuple(texts[0] for _, texts in rows)
    columns = tuple(cells.header[index] for index in wanted)
    if len(columns) == 1 and columns[0].lower() in _UNNAMED:
        columns = (content.stem,)
    return check_raw(RawTable(taxa, columns, np.array(values), places, merge=True, reader=NAME), cells.path)


def _at_rank(rows: tuple[tuple[int, tuple[str, ...]], ...], rank: str) -> list[tuple[int, tuple[str, ...]]]:
    """Return the rows whose lineage ends at a rank."""
    return [row for row in rows if row[1][0].split("|")[-1].startswith(f"{rank}__")]
