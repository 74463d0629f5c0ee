"""Coupling edges: named routes between gut, blood and hormones, and skin, and the constant that cuts each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gutskin.errors import LibraryError, nearest
from gutskin.ledger import is_number, read_toml, table_lines

_KEYS = {"label", "from", "to", "cut", "source", "note"}


@dataclass(frozen=True)
class Edge:
    """A route ``origin`` -> ``target``; setting ``constant`` to ``silent`` [its own unit] cuts it."""

    name: str
    label: str
    origin: str
    target: str
    constant: str
    silent: float
    source: str
    note: str = ""


def _edge(name: str, data: Any, where: str) -> Edge:
    if not isinstance(data, dict):
        raise LibraryError("E237", f"edge {name} = {data!r}", where=where, remedy="an edge is a table")
    unknown = sorted(set(data) - _KEYS)
    if unknown:
        remedy = nearest(unknown[0], _KEYS)
        raise LibraryError(
            "E237", f"edge {name}: key {unknown[0]!r} is not known", where=where, remedy=remedy
        )
    cut = data.get("cut")
    if not isinstance(cut, dict) or set(cut) != {"constant", "to"} or not is_number(cut["to"]):
        raise LibraryError("E237", f"edge {name}: cut needs constant and to", where=where)
    missing = [key for key in ("label", "from", "to", "source") if not data.get(key)]
    if missing:
        raise LibraryError("E237", f"edge {name}: {', '.join(missing)} missing", where=where)
    words = (data["label"], data["from"], data["to"], cut["constant"])
    return Edge(name, *words, float(cut["to"]), data["source"], str(data.get("note", "")))


def read_edges(library: Path) -> tuple[Edge, ...]:
    """Return the edges of a library in the order in which they are written.

    Raises
    ------
    LibraryError
        E237 when an edge is ill-formed.
    """
    path = library / "edges.toml"
    if not path.exists():
        return ()
    lines = table_lines(path)
    return tuple(_edge(name, data, lines.get(name, path.name)) for name, data in read_toml(path).items())
