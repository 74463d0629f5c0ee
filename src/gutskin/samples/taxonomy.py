"""Taxonomies in a file of their own: which lineage stands for which feature."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from gutskin.errors import InputError
from gutskin.samples.archive import ZIP, Archive
from gutskin.samples.content import Content, open_content
from gutskin.samples.packed import R_DATA
from gutskin.samples.ranks import are_ranks, lineage_of
from gutskin.samples.readers import rtables
from gutskin.samples.readers.cells import Grid, check_widths, grid

_LINEAGE = ("taxon", "taxonomy", "lineage", "consensus lineage", "consensuslineage", "classification")
_LOOKS = re.compile(r"[;|]|__")


def read_taxonomy(path: str | Path) -> dict[str, str]:
    """Read a taxonomy: a QIIME 2 artefact, text in two columns or one column a rank, or an R file.

    Returns
    -------
    dict
        Identifier of a feature to its lineage.

    Raises
    ------
    InputError
        E300 to E307 and E500 to E507 as for any file, E310 ragged, E511 no taxonomy, E514 a feature with two
        lineages.
    """
    content = open_content(path)
    if content.data.startswith(ZIP):
        content = _inside(content)
    if content.data.startswith(R_DATA):
        found = rtables.read_tables(content).lineages
        if found:
            return found
    cells = grid(content) if content.is_text else None
    if cells is None:
        raise _none(content.path)
    if _named(cells.header) is None and any(_LOOKS.search(cell) for cell in cells.header[1:]):
        blank = ("",) * len(cells.header)  # no header: the first line is a row
        cells = Grid(cells.path, blank, ((1, cells.header), *cells.rows))
    check_widths(cells)
    return _lineages(cells)


def _inside(content: Content) -> Content:
    """Return the taxonomy inside a QIIME 2 artefact.

    Raises
    ------
    InputError
        E511 when there is none.
    """
    archive = Archive(content.data, content.path)
    found = archive.matching("data/taxonomy.tsv")
    if len(found) != 1:
        raise _none(content.path)
    return Content(content.path, archive.read(found[0]))


def _named(header: Sequence[str]) -> int | None:
    """Return which column holds lineages by its name; none when no column is called so."""
    return next((k for k, name in enumerate(header) if k and name.lower() in _LINEAGE), None)


def _lineages(cells: Grid) -> dict[str, str]:
    """Return identifier to lineage.

    Raises
    ------
    InputError
        E511 no column with lineages, E514 a feature with two lineages.
    """
    at = _named(cells.header)
    if at is None and not are_ranks(cells.header[1:]):
        looks = [
            sum(bool(_LOOKS.search(row[k])) for _, row in cells.rows) for k in range(1, len(cells.header))
        ]
        if not looks or max(looks) <= len(cells.rows) / 2:
            raise _none(Path(cells.path))
        at = 1 + looks.index(max(looks))
    found: dict[str, str] = {}
    for line, row in cells.rows:
        text = row[at] if at is not None else lineage_of(cells.header[1:], row[1:])
        if found.setdefault(row[0], text) != text:
            raise InputError(
                "E514",
                f"{row[0][:40]!r} has two lineages",
                where=f"{cells.path}, line {line}",
                remedy="keep one",
            )
    return found


def _none(path: Path) -> InputError:
    return InputError(
        "E511",
        "this is no taxonomy",
        where=str(path),
        remedy="give columns of identifier and lineage, or one column a rank, or a FeatureData[Taxonomy].qza",
    )
