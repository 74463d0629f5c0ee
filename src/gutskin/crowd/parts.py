"""The parts of a crowd as files, and whether each is whole.

A part is whole when its record is there and every file that the record names has the bytes it had when it was
written. The record is written last, so a run that is killed leaves nothing that is taken for whole.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from gutskin.engine.outcome import Array
from gutskin.result import write_atomically, write_text

BLOCK = 256e6  # bytes of values that are looked at together


def values_path(out: Path, first: int) -> Path:
    """Return where the values of a part are."""
    return out / "parts" / f"{first:09d}.npy"


def courses_path(out: Path, arm: str, first: int) -> Path:
    """Return where the courses of an arm of a part are, without the ending of their kind."""
    return out / "courses" / arm / f"{first:09d}"


def save_values(path: Path, values: Array) -> Path:
    """Write an array (atomically) and return its path."""

    def write(temporary: Path) -> None:
        with temporary.open("wb") as file:
            np.save(file, values)

    return write_atomically(path, write)


def record(out: Path, first: int, files: Iterable[Path], said: Mapping[str, Any]) -> None:
    """Declare a part whole: what is ``said`` of it, and the hashes of its files and of the record itself."""
    body = {**said, "files": {path.relative_to(out).as_posix(): _hash(path) for path in files}}
    write_text(_record_path(out, first), _written(body))


def read_record(out: Path, first: int) -> dict[str, Any]:
    """Return what :func:`record` wrote; ``ValueError`` when a byte of it is another."""
    text = _record_path(out, first).read_text(encoding="utf-8")
    body = json.loads(text)
    if not isinstance(body, dict) or body.pop("sha256", None) is None or _written(body) != text:
        raise ValueError("the record is not what was written")
    return body


def has_record(out: Path, first: int) -> bool:
    """Whether a part was once finished."""
    return _record_path(out, first).exists()


def fault(out: Path, first: int) -> str:
    """Return which file of a finished part is missing or damaged; empty when the part is whole."""
    path = _record_path(out, first)
    try:
        files = read_record(out, first)["files"]
        for name, digest in files.items():
            path = out / name
            if _hash(path) != digest:
                return str(path)
    except (OSError, ValueError):
        return str(path)
    return ""


def _record_path(out: Path, first: int) -> Path:
    return values_path(out, first).with_suffix(".json")


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _written(body: Mapping[str, Any]) -> str:
    """Return a record as text, with the hash of what it says."""
    digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    return json.dumps({**body, "sha256": digest}, indent=1, sort_keys=True) + "\n"


def rows(out: Path, parts: Sequence[tuple[int, int]], arms: int, count: int) -> Iterator[Array]:
    """Yield the values (A, people) of each of ``count`` rows that the parts (A, rows, P) hold side by side.

    As many rows at a time as there is room for are gathered from all parts: memory grows by some bytes a
    person, not by all that is known of them.
    """
    people = sum(size for _, size in parts)
    together = max(1, int(BLOCK // (8 * arms * people)))
    for begin in range(0, count, together):
        found = np.empty((arms, min(together, count - begin), people))
        for first, size in parts:
            part = np.load(values_path(out, first), mmap_mode="r").reshape(arms, count, size)
            found[:, :, first : first + size] = part[:, begin : begin + together]
        for k in range(found.shape[1]):
            yield found[:, k]


def write_failures(path: Path, failures: Iterable[Mapping[str, Any]], tell: Callable[[Any], None]) -> None:
    """Write a table of who failed where, when and why (atomically); each is told on as it passes."""
    columns = ("person", "arm", "code", "time", "state", "reason")

    def write(temporary: Path) -> None:
        with temporary.open("w", newline="", encoding="utf-8") as file:
            table = csv.writer(file)
            table.writerow(["person", "arm", "code", "time_h", "state", "reason"])
            for each in failures:
                tell(each)
                table.writerow([each[name] for name in columns])

    write_atomically(path, write)
