"""Tables in an R data file: counts, taxonomy and facts of samples, in a phyloseq object, a list or alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from gutskin.errors import InputError
from gutskin.samples.content import Content
from gutskin.samples.ranks import are_ranks, lineage_of
from gutskin.samples.robjects import RObject, parse

_DEEP, _MANY = 5, 500  # how deep lists are searched, and how many objects are looked at
_SLOTS = ("otu_table", "tax_table", "sam_data")  # the tables among the slots of a phyloseq object


@dataclass(frozen=True)
class Counts:
    """A table of numbers: where in the file, names of rows and columns, values."""

    name: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    values: NDArray[np.float64]


@dataclass
class RTables:
    """What was found in a file: tables of numbers, lineages of features, facts about samples."""

    counts: list[Counts] = field(default_factory=list)
    lineages: dict[str, str] = field(default_factory=dict)
    about: dict[str, dict[str, str]] = field(default_factory=dict)


def read_tables(content: Content) -> RTables:
    """Collect the tables of an R data file; of a phyloseq object, its slots.

    Raises
    ------
    InputError
        E505 damaged, or a table whose sizes do not fit; E506 several phyloseq objects; E508 too many objects.
    """
    where = str(content.path)
    objects = list(_walk(parse(content)))
    whole = [(name, each) for name, each in objects if "phyloseq" in each.classes and each.kind == "S4"]
    if len(whole) > 1:
        names = ", ".join(name or "one" for name, _ in whole[:5])
        raise InputError(
            "E506", f"several phyloseq objects: {names}", where=where, remedy="save one with saveRDS(x, file)"
        )
    if whole:
        slots = whole[0][1].attributes
        objects = [(name, slots[name]) for name in _SLOTS if name in slots]
    found = RTables()
    for name, each in objects:
        _sort(name, each, found, where)
    return found


def _walk(root: RObject) -> Iterator[tuple[str, RObject]]:
    """Yield name and object of everything in lists, from the outside in; tables are not looked into."""
    waiting, seen = [("", root, 0)], 0
    while waiting and seen < _MANY:
        name, each, deep = waiting.pop(0)
        seen += 1
        yield name, each
        if deep < _DEEP and not _is_frame(each) and "phyloseq" not in each.classes:
            waiting += [(inner or name, child, deep + 1) for inner, child in each.items()]


def _sort(name: str, each: RObject, found: RTables, where: str) -> None:
    """Add an object to the tables when it is one."""
    if _is_frame(each):
        _sort_frame(name, each, found)
        return
    if len(each.shape) != 2:
        return
    if each.size != each.shape[0] * each.shape[1]:
        raise InputError(
            "E505", f"{name or 'the matrix'} has {each.size} values and dimensions {each.shape}",
            where=where, remedy="save it again with saveRDS(x, file)",
        )  # fmt: skip
    rows, columns = each.dimnames if len(each.dimnames) == 2 else ((), ())
    if (len(rows), len(columns)) != each.shape:
        return
    if each.kind == "STR" and are_ranks(columns):
        texts = np.array(each.texts(), dtype=object).reshape(each.shape, order="F")  # R counts by columns
        found.lineages.update(
            {row: lineage_of(columns, list(line)) for row, line in zip(rows, texts, strict=True)}
        )
    elif each.is_numeric:
        found.counts.append(Counts(name, rows, columns, each.numbers().reshape(each.shape, order="F")))


def _is_frame(each: RObject) -> bool:
    return each.kind == "VEC" and "row.names" in each.attributes and "data.frame" in each.classes


def _sort_frame(name: str, each: RObject, found: RTables) -> None:
    """Take a data frame for a taxonomy, a table of numbers, or facts about samples."""
    columns = [(label, column) for label, column in each.items() if column.shape == (column.size,)]
    labels = tuple(label for label, _ in columns)
    if not columns or len({column.size for _, column in columns}) != 1:
        return
    rows = _row_names(each, columns[0][1].size)
    if len(rows) != columns[0][1].size:
        return
    if are_ranks(labels):
        lines = zip(*(column.texts() for _, column in columns), strict=True)
        found.lineages.update({row: lineage_of(labels, line) for row, line in zip(rows, lines, strict=True)})
        return
    if all(column.is_numeric and not column.classes for _, column in columns):
        values = np.column_stack([column.numbers() for _, column in columns])
        found.counts.append(Counts(name, rows, labels, values))
    for label, column in columns:
        for row, text in zip(rows, column.texts(), strict=True):
            if text:
                found.about.setdefault(row, {})[label] = text


def _row_names(each: RObject, size: int) -> tuple[str, ...]:
    """Return the names of the rows of a data frame; R keeps 1 to n in short."""
    named = each.attributes["row.names"]
    if named.kind == "INT" and named.size == 2 and np.isnan(named.numbers()[0]):
        return tuple(str(k + 1) for k in range(size))
    return tuple(text or "" for text in named.texts())
