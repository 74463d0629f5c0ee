"""Cells of a text table: dividing lines, finding the header, reading numbers."""

from __future__ import annotations

import csv
import re
from contextlib import suppress
from dataclasses import dataclass

from gutskin.errors import InputError
from gutskin.samples.content import Content

Row = tuple[int, tuple[str, ...]]  # number of the line, cells

_DECIMAL_COMMA = re.compile(r"^\s*-?\d+,\d+\s*$")
_MISSING = {"na", "n/a", "nan", "null", "none", "inf", "-inf", "+inf", "infinity", "-infinity"}


@dataclass(frozen=True)
class Grid:
    """A text table in cells: header and rows with their line numbers."""

    path: str
    header: tuple[str, ...]
    rows: tuple[Row, ...]


def grid(content: Content, first: int | None = None) -> Grid | None:
    """Divide a text into header and rows; none when it is no table of at least two columns.

    Lines that begin with ``#`` are comments, but the last of them is the header when it has as many cells as
    the first row (``#OTU ID`` and ``#SampleID`` headers). A table whose first row already holds a number in
    its second cell has no header; its columns are then called ``column 2`` and so on. A header that is one
    cell shorter than all rows is R's, which leaves the first out. Cells are divided by tabs, commas or
    semicolons. With ``first`` only so many lines are looked at.
    """
    lines = [(number, line) for number, line in enumerate(content.lines[:first], start=1) if line.strip()]
    plain = [(number, line) for number, line in lines if not line.startswith("#")]
    if not plain:
        return None
    mark = _mark([line for _, line in plain[:2]])
    rows = [(number, split(line, mark)) for number, line in plain]
    width = len(rows[0][1])
    if width < 2:
        return None
    comments = [(number, line) for number, line in lines if line.startswith("#") and number < plain[0][0]]
    last = split(comments[-1][1].lstrip("#"), mark) if comments else ()
    if len(last) == width:
        return Grid(str(content.path), last, tuple(rows))
    if is_number(rows[0][1][1]):
        many = width > 2
        names = ("taxon", *(f"column {k}" if many else content.stem for k in range(2, width + 1)))
        return Grid(str(content.path), names, tuple(rows))
    header = rows[0][1]
    if len(rows) > 1 and all(len(cells) == width + 1 for _, cells in rows[1:]):
        header = ("", *header)
    return Grid(str(content.path), header, tuple(rows[1:]))


def _mark(lines: list[str]) -> str:
    """Return what divides the cells, from the first lines; lineages hold semicolons too."""
    if "\t" in lines[0]:
        return "\t"
    if "," not in lines[0] and ";" in lines[0]:
        return ";"
    if all(_DECIMAL_COMMA.match(cell) for cell in lines[0].split(";")[1:] or ("",)):
        return ";"
    return ","


def split(line: str, mark: str) -> tuple[str, ...]:
    """Divide a line and strip blanks and quotes from its cells; a mark between quotes does not divide."""
    cells = line.split(mark)
    if mark != "\t" and '"' in line:
        with suppress(csv.Error):  # quotes that do not pair are part of a name
            cells = next(csv.reader([line], delimiter=mark, strict=True))
    return tuple(cell.strip().strip('"').strip() for cell in cells)


def is_number(text: str) -> bool:
    """Whether a cell holds a number, which Python's ``1_000`` is not."""
    if "_" in text:
        return False
    try:
        float(text)
    except ValueError:
        return False
    return True


def is_missing(text: str) -> bool:
    """Whether a cell says that a number is missing or infinite."""
    return text.lower() in _MISSING


def number(text: str, where: str) -> float:
    """Read a number.

    Raises
    ------
    InputError
        E311 for text, E313 for a missing or infinite value.
    """
    if is_missing(text):
        raise InputError("E313", f"{text!r} is not a finite number", where=where, remedy="write 0 for absent")
    try:
        return float(text if "_" not in text else "")  # Python reads 1_000 as a number
    except ValueError as error:
        hint = "write a decimal point" if "," in text else "delete rows and columns that hold no numbers"
        shown = repr(text[:60]) if text else "an empty cell"
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
