"""Read ``claims.toml`` of a library: what an article claims, what the literature says, and what tests it.

The form of the file is in ``docs/evidence.md``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gutskin.errors import InputError, LibraryError, LibraryErrors, nearest
from gutskin.evidence.case import ABOUT
from gutskin.ledger import read_sources, read_toml, table_lines

FILE = "claims.toml"
GRADES = ("strong", "moderate", "weak", "contradicted")
SAYS = ("for", "against")
_TEXTS = ("section", "claim", "system", "grade", "source", "finding", "problem", "untested")
_NEEDED = ("section", "claim", "system", "grade", "source")
_KEYS = {*_TEXTS, "test"}
_TEST = {"case", "expect", "says"}
_ID = re.compile(r"CL\d{3}")


@dataclass(frozen=True)
class Trial:
    """A study that a claim is tested by: its expectations by number, from 1, and for what they speak."""

    case: str
    expect: tuple[int, ...]
    says: str


@dataclass(frozen=True)
class Claim:
    """A claim; ``grade`` is that of the literature, ``untested`` says why there are no ``trials``."""

    id: str
    section: str
    claim: str
    system: str
    grade: str
    source: str
    finding: str
    problem: str
    untested: str
    trials: tuple[Trial, ...]


def read_claims(library: Path) -> dict[str, Claim]:
    """Return the claims of a library by their IDs, none when it has no such file.

    Raises
    ------
    LibraryErrors
        With every fault: E470 keys, words and IDs, E471 not exactly one of test and untested, E472 a study
        that is not there, E473 expectations that it has not, or one that is named twice, E137 the source.
    InputError
        E130 when it is not TOML.
    """
    path = library / FILE
    if not path.exists():
        return {}
    tables, lines = read_toml(path), table_lines(path)
    bibliography = library / "sources.bib"
    sources = read_sources(bibliography) if bibliography.exists() else {}
    studies = {each.parent.name: each for each in (library / "evidence").glob("*/case.toml")}
    faults: list[LibraryError] = []
    for name, data in tables.items():
        where = f"{lines.get(name, FILE)}: {name}"
        for code, said, remedy in (*_head(name, data, sources), *_tests(data, studies)):
            faults.append(LibraryError(code, said, where=where, remedy=remedy))
    if faults:
        raise LibraryErrors(faults)
    return {name: _claim(name, data, studies) for name, data in tables.items()}


def find_claims(known: Mapping[str, Claim], ids: Sequence[str]) -> list[Claim]:
    """Return claims by their IDs, in the order of the file; all when none is named.

    Raises
    ------
    InputError
        E474 when there is none of an ID; the nearest are named.
    """
    for each in ids:
        if each not in known:
            remedy = nearest(each, known) or "see: gutskin list claims"
            raise InputError("E474", f"there is no claim {each!r}", remedy=remedy)
    return [claim for name, claim in known.items() if not ids or name in ids]


def _claim(name: str, data: Mapping[str, Any], studies: Mapping[str, Path]) -> Claim:
    said = {key: str(data.get(key, "")) for key in _TEXTS}
    trials = []
    for row in data.get("test", []):
        study = row["case"]
        numbers = row.get("expect") or range(1, _count(studies[study]) + 1)
        trials.append(Trial(study, tuple(numbers), row["says"]))
    return Claim(name, trials=tuple(trials), **said)


def _count(path: Path) -> int:
    """Return how many expectations a case has, curves last."""
    data = read_toml(path)
    return len(data.get("expect", [])) + len(data.get("curve", []))


_Faults = Iterator[tuple[str, str, str]]


def _head(name: str, data: Any, sources: Mapping[str, Any]) -> _Faults:
    """Yield (code, what, remedy) for what is wrong with the words of a claim."""
    if not _ID.fullmatch(name) or not isinstance(data, dict):
        yield "E470", f"{name!r} is no ID of a claim", "write [CL001]"
        return
    for key in data:
        if key not in _KEYS:
            yield "E470", f"key {key!r} is not known", nearest(key, _KEYS)
    for key in _TEXTS:
        if not isinstance(data.get(key, ""), str):
            yield "E470", f"{key} = {data[key]!r}", "write it in quotes"
    for key in _NEEDED:
        if not data.get(key):
            yield "E470", f"{key} is missing", f"write {key} = ..."
    for key, known in (("system", ABOUT), ("grade", GRADES)):
        if data.get(key) and data[key] not in known:
            yield "E470", f"{key} = {data[key]!r}", f"one of {', '.join(known)}"
    source = data.get("source", "none")
    if source != "none" and source not in sources:
        remedy = nearest(str(source), sources) or 'add it to sources.bib, or write "none"'
        yield "E137", f"source {source!r} is not in sources.bib", remedy


def _tests(data: Any, studies: Mapping[str, Path]) -> _Faults:
    """Yield what is wrong with how a claim is tested."""
    if not isinstance(data, dict):
        return
    rows = data.get("test", [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        yield "E470", f"test = {rows!r}", "write [[ID.test]]"
        return
    if bool(rows) == bool(data.get("untested")):
        said = "both test and untested" if rows else "neither test nor untested"
        yield "E471", said, "keep one: what tests it, or why nothing can"
    seen = set[tuple[str, int]]()
    for number, row in enumerate(rows, start=1):
        for code, said, remedy in _row(row, studies, seen):
            yield code, f"test {number}: {said}", remedy


def _row(row: Mapping[str, Any], studies: Mapping[str, Path], seen: set[tuple[str, int]]) -> _Faults:
    for key in row:
        if key not in _TEST:
            yield "E470", f"key {key!r} is not known", nearest(key, _TEST)
    if row.get("says") not in SAYS:
        yield "E470", f"says = {row.get('says')!r}", f"one of {', '.join(SAYS)}"
    case, asked = row.get("case"), row.get("expect", [])
    if case not in studies:
        yield "E472", f"there is no study {case!r}", nearest(str(case), studies) or "gutskin list studies"
        return
    whole = isinstance(asked, list) and all(type(each) is int for each in asked)
    if not whole or ("expect" in row and not asked):
        yield "E470", f"expect = {asked!r}", "a list of whole numbers, from 1; leave it out for all"
        return
    count = _count(studies[str(case)])
    for each in asked or range(1, count + 1):
        if not 1 <= each <= count:
            yield "E473", f"{case} has no expectation {each}", f"it has {count}, from 1"
        elif (str(case), each) in seen:
            yield "E473", f"expectation {each} of {case} is named twice", "keep one of them"
        seen.add((str(case), each))
