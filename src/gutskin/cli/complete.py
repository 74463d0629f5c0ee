"""Names for tab-completion, from the files of the library; no model is loaded."""

from __future__ import annotations

import tomllib

from gutskin.paths import LIBRARY


def _stems(folder: str, begun: str) -> list[str]:
    return sorted(path.stem for path in (LIBRARY / folder).glob("*.toml") if path.stem.startswith(begun))


def people(begun: str) -> list[str]:
    """Return people whose name begins so."""
    return _stems("people", begun)


def scenarios(begun: str) -> list[str]:
    """Return scenarios whose name begins so."""
    return _stems("scenarios", begun)


def readouts(begun: str) -> list[str]:
    """Return read-outs whose name begins so."""
    texts = [path.read_text(encoding="utf-8") for path in (LIBRARY / "readouts").glob("*.toml")]
    return sorted(name for text in texts for name in tomllib.loads(text) if name.startswith(begun))


def courses(begun: str) -> list[str]:
    """Return kinds of files for courses whose name begins so."""
    from gutskin.courses import KINDS

    return [kind for kind in KINDS if kind.startswith(begun)]
