"""Imports of a module: only of what it uses, from the folders that are read and checked.

Antimony would follow any path, and so use another text than the one that was checked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from gutskin.compile.text import ModuleText
from gutskin.errors import LibraryError, LibraryErrors

_IMPORT = re.compile(r'^import\s+"(\w+)\.ant"$')


def check_imports(modules: Mapping[str, ModuleText]) -> None:
    """Refuse imports that are not ``import "name.ant"`` of a module that is used.

    Raises
    ------
    LibraryErrors
        E101 for each, with file and line.
    """
    faults = []
    for module in modules.values():
        used = set(module.instances.values())
        for number, line in enumerate(module.path.read_text(encoding="utf-8").splitlines(), start=1):
            parts = [
                part.strip() for part in line.split("//")[0].split(";") if re.search(r"\bimport\b", part)
            ]
            strange = [each for each in parts if not _names(each) & used]
            where, remedy = f"{module.path.name}:{number}", 'write import "name.ant" of a module used here'
            faults += [
                LibraryError("E101", f"{each!r} imports no module of use", where=where, remedy=remedy)
                for each in strange
            ]
    if faults:
        raise LibraryErrors(faults)


def _names(text: str) -> set[str]:
    """Return the module that a statement imports as it should."""
    found = _IMPORT.match(text)
    return {found[1]} if found else set()
