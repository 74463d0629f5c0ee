"""What a case holds: who, which arms they live through, and what a study found.

The form of the files is in ``docs/evidence.md``; :mod:`gutskin.evidence.read` reads them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gutskin.evidence.expression import Expression
from gutskin.evidence.moment import Moment
from gutskin.scenario import Course

ROLES = ("fit", "check", "control")
ABOUT = ("gut", "skin", "axis", "person")
COMPARED = (
    "difference", "ratio", "percent", "log10_ratio", "log2_ratio", "standardised", "odds_ratio", "risk_ratio",
)  # fmt: skip
ANALYSES = ("completers", "last observation")
START = "start"  # as the other arm: the arm's own start


@dataclass(frozen=True)
class Crew:
    """People of an arm: ``count`` 1 is exactly ``like``; more are drawn from the spreads of the ledger.

    ``site`` is where they are looked at, the person's own when empty.
    """

    like: str = "healthy_adult"
    count: int = 1
    seed: int = 1
    overrides: Mapping[str, tuple[float, str]] = field(default_factory=dict)
    folder: Path = Path()  # where a path in ``like`` or ``site`` begins
    site: str = ""


@dataclass(frozen=True)
class Arm:
    """``days`` of life of a crew under ``courses``, from everyday life or ``after`` another arm.

    ``adherence`` is the share of doses taken [1], ``dropout`` the share of people lost by the end [1],
    ``every`` the interval of outputs [h]. Who does not fulfil ``enrol`` at the end of the arm before is not
    in it.
    """

    name: str
    days: float
    crew: Crew
    courses: tuple[Course, ...] = ()
    after: str = ""
    adherence: float = 1.0
    dropout: float = 0.0
    analysis: str = ANALYSES[0]
    every: float = 4.0
    enrol: Expression | None = None


@dataclass(frozen=True)
class Expectation:
    """What a study found: ``readout`` of ``arm`` at a moment, maybe against ``versus``, and the range.

    ``how`` is one of :data:`COMPARED` or empty; ``low`` and ``high`` [unit] may be infinite, ``value`` None.
    """

    readout: Expression
    arm: str
    moment: Moment
    unit: str
    low: float
    high: float
    why: str
    versus: str = ""
    how: str = ""
    statistic: str = "mean"
    other: Expression | None = None
    value: float | None = None


@dataclass(frozen=True)
class Curve:
    """A published course: ``hours`` from the arm's start, ``values`` [unit], and how far off is allowed."""

    readout: Expression
    arm: str
    unit: str
    hours: tuple[float, ...]
    values: tuple[float, ...]
    measure: str
    low: float
    high: float
    why: str


@dataclass(frozen=True)
class Noise:
    """Error of measurement of a quantity: relative ``cv`` [1], or ``sd`` in ``unit``."""

    cv: float = 0.0
    sd: float = 0.0
    unit: str = "1"


@dataclass(frozen=True)
class Case:
    """One folder of a study."""

    study: str
    title: str
    source: str
    about: str
    role: str
    arms: Mapping[str, Arm]
    expectations: tuple[Expectation, ...]
    curves: tuple[Curve, ...]
    noise: Mapping[str, Noise]
    path: Path
    note: str = ""

    def chain(self, arm: str) -> list[Arm]:
        """Return the arms that lead to an arm, itself last."""
        found = [self.arms[arm]]
        while found[0].after:
            found.insert(0, self.arms[found[0].after])
        return found
