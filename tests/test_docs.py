"""The documents say what the program does: tables, examples, commands, links and versions are checked."""

from __future__ import annotations

import inspect
import json
import os
import re
import runpy
import shlex
import subprocess
import sys
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest

import gutskin
from gutskin import compare, daily, ledger, people, precedence, scenario, simulate, sites, treatment
from gutskin.claims import read as claims
from gutskin.cli import app
from gutskin.compile import assemble, text
from gutskin.errors import GutskinError, LibraryErrors
from gutskin.model import Model, load
from gutskin.paths import LIBRARY
from gutskin.pictures import budget as budgets
from gutskin.pictures import read as read_pictures
from gutskin.samples.taxa import load_taxa

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
CODE = re.compile(r"\bE\d{3}\b")
RUN = "from gutskin.cli import main; main()"


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def rows(name: str, head: str) -> list[list[str]]:
    """Return the cells of every row of the table whose first column is called ``head``."""
    lines = read(name).splitlines()
    start = next(i for i, line in enumerate(lines) if re.match(rf"\|\s*{re.escape(head)}\s*\|", line))
    found = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        found.append([cell.strip() for cell in line.strip().strip("|").split("|")])
    return found


def keys(name: str, head: str) -> set[str]:
    """Return every name in backticks of the first column of a table."""
    return {key for row in rows(name, head) for key in re.findall(r"`([^`]+)`", row[0])}


def blocks(name: str, info: str) -> list[str]:
    """Return the fenced blocks whose info string is ``info``."""
    return re.findall(rf"^```{re.escape(info)}\n(.*?)^```$", read(name), re.M | re.S)


def write_files(name: str, folder: Path) -> None:
    """Write the blocks of a page that are titled with a file name."""
    for path, body in re.findall(r'^```\w+ title="([^"]+)"\n(.*?)^```$', read(name), re.M | re.S):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(body, encoding="utf-8")


def commands(info: str) -> list[list[str]]:
    found = [shlex.split(line) for block in blocks("docs/usage.md", info) for line in block.splitlines()]
    assert found
    assert all(words[0] == "gutskin" for words in found)
    return [words[1:] for words in found]


def run(folder: Path, words: list[str]) -> str:
    """Run a command line in a folder and return what it prints."""
    argv = [sys.executable, "-c", RUN, *words]
    done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


# errors


def test_the_table_of_errors_has_the_codes_of_the_source_and_no_other() -> None:
    source = {
        code
        for path in (ROOT / "src").rglob("*.py")
        for code in CODE.findall(path.read_text(encoding="utf-8"))
    }
    table = [row for row in rows("docs/errors.md", "Code") if CODE.fullmatch(row[0])]
    assert {row[0] for row in table} == source
    assert [row[0] for row in table] == sorted(source), "each once, in order"
    assert all(row[1] and row[2] for row in table)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_code_that_a_page_names_is_in_the_table(page: Path) -> None:
    known = {row[0] for row in rows("docs/errors.md", "Code")}
    assert set(CODE.findall(page.read_text(encoding="utf-8"))) <= known


# tables of keys


def test_scenario_keys() -> None:
    assert keys("docs/usage.md", "Scenario key") == scenario._KEYS
    assert keys("docs/usage.md", "Course key") == scenario._COURSE_KEYS


def test_treatment_keys() -> None:
    assert keys("docs/usage.md", "Treatment key") == treatment._KEYS
    said = {row[0]: re.findall(r"`([^`]+)`", row[1]) for row in rows("docs/usage.md", "Treatment key")}
    assert tuple(said["`kind`"]) == treatment.KINDS
    assert said["`dose`"] == [field.name for field in fields(treatment.Dose)]
    effects = {row[0].strip("`"): row[1].strip("`") for row in rows("docs/usage.md", "Effect")}
    assert effects == treatment.ACTIONS


def test_picture_keys() -> None:
    assert keys("docs/usage.md", "Picture key") == read_pictures._KEYS
    assert keys("docs/usage.md", "Panel key") == read_pictures._PANEL_KEYS
    kinds = next(row[1] for row in rows("docs/usage.md", "Panel key") if row[0] == "`kind`")
    assert tuple(re.findall(r"`(\w+)`", kinds)) == read_pictures.KINDS


def test_budget_keys() -> None:
    for head, known in (
        ("Budget key", budgets._KEYS),
        ("Case key", budgets._CASE_KEYS),
        ("Pool key", budgets._POOL_KEYS),
        ("Flow key", budgets._FLOW_KEYS),
    ):
        assert keys("docs/usage.md", head) == known


def test_claim_keys() -> None:
    assert keys("docs/evidence.md", "Claim key") == claims._KEYS
    assert keys("docs/evidence.md", "Test key") == claims._TEST


def test_person_keys() -> None:
    said = keys("docs/usage.md", "Person key")
    assert said <= people._KEYS
    assert people._KEYS - said <= {"site", "sites"}, "only keys that nothing reads may go unsaid"


def test_precedence() -> None:
    assert tuple(row[0] for row in rows("docs/usage.md", "Origin")) == people.ORIGINS


def test_ledger_keys_grades_and_spreads() -> None:
    assert keys("docs/model-text.md", "Ledger key") == ledger._KEYS
    grade = next(row[1] for row in rows("docs/model-text.md", "Ledger key") if row[0] == "`grade`")
    assert tuple(re.findall(r"`([^`]+)`", grade)) == ledger.GRADES
    spreads = {
        row[0].strip("`"): set(re.findall(r"`(\w+)`", row[1]))
        for row in rows("docs/model-text.md", "Spread kind")
    }
    assert spreads == ledger._SPREADS


def test_series_keys() -> None:
    assert keys("docs/model-text.md", "Series key") == daily._KEYS


def test_quantity_keys_and_reserved_names() -> None:
    assert keys("docs/model-text.md", "Quantity key") == assemble._QUANTITY_KEYS
    said = re.search(r"^Reserved names: (.*)\.$", read("docs/model-text.md"), re.M)
    assert said
    assert set(re.findall(r"`(\w+)`", said[1])) == text.FORBIDDEN_NAMES
    assert {"0", "1", "2", "10"} == text.ALLOWED_LITERALS


def test_numbers_in_the_words_of_the_usage_page() -> None:
    page = " ".join(read("docs/usage.md").split())
    defaults = inspect.signature(scenario.Scenario).parameters
    rules = load_taxa().rules
    assert f"{defaults['lead_in'].default:g} when left out" in page
    assert (simulate.OUTPUT_EVERY, compare.WORTH_TELLING) == (4.0, 0.1)
    assert (rules.refuse_below, rules.warn_below) == (0.5, 0.7)
    assert f"at most {scenario.LONGEST:g}" in read("docs/errors.md")


# commands and examples


def test_the_readme_lists_the_verbs() -> None:
    said = {row[0].strip("`").removeprefix("gutskin ") for row in rows("README.md", "Command")}
    assert said == {command.name for command in app.registered_commands}


def test_make_targets_that_are_named_exist() -> None:
    targets = set(re.findall(r"^(\w+):", read("Makefile"), re.M))
    for page in PAGES:
        words = page.read_text(encoding="utf-8")
        named = set(re.findall(r"`make (\w+)`", words)) | set(re.findall(r"^make (\w+)", words, re.M))
        assert named <= targets, page


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("usage")
    write_files("docs/usage.md", folder)
    return folder


@pytest.mark.parametrize("words", commands("sh"), ids=" ".join)
def test_command(words: list[str], examples: Path) -> None:
    printed = run(examples, words)
    assert printed.strip()
    if "--json" in words:
        json.loads(printed)


@pytest.mark.slow
def test_slow_commands(examples: Path) -> None:
    for words in commands("sh slow"):
        assert run(examples, words).strip()
    made = {path.name for path in (examples / "out_mine").iterdir()}
    said = {name for row in rows("docs/usage.md", "File") for name in re.findall(r"`([^`]+)`", row[0])}
    assert made == said
    assert (examples / "person.xml").exists()


def test_example_files_are_understood(examples: Path) -> None:
    chosen = scenario.read_scenario(
        examples / "my_plan.toml", (examples / "treatments", LIBRARY / "treatments")
    )
    assert [course.treatment.name for course in chosen.courses(planned=True)] == ["soap_wash", "fibre_bar"]
    assert not chosen.warnings
    model = load()
    who = people.read_person(str(examples / "my_person.toml"), LIBRARY / "people")
    assert Path(who.samples).name == "my_samples.tsv"
    _, origins = precedence.resolve(model, who.having("scenario", chosen.overrides))
    assert origins == {"diet_fibre_intake": "preset", "stress_load": "scenario"}
    oily = people.read_person(str(examples / "my_oily_person.toml"), LIBRARY / "people")
    assert oily.site is not None
    assert list(precedence.spreads(model, oily)) == ["skin_lipid_sebum_trait"]


def test_site_keys() -> None:
    assert keys("docs/usage.md", "Site key") == sites._KEYS


@pytest.mark.parametrize("block", blocks("docs/usage.md", "python"), ids=lambda block: block.split()[1])
def test_python_example(block: str, examples: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", block],
        cwd=examples, capture_output=True, text=True, check=False, env={**os.environ},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


# the worked example of a module


def example_library(folder: Path) -> Path:
    write_files("docs/model-text.md", folder)
    return folder


def test_the_worked_example_is_what_pen_and_paper_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import numpy as np

    from gutskin.engine.solve import solve
    from gutskin.engine.steady import settle

    monkeypatch.setenv("GUTSKIN_CACHE", str(tmp_path / "cache"))
    model = load("gut_stretch", library=example_library(tmp_path))
    value = {c.name: model.ledger.rows[c.row].value for c in model.network.constants}
    rest = settle(model.kernel, model.start(), model.constants(), model.floors(), tolerance=1e-6)
    assert rest.failure is None
    state = dict(zip(model.network.states, rest.states, strict=True))
    pool = value["pool_sugar_flow"] / (value["pool_k_leave"] + value["lining_k_burn"])
    assert state["pool_butyrate"] == pytest.approx(pool, rel=1e-4)
    fed = pool / (pool + value["lining_km_fed"] * value["pool_water"])
    assert state["lining_tightness"] == pytest.approx(2 * fed, rel=1e-4)

    times = np.array([0.0, 50.0, 500.0])
    run = solve(model.kernel, model.start()[:, None], model.constants()[:, None], model.floors(), times)
    held = np.array(model.kernel.content) @ run.states[: len(model.kernel.content[0]), :, 0]
    total = held + run.states[-len(model.kernel.tallies) :, :, 0]
    assert model.kernel.tallies
    assert total == pytest.approx(np.tile(total[:, :1], 3), rel=1e-6, abs=1e-6)


def test_an_absent_population_is_reported_as_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Guard of incident 0002: what decays for ever is 0 once it is below its floor, never 1e-112."""
    import numpy as np

    from gutskin.engine.solve import solve

    monkeypatch.setenv("GUTSKIN_CACHE", str(tmp_path / "cache"))
    model = load("gut_stretch", library=example_library(tmp_path))
    constants, row = model.constants(), list(model.network.states).index("pool_butyrate")
    constants[[c.name for c in model.network.constants].index("pool_sugar_flow")] = 0.0
    times = np.array([0.0, 1.0, 20.0, 300.0])
    run = solve(model.kernel, model.start()[:, None], constants[:, None], model.floors(), times)
    values, floor = run.states[row, :, 0], model.floors()[row]
    assert not run.failures
    assert values[0] > values[1] > values[2] > floor
    assert values[3] == 0.0


def test_the_example_of_an_event_does_what_the_page_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import numpy as np

    from gutskin.engine.solve import solve

    monkeypatch.setenv("GUTSKIN_CACHE", str(tmp_path / "cache"))
    (line,) = (block for block in blocks("docs/model-text.md", "antimony") if "at (" in block)
    path = example_library(tmp_path) / "models" / "butyrate_pool.ant"
    path.write_text(path.read_text(encoding="utf-8").replace("\nend", f"\n{line}end"), encoding="utf-8")
    ledger = tmp_path / "parameters" / "butyrate_pool.toml"
    numbers = {"t_ill": (30.0, "h"), "share_left": (0.5, "1"), "rescue": (4.0, "mmol")}
    more = "".join(
        f'[{name}]\nvalue = {value}\nunit = "{unit}"\nspread = {{ kind = "fixed" }}\n'
        'source = "none"\ngrade = "assumed"\n'
        for name, (value, unit) in numbers.items()
    )
    ledger.write_text(f"{ledger.read_text(encoding='utf-8')}\n{more}", encoding="utf-8")
    model = load("gut_stretch", library=tmp_path)
    times, row = np.array([0.0, 30.0, 30.0 + 1e-7]), model.network.states.index("pool_butyrate")
    run = solve(model.kernel, model.start()[:, None], model.constants()[:, None], model.floors(), times)
    _, before, after = run.states[row, :, 0]
    assert after == pytest.approx(before * 0.5 + 4.0, rel=1e-5)


RULES = rows("docs/model-text.md", "Rule")


@pytest.mark.parametrize("row", RULES, ids=lambda row: f"{row[2]} {row[0]}")
def test_every_wrong_line_is_refused_with_its_code(
    row: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUTSKIN_CACHE", str(tmp_path / "cache"))
    wrong, code = row[1].strip("`"), row[2]
    path = example_library(tmp_path) / "models" / "butyrate_pool.ant"
    lines = path.read_text(encoding="utf-8").rstrip().removesuffix("end")
    path.write_text(f"{lines}  {wrong}\nend\n", encoding="utf-8")
    with pytest.raises(GutskinError) as caught:
        load("gut_stretch", library=tmp_path)
    faults = caught.value.faults if isinstance(caught.value, LibraryErrors) else (caught.value,)
    assert code in {fault.code for fault in faults}, str(caught.value)
    assert all(fault.remedy for fault in faults if fault.code == code)


# how the gut works

PAGE = runpy.run_path(str(ROOT / "tools" / "page.py"))
PRINTED = ("docs/gut.md", "docs/skin.md", "docs/ecology.md")
SAID = [pair for page in PRINTED for pair in PAGE["pairs"](read(page))]


@pytest.mark.parametrize(("command", "said"), SAID, ids=[command for command, _ in SAID])
def test_a_page_prints_what_its_commands_print(command: str, said: str, tmp_path: Path) -> None:
    """Within a twentieth, so that no last digit decides; ``make picture`` prints the page anew."""
    (tmp_path / "docs" / "pictures").mkdir(parents=True)
    now, then = PAGE["printed"](command, tmp_path).split(), said.split()
    assert len(now) == len(then), "make picture"
    for new, old in zip(now, then, strict=True):
        numbers = all(re.fullmatch(r"\d+\.?\d*", each) for each in (new, old))
        near = numbers and float(new) == pytest.approx(float(old), rel=0.05)
        assert new == old or near, f"{old} is now {new}: make picture"
    made = {path.name for path in (tmp_path / "docs" / "pictures").iterdir()}
    assert made == set(re.findall(r"docs/pictures/(\S+)", command))


@pytest.mark.parametrize("page", PRINTED)
def test_only_commands_bring_figures_into_a_page(page: str) -> None:
    words = re.sub(r"^```.*?^```$", "", read(page), flags=re.M | re.S)
    sources = set(re.findall(r"`([a-z_]+_[12]\d{3}[a-z]?)`", words))
    assert sources
    assert sources <= set(load().ledger.sources)
    assert not re.search(r"\d", re.sub(r"`[^`]*`", "", words))
    assert not re.search(r"^```text\n```$", read(page), re.M), "every command has its output"


def test_the_page_of_the_skin_names_every_treatment_that_acts_on_it_and_no_other() -> None:
    named = set().union(*(re.findall(r"`(\w+)`", row[0]) for row in rows("docs/skin.md", "Treatment")))
    known = {path.stem: treatment.read_treatment(path) for path in (LIBRARY / "treatments").glob("*.toml")}
    acting = {name for name, each in known.items() if any(e.target.startswith("skin_") for e in each.effects)}
    assert acting <= named <= set(known)


def test_the_page_of_the_skin_names_every_module_of_it() -> None:
    modules = {path.name for path in (LIBRARY / "models").glob("skin_*.ant")} | {"nitrogen.ant"}
    assert modules == set(re.findall(r"`(\w+\.ant)`", read("docs/skin.md")))


# what the pages claim of the library


@pytest.fixture(scope="module")
def model() -> Model:
    return load()


def test_the_library_page_names_every_module() -> None:
    page = read("docs/library.md")
    modules = [path.stem for path in (LIBRARY / "models").glob("*.ant")]
    assert [name for name in modules if f"`{name}`" not in page] == []
    assert sum(name.endswith("_guild") for name in modules) == 17
    assert "Seventeen guilds" in page


def test_most_numbers_are_assumed_or_calibrated(model: Model) -> None:
    counted = model.ledger.count()
    assert counted["assumed"] + counted["calibrated"] > sum(counted.values()) / 2
    gains = [
        row.grade
        for name, row in model.ledger.rows.items()
        if name.split(".")[0] in ("immune_system", "skin_immunity") and ".gain_" in name
    ]
    assert gains.count("assumed") > len(gains) / 2


@pytest.mark.slow
def test_known_weaknesses_are_still_there(model: Model) -> None:
    """When one of these fails because the model got better, mend docs/library.md and rejoice."""
    folders = (LIBRARY / "treatments",)
    who = people.read_person("healthy_adult", LIBRARY / "people")

    def lived(name: str) -> compare.Comparison:
        path = LIBRARY / "scenarios" / f"{name}.toml"
        return compare.compare(model, who, scenario.read_scenario(path, folders), edges=())

    recovery = lived("clindamycin").planned["colon_distal_diversity"]
    before = recovery.at(0.0)[0]
    assert abs(recovery.at(14.0)[0] / before - 1) > 0.1
    assert abs(recovery.at(28.0)[0] / before - 1) < 0.1


# links, versions, form


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        if link.startswith("https://"):
            continue
        made = str((page.parent / link).resolve().relative_to(ROOT))
        assert (page.parent / link).exists() or made in read("Makefile"), f"{page}: {link}"


def test_every_decision_and_incident_is_in_the_index_and_complete() -> None:
    index = read("docs/index.md")
    for page in sorted((DOCS / "decisions").glob("*.md")):
        words = page.read_text(encoding="utf-8")
        assert f"decisions/{page.name}" in index
        parts = ("Status", "Context", "Decision", "Consequences", "Declined")
        places = [words.find(f"**{part}.**") for part in parts]
        assert -1 not in places, page
        assert places == sorted(places), page
    for page in sorted((DOCS / "incidents").glob("*.md")):
        words = page.read_text(encoding="utf-8")
        assert f"incidents/{page.name}" in index
        assert all(f"**{part}.**" in words for part in ("What happened", "What was wrong", "Guard"))
        for file, test in re.findall(r"(tests/\w+\.py)::(\w+)", " ".join(words.split())):
            assert f"def {test}(" in read(file)


def test_versions_agree_and_the_changelog_keeps_its_order() -> None:
    log = read("CHANGELOG.md")
    assert re.search(r"^## (\S+)", log, re.M)[1] == gutskin.__version__  # type: ignore[index]
    assert f"\nversion: {gutskin.__version__}\n" in read("CITATION.cff")
    order = ["Breaking", "Science", "Features", "Fixes"]
    for release in log.split("\n## ")[1:]:
        sections = re.findall(r"^### (.+)$", release, re.M)
        assert sections == [each for each in order if each in sections]


def test_citation_has_what_is_needed_and_the_licence_of_the_project() -> None:
    citation = read("CITATION.cff")
    for key in ("cff-version", "message", "title", "authors", "abstract", "keywords", "license"):
        assert re.search(rf"^{key}:", citation, re.M)
    project = tomllib.loads(read("pyproject.toml"))["project"]
    assert f"\nlicense: {project['license']}\n" in citation


def test_research_use_only_stands_up_front() -> None:
    for name in ("README.md", "docs/index.md"):
        assert "research use only" in read(name).lower()
        assert "never medical advice" in read(name).lower()
