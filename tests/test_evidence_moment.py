"""When a read-out is taken: what is understood, which outputs it reads, and what comes out by brute force."""

from __future__ import annotations

import contextlib
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gutskin.errors import InputError
from gutskin.evidence.moment import Moment, moment, take


def of(text: str, times: object, values: object) -> np.ndarray:
    return take(moment(text), np.asarray(times, float), np.atleast_2d(np.asarray(values, float).T).T)


# ---- what is understood


@pytest.mark.parametrize(
    ("text", "kind", "first", "last"),
    [
        ("28 day", "mean", 648.0, 672.0),
        ("4 week", "mean", 648.0, 672.0),
        ("4 weeks", "mean", 648.0, 672.0),
        ("0.5 day", "mean", 0.0, 12.0),
        ("0 day", "instant", 0.0, 0.0),
        ("20 h", "instant", 20.0, 20.0),
        ("30 min", "instant", 0.5, 0.5),
        ("20 hours", "instant", 20.0, 20.0),
        ("24h", "instant", 24.0, 24.0),
        ("mean 20..28 day", "mean", 480.0, 672.0),
        ("mean 1 .. 2 weeks", "mean", 168.0, 336.0),
        ("mean 0..6 h", "mean", 0.0, 6.0),
        ("peak 0..3 day", "peak", 0.0, 72.0),
        ("lowest 2..3 h", "lowest", 2.0, 3.0),
        ("peak", "peak", 0.0, math.inf),
        ("time of peak", "when_peak", 0.0, math.inf),
        ("time of lowest", "when_lowest", 0.0, math.inf),
        ("time to within 10 % of baseline", "return", 0.0, math.inf),
        ("time  to within 2.5% of baseline", "return", 0.0, math.inf),
    ],
)
def test_what_is_understood(text: str, kind: str, first: float, last: float) -> None:
    found = moment(text)
    assert (found.kind, found.first, found.last) == (kind, pytest.approx(first), pytest.approx(last))


@pytest.mark.parametrize(
    "text",
    [
        28,
        "28",
        "28 days ago",
        "-1 day",
        "day 28",
        "mean",
        "mean 28 day",
        "mean 28..20 day",
        "mean 2..2 day",
        "peak of 3 day",
        "time to within 10 of baseline",
        "1e3 h",
        "28 d",
        "start of arm",
        "nan h",
        ["1 day"],
        "mean 1..2",
        "20 h\nor so",
        True,
    ],
)
def test_what_is_not_understood_is_refused(text: object) -> None:
    with pytest.raises(InputError) as caught:
        moment(text, where="here")  # type: ignore[arg-type]
    assert (caught.value.code, caught.value.where) == ("E407", "here")
    assert caught.value.remedy


@given(st.text(max_size=40))
def test_any_text_is_a_moment_or_is_refused(text: str) -> None:
    with contextlib.suppress(InputError):
        assert moment(text).kind


@pytest.mark.parametrize("text", ["29 day", "673 h", "mean 27..29 day", "peak 20..30 day"])
def test_a_time_after_the_arm_is_refused(text: str) -> None:
    with pytest.raises(InputError) as caught:
        moment(text).refuse_outside(28.0)
    assert caught.value.code == "E407"


@pytest.mark.parametrize("text", ["", "start", "28 day", "672 h", "mean 0..28 day", "peak", "time of peak"])
def test_a_time_within_the_arm_is_not_refused(text: str) -> None:
    moment(text).refuse_outside(28.0)


def test_only_a_value_at_a_visit_is_one() -> None:
    assert all(moment(text).visit for text in ("", "start", "28 day", "3 h", "mean 1..2 day"))
    assert not any(moment(text).visit for text in ("peak", "lowest 0..3 day", "time of peak"))
    assert [moment(text).unit for text in ("time of peak", "time to within 5 % of baseline", "peak")] == [
        "h",
        "h",
        "",
    ]


# ---- which outputs it reads


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("5 h", [5]),
        ("start", [0]),
        ("mean 3..9 h", [3, 4, 8, 9]),
        ("peak 3..9 h", [3, 4, 8, 9]),
        ("", [6, 8, 12, 16, 20, 24, 28, 30]),
        ("peak", [0, 4, 8, 12, 16, 20, 24, 28, 30]),
        ("time of lowest", [0, 4, 8, 12, 16, 20, 24, 28, 30]),
    ],
)
def test_which_outputs_it_reads(text: str, wanted: list[float]) -> None:
    assert moment(text).nodes(30.0, 4.0).tolist() == wanted


@given(
    st.floats(0.2, 40.0),
    st.floats(0.05, 60.0),
    st.sampled_from(["", "1 h", "mean 0..2 h", "peak 1..3 h", "time of peak", "lowest"]),
)
def test_outputs_rise_and_have_both_ends(days: float, every: float, text: str) -> None:
    last = days * 24.0
    nodes = moment(text).nodes(last, every)
    assert (np.diff(nodes) > 0).all()
    first, end = moment(text).within(last)
    assert nodes[0] == pytest.approx(first, abs=1e-8)
    assert nodes[-1] == pytest.approx(end, abs=1e-8)


# ---- what comes out


TIMES = np.arange(0.0, 97.0, 4.0)


def hand_mean(times: np.ndarray, values: np.ndarray, first: float, last: float) -> float:
    area = 0.0
    for a, b, u, v in zip(times, times[1:], values, values[1:], strict=False):
        if first <= a and b <= last:
            area += (b - a) * (u + v) / 2
    return area / (last - first)


@given(st.lists(st.floats(-1e6, 1e6), min_size=25, max_size=25), st.integers(0, 10), st.integers(1, 14))
def test_values_means_and_extremes_against_brute_force(values: list[float], k: int, length: int) -> None:
    course, end = np.array(values), 4 * (k + length)
    window = f"{4 * k}..{end} h"
    size = max(map(abs, values)) + 1e-9
    assert of(f"{end} h", TIMES, course)[0] == course[k + length]
    assert of(f"mean {window}", TIMES, course)[0] == pytest.approx(
        hand_mean(TIMES, course, 4 * k, end), rel=1e-9, abs=1e-9 * size
    )
    inside = [v for t, v in zip(TIMES, values, strict=True) if 4 * k <= t <= end]
    assert of(f"peak {window}", TIMES, course)[0] == max(inside)
    assert of(f"lowest {window}", TIMES, course)[0] == min(inside)
    assert of("peak", TIMES, course)[0] == max(values)
    assert of("time of peak", TIMES, course)[0] == TIMES[values.index(max(values))]
    assert of("time of lowest", TIMES, course)[0] == TIMES[values.index(min(values))]
    assert of("", TIMES, course)[0] == pytest.approx(
        hand_mean(TIMES, course, 72, 96), rel=1e-9, abs=1e-9 * size
    )


@given(st.lists(st.floats(0.1, 95.9), max_size=30))
def test_a_day_mean_of_straight_lines_does_not_depend_on_extra_outputs(extra: list[float]) -> None:
    """Trapezoids weight a value by the time that it stands for; a plain mean of outputs would not."""
    finer = np.unique([*TIMES, *extra])
    course = np.abs(TIMES - 48.0)
    for text in ("4 day", "mean 1..3 day", "mean 44..52 h", ""):
        coarse = of(text, TIMES, course)
        assert of(text, finer, np.interp(finer, TIMES, course)) == pytest.approx(coarse, rel=1e-9)


def test_between_outputs_a_moment_is_on_the_line() -> None:
    assert of("5 h", [0, 4, 8], [0, 4, 10])[0] == pytest.approx(5.5)
    assert of("0 day", [0, 4, 8], [3, 4, 10])[0] == 3.0


def test_a_short_arm_ends_with_the_mean_of_all_of_it() -> None:
    assert of("", [0, 4, 12], [0, 4, 4])[0] == pytest.approx((2 * 4 + 4 * 8) / 12)


@pytest.mark.parametrize(
    ("course", "wanted"),
    [
        ([10, 10, 10, 10, 10], 0.0),  # never left
        ([10, 10.9, 9.1, 11, 9], 0.0),  # on the edge is within
        ([10, 20, 10.5, 10, 10], 8.0),
        ([10, 20, 10, 20, 10], 16.0),  # leaves again
        ([10, 20, 10, 10, 12], math.inf),  # away at the end: never
        ([-10, -20, -10.5, -10, -10], 8.0),
        ([10, 20, math.nan, 10, 10], math.nan),
    ],
)
def test_time_until_back_at_the_baseline(course: list[float], wanted: float) -> None:
    found = of("time to within 10 % of baseline", [0, 4, 8, 12, 16], course)
    assert found[0] == pytest.approx(wanted, nan_ok=True)


def test_a_person_of_whom_values_are_missing_is_missing_and_harms_nobody() -> None:
    values = np.array([[1.0, 1.0], [2.0, math.nan], [3.0, 5.0], [2.0, 4.0], [1.0, 3.0]])
    times = [0, 4, 8, 12, 16]
    for text in (
        "mean 0..16 h",
        "peak",
        "lowest",
        "time of peak",
        "time to within 5 % of baseline",
        "4 h",
        "",
    ):
        found = of(text, times, values)
        assert math.isfinite(found[0]), text
        assert math.isnan(found[1]), text
    assert of("mean 8..16 h", times, values)[1] == pytest.approx(4.0)


def test_people_are_taken_one_by_one() -> None:
    values = np.random.default_rng(3).normal(size=(25, 7))
    for text in ("2 day", "peak 1..2 day", "time of lowest", "time to within 50 % of baseline"):
        alone = [of(text, TIMES, values[:, k])[0] for k in range(7)]
        assert of(text, TIMES, values).tolist() == alone


def test_the_start_of_an_arm_is_a_moment_of_no_length() -> None:
    assert Moment("start", "instant").nodes(10.0, 4.0).tolist() == [0.0]
