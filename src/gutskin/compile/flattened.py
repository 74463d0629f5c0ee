"""Flattened text, kept from one compilation to the next.

Antimony takes most of the time of a compilation and reads the equations only, so a changed number or label
needs none of it.
"""

from __future__ import annotations

import hashlib
import zlib
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Self

from gutskin import cache

if TYPE_CHECKING:
    from gutskin.compile.antimony import Flattening


class Flattened:
    """A model file as flattened SBML: taken from the cache, or made by Antimony meanwhile.

    Parameters
    ----------
    main
        The top ``.ant`` file.
    folder
        Where nested modules are looked for besides the folder of ``main``.
    """

    def __init__(self, main: Path, folder: Path) -> None:
        from gutskin.compile import antimony

        self.main, self.folder = main, folder
        self.name = self._name()
        self.found = self._kept()
        self.work: Flattening | None = None if self.found else antimony.Flattening(main, folder)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *how: object) -> None:
        if self.work is not None:
            self.work.__exit__(*how)

    def sbml(self) -> str:
        """Wait if need be, and return SBML Level 3; errors are those of :class:`Flattening`."""
        if self.work is not None:
            self.found = self.work.sbml()
            if self._name() == self.name:  # nobody edited the text meanwhile
                cache.write(self.name, zlib.compress(self.found.encode(), 1))
        return self.found

    def _kept(self) -> str:
        content = cache.read(self.name)
        try:
            return zlib.decompress(content).decode() if content else ""
        except (zlib.error, UnicodeDecodeError):
            return ""

    def _name(self) -> str:
        """Return the name of the entry: a hash of all text in reach, of Antimony and of how it is called."""
        from gutskin.compile import antimony

        said = hashlib.sha256(repr((self.main.name, version("antimony"), antimony.SCRIPT)).encode())
        folders = dict.fromkeys((self.main.parent, self.folder))
        for path in (self.main, *(path for each in folders for path in sorted(each.glob("*.ant")))):
            try:
                data = path.read_bytes()
            except OSError as error:  # it is refused where it is needed, not here
                data = type(error).__name__.encode()
            said.update(f"{path.name}\0{len(data)}\0".encode() + data)
        return f"{self.main.stem}-{said.hexdigest()[:32]}.sbml"
