"""Places of the body that a person is looked at: names for rows of numbers, chosen one a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gutskin.errors import InputError, nearest
from gutskin.ledger import Parameter, parameter, read_toml, table_lines

FOLDER = "sites"  # of a library
_KEYS = {"label", "about", "samples", "set"}


@dataclass(frozen=True)
class Site:
    """A place; ``rows`` constant -> its number there, with source and spread. Others are the ledger's.

    ``samples`` are the places of samples that are looked at here, as ``taxa/sites.toml`` calls them.
    """

    name: str
    label: str
    about: str = ""
    rows: Mapping[str, Parameter] = field(default_factory=dict)
    samples: tuple[str, ...] = ()


def site_names(folder: Path) -> dict[str, Path]:
    """Return name -> file of the sites of a folder."""
    return {path.stem: path for path in sorted(folder.glob("*.toml"))}


def read_site(name: str, folder: Path, *, where: str = "") -> Site:
    """Return a site of a folder, or of a TOML file when ``name`` ends in ``.toml``.

    ``where`` is what asks for it, for the error.

    Raises
    ------
    InputError
        E450 when there is none of that name, E451 when it is ill-formed, E130/E131 a file that
        cannot be read.
    LibraryError
        E132 to E136 a number, as in the ledger.
    """
    known = site_names(folder)
    path = Path(name) if name.endswith(".toml") else known.get(name)
    if path is None:
        remedy = nearest(name, known) or "see: gutskin list sites"
        raise InputError("E450", f"there is no site {name!r}", where=where, remedy=remedy)
    data = read_toml(path)
    for key in sorted(set(data) - _KEYS):
        raise InputError("E451", f"key {key!r} is not known", where=path.name, remedy=nearest(key, _KEYS))
    for key in ("label", "about"):
        if not isinstance(data.get(key), str) or not data[key]:
            raise InputError("E451", f"{key} = {data.get(key)!r}", where=path.name, remedy="text in quotes")
    tables = data.get("set", {})
    if not isinstance(tables, dict) or not all(isinstance(each, dict) for each in tables.values()):
        remedy = "write [set] with a table a number: value, unit, spread, source, where, grade"
        raise InputError("E451", f"set = {tables!r}", where=path.name, remedy=remedy)
    samples = data.get("samples", [])
    if not isinstance(samples, list) or not all(isinstance(each, str) for each in samples):
        raise InputError(
            "E451", f"samples = {samples!r}", where=path.name, remedy="a list of names in quotes"
        )
    return Site(path.stem, data["label"], data["about"], rows_of(tables, path), tuple(samples))


def rows_of(tables: Mapping[str, Any], path: Path) -> dict[str, Parameter]:
    """Return constant -> checked row of the tables of a file, written like rows of the ledger.

    Raises
    ------
    LibraryError
        E132 to E136, as in the ledger.
    """
    lines, out = table_lines(path), {}
    for name, data in tables.items():
        where = lines.get(name) or lines.get(f"set.{name}") or path.name
        out[name] = parameter(name, data, where)
    return out
