"""People: those whose tables the library holds, as single points to compare samples with."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np

from gutskin.ecology.composition import Array, Composition, compose
from gutskin.errors import InputError
from gutskin.paths import LIBRARY
from gutskin.samples import read_samples

FOLDER = LIBRARY / "people"


def table_of(name: str) -> Path:
    """Return the table of a person of the library who has one, else the path as it was given."""
    held = FOLDER / f"{name}.tsv"
    return held if held.exists() and not Path(name).exists() else Path(name)


@lru_cache(maxsize=32)
def people_at(site: str, folder: Path = FOLDER) -> tuple[Composition, ...]:
    """Return the compositions at a site of all people of the library who have a table with it."""
    found: list[Composition] = []
    for path in sorted(folder.glob("*.tsv")):
        try:
            found += [compose(each) for each in read_samples(path, site=site)]
        except InputError as error:
            if error.code != "E326":  # a table without this site
                raise
    return tuple(found)


def nearest(row: Array, names: tuple[str, ...]) -> tuple[str, float, float]:
    """Return who is nearest, how far, and the median distance to all.

    Parameters
    ----------
    row
        Distances of one sample to people, any unit, shape ``(people,)``.
    names
        Who they are.
    """
    first = int(np.argmin(row))
    return names[first], float(row[first]), float(np.median(row))
