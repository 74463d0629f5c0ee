"""Claims that are judged: values, intervals and verdicts of a toy whose answers a formula gives."""

from __future__ import annotations

import math
import runpy
from pathlib import Path

import numpy as np
import pytest

from gutskin.claims.read import read_claims
from gutskin.claims.run import Judged, asked, judge, pruned
from gutskin.errors import InputError
from gutskin.evidence.read import read_case
from gutskin.evidence.validate import validate
from gutskin.model import Model
from gutskin.population import draw

claims = runpy.run_path(str(Path(__file__).parent / "fixtures" / "claims_pool.py"))
claim, trial = claims["claim"], claims["trial"]
RED, GREEN, YELLOW = "[1]", "[2]", "[3]"  # expectations of fed_2001


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return claims["library"](tmp_path_factory.mktemp("judge"))


def judged(model: Model, *bodies: str, draws: int = 0, **more: object) -> list[Judged]:
    text = "".join(claim(f"CL00{k}", body.replace("CL000", f"CL00{k}")) for k, body in enumerate(bodies))
    (model.library / "claims.toml").write_text(text, encoding="utf-8")
    return judge(model, list(read_claims(model.library).values()), draws=draws, **more)  # type: ignore[arg-type]


def fed(says: str, numbers: str) -> str:
    return trial("CL000", "fed_2001", says, numbers)


def test_verdicts_follow_from_the_grades_of_the_expectations_that_are_named(model: Model) -> None:
    found = judged(
        model,
        fed("for", GREEN),
        fed("for", ""),
        fed("for", YELLOW),
        fed("for", RED),
        fed("against", GREEN),
        fed("against", RED),
        fed("for", GREEN) + trial("CL000", "fast_2003", "against"),
        'untested = "no toy"\n',
    )
    assert [each.verdict for each in found] == [
        "supported", "supported in part", "supported in part", "not supported", "contradicted",
        "not supported", "supported in part", "cannot be tested here",
    ]  # fmt: skip
    assert found[6].cases == ("fed_2001", "fast_2003")
    assert found[7].cases == found[7].tried == ()


def test_effects_are_those_of_validate(model: Model) -> None:
    studies = ("fed_2001", "edge_2002", "fast_2003", "crowd_2004")
    found = judged(model, *(trial("CL000", study) for study in studies))
    scores = {(s.study, s.low): s for s in validate(model).scores}
    effects = [effect for each in found for one in each.tried for effect in one.effects]
    assert len(effects) == len(scores) == 6
    for effect in effects:
        other = scores[effect.score.study, effect.score.low]
        assert effect.score.grade == other.grade
        assert effect.score.value == pytest.approx(other.value, rel=1e-6)
        assert effect.draws == 0


def test_an_interval_holds_what_arms_of_the_same_numbers_differ_by(model: Model) -> None:
    (found,) = judged(model, fed("for", "[2, 3]"), draws=11)
    inflow = draw(model, 11)[[c.name for c in model.network.constants].index("inflow")]
    ratios = 9.0 / inflow  # the loss, that both arms share, cancels
    for effect in found.tried[0].effects:
        assert (effect.draws, effect.lost) == (11, 0)
        assert effect.low == pytest.approx(np.quantile(ratios, 0.05), rel=2e-3)
        assert effect.high == pytest.approx(np.quantile(ratios, 0.95), rel=2e-3)
        assert effect.score.value == pytest.approx(3.0, rel=1e-3), "the value is that of the ledger"
        inside = (ratios >= effect.score.low) & (ratios <= effect.score.high)
        assert effect.green == inside.sum()


def test_a_crowd_has_no_interval(model: Model) -> None:
    (found,) = judged(model, trial("CL000", "crowd_2004"), draws=3)
    (effect,) = found.tried[0].effects
    assert effect.score.people == 40
    assert effect.draws == 0
    assert math.isnan(effect.low)
    assert math.isnan(effect.high)


def test_a_draw_without_a_value_is_counted_as_lost(model: Model) -> None:
    logarithm = "log10((x - '5.99 ug/cm2') / '1 ug/cm2')"
    body = "[arms.rest]\ndays = 2\n" + claims["expect"](logarithm, "low = -9\nhigh = 9", unit="1")
    claims["write"](model.library / "evidence", body, study="lost_2005")
    (found,) = judged(model, trial("CL000", "lost_2005"), draws=11)
    (effect,) = found.tried[0].effects
    constants = [c.name for c in model.network.constants]
    inflow, loss = (draw(model, 11)[constants.index(name)] for name in ("inflow", "k_loss"))
    lost = int((inflow / loss < 5.99).sum())
    assert 0 < lost < 11
    assert (effect.draws, effect.lost, effect.green) == (11, lost, 11 - lost)
    assert math.isfinite(effect.low)


def test_a_case_is_pruned_to_what_is_asked_of_it(model: Model) -> None:
    body = "[arms.other]\ndays = 1\n" + claims["FED"] + '[arms.later]\nafter = "fed"\ndays = 1\n'
    body += "".join(claims["expect"]("x", "low = 1", arm=arm) for arm in ("other", "later", "rest"))
    case = read_case(claims["write"](model.library / "evidence", body, study="many_2007"), model.library)
    assert [each.arm for each in asked(case)] == ["other", "later", "rest"]
    some = pruned(case, [3, 2])
    assert [each.arm for each in some.expectations] == ["later", "rest"]
    assert list(some.arms) == ["rest", "fed", "later"]
    assert pruned(case, []).arms == {}


def test_a_case_that_does_not_fit_the_model_is_refused(model: Model) -> None:
    claims["write"](
        model.library / "evidence", claims["FED"] + claims["expect"]("y", "low = 1"), study="odd_2006"
    )
    with pytest.raises(InputError, match="E405"):
        judged(model, trial("CL000", "odd_2006"))


@pytest.mark.parametrize("draws", [0, 2])
def test_the_bar_ends_at_one(model: Model, draws: int) -> None:
    told: list[float] = []
    judged(model, fed("for", ""), trial("CL000", "crowd_2004"), draws=draws, tick=told.append)
    assert sum(told) == pytest.approx(1.0)
