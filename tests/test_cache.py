"""Files that only save time: whole or missing, bounded, safe to share, and never needed."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gutskin import cache

CALM = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GUTSKIN_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def named(number: int) -> str:
    return f"thing-{number:032x}.o"


def age(path: Path, seconds: float) -> None:
    when = time.time() - seconds
    os.utime(path, (when, when))


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@CALM
@given(st.binary(max_size=300))
def test_what_is_written_is_read(content: bytes) -> None:
    cache.write(named(1), content)
    assert cache.read(named(1)) == content


@CALM
@given(content=st.binary(max_size=50), data=st.data())
def test_any_damage_counts_as_missing(folder: Path, content: bytes, data: st.DataObject) -> None:
    cache.write(named(1), content)
    path = folder / named(1)
    whole = path.read_bytes()
    harmed = bytearray(whole)
    harmed[data.draw(st.integers(0, len(whole) - 1))] ^= data.draw(st.integers(1, 255))
    shorter = whole[: data.draw(st.integers(0, len(whole) - 1))]
    path.write_bytes(data.draw(st.sampled_from([bytes(harmed), shorter, whole + b"\0"])))
    assert cache.read(named(1)) is None


def test_what_was_never_written_is_missing(folder: Path) -> None:
    assert cache.read(named(1)) is None
    assert not folder.exists()


def test_a_folder_in_the_way_or_a_file_instead_of_the_folder_is_no_fault(folder: Path) -> None:
    (folder / named(1)).mkdir(parents=True)
    cache.write(named(1), b"x")
    assert cache.read(named(1)) is None
    assert names(folder) == {named(1)}
    (folder / named(1)).rmdir()
    folder.rmdir()
    folder.write_text("a file")
    cache.write(named(1), b"x")
    assert cache.read(named(1)) is None


SCRIPT = "from gutskin import cache; import os, pathlib, resource; "


def run(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "GUTSKIN_CACHE": str(folder)}
    return subprocess.run(
        [sys.executable, "-c", SCRIPT + script], env=environment, capture_output=True, text=True, check=False
    )


def test_a_full_disk_is_no_fault_and_leaves_nothing(folder: Path) -> None:
    limited = "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000)); "
    done = run(limited + f"cache.write({named(1)!r}, bytes(5000)); print(cache.read({named(1)!r}))", folder)
    assert (done.returncode, done.stdout.strip()) == (0, "None"), done.stderr
    assert names(folder) == set()


def test_a_folder_that_may_not_be_written_is_read_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    with tempfile.TemporaryDirectory() as place:  # pytest's own folders are closed to other users
        folder = Path(place)
        monkeypatch.setenv("GUTSKIN_CACHE", place)
        cache.write(named(1), b"known")
        age(folder / named(1), 2 * cache.IN_USE)
        (folder / named(1)).chmod(0o444)
        folder.chmod(0o555)
        script = (
            "import tempfile; os.setuid(65534) if os.getuid() == 0 else None;"
            f"cache.write({named(2)!r}, b'new'); print(cache.read({named(1)!r}), cache.read({named(2)!r}))"
        )
        done = run(script, folder)
        folder.chmod(0o755)
        assert (done.returncode, done.stdout.strip()) == (0, "b'known' None"), done.stderr
        assert names(folder) == {named(1)}


KILLED = "pathlib.Path.replace = lambda *_: os.kill(os.getpid(), 9); "


def test_what_a_killed_process_left_is_harmless_and_cleared_away_later(folder: Path) -> None:
    done = run(KILLED + f"cache.write({named(1)!r}, b'half')", folder)
    assert done.returncode == -9
    (left,) = folder.iterdir()
    assert left.name.startswith(cache.UNFINISHED)
    assert cache.read(named(1)) is None
    cache.write(named(1), b"whole")
    assert cache.read(named(1)) == b"whole"
    assert left.exists()  # its process might still be at it
    age(left, cache.IN_USE + 60)
    cache.write(named(2), b"more")
    assert names(folder) == {named(1), named(2)}


def test_an_interrupt_leaves_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        cache.write(named(1), b"x")
    assert names(folder) == set()


def test_what_nobody_used_for_long_goes(folder: Path) -> None:
    for number, days in enumerate((0, 59, 61, 400)):
        cache.write(named(number), b"x")
        age(folder / named(number), days * 86400)
    cache.write(named(9), b"x")
    assert names(folder) == {named(0), named(1), named(9)}


@CALM
@given(st.lists(st.tuples(st.integers(0, 40), st.floats(0, 30)), max_size=8), st.integers(0, 200))
def test_the_least_recently_used_go_first_and_what_is_in_use_stays(
    folder: Path, entries: list[tuple[int, float]], limit: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cache, "LIMIT", 10**9)
        for number, (size, days) in enumerate(entries):
            cache.write(named(number), bytes(size))
            age(folder / named(number), days * 86400 + 10 * number)
        patch.setattr(cache, "LIMIT", limit)
        cache.write(named(99), b"")
    sizes = {path.name: path.stat().st_size for path in folder.iterdir()}
    every = {named(number): days * 86400 + 10 * number for number, (_, days) in enumerate(entries)}
    gone, kept = every.keys() - sizes.keys(), every.keys() & sizes.keys()
    old = {name for name in kept if every[name] > cache.IN_USE}
    assert named(99) in sizes
    assert all(every[name] > cache.IN_USE for name in gone)
    assert not old or sum(sizes.values()) <= limit
    assert not (old and gone) or max(every[name] for name in old) < min(every[name] for name in gone)
    for path in folder.iterdir():
        path.unlink()


def test_reading_keeps_an_entry(folder: Path) -> None:
    for number in (1, 2):
        cache.write(named(number), b"x")
        age(folder / named(number), 50 * 86400)
    assert cache.read(named(1)) == b"x"
    age(folder / named(2), 61 * 86400)
    cache.write(named(3), b"x")
    assert names(folder) == {named(1), named(3)}


def test_files_of_others_stay(folder: Path) -> None:
    folder.mkdir()
    others = ["notes.txt", f"data-{7:032x}.json", "tmpab12cd34", "code.o"]
    for name in others:
        (folder / name).write_bytes(b"not ours")
        age(folder / name, 400 * 86400)
    cache.write(named(1), b"x")
    assert names(folder) == {*others, named(1)}


def test_many_processes_write_and_read_one_folder(folder: Path) -> None:
    script = SCRIPT + (
        "import sys\n"
        "for k in range(60):\n"
        "    name = f'thing-{k % 3:032x}.o'\n"
        "    found = cache.read(name)\n"
        "    assert found is None or found == bytes([k % 3]) * 20000, 'mixed'\n"
        "    cache.write(name, bytes([k % 3]) * 20000)\n"
    )
    environment = {**os.environ, "GUTSKIN_CACHE": str(folder)}
    crew = [subprocess.Popen([sys.executable, "-c", script], env=environment) for _ in range(4)]
    assert [each.wait(60) for each in crew] == [0] * 4
    assert names(folder) == {named(0), named(1), named(2)}
