"""The bytes of a file the user named, unpacked, with early refusals of what is no table at all."""

from __future__ import annotations

import gzip
import zlib
from dataclasses import dataclass
from pathlib import Path

from gutskin.errors import InputError

GZIP, HDF5 = b"\x1f\x8b", b"\x89HDF\r\n\x1a\n"
_CONTAINERS = (
    (
        (b"PK\x03\x04",),
        "a zip archive (.qza, .xlsx, .zip)",
        "unpack it (a .qza holds data/feature-table.biom) or save the sheet as tab-separated text",
    ),
    ((b"RDX2", b"RDX3", b"X\n\x00\x00\x00"), "an R data file", "write it as tab-separated text from R"),
    ((b"BZh", b"\xfd7zXZ"), "packed with bzip2 or xz", "unpack it; gzip is the only packing that is read"),
)
_FORMATS = "a tab-separated table or a BIOM file (v1 JSON or v2.1 HDF5)"


@dataclass(frozen=True)
class Content:
    """A file in memory: its path and its bytes, unpacked when they were gzipped."""

    path: Path
    data: bytes

    @property
    def is_text(self) -> bool:
        """Whether the bytes can be a text table."""
        if b"\x00" in self.data[:4096]:
            return False
        try:
            self.data.decode("utf-8")
        except UnicodeDecodeError:
            return False
        return True

    @property
    def lines(self) -> list[str]:
        """The text, line by line, without a byte-order mark; only for text."""
        return self.data.decode("utf-8-sig").splitlines()


def open_content(path: str | Path) -> Content:
    """Read a file into memory and unpack it.

    Raises
    ------
    InputError
        E300 missing or unreadable, E301 a folder, E302 empty, E303 damaged gzip, E304 a web page,
        E305 an archive or another program's container, E307 text that is not UTF-8.
    """
    path = Path(path)
    if path.is_dir():
        raise InputError("E301", f"{path} is a folder", remedy="name one file in it")
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise InputError("E300", f"there is no file {path}", remedy="check the path") from error
    except OSError as error:
        raise InputError(
            "E300", f"{path} cannot be read: {error.strerror}", remedy="check the permissions"
        ) from error
    if data.startswith(GZIP):
        try:
            data = gzip.decompress(data)
        except (OSError, EOFError, zlib.error) as error:
            raise InputError(
                "E303", "the gzip file is damaged", where=str(path), remedy="copy it again"
            ) from error
    _refuse_others(path, data)
    return Content(path, data)


def _refuse_others(path: Path, data: bytes) -> None:
    """Refuse what is recognised and certainly no table."""
    where = str(path)
    if not data.strip():
        raise InputError("E302", "the file is empty", where=where, remedy=f"give {_FORMATS}")
    start = data[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html", b"<?xml", b"<head", b"<script")):
        raise InputError(
            "E304",
            "this is a web page, not a table",
            where=where,
            remedy="download the file itself (raw link)",
        )
    for marks, what, remedy in _CONTAINERS:
        if data.startswith(marks):
            raise InputError("E305", f"this is {what}", where=where, remedy=remedy)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or _is_old_text(data):
        raise InputError("E307", "the text is not UTF-8", where=where, remedy="save it as UTF-8 text")


def _is_old_text(data: bytes) -> bool:
    """Whether this is a table in an older one-byte encoding: no control characters, but no UTF-8 either."""
    if b"\t" not in data or any(byte < 9 or 13 < byte < 32 for byte in data[:4096]):
        return False
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return True
    return False


def no_reader(content: Content) -> InputError:
    """Return the error for a file that no reader recognises."""
    what = "text that is no table" if content.is_text else "binary data of an unknown kind"
    return InputError("E306", f"the file is {what}", where=str(content.path), remedy=f"give {_FORMATS}")
