"""What a page says of samples: shares that sum to one, why one does not count, the largest unknown taxa."""

from __future__ import annotations

import numpy as np
import pytest

from gutskin.answers.noted import OTHER_PLACE, UNMAPPED_LISTED, note, sample_notes
from gutskin.model import load
from gutskin.samples import Sample, map_sample
from gutskin.subject import Subject, seen, subjects


def sample(site: str, **taxa: int) -> Sample:
    counts = np.array(list(taxa.values()), float)
    names = tuple(f"g__{name}" for name in taxa)
    return Sample(site, "ada", f"ada.{site}", names, counts, "counts", int(counts.sum()))


STOOL = sample(
    "stool", Bacteroides=500, Faecalibacterium=300, Chloroplast=100, Nobodyknows=60, Strange=20, Odd=8,
    Queer=6, Rum=4, Fishy=2,
)  # fmt: skip


def person(*samples: Sample) -> Subject:
    (made,) = subjects(samples)
    return made


def test_what_was_mapped_taken_out_and_unknown_is_all_of_the_sample() -> None:
    said = note(map_sample(STOOL))
    assert said.site == "Stool"
    assert said.mapped == pytest.approx(0.8)
    assert said.mapped + said.removed + said.unmapped == pytest.approx(1.0)
    assert said.removed == pytest.approx(0.1)


def test_the_largest_unknown_taxa_are_named() -> None:
    said = note(map_sample(STOOL))
    assert len(said.unmapped_taxa) == UNMAPPED_LISTED
    assert said.unmapped_taxa[0].name == "Nobodyknows"
    shares = [each.share for each in said.unmapped_taxa]
    assert shares == sorted(shares, reverse=True)


def test_samples_that_count_come_first_then_those_of_other_places_then_the_refused() -> None:
    sites = ("skin:face", "skin:hand")
    face, hand = (sample(site, Cutibacterium=500, Staphylococcus=500) for site in sites)
    bad = sample("skin:cheek", Nobodyknows=500)
    made = person(bad, hand, STOOL, face)
    notes = sample_notes(made, seen(made, load()))
    assert [each.site for each in notes] == ["Stool", "Face", "Palm or hand", "Cheek"]
    assert OTHER_PLACE not in notes[1].warnings
    assert OTHER_PLACE in notes[2].warnings
    assert notes[3].mapped == 0.0
    assert notes[3].unmapped == 1.0
    assert notes[3].warnings[0].startswith("not used: ")
