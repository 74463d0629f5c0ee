"""Do two readings of one tube say the same of a person? Technical replicates of every sample of a table.

    python tools/replicates.py TABLE.biom METADATA.tsv [--reads 1000] [--seed 1] [--site face]

Every sample is drawn twice to so many reads (multinomial), both are diagnosed, and verdicts of core read-outs
with a healthy range are compared. Two verdicts overlap when they are equal or one of them is indeterminate;
they contradict when one says within and the other outside. All of a person's samples count together, as in
`gutskin diagnose`. The interval is over resampled people.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from gutskin.answers import diagnose
from gutskin.answers.diagnose import NO_RANGE, OPEN
from gutskin.errors import InputError
from gutskin.model import Model, load
from gutskin.reference import Reference, reference
from gutskin.samples import Sample, read_samples
from gutskin.subject import Subject, seen, subjects
from gutskin.twin import personalise

RESAMPLES = 10_000
Pair = tuple[str, str]


@dataclass(frozen=True)
class Share:
    """A share [1] of pairs of verdicts, and its 95 % interval over people."""

    share: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.share:.1%} ({self.low:.1%}–{self.high:.1%})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("table", type=Path)
    parser.add_argument("metadata", type=Path)
    parser.add_argument("--reads", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--site", default="face")
    parser.add_argument("--size", type=int, default=4000)
    parser.add_argument("--members", type=int, default=256)
    given = parser.parse_args()
    model = load()
    everybody = reference(model, given.site, size=given.size)
    samples = read_samples(given.table, metadata=given.metadata)
    random = np.random.default_rng(given.seed)
    twice = [subjects([drawn(each, given.reads, random) for each in samples]) for _ in range(2)]
    found: dict[str, list[Pair]] = {}
    for one, two in zip(*twice, strict=True):
        try:
            both = [verdicts(model, everybody, each, given.site, given.members) for each in (one, two)]
        except InputError as error:
            print(f"{one.name} is left out: {error}", file=sys.stderr)
            continue
        found[one.name] = [(both[0][name], both[1][name]) for name in both[0]]
    say(found, given.reads)


def say(found: dict[str, list[Pair]], reads: int) -> None:
    """Print the shares of pairs of verdicts."""
    pairs = sum(len(each) for each in found.values())
    print(f"{len(found)} people, {pairs} pairs of verdicts, {reads} reads a sample")
    for title, holds, of in (
        ("overlap (equal, or one indeterminate)", overlap, None),
        ("equal", equal, None),
        ("both indeterminate", silent, None),
        ("equal, of pairs with a verdict", equal, lambda pair: not silent(pair)),
        ("contradict", lambda pair: not overlap(pair), None),
    ):
        held = [[holds(pair) for pair in pairs if of is None or of(pair)] for pairs in found.values()]
        print(f"{title:40s}{share(held)}")


def drawn(sample: Sample, reads: int, random: np.random.Generator) -> Sample:
    """Return a sample as another reading of the same tube would have it, of so many reads."""
    counts = random.multinomial(reads, sample.abundance / sample.abundance.sum())
    return replace(sample, abundance=counts.astype(float), kind="counts", depth=reads)


def verdicts(model: Model, everybody: Reference, person: Subject, place: str, members: int) -> dict[str, str]:
    """Return core read-out -> verdict, where there is a healthy range."""
    told = seen(person, model, place=place)
    core = [name for name, each in model.readouts.items() if each.core]
    made = diagnose(personalise(everybody, told.observation, members=members), core)
    return {each.readout.name: each.verdict for each in made.findings if each.verdict != NO_RANGE}


def equal(pair: Pair) -> bool:
    """Return whether two verdicts are the same."""
    return pair[0] == pair[1]


def overlap(pair: Pair) -> bool:
    """Return whether two verdicts do not contradict each other."""
    return equal(pair) or OPEN in pair


def silent(pair: Pair) -> bool:
    """Return whether neither is a verdict."""
    return pair == (OPEN, OPEN)


def share(held: Sequence[Sequence[bool]], *, resamples: int = RESAMPLES, seed: int = 0) -> Share:
    """Return which share of all pairs holds, with 95 % over resampled people (rows)."""
    yes, many = np.array([sum(each) for each in held]), np.array([len(each) for each in held])
    who = np.random.default_rng(seed).integers(yes.size, size=(resamples, yes.size))
    low, high = np.quantile(yes[who].sum(axis=1) / many[who].sum(axis=1), (0.025, 0.975))
    return Share(float(yes.sum() / many.sum()), float(low), float(high))


if __name__ == "__main__":
    main()
