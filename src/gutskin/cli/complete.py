"""Names for tab-completion; they are file names of the library, so nothing is loaded."""

from __future__ import annotations

from gutskin.paths import LIBRARY


def _stems(folder: str, begun: str) -> list[str]:
    return sorted(path.stem for path in (LIBRARY / folder).glob("*.toml") if path.stem.startswith(begun))


def people(begun: str) -> list[str]:
    """Return people whose name begins so."""
    return _stems("people", begun)


def scenarios(begun: str) -> list[str]:
    """Return scenarios whose name begins so."""
    return _stems("scenarios", begun)
