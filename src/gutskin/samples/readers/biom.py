"""BIOM tables: v1 (JSON) and v2.1 (HDF5), also those without a ``type``."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from gutskin.errors import InputError
from gutskin.samples.content import HDF5, Content
from gutskin.samples.raw import RawTable, check_raw, repeated

NAME = "biom"
ABOUT = "BIOM table, v1 JSON or v2.1 HDF5, with a taxonomy"

_TAXONOMY = ("taxonomy", "Taxonomy", "taxon", "Taxon", "lineage", "confidence_taxonomy")


def recognises(content: Content) -> bool:
    """Whether this is HDF5, or JSON."""
    return content.data.startswith(HDF5) or content.data[:64].lstrip().startswith(b"{")


def read(content: Content) -> RawTable:
    """Read the table; rows with one lineage are added up.

    Raises
    ------
    InputError
        E312 negative, E313 not finite, E317 a sample twice, E318 no taxonomy, E319 damaged or no BIOM,
        E320 no rows.
    """
    where = str(content.path)
    try:
        table = _hdf5(content.data) if content.data.startswith(HDF5) else _json(content.data)
    except Exception as error:  # biom-format raises many kinds for a damaged file
        raise InputError(
            "E319",
            f"this is no whole BIOM table: {error}",
            where=where,
            remedy="export it again with biom convert",
        ) from error
    if not all(table.shape):
        raise InputError(
            "E320", "the table has no rows or no columns", where=where, remedy="give at least one of each"
        )
    texts = _lineages(table, where)
    taxa = tuple(dict.fromkeys(texts))
    index = {taxon: row for row, taxon in enumerate(taxa)}
    rows = np.array([index[text] for text in texts])
    _refuse_bad(table, where)
    values = _sum_rows(table.matrix_data, rows, len(taxa))
    columns = tuple(str(name) for name in table.ids("sample"))
    about = {name: _texts(table.metadata(name, "sample")) for name in columns}
    places = tuple(f"{where}, taxon {taxon!r}" for taxon in taxa)
    return check_raw(RawTable(taxa, columns, values, places, merge=True, reader=NAME, about=about), where)


def _hdf5(data: bytes) -> Any:
    import biom
    import h5py

    with h5py.File(io.BytesIO(data), "r+") as file:
        if "type" not in file.attrs:  # some writers leave it out; nothing here depends on it
            file.attrs["type"] = "OTU table"
        return biom.Table.from_hdf5(file)


def _json(data: bytes) -> Any:
    import biom

    found = json.loads(data)
    if not isinstance(found, dict) or not {"rows", "columns", "data", "shape"} <= set(found):
        raise ValueError("rows, columns, data or shape is missing")
    twice = repeated([str(column["id"]) for column in found["columns"]])
    if twice:
        raise ValueError(f"two samples are called {twice!r}")
    return biom.Table.from_json({"type": "OTU table", **found})


def _lineages(table: Any, where: str) -> list[str]:
    """Return one lineage text per row, from its metadata or, failing that, from its identifier."""
    names = [str(name) for name in table.ids("observation")]
    metadata = table.metadata(axis="observation")
    if metadata is not None:
        found = next((key for key in _TAXONOMY if metadata[0] and metadata[0].get(key)), None)
        if found:
            return [_join((row or {}).get(found)) for row in metadata]
    if sum("__" in name for name in names) > len(names) / 2:
        return names
    raise InputError(
        "E318",
        "the table has no taxonomy",
        where=where,
        remedy="add it with biom add-metadata --observation-metadata-fp",
    )


def _join(taxonomy: Any) -> str:
    if taxonomy is None:
        return ""
    return taxonomy if isinstance(taxonomy, str) else ";".join(str(part).strip() for part in taxonomy)


def _texts(metadata: Mapping[str, Any] | None) -> dict[str, str]:
    return {str(key): str(value) for key, value in (metadata or {}).items() if value is not None}


def _refuse_bad(table: Any, where: str) -> None:
    """Refuse negative or not finite entries before rows are added up and could hide them."""
    entries = table.matrix_data.tocoo()
    for code, what, bad in (
        ("E313", "is not a finite number", ~np.isfinite(entries.data)),
        ("E312", "is negative", entries.data < 0),
    ):
        if bad.any():
            at = int(np.flatnonzero(bad)[0])
            row, column = table.ids("observation")[entries.row[at]], table.ids("sample")[entries.col[at]]
            raise InputError(
                code,
                f"{entries.data[at]:g} {what}",
                where=f"{where}, row {str(row)!r}, sample {str(column)!r}",
                remedy="write a count, 0 for absent",
            )


def _sum_rows(matrix: Any, rows: np.ndarray, size: int) -> np.ndarray:
    """Add up rows of a sparse matrix that share an index; shape ``(size, samples)``."""
    from scipy.sparse import csr_matrix

    gather = csr_matrix((np.ones(rows.size), (rows, np.arange(rows.size))), shape=(size, rows.size))
    return np.asarray((gather @ matrix).toarray(), dtype=float)
