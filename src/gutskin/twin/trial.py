"""Does the method keep its word: virtual people with known states, sampled, and found again.

Of people drawn like the population, but none of its members, samples are made up as the measurement model
says: the day's and the method's factors on every guild, then counting. What the twin then says of hidden
quantities is compared with the truth (simulation-based calibration, Talts 2018).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from gutskin.engine.outcome import Array
from gutskin.reference import Reference
from gutskin.samples.taxa import Guild
from gutskin.twin.observation import Counted, Observation, Shares, pooled
from gutskin.twin.personalise import personalise
from gutskin.twin.weights import rank, resampled


@dataclass(frozen=True)
class Method:
    """How made-up samples of one part of the body are taken.

    ``guilds`` that it shows; ``day`` and ``bias`` geometric standard deviations [1] by guild; ``depth``
    [reads].
    """

    table: str
    guilds: tuple[Guild, ...]
    day: Mapping[str, float]
    bias: Mapping[str, float]
    depth: int


@dataclass(frozen=True)
class Coverage:
    """Of every quantity (Q): how many true values lay inside the intervals [1], and their ranks (Q, P).

    Where members equal the truth its rank is drawn among them, so that a quantity that is nought in most
    people, or the same in all, has even ranks too.
    """

    readouts: tuple[str, ...]
    inside: Array
    ranks: Array
    level: float


def made_up(method: Method, truth: Shares, sizes: Array, random: np.random.Generator) -> Shares:
    """Return what a made-up sample of guilds of true sizes (G,) says."""
    names = truth.guilds
    factor = [
        np.log(method.day[n]) * random.normal() + np.log(method.bias[n]) * random.normal() for n in names
    ]
    share = np.maximum(sizes, 0.0) * np.exp(factor)
    counts = random.multinomial(method.depth, share / share.sum())
    sample = [Counted(counts.astype(float))]
    return pooled(truth.table, names, truth.labels, truth.states, sample, day=method.day, bias=method.bias)


def coverage(
    reference: Reference,
    held_back: Reference,
    methods: Sequence[Method],
    readouts: Sequence[str],
    *,
    people: int,
    members: int = 256,
    level: float = 0.9,
    seed: int = 1,
    tick: Callable[[float], None] | None = None,
) -> Coverage:
    """Return how often intervals of twins hold the truth.

    Parameters
    ----------
    reference, held_back
        The population, and another draw of it whose members play the persons.
    methods
        One a part of the body that is sampled.
    readouts
        Hidden quantities that are asked for.
    people, members, level, seed
        How many persons; members of a twin; level of the intervals [1]; seed of samples.
    tick
        Called with the share of work done since the last call [1].
    """
    model = reference.model
    index = {name: k for k, name in enumerate(model.network.states)}
    who = resampled(held_back.weights, people, seed)
    ranks = np.full((len(readouts), people), np.nan)
    for number, member in enumerate(who):
        random = np.random.default_rng([seed, number])
        shares = []
        for method in methods:
            blank = _blank(method)
            sizes = np.array(
                [sum(held_back.found.states[index[s], member] for s in own) for own in blank.states]
            )
            shares.append(made_up(method, blank, sizes, random))
        twin = personalise(reference, Observation(tuple(shares)), members=members, seed=seed + number)
        for row, name in enumerate(readouts):
            quantity = model.readouts[name].quantity
            true = held_back.read(quantity)[member]
            ranks[row, number] = rank(twin.read(quantity), twin.weights, true, random.uniform())
        if tick:
            tick(1.0 / people)
    edge = 0.5 * (1.0 - level)
    inside = ((ranks >= edge) & (ranks <= 1.0 - edge)).mean(axis=1)
    return Coverage(tuple(readouts), inside, ranks, level)


def _blank(method: Method) -> Shares:
    guilds, none = method.guilds, np.zeros(len(method.guilds))
    names, labels = tuple(g.name for g in guilds), tuple(g.label for g in guilds)
    return Shares(method.table, names, labels, tuple(g.states for g in guilds), none, none, none, none, none)
