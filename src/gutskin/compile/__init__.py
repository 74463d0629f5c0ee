"""From text to network and kernel: :func:`compile_model` goes the whole way."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gutskin.errors import LibraryError
from gutskin.kernel import Kernel
from gutskin.ledger import Ledger, read_ledger
from gutskin.network import Network

if TYPE_CHECKING:
    from gutskin.compile.antimony import Flattening


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
    from gutskin.compile.antimony import Flattening

    with Flattening(main, library / "models") as flattening:
        return _network(main, library, ledger, flattening)


def compile_model(main: Path, library: Path) -> tuple[Network, Ledger, Kernel]:
    """Compile a model file and the ledger it needs.

    Antimony takes longest and has a process of its own, so all else that can be read is read meanwhile.

    Raises
    ------
    LibraryError, LibraryErrors
        As :func:`gutskin.ledger.read_ledger`, then as :func:`compile_text`.
    """
    from gutskin.compile.antimony import Flattening
    from gutskin.compile.source import build_kernel

    with Flattening(main, library / "models") as flattening:
        ledger = read_ledger(library)
        network = _network(main, library, ledger, flattening)
    return network, ledger, build_kernel(network)


def _network(main: Path, library: Path, ledger: Ledger, flattening: Flattening) -> Network:
    import libsbml  # noqa: F401 - it takes long to import, so not only when Antimony is done

    from gutskin.compile.assemble import Assembler, read_tables
    from gutskin.compile.check import check
    from gutskin.compile.imports import check_imports
    from gutskin.compile.sbml import RawModel, read_sbml
    from gutskin.compile.text import read_modules

    modules = read_modules(main, library / "models")
    check_imports(modules)
    tables = read_tables(library)
    xml = flattening.sbml()
    try:
        raw = read_sbml(xml)
    except LibraryError as fault:  # it names what is wrong as flattened: say where that is written
        where = Assembler(RawModel(main.stem), modules, ledger, tables).line(fault.where)[1]
        raise LibraryError(fault.code, fault.message, where=where, remedy=fault.remedy) from fault
    network = Assembler(raw, modules, ledger, tables).network()
    check(network)
    return network
