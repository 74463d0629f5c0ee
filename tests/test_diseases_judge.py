"""Samples of a table against the signatures of the library."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from gutskin.diseases import Refusal, Score, read_diseases
from gutskin.diseases.judge import judge
from gutskin.errors import InputError
from gutskin.paths import LIBRARY
from gutskin.samples import Sample, read_samples

PEOPLE = sorted((LIBRARY / "people").glob("hmp_*.tsv"))


def own(stool: str = "stool") -> Sequence[Sample]:
    return read_samples(PEOPLE[0], site=stool)


def test_every_signature_of_a_site_gets_a_score_or_a_reason() -> None:
    (found,) = judge(own(), draws=20)
    assert {each.disease for each in found.found} == {d.name for d in read_diseases() if d.site == "gut"}
    assert all(each.reason for each in found.found if isinstance(each, Refusal))
    assert sum(isinstance(each, Score) for each in found.found) > 5


def test_those_that_must_be_refused_are() -> None:
    (found,) = judge(own(), draws=20)
    kinds = {each.disease: each.kind for each in found.found if isinstance(each, Refusal)}
    assert kinds["psoriasis"] == "conflict"
    assert kinds["rosacea"] == kinds["ulcerative_colitis"] == "no taxa"
    assert kinds["atopic_dermatitis"] == "unseen"


@pytest.mark.parametrize("path", PEOPLE, ids=lambda path: path.stem)
def test_shipped_healthy_people_are_within_what_is_healthy(path: object) -> None:
    """They are of the reference: no more than a few of all signatures may call one of them far out."""
    (found,) = judge(read_samples(str(path), site="stool"), draws=20)
    standing = [abs(each.standing) for each in found.found if isinstance(each, Score)]
    assert sum(each > 2.5 for each in standing) <= len(standing) / 4
    assert max(standing) < 5.0


def test_skin_is_compared_with_signatures_of_skin_only() -> None:
    for found in judge(own("skin:antecubital_fossa"), draws=20):
        assert {each.kind for each in found.found if isinstance(each, Refusal)} == {"no reference"}
        assert not found.healthy


def test_a_signature_of_another_site_or_name_is_an_error() -> None:
    with pytest.raises(InputError, match="E486 no sample of skin"):
        judge(own(), name="atopic_dermatitis_skin")
    with pytest.raises(InputError, match="E480"):
        judge(own(), name="nothing")


def test_ones_own_healthy_people_take_the_place_of_the_librarys() -> None:
    base, rng = own()[0], np.random.default_rng(2)
    many = [base.abundance * np.exp(rng.normal(0.0, 0.5, base.abundance.size)) for _ in range(20)]
    others = [
        Sample("stool", f"p{k}", f"p{k}", base.taxa, each / each.sum() * 100, "percent")
        for k, each in enumerate(many)
    ]
    (found,) = judge([base], healthy=others, draws=20)
    assert found.healthy == "20 people of the table that was given"
    assert all(abs(each.standing) < 1.5 for each in found.found if isinstance(each, Score))
    with pytest.raises(InputError, match="E485"):
        judge([base], healthy=others[:5])
