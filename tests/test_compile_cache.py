"""The cache of compiled models: used when nothing changed, rebuilt when anything did or it is damaged."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import gutskin.compile as package
from gutskin.compile import compile_model, compile_text
from gutskin.compile.source import build_kernel
from gutskin.ledger import read_ledger
from gutskin.network import Network

POND = Path(__file__).parent / "bad/models/right"


class Counter:
    """Counts how often text is compiled."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, *arguments: object) -> Network:
        self.times += 1
        return compile_text(*arguments)  # type: ignore[arg-type]


@pytest.fixture
def counter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Counter:
    monkeypatch.setenv("GUTSKIN_CACHE", str(tmp_path / "cache"))
    made = Counter()
    monkeypatch.setattr(package, "compile_text", made)
    return made


@pytest.fixture
def pond(tmp_path: Path) -> Path:
    return Path(shutil.copytree(POND, tmp_path / "library"))


def compiled(library: Path) -> tuple[Network, object]:
    return compile_model(library / "models/pond.ant", library, read_ledger(library))


def cached(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "cache").iterdir())


def test_the_second_time_is_from_the_cache_and_equal(tmp_path: Path, counter: Counter, pond: Path) -> None:
    network, kernel = compiled(pond)
    again = compiled(pond)
    assert counter.times == 1
    assert again == (network, kernel)
    assert again[0].digest == network.digest
    assert [path.suffix for path in cached(tmp_path)] == [".json"]


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("parameters/pond.toml", "value = 2.0", "value = 2.5"), ("models/pond.ant", "// A", "// The"),
        ("parameters/pond.toml", '"Table 1"', '"Table 2"'),
        ("models/pond.ant", "k_leave * cells", "k_leave * cells * hunger"),
        ("quantities/pond.toml", "start = 1.0", "start = 1.5"), ("quantities/pond.toml", '"Sugar"', '"Food"'),
        ("open_reactions/pond.toml", "cells flow out", "cells die"), ("sources.bib", "1999", "1998"),
    ],
)  # fmt: skip
def test_any_change_of_the_library_compiles_again(
    tmp_path: Path, counter: Counter, pond: Path, file: str, old: str, new: str
) -> None:
    compiled(pond)
    text = (pond / file).read_text()
    assert old in text
    if file == "sources.bib":
        parameters = pond / "parameters/pond.toml"
        parameters.write_text(parameters.read_text().replace(f"pond_{old}", f"pond_{new}"))
    (pond / file).write_text(text.replace(old, new))
    network, _ = compiled(pond)
    assert counter.times == 2
    assert len(cached(tmp_path)) == 2
    assert network == compile_text(pond / "models/pond.ant", pond, read_ledger(pond))


def test_a_change_of_a_module_that_stands_beside_the_main_file_compiles_again(
    tmp_path: Path, counter: Counter, pond: Path
) -> None:
    own = tmp_path / "own"
    own.mkdir()
    shutil.copy(pond / "models/pond.ant", own / "pond.ant")
    (own / "lake.ant").write_text('import "pond.ant"\n// A lake.\nmodel lake()\n  deep: pond();\nend\n')
    compile_model(own / "lake.ant", pond, read_ledger(pond))
    text = (own / "pond.ant").read_text()
    (own / "pond.ant").write_text(text.replace("k_leave * cells", "k_leave * cells * hunger"))
    network, _ = compile_model(own / "lake.ant", pond, read_ledger(pond))
    assert counter.times == 2
    assert "hunger" in str({r.name: r.rate for r in network.reactions}["deep_leave"])


def test_going_back_finds_what_was_compiled_before(counter: Counter, pond: Path) -> None:
    before = compiled(pond)
    path = pond / "models/pond.ant"
    text = path.read_text()
    path.write_text(text.replace("k_leave * cells", "k_leave * cells * hunger"))
    compiled(pond)
    path.write_text(text)
    assert compiled(pond) == before
    assert counter.times == 2


@pytest.mark.parametrize(
    "damage", [b"", b"{}", b"[]", b"null", b"\xff\xfe", b"0\n{}", b"not json\n", None], ids=repr
)
def test_a_damaged_file_is_rebuilt(
    tmp_path: Path, counter: Counter, pond: Path, damage: bytes | None
) -> None:
    before = compiled(pond)
    (path,) = cached(tmp_path)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2] if damage is None else damage)
    assert compiled(pond) == before
    assert counter.times == 2
    assert path.read_bytes() == whole
    assert compiled(pond) == before
    assert counter.times == 2


@pytest.fixture(scope="module")
def made() -> Network:
    return compile_text(POND / "models/pond.ant", POND, read_ledger(POND))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.floats(0, 1, exclude_max=True), st.integers(1, 255))
def test_one_changed_byte_anywhere_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, made: Network, place: float, change: int
) -> None:
    monkeypatch.setenv("GUTSKIN_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(package, "compile_text", lambda *_: made)
    expected = (made, build_kernel(made))
    assert compiled(POND) == expected
    (path,) = cached(tmp_path)
    data = bytearray(path.read_bytes())
    data[int(place * len(data))] ^= change
    path.write_bytes(bytes(data))
    assert compiled(POND) == expected


def test_a_cache_that_cannot_be_written_costs_time_only(
    tmp_path: Path, counter: Counter, pond: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("GUTSKIN_CACHE", str(tmp_path / "file"))
    assert compiled(pond) == compiled(pond)
    assert counter.times == 2


def test_a_model_with_faults_is_not_cached(tmp_path: Path, counter: Counter) -> None:
    wrong = POND.parent / "E113_per_day_plus_per_hour"
    for _ in range(2):
        with pytest.raises(Exception, match="E113"):
            compiled(wrong)
    assert counter.times == 2
    assert not (tmp_path / "cache").exists()


def test_two_processes_at_once_do_not_clash(tmp_path: Path, pond: Path) -> None:
    script = (
        "from pathlib import Path; from gutskin.model import load;"
        f"print(load('pond', library=Path({str(pond)!r})).network.digest)"
    )
    environment = {**os.environ, "GUTSKIN_CACHE": str(tmp_path / "cache")}
    running = [
        subprocess.Popen([sys.executable, "-c", script], env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    said = {process.communicate(timeout=60)[0].strip() for process in running}
    assert [process.returncode for process in running] == [0, 0, 0]
    assert len(said) == 1
    assert said == {compile_text(pond / "models/pond.ant", pond, read_ledger(pond)).digest}
    assert [path.suffix for path in cached(tmp_path)] == [".json"]
