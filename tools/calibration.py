"""Do intervals keep their word? Virtual people of known state, sampled and found again.

    python tools/calibration.py --people 100

People are drawn like the reference population, but are none of its members. A stool and a skin sample of each
are made up as the measurement model says (5,000 reads, V3-V5), the person is found again from them, and for
hidden read-outs it is counted how often the 90 % interval holds the truth. Nine in ten should be held.
"""

from __future__ import annotations

import argparse

import numpy as np

from gutskin.model import load
from gutskin.reference import reference
from gutskin.samples.noise import read_noise
from gutskin.samples.taxa import load_taxa
from gutskin.twin.trial import Method, coverage

PLACE, DEPTH, BIAS = "face", 5000, 2.0  # BIAS: geometric standard deviation of a method on a guild [1]
OTHERS = 77  # seed of the people who are found again
HIDDEN = (
    "butyrate", "scfa", "colon_ph", "permeability", "plasma_acetate", "crp", "skin_type2", "tewl",
    "hydration",
    "skin_ph", "sebum", "redness", "itch", "easi", "aureus", "cutibacterium",
)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=100)
    given = parser.parse_args()
    model = load()
    everybody, others = reference(model, PLACE), reference(model, PLACE, size=1000, seed=OTHERS)
    found = coverage(everybody, others, methods(), HIDDEN, people=given.people)
    for name, inside, ranks in zip(found.readouts, found.inside, found.ranks, strict=True):
        fifths = np.histogram(ranks, 5, (0, 1))[0] / given.people
        said = " ".join(f"{100 * each:3.0f}" for each in fifths)
        print(f"{model.readouts[name].label:45}  held {100 * inside:3.0f} %   ranks by fifths [%] {said}")
    print(f"{'all':45}  held {100 * found.inside.mean():.1f} %   {given.people} people")


def methods() -> list[Method]:
    """Return how stool and skin are sampled: guilds that bacterial tables show, and their noise."""
    noise, made = read_noise(), []
    for table in ("gut", "skin"):
        guilds = tuple(each for each in load_taxa().of_site(table) if each.states and not each.unseen)
        day = {each.name: noise.of(table, each.name) for each in guilds}
        made.append(Method(table, guilds, day, {each.name: BIAS for each in guilds}, DEPTH))
    return made


if __name__ == "__main__":
    main()
