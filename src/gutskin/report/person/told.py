"""What a person's page is told: plain data, no types of twins or models.

Chances and shares are fractions [1]. NaN marks a figure that nobody has.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gutskin.errors import InputError
from gutskin.report.story import SampleNote, Treatment


@dataclass(frozen=True)
class Interval:
    """5, 50 and 95 % quantiles [unit of what they are of]."""

    low: float
    median: float
    high: float


@dataclass(frozen=True)
class Driver:
    """A guild or reading, and how far it moved a read-out [standard deviations of the population]."""

    what: str
    shift: float


@dataclass(frozen=True)
class Finding:
    """One read-out, in the ``population`` and in the ``person`` [unit].

    ``healthy`` is its healthy range [unit]; ``better`` is up, down, within or none; ``moved`` how far the
    median went [standard deviations of the population]; ``told`` how much narrower the interval became [1];
    ``outside`` and ``outside_population`` chances [1] of being outside the healthy range, NaN without one;
    ``verdict`` within, outside, indeterminate, or empty without a range.
    """

    readout: str
    label: str
    group: str
    unit: str
    core: bool
    better: str
    healthy: tuple[float, float] | None
    population: Interval
    person: Interval
    word: str
    moved: float
    told: float
    outside: float
    outside_population: float
    verdict: str
    drivers: tuple[Driver, ...] = ()


@dataclass(frozen=True)
class Fit:
    """What was ``seen`` with 90 % of its error, and what the twin and the population show.

    Shares [1] of a guild among those that the method shows when ``table`` says of which part of the body,
    else a reading [unit]. ``missed`` when the twin cannot show what was seen.
    """

    name: str
    label: str
    table: str
    unit: str
    seen: Interval
    shown: Interval
    population: Interval
    missed: bool


@dataclass(frozen=True)
class Kind:
    """A kind of people and its chance [1], before and after the samples."""

    label: str
    before: float
    now: float


@dataclass(frozen=True)
class Diagnosis:
    """What is known of hidden states.

    ``support`` effective people of the population that explain what was seen; ``rounds`` moves of the
    refinement, 0 when there were enough of them; ``members`` of the twin, and how many are ``effective``;
    ``strain`` mean square of the errors, about 1 when what was seen is explained; ``sure`` the chance [1]
    from which a verdict is given.
    """

    findings: tuple[Finding, ...]
    fits: tuple[Fit, ...]
    kinds: tuple[Kind, ...]
    support: float
    rounds: int
    members: int
    effective: float
    strain: float
    sure: float


@dataclass(frozen=True)
class Band:
    """A read-out at ``days`` [day]: ``values`` [unit], one interval a day."""

    readout: str
    label: str
    group: str
    unit: str
    healthy: tuple[float, float] | None
    days: tuple[float, ...]
    values: tuple[Interval, ...]


@dataclass(frozen=True)
class GuildBand:
    """Share [1] of a guild at ``days`` [day] in a sample by the same method, one interval a day."""

    name: str
    label: str
    table: str
    days: tuple[float, ...]
    values: tuple[Interval, ...]


@dataclass(frozen=True)
class Forecast:
    """The time to come: ``treatments`` are the plan, none without it; ``lost`` members failed."""

    title: str
    planned: bool
    days: float
    treatments: tuple[Treatment, ...]
    bands: tuple[Band, ...]
    guilds: tuple[GuildBand, ...]
    members: int
    lost: int


@dataclass(frozen=True)
class Side:
    """A read-out that a plan may worsen: with which ``chance`` [1], and the change [unit]."""

    readout: str
    label: str
    unit: str
    chance: float
    change: Interval


@dataclass(frozen=True)
class Plan:
    """One plan: ``change`` of the endpoint against doing nothing [its unit], and chances [1].

    ``beats_vehicle`` is NaN where nothing is its vehicle; ``tied`` when it cannot be told apart from the
    plan in front.
    """

    name: str
    title: str
    treatments: tuple[Treatment, ...]
    change: Interval
    helps: float
    harms: float
    beats_vehicle: float
    best: float
    tied: bool
    sides: tuple[Side, ...]
    lost: int


@dataclass(frozen=True)
class Measurement:
    """A reading that could be taken: share of the doubt it takes away [1], and ``cost`` class 1 to 4."""

    readout: str
    label: str
    narrows: float
    cost: int


@dataclass(frozen=True)
class Ranking:
    """Plans, the most promising first; ``worth`` is the change that is worth telling [unit]."""

    readout: str
    label: str
    unit: str
    better: str
    healthy: tuple[float, float] | None
    day: float
    worth: float
    usual: Interval
    plans: tuple[Plan, ...]
    next: tuple[Measurement, ...]
    told_apart: bool
    members: int


@dataclass(frozen=True)
class PersonReport:
    """All that a person's page says.

    Parameters
    ----------
    label, place
        Who, and which place of the body is looked at.
    notes
        What else the reader must know of the samples and of how they were read.
    samples
        How each sample was read.
    diagnosis, forecasts, ranking
        The answers; at most one forecast without and one with a plan. What was not asked is left out.
    caveats
        Limits of the model.
    stamp
        What a second run needs; see :func:`gutskin.answers.stamp.stamp`.

    Raises
    ------
    InputError
        E555 two forecasts both with, or both without a plan.
    """

    label: str
    place: str
    notes: tuple[str, ...] = ()
    samples: tuple[SampleNote, ...] = ()
    diagnosis: Diagnosis | None = None
    forecasts: tuple[Forecast, ...] = ()
    ranking: Ranking | None = None
    caveats: tuple[str, ...] = ()
    stamp: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        arms = [each.planned for each in self.forecasts]
        if len(set(arms)) < len(arms):
            remedy = "give at most one without and one with the plan"
            raise InputError("E555", f"{len(arms)} forecasts of the same kind", remedy=remedy)
