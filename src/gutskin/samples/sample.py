"""Sample: which taxa were found at one site of one person, and how much of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from gutskin.errors import InputError
from gutskin.samples.raw import repeated

KINDS = ("counts", "percent")
PERCENT_LOW, PERCENT_HIGH = 80.0, 101.0  # [percent] what a column of percentages may sum to
FRACTION_LOW, FRACTION_HIGH = 0.98, 1.02  # [1] what a column of fractions may sum to


@dataclass(frozen=True, eq=False)
class Sample:
    """Taxa and their abundance at one site of one person.

    Parameters
    ----------
    site
        Canonical site name from ``library/taxa/sites.toml``.
    person
        Who it was taken from.
    name
        Name of the sample in its table.
    taxa
        Cleaned lineages, each once (see :mod:`gutskin.samples.names`).
    abundance
        Reads [1] or percent [percent], shape ``(taxa,)``; made read-only.
    kind
        ``"counts"`` or ``"percent"``.
    depth
        Reads in all [1], none when percentages were given.
    source
        File and reader it came from.
    extras
        What else the table told: visit, region, a note on how numbers were read.

    Raises
    ------
    InputError
        E312 negative, E313 not finite, E314 a taxon twice, E315 percentages with a wrong sum, E316 empty,
        E319 shapes or kind that do not fit.
    """

    site: str
    person: str
    name: str
    taxa: tuple[str, ...]
    abundance: NDArray[np.float64]
    kind: str
    depth: int | None = None
    source: str = ""
    extras: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        values = np.array(self.abundance, dtype=float)
        where = f"sample {self.name!r}"
        if self.kind not in KINDS or values.shape != (len(self.taxa),):
            raise InputError(
                "E319",
                f"{len(self.taxa)} taxa with {values.size} numbers of kind {self.kind!r}",
                where=where,
                remedy="give one number per taxon, as counts or percent",
            )
        _refuse_bad_values(self.taxa, values, where)
        twice = repeated(self.taxa)
        if twice:
            raise InputError(
                "E314", f"{twice!r} stands twice", where=where, remedy="add the rows of a taxon up"
            )
        total = float(values.sum())
        if self.kind == "percent" and not PERCENT_LOW <= total <= PERCENT_HIGH:
            raise InputError(
                "E315",
                f"the sum is {total:.4g}: neither percentages (80 to 101) nor fractions (0.98 to 1.02)",
                where=where,
                remedy="give counts as whole numbers, or percentages of the whole sample at one rank only",
            )
        values.flags.writeable = False
        object.__setattr__(self, "abundance", values)

    @property
    def total(self) -> float:
        """What shares are taken of: all reads [1], or 100 [percent] when less than that is listed."""
        listed = float(self.abundance.sum())
        return listed if self.kind == "counts" else max(listed, 100.0)


@dataclass(frozen=True)
class Scale:
    """What the numbers of a table are: kind, factor to reads or percent, and what to tell the user."""

    kind: str
    factor: float
    said: str


def judge_kind(values: NDArray[np.float64], *, counted: bool = False) -> Scale:
    """Decide what the numbers of one table are.

    Parameters
    ----------
    values
        Non-negative numbers, shape ``(taxa, samples)``.
    counted
        Whether whole numbers are certainly counts.

    Returns
    -------
    Scale
        A table of whole numbers with a column above 101, or of a format that counts, is counts; columns that
        sum to about one are fractions; everything else is taken as percent, and :class:`Sample` refuses a
        wrong sum.
    """
    sums = values.sum(axis=0)
    some = sums[sums > 0]
    high = counted or bool((some > PERCENT_HIGH).any())
    if some.size and high and np.array_equal(values, np.round(values)):
        return Scale("counts", 1.0, "whole numbers, read as counts")
    if some.size and ((some >= FRACTION_LOW) & (some <= FRACTION_HIGH)).all():
        return Scale("percent", 100.0, "columns sum to one, read as fractions")
    return Scale("percent", 1.0, "read as percentages")


def _refuse_bad_values(taxa: tuple[str, ...], values: NDArray[np.float64], where: str) -> None:
    if not np.isfinite(values).all():
        first = taxa[int(np.flatnonzero(~np.isfinite(values))[0])]
        raise InputError("E313", f"{first!r} is not a finite number", where=where, remedy="write 0")
    if (values < 0).any():
        first = taxa[int(np.flatnonzero(values < 0)[0])]
        raise InputError("E312", f"{first!r} is negative", where=where, remedy="give counts or percentages")
    if not values.sum() > 0:
        raise InputError("E316", "the sample holds nothing", where=where, remedy="leave the sample out")
