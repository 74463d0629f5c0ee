"""The bytes of a file the user named, unpacked, with early refusals of what is no table at all."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from gutskin.errors import InputError
from gutskin.samples.archive import ZIP, Archive
from gutskin.samples.packed import HDF5, MOST_STORED, R_DATA, most_of, too_large, unpack

__all__ = ["HDF5", "R_DATA", "ZIP", "Content", "no_reader", "open_content"]

_R = "write it from R with saveRDS(x, file), without ascii"
_SHEET = "save the sheet as tab-separated text"
_CODE = "files that can run code are never loaded; write the table as tab-separated text"
_OTHERS = (
    ((b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",), "E305", "an Excel sheet (.xls)", _SHEET),
    ((b"A\n", b"RDA2\n", b"RDA3\n"), "E305", "an R data file written as text", _R),
    ((b"B\n\x03", b"B\n\x02", b"RDB2\n", b"RDB3\n"), "E305", "an R data file in one machine's form", _R),
    ((b"PAR1", b"SQLite format 3", b"%PDF"), "E305", "another program's container", _SHEET),
    ((b"7z\xbc\xaf", b"Rar!", b"\x28\xb5\x2f\xfd"), "E305", "packed in a way that is not read", "unpack it"),
    ((b"\x93NUMPY",), "E507", "a NumPy file", _CODE),
)
_PICKLE = re.compile(rb"\x80[\x02-\x05][\x95(c\]}q]|\((lp|dp|i)[\w.]*\n|c[\w.]+\n\w+\n")
_FORMATS = "a table in one of the formats of docs/usage.md, such as tab-separated text"


@dataclass(frozen=True)
class Content:
    """A file in memory: its path and its bytes, unpacked when they were packed."""

    path: Path
    data: bytes

    @cached_property
    def is_text(self) -> bool:
        """Whether the bytes can be a text table."""
        if b"\x00" in self.data[:4096]:
            return False
        try:
            self.data.decode("utf-8")
        except UnicodeDecodeError:
            return False
        return True

    @cached_property
    def lines(self) -> list[str]:
        """The text, line by line, without a byte-order mark; only for text."""
        return self.data.decode("utf-8-sig").splitlines()

    @property
    def stem(self) -> str:
        """The name of the file up to its first dot: what a sample without a name is called."""
        return self.path.name.split(".")[0]


def open_content(path: str | Path) -> Content:
    """Read a file into memory and unpack it; nothing is written anywhere.

    Raises
    ------
    InputError
        E300 missing or unreadable, E301 a folder, E302 empty, E303 damaged packing, E304 a web page,
        E305 another program's container, E307 text that is not UTF-8, E500 too large, E501 to E503 an
        archive that is damaged or could do harm, E507 a file that could run code.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            data = file.read(MOST_STORED + 1)
    except IsADirectoryError as error:
        raise InputError("E301", f"{path} is a folder", remedy="name one file in it") from error
    except FileNotFoundError as error:
        raise InputError("E300", f"there is no file {path}", remedy="check the path") from error
    except (OSError, ValueError) as error:
        said = getattr(error, "strerror", None) or error
        raise InputError("E300", f"{path} cannot be read: {said}", remedy="check the permissions") from error
    if len(data) > MOST_STORED:
        raise too_large(str(path), MOST_STORED, "in all")
    data = unpack(data, path)
    most = MOST_STORED if data.startswith(ZIP) else most_of(data)
    if len(data) > most:
        raise too_large(str(path), most, "in all")
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
    for marks, code, what, remedy in _OTHERS:
        if data.startswith(marks):
            raise InputError(code, f"this is {what}", where=where, remedy=remedy)
    if data[257:262] == b"ustar":
        raise InputError("E305", "this is a tar archive", where=where, remedy="unpack it and name one file")
    if _PICKLE.match(data) and data.rstrip().endswith(b"."):
        raise InputError("E507", "this is a Python pickle", where=where, remedy=_CODE)
    if data.startswith(ZIP):
        _refuse_archive(Archive(data, path), where)
    elif data.startswith((b"\xff\xfe", b"\xfe\xff")) or _is_old_text(data):
        raise InputError("E307", "the text is not UTF-8", where=where, remedy="save it as UTF-8 text")


def _refuse_archive(archive: Archive, where: str) -> None:
    """Refuse archives that other programs use as documents."""
    if "[Content_Types].xml" in archive.names or "content.xml" in archive.names:
        raise InputError("E305", "this is a sheet or document (.xlsx, .ods)", where=where, remedy=_SHEET)
    if any(name.endswith((".npy", ".pkl")) for name in archive.names):
        raise InputError("E507", "this is an archive of NumPy or pickle files", where=where, remedy=_CODE)


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
