"""From text to network and kernel: :func:`compile_model` goes the whole way."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gutskin.errors import LibraryError
from gutskin.kernel import Kernel
from gutskin.ledger import Ledger, read_ledger
from gutskin.network import Network

if TYPE_CHECKING:
    from gutskin.compile.flattened import Flattened


def compile_text(main: Path, library: Path, ledger: Ledger) -> Network:
    """Compile a model file strictly to a checked network.

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
    from gutskin.compile.flattened import Flattened

    with Flattened(main, library / "models") as flattened:
        return _network(main, library, ledger, flattened)


def compile_model(main: Path, library: Path) -> tuple[Network, Ledger, Kernel]:
    """Compile a model file and the ledger it needs.

    Antimony takes longest and has a process of its own, so all else that can be read is read meanwhile; what
    it made of the same text before is taken from the cache.

    Raises
    ------
    LibraryError, LibraryErrors
        As :func:`gutskin.ledger.read_ledger`, then as :func:`compile_text`.
    """
    from gutskin.compile.flattened import Flattened
    from gutskin.compile.source import build_kernel

    with Flattened(main, library / "models") as flattened:
        ledger = read_ledger(library)
        network = _network(main, library, ledger, flattened)
    return network, ledger, build_kernel(network)


def _network(main: Path, library: Path, ledger: Ledger, flattened: Flattened) -> Network:
    import libsbml  # noqa: F401 - it takes long to import, so not only when Antimony is done

    from gutskin.compile.assemble import Assembler, read_tables
    from gutskin.compile.check import check
    from gutskin.compile.imports import check_imports
    from gutskin.compile.sbml import RawModel, read_sbml
    from gutskin.compile.text import read_modules

    modules = read_modules(main, library / "models")
    check_imports(modules)
    tables = read_tables(library)
    xml = flattened.sbml()
    try:
        raw = read_sbml(xml)
    except LibraryError as fault:  # it names what is wrong as flattened: say where that is written
        where = Assembler(RawModel(main.stem), modules, ledger, tables).line(fault.where)[1]
        raise LibraryError(fault.code, fault.message, where=where, remedy=fault.remedy) from fault
    network = Assembler(raw, modules, ledger, tables).network()
    check(network)
    return network
