"""RawTable: what a reader hands on, before names are cleaned and sites are known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from gutskin.errors import InputError


@dataclass(frozen=True)
class RawTable:
    """Taxa by samples, as written.

    Parameters
    ----------
    taxa
        One text per row.
    columns
        One name per sample.
    values
        Shape ``(taxa, samples)``.
    places
        Where each row stands, for error messages.
    merge
        True when several rows may carry one lineage (features with a taxonomy) and are added up; false
        when the rows are the taxa themselves and a repetition is an error.
    reader
        Name of the reader.
    about
        What the file tells about a sample: column name to texts.
    features
        Identifiers of the rows, by which a taxonomy in another file names them; empty when the rows are taxa
        of a program that names them itself.
    counted
        Whether whole numbers are certainly counts, however small.
    said
        What the user should know of how the table was read.
    """

    taxa: tuple[str, ...]
    columns: tuple[str, ...]
    values: NDArray[np.float64]
    places: tuple[str, ...]
    merge: bool
    reader: str
    about: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    features: tuple[str, ...] = ()
    counted: bool = False
    said: str = ""


def check_raw(table: RawTable, where: str) -> RawTable:
    """Refuse a table with bad cells or names, naming row and column.

    Raises
    ------
    InputError
        E312 negative, E313 not finite, E317 two samples of one name, E320 no rows or no columns.
    """
    if not table.taxa or not table.columns:
        raise InputError(
            "E320", "the table has no rows or no columns", where=where, remedy="give at least one of each"
        )
    twice = repeated(table.columns)
    if twice:
        raise InputError(
            "E317", f"two columns are called {twice!r}", where=where, remedy="give every sample its own name"
        )
    for code, what, bad in (
        ("E313", "is not a finite number", ~np.isfinite(table.values)),
        ("E312", "is negative", table.values < 0),
    ):
        if bad.any():
            row, column = (int(each) for each in np.argwhere(bad)[0])
            raise InputError(
                code,
                f"{table.values[row, column]:g} {what}",
                where=f"{table.places[row]}, column {table.columns[column]!r}",
                remedy="write a count or a percentage, 0 for absent",
            )
    return table


def repeated(names: Sequence[str]) -> str:
    """Return the first name that stands twice, or an empty text."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            return name
        seen.add(name)
    return ""
