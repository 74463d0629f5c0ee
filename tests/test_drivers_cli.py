"""``gutskin sensitivity`` and ``gutskin why`` as users call them."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from gutskin.cli import complete
from gutskin.cli.why import LITTLE

SCRIPT = shutil.which("gutskin", path=str(Path(sys.executable).parent)) or "gutskin"
Call = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def gutskin(tmp_path: Path) -> Call:
    """Call the console script in an empty folder."""

    def call(*words: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [SCRIPT, *map(str, words)], capture_output=True, text=True, cwd=tmp_path, check=False, timeout=300
        )

    return call


def refused(done: subprocess.CompletedProcess[str], code: str) -> str:
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    (said,) = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert said.startswith(f"error: {code} ")
    return said


def test_blocks_as_table_json_and_file(gutskin: Call, tmp_path: Path) -> None:
    asked = ("sensitivity", "ln(sebum / '1 ug/cm2')", "--size", 32)
    table, data = gutskin(*asked, "--out", "got.json"), gutskin(*asked, "--json")
    assert table.returncode == data.returncode == 0, table.stderr
    got, written = json.loads(data.stdout), json.loads((tmp_path / "got.json").read_text())
    assert got["people"] == 32 * 6
    assert got["indices"][0]["name"] == "skin"
    assert {key: got[key] for key in got if key != "people_per_second"} == {
        key: written[key] for key in written if key != "people_per_second"
    }
    assert "192 people" in table.stdout
    assert all(each["name"] in table.stdout for each in got["indices"])


def test_screening_of_a_study(gutskin: Call) -> None:
    arms = gutskin("sensitivity", "igf1", "--study", "smith_2007")
    assert "--arm: " in refused(arms, "E432")
    arm = arms.stderr.split("--arm: ")[1].split(",")[0].strip()
    asked = ("sensitivity", "igf1", "--study", "smith_2007", "--arm", arm, "--versus", "nothing")
    chosen = ("--method", "morris", "--module", "host_metabolism", "--size", 4)
    done = gutskin(*asked, *chosen)
    assert done.returncode == 0, done.stderr
    assert "host_metabolism.gain_glycaemic_insulin" in done.stdout
    assert "effect of one standard deviation" in done.stdout


def test_why_of_a_scenario(gutskin: Call) -> None:
    asked = (
        "why",
        "inflammatory_lesions",
        "--scenario",
        "exam_weeks",
        "--module",
        "stress_hormones",
        "--top",
        3,
    )
    table, data = gutskin(*asked), gutskin(*asked, "--json")
    assert table.returncode == data.returncode == 0, table.stderr
    got = json.loads(data.stdout)
    assert got["edges"][0]["edge"] == "substance_p_lesion"
    assert len(got["numbers"]) == 3
    assert "substance_p_lesion" in table.stdout
    assert "of the uncertainty comes from numbers of grade" in table.stdout
    less = sum(each["share"] is not None and abs(each["share"]) < LITTLE for each in got["edges"])
    assert 0 < less < len(got["edges"])
    assert f"{less} of {len(got['edges'])} edges carry less than {LITTLE:.1%}" in table.stdout
    assert [e["edge"] for e in got["edges"] if f"{e['edge']} " in table.stdout] == [
        e["edge"] for e in got["edges"] if e["share"] is None or abs(e["share"]) >= LITTLE
    ]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("why", "easi"), "E437"), (("why", "easi", "--study", "nobody_1900"), "E432"),
        (("why", "easi", "--study", "smith_2007", "--scenario", "inulin"), "E432"),
        (("why", "easi", "--study", "smith_2007", "--site", "fold"), "E432"),
        (("why", "easi", "--scenario", "inulin", "--site", "fould"), "E450"),
        (("sensitivity", "easi", "--site", "fould"), "E450"),
        (("why", "eazi", "--scenario", "inulin"), "E405"), (("why", "easi", "--scenario", "inuln"), "E245"),
        (("sensitivity", "easi", "--method", "morris"), "E438"),
        (("sensitivity", "easi", "--method", "fast"), "E411"),
        (("sensitivity", "easi", "--size", "100"), "E433"),
        (("sensitivity", "easi", "--out", "got.txt"), "E410"),
        (("sensitivity", "easi", "-p", "nobody"), "E420"),
    ],
)  # fmt: skip
def test_a_wrong_call_is_one_clear_line(
    gutskin: Call, tmp_path: Path, words: tuple[str, ...], code: str
) -> None:
    refused(gutskin(*words), code)
    assert list(tmp_path.iterdir()) == []


def test_a_site_in_everyday_life(gutskin: Call) -> None:
    asked = ("sensitivity", "sebum", "--module", "skin_lipid", "--over", "numbers", "--method", "morris")
    face, forearm = (
        json.loads(gutskin(*asked, "--size", 4, "--site", site, "--json").stdout)
        for site in ("face", "forearm")
    )
    assert (face["site"], forearm["site"]) == (["face"], ["forearm"])
    assert forearm["value"] < 0.2 * face["value"]
    moved = {each["name"]: each["value"] for each in forearm["effects"]}
    assert moved["skin_lipid.lipid_capacity"] > 100


def test_completion_knows_readouts_and_the_arms_that_are_there() -> None:
    assert complete.readouts("skin_ph") == ["skin_ph"]
    context = click.Context(click.Command("why"))
    context.params = {"study": "smith_2007"}
    assert {"nothing", "start"} < set(complete.arms(context, ""))  # type: ignore[arg-type]
    assert complete.arms(context, "noth") == ["nothing"]  # type: ignore[arg-type]
    context.params = {"scenario": "inulin"}
    assert complete.arms(context, "with_") == ["with_plan"]  # type: ignore[arg-type]
    context.params = {"study": "nobody_1900"}
    assert complete.arms(context, "") == []  # type: ignore[arg-type]
