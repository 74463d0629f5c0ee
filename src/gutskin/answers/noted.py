"""What a page says of how samples were read."""

from __future__ import annotations

from gutskin.report import SampleNote, UnmappedTaxon
from gutskin.samples import Mapping, Sample
from gutskin.samples.names import clean
from gutskin.samples.sites import load_sites
from gutskin.subject import Seen, Subject

UNMAPPED_LISTED = 5
OTHER_PLACE = "read, but not used: the skin is looked at in another place"


def note(mapping: Mapping, *, unused: str = "") -> SampleNote:
    """Return what is said of a mapped sample; ``unused`` says why it is not used, when it is not."""
    kept = 1.0 - mapping.removed - mapping.contaminated
    mapped = mapping.mapped * kept
    taxa = tuple(
        UnmappedTaxon(clean(each.taxon).label, each.share, each.hint or None)
        for each in mapping.unmapped[:UNMAPPED_LISTED]
    )
    warnings = tuple(flag.text for flag in mapping.flags) + ((unused,) if unused else ())
    label = load_sites().require(mapping.sample.site).label
    return SampleNote(label, mapped, 1.0 - kept, max(kept - mapped, 0.0), taxa, warnings)


def refused(sample: Sample, said: str) -> SampleNote:
    """Return what is said of a sample that was refused."""
    label = load_sites().require(sample.site).label
    return SampleNote(label, 0.0, 0.0, 1.0, (), (f"not used: {said}",))


def sample_notes(person: Subject, told: Seen) -> tuple[SampleNote, ...]:
    """Return what is said of all samples of a person, those that count first."""
    used = [note(each) for each in told.used]
    idle = [each for each in person.mappings if not any(each is one for one in told.used)]
    others = [note(each, unused=OTHER_PLACE) for each in idle]
    return (*used, *others, *(refused(sample, error.message) for sample, error in person.refused))
