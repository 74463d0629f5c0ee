"""Is a person's second visit nearer to their own first visit than to those of others? By plain distances.

The table is not part of this repository: 22 people of the Human Microbiome Project with two visits each
(stool, crease behind the ear, bend of the elbow; 16S V3-V5).

    python tools/own_visit.py TABLE.biom METADATA.tsv [--batch COLUMN]

A baseline: whatever claims to know a person must beat it. Shares of several samples of a person, visit and
site (left and right) are averaged. "In batch" compares only with others whose second visit was read in the
same batch, so that a batch that a person's visits share does not count as the person. To judge another
distance, give its matrix to gutskin.ecology.own_rank.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from gutskin.ecology.beta import distances
from gutskin.ecology.composition import Composition, compose, stack
from gutskin.ecology.own import CHANCE, OwnRank, joined, own_rank
from gutskin.samples import read_samples
from gutskin.samples.metadata import read_metadata

LEVELS: dict[str, Callable[[Composition], Mapping[str, float]]] = {
    "genera": lambda made: made.genera,
    "guilds": lambda made: made.guilds,
}
METRICS = ("aitchison", "bray_curtis")
HEADS = ("own nearest", "mean rank (95 %)", "in batch (95 %)")


@dataclass
class Visit:
    """Shares of the samples of one person at one visit and site, and the batches that they were read in."""

    shares: list[Mapping[str, float]] = field(default_factory=list)
    batches: set[str] = field(default_factory=set)


Visits = dict[str, list[Visit]]  # of every person, in order


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("table", type=Path)
    parser.add_argument("metadata", type=Path)
    parser.add_argument("--batch", default="RUNCENTER")
    given = parser.parse_args()
    made = [compose(each) for each in read_samples(given.table, metadata=given.metadata)]
    batches = {name: facts.get(given.batch, "") for name, facts in read_metadata(given.metadata).items()}
    print(f"mean rank by chance {CHANCE}; own nearest by chance 1 in as many as there are people")
    print(
        f"{'site':27s}{'level':8s}{'distance':12s}{'people':>6s}" + "".join(f"{head:>23s}" for head in HEADS)
    )
    for level in LEVELS:
        for metric in METRICS:
            for site, (found, inside) in ranks(made, batches, level, metric).items():
                told = (f"{found.nearest:.0%}", _mean(found), _mean(inside))
                row = f"{site:27s}{level:8s}{metric:12s}{len(found.people):6d}"
                print(row + "".join(f"{each:>23s}" for each in told))


def _mean(found: OwnRank) -> str:
    return f"{found.mean:.3f} ({found.low:.3f}–{found.high:.3f})"


def ranks(
    made: list[Composition], batches: Mapping[str, str], level: str, metric: str
) -> dict[str, tuple[OwnRank, OwnRank]]:
    """Return how near people are to themselves, among all and in batch, at every site and all joined."""
    sites = sorted({each.sample.site for each in made})
    visits = {s: collect([each for each in made if each.sample.site == s], batches, level) for s in sites}
    tables = {site: between(visits[site], metric) for site in sites}
    shared = {site: together(visits[site]) for site in sites}
    found = {s: _both(tables[s], list(visits[s]), shared[s]) for s in sites}
    common = sorted(set.intersection(*map(set, visits.values())))
    places = {s: np.ix_(*[[list(visits[s]).index(person) for person in common]] * 2) for s in sites}
    whole = joined([tables[s][places[s]] for s in sites])
    inside = np.all([shared[s][places[s]] for s in sites], axis=0)
    return {**found, "all sites": _both(whole, common, inside)}


def _both(table: np.ndarray, people: list[str], inside: np.ndarray) -> tuple[OwnRank, OwnRank]:
    return own_rank(table, people), own_rank(table, people, among=inside)


def collect(made: list[Composition], batches: Mapping[str, str], level: str) -> Visits:
    """Return the first two visits of every person who has two."""
    out: dict[str, dict[str, Visit]] = defaultdict(lambda: defaultdict(Visit))
    for each in made:
        if sum(LEVELS[level](each).values()) > 0:
            visit = out[each.sample.person][each.sample.extras["visit"]]
            visit.shares.append(LEVELS[level](each))
            visit.batches.add(batches.get(each.sample.name, ""))
    return {who: [seen[k] for k in sorted(seen)[:2]] for who, seen in sorted(out.items()) if len(seen) > 1}


def between(visits: Visits, metric: str) -> np.ndarray:
    """Return the distances from first visits (rows) to second visits (columns)."""
    each = [theirs[k] for k in (0, 1) for theirs in visits.values()]
    _, table = stack([share for visit in each for share in visit.shares])
    counts = [len(visit.shares) for visit in each]
    ends = np.cumsum(counts)
    mean = np.array([table[end - n : end].mean(axis=0) for n, end in zip(counts, ends, strict=True)])
    return distances(mean, metric)[: len(visits), len(visits) :]


def together(visits: Visits) -> np.ndarray:
    """Return whose second visit (column) shares a batch with one's own second visit (row)."""
    seconds = [theirs[1].batches for theirs in visits.values()]
    return np.array([[bool(own & other) for other in seconds] for own in seconds])


if __name__ == "__main__":
    main()
