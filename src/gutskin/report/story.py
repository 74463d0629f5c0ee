"""What a report is told: plain data, no simulation types.

Shares and relative differences are fractions (0.12 is 12 %). NaN marks a figure that could not be computed;
it is shown as failed with its reason, never as zero. ``None`` marks a figure that nobody has.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from gutskin.errors import InputError

Array = NDArray[np.float64]
Judgement = Literal["better", "worse", "neutral"]


@dataclass(frozen=True)
class Subject:
    """The person: ``citation`` says where the samples were published, empty when nowhere."""

    id: str
    label: str
    about: str = ""
    citation: str = ""


@dataclass(frozen=True)
class UnmappedTaxon:
    """A taxon of the sample that no guild claims; ``share`` [1] of the reads, ``nearest`` known name."""

    name: str
    share: float
    nearest: str | None = None


@dataclass(frozen=True)
class SampleNote:
    """How one sample was read: shares [1] of its reads mapped to guilds, removed on purpose, unmapped."""

    site: str
    mapped: float
    removed: float
    unmapped: float
    unmapped_taxa: tuple[UnmappedTaxon, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Quantiles:
    """5, 50 and 95 % quantiles of a share [1] in a reference population."""

    low: float
    median: float
    high: float


@dataclass(frozen=True)
class GuildShare:
    """Shares [1] of one guild: seen in the sample, modelled at the start, and at the end of the plan."""

    label: str
    observed: float | None
    start: float | None
    without: float | None
    with_plan: float | None
    typical: Quantiles | None = None


@dataclass(frozen=True)
class Composition:
    """The guilds living at one site; ``reference`` names the population behind the typical ranges."""

    site: str
    guilds: tuple[GuildShare, ...]
    reference: str = ""


@dataclass(frozen=True)
class Treatment:
    """One thing done: ``kind`` is eat, take, apply, wash, inject or live; ``days`` [day] from and until.

    ``days`` is None for a treatment that lasts as long as the plan.
    """

    title: str
    kind: str
    dose: str = ""
    when: str = ""
    about: str = ""
    sources: tuple[str, ...] = ()
    days: tuple[float, float] | None = None


@dataclass(frozen=True)
class Plan:
    """What is done from ``start`` [day] until ``end`` [day]; the day of the samples is day 0."""

    label: str
    start: float
    end: float
    treatments: tuple[Treatment, ...] = ()


@dataclass(frozen=True, eq=False)
class Course:
    """One read-out in time, without and with the plan.

    Parameters
    ----------
    readout, label, group, unit
        Id, words, place on the page (``gut``, ``axis``, ``skin``) and unit of the values.
    t_days
        Times [day], increasing, shape (n,).
    without, with_plan
        Values [unit], shape (n,).
    low, high
        Band around ``with_plan`` [unit], shape (n,), or None.
    healthy_low, healthy_high
        Healthy range [unit]; either side may be None.
    end_word
        The library's word for the state at the end, for example "usual".
    reason
        Why values are NaN; empty when none is.
    band
        What the band is, for example "90 % of the virtual people that fit the samples".

    Raises
    ------
    InputError
        E701 when the arrays differ in length, E702 when times do not increase.
    """

    readout: str
    label: str
    group: str
    unit: str
    t_days: Array
    without: Array
    with_plan: Array
    low: Array | None = None
    high: Array | None = None
    healthy_low: float | None = None
    healthy_high: float | None = None
    end_word: str = ""
    reason: str = ""
    band: str = ""

    def __post_init__(self) -> None:
        arrays = [self.without, self.with_plan, self.low, self.high]
        if any(each is not None and each.shape != self.t_days.shape for each in arrays):
            raise InputError("E701", "the arrays of a course differ in length", where=self.readout)
        if self.t_days.size > 1 and not bool(np.all(np.diff(self.t_days) > 0)):
            raise InputError("E702", "the times of a course must increase", where=self.readout)
        if (self.low is None) != (self.high is None):
            raise InputError("E703", "a band needs both its low and its high side", where=self.readout)


@dataclass(frozen=True)
class Change:
    """One read-out before, and at the end of the plan, all in ``unit``.

    ``absolute`` [unit] and ``relative`` [1] compare ``after`` with ``end_without``, the same day left alone.
    ``words`` says the change in the library's words, for example "low, then usual". Only ``main`` read-outs
    may head the page.
    """

    readout: str
    label: str
    group: str
    unit: str
    before: float
    after: float
    end_without: float
    absolute: float
    relative: float
    judgement: Judgement
    words: str = ""
    reason: str = ""
    main: bool = True


@dataclass(frozen=True)
class Edge:
    """A route from one group to another.

    ``shares`` maps a read-out id to the share [1] of the plan's effect that disappears when the route is cut;
    a negative share means that the route works against the effect.
    """

    label: str
    from_: str
    to: str
    shares: Mapping[str, float]
    source: str = ""
    grade: str = ""


@dataclass(frozen=True)
class Stamp:
    """What a second run needs to give the same page."""

    versions: Mapping[str, str]
    model_hash: str
    ledger_hash: str
    seed: int
    solver: Mapping[str, str]


@dataclass(frozen=True)
class Story:
    """Everything one report says."""

    person: Subject
    samples: tuple[SampleNote, ...]
    compositions: tuple[Composition, ...]
    plan: Plan
    courses: tuple[Course, ...]
    changes: tuple[Change, ...]
    edges: tuple[Edge, ...]
    caveats: tuple[str, ...] = ()
    stamp: Stamp = field(default_factory=lambda: Stamp({}, "", "", 0, {}))
