"""Write library/diseases/healthy_gut.tsv: how the taxa of signatures vary among healthy people.

The table is not part of this repository: it is the subset of the Human Microbiome Project that the American
Gut repository publishes (84 people, 16S V3-V5).

    python tools/healthy_reference.py TABLE.biom METADATA.tsv src/gutskin/library/diseases/healthy_gut.tsv

Prints how the scores of the same people spread over the percentiles that they get: a tenth in each tenth
would be perfect.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from gutskin.diseases import read_diseases, read_reference, reference_of
from gutskin.diseases.agreement import learn
from gutskin.diseases.features import listed_names
from gutskin.diseases.reference import write_reference
from gutskin.diseases.score import Score, score_sample
from gutskin.samples import read_samples

SITE, TABLE = "stool", "gut"
SAID = "84 adults of the Human Microbiome Project, stool, 16S V3-V5 (hmp_2012 through mcdonald_2018)"
NOTES = (
    "Log2 of the share of all reads plus 1e-4, one value a person (the mean over visits): mean, spread and",
    "correlations over people. Written by tools/healthy_reference.py: do not edit.",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("table", type=Path)
    parser.add_argument("metadata", type=Path)
    parser.add_argument("out", type=Path)
    given = parser.parse_args()
    samples = read_samples(given.table, metadata=given.metadata, site=SITE)
    diseases = [each for each in read_diseases() if each.site == TABLE]
    rows = [row for each in diseases for row in each.rows]
    write_reference(reference_of(samples, rows, SAID), given.out, NOTES)
    reference, learned = read_reference(given.out), learn(read_diseases())
    listed = listed_names(taxon for each in samples for taxon in each.taxa)
    for disease in diseases:
        found = [
            score_sample(disease, each, reference, learned, rows, listed=listed, draws=1) for each in samples
        ]
        told = np.array([each.below for each in found if isinstance(each, Score)])
        if told.size:
            tenths = np.histogram(told, bins=np.linspace(0, 1, 11))[0]
            print(f"{disease.name:30s} {len(told):4d} samples, by tenths: {tenths.tolist()}")


if __name__ == "__main__":
    main()
