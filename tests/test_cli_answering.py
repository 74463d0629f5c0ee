"""``gutskin diagnose``, ``forecast`` and ``rank`` from end to end, on 200 virtual people."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from gutskin.cli import app
from gutskin.errors import GutskinError
from gutskin.paths import LIBRARY
from gutskin.plans import usual_endpoint
from gutskin.treatment import treatment_names

FIXTURES = Path(__file__).parent / "fixtures"
PEOPLE, FACTS = FIXTURES / "people.tsv", FIXTURES / "people.metadata.tsv"
SMALL = ("--size", "200", "--members", "32")
TABLES = ("--stool", PEOPLE, "--metadata", FACTS)
ADA = (*TABLES, "--person", "Ada")
PLANS = sorted(treatment_names((LIBRARY / "treatments",)))[:2]
FILES = {"report.html", "answer.json", "findings.csv", "fits.csv", "twin.nc"}


def call(*words: object) -> Result:
    return CliRunner().invoke(app, [*map(str, words), *SMALL], catch_exceptions=False)


def refused(*words: object) -> GutskinError:
    """Return the one clear line of a refusal."""
    with pytest.raises(GutskinError) as caught:
        call(*words)
    return caught.value


def strict(text: str) -> Any:
    """Return JSON, where NaN and infinity are no numbers."""

    def never(word: str) -> None:
        raise ValueError(word)

    return json.loads(text, parse_constant=never)


def names(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def several(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    """Three people, one of whom cannot be told of."""
    out = tmp_path_factory.mktemp("several") / "out"
    return out, call("diagnose", *TABLES, "--out", out)


# ---- diagnose


def test_one_bad_person_does_not_stop_the_rest(several: tuple[Path, Result]) -> None:
    out, done = several
    assert done.exit_code == 0
    assert names(out) == {f"{who}/{name}" for who in ("Ada", "Ben") for name in FILES} | {"summary.csv"}
    assert {path.name for path in out.parent.iterdir()} == {"out"}
    assert "Cleo: REFUSED: E330" in done.stderr
    assert "2 of 3 people" in done.stdout


def test_the_summary_has_a_row_a_person(several: tuple[Path, Result]) -> None:
    with (several[0] / "summary.csv").open(encoding="utf-8") as file:
        rows = {row["person"]: row for row in csv.DictReader(file)}
    assert list(rows) == ["../Ben", "Ada", "Cleo"]
    assert rows["Cleo"]["refused"].startswith("E330")
    assert {text for name, text in rows["Cleo"].items() if name not in {"person", "refused"}} == {""}
    ada = rows["Ada"]
    assert (ada["place"], ada["samples"], ada["readings"]) == ("face", "2", "2")
    chances = [float(text) for name, text in ada.items() if name.startswith("chance ")]
    assert sum(chances) == pytest.approx(1.0)
    levels = [float(text) for name, text in ada.items() if name.startswith("tewl ")]
    assert levels == sorted(levels)
    assert len(levels) == 3
    assert not {"nan", "inf"} & {text.lower() for row in rows.values() for text in row.values()}


def test_files_are_whole_and_say_the_same(several: tuple[Path, Result]) -> None:
    said = strict((several[0] / "Ben" / "answer.json").read_text(encoding="utf-8"))
    with (several[0] / "Ben" / "findings.csv").open(encoding="utf-8") as file:
        rows = {row["readout"]: row for row in csv.DictReader(file)}
    for each in said["diagnosis"]["findings"]:
        assert float(rows[each["readout"]]["person_q50"]) == each["person"]["median"]
    page = (several[0] / "Ben" / "report.html").read_text(encoding="utf-8")
    assert page.rstrip().endswith("</html>")
    assert "../Ben" in page


def test_json_is_json_and_has_no_nan(tmp_path: Path) -> None:
    (said,) = strict(call("diagnose", *ADA, "--out", tmp_path / "out", "--json").stdout)
    assert said["person"] == "Ada"
    assert said["diagnosis"]["findings"]
    assert said["forecasts"] == []
    assert said["ranking"] is None
    kept = strict((tmp_path / "out" / "answer.json").read_text(encoding="utf-8"))
    assert kept["diagnosis"] == said["diagnosis"]
    both = strict(call("diagnose", *TABLES, "--out", tmp_path / "all", "--json").stdout)
    assert [("refused" in each) for each in both] == [False, False, True]


def test_another_place_and_a_known_kind(tmp_path: Path) -> None:
    kind = "adult_with_eczema"
    words = ("diagnose", *ADA, "--site", "fold", "--kind", kind, "--out", tmp_path, "--json")
    (said,) = strict(call(*words).stdout)
    assert said["stamp"]["population"]["place"] == "fold"
    chances = [each["now"] for each in said["diagnosis"]["kinds"]]
    assert sorted(chances)[-1] == pytest.approx(1.0)
    assert any("skin:retroauricular_crease" in note for note in said["notes"])


def test_readings_alone_will_do(tmp_path: Path) -> None:
    (tmp_path / "facts.tsv").write_text("sample\tperson\tsite\tTEWL (g/m2/h)\tEASI\na\tada\tface\t25\t8\n")
    done = call("diagnose", "--metadata", tmp_path / "facts.tsv", "--out", tmp_path / "out")
    assert done.exit_code == 0
    assert names(tmp_path / "out") == FILES


# ---- forecast and rank


def test_a_forecast_is_with_and_without_the_plan(tmp_path: Path) -> None:
    words = ("forecast", *ADA, "--plan", PLANS[0], "--days", 7, "--out", tmp_path)
    (said,) = strict(call(*words, "--json").stdout)
    assert [each["planned"] for each in said["forecasts"]] == [False, True]
    assert names(tmp_path) == FILES | {"forecast.csv"}
    with (tmp_path / "forecast.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert max(float(row["day"]) for row in rows) == 7
    assert len({row["plan"] for row in rows}) == 2


def test_without_a_plan_nothing_is_done(tmp_path: Path) -> None:
    done = call("forecast", *ADA, "--days", 3, "--out", tmp_path, "--json")
    (said,) = strict(done.stdout)
    assert [each["planned"] for each in said["forecasts"]] == [False]


def test_plans_are_ranked(tmp_path: Path) -> None:
    words = [word for plan in PLANS for word in ("--plan", plan)]
    (said,) = strict(call("rank", *ADA, *words, "--days", 7, "--out", tmp_path, "--json").stdout)
    assert said["ranking"]["readout"] == usual_endpoint()
    assert {each["name"] for each in said["ranking"]["plans"]} == {*PLANS}
    assert names(tmp_path) == FILES | {"ranking.csv"}
    assert 0 <= said["ranking"]["plans"][0]["helps"] <= 1


# ---- refusals


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("diagnose",), "E571"),
        (("diagnose", *TABLES, "--person", "nobody"), "E572"),
        (("diagnose", *TABLES, "--person", "Cleo"), "E330"),
        (("diagnose", *TABLES, "--kind", "martian"), "E585"),
        (("diagnose", *TABLES, "--site", "nowhere"), "E450"),
        (("diagnose", *TABLES, "--taxa", FACTS), "E520"),
        (("forecast", *ADA, "--plan", "nothing_like_it"), "E569"),
        (("forecast", *ADA, "--plan", PLANS[0], "--plan", PLANS[1]), "E573"),
        (("forecast", *ADA, "--plan", PLANS[0], "--days", 0.5), "E241"),
        (("rank", *ADA, "--days", 4000), "E241"),
        (("rank", *ADA, "--endpoint", "nothing_like_it"), "E290"),
        (("rank", *ADA, "--endpoint", "melanin"), "E589"),
    ],
)
def test_a_refusal_leaves_nothing(words: tuple[object, ...], code: str, tmp_path: Path) -> None:
    assert refused(*words, "--out", tmp_path / "new" / "out").code == code
    assert list(tmp_path.iterdir()) == []


def test_plans_that_differ_in_what_is_done_anyway_are_refused(tmp_path: Path) -> None:
    for name, usual in (("one", PLANS[0]), ("two", PLANS[1])):
        course = 'title = "It"\nabout = "It."\ndays = 7\n[[{}]]\ntreatment = "{}"\n'
        (tmp_path / f"{name}.toml").write_text(course.format("usual", usual))
    plans = [word for name in ("one", "two") for word in ("--plan", tmp_path / f"{name}.toml")]
    assert refused("rank", *ADA, *plans, "--out", tmp_path / "out").code == "E588"
    assert not (tmp_path / "out").exists()


def test_an_answer_for_nobody_is_an_error_with_a_summary(tmp_path: Path) -> None:
    (tmp_path / "t.tsv").write_text("taxon\ta\tb\ng__Nobodyknows\t90\t90\n")
    (tmp_path / "m.tsv").write_text("sample\tperson\tsite\na\tada\tstool\nb\tben\tstool\n")
    words = ("--stool", tmp_path / "t.tsv", "--metadata", tmp_path / "m.tsv", "--out", tmp_path / "out")
    assert refused("diagnose", *words).code == "E332"
    assert names(tmp_path / "out") == {"summary.csv"}


@pytest.mark.parametrize("out", ["file", "file/inside"])
def test_a_file_in_the_way_is_told_and_kept(out: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    assert refused("diagnose", *ADA, "--out", tmp_path / out).code == "E282"
    assert (tmp_path / "file").read_text() == "mine"


def test_a_file_in_the_way_of_one_person_does_not_stop_the_rest(tmp_path: Path) -> None:
    (tmp_path / "Ben").write_text("mine")
    done = call("diagnose", *TABLES, "--out", tmp_path)
    assert done.exit_code == 0
    assert "../Ben: REFUSED: E282" in done.stderr
    assert names(tmp_path) == {f"Ada/{name}" for name in FILES} | {"summary.csv", "Ben"}


def test_an_interrupt_leaves_nothing_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from gutskin.answers import document

    def interrupted(*given: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(document, "twin_dataset", interrupted)
    done = call("diagnose", *ADA, "--out", tmp_path / "out")
    assert done.exit_code != 0
    assert not any(path.name.startswith(".") for path in (tmp_path / "out").rglob("*"))
    assert "report.html" not in names(tmp_path / "out")
