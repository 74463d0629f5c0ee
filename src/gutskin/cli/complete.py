"""Names for tab-completion; they are file names of the library, so nothing is loaded."""

from __future__ import annotations

from gutskin.errors import InputError
from gutskin.paths import LIBRARY


def _stems(folder: str, begun: str) -> list[str]:
    return sorted(path.stem for path in (LIBRARY / folder).glob("*.toml") if path.stem.startswith(begun))


def people(begun: str) -> list[str]:
    """Return people whose name begins so."""
    return _stems("people", begun)


def scenarios(begun: str) -> list[str]:
    """Return scenarios whose name begins so."""
    return _stems("scenarios", begun)


def _begun(words: tuple[str, ...], begun: str) -> list[str]:
    return [word for word in words if word.startswith(begun)]


def about(begun: str) -> list[str]:
    """Return subjects of evidence that begin so."""
    return _begun(("gut", "skin", "axis", "person"), begun)


def roles(begun: str) -> list[str]:
    """Return roles of evidence that begin so."""
    return _begun(("fit", "check", "control"), begun)


def studies(begun: str) -> list[str]:
    """Return studies of the library whose name begins so."""
    return sorted(
        path.parent.name
        for path in (LIBRARY / "evidence").glob("*/case.toml")
        if path.parent.name.startswith(begun)
    )


def check_choice(option: str, given: str, known: list[str]) -> None:
    """Refuse a word that an option does not know.

    Raises
    ------
    InputError
        E411.
    """
    if given and given not in known:
        raise InputError("E411", f"{option} {given!r}", remedy=f"one of {', '.join(known)}")


def modules(begun: str) -> list[str]:
    """Return modules whose name begins so."""
    return _stems("parameters", begun)


def grades(begun: str) -> list[str]:
    """Return grades of the ledger that begin so."""
    from gutskin.ledger import GRADES

    return _begun(GRADES, begun)


def methods(begun: str) -> list[str]:
    """Return methods of calibrating that begin so."""
    return _begun(("least-squares", "ensemble"), begun)


def numbers(begun: str) -> list[str]:
    """Return rows of the ledger that begin so."""
    from gutskin.ledger import table_lines

    rows = (
        f"{path.stem}.{name}"
        for path in sorted((LIBRARY / "parameters").glob("*.toml"))
        for name in table_lines(path)
        if name != "spread"  # is a table too, but no number
    )
    return [row for row in rows if row.startswith(begun)]
