"""Antimony runs in a process of its own; what it says, and its crashes, come back as errors."""

from __future__ import annotations

import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gutskin.compile import antimony
from gutskin.compile.antimony import Flattening
from gutskin.errors import LibraryError

POND = Path(__file__).parent / "bad/models/right/models"


def to_sbml(main: Path, folder: Path) -> str:
    with Flattening(main, folder) as flattening:
        return flattening.sbml()


def test_text_becomes_sbml_of_the_same_name() -> None:
    xml = to_sbml(POND / "pond.ant", POND)
    assert '<model id="pond"' in xml or 'id="pond"' in xml
    assert 'substanceUnits="mmol"' not in xml
    assert all(f'id="{name}"' in xml for name in ("sugar", "cells", "hunger", "feed", "eat", "leave"))


def test_modules_are_flattened_with_the_name_of_the_instance(tmp_path: Path) -> None:
    (tmp_path / "library").mkdir()
    (tmp_path / "library/weed.ant").write_text("model weed()\n  leaf := k_leaf;\nend\n")
    (tmp_path / "lake.ant").write_text('import "weed.ant"\nmodel lake()\n  tall: weed();\nend\n')
    xml = to_sbml(tmp_path / "lake.ant", tmp_path / "library")
    assert 'id="tall_leaf"' in xml
    assert 'id="tall_k_leaf"' in xml


def test_what_antimony_refuses_is_said_with_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "lake.ant"
    path.write_text("model lake()\n  x := * k;\nend\n")
    with pytest.raises(LibraryError, match="E101 Antimony: ") as caught:
        to_sbml(path, tmp_path)
    assert caught.value.where == "lake.ant:2"


def test_the_file_of_a_nested_module_is_named(tmp_path: Path) -> None:
    (tmp_path / "weed.ant").write_text("model weed()\n\n\n  leaf := * k;\nend\n")
    (tmp_path / "lake.ant").write_text('import "weed.ant"\nmodel lake()\n  tall: weed();\nend\n')
    with pytest.raises(LibraryError) as caught:
        to_sbml(tmp_path / "lake.ant", tmp_path)
    assert caught.value.where == "weed.ant:4"


def test_a_crash_becomes_an_error_with_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(antimony, "SCRIPT", "import os; os.abort()")
    with pytest.raises(LibraryError, match="E102") as caught:
        to_sbml(POND / "pond.ant", POND)
    assert caught.value.where == "pond.ant"
    assert "reserved word" in caught.value.remedy


def test_the_library_is_not_loaded_into_our_own_process() -> None:
    script = (
        "import sys; from pathlib import Path; from gutskin.compile.antimony import Flattening;"
        f"folder = Path({str(POND)!r}); Flattening(folder / 'pond.ant', folder).sbml();"
        "print('antimony' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_two_at_once_do_not_disturb_each_other() -> None:
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(lambda _: to_sbml(POND / "pond.ant", POND), range(2))
    assert first == second


def test_nobody_waits_for_antimony_when_something_else_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(antimony, "SCRIPT", "import time; time.sleep(60)")
    flattening = Flattening(POND / "pond.ant", POND)
    with pytest.raises(KeyboardInterrupt), flattening:
        raise KeyboardInterrupt
    assert flattening.process.returncode == -signal.SIGKILL
    assert flattening.process.stdout is not None
    assert flattening.process.stdout.closed
