"""The whole of what is said of samples, site by site."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pytest

from gutskin.ecology import METRICS, Asked, Dysbiosis, Refusal, study
from gutskin.ecology.people import table_of
from gutskin.errors import InputError
from gutskin.samples import read_samples

_TOYS = runpy.run_path(str(Path(__file__).with_name("ecology_toys.py")))
GENERA, sample = _TOYS["GENERA"], _TOYS["sample"]
OWN = read_samples(table_of("hmp_009"))


def people(count: int, site: str = "stool", tilt: float = 0.0) -> list:
    rng = np.random.default_rng(count)
    names = ("Bacteroides", "Prevotella", "Blautia", "Roseburia")
    shares = rng.dirichlet([3.0 + tilt, 3.0, 3.0, 3.0], size=count) * 4000
    return [
        sample(dict(zip(names, np.round(row) + 1, strict=True)), person=f"q{count}_{k}", site=site)
        for k, row in enumerate(shares)
    ]


def test_a_person_of_the_library_is_not_their_own_reference() -> None:
    for place in study(OWN, Asked()):
        assert "HMP009" not in {each.sample.person for each in place.others}
        assert len(place.others) == 5
        assert set(place.between) == set(METRICS)
        assert place.between["aitchison"].shape == (6, 6)
        near = {one.metric: one for one in place.near[0]}
        row = place.between["jaccard"][0, 1:]
        assert near["jaccard"].distance == row.min()
        assert near["jaccard"].person == place.others[int(row.argmin())].sample.person
        assert place.ordination is not None
        assert place.ordination.points.shape == (6, 2)


def test_ages_of_metadata_win_over_the_option() -> None:
    facts = {"HMP009.stool": {"age": "4", "age_unit": "months"}}
    found = {place.site: place.judged[0] for place in study(OWN, Asked(facts, age=30.0))}
    assert isinstance(found.pop("stool"), Refusal)
    assert all(isinstance(each, Dysbiosis) and "age" not in str(each.remarks) for each in found.values())


def test_groups_are_compared_at_each_site_that_can_be() -> None:
    given = [*people(8, tilt=60.0), *people(9), *people(2, "skin:foot")]
    facts = {each.name: {"diet": each.name[1]} for each in given}
    gut, foot = study(given, Asked(facts, "diet"))
    assert isinstance(gut.apart, dict)
    assert gut.apart["bray_curtis"].p < 0.01
    assert gut.apart["bray_curtis"].groups == {"8": 8, "9": 9}
    assert foot.apart == "1 group: nothing to compare"
    assert foot.near == ((), ())
    assert foot.ordination is None
    assert isinstance(foot.judged[0], Refusal)


def test_healthy_people_of_the_user_are_the_reference() -> None:
    (place,) = study(people(3), Asked(healthy=people(25)))
    assert len(place.others) == 25
    assert isinstance(place.judged[0], Dysbiosis)
    assert place.judged[0].reference == "people of --healthy"
    with pytest.raises(InputError, match="E539 7 reference people"):
        study(people(3), Asked(healthy=people(7)))
    (place,) = study(people(3), Asked(healthy=people(25, "skin:foot")))
    assert isinstance(place.judged[0], Refusal)


def test_rarefying_deeper_than_any_sample_is_refused() -> None:
    with pytest.raises(InputError, match=r"E537 no sample has 90000 reads - at most 4\d\d\d"):
        study(people(3), Asked(rarefy=90000))
    with pytest.raises(InputError, match=r"E537 .*percentages tell no reads"):
        study(OWN, Asked(rarefy=10))
    (place,) = study(people(3), Asked(rarefy=500))
    assert {each.depth for each in place.alphas} == {500}
