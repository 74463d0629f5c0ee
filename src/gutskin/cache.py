"""Files that only save time: whole or not there at all, bounded in size, and never needed.

An entry is named after a hash of all that it was made from, so none is ever out of date. What is damaged
counts as missing, and a folder that cannot be read or written costs time only. Several processes may use one
folder: an entry appears at once under its name, and its content is read whole before it is used.
"""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

from gutskin.paths import cache_folder

MARK = b"gutskin cache 1\n"
SEAL = 32  # [bytes] of the hash of an entry's content
LIMIT = 500_000_000  # [bytes] of all entries together
UNUSED = 60 * 86400.0  # [s] after which an entry goes that nobody has read
IN_USE = 3600.0  # [s] within which an entry is in use, and an unfinished file may still be written
UNFINISHED = ".gutskin-"  # how the name of a file begins that is being written
_ENTRY = re.compile(r"-[0-9a-f]{24,}\.\w+$")


def read(name: str) -> bytes | None:
    """Return what was written under a name, or None when it is missing, damaged or cannot be read."""
    path = cache_folder() / name
    try:
        raw = path.read_bytes()
    except OSError:
        return None
    content = raw[len(MARK) + SEAL :]
    if not raw.startswith(MARK) or _seal(content) != raw[len(MARK) : len(MARK) + SEAL]:
        return None
    _use(path)
    return content


def write(name: str, content: bytes) -> None:
    """Write an entry, then clear away what is too old or too much; a full or read-only disk is no fault.

    Parameters
    ----------
    name
        ``"what-HASH.ending"``, the hash in at least 24 hexadecimal digits.
    content
        What to keep.
    """
    import tempfile

    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=folder, prefix=UNFINISHED)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(MARK + _seal(content) + content)
            Path(temporary).replace(folder / name)
        finally:
            Path(temporary).unlink(missing_ok=True)
        _clear(folder)
    except OSError:
        return


def _seal(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=SEAL).digest()


def _use(path: Path) -> None:
    """Note that an entry was read; a note an hour old is as good as new."""
    try:
        if time.time() - path.stat().st_mtime > IN_USE / 2:
            os.utime(path)
    except OSError:
        return


def _clear(folder: Path) -> None:
    """Remove what killed processes left, what nobody used for long, and the oldest beyond the limit."""
    now, kept, entries = time.time(), 0, list[tuple[float, int, Path]]()
    for path, age, size in _files(folder, now):
        if path.name.startswith(UNFINISHED) and age > IN_USE:
            _remove(path)
        elif _ENTRY.search(path.name) and _is_ours(path):
            entries.append((age, size, path))
    for age, size, path in sorted(entries):
        kept += size
        if age > UNUSED or (kept > LIMIT and age > IN_USE):
            _remove(path)


def _files(folder: Path, now: float) -> Iterator[tuple[Path, float, int]]:
    """Yield (file, seconds since it was used, size); others may remove files meanwhile."""
    for path in folder.iterdir():
        try:
            found = path.stat()
        except OSError:
            continue
        yield path, now - found.st_mtime, found.st_size


def _is_ours(path: Path) -> bool:
    """Whether we wrote a file: the folder may hold files of others."""
    try:
        with path.open("rb") as file:
            return file.read(len(MARK)) == MARK
    except OSError:
        return False


def _remove(path: Path) -> None:
    """Remove a file, unless it is another's to remove or gone."""
    try:
        path.unlink(missing_ok=True)
    except OSError:
        return
