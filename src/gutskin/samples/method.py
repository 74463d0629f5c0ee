"""How a sample was sequenced: 16S or shotgun, and which region, from what is told and from the format."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gutskin.samples.bias import AMPLICON, SHOTGUN, Regions
from gutskin.samples.sample import Sample

_READER = re.compile(r"\((\w+)[^()]*\)$")  # readers write their name at the end of a sample's source
_SPAN = re.compile(r"v\s*(\d)(?:\s*(?:-|_|to)?\s*v?\s*(\d))?(?!\d)", re.IGNORECASE)


@dataclass(frozen=True)
class Method:
    """How a sample was sequenced.

    ``name`` is ``"16S"`` or ``"shotgun"``; ``region`` a region of the 16S gene such as ``"V3-V5"``, empty
    when not told; ``said`` where this is from.
    """

    name: str
    region: str
    said: str


def judge_method(sample: Sample, region: str | None, regions: Regions) -> Method:
    """Decide how a sample was sequenced.

    What the caller says goes first, then what the metadata tells of region and method, then the format: some
    are written for shotgun reads only. What remains is taken as 16S.

    Parameters
    ----------
    sample
        The sample; ``extras`` may hold ``region`` and ``method``.
    region
        Region or method as the caller knows it; none when not known.
    regions
        Words and spellings of the library.
    """
    told = [text for text in (region, sample.extras.get("region"), sample.extras.get("method")) if text]
    span = next((found for text in told if (found := find_region(text, regions))), "")
    for text in told:
        name = next((name for name in (SHOTGUN, AMPLICON) if regions.says(text, name)), "")
        if name:
            return Method(name, span if name == AMPLICON else "", f"told: {text}")
    reader = _READER.search(sample.source)
    if reader and regions.reads(reader.group(1), SHOTGUN):
        return Method(SHOTGUN, "", f"by the format ({reader.group(1)})")
    return Method(AMPLICON, span, "not told, taken as 16S")


def find_region(text: str, regions: Regions) -> str:
    """Return the region of the 16S gene that a text names, such as ``"V3-V5"``; empty when it names none."""
    plain = re.sub(r"[\s_/]+", "-", text.lower())
    for name, spellings in regions.spellings.items():
        if any(re.sub(r"[\s_/]+", "-", each.lower()) in plain for each in spellings):
            return name
    span = _SPAN.search(text)
    if span is None:
        return ""
    first, last = span.group(1), span.group(2) or span.group(1)
    return f"V{first}" if first == last else f"V{first}-V{last}"
