"""Shares of the taxa of signatures in a sample, found by name at any rank."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from gutskin.diseases.signature import Row
from gutskin.samples.names import RANKS, clean, key, variants
from gutskin.samples.sample import Sample
from gutskin.samples.taxa import load_taxa

Array = NDArray[np.float64]
FLOOR = 1e-4  # added to every share [1], so that a taxon without a read has a logarithm: a read in 10,000
NAMEABLE = RANKS[:-1]  # ranks at which an absent name means an absent taxon
NAMED = 0.5  # share of reads with a name at a rank from which on that holds [1]


def membership(taxa: Sequence[str], rows: Sequence[Row]) -> NDArray[np.bool_]:
    """Return which taxa of a table belong to which rows, shape ``(rows, taxa)``.

    A taxon belongs to a row when its lineage has the row's name, another name of it, or a synonym of the
    library at the row's rank. Brackets of contested names are another organism; suffixes of a split genus
    are not.

    Parameters
    ----------
    taxa
        Cleaned lineages.
    rows
        Rows of signatures.
    """
    out = np.zeros((len(rows), len(taxa)), dtype=bool)
    wanted: dict[tuple[str, str], list[int]] = defaultdict(list)
    for k, row in enumerate(rows):
        for name in _names(row):
            wanted[name].append(k)
    for column, taxon in enumerate(taxa):
        for name in _spellings(taxon):
            out[wanted.get(name, []), column] = True
    return out


def listed_names(taxa: Iterable[str]) -> frozenset[tuple[str, str]]:
    """Return rank and compared spelling of everything that taxa of a table name."""
    return frozenset(name for taxon in taxa for name in _spellings(taxon))


def visible(
    sample: Sample, rows: Sequence[Row], listed: frozenset[tuple[str, str]] = frozenset()
) -> NDArray[np.bool_]:
    """Return which rows a sample can show, shape ``(rows,)``: those found, and those that would be.

    A taxon that is not found counts as absent when the table lists it for others, or when at least half of
    the reads have a name at its rank; species only when the table lists them.

    Parameters
    ----------
    sample
        The sample.
    rows
        Rows of signatures.
    listed
        What the other samples of the table name (:func:`listed_names`).
    """
    named = dict.fromkeys(NAMEABLE, 0.0)
    for taxon, share in zip(sample.taxa, (sample.abundance / sample.total).tolist(), strict=True):
        for rank, _ in clean(taxon).ranks:
            named[rank] = named.get(rank, 0.0) + share
    found = listed | listed_names(sample.taxa)
    absent = {rank for rank in NAMEABLE if named[rank] >= NAMED}
    return np.array([row.rank in absent or not found.isdisjoint(_names(row)) for row in rows])


def _names(row: Row) -> set[tuple[str, str]]:
    """Return rank and compared spelling of a row and of its other names."""
    return {(row.rank, key(name)) for name in (row.name, *row.also)}


@lru_cache(maxsize=1 << 16)
def _spellings(taxon: str) -> frozenset[tuple[str, str]]:
    """Return rank and compared spelling of every name of a cleaned lineage, synonyms too."""
    synonyms, out = load_taxa().synonyms, set[tuple[str, str]]()
    for rank, name in clean(taxon).ranks:
        found = {key(each) for each in variants(name) if "[" in each or "[" not in name}
        found |= {key(synonyms[each]) for each in found if each in synonyms}
        out |= {(rank, each) for each in found}
    return frozenset(out)


def log_shares(shares: Array) -> Array:
    """Return the base-2 logarithm of shares [1] with the floor added [log2]."""
    return np.log2(shares + FLOOR)


def shares_of(sample: Sample, members: NDArray[np.bool_]) -> Array:
    """Return the share of every row in a sample [1], by the :func:`membership` of its taxa."""
    return members.astype(float) @ (sample.abundance / sample.total)
