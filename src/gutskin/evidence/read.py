"""Read case files: every key known, every range with its reason, every arm able to run."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gutskin.errors import GutskinError, InputError, LibraryError, nearest
from gutskin.evidence.arms import read_arms
from gutskin.evidence.case import ABOUT, ROLES, Case, Curve, Expectation
from gutskin.evidence.curve import read_curve
from gutskin.evidence.expect import check_keys, check_texts, fault, read_expectation, read_noise
from gutskin.ledger import Source, read_sources, read_toml
from gutskin.paths import LIBRARY

FILE = "case.toml"
_HEAD = {"title", "source", "about", "role", "people", "note"}
_KEYS = _HEAD | {"arms", "expect", "curve", "noise"}


def find_cases(folders: Sequence[Path]) -> list[Path]:
    """Return the case files in folders, at any depth, by path.

    Raises
    ------
    InputError
        E404 when a folder is not there or holds none.
    """
    found: dict[Path, Path] = {}
    for folder in folders:
        here = [folder] if folder.is_file() and folder.name == FILE else sorted(folder.rglob(FILE))
        if not here:
            raise fault(
                "E404",
                f"no {FILE} in {folder}",
                str(folder),
                "give a folder of studies, see docs/evidence.md",
            )
        for path in here:
            found.setdefault(path.resolve(), path)
    return list(found.values())


def read_head(path: Path) -> dict[str, Any]:
    """Return the head of a case: what stands before the first table. Nothing behind it is looked at.

    A line that begins with a bracket ends the head, unless it stands in a text of several lines.

    Raises
    ------
    InputError
        E130, E131 unreadable, E400, E401 keys, role or subject.
    """
    try:
        # Without a buffer: not a byte behind the line of the first table is asked for.
        with path.open("rb", buffering=0) as file:
            head = tomllib.loads(_above_tables(file))
    except (OSError, UnicodeDecodeError) as error:
        raise fault("E131", f"{path} cannot be read", str(path), "check path and encoding (UTF-8)") from error
    except RecursionError as error:
        raise fault("E130", "not TOML: too many brackets in each other", str(path), "mend it") from error
    except tomllib.TOMLDecodeError as error:
        raise fault("E130", f"not TOML: {error}", str(path), "mend the line") from error
    where = _where(path)
    check_keys(head, _HEAD, where, ("title", "source", "about", "role"))
    check_texts(head, ("title", "source", "about", "role", "note"), where)
    for key, known in (("about", ABOUT), ("role", ROLES)):
        if head[key] not in known:
            raise fault("E401", f"{key} = {head[key]!r}", where, f"one of {', '.join(known)}")
    return head


def _above_tables(lines: Iterable[bytes]) -> str:
    said = b""
    for line in lines:
        if line.lstrip().startswith(b"[") and _is_toml(said.decode("utf-8")):
            break
        said += line
    return said.decode("utf-8")


def _is_toml(said: str) -> bool:
    try:
        tomllib.loads(said)
    except tomllib.TOMLDecodeError:
        return said.count('"""') % 2 == 0 and said.count("'''") % 2 == 0  # wrong, but not for being cut short
    return True


def _where(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


def sources_for(path: Path, library: Path = LIBRARY) -> dict[str, Source]:
    """Return the sources that a case may name: the library's and those of a ``sources.bib`` above it."""
    found = read_sources(library / "sources.bib") if (library / "sources.bib").exists() else {}
    for folder in (path.parent.parent, path.parent):
        if (folder / "sources.bib").exists() and folder != library:
            found |= read_sources(folder / "sources.bib")
    return found


def read_case(path: Path, library: Path = LIBRARY) -> Case:
    """Read one case file.

    Parameters
    ----------
    path
        A ``case.toml``; treatments are taken from ``treatments/`` beside and above it, then of the library.
    library
        The library of treatments, sources and words.

    Raises
    ------
    InputError
        E400 keys, E401 role or subject, E402 arms, E403 expectations, E405 to E407 expressions, units, times,
        E408 curves, E409 source, and what treatments and quantities raise; each names file and key.
    """
    where = _where(path)
    try:
        return _read(path, library, where)
    except InputError as error:
        if error.where.startswith((where, str(path))):
            raise
        place = f"{where}: {error.where}" if error.where else where
        raise fault(error.code, error.message, place, error.remedy) from error
    except LibraryError as error:
        raise fault(error.code, error.message, f"{where}: {error.where}", error.remedy) from error


def _read(path: Path, library: Path, where: str) -> Case:
    head, data = read_head(path), read_toml(path)
    check_keys(data, _KEYS, where)
    known = sources_for(path, library)
    if head["source"] not in known:
        remedy = nearest(head["source"], known) or "add it to a sources.bib beside the studies"
        raise fault("E409", f"source {head['source']!r} is not in sources.bib", where, remedy)
    arms = read_arms(data, path, library)
    found, curves = list[Expectation](), list[Curve]()
    for k, each in enumerate(_list(data, "expect", where), 1):
        with _at(f"{where}: expect {k}") as here:
            found.append(read_expectation(each, arms, here))
    for k, each in enumerate(_list(data, "curve", where), 1):
        with _at(f"{where}: curve {k}") as here:
            curves.append(read_curve(each, arms, path.parent, here))
    if not found and not curves:
        raise fault("E403", "nothing is expected", where, "write [[expect]] or [[curve]]")
    if not isinstance(data.get("noise", {}), dict):
        raise fault("E400", f"noise = {data['noise']!r}", where, "write [noise.READOUT]")
    noise = {name: read_noise(name, each, where) for name, each in data.get("noise", {}).items()}
    said = {key: str(head.get(key, "")) for key in ("title", "source", "about", "role", "note")}
    return Case(
        path.parent.name,
        arms=arms,
        expectations=tuple(found),
        curves=tuple(curves),
        noise=noise,
        path=path,
        **said,
    )


@contextmanager
def _at(where: str) -> Iterator[str]:
    """Add the place to what is refused without one."""
    try:
        yield where
    except InputError as error:
        raise fault(error.code, error.message, error.where or where, error.remedy) from error


def _list(data: Mapping[str, Any], key: str, where: str) -> list[Mapping[str, Any]]:
    rows = data.get(key, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise fault("E400", f"{key} = {rows!r}", where, f"write [[{key}]]")
    return rows


def read_all(paths: Sequence[Path], library: Path = LIBRARY) -> tuple[list[Case], list[GutskinError]]:
    """Read cases; one that cannot be read does not stop the others.

    Returns
    -------
    tuple
        The cases, and the refusals.
    """
    cases, refused = [], []
    for path in paths:
        try:
            cases.append(read_case(path, library))
        except GutskinError as error:
            refused.append(error)
    return cases, refused


__all__ = [
    "find_cases",
    "read_all",
    "read_case",
    "read_head",
    "sources_for",
]
