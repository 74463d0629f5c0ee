"""Dysbiosis: usual people stand in the middle, strange ones at the end, and refusals say why."""

from __future__ import annotations

import runpy
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from gutskin.ecology import Dysbiosis, Refusal, compose, judge, read_references, read_scope, reference_of
from gutskin.ecology.people import people_at
from gutskin.samples import read_samples
from gutskin.samples.taxa import load_taxa

_TOYS = runpy.run_path(str(Path(__file__).with_name("ecology_toys.py")))
crowd, made, sample = (_TOYS[name] for name in ("crowd", "made", "sample"))
made = partial(made, region="V3-V5")
GUILDS = tuple(each.name for each in load_taxa().of_site("gut") if not each.unseen)
EVEN = dict.fromkeys(GUILDS, 1.0)
REFERENCE = reference_of(crowd(guilds=GUILDS), "40 toys")
USUAL = dict(zip(REFERENCE.genera, REFERENCE.mean, strict=True))


def judged(*args: object) -> Dysbiosis:
    found = judge(*args)  # type: ignore[arg-type]
    assert isinstance(found, Dysbiosis)
    return found


def test_the_mean_of_the_people_lies_inside() -> None:
    found = judged(made(USUAL, EVEN), REFERENCE, 30.0, read_scope())
    assert (found.outside, found.of, found.index) == (0, 5, 0.0)
    assert found.distance is not None
    assert found.distance_below is not None
    assert found.distance_below < 0.1
    assert found.remarks == ()


def test_what_is_strange_is_outside_and_drives_it() -> None:
    strange = {**USUAL, "Aaa": 30.0}
    found = judged(made(strange, {**EVEN, GUILDS[2]: 500.0}), REFERENCE, 30.0, read_scope())
    assert found.index_below == 1.0
    assert found.distance_below == 1.0
    assert any(each.name == "Aaa" and each.decades > 0 for each in found.genera)
    assert all(each.decades < 0 for each in found.genera if each.name != "Aaa")
    assert found.guilds[0].name == GUILDS[2]
    assert sum(each.part for each in found.guilds) == pytest.approx(1.0)


def test_genera_that_no_reference_person_has_count_for_nothing_but_are_told() -> None:
    found = judged(made({**USUAL, "Zzz": 0.2}, EVEN), REFERENCE, 30.0, read_scope())
    assert found.unknown == pytest.approx(0.2 / 1.2)
    assert found.outside == 0
    assert "other names" in found.remarks[0]


def test_children_are_refused_and_the_old_and_ageless_are_told() -> None:
    own, scope = made(USUAL, EVEN), read_scope()
    refused = judge(own, REFERENCE, 0.5, scope)
    assert isinstance(refused, Refusal)
    assert "adults of 18 to 40" in refused.reason
    assert "age not told" in judged(own, REFERENCE, None, scope).remarks[0]
    assert "older" in judged(own, REFERENCE, 71.0, scope).remarks[0]
    assert judged(own, REFERENCE, None, None).remarks == ()


@pytest.mark.parametrize(
    ("region", "said"), [("", "primers not told"), ("V4", "read by V4"), ("16S V3-V5", "")]
)
def test_another_method_is_told(region: str, said: str) -> None:
    found = judged(made(USUAL, EVEN, region=region), REFERENCE, 30.0, read_scope())
    assert [said] == [each.split(",")[0] for each in found.remarks] or not (said or found.remarks)


def test_a_site_without_reference_people_says_so() -> None:
    found = judge(made(USUAL, site="skin:foot"), None, 30.0, read_scope())
    assert found == Refusal("no reference people of skin:foot")


def test_too_little_mapped_leaves_out_the_distance_only() -> None:
    found = judged(made(USUAL, EVEN, mapped=0.3), REFERENCE, 30.0, read_scope())
    assert (found.distance, found.guilds, found.index) == (None, (), 0.0)
    assert "too little is mapped" in found.remarks[0]
    bare = replace(REFERENCE, centre=None, covariance=None, distances=None, guild_people=4)
    assert "only 4 reference people" in judged(made(USUAL, EVEN), bare, 30.0, read_scope()).remarks[0]


@pytest.mark.parametrize("site", ["stool", "skin:retroauricular_crease"])
def test_the_wrong_site_is_stranger_than_nearly_all_reference_people(site: str) -> None:
    """A shipped person's own site is usual; the other site under the same name is not."""
    other = "skin:retroauricular_crease" if site == "stool" else "stool"
    for own, there in zip(people_at(site), people_at(other), strict=True):
        wrong = compose(replace(there.sample, site=site))
        right = judged(own, read_references()[site], 30.0, read_scope())
        swapped = judged(wrong, read_references()[site], 30.0, read_scope())
        assert swapped.index_below > 0.95
        assert swapped.index > right.index
        assert right.index_below < 1.0


def test_second_visits_stand_where_reference_people_stand(shared: Path) -> None:
    """They are no part of the reference: their percentiles spread over the whole range, centred on a half."""
    file = shared / "hmp_gut_skin" / "hmp_v35_gut_skin_tri_all.biom"
    given = read_samples(file, metadata=file.with_suffix(".metadata.tsv"), site="stool")
    later = [compose(each) for each in given if each.extras["visit"] != "1"]
    found = [judged(each, read_references()["stool"], None, read_scope()) for each in later]
    assert np.mean([each.index_below for each in found]) == pytest.approx(0.5, abs=0.12)
    assert np.mean([each.distance_below for each in found]) == pytest.approx(0.5, abs=0.15)
