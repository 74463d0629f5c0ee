"""The folder of a crowd is held by one run of one crowd, and there is room for it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gutskin.crowd.files import check_room, claimed, in_words, writing
from gutskin.errors import InputError
from gutskin.result import UNFINISHED

HOLD = """
import sys
from pathlib import Path
from gutskin.crowd.files import claimed
with claimed(Path(sys.argv[1]), {"seed": 1}):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_folder_is_held_by_one_process_and_free_when_that_is_killed(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(InputError, match="E293"), claimed(tmp_path, {"seed": 1}):
            pass
    finally:
        holder.kill()
        holder.communicate()
    with claimed(tmp_path, {"seed": 1}):
        assert (tmp_path / "crowd.json").exists()


def test_what_nobody_finished_is_removed(tmp_path: Path) -> None:
    left = [tmp_path / f"{UNFINISHED}a.json", tmp_path / "courses" / "arm" / f"{UNFINISHED}b.nc"]
    kept = [tmp_path / "summary.json", tmp_path / "courses" / "arm" / "000000000.nc"]
    for path in (*left, *kept):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    with claimed(tmp_path, {}):
        assert not any(path.exists() for path in left)
    assert all(path.exists() for path in kept)


def test_another_crowd_is_told_by_what_differs(tmp_path: Path) -> None:
    with claimed(tmp_path, {"seed": 1, "days": [7.0], "crowd": 10}):
        pass
    held = (tmp_path / "crowd.json").read_bytes()
    with (
        pytest.raises(InputError, match=r"E284.*differs in days, seed "),
        claimed(tmp_path, {"seed": 2, "days": [8.0], "crowd": 10}),
    ):
        pass
    assert (tmp_path / "crowd.json").read_bytes() == held


@pytest.mark.parametrize("said", ["", "[]", '{"seed": ', "\udc80"])
def test_a_damaged_folder_is_refused_and_left_alone(tmp_path: Path, said: str) -> None:
    path = tmp_path / "crowd.json"
    path.write_bytes(said.encode(errors="surrogateescape"))
    with pytest.raises(InputError, match="E284"), claimed(tmp_path, {"seed": 1}):
        pass
    assert path.read_bytes() == said.encode(errors="surrogateescape")


def test_room_is_looked_for_where_the_folder_will_be(tmp_path: Path) -> None:
    free = check_room(tmp_path / "a" / "b", 10)
    assert free == pytest.approx(shutil.disk_usage(tmp_path).free, rel=0.1)
    with pytest.raises(InputError, match=r"E292 .* TB"):
        check_room(tmp_path / "a" / "b", 10**17)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("size", "words"), [(0, "0 B"), (999, "999 B"), (1000, "1 kB"), (1.448e8, "145 MB"), (2e13, "20 TB")]
)
def test_sizes_in_words(size: float, words: str) -> None:
    assert in_words(size) == words


def test_an_error_of_the_disk_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"E282 .*No space left"), writing(tmp_path):
        raise OSError(28, "No space left on device")
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InputError, match="E282"), claimed(tmp_path / "file", {}):
        pass
