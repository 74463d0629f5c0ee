"""BIOM tables: v1 (JSON) and v2.1 (HDF5), also those without a ``type``."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gutskin.errors import InputError
from gutskin.samples.content import HDF5, Content
from gutskin.samples.features import FeatureTable
from gutskin.samples.packed import MIB
from gutskin.samples.readers import hdf5

NAME = "biom"
ABOUT = "BIOM table, v1 JSON or v2.1 HDF5, with or without a taxonomy"

MOST_JSON = 100 * MIB  # [bytes] of a table in JSON, which takes many times its size in memory
_JSON = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:\{|\[\s*[\[{\]\"])")  # "[Name]" begins a table of old names
_TAXONOMY = ("taxonomy", "Taxonomy", "taxon", "Taxon", "lineage", "confidence_taxonomy")


def recognises(content: Content) -> bool:
    """Whether this is HDF5, or JSON."""
    return content.data.startswith(HDF5) or bool(_JSON.match(content.data[:1024]))


def read(content: Content, reader: str = NAME) -> FeatureTable:
    """Read the table.

    Raises
    ------
    InputError
        E319 damaged or no BIOM, E500 or E508 larger than is read or than it can be, E509 nested too deep,
        E510 links to other files.
    """
    where = str(content.path)
    try:
        parts = hdf5.parts(content) if content.data.startswith(HDF5) else _json(content)
        return _table(parts, where, reader)
    except InputError:
        raise
    except RecursionError as error:
        raise InputError(
            "E509", "the JSON is nested too deep for a table", where=where, remedy="export it again"
        ) from error
    except Exception as error:  # a damaged file fails in many ways
        raise InputError(
            "E319",
            f"this is no whole BIOM table: {error or type(error).__name__}",
            where=where,
            remedy="export it again with biom convert",
        ) from error


def _table(parts: hdf5.Parts, where: str, reader: str) -> FeatureTable:
    lineages: dict[str, str] = {}
    key = next((key for key in _TAXONOMY if any(row.get(key) for row in parts.row_facts)), None)
    if key:
        lineages = {
            row: _join(facts.get(key)) for row, facts in zip(parts.rows, parts.row_facts, strict=True)
        }
    about = {
        column: {name: _join(value) for name, value in facts.items() if value is not None}
        for column, facts in zip(parts.columns, parts.column_facts, strict=True)
    }
    return FeatureTable(
        parts.rows, parts.columns, parts.matrix, where, reader, lineages=lineages, about=about
    )


def _json(content: Content) -> hdf5.Parts:
    """Read the JSON form, holding its claimed shape against what is there."""
    from scipy.sparse import coo_matrix

    where = str(content.path)
    if len(content.data) > MOST_JSON:
        raise InputError(
            "E500",
            f"the JSON is larger than {MOST_JSON // MIB} MiB",
            where=where,
            remedy="convert it to HDF5 with biom convert --to-hdf5",
        )
    found = json.loads(content.data.decode("utf-8-sig"))
    if not isinstance(found, dict) or not {"rows", "columns", "data", "shape"} <= set(found):
        raise ValueError("rows, columns, data or shape is missing")
    rows, columns = found["rows"], found["columns"]
    hdf5.check_shape(found["shape"], len(rows), len(columns), where)
    shape = (len(rows), len(columns))
    if found.get("matrix_type", "sparse") == "dense":
        matrix: Any = np.array(found["data"], dtype=float).reshape(
            shape if not all(shape) else (-1, shape[1])
        )
        hdf5.check_shape(matrix.shape, *shape, where)
    else:
        entries = np.array(found["data"], dtype=float).reshape(-1, 3)
        hdf5.check_indices(entries[:, 0], shape[0], where)
        hdf5.check_indices(entries[:, 1], shape[1], where)
        at = (entries[:, 0].astype(int), entries[:, 1].astype(int))
        matrix = coo_matrix((entries[:, 2], at), shape=shape).tocsr()
    return hdf5.Parts(*_ids(rows), *_ids(columns), matrix)


def _ids(items: Sequence[Mapping[str, Any]]) -> tuple[tuple[str, ...], list[Mapping[str, Any]]]:
    return tuple(str(item["id"]) for item in items), [item.get("metadata") or {} for item in items]


def _join(value: Any) -> str:
    """Write a lineage or another fact as one text."""
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return ";".join(str(part).strip() for part in value)
    return str(value)
