"""The folder of a crowd: whose it is, that nobody else writes to it, and whether there is room."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from gutskin.errors import InputError
from gutskin.result import UNFINISHED, write_text

SPARE = 1.05  # free disk that a run needs, as a share of what it will write [1]


@contextmanager
def claimed(out: Path, identity: Mapping[str, Any]) -> Iterator[None]:
    """Hold the folder of a crowd; what a killed run left unfinished is removed.

    Raises
    ------
    InputError
        E284 when the folder holds another crowd, E293 when another run is in it.
    """
    with writing(out):
        out.mkdir(parents=True, exist_ok=True)
    with _alone(out) as alone:
        said = json.dumps(identity, indent=1, sort_keys=True) + "\n"
        path = out / "crowd.json"
        with writing(out):
            if path.exists():
                _same(path, said)
            else:
                write_text(path, said)
            for left in out.rglob(f"{UNFINISHED}*") if alone else ():
                left.unlink()
        yield


@contextmanager
def writing(out: Path) -> Iterator[None]:
    """Say in one line when the disk refuses.

    Raises
    ------
    InputError
        E282 for any error of the operating system.
    """
    try:
        yield
    except OSError as error:
        remedy = "make room or mend the disk; the same call goes on from there"
        raise InputError("E282", f"cannot write to {out}", where=str(error), remedy=remedy) from error


@contextmanager
def _alone(out: Path) -> Iterator[bool]:
    """Lock a folder until the block or the process ends; False where folders cannot be locked."""
    try:
        import fcntl
    except ImportError:  # not on Windows
        yield False
        return
    handle = os.open(out, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            locked = True
        except BlockingIOError as error:
            remedy = "wait for it, stop it, or choose another folder"
            raise InputError("E293", f"another run is writing to {out}", remedy=remedy) from error
        except OSError:  # some network file systems lock no folder
            locked = False
        yield locked
    finally:
        os.close(handle)


def _same(path: Path, said: str) -> None:
    held = path.read_text(encoding="utf-8", errors="replace")
    if held == said:
        return
    there: Any = {}
    with suppress(ValueError):
        there = json.loads(held)
    asked = json.loads(said)
    differs = [key for key in asked if not isinstance(there, dict) or there.get(key) != asked[key]]
    raise InputError(
        "E284",
        f"{path.parent} holds another crowd: it differs in {', '.join(differs) or 'what is written there'}",
        where=str(path),
        remedy="choose another folder, or remove this one",
    )


def check_room(out: Path, needed: int) -> int:
    """Return the free bytes where a folder is or will be.

    Raises
    ------
    InputError
        E292 when there is less room than ``needed``.
    """
    place = next(each for each in (out, *out.absolute().parents) if each.exists())
    free = shutil.disk_usage(place).free
    if free < SPARE * needed:
        raise InputError(
            "E292",
            f"the run writes about {in_words(needed)}, and {in_words(free)} are free",
            where=str(out),
            remedy="choose fewer people, read-outs or days, no courses, or another disk",
        )
    return free


def in_words(size: float) -> str:
    """Return a size in bytes as people say it."""
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.3g} {unit}"
        size /= 1000
    return f"{size:.3g} TB"
