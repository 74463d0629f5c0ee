"""Shares of the taxa of signatures in a sample, found by name at any rank."""

from __future__ import annotations

from collections.abc import Sequence
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
    wanted = [(row.rank, {key(name) for name in (row.name, *row.also)}) for row in rows]
    spelt = [_spellings(each) for each in taxa]
    found = [[not names.isdisjoint(each.get(rank, ())) for each in spelt] for rank, names in wanted]
    return np.array(found, dtype=bool).reshape(len(rows), len(taxa))


def visible(sample: Sample, rows: Sequence[Row], listed: Sequence[str] = ()) -> NDArray[np.bool_]:
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
        Taxa of the other samples of the table.
    """
    named = {
        rank: sum(
            value
            for taxon, value in zip(sample.taxa, sample.abundance, strict=True)
            if clean(taxon).name(rank)
        )
        / sample.total
        for rank in NAMEABLE
    }
    found = membership((*sample.taxa, *listed), rows)
    return np.array(
        [
            bool(there.any()) or named.get(row.rank, 0.0) >= NAMED
            for row, there in zip(rows, found, strict=True)
        ]
    )


@lru_cache(maxsize=1 << 16)
def _spellings(taxon: str) -> dict[str, frozenset[str]]:
    """Return rank -> compared names of a cleaned lineage, synonyms too."""
    synonyms, out = load_taxa().synonyms, {}
    for rank, name in clean(taxon).ranks:
        found = {key(each) for each in variants(name) if "[" in each or "[" not in name}
        out[rank] = frozenset(found | {key(synonyms[each]) for each in found if each in synonyms})
    return out


def log_shares(shares: Array) -> Array:
    """Return the base-2 logarithm of shares [1] with the floor added [log2]."""
    return np.log2(shares + FLOOR)


def shares_of(sample: Sample, members: NDArray[np.bool_]) -> Array:
    """Return the share of every row in a sample [1], by the :func:`membership` of its taxa."""
    return members.astype(float) @ (sample.abundance / sample.total)
