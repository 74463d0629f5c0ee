"""Persons: who they are, which of their constants differ, and where their samples are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from gutskin import units
from gutskin.errors import InputError, nearest
from gutskin.ledger import read_toml

ORIGINS = ("ledger", "preset", "sample", "scenario", "command line")
Overrides = Mapping[str, tuple[float, str]]
_KEYS = {"label", "about", "citation", "licence", "samples", "set"}


@dataclass(frozen=True)
class Person:
    """A person; ``layers`` holds overrides by origin, constant -> (value, unit)."""

    name: str
    label: str
    about: str = ""
    citation: str = ""
    samples: str = ""
    layers: Mapping[str, Overrides] = field(default_factory=dict)

    def having(self, origin: str, overrides: Overrides) -> Person:
        """Return the same person with the overrides of one origin replaced."""
        if origin not in ORIGINS[1:]:
            raise ValueError(f"origin {origin!r} is not one of {ORIGINS[1:]}")
        return replace(self, layers={**self.layers, origin: dict(overrides)})


def people_names(folder: Path) -> dict[str, Path]:
    """Return name -> file of the people of a library folder."""
    return {path.stem: path for path in sorted(folder.glob("*.toml"))}


def read_person(name: str, folder: Path) -> Person:
    """Return a person of the library, or of a TOML file when ``name`` ends in ``.toml``.

    Raises
    ------
    InputError
        E264 when there is nobody of that name, E240 unknown key, E203/E204 for quantities.
    """
    known = people_names(folder)
    path = Path(name) if name.endswith(".toml") else known.get(name)
    if path is None:
        raise InputError(
            "E264", f"there is no person {name!r}", remedy=nearest(name, known) or "see: gutskin list people"
        )
    data = read_toml(path)
    unknown = sorted(set(data) - _KEYS)
    if unknown:
        raise InputError(
            "E240", f"key {unknown[0]!r} is not known", where=path.name, remedy=nearest(unknown[0], _KEYS)
        )
    if not isinstance(data.get("set", {}), dict):
        raise InputError("E240", f"set = {data['set']!r}", where=path.name, remedy="write [set]")
    own = {
        key: units.quantity(value, where=f"{path.name}: set {key}")
        for key, value in data.get("set", {}).items()
    }
    samples = str(data.get("samples", ""))
    samples = str(path.parent / samples) if samples else ""
    citation = data.get("citation", "")
    said = ", ".join(citation) if isinstance(citation, list) else str(citation)
    return Person(
        path.stem,
        str(data.get("label", path.stem)),
        str(data.get("about", "")),
        said,
        samples,
        {"preset": own},
    )
