"""The readers of sample tables, in the order in which they are asked; a format is found by content."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gutskin.samples.content import Content, no_reader
from gutskin.samples.features import FeatureTable, named
from gutskin.samples.raw import RawTable
from gutskin.samples.readers import biom, bracken, kraken, metaphlan, mothur, qza, rdata, table


@dataclass(frozen=True)
class Reader:
    """One file format: its name, what it is in a sentence, how it is recognised and how it is read."""

    name: str
    about: str
    recognises: Callable[[Content], bool]
    read: Callable[[Content], RawTable | FeatureTable]


READERS = tuple(
    Reader(module.NAME, module.ABOUT, module.recognises, module.read)
    for module in (biom, qza, rdata, metaphlan, kraken, bracken, mothur, table)
)


def read_raw(content: Content, lineages: Mapping[str, str] | None = None, taxonomy: str = "") -> RawTable:
    """Read a table with the first reader that recognises it, and give its features their lineages.

    Parameters
    ----------
    content
        The file.
    lineages, taxonomy
        Identifier of a feature to its lineage, from a file of its own, and the name of that file.

    Raises
    ------
    InputError
        E306 when none does, and whatever the reader and :func:`gutskin.samples.features.named` refuse.
    """
    for reader in READERS:
        if reader.recognises(content):
            return named(reader.read(content), lineages, taxonomy)
    raise no_reader(content)
