"""Reading case files: what a good one means, how each bad one is refused, and that no text crashes."""

from __future__ import annotations

import copy
import math
import runpy
import shutil
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gutskin.errors import GutskinError, InputError
from gutskin.evidence.experiment import check
from gutskin.evidence.read import find_cases, read_all, read_case, read_head, sources_for
from gutskin.evidence.validate import validate
from gutskin.model import Model

pool = runpy.run_path(str(Path(__file__).parent / "fixtures" / "evidence_pool.py"))
write, expect = pool["write"], pool["expect"]
BAD = Path(__file__).parent / "bad" / "cases"
WRONG = sorted(path for path in BAD.iterdir() if path.name != "right")
REST = "[arms.rest]\ndays = 2\n"
FINE = REST + expect("x", "low = 5\nhigh = 7")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return pool["library"](tmp_path_factory.mktemp("pool"))


def refusal(path: Path, library: Path) -> InputError:
    with pytest.raises(InputError) as caught:
        read_case(path, library)
    return caught.value


# ---- each kind of bad file


@pytest.mark.parametrize("folder", WRONG, ids=lambda path: path.name)
def test_bad_case_is_refused_with_its_code_its_place_and_a_remedy(folder: Path, model: Model) -> None:
    expected = tomllib.loads((folder / "expected.toml").read_text(encoding="utf-8"))
    assert folder.name.startswith(expected["code"] + "_")
    try:
        refused = validate(model, [folder]).refused
    except InputError as error:
        refused = (error,)
    (error,) = refused
    assert error.code == expected["code"]
    assert expected["where"] in error.where
    assert folder.name in error.where
    assert expected["remedy"] in error.remedy
    assert "\n" not in str(error)


def test_every_code_of_a_case_has_a_bad_one() -> None:
    assert {f"E{k}" for k in range(400, 410)} <= {folder.name[:4] for folder in WRONG}


def test_bad_cases_do_not_stop_the_others(model: Model) -> None:
    card = validate(model, [BAD])
    assert [score.study for score in card.scores] == ["right"]
    assert card.scores[0].grade == "green"
    assert len(card.refused) == sum((folder / "case.toml").exists() for folder in WRONG)
    assert card.status == 2
    refused = [error.where.split("/case.toml")[0].rsplit("/", 1)[-1] for error in card.refused]
    assert len(set(refused)) == len(refused)


# ---- a good file


def test_what_a_case_says(model: Model, tmp_path: Path) -> None:
    body = """
[arms.rest]
days = 28

[arms.fed]
after = "rest"
days = 14
diet = "feast"

[[expect]]
readout = "pool"
arm = "fed"
versus = "rest"
as = "ratio"
at = "14 day"
value = 3.0
low = 2.5
high = 3.5
unit = "1"
why = "Table 2"

[[expect]]
readout = "x"
arm = "rest"
statistic = "q05"
low = 2
unit = "ug/cm2"
why = "Table 3"

[noise.x]
sd = "1 ng/cm2"
"""
    people = 'people = { like = "fast", site = "edge", count = 7, seed = 3, set = { half = "3 ug/cm2" } }'
    case = read_case(write(tmp_path, body, people=people, role="check", about="axis"), model.library)
    assert (case.study, case.source, case.role, case.about) == ("toy_2001", "toy_2001", "check", "axis")
    assert [arm.name for arm in case.chain("fed")] == ["rest", "fed"]
    crew = case.arms["fed"].crew
    assert (crew.like, crew.site, crew.count, crew.seed, dict(crew.overrides)) == (
        "fast",
        "edge",
        7,
        3,
        {"half": (3.0, "ug/cm2")},
    )
    assert case.arms["fed"].courses[0].treatment.name == "feast"
    first, second = case.expectations
    assert (first.versus, first.how, first.low, first.high, first.value) == ("rest", "ratio", 2.5, 3.5, 3.0)
    assert (second.statistic, second.low, second.high, second.value) == ("q05", 2.0, math.inf, None)
    assert (case.noise["x"].sd, case.noise["x"].unit, case.noise["x"].cv) == (1.0, "ng/cm2", 0.0)


def test_the_head_is_read_without_what_is_expected(tmp_path: Path) -> None:
    path = write(tmp_path, "\n[arms.rest]\nthis is not TOML at all\n", role="check")
    assert read_head(path)["role"] == "check"


def test_a_note_of_several_lines_may_begin_a_line_with_a_bracket(model: Model, tmp_path: Path) -> None:
    note = 'note = """\n[1] is a reference,\n[arms.other] is one too\n"""'
    path = write(tmp_path, FINE, people=note)
    assert "[arms.other]" in read_head(path)["note"]
    assert read_case(path, model.library).note == read_head(path)["note"]


def test_people_may_be_a_table_of_its_own(model: Model, tmp_path: Path) -> None:
    path = write(tmp_path, '[people]\nlike = "fast"\ncount = 3\n' + FINE)
    assert read_case(path, model.library).arms["rest"].crew.count == 3


def test_sources_of_a_stranger(model: Model, tmp_path: Path) -> None:
    path = write(tmp_path / "studies", FINE)
    path.write_text(path.read_text().replace("toy_2001", "mine_2020"))
    assert refusal(path, model.library).code == "E409"
    (tmp_path / "studies" / "sources.bib").write_text("@article{mine_2020,\n  title = {Mine},\n}\n")
    assert read_case(path, model.library).source == "mine_2020"
    assert set(sources_for(path, model.library)) == {"toy_2001", "mine_2020"}


def test_treatments_beside_the_case_win_over_those_above_and_of_the_library(
    model: Model, tmp_path: Path
) -> None:
    text = (model.library / "treatments" / "feast.toml").read_text(encoding="utf-8")
    path = write(tmp_path, '[arms.rest]\ndays = 2\ndiet = "feast"\n' + expect("x", "low = 5"))

    def inflow() -> float:
        return read_case(path, model.library).arms["rest"].courses[0].treatment.effects[0].number.value

    assert inflow() == 9.0
    for place, value in ((tmp_path, 10.0), (path.parent, 11.0)):
        (place / "treatments").mkdir()
        (place / "treatments" / "feast.toml").write_text(text.replace("9.0", str(value)))
        assert inflow() == value


def test_a_bad_treatment_names_the_case_and_its_file(model: Model, tmp_path: Path) -> None:
    path = write(tmp_path, '[arms.rest]\ndays = 2\ndiet = "odd"\n' + expect("x", "low = 5"))
    (tmp_path / "treatments").mkdir()
    (tmp_path / "treatments" / "odd.toml").write_text('title = "Odd"\n')
    error = refusal(path, model.library)
    assert error.code == "E231"
    assert error.where.startswith("toy_2001/case.toml")
    assert "odd.toml" in error.where


# ---- folders


def test_cases_are_found_at_any_depth_once_in_order(tmp_path: Path) -> None:
    for name in ("b", "a/deep", "c"):
        write(tmp_path, FINE, study=name)
    found = [path.parent.name for path in find_cases([tmp_path, tmp_path / "a" / ".." / "c"])]
    assert found == ["deep", "b", "c"]
    assert find_cases([tmp_path / "b" / "case.toml"]) == [tmp_path / "b" / "case.toml"]


@pytest.mark.parametrize("name", ["nowhere", "empty", "file.toml", "case.toml"])
def test_a_folder_without_cases_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file.toml").write_text("")
    with pytest.raises(InputError) as caught:
        find_cases([tmp_path / name])
    assert caught.value.code == "E404"
    assert name in str(caught.value)


def test_a_case_that_cannot_be_opened_is_refused(model: Model, tmp_path: Path) -> None:
    (tmp_path / "a" / "case.toml").mkdir(parents=True)
    write(tmp_path, FINE, study="b")
    (tmp_path / "b" / "case.toml").write_bytes(b"title = '\xff'\n")
    write(tmp_path, FINE, study="c")
    cases, refused = read_all(sorted(tmp_path.glob("*/case.toml")), model.library)
    assert [case.study for case in cases] == ["c"]
    assert [error.code for error in refused] == ["E131", "E131"]


# ---- no text crashes


GOOD: dict[str, Any] = {
    "title": "A toy",
    "source": "toy_2001",
    "about": "gut",
    "role": "fit",
    "note": "",
    "people": {"like": "fast", "count": 2, "seed": 1, "set": {"half": "3 ug/cm2"}},
    "arms": {
        "rest": {"days": 2, "diet": {"food": "3 ug/cm2/h"}, "every": "4 h", "adherence": 0.5},
        "fed": {
            "after": "rest",
            "days": 2,
            "diet": "feast",
            "set": {"half": "1 ug/cm2"},
            "dropout": 0.1,
            "courses": [
                {"treatment": "drop", "dose": "2 mg", "every": "1 day", "start": "1 h", "end": "1 day"}
            ],
        },
        "dry": {"like": "fed", "without": ["drop"]},
    },
    "expect": [
        {
            "readout": "x / start(x)",
            "arm": "fed",
            "versus": "rest",
            "as": "difference",
            "at": "2 day",
            "statistic": "median",
            "value": 1,
            "low": 0,
            "high": 2,
            "unit": "1",
            "why": "T",
        },
        {
            "readout": "x",
            "arm": "dry",
            "statistic": "correlation",
            "with": "share",
            "low": 0,
            "unit": "1",
            "why": "T",
        },
    ],
    "curve": [
        {
            "readout": "x",
            "arm": "fed",
            "data": "data.csv",
            "unit": "ug/cm2",
            "measure": "rmse",
            "high": 1,
            "why": "F",
        }
    ],
    "noise": {"x": {"cv": 0.1}},
}
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.floats(),
    st.just(10**400),
    st.text(max_size=6),
    st.just([]),
    st.just({}),
    st.just(["rest"]),
    st.just({"x": 1}),
    st.just([{}]),
    st.just([1, "a"]),
    st.sampled_from(
        ["rest", "start", "fed", "x", "1 h", "-1 h", "0 h", "1e300 day", "drop", "feast", "mean"]
    ),
)


def places(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [place for key, each in inner for place in ((*path, key), *places(each, (*path, key)))]


def put(data: Any, path: tuple[Any, ...], odd: Any) -> None:
    """Replace what stands at a place, or take it away; nothing happens where an earlier change was."""
    for key in path[:-1]:
        if not isinstance(data, dict if isinstance(key, str) else list) or not data:
            return
        if (isinstance(data, dict) and key not in data) or (isinstance(data, list) and key >= len(data)):
            return
        data = data[key]
    if isinstance(data, dict) and isinstance(path[-1], str):
        data[path[-1]] = odd
        if odd is None:
            del data[path[-1]]
    elif isinstance(data, list) and isinstance(path[-1], int) and path[-1] < len(data):
        data[path[-1]] = "" if odd is None else odd


def written(value: Any) -> str:
    """Return a value as TOML in one line."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        codes = (f"\\U{ord(letter):08x}" if not letter.isalnum() else letter for letter in value)
        return '"' + "".join(codes) + '"'
    if isinstance(value, dict):
        return "{" + ", ".join(f"{written(k)} = {written(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(written, value)) + "]"
    return repr(value)


def page(data: dict[str, Any]) -> str:
    """Return a case as TOML: plain keys first, then tables, as people write them."""
    head, tables = "", ""
    for key, value in data.items():
        if key == "arms" and isinstance(value, dict) and all(isinstance(v, dict) for v in value.values()):
            rows = [(f"[arms.{written(name)}]", each) for name, each in value.items()]
        elif (
            key in ("expect", "curve") and isinstance(value, list) and all(isinstance(v, dict) for v in value)
        ):
            rows = [(f"[[{key}]]", each) for each in value]
        elif key == "noise" and isinstance(value, dict):
            rows = [("[noise]", value)]
        else:
            head += f"{key} = {written(value)}\n"
            continue
        for title, each in rows:
            tables += title + "\n" + "".join(f"{written(k)} = {written(v)}\n" for k, v in each.items())
    return head + tables


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bench") / "toy" / "case.toml"
    path.parent.mkdir()
    (path.parent / "data.csv").write_text("hour,value\n0,6\n20,9\n")
    return path


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(places(GOOD)), ODD), max_size=2))
def test_whatever_stands_in_a_case_it_is_read_or_refused(
    bench: Path, model: Model, changes: list[tuple[tuple[Any, ...], Any]]
) -> None:
    data = copy.deepcopy(GOOD)
    for path, odd in changes:
        put(data, path, copy.deepcopy(odd))
    bench.write_text(page(data), encoding="utf-8")
    refused: GutskinError | None = None
    try:
        check(model, read_case(bench, model.library))
    except GutskinError as error:
        refused = error
    assert refused is None or refused.where


def test_the_case_of_the_property_test_is_a_good_one(bench: Path, model: Model) -> None:
    bench.write_text(page(GOOD), encoding="utf-8")
    card = validate(model, [bench.parent])
    assert not card.refused
    assert len(card.scores) == 3


def test_a_case_that_was_copied_elsewhere_is_the_same(model: Model, tmp_path: Path) -> None:
    shutil.copytree(BAD / "right", tmp_path / "right")
    here, there = (read_case(f / "right" / "case.toml", model.library) for f in (BAD, tmp_path))
    assert here.expectations[0].readout.text == there.expectations[0].readout.text
    assert (here.study, here.source) == (there.study, there.source)
