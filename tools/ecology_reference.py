"""Write library/ecology: what genera and guilds reference people have, and how they score among themselves.

The table is not part of this repository: it is the subset of the Human Microbiome Project that the American
Gut repository publishes (stool, crease behind the ear and bend of the elbow of 84 people, 16S V3-V5).

    python tools/ecology_reference.py TABLE.biom METADATA.tsv src/gutskin/library/ecology

Prints how the second visits of the same people spread over the percentiles that they get: a tenth in each
tenth would be perfect.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from gutskin.ecology.composition import Composition, compose
from gutskin.ecology.dysbiosis import Dysbiosis, judge
from gutskin.ecology.reference import reference_of
from gutskin.ecology.shelf import read_references, read_scope, write_references
from gutskin.samples import read_samples

NOTES = (
    "Adults of the Human Microbiome Project, one sample a person (first visit, most reads); sources in",
    "reference.toml. Written by tools/ecology_reference.py: do not edit. genera.tsv: percent of the people",
    "who have a genus and of reads, quantiles over people. guilds.toml: centred log-ratios [ln] of guilds;",
    "index and distance are their 0, 5 ... 100 % quantiles over these people, each against the others.",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("table", type=Path)
    parser.add_argument("metadata", type=Path)
    parser.add_argument("out", type=Path)
    given = parser.parse_args()
    made = [compose(each) for each in read_samples(given.table, metadata=given.metadata)]
    sites = sorted({each.sample.site for each in made})
    found = [reference_of([each for each in made if each.sample.site == site], "") for site in sites]
    write_references(found, given.out, NOTES)
    _check(made, given.out)


def _check(made: list[Composition], folder: Path) -> None:
    """Print the standing of samples that the reference was not made of."""
    for site, reference in read_references(folder).items():
        later = [each for each in made if each.sample.site == site and each.sample.extras["visit"] != "1"]
        judged = [judge(each, reference, None, read_scope(folder)) for each in later]
        told = [each for each in judged if isinstance(each, Dysbiosis)]
        people = f"{reference.people} people, {reference.guild_people} by guilds"
        print(f"{site}: {people}, {len(told)} later samples")
        for name in ("index_below", "distance_below"):
            values = [value for each in told if (value := getattr(each, name)) is not None]
            print(f"  {name}: {np.histogram(values, np.linspace(0, 1, 11))[0].tolist()}")


if __name__ == "__main__":
    main()
