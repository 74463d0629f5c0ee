"""Read-outs: the quantities a clinic or laboratory knows, with healthy ranges and words; from the library."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gutskin import units
from gutskin.errors import InputError, LibraryError, nearest
from gutskin.ledger import is_number, read_toml, table_lines

_KEYS = {"quantity", "label", "unit", "better", "healthy", "words", "core", "also"}
# "none": a fact that is neither good nor bad in itself
BETTER = ("up", "down", "within", "none")


@dataclass(frozen=True)
class Healthy:
    """A healthy range [unit of the read-out] and where it is from."""

    low: float
    high: float
    source: str
    where: str = ""
    note: str = ""


@dataclass(frozen=True)
class Readout:
    """``quantity`` is the model's name; ``group`` is gut, axis or skin; ``words`` are (from value, word).

    ``core`` read-outs are in every report; the others only when a plan moves them. ``also`` are other names
    that studies use for it.
    """

    name: str
    group: str
    quantity: str
    label: str
    unit: str
    better: str
    healthy: Healthy | None
    words: tuple[tuple[float, str], ...]
    core: bool = False
    also: tuple[str, ...] = ()

    def word(self, value: float) -> str:
        """Return the word for a value, empty when the read-out has none."""
        said = ""
        for start, word in self.words:
            if value >= start:
                said = word
        return said


def _healthy(data: Any, where: str) -> Healthy | None:
    if data is None:
        return None
    if not isinstance(data, dict):
        raise LibraryError(
            "E235", f"healthy = {data!r}", where=where, remedy="write { low, high, source, where }"
        )
    if (
        not is_number(data.get("low"))
        or not is_number(data.get("high"))
        or not data["low"] < data["high"]
        or not data.get("source")
    ):
        raise LibraryError("E235", "healthy needs low < high and a source", where=where)
    return Healthy(
        float(data["low"]),
        float(data["high"]),
        data["source"],
        str(data.get("where", "")),
        str(data.get("note", "")),
    )


def _readout(name: str, group: str, data: Any, where: str) -> Readout:
    if not isinstance(data, dict):
        raise LibraryError("E235", f"{name} = {data!r}", where=where, remedy="a read-out is a table")
    unknown = sorted(set(data) - _KEYS)
    if unknown:
        raise LibraryError(
            "E235", f"{name}: key {unknown[0]!r} is not known", where=where, remedy=nearest(unknown[0], _KEYS)
        )
    missing = [key for key in ("quantity", "label", "unit", "better") if not data.get(key)]
    if missing or data["better"] not in BETTER:
        problem = f"{', '.join(missing)} missing" if missing else f"better = {data['better']!r}"
        raise LibraryError(
            "E235", f"{name}: {problem}", where=where, remedy=f"better is one of {', '.join(BETTER)}"
        )
    try:
        units.parse(data["unit"])
        words = tuple((float(start), str(word)) for start, word in data.get("words", []))
    except InputError as error:
        raise LibraryError("E235", f"{name}: {error.message}", where=where, remedy=error.remedy) from error
    except (TypeError, ValueError) as error:
        remedy = 'words = [[0, "low"], [10, "usual"]]'
        raise LibraryError(
            "E235", f"{name}: words are not pairs of number and word", where=where, remedy=remedy
        ) from error
    if list(words) != sorted(words):
        raise LibraryError("E235", f"{name}: words are not in rising order", where=where)
    healthy = _healthy(data.get("healthy"), where)
    said = (data["quantity"], data["label"], data["unit"], data["better"])
    also = data.get("also", [])
    if not isinstance(also, list) or not all(isinstance(each, str) for each in also):
        raise LibraryError("E235", f"{name}: also = {also!r}", where=where, remedy='write also = ["name"]')
    return Readout(name, group, *said, healthy, words, bool(data.get("core", False)), tuple(also))


def read_readouts(library: Path) -> dict[str, Readout]:
    """Read all read-outs of a library, by name.

    Raises
    ------
    LibraryError
        E235 a read-out is ill-formed or there twice.
    """
    out: dict[str, Readout] = {}
    taken: set[str] = set()
    for path in (library / "readouts" / f"{group}.toml" for group in ("gut", "axis", "skin")):
        if not path.exists():
            continue
        lines = table_lines(path)
        for name, data in read_toml(path).items():
            where = lines.get(name, path.name)
            out[name] = made = _readout(name, path.stem, data, where)
            for each in (name, *made.also):
                if each in taken:
                    raise LibraryError("E235", f"read-out {each!r} is there twice", where=where)
                taken.add(each)
    return out
