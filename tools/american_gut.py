"""Does the gut signature of a skin disease tell people with it from people without? A test on other data.

The folder is not part of this repository: it is the table of stool samples and the answers to the
questionnaire that the American Gut repository publishes (AG_100nt_even10k.biom.gz, sample_metadata.tsv).

    python tools/american_gut.py FOLDER [--own]

For every disease that people were asked about, prints the area under the ROC curve (AUC) of the score:
the chance that somebody who reports the disease has a higher score than somebody who reports to have none.
0.5 is tossing a coin. People are drawn anew for the interval (2,000 times, 95 %). Scores are computed where
``gutskin diseases`` would refuse them, and the refusal is said. Nothing of these data was used to make the
signatures, the reference or the weights. With ``--own`` the healthy people to compare with are half of those
without the disease, drawn by chance, and the other half is scored.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from gutskin.diseases import (
    Refusal,
    Score,
    learn,
    read_diseases,
    read_reference,
    reference_of,
    reference_path,
    score_sample,
)
from gutskin.diseases.features import listed_names
from gutskin.samples import Sample, read_samples
from gutskin.samples.metadata import read_metadata

TABLE, METADATA = "AG_100nt_even10k.biom.gz", "sample_metadata.tsv"
SITE, HABITAT = "stool", "UBERON:feces"
DRAWS, SEED = 2000, 1
# signature, column of the questionnaire, answers with the disease, answer without
ASKED = (
    ("atopic_dermatitis", "SKIN_CONDITION", ("Eczema",), "I do not have a skin condition"),
    ("rosacea", "SKIN_CONDITION", ("Rosacea",), "I do not have a skin condition"),
    ("psoriasis", "SKIN_CONDITION", ("Psoriasis",), "I do not have a skin condition"),
    ("inflammatory_bowel_disease", "IBD", ("Ulcerative colitis", "Crohn's disease"), "I do not have IBD"),
    ("type_1_diabetes", "DIABETES", ("Type I",), "I do not have diabetes"),
    ("type_2_diabetes", "DIABETES", ("Type II",), "I do not have diabetes"),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--own", action="store_true", help="healthy people of the same table")
    given = parser.parse_args()
    folder = given.folder
    answers = read_metadata(folder / METADATA)
    found = read_samples(folder / TABLE, site=SITE)
    samples = [each for each in found if answers.get(each.name, {}).get("BODY_SITE") == HABITAT]
    print("| Signature | with | without | AUC | 95 % interval | stand above | refused |")
    print("|---|---|---|---|---|---|---|")
    rng = np.random.default_rng(SEED)
    for name, column, ill, well in ASKED:
        told = [answers[each.name].get(column, "") for each in samples]
        cases = [each for each, said in zip(samples, told, strict=True) if said in ill]
        controls = [each for each, said in zip(samples, told, strict=True) if said == well]
        healthy: list[Sample] = []
        if given.own:
            order = rng.permutation(len(controls)).tolist()
            half = len(order) // 2
            healthy, controls = [controls[k] for k in order[:half]], [controls[k] for k in order[half:]]
        cells = (name, str(len(cases)), str(len(controls)), *_line(name, cases, controls, healthy))
        print("| " + " | ".join(cells) + " |")


def _line(
    name: str, cases: list[Sample], controls: list[Sample], healthy: list[Sample]
) -> tuple[str, str, str, str]:
    """Return AUC, interval, share of the controls above the median of the healthy, and the refusal."""
    diseases = [each for each in read_diseases() if each.site == "gut"]
    signature = next(each for each in diseases if each.name == name)
    rows = [row for each in diseases for row in each.rows]
    reference = reference_of(healthy, rows) if healthy else read_reference(reference_path("gut"))
    common = (reference, learn(read_diseases()), rows)
    listed = listed_names(taxon for each in (*cases, *controls) for taxon in each.taxa)
    refused = score_sample(signature, cases[0], *common, listed=listed, draws=1)
    why = f"{refused.kind}: {refused.reason}" if isinstance(refused, Refusal) else "no"
    scores = []
    for group in (cases, controls):
        told = (score_sample(signature, s, *common, listed=listed, refuse=False, draws=1) for s in group)
        scores.append(np.array([each.standing for each in told if isinstance(each, Score)]))
    if not all(each.size for each in scores):
        return "none", "none", "none", why
    rng = np.random.default_rng(SEED)
    drawn = [auc(*(rng.choice(each, each.size) for each in scores)) for _ in range(DRAWS)]
    low, high = np.quantile(drawn, [0.025, 0.975])
    return f"{auc(*scores):.3f}", f"{low:.3f} to {high:.3f}", f"{(scores[1] > 0).mean():.0%}", why


def auc(cases: NDArray[np.float64], controls: NDArray[np.float64]) -> float:
    """Return the chance that a case has a higher score than a control, ties by half [1]."""
    ranks = rankdata(np.concatenate([cases, controls]))[: cases.size]
    return float((ranks.sum() - cases.size * (cases.size + 1) / 2) / (cases.size * controls.size))


if __name__ == "__main__":
    main()
