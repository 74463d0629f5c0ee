"""Kraken reports: a tree of taxa with the reads that stop at each, also as Bracken rewrites it."""

from __future__ import annotations

import re

import numpy as np

from gutskin.errors import InputError
from gutskin.samples.content import Content
from gutskin.samples.raw import RawTable, check_raw
from gutskin.samples.readers.cells import number

NAME = "kraken"
ABOUT = "Kraken or Kraken 2 report of one sample, or the one that Bracken writes"

# Columns by their number: reads that stop here, rank, name. 7: with depth; 8: with minimisers; 9: KrakenUniq.
_LAYOUTS = {6: (2, 3, 5), 7: (2, 3, 6), 8: (2, 5, 7), 9: (2, 7, 8)}
_RANKS = dict(zip("DPCOFGS", "dpcofgs", strict=True))
_WORDS = {"superkingdom": "D", "domain": "D", "phylum": "P", "class": "C", "order": "O", "family": "F"}
_WORDS |= {"genus": "G", "species": "S"}
_ROW = re.compile(r"^\s*\d{1,3}(?:\.\d+)?\t\d+\t\d+\t")
_RANK = re.compile(r"^(?:-|[URDKPCOFGS]\d*|no rank|[a-z ]+)$")
_HEADER = re.compile(r"^(?:#|%|perc)")
_LOST = "unclassified"
_DEEPEST = 200  # [1] taxa one inside another; the tree of life as NCBI draws it has about 40


def recognises(content: Content) -> bool:
    """Whether the first row is share, reads of the clade, reads that stop, ..., rank, number, name."""
    if not content.is_text:
        return False
    first = next((line for line in content.lines[:50] if line.strip() and not _HEADER.match(line)), "")
    cells = first.split("\t")
    if not _ROW.match(first) or len(cells) not in _LAYOUTS:
        return False
    _, rank, name = _LAYOUTS[len(cells)]
    return bool(_RANK.match(cells[rank])) and not re.match(r"^\s*[\d.]+\s*$", cells[name])


def read(content: Content) -> RawTable:
    """Read the reads that stop at each taxon; those that Kraken could not classify are left out and told.

    Raises
    ------
    InputError
        E310 ragged, E311 text for a number, E312 negative, E313 not finite, E316 nothing classified, E509
        nested too deep.
    """
    rows = [(n, line.split("\t")) for n, line in enumerate(content.lines, start=1) if line.strip()]
    rows = [(n, cells) for n, cells in rows if not _HEADER.match(cells[0])]
    where, width = str(content.path), len(rows[0][1])
    direct, at_rank, at_name = _LAYOUTS[width]
    path: list[tuple[int, str, str]] = []  # depth, letter of a rank or nothing, name
    counts: dict[str, float] = {}
    lost = 0.0
    for line, cells in rows:
        place = f"{where}, line {line}"
        if len(cells) != width:
            raise InputError(
                "E310", f"the row has {len(cells)} cells, not {width}", where=place, remedy="copy it again"
            )
        reads, name = number(cells[direct].strip(), place), cells[at_name].strip()
        if reads < 0:
            raise InputError("E312", f"{reads:g} is negative", where=place, remedy="run Kraken again")
        rank = _WORDS.get(cells[at_rank], cells[at_rank])
        if rank == "U" or name == _LOST:
            lost += reads
            continue
        depth = len(cells[at_name]) - len(cells[at_name].lstrip(" "))
        if len(path) > _DEEPEST:
            raise InputError(
                "E509", "the tree is nested too deep for a report", where=place, remedy="run Kraken again"
            )
        path = [step for step in path if step[0] < depth] + [(depth, _RANKS.get(rank, ""), name)]
        if reads:
            lineage = ";".join(f"{letter}__{each}" for _, letter, each in path if letter) or name
            counts[lineage] = counts.get(lineage, 0.0) + reads
    return _table(content, counts, lost)


def _table(content: Content, counts: dict[str, float], lost: float) -> RawTable:
    where, total = str(content.path), sum(counts.values()) + lost
    if not counts:
        raise InputError(
            "E316", "no read was classified", where=where, remedy="classify with another database"
        )
    taxa = tuple(counts)
    places = tuple(f"{where}, taxon {taxon!r}" for taxon in taxa)
    said = f"{lost / total:.0%} of the reads, unclassified, are left out" if lost else ""
    values = np.array(list(counts.values()))[:, None]
    return check_raw(
        RawTable(taxa, (content.stem,), values, places, merge=True, reader=NAME, counted=True, said=said),
        where,
    )
