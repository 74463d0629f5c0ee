"""Residuals, what counts, and slopes against differences of runs at tight tolerance."""

from __future__ import annotations

import math
import runpy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gutskin.calibrate.knobs import choose
from gutskin.calibrate.problem import HARD, WIDE, Problem, _residual, _width
from gutskin.calibrate.run import cases_for
from gutskin.engine.outcome import Options
from gutskin.errors import InputError
from gutskin.evidence.read import read_case
from gutskin.evidence.score import Score
from gutskin.model import load

toys = runpy.run_path(str(Path(__file__).parent / "calibrating.py"))
case, around = toys["case"], toys["around"]


def score(value: float, low: float, high: float, published: float | None = None, role: str = "fit") -> Score:
    return Score("a", "gut", role, "x", "", value, low, high, published, "1", "red", 1)


def residual(*given: object) -> float:
    made = score(*given)  # type: ignore[arg-type]
    return _residual(made, _width(made))


def soft(raw: float) -> float:
    """The residual whose square is the pseudo-Huber loss, by its textbook formula."""
    return math.copysign(HARD * math.sqrt(2 * (math.sqrt(1 + (raw / HARD) ** 2) - 1)), raw)


def test_half_the_way_to_the_end_of_the_range_is_one() -> None:
    assert residual(1.5, 0.0, 4.0, 1.0) == pytest.approx(soft(0.5 / 1.5))
    assert residual(0.5, 0.0, 4.0, 1.0) == pytest.approx(soft(-1.0))
    assert residual(4.0, 0.0, 4.0, 1.0) == pytest.approx(soft(2.0))
    assert residual(9.0, 0.0, 4.0, 4.0) == pytest.approx(soft(5.0)), "published at the end of its range"


def test_ranges_without_a_number_and_controls_count_outside_only() -> None:
    for role in ("fit", "control"):
        assert residual(3.9, 0.0, 4.0, None, role) == 0
        assert residual(5.0, 0.0, 4.0, None, role) == pytest.approx(soft(1.0))
        assert residual(-2.0, 0.0, 4.0, None, role) == pytest.approx(soft(-2.0))
    assert residual(0.1, -1.0, 1.0, 0.5, "control") == 0
    assert residual(7.0, 4.0, math.inf, 6.0) == 0
    assert residual(3.0, 4.0, math.inf, 6.0) == pytest.approx(soft(-1.0))
    assert residual(5.0, -math.inf, 4.0) == pytest.approx(soft(1.0)), "a quarter of the bound"
    assert residual(1.0, -math.inf, 0.0) == pytest.approx(soft(2.0)), "half of what the ledger gives"


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_residuals_rise_with_the_value_and_grow_like_a_root_in_the_end(a: float, b: float) -> None:
    low, high = sorted((a, b))
    ra, rb = residual(low, -2.0, 2.0, 0.0), residual(high, -2.0, 2.0, 0.0)
    assert ra <= rb
    assert abs(rb) <= min(abs(high), math.sqrt(2 * HARD * abs(high))) * (1 + 1e-12)
    if abs(high) < 1e-5:
        assert rb == pytest.approx(high, rel=1e-9), "no digits are lost near 0, where slopes are taken"


def test_no_value_is_no_residual() -> None:
    for value in (math.nan, math.inf, -math.inf):
        assert math.isnan(residual(value, 0.0, 1.0))


def problem(folder: Path, names: tuple[str, ...], *expected: dict[str, object], **more: object) -> Problem:
    model = toys["toy"](folder)
    case(folder, "one", *expected, **more)
    options = Options(rtol=float(more.pop("rtol", 1e-4)))  # type: ignore[arg-type]
    return Problem(model, cases_for(model, ()), choose(model, names), options)


def test_a_check_is_refused(tmp_path: Path) -> None:
    model = toys["toy"](tmp_path)
    path = case(tmp_path, "one", {"readout": "first", **around(30.0, 1.0)}, role="check")
    with pytest.raises(InputError, match="E425"):
        Problem(model, [read_case(path, tmp_path)], choose(model, ("p",)))


def test_loss_is_misfit_and_distance(tmp_path: Path) -> None:
    made = problem(tmp_path, ("p", "q"), {"readout": "first", **around(31.0, 1.0)})
    (point,) = made.points([np.array([0.5, 1.0])])
    assert point.residuals == pytest.approx([soft(0.5)])
    assert point.loss == pytest.approx(soft(0.5) ** 2 / 2 + (0.25 + 1.0) / 2)
    assert made.start.residuals == pytest.approx([soft(-1.0)])


def test_what_has_no_value_is_left_out_and_told(tmp_path: Path) -> None:
    never = {"readout": "x", "at": "time to within 1 % of baseline", "unit": "h", **around(1.0, 1.0)}
    made = problem(tmp_path, ("p",), {"readout": "log10(first - 30)", **around(0.0, 1.0)}, never)
    assert [each.readout for each in made.left_out] == ["log10(first - 30)"]
    assert made.start.residuals.size == 1


def test_a_missing_value_elsewhere_is_no_zero(tmp_path: Path) -> None:
    made = problem(tmp_path, ("p",), {"readout": "log10(first - 29)", **around(0.0, 1.0)})
    (point,) = made.points([np.array([-2.0])])
    assert math.isnan(point.residuals[0])
    assert point.loss == math.inf


CREW = "{ like = 'healthy_adult', count = 40, seed = 3 }"


@pytest.mark.parametrize("people", ["{ like = 'healthy_adult' }", CREW], ids=["one", "crew"])
@pytest.mark.parametrize("z", [0.0, 0.7])
def test_slopes_are_those_of_runs_at_tight_tolerance(tmp_path: Path, people: str, z: float) -> None:
    """The solver's steps at its usual tolerance against central differences at one that leaves no noise."""
    flow = {"unit": "ug/cm2", "value": 6.5, "low": 4.0, "high": 8.0}
    asked = (
        {"readout": "x", "at": "3 h", **flow}, {"readout": "x", "at": "mean 0..1 day", **flow},
        {"readout": "x", "versus": "start", "as": "difference", "at": "20 h", "unit": "ug/cm2", "value": 0.0,
         "low": -4.0, "high": 4.0},
        {"readout": "full", **around(0.7, 0.1)}, {"readout": "first * full", **around(20.0, 3.0)},
    )  # fmt: skip
    arms = 'set = { inflow = "4 ug/cm2/h" }'
    names = ("p", "q", "s", "inflow", "k_loss", "idle")
    loose = problem(tmp_path, names, *asked, people=people, arms=arms)
    tight = Problem(loose.model, loose.cases, loose.knobs, Options(rtol=1e-10, floor_share=1e-6))
    here, exact = (each.sloped(each.points([np.full(6, z)])[0]) for each in (loose, tight))
    assert here.unknown == exact.unknown == 0
    step = 1e-3
    for k in range(6):
        move = step * np.eye(6)[k]
        up, down = tight.points([exact.z + move, exact.z - move])
        slope = (up.residuals - down.residuals) / (2 * step)
        assert exact.slopes[:, k] == pytest.approx(slope, rel=1e-3, abs=2e-4)
        assert here.slopes[:, k] == pytest.approx(slope, rel=0.03, abs=5e-3)
    assert np.abs(here.slopes[:, names.index("k_loss")]).max() > 0.1


def test_only_what_is_free_gets_slopes(tmp_path: Path) -> None:
    made = problem(tmp_path, ("p", "q"), {"readout": "second", **around(50.0, 1.0)})
    assert made.sloped(made.start).slopes == pytest.approx(np.array([[1.0, 2.0]]), rel=1e-3)
    assert made.sloped(made.start, [1]).slopes == pytest.approx(np.array([[0.0, 2.0]]), rel=1e-3)


def test_slopes_at_both_ends_of_a_range_are_taken_inwards(tmp_path: Path) -> None:
    numbers = {"p": (0.5, "1", '{ kind = "uniform", low = 0.0, high = 1.0 }')}
    model = toys["toy"](tmp_path, numbers)
    case(tmp_path, "one", {"readout": "first", **around(20.5, 1.0)})
    made = Problem(model, cases_for(model, ()), choose(model, ("p",)))
    for end in (made.low, made.high):
        here = made.sloped(made.points([end])[0])
        (other,) = made.points([end * 0.99])
        slope = (other.residuals - here.residuals) / (-0.01 * end)
        assert here.slopes[:, 0] == pytest.approx(slope, rel=0.02)
        assert here.unknown == 0


def test_a_side_that_fails_is_not_taken_for_flat(tmp_path: Path) -> None:
    """Where the logarithm ends, the slope is found on the other side or said to be unknown."""
    made = problem(tmp_path, ("p",), {"readout": "log10(31 - first)", **around(0.0, 1.0)})
    (point,) = made.points([np.array([1.0 - 5e-5])])
    here = made.sloped(point)
    assert here.unknown == 0
    assert here.slopes[0, 0] < -1000
    lost = replace(point, residuals=point.residuals)
    made.knobs[0].__dict__["low"] = point.z[0]  # no room on the other side
    assert made.sloped(lost).unknown == 1


def test_slopes_of_what_jumps_come_from_wide_differences(tmp_path: Path) -> None:
    made = problem(
        tmp_path, ("p", "idle"), {"readout": "first > 30", "low": 0.2, "high": 0.8, "value": 0.5}, people=CREW
    )
    here = made.sloped(made.start)
    (up,) = made.points([np.array([WIDE, 0.0])])
    assert here.slopes[0, 0] == pytest.approx((up.residuals[0] - here.residuals[0]) / WIDE)
    assert 0.5 < here.slopes[0, 0] < 5.0
    assert here.slopes[0, 1] == 0.0


def test_slopes_of_some_residuals_are_taken_again_and_the_others_kept(tmp_path: Path) -> None:
    model = toys["toy"](tmp_path)
    case(tmp_path, "one", {"readout": "first", **around(30.0, 1.0)})
    case(tmp_path, "two", {"readout": "second", **around(50.0, 1.0)}, {"readout": "full", **around(0.7, 0.1)})
    made = Problem(model, cases_for(model, ()), choose(model, ("p", "q", "s")))
    old = replace(made.start, slopes=np.full((3, 3), 7.0))
    exact = made.sloped(made.start).slopes
    assert made.sloped(old, rows=[1]).slopes == pytest.approx(np.vstack([[7.0] * 3, exact[1:]]))
    assert made.sloped(old, [2], rows=[0]).slopes == pytest.approx(
        np.array([[7.0, 7.0, exact[0, 2]], [7.0] * 3, [7.0] * 3])
    )


@pytest.mark.slow
def test_slopes_of_the_person_are_those_of_runs_at_tight_tolerance() -> None:
    model = load()
    cases = cases_for(model, (), studies=("duncan_2007", "arnoldini_2025_shares"))
    knobs = choose(model, ("faecalibacterium_guild.mu_fibre", "bacteroides_guild.mu_starch"))
    loose, tight = Problem(model, cases, knobs), Problem(model, cases, knobs, Options(rtol=1e-8))
    slopes = loose.sloped(loose.start).slopes
    for k in range(2):
        move = 1e-2 * np.eye(2)[k]
        up, down = tight.points([move, -move])
        assert slopes[:, k] == pytest.approx((up.residuals - down.residuals) / 2e-2, rel=0.02, abs=2e-3)
