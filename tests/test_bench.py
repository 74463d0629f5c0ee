"""The benchmark's parts: formulas, the cases, errors, operations, the comparison, the command."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import libsbml
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from gutskin import bench
from gutskin.bench import flops, measure, peers, versus
from gutskin.bench.formula import Builder, formula
from gutskin.bench.sbml import case_sbml, infix
from gutskin.bench.serve import environment
from gutskin.cli import app
from gutskin.compile.source import build_kernel
from gutskin.engine import jit, stepper
from gutskin.engine.outcome import Options
from gutskin.engine.solve import solve
from gutskin.errors import InputError


def decay(people: int = 2, days: int = 3) -> bench.Case:
    """Two pools in a row, one eaten into twice a day, and a state with its own rate; solved below."""
    build = Builder("decay")
    build.start = {"z": 2.0, "y": 0.0, "x": 5.0}
    build.values = {"lost": 0.7, "meal": 3.0, "fades": 0.2}
    build.react({"x": -1, "y": 1}, "lost * x")
    build.change("z", "-fades * z")
    network = build.network()
    constants = np.array(list(build.values.values()))[:, None] * np.linspace(1.0, 1.5, people)
    start = np.array([build.start[name] for name in network.states])
    floors = np.full(3, 1e-6)
    times = np.array([[0.3], [0.55]]) + np.linspace(0, 0.1, people)
    meals = ({"x": "meal"}, {"x": "meal", "y": "meal"})
    return bench.Case(
        "decay", network, build_kernel(network), start, constants, floors, 1.0, meals, times, days
    )


def solution(case: bench.Case, person: int) -> Any:
    """Return the closed form of :func:`decay`, states (S, T)."""
    lost, meal, fades = case.constants[:, person]
    start = dict(zip(case.network.states, case.start, strict=True))
    x, total = start["x"] * np.exp(-lost * case.times), np.full(case.times.size, start["x"] + start["y"])
    for k, first in enumerate(case.meal_times[:, person]):
        for day in range(case.days):
            ago = case.times - first - day
            x += np.where(ago > 0, meal * np.exp(-lost * np.maximum(ago, 0)), 0.0)
            total += np.where(ago > 0, meal * (2 if k else 1), 0.0)
    found = {"x": x, "y": total - x, "z": start["z"] * np.exp(-fades * case.times)}
    return np.array([found[name] for name in case.network.states])


def test_formulas_are_read_and_written() -> None:
    read = formula("a * b ** 2 - (c if c > 1 else max(-a, 0.5)) / exp(b)")
    assert (
        infix(read)
        == "((a * (b ^ 2.0)) - (piecewise(c, (c > 1.0), piecewise((-a), (-a) >= 0.5, 0.5)) / exp(b)))"
    )
    with pytest.raises(ValueError, match="not a formula"):
        formula("[1, 2]")


def test_a_name_that_is_nothing_is_refused() -> None:
    build = Builder("toy")
    build.start = {"x": 1.0}
    build.change("x", "-lost * x")
    with pytest.raises(ValueError, match="lost"):
        build.network()


@pytest.mark.parametrize(("name", "least"), [("small", 60), ("large", 150)])
def test_the_stress_models_have_the_size_they_promise(name: str, least: int) -> None:
    assert bench.stress_case(name, 1).start.size >= least


@pytest.mark.parametrize("meals", [True, False])
@pytest.mark.parametrize("name", ["person", "small"])
def test_the_sbml_is_consistent(name: str, meals: bool) -> None:
    document = libsbml.readSBMLFromString(case_sbml(bench.CASES[name](1), meals=meals))
    document.setConsistencyChecks(libsbml.LIBSBML_CAT_UNITS_CONSISTENCY, False)
    document.checkConsistency()
    assert document.getNumErrors(libsbml.LIBSBML_SEV_ERROR) == 0
    assert document.getModel().getNumEvents() == (4 if meals else 0)


def test_pieces_of_a_run_begin_and_end_at_meals() -> None:
    case = decay()
    pieces = list(case.pieces(1))
    assert [begin for begin, _, _ in pieces[1:]] == [end for _, end, _ in pieces[:-1]]
    assert (pieces[0][0], pieces[-1][1]) == (0.0, 3.0)
    assert [adds for _, _, adds in pieces] == [(), *(stop.add for stop in case.plans[1])]


def test_a_part_of_a_case_is_its_first_people_and_days() -> None:
    case = decay(3, 5)
    part = case.part(2, 4)
    assert (part.people, part.days, part.times[-1]) == (2, 4, 4.0)
    assert part.plans == [[stop for stop in plan if stop.time < 4] for plan in case.plans[:2]]
    assert case.part(9, 9).days == 5


def test_this_engine_gets_the_closed_form() -> None:
    case = decay()
    states = measure.reference(case)
    for k in range(case.people):
        np.testing.assert_allclose(states[:, :, k], solution(case, k), rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("name", ["small", "large"])
def test_the_reference_is_far_better_than_what_it_judges(name: str) -> None:
    """It once kept the usual absolute tolerance, and was wrong by 4e-4."""
    case = bench.stress_case(name, 1).part(1, 2)
    truth = measure.reference(case)
    fine = Options("LSODA", 1e-12, 1e-8)
    judge = solve(
        case.kernel, case.start[:, None], case.constants, np.full(case.floors.size, 1e-9), case.times,
        case.plans, fine,
    )  # fmt: skip
    assert not judge.failures
    assert bench.errors(truth, judge.states[: case.start.size], case.floors) < 1e-6


def test_absolute_tolerances_shrink_below_the_usual_tolerance() -> None:
    usual = Options().floor_share
    shares = [measure.options(rtol).floor_share for rtol in (1e-2, 1e-4, 1e-5, 1e-7)]
    assert shares == pytest.approx([usual, usual, usual / 10, usual / 1000])


def test_errors_are_relative_where_a_state_is_large() -> None:
    truth = np.ones((1, 5, 1))
    assert bench.errors(truth * 1.01, truth, np.array([1e-6])) == pytest.approx(0.01, rel=0.01)
    assert np.isfinite(bench.errors(truth * 0, truth * 0, np.array([1e-6])))


@given(power=st.floats(-0.9, -0.05), scale=st.floats(1e-4, 1e2), share=st.floats(0, 1))
def test_seconds_at_an_error_follow_a_power_law(power: float, scale: float, share: float) -> None:
    errors = [1e-2, 1e-3, 1e-5]
    points = [(error, scale * error**power) for error in errors]
    at = 10 ** (-5 + 3 * share)
    at = min(max(at, min(errors)), max(errors))
    assert measure.seconds_at(points, at) == pytest.approx(scale * at**power)
    assert measure.seconds_at(points, 2e-2) is None
    assert measure.seconds_at(points, 1e-6) is None
    assert measure.seconds_at([], at) is None


IR = """\
define internal %v @bent(%v %x) nounwind {
 %t1 = fadd %v %x, %x
 %t2 = call %v @llvm.fma.vLANESf64(%v %t1, %v %x, %v %x)
 %t3 = fneg %v %t2
 ret %v %t3
}
define internal void @step(ptr noalias %y) noinline nounwind {
 %t1 = fdiv %v %a, %b
 br label %before1
before1:
 br label %loop1
loop1:
 %i1 = phi i64 [0, %before1], [%n1, %loop1]
 %t2 = fsub %v %a, %b
 %t3 = call %v @bent(%v %t2)
 %t4 = call %v @llvm.fabs.vLANESf64(%v %t3)
 %n1 = add i64 %i1, 1
 %go1 = icmp ult i64 %n1, 7
 br i1 %go1, label %loop1, label %done1
done1:
 %t5 = fmul %v %a, %b
 call void @bent(%v %t5)
 ret void
}
"""


def test_operations_are_counted_through_calls_and_loops() -> None:
    assert flops.count(IR, "bent") == 3
    assert flops.count(IR, "step") == 1 + 7 * (1 + 3) + 1 + 3


def test_a_step_is_one_factorisation_and_eight_solutions() -> None:
    kernel = bench.stress_case("small", 1).kernel
    text = kernel.lanes.text + stepper.functions(jit.shape(kernel))
    slopes, rates, factor, substitute = (
        flops.count(text, name) for name in ("slopes", "rates", "factor", "substitute")
    )
    calls = slopes + 7 * rates + factor + 8 * substitute
    # Sums of stages, the error and its power: at most 8 stages with two weights each, for every state.
    assert calls < flops.per_step(kernel) < calls + len(kernel.states) * 8 * 8 * 2
    # No fill-in is counted less than once: a product and a sum for every entry that is not on the diagonal.
    assert substitute >= 2 * (kernel.lanes.factors - len(kernel.states))


def test_the_peak_is_what_a_core_can_do() -> None:
    two, four = flops.peak(2), flops.peak(4)
    assert 1e8 < two < 1e12
    assert four > 0.8 * two


def test_a_comparison_says_what_it_measured() -> None:
    said: list[str] = []
    case = bench.stress_case("small", 8)
    plan = versus.Plan(("libroadrunner", "LSODA"), quick=True)
    entry = bench.compare(case, plan, said.append)
    assert json.loads(json.dumps(entry)) == entry
    assert {name: each["status"] for name, each in entry["peers"].items()} == {
        "libroadrunner": "measured",
        "LSODA": "measured",
    }
    ratio, error = versus.headline(entry["rows"], "libroadrunner")
    assert ratio is not None
    assert ratio > 1
    assert error is not None
    assert 0 < error < 0.1
    for row in entry["rows"]:
        assert row["seconds"] > 0
        assert 0 < row["error"] < 0.1
        assert (row["ratio"] is None and row["least"] is None) == (row["engine"] == "gutskin")
        spans = {"gutskin": (8, 90), "libroadrunner": (2, 90), "LSODA": (1, 4)}
        assert (row["people"], row["days"]) == spans[row["engine"]]
    tight = [row["error"] for row in entry["rows"] if row["engine"] == "gutskin"]
    assert tight == sorted(tight, reverse=True)
    assert any("round 1" in line for line in said)


@pytest.mark.parametrize("error", [0.5, 1e-7])
def test_an_error_outside_of_ours_is_met_by_other_tolerances(error: float) -> None:
    case = bench.stress_case("small", 4).part(4, 10)
    found = versus.Comparison(case, versus.Plan(()), lambda _: None)
    found.run()
    worst = max(error for error, _ in found.points(1, 10).values())
    row = measure.Row("somebody", 1e-4, 1, 10, 1.0, min(error, 1.5 * worst))
    outside = found.at_equal_error(row)
    assert outside.ratio is None
    assert outside.least == (1.0 / min(s for _, s in found.points(1, 10).values()) if error == 0.5 else None)
    found.rows = [row]
    found.meet()
    ratio = found.at_equal_error(row).ratio
    assert ratio is not None
    assert ratio == pytest.approx(1.0 / measure.seconds_at(list(found.points(1, 10).values()), row.error))


def test_a_tolerance_at_which_we_fail_has_a_reason_and_no_error() -> None:
    case = decay()
    found = versus.Comparison(case, versus.Plan(()), lambda _: None)
    found.run()
    found.case = replace(case, constants=np.full_like(case.constants, np.nan))
    found.ours(1e-4, case.days)
    rows = {row.rtol: row for row in found.own()}
    assert rows[1e-4].error is None
    assert "infinite or undefined" in rows[1e-4].failure
    assert rows[1e-3].error is not None


def test_who_cannot_be_followed_is_not_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    """A drawn person once had an oscillation that every solver got wrong, and their errors hid all others."""
    case = decay(6)
    real = measure.strayed
    monkeypatch.setattr(versus, "strayed", lambda *both: [*real(*both)[:1], 0.5, *real(*both)[2:]])
    asked: list[Any] = []

    class Watched(versus.Served):
        def __init__(self, name: str, part: bench.Case, limit: float) -> None:
            asked.append(part)
            super().__init__(name, part, limit)

    monkeypatch.setattr(versus, "Served", Watched)
    entry = bench.compare(case, versus.Plan(("libroadrunner",), quick=True), lambda _: None)
    assert entry["not_judged"] == [{"person": 1, "error": 0.5}]
    np.testing.assert_array_equal(asked[0].constants, case.constants[:, [0, 2]])
    theirs = [row for row in entry["rows"] if row["engine"] == "libroadrunner"]
    assert [row["people"] for row in theirs] == [2, 2]
    assert all(row["error"] < 1e-2 for row in theirs)


def test_nobody_to_follow_is_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(versus, "strayed", lambda *_: [0.5, 0.5])
    entry = bench.compare(decay(), versus.Plan(("LSODA",)), lambda _: None)
    assert (entry["rows"], entry["failure"]) == ([], "decay: days that no solver can follow")


def test_chaos_cannot_be_followed() -> None:
    """Lorenz's equations, moved to where all is positive: chaos for one person, rest for the other."""
    build = Builder("lorenz")
    build.start, build.values = {"x": 51.0, "y": 51.0, "z": 51.0}, {"rho": 28.0}
    build.change("x", "10 * (y - x)")
    build.change("y", "(x - 50) * (rho - (z - 50)) - (y - 50)")
    build.change("z", "(x - 50) * (y - 50) - 2.667 * (z - 50)")
    network = build.network()
    case = bench.Case(
        "lorenz", network, build_kernel(network), np.full(3, 51.0), np.array([[28.0, 0.5]]), np.full(3, 1e-3),
        1.0, (), np.empty((0, 2)), 15,
    )  # fmt: skip
    chaos, rest = measure.strayed(case, measure.reference(case))
    assert rest < measure.FOLLOWED < chaos


def test_without_a_reference_there_is_a_reason_and_no_row() -> None:
    case = decay()
    broken = replace(case, constants=np.full_like(case.constants, np.nan))
    entry = bench.compare(broken, versus.Plan(("LSODA",)), lambda _: None)
    assert entry["rows"] == []
    assert "no reference for person 0" in entry["failure"]
    assert entry["peers"]["LSODA"] == {"status": "failed", "reason": entry["failure"], "ready_s": None}


def test_who_is_missing_or_left_out_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    here = SimpleNamespace(present=set(peers.PEERS))
    packages = {peer.package: name for name, peer in peers.PEERS.items()}
    monkeypatch.setattr(peers, "find_spec", lambda package: packages[package] in here.present or None)
    slow = {name for name, peer in peers.PEERS.items() if peer.slow}
    assert set(bench.standing((), quick=False).values()) == {""}
    assert {name for name, why in bench.standing((), quick=True).items() if why == "left out"} == slow
    here.present = {"LSODA"}
    assert bench.standing((), quick=True) == {
        name: "" if name == "LSODA" else "not installed" for name in peers.PEERS
    }
    asked = bench.standing(("COPASI", "LSODA"), quick=True)
    assert asked == dict.fromkeys(peers.PEERS, "left out") | {"COPASI": "not installed", "LSODA": ""}
    with pytest.raises(InputError, match="E283"):
        CliRunner().invoke(app, ["bench"], catch_exceptions=False)


def test_a_peer_that_is_none_is_refused() -> None:
    with pytest.raises(InputError, match=r"E286.*'copasy'.*did you mean COPASI") as refused:
        CliRunner().invoke(app, ["bench", "--peers", "LSODA,copasy"], catch_exceptions=False)
    assert refused.value.code == "E286"


@pytest.fixture
def small_bench(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A benchmark of one tiny model."""
    monkeypatch.setattr(bench, "CASES", {"decay": lambda people: decay(people, 30)})
    monkeypatch.setattr(
        "gutskin.bench.starts.load_starts",
        lambda _: {"load_cold_s": 2.0, "load_warm_s": 0.2, "ready_warm_s": 0.3},
    )
    monkeypatch.setattr("gutskin.bench.starts.crowd_memory", lambda people: 100.0 + people)
    return


@pytest.mark.usefixtures("small_bench")
def test_the_command_prints_json_or_tables(tmp_path: Path) -> None:
    out = tmp_path / "deep" / "bench.json"
    words = ["bench", "--quick", "--peers", "libroadrunner,lsoda", "--out", str(out)]
    run = partial(CliRunner().invoke, app, catch_exceptions=False)
    done = run([*words, "--json"])
    found = json.loads(done.stdout)
    assert found == json.loads(out.read_text())
    model = found["models"]["decay"]
    keys = {"states", "ratio_vs_libroadrunner", "p99_9_error", "warm_s", "cold_s", "people_per_s"}
    assert keys <= model.keys()
    assert model["states"] == 3
    assert min(model["warm_s"], model["cold_s"]) > 0  # which is longer is for a quiet machine to say
    assert 0 < model["share_of_peak"] < 1
    assert model["thousand_people_s"] is None
    assert found["memory_mib"] == 124.0
    assert found["peers"] == {
        "libroadrunner": "measured", "COPASI": "left out", "LSODA": "measured", "AMICI": "left out",
        "numbalsoda": "left out",
    }  # fmt: skip
    assert "COPASI: left out" in done.stderr
    said = run(words).stdout
    for text in ("decay: 3 states, 24 people, 30 days", "libroadrunner", "gutskin at rtol 0.0001", "124 MiB"):
        assert text in said


def test_starts_and_memory_are_of_fresh_processes(cache: Path) -> None:
    from gutskin.bench import starts

    with environment(GUTSKIN_CACHE=str(cache)):
        loaded, ready = starts._fresh(starts.LOAD)
        memory = starts.crowd_memory(8)
    assert 0 < loaded < ready < 120
    held = np.ones(30_000_000)  # 229 MiB here, none there
    assert 20 < memory < starts.memory_peak() + held[0]
    assert memory < starts.crowd_memory(600)


def test_code_starts_cold_and_warm() -> None:
    from gutskin.bench.starts import code_starts

    cold, warm = code_starts(bench.stress_case("small", 1).kernel)
    assert 0 < warm < cold
