"""Feature tables: counts of sequences or OTUs, which a taxonomy in the same file or another one names."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gutskin.errors import InputError
from gutskin.samples.names import UNNAMED
from gutskin.samples.raw import RawTable, check_raw, repeated

MOST_CELLS = 50_000_000  # [1] taxa times samples
_LABEL = r"(?:New\.)?(?:CleanUp\.)?(?:Reference)?(?:[A-Z]{1,3}_)?(?:OTU|ASV|Zotu|seq|sq|denovo|feature)"
_CODE = rf"[0-9a-f]{{32}}|[0-9a-f]{{40}}|[ACGTUN]{{30,}}|{_LABEL}[_. -]?\d+"
_CODES = re.compile(rf"^(?:{_CODE})$", re.IGNORECASE)
_NAMELESS = re.compile(rf"^(?:\d+|sp\d+|{_CODE})$", re.IGNORECASE)  # numbers may name samples too
_LINEAGE = re.compile(r"^\w{1,3}__[^;|]*[;|]")
_OTU = re.compile(r"^otu_?0*(?=\d)")


@dataclass(frozen=True)
class FeatureTable:
    """Features by samples, before they have names.

    Parameters
    ----------
    features
        Identifier of every row: a hash, a sequence, a number or a name.
    columns
        One name per sample. Rows and columns may be the other way round: :func:`named` finds out.
    matrix
        Numbers, dense or a SciPy sparse matrix, shape ``(features, samples)``.
    where
        The file, for messages.
    reader
        Name of the reader.
    lineages
        Identifier to lineage, when the file tells.
    about
        What the file tells about a sample: its name to texts.
    said
        What the user should know of how the table was read.
    """

    features: tuple[str, ...]
    columns: tuple[str, ...]
    matrix: Any
    where: str
    reader: str
    lineages: Mapping[str, str] = field(default_factory=dict)
    about: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    said: str = ""


def named(table: RawTable | FeatureTable, lineages: Mapping[str, str] | None, taxonomy: str) -> RawTable:
    """Give every row its lineage, and add up the rows of one lineage.

    Parameters
    ----------
    table
        What a reader read.
    lineages
        Identifier to lineage, from a file of its own; it is preferred to what the table tells.
    taxonomy
        That file, for messages.

    Raises
    ------
    InputError
        E312 negative, E313 not finite, E314 a feature twice, E317 a sample twice, E318 features without
        names, E320 no rows, E508 too large, E512 none of the features is in the taxonomy, E513 a taxonomy
        for a table that has no features.
    """
    if isinstance(table, RawTable):
        if lineages is None:
            return _as_taxa(table)
        if not table.features:
            raise InputError(
                "E513",
                f"a table of {table.reader} names its taxa itself",
                where=taxonomy,
                remedy="leave --taxonomy out",
            )
        table = _as_features(table)
    if not table.features or not table.columns:
        raise InputError(
            "E320",
            "the table has no rows or no columns",
            where=table.where,
            remedy="give at least one of each",
        )
    known = lineages if lineages is not None else table.lineages
    table = _upright(table, known)
    _refuse_bad(table)
    if known:
        texts, said = _looked_up(table, known, taxonomy if lineages is not None else table.where)
    else:
        _refuse_nameless(table.features, table.where)
        texts, said = table.features, ""
    return _summed(table, texts, "; ".join(each for each in (table.said, said) if each))


def _most(names: Sequence[str], pattern: re.Pattern[str]) -> bool:
    """Whether more than half of some names are of a form."""
    return sum(bool(pattern.match(name)) for name in names) > len(names) / 2


def _as_taxa(table: RawTable) -> RawTable:
    """Take the rows of a text table for taxa; turn it when its columns are the taxa.

    Raises
    ------
    InputError
        E314 a taxon twice, E318 identifiers instead of names.
    """
    if table.merge or not table.features:
        return table
    if _most(table.columns, _LINEAGE) and not _most(table.taxa, _LINEAGE):
        places = tuple(
            f"{table.places[0].rpartition(',')[0]}, column {name[:60]!r}" for name in table.columns
        )
        table = replace(
            table, taxa=table.columns, columns=table.taxa, values=table.values.T, places=places,
            features=table.columns, said="samples stand in rows",
        )  # fmt: skip
        check_raw(table, places[0])
    where = table.places[0].rpartition(", ")[0]
    if _most(table.columns, _CODES) and not _most(table.taxa, _NAMELESS):
        _refuse_nameless(table.columns, where)
    _refuse_nameless(table.taxa, where)
    twice = repeated(table.taxa)
    if twice:
        line = [place for place, taxon in zip(table.places, table.taxa, strict=True) if taxon == twice][-1]
        raise InputError("E314", f"{twice!r} stands twice", where=line, remedy="add the rows of a taxon up")
    return table


def _as_features(table: RawTable) -> FeatureTable:
    where = table.places[0].rpartition(", ")[0]
    return FeatureTable(
        table.features, table.columns, table.values, where, table.reader, about=table.about, said=table.said
    )


def _upright(table: FeatureTable, known: Mapping[str, str]) -> FeatureTable:
    """Turn a table that has its samples in rows, by what the taxonomy knows or else by the looks of names."""
    if known:
        keys = _keys(known)
        rows, columns = (
            sum(_key(name) in keys for name in names) for names in (table.features, table.columns)
        )
    else:
        rows, columns = _most(table.features, _NAMELESS), _most(table.columns, _CODES)
    if columns <= rows:
        return table
    return replace(table, features=table.columns, columns=table.features, matrix=table.matrix.T)


def _key(name: str) -> str:
    """Return the form in which identifiers are compared: ``Otu0012`` is ``12``."""
    return _OTU.sub("", name.strip().strip("\"'").lower())


def _keys(known: Mapping[str, str]) -> dict[str, str]:
    return {_key(name): text for name, text in known.items()}


def _looked_up(table: FeatureTable, known: Mapping[str, str], taxonomy: str) -> tuple[tuple[str, ...], str]:
    """Return the lineage of every row, and how many have none.

    Raises
    ------
    InputError
        E512 when not one feature is known.
    """
    keys = _keys(known)
    found = [known.get(name) or keys.get(_key(name)) for name in table.features]
    missing = sum(_key(name) not in keys for name in table.features)
    if missing == len(found):
        raise InputError(
            "E512",
            f"none of the {missing} features is in the taxonomy, first {table.features[0][:40]!r}",
            where=taxonomy,
            remedy="give the taxonomy that was made for this table",
        )
    said = f"{missing} of {len(found)} features are not in the taxonomy" if missing else ""
    return tuple(text or UNNAMED for text in found), said


def _refuse_nameless(names: Sequence[str], where: str) -> None:
    if _most(names, _NAMELESS):
        first = next(name for name in names if _NAMELESS.match(name))
        raise InputError(
            "E318",
            f"there are no names of taxa, only identifiers such as {first[:40]!r}",
            where=where,
            remedy="give the file that names them with --taxonomy, or add a column called taxonomy",
        )


def _refuse_bad(table: FeatureTable) -> None:
    """Refuse a table with bad entries before rows are added up and could hide them."""
    twice = repeated(table.features)
    if twice:
        raise InputError(
            "E314", f"the feature {twice[:40]!r} stands twice", where=table.where, remedy="write each once"
        )
    entries = table.matrix.tocoo() if hasattr(table.matrix, "tocoo") else None
    values: NDArray[np.float64] = np.asarray(table.matrix if entries is None else entries.data)
    for code, what, bad in (
        ("E313", "is not a finite number", ~np.isfinite(values)),
        ("E312", "is negative", values < 0),
    ):
        if bad.any():
            at = np.argwhere(bad)[0]
            row, column = at if entries is None else (entries.row[at[0]], entries.col[at[0]])
            raise InputError(
                code,
                f"{values[tuple(at)]:g} {what}",
                where=f"{table.where}, row {table.features[row][:60]!r}, sample {table.columns[column]!r}",
                remedy="write a count, 0 for absent",
            )


def _summed(table: FeatureTable, texts: Sequence[str], said: str) -> RawTable:
    """Add up the rows of one lineage.

    Raises
    ------
    InputError
        E508 when taxa times samples is too large to hold.
    """
    from scipy.sparse import csr_matrix

    taxa = tuple(dict.fromkeys(texts))
    if len(taxa) * len(table.columns) > MOST_CELLS:
        raise InputError(
            "E508",
            f"{len(taxa)} taxa of {len(table.columns)} samples are more than {MOST_CELLS} numbers",
            where=table.where,
            remedy="take the samples of interest out of it first",
        )
    index = {taxon: row for row, taxon in enumerate(taxa)}
    rows = np.array([index[text] for text in texts])
    gather = csr_matrix((np.ones(rows.size), (rows, np.arange(rows.size))), shape=(len(taxa), rows.size))
    values = gather @ table.matrix
    values = np.asarray(values.toarray() if hasattr(values, "toarray") else values, dtype=float)
    places = tuple(f"{table.where}, taxon {taxon!r}" for taxon in taxa)
    made = RawTable(
        taxa, table.columns, values, places, merge=True, reader=table.reader, about=table.about,
        features=taxa, counted=True, said=said,
    )  # fmt: skip
    return check_raw(made, table.where)
