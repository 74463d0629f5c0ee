"""The picture of an ordination: every sample is a point, one scale for both axes, labels do not overlap."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import numpy as np
import pytest

from gutskin.ecology import Asked, study
from gutskin.ecology.people import table_of
from gutskin.report import ordination
from gutskin.report.ordination import HEIGHT, MOST, TOP, WIDTH, colours, draw, marks
from gutskin.samples import read_samples

PLACES = study(read_samples(table_of("hmp_009")), Asked())
SVG = "{http://www.w3.org/2000/svg}"


def test_every_sample_and_person_is_a_point_inside_its_panel() -> None:
    for place in PLACES:
        dots = [each for each in marks(place) if each.kind == "circle"]
        assert len(dots) == 6
        assert [each.attributes["fill"] for each in dots].count("#fdfdfc") == 5
        assert all(0 < each.attributes["cx"] < WIDTH for each in dots)
        assert all(TOP < each.attributes["cy"] < HEIGHT for each in dots)


def test_both_axes_have_one_scale() -> None:
    place = PLACES[0]
    assert place.ordination is not None
    dots = [each.attributes for each in marks(place) if each.kind == "circle"]
    drawn = np.array([(each["cx"], each["cy"]) for each in dots])
    points = place.ordination.points
    there = np.linalg.norm(points[1:] - points[0], axis=1)
    here = np.linalg.norm(drawn[1:] - drawn[0], axis=1)
    assert here / there == pytest.approx(here[0] / there[0], rel=0.01)


def test_labels_name_samples_and_people_and_keep_apart() -> None:
    for place in PLACES:
        names = [each.text for each in marks(place) if each.kind == "text"]
        assert {"HMP009", "HMP122"} <= set(names)
        assert any(name.startswith("axis 1: ") for name in names)
    crowded = ordination._labels([(200.0, 100.0)] * 9, [f"sample {k}" for k in range(9)])
    assert len(crowded) <= 4
    assert ordination._labels([(200.0, 100.0)], [""]) == []
    (long,) = ordination._labels([(100.0, 100.0)], ["a" * 40])
    assert len(long.text) == ordination.LONGEST < MOST


def test_the_svg_is_well_formed_and_says_what_it_shows() -> None:
    root = ET.fromstring(draw(PLACES, "aitchison"))
    assert root.tag == f"{SVG}svg"
    assert len(root.findall(f".//{SVG}circle")) == 3 * 6 + 2
    words = "".join(root.itertext())
    assert "Aitchison" in words
    assert "Bend of the elbow" in words
    assert "reference person" in words


def test_groups_have_colours_of_their_own() -> None:
    found = colours(("a", "b", "c"))
    assert len(set(found.values())) == 3
    assert len(colours([str(k) for k in range(30)])) == 30


def test_a_place_with_nothing_to_draw_says_so() -> None:
    from dataclasses import replace

    bare = replace(PLACES[0], ordination=None)
    assert any("nothing to draw" in each.text for each in marks(bare))
