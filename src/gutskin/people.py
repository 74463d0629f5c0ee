"""Persons: who they are, which of their constants differ, and where their samples are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from gutskin import units
from gutskin.errors import InputError, nearest
from gutskin.ledger import Parameter, read_toml
from gutskin.scenario import Scenario
from gutskin.sites import FOLDER, Site, read_site, rows_of

ORIGINS = ("ledger", "site", "preset", "sample", "scenario", "command line")
Overrides = Mapping[str, tuple[float, str]]
_KEYS = {"label", "about", "citation", "licence", "samples", "set", "site"}


@dataclass(frozen=True)
class Person:
    """A person; ``layers`` holds overrides by origin, constant -> (value, unit).

    ``rows`` holds those of them that have a source and a spread, by origin; the others are known exactly.
    ``site`` is where the person is looked at, None where the ledger's numbers are.
    """

    name: str
    label: str
    about: str = ""
    citation: str = ""
    samples: str = ""
    layers: Mapping[str, Overrides] = field(default_factory=dict)
    rows: Mapping[str, Mapping[str, Parameter]] = field(default_factory=dict)
    site: Site | None = None

    def having(self, origin: str, overrides: Overrides) -> Person:
        """Return the same person with the overrides of one origin replaced, known exactly."""
        if origin not in ORIGINS[1:]:
            raise ValueError(f"origin {origin!r} is not one of {ORIGINS[1:]}")
        rows = {each: own for each, own in self.rows.items() if each != origin}
        return replace(self, layers={**self.layers, origin: dict(overrides)}, rows=rows)

    def at(self, site: Site) -> Person:
        """Return the same person looked at in another place."""
        layers = {**self.layers, "site": _values(site.rows)}
        return replace(self, layers=layers, rows={**self.rows, "site": site.rows}, site=site)


def _values(rows: Mapping[str, Parameter]) -> dict[str, tuple[float, str]]:
    return {name: (row.value, row.unit) for name, row in rows.items()}


def within(person: Person, scenario: Scenario, library: Path) -> Person:
    """Return the person as a scenario has them: with its constants, at its site when it names one.

    Raises
    ------
    InputError
        E450 and E451, as :func:`gutskin.sites.read_site`.
    """
    if scenario.site:
        where = f"scenario {scenario.name}"
        person = person.at(read_site(scenario.site, library / FOLDER, where=where))
    return person.having("scenario", scenario.overrides)


def people_names(folder: Path) -> dict[str, Path]:
    """Return name -> file of the people of a library folder."""
    return {path.stem: path for path in sorted(folder.glob("*.toml"))}


def read_person(name: str, folder: Path, *, site: str = "") -> Person:
    """Return a person of the library, or of a TOML file when ``name`` ends in ``.toml``.

    Parameters
    ----------
    name, folder
        Whom, and the folder ``people`` of the library; its sites lie beside it.
    site
        Where they are looked at; their own site when empty.

    Raises
    ------
    InputError
        E264 when there is nobody of that name, E240 unknown key, E203/E204 for quantities, E450 and E451 for
        the site.
    LibraryError
        E132 to E136 a number with source and spread, as in the ledger.
    """
    known = people_names(folder)
    path = Path(name) if name.endswith(".toml") else known.get(name)
    if path is None:
        raise InputError(
            "E264", f"there is no person {name!r}", remedy=nearest(name, known) or "see: gutskin list people"
        )
    data = _checked(path)
    entries = data.get("set", {})
    rows = rows_of({key: each for key, each in entries.items() if isinstance(each, dict)}, path)
    said = {
        key: units.quantity(each, where=f"{path.name}: set {key}")
        for key, each in entries.items()
        if key not in rows
    }
    samples, citation = str(data.get("samples", "")), data.get("citation", "")
    person = Person(
        path.stem,
        str(data.get("label", path.stem)),
        str(data.get("about", "")),
        ", ".join(citation) if isinstance(citation, list) else str(citation),
        str(path.parent / samples) if samples else "",
        {"preset": {**_values(rows), **said}},
        {"preset": rows} if rows else {},
    )
    own = data.get("site", "")
    own = str(path.parent / own) if own.endswith(".toml") else own
    if not site and not own:
        return person
    return person.at(read_site(site or own, folder.parent / FOLDER, where="" if site else path.name))


def _checked(path: Path) -> dict[str, Any]:
    data = read_toml(path)
    unknown = sorted(set(data) - _KEYS)
    if unknown:
        raise InputError(
            "E240", f"key {unknown[0]!r} is not known", where=path.name, remedy=nearest(unknown[0], _KEYS)
        )
    if not isinstance(data.get("set", {}), dict):
        raise InputError("E240", f"set = {data['set']!r}", where=path.name, remedy="write [set]")
    if not isinstance(data.get("site", ""), str):
        raise InputError("E240", f"site = {data['site']!r}", where=path.name, remedy="a name in quotes")
    return data
