"""Composition: what was found in a sample, as taxa, as shares of genera and as shares of guilds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from gutskin.samples import Sample, map_sample
from gutskin.samples.names import clean, key, variants
from gutskin.samples.routing import REMOVED
from gutskin.samples.taxa import load_taxa

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Composition:
    """A sample without what is no resident (plastids, mitochondria, host).

    Parameters
    ----------
    sample
        The sample.
    found
        Reads [1] or percent [percent] of each taxon that is kept, as the table names taxa.
    genera
        Share of each genus [1]; what has no genus stands under its family or higher rank, as "... only".
    guilds
        Share of each guild of the site among the mapped reads [1].
    mapped
        Share that belongs to a guild [1].
    flags
        Warnings of the mapping.
    """

    sample: Sample
    found: Array
    genera: Mapping[str, float]
    guilds: Mapping[str, float]
    mapped: float
    flags: tuple[str, ...] = ()

    @property
    def named(self) -> dict[str, float]:
        """The genera that have a name, with their shares [1]."""
        return {name: share for name, share in self.genera.items() if is_genus(name)}


def compose(sample: Sample) -> Composition:
    """Return the composition of a sample.

    Raises
    ------
    InputError
        E331 when all of it was removed.
    """
    mapping = map_sample(sample, refuse=False)
    kept = [each for each in mapping.routes if each.way != REMOVED]
    whole = sum(each.share for each in kept)
    genera: dict[str, float] = defaultdict(float)
    for each in kept:
        genera[genus(each.taxon)] += each.share / whole
    return Composition(
        sample=sample,
        found=np.array([each.share for each in kept]) * sample.total,
        genera=dict(genera),
        guilds=dict(mapping.shares),
        mapped=mapping.mapped,
        flags=tuple(flag.text for flag in mapping.flags),
    )


def stack(shares: Sequence[Mapping[str, float]]) -> tuple[tuple[str, ...], Array]:
    """Return the names that occur in any, sorted, and shares [1] of shape ``(samples, names)``."""
    names = tuple(sorted({name for each in shares for name, share in each.items() if share > 0}))
    return names, np.array([[each.get(name, 0.0) for name in names] for each in shares])


def is_genus(name: str) -> bool:
    """Whether a name that :func:`genus` gave is one of a genus."""
    return not name.endswith("only)") and name != clean("").label


@lru_cache(maxsize=1 << 16)
def genus(taxon: str) -> str:
    """Return the genus of a cleaned lineage in the spelling of the library, else its lowest known rank.

    Suffixes and numbers of split genera are dropped and synonyms resolved; brackets mean another organism
    and stay.
    """
    lineage = clean(taxon)
    name = lineage.name("genus")
    if not name:
        return lineage.label
    synonyms = load_taxa().synonyms
    spellings = [each for each in variants(name) if "[" in each or "[" not in name]
    return next((synonyms[key(each)] for each in spellings if key(each) in synonyms), spellings[-1])
