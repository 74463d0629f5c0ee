"""Blocks of the model: which part of the person a module, or a number of it, belongs to; from the library."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from gutskin.errors import LibraryError, nearest
from gutskin.ledger import read_toml
from gutskin.model import Model

FILE = "blocks.toml"
_KEYS = {"modules", "numbers"}


@dataclass(frozen=True)
class Blocks:
    """``modules`` and ``numbers`` (rows of the ledger that leave their module) -> block."""

    names: tuple[str, ...]
    modules: Mapping[str, str]
    numbers: Mapping[str, str]

    def of(self, row: str) -> str:
        """Return the block of a row of the ledger, empty when its module is in none."""
        return self.numbers.get(row) or self.modules.get(module(row), "")


def module(row: str) -> str:
    """Return the module of a row of the ledger."""
    return row.partition(".")[0]


def read_blocks(library: Path) -> Blocks:
    """Read ``blocks.toml``; a library without it has no blocks.

    Raises
    ------
    LibraryError
        E431 a block is ill-formed, or a module or number is in two.
    """
    path = library / FILE
    tables = read_toml(path) if path.exists() else {}
    found: dict[str, dict[str, str]] = {key: {} for key in sorted(_KEYS)}
    for block, data in tables.items():
        where = f"{FILE}: {block}"
        if not isinstance(data, dict) or set(data) - _KEYS:
            raise LibraryError("E431", f"{block} = {data!r}", where=where, remedy="write modules and numbers")
        for key, names in data.items():
            if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
                raise LibraryError("E431", f"{key} = {names!r}", where=where, remedy="write a list of names")
            for name in names:
                if name in found[key]:
                    said = f"{name} is in {found[key][name]} and in {block}"
                    raise LibraryError("E431", said, where=where, remedy="keep one")
                found[key][name] = block
    return Blocks(tuple(tables), found["modules"], found["numbers"])


def faults(model: Model) -> list[LibraryError]:
    """Return what is wrong with the blocks of a model: every module is in one, and every name is known."""
    network, rows = model.network, model.ledger.rows
    here = (
        {q.module for q in network.quantities}
        | {r.module for r in network.reactions}
        | set(map(module, rows))
    )
    if not (model.library / FILE).exists():
        return []
    try:
        blocks = read_blocks(model.library)
    except LibraryError as error:
        return [error]
    lost = [f"module {name} is in no block" for name in sorted(here - set(blocks.modules))]
    out = [LibraryError("E431", said, where=FILE, remedy="add it to one") for said in lost]
    out += _unknown(
        "module", blocks.modules, here | {each.stem for each in (model.library / "models").glob("*.ant")}
    )
    out += _unknown("number", blocks.numbers, rows)
    for row, block in blocks.numbers.items():
        if blocks.modules.get(module(row)) == block:
            said = f"{row} is in {block} with its module already"
            out.append(LibraryError("E431", said, where=FILE, remedy="take it off numbers"))
    return out


def _unknown(what: str, given: Iterable[str], known: Iterable[str]) -> list[LibraryError]:
    names = set(known)
    return [
        LibraryError("E431", f"there is no {what} {name!r}", where=FILE, remedy=nearest(name, names))
        for name in given
        if name not in names
    ]
