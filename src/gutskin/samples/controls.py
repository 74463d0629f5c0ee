"""Negative controls: what reagents bring, and which taxa of a sample are no more than that."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gutskin.errors import InputError
from gutskin.samples.read import read_samples
from gutskin.samples.sample import Sample
from gutskin.samples.sites import CONTROL
from gutskin.samples.taxa import Rules


@dataclass(frozen=True)
class Contaminant:
    """A taxon that is taken out: its mean share in the controls, and in the sample [1]."""

    taxon: str
    controls: float
    sample: float


def read_controls(path: str | Path, **how: Any) -> tuple[Sample, ...]:
    """Read the negative controls of a table; none when it holds none.

    Parameters
    ----------
    path
        The table of the samples.
    how
        What :func:`~gutskin.samples.read_samples` is told of it, such as ``metadata``; not site or person.
    """
    try:
        return read_samples(path, site=CONTROL, **how)
    except InputError as error:
        if error.code == "E326":
            return ()
        raise


def contaminants(sample: Sample, controls: Sequence[Sample], rules: Rules) -> dict[str, Contaminant]:
    """Return the taxa of a sample that negative controls explain, by taxon.

    A taxon is one when it is in enough of the controls and its mean share in them is larger than that in the
    sample: what is truly there stands out more in the sample than in a blank (davis_2018 has the statistics
    for many samples; this is the rule for one).
    """
    if not controls:
        return {}
    shares: dict[str, list[float]] = defaultdict(list)
    for control in controls:
        for taxon, value in zip(control.taxa, control.abundance, strict=True):
            if value > 0:
                shares[taxon].append(float(value) / control.total)
    found = {}
    for taxon, value in zip(sample.taxa, sample.abundance, strict=True):
        here = float(value) / sample.total
        mean = math.fsum(shares.get(taxon, ())) / len(controls)
        often = len(shares.get(taxon, ())) >= rules.control_prevalence * len(controls)
        if here > 0 and often and mean > rules.control_ratio * here:
            found[taxon] = Contaminant(taxon, mean, here)
    return found
