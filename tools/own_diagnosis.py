"""Is a person's second diagnosis nearer to their own first one than to those of others? By all read-outs.

    python tools/own_diagnosis.py TABLE.biom METADATA.tsv [--skin skin:retroauricular_crease] [--site face]

The table is that of tools/own_visit.py, whose distances are the baseline: whatever claims to know a person
must beat them. A visit is diagnosed from its stool and skin samples together. The distance between two
diagnoses is Euclid's, between the normal scores in the population of the medians of all read-outs that vary
in it. Beside it stand plain Aitchison distances: of the shares of guilds that the diagnosis was told, and of
guilds and genera as tools/own_visit.py has them. Stool and skin are joined as there.
"""

from __future__ import annotations

import argparse
import runpy
from pathlib import Path

import numpy as np
from scipy.special import ndtri

from gutskin.answers import diagnose
from gutskin.ecology.composition import compose
from gutskin.ecology.own import OwnRank, joined, own_rank
from gutskin.engine.outcome import Array
from gutskin.model import load
from gutskin.reference import Reference, reference
from gutskin.samples import Sample, read_samples
from gutskin.subject import seen, subjects
from gutskin.twin import Observation, Twin, personalise
from gutskin.twin.weights import rank

STOOL = "stool"
LEAST = 1e-6  # spread of a read-out in the population, relative to its size, that is none [1]
PLAIN = runpy.run_path(str(Path(__file__).with_name("own_visit.py")))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("table", type=Path)
    parser.add_argument("metadata", type=Path)
    parser.add_argument("--skin", default="skin:retroauricular_crease")
    parser.add_argument("--site", default="face")
    parser.add_argument("--size", type=int, default=4000)
    parser.add_argument("--members", type=int, default=256)
    given = parser.parse_args()
    sites = (STOOL, given.skin)
    samples = [each for each in read_samples(given.table, metadata=given.metadata) if each.site in sites]
    twice = visits(samples, sites)
    everybody = reference(load(), given.site, size=given.size)
    names = varying(everybody)
    scores, told = [], []
    for both in twice.values():
        twins = [diagnosed(everybody, each, given.site, given.members) for each in both]
        scores.append([score(each, names) for each in twins])
        told.append([each.seen for each in twins])
    apart = euclid(np.array(scores))
    print(f"{len(twice)} people, {len(names)} read-outs that vary")
    print(f"{'distance':24s}{'own nearest':>13s}{'mean rank (95 %)':>24s}")
    say("diagnosis", own_rank(apart, list(twice)))
    say("guilds, as told", own_rank(joined([euclid(each) for each in ratios(told)]), list(twice)))
    for level in ("guilds", "genera"):
        tables = [between(twice, site, level) for site in sites]
        for title, table in zip((*sites, "joined"), (*tables, joined(tables)), strict=True):
            say(f"{level}, {title.rpartition(':')[2]}", own_rank(table, list(twice)))


def euclid(points: Array) -> Array:
    """Return the distances from first (rows) to second visits (columns) of points (people, 2, numbers)."""
    return np.asarray(np.linalg.norm(points[:, None, 0] - points[None, :, 1], axis=2))


def ratios(told: list[list[Observation]]) -> list[Array]:
    """Return centred log shares (people, 2, guilds) of each part of the body, of what all visits show."""
    flat = [{part.table: part for part in each.shares} for both in told for each in both]
    out = []
    for table in sorted(set.intersection(*map(set, flat))):
        guilds = sorted(set.intersection(*({*each[table].guilds} for each in flat)))
        log = np.array(
            [[each[table].log[each[table].guilds.index(name)] for name in guilds] for each in flat]
        )
        log -= log.mean(axis=1, keepdims=True)
        out.append(log.reshape(len(told), 2, len(guilds)))
    return out


def say(title: str, found: OwnRank) -> None:
    """Print one distance."""
    mean = f"{found.mean:.3f} ({found.low:.3f}–{found.high:.3f})"
    print(f"{title:32s}{found.nearest:5.0%}{mean:>24s}")


def visits(samples: list[Sample], sites: tuple[str, ...]) -> dict[str, list[list[Sample]]]:
    """Return the samples of the first two visits of everybody who has all sites at both."""
    found: dict[str, dict[str, list[Sample]]] = {}
    for each in samples:
        found.setdefault(each.person, {}).setdefault(each.extras["visit"], []).append(each)
    twice = {who: [seen_[k] for k in sorted(seen_)[:2]] for who, seen_ in sorted(found.items())}
    return {
        who: both
        for who, both in twice.items()
        if len(both) == 2 and all({each.site for each in one} == {*sites} for one in both)
    }


def diagnosed(everybody: Reference, samples: list[Sample], place: str, members: int) -> Twin:
    """Return the twin of one visit."""
    (person,) = subjects(samples)
    return personalise(everybody, seen(person, everybody.model, place=place).observation, members=members)


def varying(everybody: Reference) -> list[str]:
    """Return read-outs that differ between people of the population."""
    out = []
    for name, readout in everybody.model.readouts.items():
        values = everybody.read(readout.quantity)
        if np.std(values) > LEAST * np.abs(values).max():
            out.append(name)
    return out


def score(twin: Twin, names: list[str]) -> Array:
    """Return the normal scores [1] in the population of the medians of read-outs."""
    everybody = twin.reference
    edge = 0.5 / everybody.size
    out = []
    for each in diagnose(twin, names).findings:
        values = everybody.read(each.readout.quantity)
        place = rank(values, everybody.weights, each.now[1])
        out.append(ndtri(np.clip(place, edge, 1.0 - edge)))
    return np.array(out)


def between(twice: dict[str, list[list[Sample]]], site: str, level: str) -> Array:
    """Return the Aitchison distances from first (rows) to second visits (columns) at one site."""
    made = [compose(each) for both in twice.values() for one in both for each in one if each.site == site]
    found = PLAIN["collect"](made, {}, level)
    if list(found) != list(twice):
        raise SystemExit(f"somebody shows nothing of {level} at {site}")
    return np.asarray(PLAIN["between"](found, "aitchison"))


if __name__ == "__main__":
    main()
