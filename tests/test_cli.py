"""The command line as users call it: exit status, one clear line for mistakes, nothing half-written."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gutskin.paths import LIBRARY
from gutskin.people import people_names
from gutskin.result import read_result

SCRIPT = shutil.which("gutskin", path=str(Path(sys.executable).parent)) or "gutskin"
BAD = Path(__file__).parent / "bad"
PEOPLE = LIBRARY / "people"
Call = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def gutskin(tmp_path: Path) -> Call:
    """Call the console script in an empty folder."""

    def call(*words: object, limit: float = 120.0) -> subprocess.CompletedProcess[str]:
        command = [SCRIPT, *map(str, words)]
        return subprocess.run(
            command,
            capture_output=True,
            text=True,
            cwd=tmp_path,
            check=False,
            timeout=limit,
            encoding="utf-8",
        )

    return call


def refused(done: subprocess.CompletedProcess[str], code: str) -> str:
    """Check that a call was refused as it should, and return what it said."""
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    said = [line for line in lines if line.startswith("error: ")]
    assert len(said) == 1, done.stderr
    assert said[0].startswith(f"error: {code} ")
    return said[0]


# ---- help


@pytest.mark.parametrize("words", [("--help",), ()])
def test_help_names_every_command(gutskin: Call, words: tuple[str, ...]) -> None:
    done = gutskin(*words)
    said = done.stdout + done.stderr
    for command in ("demo", "run", "sample", "explain", "list", "export", "lint"):
        assert command in said
    assert "never medical advice" in " ".join(said.split())
    assert "Traceback" not in said


@pytest.mark.parametrize("command", ["demo", "run", "sample", "explain", "list", "export", "lint"])
def test_every_command_has_help(gutskin: Call, command: str) -> None:
    done = gutskin(command, "--help")
    assert done.returncode == 0
    assert "Usage:" in done.stdout


def test_version(gutskin: Call) -> None:
    done = gutskin("--version")
    assert done.returncode == 0
    assert done.stdout.startswith("gutskin ")


@pytest.mark.parametrize("words", [("runn",), ("run",), ("list", "people", "--jason"), ("sample",)])
def test_words_that_are_no_command_line(gutskin: Call, words: tuple[str, ...]) -> None:
    done = gutskin(*words)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "Usage:" in done.stderr


# ---- list


@pytest.mark.parametrize(
    "kind", ["people", "sites", "scenarios", "treatments", "readouts", "edges", "pictures"]
)
def test_lists_as_table_and_as_json(gutskin: Call, kind: str) -> None:
    table, data = gutskin("list", kind), gutskin("list", kind, "--json")
    assert table.returncode == data.returncode == 0
    rows = json.loads(data.stdout)
    assert rows
    names = [row["name"] for row in rows]
    assert len(set(names)) == len(names)
    assert all(name in table.stdout for name in names)


def test_the_list_of_people_is_that_of_the_library(gutskin: Call) -> None:
    rows = json.loads(gutskin("list", "people", "--json").stdout)
    assert {row["name"] for row in rows} == set(people_names(PEOPLE))


def test_an_unknown_list(gutskin: Call) -> None:
    assert "did you mean people" in refused(gutskin("list", "peple"), "E280")


# ---- explain


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("skin_gain_phenol_hydration", {"value", "grade", "ledger row"}),
        ("colon_distal_butyrate", {"what", "unit", "kind", "formula"}),
        ("tewl", {"what", "quantity", "better", "healthy range"}),
    ],
    ids=["constant", "state", "read-out"],
)
def test_explain(gutskin: Call, name: str, facts: set[str]) -> None:
    done, data = gutskin("explain", name), gutskin("explain", name, "--json")
    assert done.returncode == data.returncode == 0
    got = json.loads(data.stdout)
    assert got["name"] == name
    assert facts <= set(got["facts"])
    assert got["uses"]
    assert name in done.stdout


def test_explain_says_what_sites_and_people_have_instead(gutskin: Call) -> None:
    facts = json.loads(gutskin("explain", "skin_lipid_follicle_density", "--json").stdout)["facts"]
    assert facts["site forearm"].startswith("0.015 1; lognormal")
    assert "assumed" in facts["site forearm"]
    facts = json.loads(gutskin("explain", "colon_passage", "--json").stdout)["facts"]
    assert facts["person slow_passage"] == "0.0169 1/h"
    assert not any(fact.startswith("site") for fact in facts)


def test_explain_counts_the_ledger(gutskin: Call) -> None:
    got = json.loads(gutskin("explain", "--json").stdout)
    assert sum(got["by grade"].values()) == got["numbers"] > 100
    assert gutskin("explain").returncode == 0


def test_explain_nonsense_names_the_nearest(gutskin: Call) -> None:
    assert "skin_gain_phenol_hydration" in refused(gutskin("explain", "skin_gain_phenol_hydratoin"), "E261")


# ---- sample


def test_sample_of_a_shipped_person(gutskin: Call) -> None:
    path = next(path for path in sorted(PEOPLE.glob("hmp_*.tsv")))
    done, data = gutskin("sample", path), gutskin("sample", path, "--json")
    assert done.returncode == data.returncode == 0, done.stderr
    documents = json.loads(data.stdout)
    assert any(each["refused"] is None for each in documents)
    assert all(each["rows"] for each in documents)
    assert all(each["sample"] in done.stdout for each in documents)
    assert done.stdout.count("REFUSED") == sum(each["refused"] is not None for each in documents)


def test_one_site_of_a_table(gutskin: Call) -> None:
    path = next(path for path in sorted(PEOPLE.glob("hmp_*.tsv")))
    (one,) = json.loads(gutskin("sample", path, "--site", "stool", "--json").stdout)
    assert "stool" in one["sample"]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("E302_empty.tsv", "E302"), ("E304_web_page.tsv", "E304"), ("E314_twice.tsv", "E314"),
        ("E312_negative.tsv", "E312"), ("E315_sum_of_three.tsv", "E315"), ("E321_unknown_site.tsv", "E321"),
        ("E311_text.tsv", "E311"), ("E306_binary.biom", "E306"), ("not_there.tsv", "E300"),
    ],
)  # fmt: skip
def test_a_bad_table_is_one_clear_line(gutskin: Call, tmp_path: Path, name: str, code: str) -> None:
    done = gutskin("sample", BAD / "samples" / name)
    said = refused(done, code)
    assert name in said or "ada." in said
    assert done.stdout == ""
    assert list(tmp_path.iterdir()) == []


def test_metadata_controls_and_taxa_of_ones_own(gutskin: Call, tmp_path: Path) -> None:
    table, metadata, mine = (tmp_path / name for name in ("table.tsv", "metadata.tsv", "mine.tsv"))
    table.write_text(
        "taxon\tone\twater\ng__Cutibacterium\t700\t1\ng__Ralstonia\t100\t90\ng__Mystery\t200\t0\n"
    )
    metadata.write_text(
        "sample\tperson\tsite\tTEWL\tzonulin\none\tada\tface\t12.5\t3\nwater\tada\tblank\tNA\tNA\n"
    )
    mine.write_text("taxon\tguild\tg\ng__Mystery\tstaphylococcus\tx\n")
    done = gutskin("sample", table, "--metadata", metadata, "--taxa", mine)
    said = " ".join(done.stdout.split())
    assert "samples: 1, negative controls: 1" in said
    assert "contaminants 10.0 %" in said
    assert "Staphylococci 22.2 %" in said
    assert "measured tewl 12.5 g/m2/h" in said
    assert "zonulin" in said
    mine.write_text("taxon\tguild\ng__Mystery\tstaphylococus\n")
    refused(gutskin("sample", table, "--metadata", metadata, "--taxa", mine), "E521")


def test_sample_takes_a_taxonomy_in_a_file_of_its_own(gutskin: Call) -> None:
    files = Path(__file__).parent / "fixtures" / "samples"
    refused(gutskin("sample", files / "feature_table.qza"), "E318")
    done = gutskin(
        "sample", files / "feature_table.qza", "--taxonomy", files / "taxonomy.qza", "--site", "stool"
    )
    assert done.returncode == 0, done.stderr
    assert "ada.stool" in done.stdout


def test_sample_says_what_was_left_out_on_the_error_stream(gutskin: Call, tmp_path: Path) -> None:
    path = tmp_path / "table.tsv"
    path.write_text(
        "taxon\tada.stool\tbo.stool\tcy.stool\tdi.stool\nBlautia\t60\t0\t0\t20\nBacteroides\t40\t0\t0\t5\n"
    )
    done = gutskin("sample", path, "--json")
    assert done.returncode == 0
    assert [each["sample"] for each in json.loads(done.stdout)] == ["ada.stool"]
    said = done.stderr.splitlines()
    assert said[0].startswith("left out 2 samples, the first for: E316")
    assert "bo.stool" in said[0]
    assert said[1].startswith("left out a sample: E315")


def test_a_table_of_which_no_sample_can_be_used(gutskin: Call) -> None:
    done = gutskin("sample", BAD / "samples" / "E330_little_mapped.tsv")
    refused(done, "E332")
    assert "REFUSED: E330" in done.stdout


def test_a_site_that_nobody_has(gutskin: Call) -> None:
    path = next(path for path in sorted(PEOPLE.glob("hmp_*.tsv")))
    assert "stool" in refused(gutskin("sample", path, "--site", "stol"), "E321")


# ---- run

SHORT = """title = "Two days of inulin"
about = "For a test."
days = 2
lead_in_days = 1

[[usual]]
treatment = "soap_wash"

[[plan]]
treatment = "inulin"
dose = "40 g"

[set]
stress_load = "0.25 1"
"""


@pytest.fixture
def short(tmp_path: Path) -> Path:
    """A scenario of two days and a person without samples, in a folder of their own."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "eve.toml").write_text('label = "Eve"\nabout = "Nobody."\n')
    path = tmp_path / "mine" / "short.toml"
    path.write_text(SHORT)
    return path


def test_run_writes_a_report_and_both_arms(gutskin: Call, short: Path, tmp_path: Path) -> None:
    who, stress = ("--person", short.parent / "eve.toml"), ("--set", "stress_load=50 percent")
    done = gutskin("run", short, *who, *stress, "--out", "got", "--no-edges", "--csv")
    assert done.returncode == 0, done.stderr
    written = {path.name for path in (tmp_path / "got").iterdir()}
    assert written == {"report.html", "with_plan.nc", "without_plan.nc", "with_plan.csv", "without_plan.csv"}
    page = (tmp_path / "got" / "report.html").read_text(encoding="utf-8")
    assert "Eve" in page
    assert "Two days of inulin" in page
    planned = read_result(tmp_path / "got" / "with_plan.nc")
    without = read_result(tmp_path / "got" / "without_plan.nc")
    assert planned.times[-1] == without.times[-1] == 48.0
    assert not planned.failures
    assert (planned["small_oligosaccharide"].at(0.5) > without["small_oligosaccharide"].at(0.5)).all()
    assert planned.stamp["people"]["eve"]["scenario"] == {"stress_load": "0.25 1"}
    assert planned.stamp["people"]["eve"]["command line"] == {"stress_load": "50.0 percent"}
    assert "Eve" in done.stdout
    assert "report.html" in done.stdout
    assert "warning: Inulin: a dose of 40 g is outside the studied 1-30 g" in done.stderr


SCENARIOS = sorted((BAD / "scenarios").glob("*.toml"))


@pytest.mark.parametrize("path", SCENARIOS[::5], ids=lambda path: path.stem)
def test_a_bad_scenario_writes_nothing(gutskin: Call, tmp_path: Path, path: Path) -> None:
    refused(gutskin("run", path, "--out", "got"), path.name.split("_", 1)[0])
    assert not (tmp_path / "got").exists() or not any((tmp_path / "got").iterdir())


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--person", "healthy_adlt"), "E264"), (("--set", "stress_load"), "E281"),
        (("--site", "forarm"), "E450"),
        (("--set", "stress_load=1"), "E204"),
        (("--set", "stress_lod=1 1"), "E260"), (("--set", "stress_load=1 g"), "E202"),
        (("--set", "stress_load=1e999 1"), "E203"),
        (("--samples", BAD / "samples" / "E312_negative.tsv"), "E312"),
        (("--samples", BAD / "samples" / "E330_little_mapped.tsv"), "E330"),
    ],
)  # fmt: skip
def test_a_bad_option_writes_nothing(
    gutskin: Call, short: Path, tmp_path: Path, words: tuple[object, ...], code: str
) -> None:
    person = () if "--person" in words else ("--person", short.parent / "eve.toml")
    refused(gutskin("run", short, *person, "--out", "got", "--no-edges", *words), code)
    assert not (tmp_path / "got").exists() or not any((tmp_path / "got").iterdir())


def test_a_run_at_a_site_says_so(gutskin: Call, short: Path, tmp_path: Path) -> None:
    """The command line counts before the scenario, and that before the person's own."""
    short.write_text('site = "fold"\n' + short.read_text())
    eve = short.parent / "eve.toml"
    eve.write_text('site = "face"\n' + eve.read_text())
    labels = {}
    for words in ((), ("--site", "forearm")):
        done = gutskin("run", short, "--person", eve, "--no-edges", "--out", "got", *words)
        assert done.returncode == 0, done.stderr
        stamp = read_result(tmp_path / "got" / "with_plan.nc").stamp
        labels[stamp["site"]["eve"]] = done.stdout.splitlines()[0]
        assert set(stamp["people"]["eve"]["site"]) == set(stamp["spreads"]["eve"])
    assert labels["fold"].startswith("Eve, Elbow fold (moist): ")
    assert labels["forearm"].startswith("Eve, Volar forearm (dry): ")
    assert "Volar forearm (dry)" in (tmp_path / "got" / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "words",
    [("crowd", "inulin"), ("demo",), ("export", "x.xml"), ("picture", "colon")],
    ids=lambda words: words[0],
)
def test_a_site_that_is_not_there(gutskin: Call, words: tuple[str, ...]) -> None:
    assert "did you mean forearm" in refused(gutskin(*words, "--site", "forarm"), "E450")


def test_a_table_of_several_people_needs_a_subject(gutskin: Call, short: Path, tmp_path: Path) -> None:
    rows = ["taxon\tada.stool\tbob.stool", "g__Bacteroides\t60\t30", "g__Faecalibacterium\t40\t70"]
    path = tmp_path / "two.tsv"
    path.write_text("\n".join(rows) + "\n")
    asked = ("run", str(short), "--samples", str(path), "--no-edges", "--out", str(tmp_path / "out"))
    said = refused(gutskin(*asked), "E333")
    assert "ada, bob" in said
    assert not (tmp_path / "out" / "report.html").exists()
    assert gutskin(*asked, "--subject", "bob").returncode == 0
    stamp = read_result(tmp_path / "out" / "with_plan.nc").stamp
    (layers,) = stamp["people"].values()
    assert layers["sample"]


def test_a_crowd_like_somebody_has_their_traits(gutskin: Call, short: Path, tmp_path: Path) -> None:
    names = ("hmp_042", "healthy_adult")
    for name in names:
        done = gutskin("crowd", str(short), "--people", "4", "--like", name, "--out", str(tmp_path / name))
        assert done.returncode == 0, done.stderr
    who = [json.loads((tmp_path / name / "crowd.json").read_text())["people"] for name in names]
    assert who[0]["hmp_042"]["sample"]
    assert "sample" not in who[1]["healthy_adult"]


def test_a_scenario_that_is_not_there(gutskin: Call) -> None:
    assert "did you mean demo" in refused(gutskin("run", "demmo"), "E245")


def test_a_file_where_the_folder_should_be(gutskin: Call, short: Path, tmp_path: Path) -> None:
    (tmp_path / "got").write_text("in the way")
    refused(gutskin("run", short, "--person", short.parent / "eve.toml", "--out", "got"), "E282")
    assert (tmp_path / "got").read_text() == "in the way"


# ---- export and lint


def test_export_writes_sbml(gutskin: Call, tmp_path: Path) -> None:
    done = gutskin("export", "person.xml")
    assert done.returncode == 0, done.stderr
    assert "<sbml" in (tmp_path / "person.xml").read_text(encoding="utf-8")[:400]
    assert "not carried" in done.stderr


def test_export_to_a_folder_that_is_not_there(gutskin: Call) -> None:
    refused(gutskin("export", "nowhere/person.xml"), "E282")


def test_lint_finds_no_fault_in_the_shipped_library(gutskin: Call) -> None:
    done = gutskin("lint")
    assert done.returncode == 0, done.stderr
    assert "no fault found" in done.stdout


def test_lint_of_a_folder_that_is_no_library(gutskin: Call, tmp_path: Path) -> None:
    refused(gutskin("lint", "--library", tmp_path), "E262")


@pytest.mark.slow
def test_demo(gutskin: Call, tmp_path: Path) -> None:
    done = gutskin("demo", "--out", "got", limit=900.0)
    assert done.returncode == 0, done.stderr
    assert {path.name for path in (tmp_path / "got").iterdir()} == {
        "report.html",
        "with_plan.nc",
        "without_plan.nc",
    }
    planned = read_result(tmp_path / "got" / "with_plan.nc")
    assert planned.times[-1] == 28 * 24
    assert planned.people == ("hmp_042",)
    assert not planned.failures
    assert "report.html" in done.stdout
