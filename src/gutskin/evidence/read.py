"""Read case files: every key known, every range with its reason, every arm able to run."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gutskin import units
from gutskin.errors import GutskinError, InputError, nearest
from gutskin.evidence.arms import read_arms
from gutskin.evidence.case import ABOUT, COMPARED, ROLES, START, Arm, Case, Crew, Expectation, Noise
from gutskin.evidence.curve import read_curve
from gutskin.evidence.expression import expression
from gutskin.evidence.moment import moment
from gutskin.ledger import Source, is_number, read_sources, read_toml
from gutskin.paths import LIBRARY

FILE = "case.toml"
_HEAD = {"title", "source", "about", "role", "people", "note"}
_KEYS = _HEAD | {"arms", "expect", "curve", "noise"}
_EXPECT = {
    "readout", "arm", "versus", "as", "at", "statistic", "with", "value", "low", "high", "unit", "why",
}  # fmt: skip
_QUANTILE = re.compile(r"^q(0[1-9]|[1-9]\d)$")
STATISTICS = ("mean", "median", "sd", "cv", "share", "correlation", "rank correlation")
JOINED = ("correlation", "rank correlation")


def fault(code: str, said: str, where: str, remedy: str) -> InputError:
    """Return an error that names the file and the key."""
    return InputError(code, said, where=where, remedy=remedy)


def check_keys(data: Mapping[str, Any], known: set[str], where: str, needed: Sequence[str] = ()) -> None:
    """Refuse unknown and missing keys.

    Raises
    ------
    InputError
        E400.
    """
    for key in data:
        if key not in known:
            raise fault("E400", f"key {key!r} is not known", where, nearest(key, known))
    for key in needed:
        if data.get(key) in (None, ""):
            raise fault("E400", f"{key} is missing", where, f"write {key} = ...")


def find_cases(folders: Sequence[Path]) -> list[Path]:
    """Return the case files in folders, at any depth, by path.

    Raises
    ------
    InputError
        E404 when a folder is not there or holds none.
    """
    found: dict[Path, None] = {}
    for folder in folders:
        here = [folder] if folder.name == FILE else sorted(folder.rglob(FILE))
        if not here or not here[0].exists():
            raise fault(
                "E404",
                f"no {FILE} in {folder}",
                str(folder),
                "give a folder of studies, see docs/evidence.md",
            )
        found |= dict.fromkeys(here)
    return list(found)


def read_head(path: Path) -> dict[str, Any]:
    """Return the head of a case: what stands before the first table. Nothing behind it is looked at.

    Raises
    ------
    InputError
        E130, E131 unreadable, E400, E401 keys, role or subject.
    """
    lines = []
    try:
        # Without a buffer: not a byte behind the line of the first table is asked for.
        with path.open("rb", buffering=0) as file:
            for line in file:
                if line.lstrip().startswith(b"["):
                    break
                lines.append(line)
        head = tomllib.loads(b"".join(lines).decode("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise fault("E131", f"{path} cannot be read", str(path), "check path and encoding (UTF-8)") from error
    except tomllib.TOMLDecodeError as error:
        raise fault("E130", f"not TOML: {error}", str(path), "mend the line") from error
    where = _where(path)
    check_keys(head, _HEAD, where, ("title", "source", "about", "role"))
    for key, known in (("about", ABOUT), ("role", ROLES)):
        if head[key] not in known:
            raise fault("E401", f"{key} = {head[key]!r}", where, f"one of {', '.join(known)}")
    return head


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
    head, data = read_head(path), read_toml(path)
    check_keys(data, _KEYS, where)
    known = sources_for(path, library)
    if head["source"] not in known:
        remedy = nearest(head["source"], known) or "add it to a sources.bib beside the studies"
        raise fault("E409", f"source {head['source']!r} is not in sources.bib", where, remedy)
    try:
        arms = read_arms(data, path, library)
    except InputError as error:
        raise (
            error
            if where in error.where
            else fault(error.code, error.message, f"{where}: {error.where}", error.remedy)
        ) from error
    found = [
        _expectation(each, arms, f"{where}: expect {k}")
        for k, each in enumerate(_list(data, "expect", where), 1)
    ]
    curves = [
        read_curve(each, arms, path.parent, f"{where}: curve {k}")
        for k, each in enumerate(_list(data, "curve", where), 1)
    ]
    if not found and not curves:
        raise fault("E403", "nothing is expected", where, "write [[expect]] or [[curve]]")
    noise = {name: _noise(name, each, where) for name, each in data.get("noise", {}).items()}
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


def _list(data: Mapping[str, Any], key: str, where: str) -> list[Mapping[str, Any]]:
    rows = data.get(key, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise fault("E400", f"{key} = {rows!r}", where, f"write [[{key}]]")
    return rows


def _noise(name: str, data: Any, where: str) -> Noise:
    where = f"{where}: noise {name}"
    if not isinstance(data, dict):
        raise fault("E400", f"noise of {name} = {data!r}", where, "write cv or sd")
    check_keys(data, {"cv", "sd"}, where)
    cv = data.get("cv", 0.0)
    if len(data) != 1 or not is_number(cv) or cv < 0:
        raise fault("E400", f"noise of {name} = {data!r}", where, 'one of cv = 0.3 and sd = "2 mmol/L"')
    sd, unit = units.quantity(data["sd"], where=where) if "sd" in data else (0.0, "1")
    return Noise(float(cv), sd, unit)


def _expectation(data: Mapping[str, Any], arms: Mapping[str, Arm], where: str) -> Expectation:
    check_keys(data, _EXPECT, where, ("readout", "arm", "unit", "why"))
    for key in ("arm", "versus"):
        if data.get(key) and data[key] not in arms and not (key == "versus" and data[key] == START):
            raise fault("E402", f"there is no arm {data[key]!r}", where, nearest(str(data[key]), arms))
    how, versus = str(data.get("as", "")), str(data.get("versus", ""))
    if bool(how) != bool(versus) or (how and how not in COMPARED):
        remedy = f"as goes with versus, and is one of {', '.join(COMPARED)}"
        raise fault("E403", f"as = {how!r}, versus = {versus!r}", where, remedy)
    statistic = str(data.get("statistic", "mean"))
    if statistic not in STATISTICS and not _QUANTILE.match(statistic):
        raise fault(
            "E403", f"statistic = {statistic!r}", where, f"one of {', '.join(STATISTICS)}, q01 to q99"
        )
    if (statistic in JOINED) != ("with" in data) or (statistic in JOINED and how):
        raise fault(
            "E403",
            f"statistic = {statistic!r}",
            where,
            "a correlation needs with, and no as; nothing else has with",
        )
    low, high, value = read_range(data, where)
    other = expression(data["with"], where=where) if "with" in data else None
    units.parse(data["unit"])
    made = Expectation(
        expression(data["readout"], where=where), data["arm"], moment(data.get("at", ""), where=where),
        data["unit"], low, high, str(data["why"]), versus, how, statistic, other, value,
    )  # fmt: skip
    return _timed(made, where)


def _timed(made: Expectation, where: str) -> Expectation:
    """Refuse what makes no sense together."""
    if not made.moment.visit and (made.readout.moments or "at(" in made.readout.text):
        raise fault("E403", f"at = {made.moment.text!r} with at(...)", where, "keep one of them")
    if made.versus == START and made.moment.unit:
        raise fault("E403", "a time against the start", where, "leave out versus")
    return made


def read_range(data: Mapping[str, Any], where: str) -> tuple[float, float, float | None]:
    """Return low, high and value; what is missing is infinite, or None.

    Raises
    ------
    InputError
        E403 without any bound, upside down, or with the value outside.
    """
    given = {key: data[key] for key in ("low", "high", "value") if key in data}
    low, high = float(given.get("low", "-inf")), float(given.get("high", "inf"))
    value = float(given["value"]) if "value" in given and is_number(given["value"]) else None
    fine = (
        all(is_number(each) for each in given.values()) and ("low" in given or "high" in given) and low < high
    )
    if not fine or (value is not None and not low <= value <= high):
        raise fault(
            "E403",
            f"range {given}",
            where,
            "numbers with low < high and value between them; one bound may be left out",
        )
    return low, high, value


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
    "Crew",
    "check_keys",
    "fault",
    "find_cases",
    "read_all",
    "read_case",
    "read_head",
    "read_range",
    "sources_for",
]
