"""The readers of sample tables, in the order in which they are asked; a format is found by content."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gutskin.samples.content import Content, no_reader
from gutskin.samples.raw import RawTable
from gutskin.samples.readers import biom, metaphlan, table


@dataclass(frozen=True)
class Reader:
    """One file format: its name, what it is in a sentence, how it is recognised and how it is read."""

    name: str
    about: str
    recognises: Callable[[Content], bool]
    read: Callable[[Content], RawTable]


READERS = tuple(
    Reader(module.NAME, module.ABOUT, module.recognises, module.read) for module in (biom, metaphlan, table)
)


def read_raw(content: Content) -> RawTable:
    """Read a table with the first reader that recognises it.

    Raises
    ------
    InputError
        E306 when none does, and whatever the reader refuses.
    """
    for reader in READERS:
        if reader.recognises(content):
            return reader.read(content)
    raise no_reader(content)
