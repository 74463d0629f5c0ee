"""Machine code on disk: reused, mended when damaged, never needed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gutskin.bench.formula import Builder
from gutskin.compile.source import build_kernel
from gutskin.engine import jit
from gutskin.engine.outcome import Options
from gutskin.engine.solve import solve
from gutskin.kernel import Kernel


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
