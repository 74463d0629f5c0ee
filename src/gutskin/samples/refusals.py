"""Errors for samples that cannot be mapped."""

from __future__ import annotations

from gutskin.errors import InputError
from gutskin.samples.names import clean
from gutskin.samples.routing import UNMAPPED, Route
from gutskin.samples.sample import Sample

_NAMED = 5  # unmapped taxa that are named


def nothing_left(sample: Sample, contaminated: float) -> InputError:
    """Return the error for a sample of which all was taken out; the share [1] that controls explain."""
    if contaminated > 0:
        what = "negative controls hold more of all that is in it"
        return InputError("E525", what, where=where(sample), remedy="sample again, with more material")
    what = "all of it is plastids, mitochondria or host"
    return InputError("E331", what, where=where(sample), remedy="sample again")


def too_little(
    mapped: float, needed: float, routes: tuple[Route, ...], sample: Sample, table: str
) -> InputError:
    """Return the error for a sample of which too little is mapped; shares in [1]."""
    lost = [each for each in routes if each.way == UNMAPPED][:_NAMED]
    names = ", ".join(
        f"{clean(each.taxon).label} {each.share:.0%}" + (f" (did you mean {each.hint}?)" if each.hint else "")
        for each in lost
    )
    return InputError(
        "E330",
        f"only {mapped:.0%} of the sample belongs to known guilds of {table}; {needed:.0%} is needed",
        where=where(sample),
        remedy=f"check the site and the names; largest unmapped: {names or 'none listed'}",
    )


def where(sample: Sample) -> str:
    """Return how errors name a sample."""
    return f"sample {sample.name!r}, {sample.site}"
