"""Plain rows that say how much of a sample was understood, for the command line and reports."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from gutskin.samples.mapping import Mapping
from gutskin.samples.measured import Measured
from gutskin.samples.names import clean
from gutskin.samples.sites import load_sites
from gutskin.samples.taxa import load_taxa


@dataclass(frozen=True)
class CoverageRow:
    """One line: what group it belongs to, what it is, a value ready to print, a remark."""

    group: str
    what: str
    value: str
    remark: str = ""


def coverage_rows(mapping: Mapping, *, unmapped: int = 5) -> tuple[CoverageRow, ...]:
    """Describe a mapping in rows.

    Parameters
    ----------
    mapping
        A mapped sample.
    unmapped
        How many of the largest unmapped taxa to list.

    Returns
    -------
    tuple of CoverageRow
        Groups ``"sample"``, ``"guild"``, ``"unmapped"`` and ``"warning"``, in this order.
    """
    sample, guilds = mapping.sample, load_taxa().guilds
    depth = f"{sample.depth:,} reads" if sample.depth is not None else "percentages"
    method, told = mapping.method, sample.extras.get("date", "")
    rows = [
        CoverageRow("sample", "person", sample.person, sample.name),
        CoverageRow("sample", "site", load_sites().require(sample.site).label, sample.site),
        CoverageRow("sample", "numbers", depth, sample.extras.get("numbers", "")),
        CoverageRow("sample", "mapped", percent(mapping.mapped), "of what was not removed"),
        CoverageRow("sample", "removed", percent(mapping.removed), "plastids, mitochondria, host"),
        CoverageRow("sample", "method", f"{method.name} {method.region}".strip(), method.said),
        CoverageRow("sample", "16S copies", *_copies(mapping)),
    ]
    if told:
        rows.insert(1, CoverageRow("sample", "date", told))
    if mapping.contaminated > 0:
        taken = percent(mapping.contaminated)
        rows.append(CoverageRow("sample", "contaminants", taken, "taken out: negative controls hold more"))
    if mapping.unlisted > 0.005:
        lost = percent(mapping.unlisted)
        rows.append(CoverageRow("sample", "not listed", lost, "the percentages sum to less than 100"))
    for name, share in sorted(mapping.shares.items(), key=lambda item: (-item[1], item[0])):
        rows.append(CoverageRow("guild", guilds[name].label, percent(share), _guild(name, mapping)))
    for name in mapping.unseen:
        rows.append(CoverageRow("guild", guilds[name].label, "not seen", "its absence says nothing"))
    for each in mapping.unmapped[:unmapped]:
        hint = f"did you mean {each.hint}?" if each.hint else each.reason
        rows.append(CoverageRow("unmapped", clean(each.taxon).label, percent(each.share), hint))
    rows += [CoverageRow("warning", flag.name, "", flag.text) for flag in mapping.flags]
    return tuple(rows)


def site_rows(mappings: Sequence[Mapping]) -> tuple[CoverageRow, ...]:
    """Describe how much of the samples of every site was understood, in rows of group ``"site"``.

    The value is the mapped share of all reads of the site that were not taken out; of samples given as
    percentages, the mean. The remark tells the mean over samples, and how many are refused.
    """
    sites: dict[str, list[Mapping]] = {}
    for each in mappings:
        sites.setdefault(each.sample.site, []).append(each)
    limit, rows = load_taxa().rules.refuse_below, []
    for site, found in sorted(sites.items()):
        depths = [each.sample.depth for each in found]
        kept = [1.0 - each.removed - each.contaminated for each in found]
        weights = [k * (d or 0) for k, d in zip(kept, depths, strict=True)] if None not in depths else kept
        share = math.fsum(w * m.mapped for w, m in zip(weights, found, strict=True)) / math.fsum(weights)
        mean = math.fsum(each.mapped for each in found) / len(found)
        refused = sum(each.mapped < limit for each in found)
        what = "samples, which are percentages" if None in depths else "reads"
        said = f"of {what}; mean of {len(found)} samples {percent(mean)}, {refused} refused"
        rows.append(CoverageRow("site", load_sites().require(site).label, percent(share), said))
    return tuple(rows)


def measured_rows(measured: Sequence[Measured]) -> tuple[CoverageRow, ...]:
    """Describe readings in rows of group ``"measured"``."""
    return tuple(
        CoverageRow("measured", each.quantity, _amount(each.value, each.unit), _error(each))
        for each in measured
    )


def _error(measured: Measured) -> str:
    error = measured.error
    size = f"a factor of {error.size:.3g}" if error.kind == "gsd" else _amount(error.size, measured.unit)
    source = "assumed" if error.source == "none" else error.source
    return f"one reading errs by {size} ({source})" + (f", {measured.site}" if measured.site else "")


def _amount(value: float, unit: str) -> str:
    return f"{value:.4g}" if unit == "1" else f"{value:.4g} {unit}"


def _copies(mapping: Mapping) -> tuple[str, str]:
    if mapping.copies is None:
        return "as they are", "shares of cells are those of reads"
    return "corrected", f"{mapping.copies:.2g} copies in a mapped cell"


def _guild(name: str, mapping: Mapping) -> str:
    """Return name, share of cells, and the factor that one standard deviation of bias is."""
    skew = {"down": ", too few", "up": ", too many"}.get(mapping.bias.directions.get(name, ""), "")
    return (
        f"{name}; cells {percent(mapping.cells[name])}, off by a factor of {mapping.bias.gsd[name]:.2g}{skew}"
    )


def percent(share: float) -> str:
    """Print a share [1] as a percentage; small ones as "under 0.1 %", so that nothing found reads as 0."""
    if share <= 0:
        return "0 %"
    return f"{100 * share:.1f} %" if share >= 0.0005 else "under 0.1 %"
