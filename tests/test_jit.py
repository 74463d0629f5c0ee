"""Machine code on disk: reused, mended when damaged, never needed."""

from __future__ import annotations

import hashlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from gutskin.bench import stress_case
from gutskin.bench.formula import Builder
from gutskin.compile.source import build_kernel
from gutskin.engine import jit
from gutskin.engine.fast import solve_lanes
from gutskin.engine.outcome import Options
from gutskin.engine.solve import solve
from gutskin.kernel import Kernel
from gutskin.model import load


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GUTSKIN_CACHE", str(tmp_path / "cache"))
    jit.forget()
    return tmp_path / "cache"


@pytest.fixture
def kernel() -> Kernel:
    build = Builder("decay")
    build.start, build.values = {"x": 1.0}, {"k": 0.5}
    build.change("x", "-k * x")
    return build_kernel(build.network())


def value(kernel: Kernel) -> float:
    run = solve(
        kernel,
        np.ones((1, 1)),
        np.full((1, 1), 0.5),
        np.full(1, 1e-6),
        np.array([0.0, 2.0]),
        (),
        Options("Rodas5P"),
    )
    return float(run.states[0, 1, 0])


def test_the_second_process_reads_what_the_first_compiled(
    folder: Path, kernel: Kernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = value(kernel)
    assert first == pytest.approx(np.exp(-1), rel=1e-5)
    (path,) = folder.glob("code-*.o")
    jit.forget()
    monkeypatch.setattr(jit, "_compile", lambda _: pytest.fail("compiled again"))
    assert value(kernel) == first
    assert list(folder.iterdir()) == [path]


@pytest.mark.parametrize("harm", ["cut", "flipped", "empty", "other"])
def test_a_damaged_file_is_made_anew(folder: Path, kernel: Kernel, harm: str) -> None:
    first = value(kernel)
    (path,) = folder.glob("code-*.o")
    whole = path.read_bytes()
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 1
    path.write_bytes({"cut": whole[:-7], "flipped": bytes(flipped), "empty": b"", "other": b"x" * 99}[harm])
    jit.forget()
    assert value(kernel) == first
    assert path.read_bytes() == whole


def test_a_cache_that_cannot_be_written_costs_only_time(folder: Path, kernel: Kernel) -> None:
    folder.parent.mkdir(exist_ok=True)
    folder.write_text("a file where the folder should be")
    assert value(kernel) == pytest.approx(np.exp(-1), rel=1e-5)


def test_another_model_or_width_is_another_file(folder: Path, kernel: Kernel) -> None:
    for width in (2, 4):
        jit.load(kernel, width)
    build = Builder("decay")
    build.start, build.values = {"x": 1.0}, {"k": 0.5}
    build.change("x", "-2 * k * x")
    jit.load(build_kernel(build.network()), 4)
    assert len(list(folder.glob("code-*.o"))) == 3


def test_lanes_follow_the_processor() -> None:
    assert jit.lane_width("+sse2,+avx,+avx2,+avx512f") == 4
    assert jit.lane_width("+sse2,-avx,-avx2") == 2
    assert jit.lane_width("+neon") == 2


def bits_of_the_person() -> str:
    """Hash everything that a run of two people says."""
    model = load()
    kernel = model.kernel
    start = np.zeros((len(kernel.states), 2))
    start[: len(model.start())] = model.start()[:, None]
    constants = np.repeat(model.constants()[:, None], 2, axis=1)
    constants[:, 1] *= 1.01
    floors = np.append(model.floors(), np.ones(len(kernel.tallies)))
    times = np.linspace(0.0, 48.0, 13)
    run = solve_lanes(kernel, start, constants, floors, times, [(), ()], Options(), raw=True)
    assert not run.failures
    return hashlib.sha256(run.states.tobytes() + run.derived.tobytes() + run.end.tobytes()).hexdigest()


def bits_of_the_benchmark() -> str:
    case = stress_case("small", 3)
    start = np.zeros((len(case.kernel.states), 3))
    start[: case.start.size] = case.start[:, None]
    floors = np.append(case.floors, np.ones(len(case.kernel.tallies)))
    plans = [plan[:20] for plan in case.plans]
    run = solve_lanes(
        case.kernel, start, case.constants, floors, case.times[:6], plans, Options(rtol=1e-4), raw=True
    )
    return hashlib.sha256(run.states.tobytes() + run.derived.tobytes() + run.end.tobytes()).hexdigest()


def test_nothing_allows_llvm_to_contract_or_reorder() -> None:
    loose = re.compile(r"\b(fast|contract|reassoc|arcp|afn|nnan|ninf|nsz|fmuladd)\b")
    assert not any(loose.search(part) for part in jit.program(load().kernel, 4))


@pytest.mark.parametrize(
    "bits", [pytest.param(bits_of_the_person, marks=pytest.mark.slow), bits_of_the_benchmark]
)
def test_the_level_of_optimisation_changes_no_bit(
    folder: Path, bits: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    said = set()
    for level in (0, 1, 2, 3):
        monkeypatch.setattr(jit, "LEVEL", level)
        jit.forget()
        said.add(bits())
    assert len(list(folder.glob("code-*.o"))) == 4
    assert len(said) == 1


def test_code_compiled_side_by_side_is_the_code_compiled_alone() -> None:
    parts = jit.program(stress_case("small", 1).kernel, 4)
    alone = [jit._compile(part) for part in parts]
    with ThreadPoolExecutor(4) as crew:
        assert list(crew.map(jit._compile, parts * 2)) == alone * 2


def test_another_llvmlite_compiles_in_its_own_way(kernel: Kernel, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = jit.program(kernel, 4)
    before = [jit._compile(part) for part in parts]
    monkeypatch.setattr(jit.ctypes, "CDLL", lambda *_, **__: SimpleNamespace())
    assert [jit._compile(part) for part in parts] == before


SCRIPT = f"import os, runpy; space = runpy.run_path({__file__!r}); print(space['bits_of_the_benchmark']())"
KILLED = "from gutskin.engine import jit; jit._compile = lambda _: os.kill(os.getpid(), 9); import os; "


def started(script: str, tmp_path: Path) -> subprocess.Popen[str]:
    environment = {**os.environ, "GUTSKIN_CACHE": str(tmp_path / "cache"), "GUTSKIN_THREADS": "1"}
    return subprocess.Popen(
        [sys.executable, "-c", script], env=environment, stdout=subprocess.PIPE, text=True
    )


def test_processes_that_start_at_once_with_an_empty_cache_all_get_it_right(tmp_path: Path) -> None:
    crew = [started(SCRIPT, tmp_path) for _ in range(4)]
    said = {each.communicate(timeout=120)[0].strip() for each in crew}
    assert [each.returncode for each in crew] == [0] * 4
    assert said == {bits_of_the_benchmark()}
    assert [path.suffix for path in (tmp_path / "cache").iterdir()] == [".o"]


def test_a_process_killed_while_it_compiles_harms_nobody(tmp_path: Path) -> None:
    killed = started(KILLED + SCRIPT, tmp_path)
    killed.communicate(timeout=120)
    assert killed.returncode == -9
    after = started(SCRIPT, tmp_path)
    assert after.communicate(timeout=120)[0].strip() == bits_of_the_benchmark()
    assert [path.suffix for path in (tmp_path / "cache").iterdir()] == [".o"]


def test_an_interrupt_while_it_compiles_ends_the_process(tmp_path: Path) -> None:
    script = (
        "import os, signal, threading; from gutskin.engine import jit; whole = jit._compile\n"
        "def slow(text):\n    os.kill(os.getpid(), signal.SIGINT)\n    return whole(text)\n"
        f"jit._compile = slow\n{SCRIPT}"
    )
    interrupted = started(script, tmp_path)
    interrupted.communicate(timeout=120)
    assert interrupted.returncode == -signal.SIGINT
    assert not (tmp_path / "cache").exists()
