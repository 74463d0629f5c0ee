"""mothur shared files: samples in rows, OTUs in columns; the names are in a second file.

A file of several labels has a row of every sample for each, and fewer OTUs the coarser the label: then the
header names those of the finest, and a row says how many there are.
"""

from __future__ import annotations

import re

import numpy as np

from gutskin.errors import InputError
from gutskin.samples.content import Content
from gutskin.samples.features import FeatureTable
from gutskin.samples.raw import repeated
from gutskin.samples.readers.cells import number

NAME = "mothur"
ABOUT = "mothur shared file; its cons.taxonomy is a second file"

_USUAL = "0.03"  # the label that is meant when a file holds several: OTUs of 97 % likeness
_TAXONOMY = ("otu", "size", "taxonomy")
_OLD = re.compile(r"^(?:unique|\d\.\d+)\t[^\t]+\t(\d+)\t\d+")


def recognises(content: Content) -> bool:
    """Whether the header is that of a shared file or its taxonomy, or the first row that of an old one."""
    if not content.is_text:
        return False
    first = content.lines[0]
    lower = tuple(first.lower().split("\t"))
    old = _OLD.match(first)
    is_old = bool(old) and len(first.rstrip("\t").split("\t")) == 3 + int(old.group(1) if old else 0)
    return lower[:2] == ("label", "group") or lower == _TAXONOMY or is_old


def read(content: Content) -> FeatureTable:
    """Read the samples of one label: the only one, or 0.03.

    Raises
    ------
    InputError
        E310 ragged, E311 text for a number, E317 a sample twice, E320 no rows, E515 a taxonomy, E516 several
        labels and none of them 0.03.
    """
    where = str(content.path)
    lines = [(n, line.rstrip("\t").split("\t")) for n, line in enumerate(content.lines, 1) if line.strip()]
    header = lines.pop(0)[1] if not _OLD.match(content.lines[0]) else []
    if tuple(name.lower() for name in header) == _TAXONOMY:
        raise InputError(
            "E515", "this is a taxonomy, not a table of counts",
            where=where, remedy="give the shared file, and this with --taxonomy",
        )  # fmt: skip
    label = _label([cells[0] for _, cells in lines], where)
    lines = [(n, cells) for n, cells in lines if cells[0] == label]
    skip = 3 if not header or "numotus" in (name.lower() for name in header[:3]) else 2
    size = len(lines[0][1]) - skip
    otus = tuple(header[skip : skip + size]) or tuple(str(k + 1) for k in range(size))
    values = np.empty((len(lines), len(otus)))
    for row, (n, cells) in enumerate(lines):
        place = f"{where}, line {n}"
        told = (cells[2] if len(cells) > 2 else "?") if skip == 3 else str(len(otus))
        if len(cells) - skip != len(otus) or told != str(len(otus)):
            raise InputError(
                "E310", f"the row has {len(cells) - skip} numbers, and there are {told} OTUs",
                where=place, remedy="make the shared file again",
            )  # fmt: skip
        values[row] = [number(cell, place) for cell in cells[skip:]]
    samples = tuple(cells[1] for _, cells in lines)
    twice = repeated(samples)
    if twice:
        raise InputError("E317", f"two rows are called {twice!r}", where=where, remedy="name them apart")
    return FeatureTable(otus, samples, values.T, where, NAME, said=f"label {label}")


def _label(labels: list[str], where: str) -> str:
    """Return the label to read."""
    known = list(dict.fromkeys(labels))
    if not known:
        raise InputError("E320", "the table has a header but no rows", where=where, remedy="give rows")
    if len(known) == 1:
        return known[0]
    if _USUAL not in known:
        raise InputError(
            "E516",
            f"the file holds {len(known)} labels and none is {_USUAL}: {', '.join(known[:6])}",
            where=where,
            remedy="write one with make.shared(label=...)",
        )
    return _USUAL
