"""From text to network and kernel: :func:`compile_model` goes the whole way, with a cache on disk."""

from __future__ import annotations

import hashlib
import json
import tempfile
from dataclasses import asdict, fields
from pathlib import Path

from gutskin.compile.source import build_kernel
from gutskin.errors import LibraryError
from gutskin.kernel import Happening, Kernel, Lanes
from gutskin.ledger import Ledger
from gutskin.network import Network
from gutskin.paths import cache_folder

FORMAT = "2"


def compile_text(main: Path, library: Path, ledger: Ledger) -> Network:
    """Compile a model file strictly, without the cache.

    Parameters
    ----------
    main
        The top ``.ant`` file.
    library
        Folder with ``models/``, ``quantities/`` and ``open_reactions/``.
    ledger
        The numbers the text needs.

    Raises
    ------
    LibraryError, LibraryErrors
        Every fault of text and tables, each with code, file, line and remedy.
    """
    from gutskin.compile.antimony import to_sbml
    from gutskin.compile.assemble import Assembler, read_tables
    from gutskin.compile.check import check
    from gutskin.compile.sbml import RawModel, read_sbml
    from gutskin.compile.text import read_modules

    modules = read_modules(main, library / "models")
    xml, tables = to_sbml(main, library / "models"), read_tables(library)
    try:
        raw = read_sbml(xml)
    except LibraryError as fault:  # it names what is wrong as flattened: say where that is written
        where = Assembler(RawModel(main.stem), modules, ledger, tables).line(fault.where)[1]
        raise LibraryError(fault.code, fault.message, where=where, remedy=fault.remedy) from fault
    network = Assembler(raw, modules, ledger, tables).network()
    check(network)
    return network


def _fingerprint(main: Path, library: Path) -> str:
    """Hash all that compiling depends on: text, tables, the compiler itself and its libraries."""
    from importlib.metadata import version

    said = hashlib.sha256(FORMAT.encode())
    for package in ("antimony", "python-libsbml"):
        said.update(version(package).encode())
    code = sorted(Path(__file__).parent.glob("*.py"))
    folders = ("models", "parameters", "quantities", "open_reactions")
    text = [path for folder in folders for path in sorted((library / folder).glob("*.*"))]
    text += sorted(main.parent.glob("*.ant"))
    for path in (main, *code, library / "units.txt", library / "sources.bib", *text):
        if path.exists():
            said.update(path.name.encode() + b"\0" + path.read_bytes())
    return said.hexdigest()[:24]


def compile_model(main: Path, library: Path, ledger: Ledger) -> tuple[Network, Kernel]:
    """Compile a model, or take it from the cache when nothing it depends on has changed.

    Raises
    ------
    LibraryError, LibraryErrors
        As :func:`compile_text`.
    """
    path = cache_folder() / f"{main.stem}-{_fingerprint(main, library)}.json"
    cached = _read_cache(path)
    if cached is not None:
        return cached
    network = compile_text(main, library, ledger)
    kernel = build_kernel(network)
    _write_cache(path, network, kernel)
    return network, kernel


def _seal(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _read_cache(path: Path) -> tuple[Network, Kernel] | None:
    """Return what is cached; a missing or damaged file means: compile again."""
    try:
        seal, text = path.read_text(encoding="utf-8").split("\n", 1)
        if seal != _seal(text):
            return None
        data = json.loads(text)
        kernel = {f.name: data["kernel"][f.name] for f in fields(Kernel)}
        for name in ("states", "constants", "derived", "tallies"):
            kernel[name] = tuple(kernel[name])
        kernel["content"] = tuple(tuple(row) for row in kernel["content"])
        kernel["lanes"] = Lanes(**kernel["lanes"])
        kernel["events"] = tuple(
            Happening(each["name"], each["strict"], tuple(each["kinds"]), tuple(each["places"]))
            for each in kernel["events"]
        )
        return Network.from_json(data["network"]), Kernel(**kernel)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _write_cache(path: Path, network: Network, kernel: Kernel) -> None:
    """Write atomically; a cache that cannot be written costs time only."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as file:
            text = json.dumps({"network": network.to_json(), "kernel": asdict(kernel)})
            file.write(f"{_seal(text)}\n{text}")
        Path(file.name).replace(path)
    except OSError:
        return
