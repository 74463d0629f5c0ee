"""What a model is made of, built from a library or taken from the cache.

The entry of a model is named after a hash of every byte that it depends on: text, tables, ledger, sources,
units, and what compiles them. What is in the cache has passed every check, and a changed byte is another
entry, so nothing is ever used that was not checked.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache as once
from pathlib import Path

from gutskin import cache
from gutskin.compile import compile_model
from gutskin.errors import GutskinError
from gutskin.kernel import Kernel
from gutskin.ledger import Ledger
from gutskin.network import Network
from gutskin.paths import LIBRARY
from gutskin.plain import from_json, to_json
from gutskin.readouts import Readout, read_readouts

PACKAGES = ("antimony", "python-libsbml", "pint")
MODULES = ("build", "kernel", "ledger", "network", "plain", "readouts", "units", "vectors")
TABLES = ("parameters", "quantities", "open_reactions", "readouts")


@dataclass(frozen=True)
class Built:
    """A checked network with its numbers and its kernel; ``readouts`` are None when they have a fault."""

    network: Network
    ledger: Ledger
    kernel: Kernel
    readouts: Mapping[str, Readout] | None


def build(main: Path, library: Path) -> Built:
    """Compile a model, or take it from the cache when no byte that it depends on has changed.

    Parameters
    ----------
    main
        The top ``.ant`` file.
    library
        Folder with ``models/``, ``parameters/``, ``quantities/``, ``open_reactions/`` and ``readouts/``.

    Raises
    ------
    LibraryError, LibraryErrors
        As :func:`gutskin.compile.compile_model`.
    """
    key = _key(main, library, _first_makers())
    name = f"{main.stem}-{key}.model"
    found = _read(name)
    if found is not None:
        return found
    network, ledger, kernel = compile_model(main, library)
    built = Built(network, ledger, kernel, _readouts(library))
    # A file that was edited meanwhile may have been read before or after: that is nobody's entry.
    if _key(main, library, _makers()) == key:
        cache.write(name, to_json(built).encode())
    return built


def _read(name: str) -> Built | None:
    content = cache.read(name)
    try:
        return None if content is None else from_json(Built, content.decode())
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def _readouts(library: Path) -> Mapping[str, Readout] | None:
    """Return the read-outs; who asks for faulty ones reads them again, and is told."""
    try:
        return read_readouts(library)
    except (GutskinError, OSError):
        return None


def _key(main: Path, library: Path, makers: str) -> str:
    """Return the name of what these files make: a hash of their places, sizes and bytes."""
    said = hashlib.sha256(makers.encode())
    for place, path in _files(main, library):
        data = _bytes(path)
        said.update(f"{place}\0{len(data)}\0".encode() + data)
    return said.hexdigest()[:32]


def _files(main: Path, library: Path) -> Iterator[tuple[str, Path]]:
    """Yield every file that a model may depend on, with its place in the library."""
    yield f"main/{main.name}", main
    if main.parent != library / "models":
        yield from _folder(main.parent, "beside", ".ant")
    yield from _folder(library / "models", "models", ".ant")
    for table in TABLES:
        yield from _folder(library / table, table, ".toml")
    yield "sources.bib", library / "sources.bib"
    yield "units.txt", LIBRARY / "units.txt"  # the same for every library


def _folder(folder: Path, place: str, ending: str) -> Iterator[tuple[str, Path]]:
    yield from ((f"{place}/{path.name}", path) for path in sorted(folder.glob(f"*{ending}")))


def _bytes(path: Path) -> bytes:
    """Return the bytes of a file; one that cannot be read is refused where it is needed, not here."""
    try:
        return path.read_bytes()
    except OSError as error:
        return type(error).__name__.encode()


def _makers() -> str:
    """Return a hash of what turns text into models: our own code, and versions."""
    from importlib.metadata import version

    here = Path(__file__).parent
    said = hashlib.sha256(repr((sys.version_info, *map(version, PACKAGES))).encode())
    for path in (*(here / f"{name}.py" for name in MODULES), *sorted((here / "compile").glob("*.py"))):
        said.update(path.name.encode() + b"\0" + path.read_bytes())
    return said.hexdigest()


# Code that is edited while a process runs is not the code that this process runs.
_first_makers = once(_makers)
