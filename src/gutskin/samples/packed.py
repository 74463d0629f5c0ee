"""Unpacking of gzip, bzip2 and xz in pieces, up to a stated size: a small file may not fill the memory."""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gutskin.errors import InputError

GZIP, BZIP2, XZ = b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00"
HDF5 = b"\x89HDF\r\n\x1a\n"
R_DATA = (b"X\n\x00\x00\x00", b"RDX2\n", b"RDX3\n")
MIB = 1 << 20
MOST_BINARY = 1024 * MIB  # [bytes] of an HDF5 or R data file, unpacked
MOST_TEXT = 128 * MIB  # [bytes] of any other file, unpacked
MOST_STORED = 1024 * MIB  # [bytes] of a file as it lies on the disk
_PIECE = MIB  # [bytes] unpacked at a time
_FAULTS = (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError)


def unpack(data: bytes, path: Path) -> bytes:
    """Return the bytes of a gzip, bzip2 or xz file; those of any other file as they are.

    Raises
    ------
    InputError
        E303 damaged or cut off, E500 larger than is read.
    """
    begin = next((begin for mark, begin in _PACKINGS.items() if data.startswith(mark)), None)
    if begin is None:
        return data
    pieces: list[bytes] = []
    size, most = 0, MOST_TEXT
    try:
        for piece in _pieces(data, begin):
            if not pieces:
                most = most_of(piece)
            size += len(piece)
            if size > most:
                raise too_large(str(path), most, "unpacked")
            pieces.append(piece)
    except _FAULTS as error:
        raise InputError(
            "E303", f"the packed file is damaged or cut off: {error}", where=str(path), remedy="copy it again"
        ) from error
    return b"".join(pieces)


def most_of(start: bytes) -> int:
    """Return how many bytes [bytes] are read of a file that begins like this."""
    return MOST_BINARY if start.startswith((HDF5, *R_DATA)) else MOST_TEXT


def too_large(where: str, most: int, how: str) -> InputError:
    """Return the error for a file with more bytes than are read."""
    return InputError(
        "E500",
        f"the file is larger than {most // MIB} MiB {how}",
        where=where,
        remedy="take the samples of interest out of it first",
    )


def _pieces(data: bytes, begin: Any) -> Iterator[bytes]:
    """Yield what one or several packed streams, one after the other, hold."""
    rest = data
    while rest:
        machine = begin()
        given = rest
        while not machine.eof:
            piece = machine.decompress(given, _PIECE)
            given = getattr(machine, "unconsumed_tail", b"")
            if piece:
                yield piece
            elif not machine.eof and not given:
                raise EOFError("the end is missing")
        rest = machine.unused_data.lstrip(b"\x00")


_PACKINGS: dict[bytes, Any] = {
    GZIP: lambda: zlib.decompressobj(wbits=31),
    BZIP2: bz2.BZ2Decompressor,
    XZ: lambda: lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=256 * MIB),
}
