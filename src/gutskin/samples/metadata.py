"""Metadata of samples: which person, site, visit and primer region a sample name stands for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from gutskin.errors import InputError
from gutskin.samples.content import open_content
from gutskin.samples.readers.cells import check_widths, grid
from gutskin.samples.sites import Sites

Facts = dict[str, str]


def read_metadata(path: str | Path) -> dict[str, Facts]:
    """Read a metadata table: first column the sample, the others named facts.

    Returns
    -------
    dict
        Sample name to facts, empty cells left out.

    Raises
    ------
    InputError
        E300 to E305 as for any file, E310 ragged, E323 not a table.
    """
    content = open_content(path)
    cells = grid(content) if content.is_text else None
    if cells is None:
        raise InputError(
            "E323",
            "the metadata is no table of text",
            where=str(path),
            remedy="give tab-separated text, first column the sample, one column each for person and site",
        )
    check_widths(cells)
    return {
        texts[0]: {name: text for name, text in zip(cells.header[1:], texts[1:], strict=True) if text}
        for _, texts in cells.rows
    }


def facts_of(about: Mapping[str, str], sites: Sites) -> Facts:
    """Pick person, site, region, visit, date and method out of what a file tells about a sample.

    Names of columns are compared without regard to case, blanks, hyphens and underscores. A site column whose
    text is a known site wins over one whose text is not.
    """
    plain = {_plain(name): text for name, text in reversed(list(about.items()))}
    facts: Facts = {}
    for what, names in sites.columns.items():
        texts = [plain[_plain(name)] for name in names if _plain(name) in plain]
        if what == "site":
            texts = [text for text in texts if sites.find(text)] or texts
        if texts:
            facts[what] = texts[0]
    return facts


def check_metadata(
    facts: Mapping[str, Facts], columns: tuple[str, ...], path: str | Path, *, sites: Sites, partly: bool
) -> None:
    """Refuse metadata that tells neither person nor site of the samples.

    Metadata of only some samples will do when samples are selected by site (``partly``): the others are left.

    Raises
    ------
    InputError
        E323 no column of persons and none of sites, E324 samples that the metadata does not name.
    """
    missing = [column for column in columns if column not in facts]
    if missing and not (partly and len(missing) < len(columns)):
        raise InputError(
            "E324",
            f"{len(missing)} of {len(columns)} samples are not in the metadata, first {missing[0]!r}",
            where=str(path),
            remedy="the first column must hold the sample names of the table",
        )
    told = {_plain(name) for column in columns for name in facts.get(column, {})}
    names = [name for what in ("site", "person") for name in sites.columns[what]]
    if not told & {_plain(name) for name in names}:
        raise InputError(
            "E323",
            "no column tells site or person",
            where=str(path),
            remedy=f"call them {names[0]} and person",
        )


def _plain(name: str) -> str:
    """Return the spelling under which names of columns are compared."""
    return re.sub(r"[\s_-]+", "", name.lower())
