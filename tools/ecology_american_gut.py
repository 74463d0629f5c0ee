"""Are people with inflammatory bowel disease farther from reference people? The American Gut, stool.

The data are not part of this repository: AG_100nt_even10k.biom.gz and sample_metadata.tsv of the American Gut
repository (self-reported diseases; 16S V4, 10,000 reads a sample).

    python tools/ecology_american_gut.py FOLDER

Once against the reference people of the library, which another method read, and once against people of the
same table without the disease. "Beyond" is how many of those without stand beyond 95 % of the reference
people: a twentieth where both were read alike. The area under the curve (AUC) is the chance that somebody
with the disease is farther away than somebody without; its interval is over people.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from gutskin.ecology import Composition, Dysbiosis, compose, judge, read_references, reference_of
from gutskin.ecology.reference import Reference
from gutskin.samples import read_samples
from gutskin.samples.metadata import read_metadata

COLUMN, WITHOUT = "IBD", "I do not have IBD"
WITH = ("Ulcerative colitis", "Crohn's disease")
SITE = "stool"
REFERENCE, OTHERS = 300, 600  # people without the disease: as a reference, and to compare with
RESAMPLES, SEED = 1000, 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    facts = read_metadata(folder / "sample_metadata.tsv")
    told = {name: row.get(COLUMN, "") for name, row in facts.items()}
    given = read_samples(folder / "AG_100nt_even10k.biom.gz", site=SITE)
    random = np.random.default_rng(SEED)
    order = random.permutation([k for k, each in enumerate(given) if told.get(each.name) == WITHOUT])
    without = [compose(given[k]) for k in order[: REFERENCE + OTHERS]]
    with_it = [compose(each) for each in given if told.get(each.name) in WITH]
    references = {"library": read_references()[SITE], "same table": reference_of(without[:REFERENCE], "")}
    print(f"{'reference':12s}{'measure':10s}{'with':>6s}{'without':>9s}{'beyond':>8s}   AUC (95 %)")
    for name, reference in references.items():
        for measure in ("index", "distance"):
            cases, _ = _far(with_it, reference, measure)
            controls, below = _far(without[REFERENCE:], reference, measure)
            row = f"{name:12s}{measure:10s}{cases.size:6d}{controls.size:9d}{(below > 0.95).mean():8.0%}"
            print(f"{row}   {_area(cases, controls, random)}")


def _far(made: list[Composition], reference: Reference, measure: str) -> tuple[np.ndarray, np.ndarray]:
    """Return how far people are and how many reference people are nearer, of those who can be judged."""
    found = [judge(each, reference, None, None) for each in made]
    known = [each for each in found if isinstance(each, Dysbiosis) and getattr(each, measure) is not None]
    return tuple(np.array([getattr(each, name) for each in known]) for name in (measure, f"{measure}_below"))


def _area(cases: np.ndarray, controls: np.ndarray, random: np.random.Generator) -> str:
    def area(one: np.ndarray, two: np.ndarray) -> float:
        return float((one[:, None] > two).mean() + 0.5 * (one[:, None] == two).mean())

    drawn = [
        area(random.choice(cases, cases.size), random.choice(controls, controls.size))
        for _ in range(RESAMPLES)
    ]
    low, high = np.quantile(drawn, (0.025, 0.975))
    return f"{area(cases, controls):.3f} ({low:.3f} to {high:.3f})"


if __name__ == "__main__":
    main()
