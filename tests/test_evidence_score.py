"""From runs to grades: every comparison and statistic by hand, and where one grade ends."""

from __future__ import annotations

import math
import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gutskin.engine.outcome import Options
from gutskin.evidence.case import COMPARED, Expectation
from gutskin.evidence.conduct import key_of
from gutskin.evidence.expect import STATISTICS
from gutskin.evidence.experiment import Laboratory
from gutskin.evidence.expression import expression
from gutskin.evidence.moment import moment
from gutskin.evidence.read import read_case
from gutskin.evidence.score import Score, grade
from gutskin.evidence.summary import compared, correlated, in_unit, neutral, summary
from gutskin.evidence.validate import validate
from gutskin.model import Model

pool = runpy.run_path(str(Path(__file__).parent / "fixtures" / "evidence_pool.py"))
ANY = "low = -1e9\nhigh = 1e9"
RANK = {"green": 0, "yellow": 1, "red": 2}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return pool["library"](tmp_path_factory.mktemp("pool"))


# ---- the way from end to end, against numpy on what was run

TWO = '[arms.rest]\ndays = 2\n[arms.fed]\ndays = 2\nset = {{ k_loss = "0.25 1/h" }}\n{more}'
EXPRESSION = "share"


def sides(model: Model, folder: Path, count: int = 31) -> tuple[Model, Any, Any, Any]:
    """Return x of both arms on the last day and at the start, by hand, with how to score against them."""
    people = f"people = {{ count = {count} }}"
    body = TWO.format(more="") + pool["expect"]("x", 'at = "peak"\n' + ANY, arm="fed")
    body += pool["expect"]("x", 'at = "peak"\n' + ANY)
    case = read_case(pool["write"](folder, body, people=people), model.library)
    made = Laboratory(model)
    made.run([case])

    def day(arm: str) -> np.ndarray:
        run = made.runs[key_of(case.chain(arm))]
        late = run.times >= 24
        return np.trapezoid(run.courses["x"][late], run.times[late], axis=0) / 24

    return day("fed"), day("rest"), made.runs[key_of(case.chain("fed"))].courses["x"][0], people


def scored(model: Model, folder: Path, people: str, readout: str, more: str, unit: str) -> Score:
    body = TWO.format(more="") + pool["expect"](readout, more, arm="fed", unit=unit)
    card = validate(model, [pool["write"](folder, body, people=people).parent])
    assert not card.refused
    return card.scores[0]


def cohen(a: np.ndarray, b: np.ndarray) -> float:
    pooled = math.sqrt(
        ((len(a) - 1) * np.var(a, ddof=1) + (len(b) - 1) * np.var(b, ddof=1)) / (len(a) + len(b) - 2)
    )
    return float((np.mean(a) - np.mean(b)) / pooled)


def test_each_comparison_by_hand(model: Model, tmp_path: Path) -> None:
    a, b, begun, people = sides(model, tmp_path)
    limit = float(np.sqrt(np.median(a) * np.median(b)))
    p, q = float(np.mean(a > limit)), float(np.mean(b > limit))
    assert 0 < q < p < 1
    many = f"x > '{limit!r} ug/cm2'"
    wanted = {
        "difference": ("x", "ng/cm2", 1e3 * (a.mean() - b.mean())),
        "ratio": ("x", "1", a.mean() / b.mean()),
        "percent": ("x", "percent", 100 * (a.mean() / b.mean() - 1)),
        "log10_ratio": ("x", "1", math.log10(a.mean() / b.mean())),
        "log2_ratio": ("x", "1", math.log2(a.mean() / b.mean())),
        "standardised": ("x", "1", cohen(a, b)),
        "risk_ratio": (many, "1", p / q),
        "odds_ratio": (many, "1", p / (1 - p) / (q / (1 - q))),
    }
    assert set(wanted) == set(COMPARED)
    for how, (readout, unit, value) in wanted.items():
        more = f'versus = "rest"\nas = "{how}"\n{ANY}'
        score = scored(model, tmp_path / how, people, readout, more, unit)
        assert score.value == pytest.approx(value, rel=1e-9), how
        assert score.people == 31
    score = scored(model, tmp_path / "s", people, "x", f'versus = "start"\nas = "ratio"\n{ANY}', "percent")
    assert score.value == pytest.approx(100 * a.mean() / begun.mean(), rel=1e-9)
    score = scored(
        model, tmp_path / "m", people, "x", f'versus = "rest"\nas = "ratio"\nstatistic = "q25"\n{ANY}', "1"
    )
    assert score.value == pytest.approx(np.quantile(a, 0.25) / np.quantile(b, 0.25), rel=1e-9)


def test_each_statistic_by_hand(model: Model, tmp_path: Path) -> None:
    from scipy.stats import spearmanr

    a, _, begun, people = sides(model, tmp_path)
    sd = a.std(ddof=1)
    rise = a - begun
    wanted = {
        "mean": (a.mean(), "ug/cm2"),
        "median": (np.median(a), "ug/cm2"),
        "sd": (1e3 * sd, "ng/cm2"),
        "cv": (100 * sd / a.mean(), "percent"),
        "q05": (np.quantile(a, 0.05), "ug/cm2"),
        "q99": (np.quantile(a, 0.99), "ug/cm2"),
        "share": (100 * np.mean(a > 12), "percent"),
        "correlation": (np.corrcoef(a, rise)[0, 1], "1"),
        "rank correlation": (spearmanr(a, rise).statistic, "1"),
    }
    assert {"q" if key[0] == "q" else key for key in wanted} == {*STATISTICS, "q"}
    for statistic, (value, unit) in wanted.items():
        readout = "x > '12 ug/cm2'" if statistic == "share" else "x"
        joined = '\nwith = "x - start(x)"' if "correlation" in statistic else ""
        score = scored(
            model, tmp_path / "one", people, readout, f'statistic = "{statistic}"{joined}\n{ANY}', unit
        )
        assert score.value == pytest.approx(value, rel=1e-9), statistic


def test_a_spread_is_compared_in_its_own_unit(model: Model, tmp_path: Path) -> None:
    """A coefficient of variation is a pure number whatever it is of."""
    a, b, _, people = sides(model, tmp_path)
    more = f'versus = "rest"\nas = "difference"\nstatistic = "cv"\n{ANY}'
    value = a.std(ddof=1) / a.mean() - b.std(ddof=1) / b.mean()
    assert scored(model, tmp_path / "one", people, "x", more, "1").value == pytest.approx(value, rel=1e-9)


def test_times_are_compared_in_hours_or_days(model: Model, tmp_path: Path) -> None:
    people = "people = { count = 5 }"
    course = '[[arms.rest.courses]]\ntreatment = "drop"\nstart = "6 h"\nend = "7 h"\n'
    for unit, wanted in (("h", 8.0), ("day", 1 / 3)):  # the first output after the dose
        body = (
            "[arms.rest]\ndays = 1\n" + course + pool["expect"]("x", f'at = "time of peak"\n{ANY}', unit=unit)
        )
        card = validate(model, [pool["write"](tmp_path / unit, body, people=people).parent])
        assert card.scores[0].value == pytest.approx(wanted)
    more = 'at = "time to within 10 % of baseline"\nlow = 1'
    score = scored(model, tmp_path, people, "x", more, "h")
    assert (score.value, score.grade, score.people) == (math.inf, "green", 5)
    more = 'at = "time to within 10 % of baseline"\nlow = 1\nhigh = 1000'
    assert scored(model, tmp_path, people, "x", more, "h").grade == "red"


def test_an_extreme_or_a_time_inside_an_expression(model: Model, tmp_path: Path) -> None:
    more = f"versus = 'rest'\nas = 'difference'\n{ANY}"
    score = scored(model, tmp_path, "", "at('peak', x) / start(x)", more, "1")
    assert score.value == pytest.approx(1.0, rel=1e-3)
    score = scored(model, tmp_path, "", "at('time of lowest', x) + '1 h'", ANY, "h")
    assert score.value == pytest.approx(1.0)
    share = f"statistic = 'share'\n{ANY}"
    assert scored(model, tmp_path, "", "at('peak', x) > '11 ug/cm2'", share, "1").value == 1.0


def test_what_is_said_of_a_number(model: Model, tmp_path: Path) -> None:
    people = "people = { count = 5 }"
    more = f'versus = "start"\nas = "log10_ratio"\nstatistic = "median"\nat = "1 day"\n{ANY}'
    score = scored(model, tmp_path, people, "x", more, "1")
    assert (score.readout, score.said) == ("x", "median fed, log10 ratio to start, 1 day")
    more = f'statistic = "correlation"\nwith = "share"\n{ANY}'
    assert scored(model, tmp_path, people, "x", more, "1").said == "correlation fed with share, end"


def test_people_who_are_all_alike_have_no_spread_and_no_correlation(model: Model, tmp_path: Path) -> None:
    for count in (1, 4):
        people = f'people = {{ count = {count}, set = {{ inflow = "3 ug/cm2/h" }} }}'
        for more in ('statistic = "correlation"\nwith = "share"', 'versus = "rest"\nas = "standardised"'):
            score = scored(model, tmp_path, people, "x", f"{more}\n{ANY}", "1")
            assert (score.grade, math.isnan(score.value)) == ("red", True)
            assert score.reason


# ---- statistics of values


def of(how: str = "", statistic: str = "mean", unit: str = "1") -> Expectation:
    return Expectation(
        expression("x"), "a", moment(""), unit, 0.0, 1.0, "w", "b" if how else "", how, statistic
    )


values = st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=12)


@given(values, st.integers(1, 99))
def test_quantiles_are_those_of_numpy(numbers: list[float], percent: int) -> None:
    found = summary(np.array(numbers), f"q{percent:02d}")
    assert found == pytest.approx(np.quantile(numbers, percent / 100), rel=1e-9, abs=1e-9)
    assert summary(np.array(numbers), "median") == pytest.approx(np.median(numbers), rel=1e-9, abs=1e-9)


@given(values, st.sampled_from(["mean", "median", "sd", "cv", "q10"]))
def test_who_is_not_known_is_left_out(numbers: list[float], statistic: str) -> None:
    known = summary(np.array(numbers), statistic)
    holes = np.array([math.nan, *numbers, math.nan])
    np.testing.assert_equal(summary(holes, statistic), known)
    assert math.isnan(summary(np.full(3, math.nan), statistic))


def test_times_that_never_come_are_values() -> None:
    never = np.array([1.0, math.inf, math.inf])
    assert [summary(never, statistic) for statistic in ("mean", "median", "q75", "q05")] == [
        math.inf,
        math.inf,
        math.inf,
        math.inf,
    ]
    assert summary(np.array([1.0, 2.0, math.inf]), "median") == 2.0
    assert summary(np.array([-math.inf, 1.0, 2.0]), "q50") == 1.0
    assert math.isnan(summary(never, "sd"))
    assert math.isnan(summary(np.array([1.0, -1.0]), "cv"))
    assert summary(np.array([-1.0, -3.0]), "cv") == pytest.approx(math.sqrt(2) / 2)


@pytest.mark.parametrize(
    ("how", "a", "b", "wanted"),
    [
        ("odds_ratio", [math.nan], [0.0, 1.0], math.nan),
        ("odds_ratio", [1.0], [0.0, 1.0], math.inf),
        ("odds_ratio", [1.0], [1.0], math.nan),
        ("odds_ratio", [0.0], [0.0, 1.0], 0.0),
        ("odds_ratio", [0.0, 1.0], [0.0], math.nan),
        ("risk_ratio", [1.0], [0.0], math.nan),
        ("ratio", [1.0], [0.0], math.nan),
        ("ratio", [0.0], [2.0], 0.0),
        ("percent", [0.0], [2.0], -1.0),
        ("log10_ratio", [0.0], [2.0], -math.inf),
        ("log2_ratio", [8.0], [2.0], 2.0),
        ("log2_ratio", [-8.0], [2.0], math.nan),
        ("difference", [math.inf], [math.inf], math.nan),
        ("difference", [math.inf], [1.0], math.inf),
        ("ratio", [math.nan], [2.0], math.nan),
        ("standardised", [1.0], [1.0, 2.0], math.nan),
        ("standardised", [1.0, 1.0], [2.0, 2.0], math.nan),
        ("standardised", [math.inf, 1.0], [1.0, 2.0], math.nan),
        ("standardised", [3.0, 5.0, math.nan], [1.0, 3.0], 2 / math.sqrt(2)),
    ],
)
def test_comparisons_at_the_edges(how: str, a: list[float], b: list[float], wanted: float) -> None:
    found = compared(of(how), [np.array(a), np.array(b)])
    np.testing.assert_allclose(found, wanted, rtol=1e-12)


@given(
    st.lists(st.tuples(st.floats(-9, 9), st.floats(-9, 9)), max_size=10),
    st.sampled_from(["correlation", "rank correlation"]),
)
def test_correlations_lie_between_minus_one_and_one_and_have_no_order(
    pairs: list[tuple[float, float]], statistic: str
) -> None:
    a, b = np.array(pairs).reshape(-1, 2).T
    value, people = correlated(statistic, a, b)
    assert people == len(pairs)
    assert math.isnan(value) or -1 - 1e-9 <= value <= 1 + 1e-9
    np.testing.assert_allclose(correlated(statistic, b, a)[0], value, rtol=1e-9, atol=1e-12)
    if statistic == "rank correlation" and len(pairs):
        np.testing.assert_allclose(correlated(statistic, 2 * a, b)[0], value, rtol=1e-9, atol=1e-12)


def test_who_is_known_on_both_sides_is_correlated() -> None:
    a, b = np.array([1.0, 2.0, 3.0, math.nan, 9.0]), np.array([2.0, 4.0, 6.0, 1.0, math.nan])
    assert correlated("correlation", a, b) == (pytest.approx(1.0), 3)
    assert math.isnan(correlated("correlation", a[:2], b[:2])[0])
    assert correlated("rank correlation", a[:3], np.array([1.0, 1.0, 5.0]))[0] == pytest.approx(
        math.sqrt(3) / 2
    )


def test_units_of_comparisons() -> None:
    assert in_unit(0.24, of("ratio", unit="percent"), "g") == pytest.approx(24.0)
    assert in_unit(-0.5, of("percent", unit="percent"), "g") == -50.0
    assert in_unit(-0.5, of("percent", unit="1"), "g") == pytest.approx(-0.5)
    assert in_unit(2.0, of("difference", unit="mg"), "g") == pytest.approx(2000.0)
    assert in_unit(0.5, of(statistic="cv", unit="percent"), "g") == pytest.approx(50.0)
    assert [neutral(of(how)) for how in ("", "ratio", "odds_ratio", "percent", "difference")] == [
        None,
        1,
        1,
        0,
        0,
    ]
    assert neutral(of("ratio", unit="percent")) == pytest.approx(100.0)
    assert neutral(of(statistic="correlation")) == 0.0


# ---- grades


@pytest.mark.parametrize(
    ("value", "low", "high", "published", "alike", "wanted"),
    [
        (2.0, 2, 4, 3, None, "green"),
        (4.0, 2, 4, 3, None, "green"),
        (1.0, 2, 4, 3, None, "yellow"),
        (5.0, 2, 4, 3, None, "yellow"),
        (0.999, 2, 4, 3, None, "red"),
        (5.001, 2, 4, 3, None, "red"),
        (math.nan, 2, 4, 3, None, "red"),
        (math.inf, 2, 4, 3, None, "red"),
        (-math.inf, 2, 4, 3, None, "red"),
        # an open range has no yellow
        (1.999, 2, math.inf, None, None, "red"),
        (2.0, 2, math.inf, None, None, "green"),
        (math.inf, 2, math.inf, None, None, "green"),
        (4.1, -math.inf, 4, None, None, "red"),
        (-math.inf, -math.inf, 4, None, None, "green"),
        (math.nan, 2, math.inf, None, None, "red"),
        # the right sign: a ratio below 1 was published, so one above 1 is wrong however near
        (1.05, 0.5, 1.0, 0.7, 1.0, "red"),
        (0.4, 0.5, 1.0, 0.7, 1.0, "yellow"),
        (1.0, 0.5, 0.9, 0.7, 1.0, "yellow"),
        (1.05, 0.5, 0.9, None, 1.0, "red"),
        (-0.5, 0.1, 2.0, 1.0, 0.0, "red"),
        (0.05, 0.1, 2.0, 1.0, 0.0, "yellow"),
        (0.05, -2.0, -0.1, -1.0, 0.0, "red"),
        (-0.5, 0.1, 2.0, 1.0, None, "yellow"),
        # no effect was published: no side is the wrong one
        (-0.15, -0.1, 0.1, 0.0, 0.0, "yellow"),
        (0.15, -0.1, 0.1, 0.0, 0.0, "yellow"),
        (0.15, -0.1, 0.1, None, 0.0, "yellow"),
        (0.21, -0.1, 0.1, 0.0, 0.0, "red"),
    ],
)
def test_where_a_grade_ends(
    value: float, low: float, high: float, published: float | None, alike: float | None, wanted: str
) -> None:
    assert grade(value, low, high, published, alike) == wanted


@given(
    st.floats(-100, 100),
    st.floats(0.01, 50),
    st.one_of(st.none(), st.floats(0, 1)),
    st.one_of(st.none(), st.floats(-100, 100)),
    st.lists(st.floats(0, 200), min_size=2, max_size=6),
    st.booleans(),
)
def test_on_each_side_a_grade_never_gets_better_further_away(
    low: float, width: float, place: float | None, alike: float | None, off: list[float], above: bool
) -> None:
    high = low + width
    published = None if place is None else low + place * width
    ranks = []
    for each in sorted(off):
        value = high + each if above else low - each
        got = grade(value, low, high, published, alike)
        ranks.append(RANK[got])
        score = Score("s", "gut", "fit", "x", "", value, low, high, published, "1", got, 1)
        assert (got == "green") == (score.distance == 0.0)
        assert got == "red" or score.distance <= 0.5 + 1e-9
    assert ranks == sorted(ranks)


def test_the_distance_of_open_and_missing_ranges() -> None:
    def away(value: float, low: float, high: float) -> float:
        return Score("s", "gut", "fit", "x", "", value, low, high, None, "1", "red", 1).distance

    assert away(5.0, 2.0, 4.0) == 0.5
    assert away(0.0, 2.0, 4.0) == 1.0
    assert math.isnan(away(5.0, 2.0, math.inf))
    assert math.isnan(away(math.nan, 2.0, 4.0))
    assert (away(1.0, 1.0, 1.0), away(0.9, 1.0, 1.0)) == (0.0, math.inf)


@pytest.mark.parametrize("role", ["fit", "check", "control"])
def test_a_role_changes_no_grade(role: str, model: Model, tmp_path: Path) -> None:
    """What must not appear is a range around no effect; it is counted apart, not judged otherwise."""
    body = TWO.format(more="") + "".join(
        pool["expect"](
            "x",
            f'versus = "start"\nas = "percent"\nvalue = 0\nlow = -{w}\nhigh = {w}',
            arm=arm,
            unit="percent",
        )
        for arm, w in (("rest", 5), ("fed", 5), ("fed", 60))
    )
    card = validate(model, [pool["write"](tmp_path, body, role=role).parent])
    assert [(score.role, score.grade) for score in card.scores] == [
        (role, "green"),
        (role, "red"),
        (role, "yellow"),
    ]
    assert card.totals()[role] == {"green": 1, "yellow": 1, "red": 1}
    assert sum(sum(counts.values()) for counts in card.totals().values()) == 3


def test_a_correlation_of_the_wrong_sign_is_red(model: Model, tmp_path: Path) -> None:
    people = "people = { count = 9 }"
    more = 'statistic = "correlation"\nwith = "start(x) - x"\nvalue = 0.5\nlow = -0.6\nhigh = 0.7'
    score = scored(model, tmp_path, people, "x", more, "1")
    assert score.value == pytest.approx(-1.0, abs=1e-3)
    assert score.grade == "red"
    score = scored(model, tmp_path, people, "x", more.replace("value = 0.5\n", "value = -0.1\n"), "1")
    assert score.grade == "yellow"


def test_options_reach_the_engine(model: Model, tmp_path: Path) -> None:
    path = pool["write"](tmp_path, TWO.format(more="") + pool["expect"]("x", 'at = "3 h"\n' + ANY, arm="fed"))
    rough, fine = (
        validate(model, [path.parent], options=Options(rtol=rtol)).scores[0].value for rtol in (1e-3, 1e-10)
    )
    wanted = 12 - 6 * math.exp(-0.75)
    assert abs(fine - wanted) < abs(rough - wanted) + 1e-12
    assert fine == pytest.approx(wanted, rel=1e-4)
