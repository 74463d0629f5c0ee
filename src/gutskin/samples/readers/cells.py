"""Cells of a text table: dividing lines, finding the header, reading numbers."""

from __future__ import annotations

from dataclasses import dataclass

from gutskin.errors import InputError
from gutskin.samples.content import Content

_MISSING = {"na", "n/a", "nan", "null", "none", "inf", "-inf", "+inf", "infinity", "-infinity"}


@dataclass(frozen=True)
class Grid:
    """A text table in cells: header and rows with their line numbers."""

    path: str
    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


def grid(content: Content) -> Grid | None:
    """Divide a text into header and rows; none when it is no table of at least two columns.

    Lines that begin with ``#`` are comments, but the last of them is the header when it has as many cells as
    the first row (``#OTU ID`` and ``#SampleID`` headers). A table whose first row already holds a number in
    its second cell has no header; its columns are then called ``column 2`` and so on.
    """
    lines = [(number, line) for number, line in enumerate(content.lines, start=1) if line.strip()]
    plain = [(number, line) for number, line in lines if not line.startswith("#")]
    if not plain:
        return None
    mark = "\t" if "\t" in plain[0][1] else ","
    rows = [(number, split(line, mark)) for number, line in plain]
    width = len(rows[0][1])
    if width < 2:
        return None
    comments = [(number, line) for number, line in lines if line.startswith("#") and number < plain[0][0]]
    last = split(comments[-1][1].lstrip("#"), mark) if comments else ()
    if len(last) == width:
        return Grid(str(content.path), last, tuple(rows))
    if is_number(rows[0][1][1]):
        names = ("taxon", *(f"column {each}" for each in range(2, width + 1)))
        return Grid(str(content.path), names, tuple(rows))
    return Grid(str(content.path), rows[0][1], tuple(rows[1:]))


def split(line: str, mark: str) -> tuple[str, ...]:
    """Divide a line and strip blanks and quotes from its cells."""
    return tuple(cell.strip().strip('"').strip() for cell in line.split(mark))


def is_number(text: str) -> bool:
    """Whether a cell holds a number."""
    try:
        float(text)
    except ValueError:
        return False
    return True


def number(text: str, where: str) -> float:
    """Read a number.

    Raises
    ------
    InputError
        E311 for text, E313 for a missing or infinite value.
    """
    if text.lower() in _MISSING:
        raise InputError("E313", f"{text!r} is not a finite number", where=where, remedy="write 0 for absent")
    try:
        return float(text)
    except ValueError as error:
        hint = "write a decimal point" if "," in text else "delete rows and columns that hold no numbers"
        shown = repr(text) if text else "an empty cell"
        raise InputError("E311", f"{shown} is not a number", where=where, remedy=hint) from error


def check_widths(table: Grid) -> None:
    """Refuse a row with more or fewer cells than the header.

    Raises
    ------
    InputError
        E310, naming the line; E320 for a header without rows.
    """
    if not table.rows:
        raise InputError("E320", "the table has a header but no rows", where=table.path, remedy="give rows")
    for line, cells in table.rows:
        if len(cells) != len(table.header):
            raise InputError(
                "E310",
                f"the row has {len(cells)} cells and the header {len(table.header)}",
                where=f"{table.path}, line {line}",
                remedy="give every row as many cells as the header, the first of them the taxon",
            )
