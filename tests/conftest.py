"""Shared fixtures. A skipped test is counted and named in the summary."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest

# How long an example takes says more of the machine's other work than of the code.
hypothesis.settings.register_profile("gutskin", deadline=None)
hypothesis.settings.load_profile("gutskin")

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def shared() -> Path:
    """Real tables beside the checkout; they are not part of the repository."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("shared data not beside the checkout")
    return folder


@pytest.fixture(scope="session")
def machine() -> Callable[[str], Callable[..., None]]:
    """Compile IR; the result calls a function of it on arrays."""
    import ctypes

    import llvmlite.binding as llvm

    from gutskin.engine import jit

    def compiled(text: str) -> Callable[..., None]:
        engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), jit._machine())
        made = jit._machine().emit_object(llvm.parse_assembly(text.replace("define internal", "define")))
        engine.add_object_file(llvm.ObjectFileRef.from_data(made))
        engine.finalize_object()

        def call(name: str, *arrays: object) -> None:
            kinds = [ctypes.c_void_p] * len(arrays)
            function = ctypes.CFUNCTYPE(None, *kinds)(engine.get_function_address(name))
            function(*(array.ctypes.data for array in arrays))  # type: ignore[attr-defined]

        call.engine = engine  # type: ignore[attr-defined]
        return call

    return compiled


@pytest.fixture(scope="session", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keep compiled models and code of a test run in a folder of its own."""
    folder = os.environ.get("GUTSKIN_TEST_CACHE") or str(tmp_path_factory.mktemp("cache"))
    before = os.environ.get("GUTSKIN_CACHE")
    os.environ["GUTSKIN_CACHE"] = folder
    yield Path(folder)
    if before is None:
        del os.environ["GUTSKIN_CACHE"]
    else:
        os.environ["GUTSKIN_CACHE"] = before
