"""Write library/taxa/typical_shares.toml: what shares of guilds healthy people have, per site.

The table is not part of this repository: it is the subset of the Human Microbiome Project that the American
Gut repository publishes (stool, crease behind the ear and bend of the elbow of 84 people, 16S V3-V5).

    python tools/typical_shares.py TABLE.biom METADATA.tsv src/gutskin/library/taxa/typical_shares.toml

Each person counts once per site: the mean over that person's visits and sides. Samples of which too little is
mapped are refused as any user's would be, and counted in ``refused_samples``.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from pathlib import Path

import numpy as np

from gutskin.errors import InputError
from gutskin.samples import Mapping, Sample, map_sample, read_samples

HEAD = """\
# Shares of guilds [1] among the mapped reads of healthy adults: one value per person and site, the mean over
# visits. q05, q50 and q95 are quantiles over persons. Written by tools/typical_shares.py: do not edit.
population = "adults of the Human Microbiome Project"
citation = ["hmp_2012", "mcdonald_2018"]
where = "HMP 16S V3-V5, 100 nt, closed reference Greengenes 13_8, American Gut repository data/HMP"
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("table", type=Path)
    parser.add_argument("metadata", type=Path)
    parser.add_argument("out", type=Path)
    given = parser.parse_args()
    samples = read_samples(given.table, metadata=given.metadata)
    given.out.write_text(typical_shares(samples), encoding="utf-8")


def typical_shares(samples: tuple[Sample, ...]) -> str:
    """Return the TOML text for a set of samples."""
    people: dict[str, dict[str, list[Mapping]]] = defaultdict(lambda: defaultdict(list))
    refused: dict[str, int] = defaultdict(int)
    for sample in samples:
        try:
            mapping = map_sample(sample)
        except InputError as error:
            if error.code not in {"E330", "E331"}:
                raise
            refused[sample.site] += 1
        else:
            people[sample.site][sample.person].append(mapping)
    return "\n".join([HEAD, *(_site(site, people[site], refused[site]) for site in sorted(people))])


def _site(site: str, people: dict[str, list[Mapping]], refused: int) -> str:
    """Return the table of one site."""
    mapped = np.array([np.mean([each.mapped for each in visits]) for visits in people.values()])
    guilds = next(iter(people.values()))[0].shares
    lines = [
        f'["{site}"]',
        f"people = {len(people)}",
        f"samples = {sum(len(visits) for visits in people.values())}",
        f"refused_samples = {refused}",
        f"mapped = {_figures(mapped)}",
        "",
        f'["{site}".guilds]',
    ]
    for guild in guilds:
        shares = np.array([np.mean([each.shares[guild] for each in visits]) for visits in people.values()])
        lines.append(f"{guild} = {_figures(shares)}")
    return "\n".join(lines) + "\n"


def _figures(values: np.ndarray) -> str:
    """Return mean and quantiles as an inline table."""
    q05, q50, q95 = np.quantile(values, (0.05, 0.5, 0.95))
    return f"{{ mean = {values.mean():.5f}, q05 = {q05:.5f}, q50 = {q50:.5f}, q95 = {q95:.5f} }}"


if __name__ == "__main__":
    main()
