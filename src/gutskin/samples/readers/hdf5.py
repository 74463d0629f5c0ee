"""The HDF5 form of BIOM, read with every size, index and link checked before it is followed."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gutskin.errors import InputError
from gutskin.samples.content import Content
from gutskin.samples.packed import MIB, MOST_BINARY

_MATRIX = ("data", "indices", "indptr")
_NEEDED = ("observation/ids", "sample/ids", *(f"observation/matrix/{each}" for each in _MATRIX))
_HEAP = b"GCOL\x01\0\0\0"  # how HDF5 begins a heap of texts: then its size, then index, uses and size of each
_MOST_PARTS = 10_000  # [1] groups and datasets; BIOM has about ten, and one for every column of metadata
_TEXT = 64  # [bytes] that a text takes at least


@dataclass(frozen=True)
class Parts:
    """Names of rows and columns with the facts that stand beside them, and the matrix between."""

    rows: tuple[str, ...]
    row_facts: Sequence[Mapping[str, Any]]
    columns: tuple[str, ...]
    column_facts: Sequence[Mapping[str, Any]]
    matrix: Any


def parts(content: Content) -> Parts:
    """Read the parts of a BIOM v2.1 table.

    Raises
    ------
    InputError
        E508 sizes that do not fit, indices out of range or more than is read; E510 links to other files.
    """
    import h5py
    from scipy.sparse import csr_matrix

    where = str(content.path)
    _check_heaps(content.data)
    with h5py.File(io.BytesIO(content.data), "r") as file:
        _refuse_links(file, where)
        missing = [name for name in _NEEDED if not isinstance(file.get(name), h5py.Dataset)]
        if missing:
            raise ValueError(f"{missing[0]} is missing")
        data, indices, starts = (np.asarray(file[f"observation/matrix/{each}"]) for each in _MATRIX)
        rows, columns = (tuple(_texts(file[f"{each}/ids"])) for each in ("observation", "sample"))
        check_shape(file.attrs["shape"], len(rows), len(columns), where)
        fits = starts.shape == (len(rows) + 1,) and data.shape == indices.shape == (int(starts[-1]),)
        if not fits or starts[0] != 0 or (np.diff(starts.astype(int)) < 0).any():
            raise _lies("the matrix does not fit its own index", where)
        check_indices(indices, len(columns), where)
        matrix = csr_matrix((data.astype(float), indices, starts), shape=(len(rows), len(columns)))
        facts = _facts(file.get("observation/metadata"), len(rows))
        return Parts(rows, facts, columns, _facts(file.get("sample/metadata"), len(columns)), matrix)


def check_shape(claimed: Any, rows: int, columns: int, where: str) -> None:
    """Refuse a table whose claimed shape is not that of its names.

    Raises
    ------
    InputError
        E508.
    """
    if [int(each) for each in claimed] != [rows, columns]:
        said = " by ".join(str(int(each)) for each in claimed)
        raise _lies(f"the table claims to be {said} and names {rows} rows and {columns} columns", where)


def check_indices(indices: Any, size: int, where: str) -> None:
    """Refuse an index that leads out of the table.

    Raises
    ------
    InputError
        E508.
    """
    bad = ~((indices >= 0) & (indices < size) & (indices == np.floor(indices)))
    if bad.any():
        raise _lies(f"entry {indices[bad][0]:g} is outside a table of {size}", where)


def _check_heaps(data: bytes) -> None:
    """Refuse heaps of texts whose sizes do not add up, on which the HDF5 library would search for ever."""
    start = data.find(_HEAP)
    while start >= 0:
        end = start + int.from_bytes(data[start + 8 : start + 16], "little")
        at = start + 16
        while at + 16 <= end <= len(data):
            size = int.from_bytes(data[at + 8 : at + 16], "little")
            free = data[at : at + 2] == b"\0\0"  # what is left at the end, its head included
            at += size if free else 16 + -(-size // 8) * 8
            if free:
                at = at if at == end and size else end + 1
        if not at <= end <= len(data):
            raise ValueError("a heap of texts is damaged")
        start = data.find(_HEAP, start + 4)


def _refuse_links(file: Any, where: str) -> None:
    """Refuse whatever leads out of the file, and data that unpack to more than is read."""
    import h5py

    size, count = 0, 0

    def look(name: str, link: Any) -> str | None:
        nonlocal size, count
        count += 1
        if not isinstance(link, h5py.HardLink) or count > _MOST_PARTS:
            return name
        each = file[name]
        if isinstance(each, h5py.Dataset):
            if each.is_virtual or each.external:
                return name
            size += (each.size or 0) * (_TEXT if each.dtype.hasobject else each.dtype.itemsize)
        return None

    bad = file.visititems_links(look)
    if count > _MOST_PARTS:
        raise _lies(f"it has more than {_MOST_PARTS} parts", where)
    if bad:
        raise InputError(
            "E510",
            f"{bad!r} in the HDF5 file leads to another place or file",
            where=where,
            remedy="export it again with biom convert",
        )
    if size > MOST_BINARY:
        raise _lies(f"its data take {size // MIB} MiB; at most {MOST_BINARY // MIB} are read", where)


def _texts(dataset: Any) -> list[str]:
    return [each.decode("utf-8", "replace") if isinstance(each, bytes) else str(each) for each in dataset[()]]


def _facts(group: Any, size: int) -> list[dict[str, Any]]:
    """Return one dictionary per row or column from the datasets that stand beside it."""
    found: list[dict[str, Any]] = [{} for _ in range(size)]
    for name, dataset in (group or {}).items():
        if getattr(dataset, "shape", ())[:1] != (size,) or len(dataset.shape) > 2:
            continue
        for facts, value in zip(found, dataset[()], strict=True):
            several = isinstance(value, np.ndarray)
            texts = [
                each.decode("utf-8", "replace") if isinstance(each, bytes) else str(each)
                for each in (value if several else [value])
            ]
            facts[name] = [text for text in texts if text] if several else texts[0]
    return found


def _lies(message: str, where: str) -> InputError:
    return InputError(
        "E508", message, where=where, remedy="export it again, with the samples of interest only"
    )
