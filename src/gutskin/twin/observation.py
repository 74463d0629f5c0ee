"""What samples and readings say, as numbers with errors, and what a virtual person would have shown.

Shares of guilds are compared as logs, since methods multiply them: counting (Dirichlet), the day, extraction
and primers each add a variance to the log share. Only ratios between guilds of one sample mean anything, so
the logs are turned to ratio coordinates (isometric log-ratios, Egozcue 2003); a factor common to all guilds
drops out, and so does what was not mapped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from gutskin.engine.outcome import Array
from gutskin.errors import InputError
from gutskin.model import Model
from gutskin.rest import AtRest, read

NOTHING = 1e-6  # of a log share that is no difference [1]
HALF = 0.5  # a guild that was not counted could have been counted half a time (Jeffreys)


@dataclass(frozen=True)
class Counted:
    """One sample's guilds: ``counts`` (G,) [reads], and what tells its day from others."""

    counts: Array
    day: float | str | None = None


@dataclass(frozen=True)
class Shares:
    """Guilds of one part of the body, from one or more samples of it.

    ``states`` names of the model's states of each guild; ``log`` (G,) mean log share, ``variance`` (G,) of
    it, of which ``bias`` (G,) is the method's, common to all samples; ``once`` (G,) is that of one day;
    ``least`` (G,) log share below which a guild could not be told from none.
    """

    table: str
    guilds: tuple[str, ...]
    labels: tuple[str, ...]
    states: tuple[tuple[str, ...], ...]
    log: Array
    variance: Array
    bias: Array
    once: Array
    least: Array

    @property
    def basis(self) -> Array:
        """Ratio coordinates (G, G - 1) with orthonormal columns that sum to zero."""
        return helmert(len(self.guilds))

    def shown(self, model: Model, states: Array) -> Array:
        """Return log shares (G, P) that people with states (S, P) would show."""
        index = {name: k for k, name in enumerate(model.network.states)}
        sizes = np.array([states[[index[s] for s in own]].sum(axis=0) for own in self.states])
        total = np.maximum(sizes.sum(axis=0), 1e-300)
        with np.errstate(divide="ignore"):
            return np.maximum(np.log(np.maximum(sizes, 0.0) / total), self.least[:, None])

    def only(self, which: NDArray[np.bool_]) -> Shares:
        """Return some of the guilds (G,), of which the shares are taken then."""
        at = np.flatnonzero(which)
        names, labels = tuple(self.guilds[k] for k in at), tuple(self.labels[k] for k in at)
        states = tuple(self.states[k] for k in at)
        whole = np.log(np.exp(self.log[which]).sum())
        numbers = (self.log - whole, self.variance, self.bias, self.once, self.least - whole)
        return Shares(self.table, names, labels, states, *(each[which] for each in numbers))

    def method(self, shown: Array) -> tuple[Array, Array]:
        """Return what the method seems to add to log shares of people who show (G, P), and its variance (G,).

        What a person does not explain is shared between method and chance by their variances.
        """
        share = self.bias / self.variance
        left = self.log[:, None] - shown
        left = left - (left / self.variance[:, None]).sum(axis=0) / (1.0 / self.variance).sum()
        return share[:, None] * left, self.bias * (1.0 - share)


@dataclass(frozen=True)
class Reading:
    """A quantity that was measured: ``value`` and ``sd`` in its unit, or of its log when ``log``."""

    readout: str
    quantity: str
    label: str
    unit: str
    value: float
    sd: float
    log: bool = False

    def shown(self, model: Model, found: AtRest) -> Array:
        """Return what people (P,) would show, as a log when ``log``."""
        values = read(model, found, self.quantity)
        return np.log(np.maximum(values, 1e-12)) if self.log else values


@dataclass(frozen=True)
class Observation:
    """All that is known of a person from outside."""

    shares: tuple[Shares, ...] = ()
    readings: tuple[Reading, ...] = ()
    notes: tuple[str, ...] = field(default=())

    @property
    def size(self) -> int:
        """How many independent numbers there are."""
        return sum(len(each.guilds) - 1 for each in self.shares) + len(self.readings)

    @property
    def values(self) -> Array:
        """What was seen (M,): ratio coordinates, then readings."""
        parts = [each.basis.T @ each.log for each in self.shares]
        return np.concatenate([*parts, [each.value for each in self.readings]])

    @property
    def covariance(self) -> Array:
        """Errors (M, M) of what was seen."""
        from scipy.linalg import block_diag

        parts = [each.basis.T @ np.diag(each.variance) @ each.basis for each in self.shares]
        parts += [np.array([[each.sd**2]]) for each in self.readings]
        return block_diag(*parts)

    def shown(self, model: Model, found: AtRest) -> Array:
        """Return what people at rest would show (M, P)."""
        parts = [each.basis.T @ each.shown(model, found.states) for each in self.shares]
        return np.vstack([*parts, *(each.shown(model, found)[None] for each in self.readings)])

    def showable(self, model: Model, found: AtRest) -> Observation:
        """Return what anybody of a population at rest could show; a note says which guilds are left out.

        A guild that nobody carries is no evidence between people, and would make everybody misfit alike.
        """
        kept, notes = [], list(self.notes)
        for each in self.shares:
            carried = (each.shown(model, found.states) > each.least[:, None] + NOTHING).any(axis=1)
            lost = [k for k in np.flatnonzero(~carried) if each.log[k] > each.least[k] + NOTHING]
            notes += [
                f"{each.labels[k]} ({each.table}) cannot be told of: nobody of the population carries them; "
                f"{100 * np.exp(each.log[k]):.2g} % of what was seen"
                for k in lost
            ]
            if carried.sum() > 1:
                kept.append(each if carried.all() else each.only(carried))
        return replace(self, shares=tuple(kept), notes=tuple(notes))

    def parts(self) -> list[tuple[str, Array]]:
        """Return (what it is about, row (M,) that picks it out of the coordinates), one a guild or reading.

        The row of a guild, times a difference of coordinates, is the difference of its log share from the
        mean of the guilds of its sample.
        """
        out, place = [], 0
        for each in self.shares:
            width = len(each.guilds) - 1
            for label, row in zip(each.labels, each.basis, strict=True):
                whole = np.zeros(self.size)
                whole[place : place + width] = row
                out.append((f"{label} ({each.table})", whole))
            place += width
        for number, reading in enumerate(self.readings):
            whole = np.zeros(self.size)
            whole[place + number] = 1.0
            out.append((reading.label, whole))
        return out


def helmert(count: int) -> Array:
    """Return an orthonormal basis (count, count - 1) of what sums to zero."""
    out = np.zeros((count, count - 1))
    for k in range(1, count):
        out[:k, k - 1], out[k, k - 1] = 1.0, -k
        out[:, k - 1] /= np.sqrt(k * (k + 1.0))
    return out


def pooled(
    table: str,
    guilds: Sequence[str],
    labels: Sequence[str],
    states: Sequence[tuple[str, ...]],
    samples: Sequence[Counted],
    *,
    day: Mapping[str, float],
    bias: Mapping[str, float],
) -> Shares:
    """Return what samples of one place say together.

    Parameters
    ----------
    table, guilds, labels, states
        The guild table, and its guilds (G) that every sample could show.
    samples
        At least one. Samples of one day, or of days not told, share the noise of the day.
    day, bias
        Geometric standard deviations [1] of a share between days of one person, and of the method; the
        method's is common to all samples.

    Raises
    ------
    InputError
        E584 without samples, or when one shows none of the guilds.
    """
    from scipy.special import digamma, polygamma

    seen = np.array([each.counts for each in samples], float).reshape(len(samples), len(guilds))
    if not samples or not (seen.sum(axis=1) > 0).all():
        raise InputError("E584", f"a sample shows nothing of the {table}", remedy="leave that sample out")
    counts = seen + HALF
    total = digamma(counts.sum(axis=1, keepdims=True))
    logs, least = digamma(counts) - total, digamma(HALF) - total[:, 0]
    once, own = np.log([day[g] for g in guilds]) ** 2, np.log([bias[g] for g in guilds]) ** 2
    together = np.equal.outer(*[[str(each.day) for each in samples]] * 2)
    error = once[:, None, None] * together + polygamma(1, counts).T[:, :, None] * np.eye(len(samples))
    weight, variance, common = _aligned(logs, np.linalg.inv(error))
    log, lowest = (weight * (logs - common[:, None])).sum(axis=0), weight.T @ (least - common)
    whole = np.log(np.exp(log).sum())
    return Shares(
        table, tuple(guilds), tuple(labels), tuple(states), log - whole, variance + own, own, once,
        lowest - whole,
    )  # fmt: skip


def _aligned(logs: Array, precision: Array) -> tuple[Array, Array, Array]:
    """Return the weights (S, G) of samples for every guild, variances (G,) and each sample's factor (S,).

    Least squares of logs (S, G), with precisions (G, S, S), as a guild's own plus a factor that all guilds of
    a sample have in common: what one guild does in a sample moves the shares of all others.
    """
    row = precision.sum(axis=2)
    whole = row.sum(axis=1)
    between = precision - row[:, :, None] * row[:, None, :] / whole[:, None, None]
    apart = np.einsum("gst,tg->s", between, logs)
    common = np.linalg.pinv(between.sum(axis=0), rcond=1e-9, hermitian=True) @ apart
    return (row / whole[:, None]).T, 1.0 / whole, common
