"""Plain rows that say how much of a sample was understood, for the command line and reports."""

from __future__ import annotations

from dataclasses import dataclass

from gutskin.samples.mapping import Mapping
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
    rows = [
        CoverageRow("sample", "person", sample.person, sample.name),
        CoverageRow("sample", "site", load_sites().require(sample.site).label, sample.site),
        CoverageRow("sample", "numbers", depth, sample.extras.get("numbers", "")),
        CoverageRow("sample", "mapped", percent(mapping.mapped), "of what was not removed"),
        CoverageRow("sample", "removed", percent(mapping.removed), "plastids, mitochondria, host"),
    ]
    if mapping.unlisted > 0.005:
        lost = percent(mapping.unlisted)
        rows.append(CoverageRow("sample", "not listed", lost, "the percentages sum to less than 100"))
    for name, share in sorted(mapping.shares.items(), key=lambda item: (-item[1], item[0])):
        rows.append(CoverageRow("guild", guilds[name].label, percent(share), name))
    for name in mapping.unseen:
        rows.append(CoverageRow("guild", guilds[name].label, "not seen", "this method cannot show it"))
    for each in mapping.unmapped[:unmapped]:
        hint = f"did you mean {each.hint}?" if each.hint else ""
        rows.append(CoverageRow("unmapped", clean(each.taxon).label, percent(each.share), hint))
    rows += [CoverageRow("warning", flag.name, "", flag.text) for flag in mapping.flags]
    return tuple(rows)


def percent(share: float) -> str:
    """Print a share [1] as a percentage; small ones as "under 0.1 %", so that nothing found reads as 0."""
    if share <= 0:
        return "0 %"
    return f"{100 * share:.1f} %" if share >= 0.0005 else "under 0.1 %"
