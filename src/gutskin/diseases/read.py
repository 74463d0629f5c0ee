"""Checked reading of the signatures of ``library/diseases``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gutskin.diseases.reference import read_reference
from gutskin.diseases.signature import DIRECTIONS, FLAT, Cohort, Marker, Row, Signature
from gutskin.errors import GutskinError, InputError, LibraryError, nearest
from gutskin.ledger import GRADES, is_number, read_toml
from gutskin.paths import LIBRARY
from gutskin.samples.names import RANKS
from gutskin.samples.sites import load_sites

FOLDER = "diseases"  # of a library
_KEYS = {"label", "site", "about", "see", "common", "cohorts", "taxon", "marker"}
_COMMON_KEYS = {"unit", "source", "where", "grade"}
_TAXON_KEYS = {
    "name", "rank", "also", "direction", "size", "unit", "low", "high", "folds", "q", "capped",
    "cohorts", "agree", "significant", "source", "where", "grade", "verified", "note",
}  # fmt: skip
_MARKER_KEYS = {
    "name", "medium", "direction", "measure", "value", "low", "high",
    "source", "where", "grade", "verified", "note",
}  # fmt: skip
_TEXTS = {"name", "rank", "direction", "unit", "source", "where", "grade", "medium", "measure", "note"}
_NUMBERS = {"size", "value", "low", "high"}
_COUNTS = {"cohorts", "agree", "significant"}
_ALL_RANKS = (*RANKS, "subspecies")
_ROUNDING = 0.011  # [log2] sizes and folds are published with two decimals


def disease_names(folder: Path = LIBRARY / FOLDER) -> dict[str, Path]:
    """Return name -> file of the signatures of a folder."""
    return {path.stem: path for path in sorted(folder.glob("*.toml"))}


def read_diseases(folder: Path = LIBRARY / FOLDER) -> tuple[Signature, ...]:
    """Return every signature of a folder, by name."""
    return tuple(read_signature(name, folder) for name in disease_names(folder))


def read_signature(name: str, folder: Path = LIBRARY / FOLDER) -> Signature:
    """Return a signature of a folder, or of a TOML file when ``name`` ends in ``.toml``.

    Raises
    ------
    InputError
        E480 when there is none of that name, E130/E131 a file that cannot be read.
    LibraryError
        E481 the file, E482 a row of it, E483 numbers of a row that contradict each other.
    """
    known = disease_names(folder)
    path = Path(name) if name.endswith(".toml") else known.get(name)
    if path is None:
        remedy = nearest(name, known) or "see: gutskin diseases"
        raise InputError("E480", f"there is no signature of {name!r}", remedy=remedy)
    data, where = read_toml(path), path.name
    _refuse_keys(data, _KEYS, where, "E481")
    for key in ("label", "site", "about"):
        if not isinstance(data.get(key), str) or not data[key]:
            raise _fault("E481", f"{key} = {data.get(key)!r}", where, "text in quotes")
    tables = {site.guilds for site in load_sites().known.values()}
    if data["site"] not in tables:
        raise _fault("E481", f"site {data['site']!r}", where, f"one of {', '.join(sorted(tables))}")
    see = data.get("see", [])
    if not isinstance(see, list) or not all(each in disease_names(path.parent) for each in see):
        raise _fault("E481", f"see = {see!r}", where, "a list of other signatures of the folder")
    common = _table(data, "common", where)
    _refuse_keys(common, _COMMON_KEYS, f"{where}, common", "E481")
    cohorts = {name: _cohort(name, each, where) for name, each in _table(data, "cohorts", where).items()}
    rows = tuple(_row({**common, **each}, cohorts, where) for each in _list(data, "taxon", where))
    twice = [row.feature for row in rows if [each.feature for each in rows].count(row.feature) > 1]
    if twice:
        raise _fault("E482", f"{twice[0][1]!r} stands twice", where, "one row a taxon")
    markers = tuple(_marker(each, where) for each in _list(data, "marker", where))
    label, about = data["label"], data["about"]
    return Signature(path.stem, label, about, data["site"], cohorts, rows, markers, tuple(see))


def faults(library: Path, sources: Mapping[str, Any]) -> list[LibraryError]:
    """Return what is wrong with signatures and references of a library, also sources that are not known."""
    out: list[LibraryError] = []
    for path in sorted((library / FOLDER).glob("healthy_*.tsv")):
        try:
            read_reference(path)
        except LibraryError as error:
            out.append(error)
    for name in disease_names(library / FOLDER):
        try:
            found = read_signature(name, library / FOLDER)
        except GutskinError as error:
            out.append(LibraryError(error.code, error.message, where=error.where, remedy=error.remedy))
            continue
        entries: list[Row | Marker] = [*found.rows, *found.markers]
        for each in entries:
            if each.source not in ("none", *sources):
                said = f"{each.name}: source {each.source!r} is not in sources.bib"
                out.append(_fault("E137", said, f"{name}.toml", nearest(each.source, sources)))
    return out


def _row(data: Mapping[str, Any], cohorts: Mapping[str, Cohort], file: str) -> Row:
    where = _checked(data, _TAXON_KEYS, ("name", "rank", "direction", "source", "where", "grade"), file)
    if data["rank"] not in _ALL_RANKS:
        raise _fault("E482", f"rank {data['rank']!r}", where, f"one of {', '.join(_ALL_RANKS)}")
    folds, q = _table(data, "folds", where, "E482"), _table(data, "q", where, "E482")
    capped = tuple(data.get("capped", ()))
    _cohort_numbers(folds, q, capped, cohorts, where)
    if bool(folds) == any(key in data for key in _COUNTS):
        raise _fault("E482", "folds and counts", where, "either folds and q, or cohorts, agree, significant")
    counted = (0, 0, 0) if folds else _counted(data, where)
    plain = {key: data[key] for key in ("size", "low", "high", "unit", "verified", "note") if key in data}
    also = data.get("also", [])
    if not isinstance(also, list) or not all(isinstance(each, str) for each in also):
        raise _fault("E482", f"also = {also!r}", where, "a list of names")
    row = Row(
        data["name"], data["rank"], data["direction"], data["source"], data["where"], data["grade"],
        also=tuple(also), folds=folds, q=q, capped=capped, counted=counted, **plain,
    )  # fmt: skip
    _refuse_contradiction(row, where)
    return row


def _marker(data: Mapping[str, Any], file: str) -> Marker:
    needed = ("name", "medium", "direction", "measure", "source", "where", "grade")
    where = _checked(data, _MARKER_KEYS, needed, file)
    _refuse_interval(data.get("value"), data.get("low"), data.get("high"), where)
    return Marker(**data)


def _checked(data: Mapping[str, Any], keys: set[str], needed: tuple[str, ...], file: str) -> str:
    """Refuse keys and kinds that no row has; return where it stands."""
    where = f"{file}, {data.get('name', 'a row without name')}"
    _refuse_keys(data, keys, where, "E482")
    if lost := [key for key in needed if not data.get(key)]:
        raise _fault("E482", f"{lost[0]} is missing", where, f"every row has {', '.join(needed)}")
    for key, value in data.items():
        if key in _TEXTS and not isinstance(value, str):
            raise _fault("E482", f"{key} = {value!r}", where, "text in quotes")
        if key in _NUMBERS and not is_number(value):
            raise _fault("E482", f"{key} = {value!r}", where, "a number without quotes")
    if data["direction"] not in DIRECTIONS:
        raise _fault("E482", f"direction {data['direction']!r}", where, f"one of {', '.join(DIRECTIONS)}")
    if data["grade"] not in GRADES:
        raise _fault("E482", f"grade {data['grade']!r}", where, f"one of {', '.join(GRADES)}")
    if not isinstance(data.get("verified", True), bool):
        raise _fault("E482", f"verified = {data['verified']!r}", where, "true or false")
    return where


def _cohort_numbers(
    folds: Mapping[str, Any], q: Mapping[str, Any], capped: tuple[str, ...], cohorts: object, where: str
) -> None:
    """Refuse folds, q and capped that are not of the same cohorts of the file."""
    assert isinstance(cohorts, Mapping)
    if set(folds) != set(q) or not set(capped) <= set(folds):
        raise _fault("E482", "folds, q and capped name other cohorts", where, "the same cohorts in all")
    for name, fold in folds.items():
        if name not in cohorts:
            raise _fault("E482", f"cohort {name!r} is not known", where, nearest(name, cohorts))
        if not is_number(fold) or not is_number(q[name]) or not 0 <= q[name] <= 1:
            said = f"{name}: fold {fold!r}, q {q[name]!r}"
            raise _fault("E482", said, where, "a log2 fold, and q between 0 and 1")


def _counted(data: Mapping[str, Any], where: str) -> tuple[int, int, int]:
    found = tuple(data.get(key) for key in ("cohorts", "agree", "significant"))
    if not all(isinstance(each, int) and not isinstance(each, bool) for each in found):
        raise _fault("E482", f"cohorts, agree, significant = {found}", where, "three whole numbers")
    cohorts, agree, significant = (int(each) for each in found if each is not None)
    if not (cohorts >= 1 and 0 <= agree <= cohorts and 0 <= significant <= cohorts):
        raise _fault("E483", f"{agree} agree, {significant} significant of {cohorts}", where, "count again")
    return cohorts, agree, significant


def _refuse_contradiction(row: Row, where: str) -> None:
    """Refuse a size that is not the median of its folds, and a direction that is not its sign."""
    _refuse_interval(row.size, row.low, row.high, where)
    if not row.folds:
        if row.direction == "flat":
            raise _fault("E483", "flat without folds", where, "give folds, or leave the row out")
        return
    if row.size is None or abs(row.size - row.median) > _ROUNDING:
        raise _fault("E483", f"size {row.size}, median of folds {row.median:.3g}", where, "mend one")
    says = "flat" if abs(row.size) < FLAT else "up" if row.size > 0 else "down"
    if row.direction != says:
        raise _fault("E483", f"direction {row.direction}, size {row.size:g}", where, f"direction = {says}")


def _refuse_interval(value: float | None, low: float | None, high: float | None, where: str) -> None:
    if (low is None) != (high is None) or (low is not None and value is None):
        raise _fault("E483", "an interval with one end or no value", where, "give value, low and high")
    if value is not None and low is not None and high is not None and not low <= value <= high:
        raise _fault("E483", f"{value:g} is not between {low:g} and {high:g}", where, "mend the interval")


def _cohort(name: str, data: Any, where: str) -> Cohort:
    kinds = isinstance(data, dict) and set(data) == {"cases", "controls"}
    if not kinds or not all(isinstance(n, int) and not isinstance(n, bool) and n > 0 for n in data.values()):
        raise _fault("E481", f"cohort {name}: {data!r}", where, "{ cases = 10, controls = 10 }")
    return Cohort(**data)


def _table(data: Mapping[str, Any], key: str, where: str, code: str = "E481") -> dict[str, Any]:
    found = data.get(key, {})
    if not isinstance(found, dict):
        raise _fault(code, f"{key} = {found!r}", where, "a table")
    return found


def _list(data: Mapping[str, Any], key: str, where: str) -> list[dict[str, Any]]:
    found = data.get(key, [])
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise _fault("E481", f"{key} is no list of tables", where, f"write [[{key}]] above each")
    return found


def _refuse_keys(data: Mapping[str, Any], keys: set[str], where: str, code: str) -> None:
    for key in sorted(set(data) - keys):
        raise _fault(code, f"key {key!r} is not known", where, nearest(key, keys))


def _fault(code: str, message: str, where: str, remedy: str) -> LibraryError:
    return LibraryError(code, message, where=where, remedy=remedy)
