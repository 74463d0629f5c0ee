"""Names for tab-completion: file names of the library and names of solvers, so little is loaded."""

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


def peers(begun: str) -> list[str]:
    """Return names of solvers, the last of a list with commas completed."""
    from gutskin.bench.peers import PEERS

    *before, last = begun.split(",")
    return [",".join((*before, name)) for name in PEERS if name.lower().startswith(last.lower())]
