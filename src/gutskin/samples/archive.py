"""Zip archives, looked into without unpacking anything to the disk; whatever could harm is refused."""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from gutskin.errors import InputError
from gutskin.samples.packed import MOST_TEXT, too_large

ZIP = (b"PK\x03\x04", b"PK\x05\x06")
MOST_MEMBERS = 10_000  # [1] files in an archive
_MOST_DIRECTORY = 4 << 20  # [bytes] of the list of files at the end of an archive
_END, _LOCATOR, _END_64 = b"PK\x05\x06", b"PK\x06\x07", b"PK\x06\x06"


class Archive:
    """A zip archive in memory with checked names.

    Parameters
    ----------
    data
        Its bytes.
    path
        Where they are from, for messages.

    Raises
    ------
    InputError
        E501 damaged or cut off, E502 a name or link that leads elsewhere, or twice; E503 too many files.
    """

    def __init__(self, data: bytes, path: Path) -> None:
        self.path = path
        _check_directory(data, str(path))
        try:
            self._file = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
            raise self._damaged(error) from error
        members = {member.filename: member for member in self._file.infolist()}
        self._members = {name: member for name, member in members.items() if not name.endswith("/")}
        self._check_members()

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all files, in the order of the archive."""
        return tuple(self._members)

    def matching(self, *ends: str) -> tuple[str, ...]:
        """Return the names of files at some paths, in the archive itself or in a single folder of it."""
        return tuple(
            name for name in self.names if any(name == end or name.partition("/")[2] == end for end in ends)
        )

    def read(self, name: str, most: int = MOST_TEXT) -> bytes:
        """Return the bytes of one file.

        Raises
        ------
        InputError
            E500 when it unpacks to more than ``most`` bytes, E501 damaged or locked by a password.
        """
        try:
            with self._file.open(self._members[name]) as file:
                data = file.read(most + 1)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError) as error:
            raise self._damaged(error) from error  # NotImplementedError (packing, password) is a RuntimeError
        if len(data) > most:
            raise too_large(f"{self.path}, {name}", most, "unpacked")
        return data

    def _check_members(self) -> None:
        if len(self._file.infolist()) > MOST_MEMBERS:
            raise _too_many(len(self._file.infolist()), str(self.path))
        seen: set[str] = set()
        for member in self._file.infolist():
            said = "is there twice" if member.filename in seen else _harm(member)
            if said:
                raise InputError(
                    "E502",
                    f"{member.filename[:80]!r} in the archive {said}",
                    where=str(self.path),
                    remedy="export it again, or take the table out of it",
                )
            seen.add(member.filename)

    def _damaged(self, error: Exception) -> InputError:
        return InputError(
            "E501",
            f"the archive is damaged, cut off or locked: {error}",
            where=str(self.path),
            remedy="copy or export it again",
        )


def _harm(member: zipfile.ZipInfo) -> str:
    """Say why a member is refused; empty when it is harmless."""
    name = member.orig_filename.replace("\\", "/")
    parts = PurePosixPath(name).parts
    if not name or name.startswith("/") or ".." in parts or (parts and ":" in parts[0]) or "\x00" in name:
        return "leads out of it"
    if stat.S_ISLNK(member.external_attr >> 16):
        return "is a link"
    return ""


def _check_directory(data: bytes, where: str) -> None:
    """Refuse an archive by the size of its list of files before anything reads that list."""
    at = data.rfind(_END, max(0, len(data) - (1 << 16) - 22))
    if at < 0 or at + 22 > len(data):
        return  # no end: the caller says so
    count, size = (int.from_bytes(data[at + k : at + k + n], "little") for k, n in ((10, 2), (12, 4)))
    if data[max(0, at - 20) : at].startswith(_LOCATOR):  # numbers that need 64 bits stand before it
        large = at - 76
        known = large >= 0 and data.startswith(_END_64, large)
        count, size = (
            int.from_bytes(data[large + k : large + k + 8], "little") if known else 1 << 63 for k in (32, 40)
        )
    if count > MOST_MEMBERS or size > _MOST_DIRECTORY:
        raise _too_many(count, where)


def _too_many(count: int, where: str) -> InputError:
    return InputError(
        "E503",
        f"the archive lists {count} files; at most {MOST_MEMBERS} are read",
        where=where,
        remedy="take the table out of it",
    )
