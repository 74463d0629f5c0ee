"""From cases to a proposal: checks stay unread, parameters come back, the same bytes every time."""

from __future__ import annotations

import io
import json
import os
import runpy
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from gutskin.calibrate.knobs import choose, turned
from gutskin.calibrate.run import Settings, calibrate, cases_for
from gutskin.errors import InputError
from gutskin.evidence.experiment import Laboratory
from gutskin.evidence.read import read_case, read_head
from gutskin.evidence.score import score_case
from gutskin.model import Model, load

toys = runpy.run_path(str(Path(__file__).parent / "calibrating.py"))
case, around = toys["case"], toys["around"]

NAMES = ("p", "q", "s", "inflow", "k_loss")


def document(library: Path, names: tuple[str, ...] = NAMES, **more: Any) -> dict[str, Any]:
    model = load("toy", library=library)
    return calibrate(model, cases_for(model, ()), choose(model, names), Settings(**more))


def moves(made: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["row"]: each for each in made["parameters"]}


# check cases


class Watched(io.FileIO):
    """A raw file that counts what is read of it."""

    taken: ClassVar[dict[str, int]] = {}

    def _note(self, got: bytes | None) -> bytes | None:
        self.taken[str(self.name)] = self.taken.get(str(self.name), 0) + len(got or b"")
        return got

    def read(self, size: int = -1) -> Any:
        return self._note(super().read(size))

    def readall(self) -> Any:
        return self._note(super().readall())

    def readinto(self, buffer: Any) -> Any:
        count = super().readinto(buffer)
        self.taken[str(self.name)] = self.taken.get(str(self.name), 0) + (count or 0)
        return count


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """How many bytes are read of every file, whoever opens it for reading."""
    real = io.open

    def opened(file: Any, mode: str = "r", buffering: int = -1, *args: Any, **more: Any) -> Any:
        if set(mode) - set("rbt") or isinstance(file, int):
            return real(file, mode, buffering, *args, **more)
        raw = Watched(os.fspath(file))
        if "b" in mode:
            return raw if buffering == 0 else io.BufferedReader(raw)
        return io.TextIOWrapper(io.BufferedReader(raw), *args, **more)

    monkeypatch.setattr(io, "open", opened)
    monkeypatch.setattr("builtins.open", opened)
    Watched.taken.clear()
    return Watched.taken


GARBAGE = (b"[arms\xff\xfe = \x00 not TOML", b"[[expect]]\nreadout = 'first'\nvalue = 99.0\n", b"[", b"")


def test_a_check_case_is_never_read_past_its_head(tmp_path: Path, reads: dict[str, int]) -> None:
    """Whatever stands behind the head, even what is no text: the same proposal, to the last byte."""
    toys["library"](tmp_path)
    case(tmp_path, "one", {"readout": "first", **around(31.0, 0.5)})
    check = case(tmp_path, "held_out", {"readout": "second", **around(60.0, 0.01)}, role="check")
    (check.parent / "data.csv").write_text("day,value\n0,1\n")
    whole = check.read_bytes()
    head = whole[: whole.index(b"[arms")]
    made = [json.dumps(document(tmp_path, ("p", "q")))]
    for garbage in GARBAGE:
        reads.clear()
        check.write_bytes(head + garbage * 100)
        made.append(json.dumps(document(tmp_path, ("p", "q"))))
        line = (garbage * 100).split(b"\n")[0]
        assert 0 < reads[str(check)] <= len(head) + len(line) + 1
        assert str(check.parent / "data.csv") not in reads
        assert reads[str(tmp_path / "evidence" / "one" / "case.toml")] > 0
    assert len(set(made)) == 1


def test_a_head_ends_where_the_first_table_begins(tmp_path: Path, reads: dict[str, int]) -> None:
    toys["library"](tmp_path)
    path = case(tmp_path, "held_out", {"readout": "second", **around(60.0, 0.01)}, role="check")
    head = path.read_bytes().split(b"[arms.usual]")[0]
    reads.clear()
    assert read_head(path)["role"] == "check"
    assert reads[str(path)] == len(head) + len(b"[arms.usual]\n")


def test_a_check_that_is_asked_for_by_name_is_refused(tmp_path: Path) -> None:
    model = toys["toy"](tmp_path)
    case(tmp_path, "one", {"readout": "first", **around(31.0, 0.5)})
    case(tmp_path, "held_out", {"readout": "second", **around(60.0, 0.01)}, role="check")
    with pytest.raises(InputError, match=r"E404.*only ever compared"):
        cases_for(model, (), studies=("held_out",))
    with pytest.raises(InputError, match=r"E404.*is not there"):
        cases_for(model, (), studies=("two",))
    assert [each.study for each in cases_for(model, (), studies=("one",))] == ["one"]


def test_which_cases_count(tmp_path: Path) -> None:
    model = toys["toy"](tmp_path)
    case(tmp_path, "one", {"readout": "first", **around(31.0, 0.5)})
    case(tmp_path, "two", {"readout": "first", **around(31.0, 0.5)}, about="skin")
    case(tmp_path, "quiet", {"readout": "full", "low": 0.1, "high": 0.9}, role="control")
    assert [each.study for each in cases_for(model, ())] == ["one", "quiet", "two"]
    assert [each.study for each in cases_for(model, (), "skin")] == ["two"]
    assert [each.study for each in cases_for(model, [tmp_path / "evidence" / "one"])] == ["one"]
    with pytest.raises(InputError, match="E404"):
        cases_for(model, (), "axis")
    with pytest.raises(InputError, match="E404"):
        cases_for(model, (), studies=("quiet",))


def test_a_case_that_cannot_run_is_refused_before_anything_runs(tmp_path: Path) -> None:
    model = toys["toy"](tmp_path)
    case(tmp_path, "one", {"readout": "furst", **around(31.0, 0.5)})
    with pytest.raises(InputError, match=r"E405.*first") as error:
        cases_for(model, ())
    assert "one/case.toml" in error.value.where


# recovery

ASKED: tuple[dict[str, Any], ...] = (
    {"readout": "first"}, {"readout": "second"}, {"readout": "full"},
    {"readout": "fast", "unit": "ug/cm2"}, {"readout": "first * full"},
    {"readout": "x", "at": "2 h", "arm": "less", "unit": "ug/cm2"},
    {"readout": "x", "at": "2 h", "arm": "less", "versus": "start", "as": "ratio"},
)  # fmt: skip
LESS = '[arms.less]\ndays = 2\nset = { inflow = "1 ug/cm2/h" }'


def simulated(folder: Path, model: Model, asked: Any, widths: Any, errors: Any, **more: Any) -> None:
    """Write cases whose values are what a model gives, each off by its error in standard deviations."""
    path = case(folder, "simulated", *({**each, "low": -1e9, "high": 1e9} for each in asked), **more)
    made = read_case(path, model.library)
    laboratory = Laboratory(model)
    laboratory.run([made])
    values = [score.value for score in score_case(made, model, laboratory.runs)]
    found = [
        {**each, **around(float(value * (1 + width * error)), float(abs(value) * width))}
        for each, value, width, error in zip(asked, values, widths, errors, strict=True)
    ]
    case(folder, "simulated", *found, **more)


def truth_of(model: Model, z: Any, names: tuple[str, ...] = NAMES) -> Model:
    knobs = choose(model, names)
    return turned(model, {k.row.row: k.value(float(x)) for k, x in zip(knobs, z, strict=True)})


@pytest.mark.parametrize(
    "people", ["{ like = 'healthy_adult' }", "{ like = 'healthy_adult', count = 30, seed = 5 }"]
)
@pytest.mark.parametrize("seed", [1, 2])
def test_parameters_come_back_from_what_they_made(tmp_path: Path, people: str, seed: int) -> None:
    model = toys["toy"](tmp_path)
    z = np.random.default_rng(seed).normal(0, 0.8, 5)
    widths = np.full(len(ASKED), 0.002)
    simulated(tmp_path, truth_of(model, z), ASKED, widths, 0 * widths, arms=LESS, people=people)
    found = list(moves(document(tmp_path, seed=seed)).values())
    assert [each["moved_sd"] for each in found] == pytest.approx(z, abs=0.06)


def test_with_noise_the_truth_lies_within_the_posterior(tmp_path: Path) -> None:
    """Over repeats the distance from the truth has the size that ``spread_left`` says."""
    standard = []
    for seed in range(6):
        folder = tmp_path / str(seed)
        model = toys["toy"](folder)
        rng = np.random.default_rng(100 + seed)
        z, widths = rng.normal(0, 1, 5), np.full(len(ASKED), 0.02)
        simulated(folder, truth_of(model, z), ASKED, widths, rng.normal(0, 1, len(ASKED)), arms=LESS)
        found = list(moves(document(folder, starts=1)).values())
        standard += [(each["moved_sd"] - x) / each["spread_left"] for each, x in zip(found, z, strict=True)]
    assert np.abs(standard).max() < 3.5
    assert 0.6 < np.sqrt(np.mean(np.square(standard))) < 1.4


def test_the_population_finds_them_too(tmp_path: Path) -> None:
    model = toys["toy"](tmp_path)
    z = np.array([0.5, -0.5, 0.4, 0.3, -0.3])
    widths = np.full(len(ASKED), 0.02)
    simulated(tmp_path, truth_of(model, z), ASKED, widths, 0 * widths, arms=LESS)
    made = document(tmp_path, method="ensemble")
    smooth = document(tmp_path)
    assert made["loss"]["after"] < smooth["loss"]["after"] + 0.3
    for each in moves(made).values():
        there = moves(smooth)[each["row"]]
        assert each["moved_sd"] == pytest.approx(there["moved_sd"], abs=2 * there["spread_left"])


PERSON = (
    "bacteroides_guild.mu_fibre",
    "faecalibacterium_guild.mu_fibre",
    "bifidobacterium_guild.mu_oligosaccharide",
)


@pytest.mark.slow
def test_parameters_of_the_person_come_back(tmp_path: Path) -> None:
    """Three numbers of the shipped model from what they do to six read-outs of an adult."""
    model = load()
    z = np.array([0.8, -0.6, 0.5])
    guilds = [name.split("_guild")[0] for name in PERSON]
    asked = [{"readout": f"colon_distal_{part}_share"} for part in ("acetate", "propionate", "butyrate")]
    asked += [{"readout": f"colon_distal_{part}_share"} for part in guilds]
    (tmp_path / "evidence").mkdir()
    widths = np.full(len(asked), 0.01)
    (tmp_path / "evidence" / "sources.bib").write_text(toys["SOURCES"])
    simulated(tmp_path, truth_of(model, z, PERSON), asked, widths, 0 * widths, days=28)
    made = calibrate(
        model, cases_for(model, [tmp_path / "evidence"]), choose(model, PERSON), Settings(starts=1)
    )
    for each, x in zip(made["parameters"], z, strict=True):
        assert each["moved_sd"] == pytest.approx(x, abs=max(2 * each["spread_left"], 0.05))
    assert (
        made["loss"]["after"] < 0.5 * z @ z
    )  # the truth itself, which costs what it is away from the ledger


# profiles, controls, settings


def test_profiles_in_words(tmp_path: Path) -> None:
    toys["library"](tmp_path)
    case(
        tmp_path,
        "one",
        {"readout": "first", **around(31.0, 0.2)},
        {"readout": "full", "low": 0.85, "high": 0.95},
    )
    made = document(tmp_path, ("p", "q", "idle", "s"), profiles=("toy.idle", "toy.s", "toy.p"), starts=1)
    said = {each["row"]: each["verdict"] for each in made["profiles"]}
    assert said["toy.idle"] == "not identified"
    assert said["toy.s"] == "one-sided: only a lower limit"
    # p is known as p + q within 0.2, and q by its own spread: half a width of 1.96 * sqrt(1 + 0.04)
    assert said["toy.p"] == "identified"
    found = next(each for each in made["profiles"] if each["row"] == "toy.p")
    assert [found["low"], found["high"]] == pytest.approx([1.0 - 2.0, 1.0 + 2.0], abs=0.1)
    assert made["eigenvalues"][-1] == pytest.approx(0, abs=1e-6)


def test_a_control_keeps_a_number_back(tmp_path: Path) -> None:
    toys["library"](tmp_path)
    case(tmp_path, "one", {"readout": "first", **around(32.0, 0.2)})
    free = moves(document(tmp_path, ("p",)))["toy.p"]["new"]
    case(tmp_path, "quiet", {"readout": "other", "low": 14.5, "high": 15.5}, role="control")
    held = moves(document(tmp_path, ("p",)))["toy.p"]["new"]
    assert free == pytest.approx(11.9, abs=0.1)
    assert held < free - 0.3


def test_expectations_without_any_value_are_refused(tmp_path: Path) -> None:
    toys["library"](tmp_path)
    case(tmp_path, "one", {"readout": "log10(first - 30)", **around(0.0, 1.0)})
    with pytest.raises(InputError, match=r"E404.*has a value"):
        document(tmp_path, ("p",))


def test_wrong_settings_are_refused(tmp_path: Path) -> None:
    toys["library"](tmp_path)
    case(tmp_path, "one", {"readout": "first", **around(32.0, 0.2)})
    with pytest.raises(InputError, match="E424"):
        document(tmp_path, ("p",), method="guess")
    with pytest.raises(InputError, match="E420"):
        document(tmp_path, ("p",), profiles=("toy.q",))
    model = load("toy", library=tmp_path)
    check = read_case(
        case(tmp_path, "held_out", {"readout": "first", **around(1.0, 1.0)}, role="check"), tmp_path
    )
    with pytest.raises(InputError, match="E425"):
        calibrate(model, [check], choose(model, ("p",)))


@pytest.mark.parametrize("method", ["least-squares", "ensemble"])
def test_the_same_bytes_for_any_number_of_threads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    toys["library"](tmp_path)
    people = "{ like = 'healthy_adult', count = 9, seed = 2 }"
    case(
        tmp_path,
        "one",
        {"readout": "first", **around(32.0, 0.2)},
        {"readout": "first > 31", "low": 0.5},
        people=people,
    )
    case(tmp_path, "two", {"readout": "x", "at": "3 h", "unit": "ug/cm2", **around(5.0, 0.2)})
    texts = []
    for threads, seed in (("1", 1), ("2", 1), ("2", 1), ("2", 2)):
        monkeypatch.setenv("GUTSKIN_THREADS", threads)
        made = document(tmp_path, seed=seed, method=method, members=12, rounds=3, profiles=("toy.p",))
        texts.append(json.dumps(made))
    assert texts[0] == texts[1] == texts[2]
    assert texts[2] != texts[3]
