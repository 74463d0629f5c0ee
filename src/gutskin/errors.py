"""Errors a user meets: each has a code, names the place and says what to do about it.

Expected failures of a simulation (a person whose integration does not finish) are values, not exceptions:
see ``gutskin.engine.solve``. Exceptions here are for input that cannot be used.
"""

from __future__ import annotations

from collections.abc import Iterable


class GutskinError(Exception):
    """Base of all errors that gutskin raises on purpose.

    Parameters
    ----------
    code
        Stable identifier such as ``"E104"``; listed in ``docs/errors.md``.
    message
        What is wrong, in one sentence.
    where
        File, line, cell or symbol.
    remedy
        What the user can do.
    """

    def __init__(self, code: str, message: str, *, where: str = "", remedy: str = "") -> None:
        self.code = code
        self.message = message
        self.where = where
        self.remedy = remedy
        super().__init__(str(self))

    def __str__(self) -> str:
        place = f" ({self.where})" if self.where else ""
        remedy = f" - {self.remedy}" if self.remedy else ""
        return f"{self.code} {self.message}{place}{remedy}"


class InputError(GutskinError):
    """Something the user gave (file, name, dose, option) cannot be used."""


class LibraryError(GutskinError):
    """Model text, ledger or another library file breaks a rule."""


class LibraryErrors(GutskinError):
    """Several faults of a library found in one pass; ``faults`` holds them all."""

    def __init__(self, faults: Iterable[LibraryError]) -> None:
        self.faults = tuple(faults)
        first = self.faults[0]
        lines = "\n".join(f"  {fault}" for fault in self.faults)
        super().__init__(first.code, f"{len(self.faults)} fault(s) in the library:\n{lines}")


def nearest(name: str, known: Iterable[str], *, many: int = 3) -> str:
    """Return ``"did you mean a, b?"`` for a name that is not known, or the list when it is short.

    Parameters
    ----------
    name
        What the user wrote.
    known
        What exists.
    many
        At most so many suggestions.
    """
    import difflib

    names = sorted(set(known))
    lower = {each.lower(): each for each in names}
    close = [lower[each] for each in difflib.get_close_matches(name.lower(), list(lower), n=many, cutoff=0.5)]
    if close:
        return f"did you mean {' or '.join(close)}?"
    if 0 < len(names) <= 15:
        return f"known: {', '.join(names)}"
    return ""
