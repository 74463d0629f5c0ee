"""Canonical names of body sites, from ``library/taxa/sites.toml``."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from gutskin.errors import InputError, LibraryError, nearest
from gutskin.ledger import read_toml
from gutskin.paths import LIBRARY

CONTROL = "control"  # canonical name of what is no place of the body: it shows what reagents bring


@dataclass(frozen=True)
class Site:
    """A place on or in the body: canonical name, label, and which guild table is used there (none: empty)."""

    name: str
    label: str
    guilds: str


@dataclass(frozen=True)
class Sites:
    """All sites, every spelling of them, and how metadata tables call their columns.

    ``control`` stands for negative controls, which are found by their spellings but are no known site.
    """

    known: Mapping[str, Site]
    spellings: Mapping[str, str]
    columns: Mapping[str, tuple[str, ...]]
    control: Site = Site(CONTROL, CONTROL, "")

    def find(self, text: str) -> Site | None:
        """Return the site that a spelling means, or none."""
        name = self.spellings.get(_squash(text))
        return self.known.get(name, self.control) if name else None

    def close(self, text: str) -> bool:
        """Whether a text looks like a misspelt site."""
        return bool(difflib.get_close_matches(_squash(text), list(self.spellings), n=1, cutoff=0.75))

    def require(self, text: str, *, where: str = "") -> Site:
        """Return the site that a spelling means.

        Raises
        ------
        InputError
            E321 for a site that is not known, with the nearest names.
        """
        site = self.find(text)
        if site is None:
            raise unknown_site(text, self, where)
        return site


@lru_cache(maxsize=4)
def load_sites(folder: Path = LIBRARY / "taxa") -> Sites:
    """Read the sites of the library.

    Raises
    ------
    LibraryError
        E340 when two sites claim one spelling.
    """
    data = read_toml(folder / "sites.toml")
    known = {name: Site(name, row["label"], row["guilds"]) for name, row in data["sites"].items()}
    spellings: dict[str, str] = {}
    rows = {**data["sites"], CONTROL: data["controls"]}
    for name, row in rows.items():
        for text in (name, *row["synonyms"]):
            if spellings.setdefault(_squash(text), name) != name:
                raise LibraryError("E340", f"{text!r} means two sites", where=str(folder / "sites.toml"))
    columns = {what: tuple(names) for what, names in data["columns"].items()}
    return Sites(known, spellings, columns, Site(CONTROL, data["controls"]["label"], ""))


def unknown_site(text: str, sites: Sites, where: str = "") -> InputError:
    """Return the error for a site that is not known."""
    squashed = difflib.get_close_matches(_squash(text), list(sites.spellings), n=1, cutoff=0.5)
    hint = f"did you mean {sites.spellings[squashed[0]]}?" if squashed else nearest(text, sites.known)
    choice = hint or f"known: {', '.join(sites.known)}"
    remedy = f"{choice} (or choose one known site with --site)"
    return InputError("E321", f"unknown site {text!r}", where=where, remedy=remedy)


def _squash(text: str) -> str:
    """Compare without case, blanks, hyphens and underscores."""
    return re.sub(r"[\s_-]+", "", text.strip().lower())
