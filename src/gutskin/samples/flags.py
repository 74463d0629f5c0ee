"""Warnings about a mapped sample: what is missing, what was taken out, how little there was."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gutskin.errors import InputError
from gutskin.samples.bias import AMPLICON
from gutskin.samples.controls import Contaminant
from gutskin.samples.measured import Measured
from gutskin.samples.method import Method
from gutskin.samples.names import clean
from gutskin.samples.routing import Route
from gutskin.samples.sample import Sample
from gutskin.samples.taxa import Rules, Signature, Taxa
from gutskin.units import convert

_NAMED = 3  # taxa named in a warning


@dataclass(frozen=True)
class Flag:
    """A warning about a sample: a stable name and a sentence."""

    name: str
    text: str


def amount_flags(sample: Sample, mapped: float, removed: float, rules: Rules) -> list[Flag]:
    """Warn when little is mapped, much is removed, or few reads are left; shares in [1]."""
    flags = []
    if mapped < rules.warn_below:
        flags.append(Flag("little_mapped", f"only {mapped:.0%} of the sample belongs to known guilds"))
    if removed > rules.removed_above:
        flags.append(Flag("much_removed", f"{removed:.0%} of the sample is plastids, mitochondria or host"))
    left = sample.depth * (1.0 - removed) if sample.depth is not None else math.inf
    if left < rules.low_depth:
        flags.append(Flag("low_depth", f"only {left:.0f} reads; rare guilds are uncertain"))
    return flags


def load_flags(load: Measured | None, table: str, rules: Rules) -> list[Flag]:
    """Warn when so little was there that reagents may make up much of the reads."""
    if load is None:
        return []
    least, unit = rules.low_load[table]
    try:
        value = convert(load.value, load.unit, unit)
    except InputError:
        return [Flag("load_unit", f"a load in {load.unit} cannot be compared with {least:g} {unit}")]
    if value >= least:
        return []
    text = f"only {value:.2g} {unit}: below {least:.0e} reagents may make up much of the reads"
    return [Flag("low_load", text)]


def presumed(weights: Mapping[str, float], table: str, method: Method, taxa: Taxa) -> Signature | None:
    """Return the trace of a primer that misses a guild; none when another region or shotgun was told."""
    for each in taxa.signatures:
        fits = not method.region or each.region.lower() in method.region.lower()
        if (
            method.name == AMPLICON
            and each.site == table
            and fits
            and weights.get(each.guild, 0.0) < each.below
        ):
            return each
    return None


def primer_flags(found: Signature | None, weights: Mapping[str, float], method: Method) -> list[Flag]:
    """Warn of a guild that is missing as primers of a region are known to miss it."""
    if found is None:
        return []
    known = f"region {method.region}" if method.region else "no region was told"
    share = weights.get(found.guild, 0.0)
    return [Flag("primer", f"{found.text} ({share:.1%} of the reads; {known})")]


def contaminant_flags(routes: Sequence[Route], rules: Rules) -> list[Flag]:
    """Warn when genera known from reagents add up."""
    dirt = [each for each in routes if each.flagged]
    share = math.fsum(each.share for each in dirt)
    if share <= rules.contaminants_above:
        return []
    names = ", ".join(clean(each.taxon).label for each in dirt[:_NAMED])
    return [Flag("contaminants", f"{share:.1%} are genera known from reagents ({names})")]


def control_flags(found: Mapping[str, Contaminant]) -> list[Flag]:
    """Say what was taken out because negative controls hold more of it."""
    if not found:
        return []
    largest = sorted(found.values(), key=lambda each: (-each.sample, each.taxon))
    names = ", ".join(
        f"{clean(each.taxon).label} {each.sample:.1%} (controls {each.controls:.1%})"
        for each in largest[:_NAMED]
    )
    more = f" and {len(largest) - _NAMED} more" if len(largest) > _NAMED else ""
    share = math.fsum(each.sample for each in largest)
    return [
        Flag("controls", f"{share:.1%} of the reads taken out, as controls hold more of it: {names}{more}")
    ]
