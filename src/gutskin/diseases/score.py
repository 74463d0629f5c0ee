"""A score: how far the taxa of a sample lie the way the cohorts of a disease say.

With the log share ``x`` of every taxon that sample and reference know, centred on its mean over the genera
(a centred log-ratio), ``z`` is its distance from the mean of the healthy in their spreads, at most 3 either
way. For weights ``w`` the score is ``sum(w z)``, divided by the spread that this sum has among the healthy.
Sizes carry no weight: folds of mean shares hang on few people.

Nobody knows the weights: the sign that the next cohort has is drawn for every taxon from its beta
distribution (:mod:`gutskin.diseases.agreement`), with taxa and reads drawn anew too. The score is the mean
over draws, and its interval holds 90 % of them. The *standing* of a sample is the score with the expected
signs as weights; it tells how many of the healthy lie below.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gutskin.diseases.agreement import Agreement
from gutskin.diseases.features import Array, log_shares, membership, visible
from gutskin.diseases.reference import Reference
from gutskin.diseases.signature import Row, Signature
from gutskin.samples.sample import Sample
from gutskin.samples.sites import load_sites

LEAST_AGREEMENT = 0.5  # share of votes left in the stated directions below which there is no score [1]
LEAST_SEEN = 0.5  # share of votes on taxa that can be seen below which there is no score [1]
LEAST_TAXA = 3
NARROWEST = 1.0  # [log2] spread that a taxon has at least: twofold
FARTHEST = 3.0  # spreads that a taxon counts at most
CENTRE = "genus"  # rank over which log shares are centred
INNER = 0.9  # share of the draws between both ends of an interval [1]


@dataclass(frozen=True)
class Part:
    """What one taxon brought: weight [1], distance from the healthy in their spreads [1], sureness [1]."""

    name: str
    rank: str
    weight: float
    distance: float
    sure: float


@dataclass(frozen=True)
class Score:
    """A score in spreads of the healthy [1], with 90 % interval; ``standing`` among the healthy [1].

    ``seen`` is the share of the votes on taxa that can be seen, ``agree`` what of the votes agrees, ``most``
    the most cohorts behind a row; ``resampled`` says what the interval covers.
    """

    disease: str
    value: float
    low: float
    high: float
    standing: float
    seen: float
    agree: float
    most: int
    parts: tuple[Part, ...]
    resampled: str

    @property
    def below(self) -> float:
        """Return the share of the healthy who stand lower, taken as normal [1]."""
        return 0.5 * (1.0 + math.erf(self.standing / math.sqrt(2.0)))


@dataclass(frozen=True)
class Refusal:
    """Why there is no score.

    The kind is ``"no taxa"``, ``"few taxa"``, ``"unseen"``, ``"conflict"`` or ``"no reference"``.
    """

    disease: str
    kind: str
    reason: str


@dataclass(frozen=True, eq=False)
class Frame:
    """What of a signature a table of taxa can show, and how the healthy vary there.

    ``rows`` that are seen; ``genera`` by which logs are centred, ``own`` where rows stand in ``features``
    of the reference; ``mean`` and ``spread`` (R,) of the centred logs [log2], ``correlation`` (R, R).
    """

    rows: tuple[Row, ...]
    members: NDArray[np.bool_]
    genera: Array
    own: NDArray[np.intp]
    mean: Array
    spread: Array
    correlation: Array

    def distances(self, shares: Array) -> Array:
        """Return distances from the healthy [1] (..., R) of shares (..., F) [1]."""
        logs = log_shares(shares)
        centred = logs[..., self.own] - (logs @ self.genera)[..., None]
        return np.clip((centred - self.mean) / self.spread, -FARTHEST, FARTHEST)


def frame(
    signature: Signature,
    sample: Sample,
    known: Sequence[Row],
    reference: Reference,
    listed: frozenset[tuple[str, str]] = frozenset(),
) -> Frame | None:
    """Return what a sample can show of a signature, none when that is nothing.

    Parameters
    ----------
    signature
        The disease.
    sample
        The sample.
    known
        Rows of all signatures: their genera are what logs are centred on.
    reference
        Healthy people.
    listed
        What the other samples of the table name.
    """
    places = {feature: k for k, feature in enumerate(reference.features)}
    every = {row.feature: row for row in (*known, *signature.rows) if row.feature in places}
    every = dict(sorted(every.items()))  # no draw hangs on the order of files
    members = membership(sample.taxa, list(every.values()))
    there = np.flatnonzero(visible(sample, list(every.values()), listed)).tolist()
    features = [list(every)[k] for k in there]
    if not (genera := np.array([rank == CENTRE for rank, _ in features], dtype=float)).any():
        return None
    rows = sorted((row for row in signature.rows if row.feature in features), key=lambda row: row.feature)
    if not rows:
        return None
    genera /= genera.sum()
    own = np.array([features.index(row.feature) for row in rows], dtype=np.intp)
    at = [places[each] for each in features]
    turn = np.eye(len(features))[own] - genera
    covariance = turn @ reference.covariance[np.ix_(at, at)] @ turn.T
    sd = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    spread = np.maximum(sd, NARROWEST)
    correlation = covariance / np.outer(spread, spread)
    mean = turn @ reference.mean[at]
    return Frame(tuple(rows), members[there], genera, own, mean, spread, correlation)


def combine(weights: Array, distances: Array, correlation: Array) -> Array:
    """Return scores in spreads of the healthy [1] of weights and distances (..., R); 0 without weight."""
    total = np.abs(weights).sum(axis=-1)
    share = weights / np.where(total > 0, total, 1.0)[..., None]
    spread = np.sqrt(np.maximum(((share @ correlation) * share).sum(axis=-1), 1e-12))
    return np.where(total > 0, (share * distances).sum(axis=-1) / spread, 0.0)


def score_sample(
    signature: Signature,
    sample: Sample,
    reference: Reference,
    agreement: Agreement,
    known: Sequence[Row],
    *,
    listed: frozenset[tuple[str, str]] = frozenset(),
    refuse: bool = True,
    draws: int = 1000,
    seed: int = 1,
) -> Score | Refusal:
    """Compare a sample with a disease.

    Parameters
    ----------
    signature, sample
        Of one table of sites.
    reference
        Healthy people at such sites.
    agreement
        How often cohorts agree.
    known
        Rows of all signatures of the table of sites.
    listed
        What the other samples of the table name: it could have been found.
    refuse
        Whether too little agreement or too few taxa is a refusal; without a taxon there never is a score.
    draws, seed
        Of the interval: in each draw the rows are drawn anew with replacement, the expected sign of every row
        from its beta distribution, and reads from a multinomial (not where percentages are given).
    """
    assert load_sites().require(sample.site).guilds == signature.site
    made = frame(signature, sample, known, reference, listed) if signature.rows else None
    refused = _refusal(signature, made, agreement)
    if made is None or (refused is not None and refuse):
        return refused or Refusal(signature.name, "no taxa", "none of its taxa can be seen")
    abundance = sample.abundance / sample.total
    weights = np.array([agreement.weight(row) for row in made.rows])
    distances = made.distances(made.members.astype(float) @ abundance)
    standing = float(combine(weights, distances, made.correlation))
    drawn = _draws(made, sample, agreement, draws, np.random.default_rng(seed))
    parts = tuple(
        Part(row.name, row.rank, float(w), float(z), agreement.sure(row))
        for row, w, z in zip(made.rows, weights, distances, strict=True)
    )
    return Score(
        signature.name, *drawn, standing, _seen(signature, made, agreement), agreement.share(signature.rows),
        max(row.cohorts for row in made.rows), parts,
        "taxa, cohorts and reads" if sample.depth else "taxa and cohorts; percentages tell no reads",
    )  # fmt: skip


def _draws(
    made: Frame, sample: Sample, agreement: Agreement, draws: int, rng: np.random.Generator
) -> tuple[float, float, float]:
    """Return mean and both ends of the scores of all draws."""
    kinds, of = np.unique(made.members, axis=1, return_inverse=True)  # taxa of the same rows are one kind
    share = np.bincount(of.ravel(), sample.abundance, kinds.shape[1]) / sample.abundance.sum()
    if sample.depth:
        share = rng.multinomial(sample.depth, share, size=draws) / sample.depth
    distances = np.broadcast_to(made.distances(share @ kinds.T.astype(float)), (draws, len(made.rows)))
    up, down = np.array([agreement.shape(row) for row in made.rows]).T
    weights = 2.0 * rng.beta(up, down, size=(draws, len(made.rows))) - 1.0
    times = rng.multinomial(len(made.rows), np.full(len(made.rows), 1.0 / len(made.rows)), size=draws)
    scores = combine(weights * times, distances, made.correlation)
    low, high = np.quantile(scores, [(1 - INNER) / 2, (1 + INNER) / 2])
    return float(scores.mean()), float(low), float(high)


def _seen(signature: Signature, made: Frame, agreement: Agreement) -> float:
    total = sum(agreement.mass(row) for row in signature.rows)
    return sum(agreement.mass(row) for row in made.rows) / total if total else 0.0


def _refusal(signature: Signature, made: Frame | None, agreement: Agreement) -> Refusal | None:
    """Return why there can be no score, none when there can."""
    name, every = signature.name, len(signature.rows)
    if not every:
        return Refusal(name, "no taxa", "the signature holds no taxon")
    agree = agreement.share(signature.rows)
    if agree < LEAST_AGREEMENT:
        said = (
            f"cohorts contradict each other: {agree:.0%} of the votes are left when those against are set off"
        )
        return Refusal(name, "conflict", f"{said}, {LEAST_AGREEMENT:.0%} is needed")
    count = len(made.rows) if made else 0
    if count < LEAST_TAXA:
        return Refusal(name, "few taxa", f"{count} of {every} taxa can be seen, {LEAST_TAXA} are needed")
    seen = _seen(signature, made, agreement) if made else 0.0
    if seen < LEAST_SEEN:
        said = f"{seen:.0%} of the votes are on taxa that can be seen ({count} of {every})"
        return Refusal(name, "unseen", f"{said}, {LEAST_SEEN:.0%} is needed")
    return None
