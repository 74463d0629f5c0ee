"""Are forecasts of guild shares better than saying that nothing changes? Two people, sampled daily.

The tables are not part of this repository: MovingPictures.rda (phyloseq) and its sample_metadata.tsv.

    python tools/daily_forecast.py MovingPictures.rda sample_metadata.tsv --site stool
    python tools/daily_forecast.py MovingPictures.rda sample_metadata.tsv --site skin --taken-from skin:hand

At some days of each person a twin is made of the samples of the days before, and says what samples of 7 and
28 days later will show. The log share of every guild is scored by the continuous ranked probability score
(CRPS, smaller is better) and by how often the 90 % interval held it. Beside it stand persistence (the last
sample, with the noise of two days), climatology (all samples of that person so far) and the population (what
anybody would show). Shares below 0.01 % count as that. Intervals (95 %) are over days, drawn anew 2,000
times.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gutskin.answers import forecast
from gutskin.answers.score import crps, inside
from gutskin.model import Model, load
from gutskin.reference import Reference, reference
from gutskin.samples import Mapping, read_samples
from gutskin.samples.noise import read_noise
from gutskin.scenario import Scenario
from gutskin.subject import Subject, seen, subjects
from gutskin.twin import Twin, personalise

Array = NDArray[np.floating]
Found = dict[tuple[float, str], list[list[tuple[float, bool]]]]  # a day: score and held of every guild
AHEAD = (7.0, 28.0)  # days
WITHIN = 1.0  # a sample so many days off counts
LEAST = 1e-4  # share that counts as none [1]
BEFORE = 10  # samples that a twin is made of, the last ones
ORIGINS = 15  # days of a person at which forecasts begin
WAYS = ("model", "persistence", "climatology", "population")
DRAWS, SEED, MEMBERS = 2000, 1, 128


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("table", type=Path)
    parser.add_argument("metadata", type=Path)
    parser.add_argument("--site", default="stool")
    parser.add_argument("--taken-from", default="", help="where on the body, when the table tells too little")
    parser.add_argument("--origins", type=int, default=ORIGINS)
    given = parser.parse_args()
    model = load()
    samples = read_samples(given.table, site=given.site, metadata=given.metadata)
    if given.taken_from:
        samples = tuple(replace(each, site=given.taken_from) for each in samples)
    found: Found = defaultdict(list)
    for person in subjects(samples):
        _person(model, person, given.origins, found)
    print(f"{'days':>5}  {'by':12}  {'CRPS of the log share':24}  {'90 % held':>9}  days")
    for ahead in AHEAD:
        for way in WAYS:
            days = found[ahead, way]
            scores = np.array([np.mean([score for score, _ in day]) for day in days])
            held = float(np.mean([kept for day in days for _, kept in day]))
            low, high = _interval(scores)
            said = f"{scores.mean():.2f} ({low:.2f}-{high:.2f})"
            print(f"{ahead:5g}  {way:12}  {said:24}  {100 * held:7.0f} %  {scores.size}")


def _person(model: Model, person: Subject, count: int, found: Found) -> None:
    """Score forecasts from some days of a person; refused samples are left out as for any user."""
    order = sorted(person.mappings, key=lambda each: float(each.sample.extras["date"]))
    days = np.array([float(each.sample.extras["date"]) for each in order])
    starts = range(BEFORE, len(order), max(1, (len(order) - BEFORE) // count))
    held: Reference | None = None
    for start in starts:
        told = seen(Subject(person.name, tuple(order[start - BEFORE : start])), model)
        held = held or reference(model, told.place)
        twin = personalise(held, told.observation, seed=SEED)
        guilds = twin.seen.shares[0].guilds
        plan = Scenario("life", "Life", "", max(AHEAD), lead_in=0.0)
        coming = forecast(twin, plan, days=AHEAD, members=MEMBERS).compositions[0].shares
        past = _logs(order[:start], guilds)
        for k, ahead in enumerate(AHEAD):
            at = np.flatnonzero(np.abs(days - days[start - 1] - ahead) <= WITHIN)
            if not at.size:
                continue
            truth = _logs([order[at[0]]], guilds)[0]
            ways = _ways(twin, np.log(np.maximum(coming[k].T, LEAST)), past)
            for way, members in ways.items():
                pairs = zip(members.T, truth, strict=True)
                found[ahead, way].append([(crps(own, value), inside(own, value)) for own, value in pairs])


def _logs(order: list[Mapping], guilds: tuple[str, ...]) -> Array:
    """Return log shares (T, G) of the guilds among each other."""
    shares = np.array([[each.cells.get(name, 0.0) for name in guilds] for each in order])
    return np.log(np.maximum(shares / shares.sum(axis=1, keepdims=True), LEAST))


def _ways(twin: Twin, model: Array, past: Array) -> dict[str, Array]:
    """Return members (N, G) of each way to forecast, as log shares."""
    random = np.random.default_rng(SEED)
    shares = twin.seen.shares[0]
    day = np.log([read_noise().of(shares.table, name) for name in shares.guilds])
    last = past[-1] + np.sqrt(2.0) * day * random.normal(size=(MEMBERS, past.shape[1]))
    population = shares.shown(twin.reference.model, twin.reference.found.states)
    drawn = random.choice(population.shape[1], MEMBERS, p=twin.reference.weights)
    noise = np.sqrt(shares.once + shares.bias) * random.normal(size=(MEMBERS, past.shape[1]))
    return {
        "model": model,
        "persistence": last,
        "climatology": past,
        "population": population.T[drawn] + noise,
    }


def _interval(scores: Array) -> tuple[float, float]:
    random = np.random.default_rng(SEED)
    means = [random.choice(scores, scores.size).mean() for _ in range(DRAWS)]
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


if __name__ == "__main__":
    main()
