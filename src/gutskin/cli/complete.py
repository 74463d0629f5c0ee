"""Names for tab-completion, from files of the library and lists of names; no model is loaded."""

from __future__ import annotations

import tomllib
from pathlib import Path

import typer

from gutskin.errors import GutskinError, InputError
from gutskin.paths import LIBRARY


def _stems(folder: str, begun: str) -> list[str]:
    return sorted(path.stem for path in (LIBRARY / folder).glob("*.toml") if path.stem.startswith(begun))


def people(begun: str) -> list[str]:
    """Return people whose name begins so."""
    return _stems("people", begun)


def sites(begun: str) -> list[str]:
    """Return sites whose name begins so."""
    return _stems("sites", begun)


def scenarios(begun: str) -> list[str]:
    """Return scenarios whose name begins so."""
    return _stems("scenarios", begun)


def plans(begun: str) -> list[str]:
    """Return scenarios and treatments whose name begins so."""
    return sorted({*_stems("scenarios", begun), *_stems("treatments", begun)})


def pictures(begun: str) -> list[str]:
    """Return pictures whose name begins so."""
    return _stems("pictures", begun)


def diseases(begun: str) -> list[str]:
    """Return signatures of diseases whose name begins so."""
    return _stems("diseases", begun)


def _begun(words: tuple[str, ...], begun: str) -> list[str]:
    return [word for word in words if word.startswith(begun)]


def about(begun: str) -> list[str]:
    """Return subjects of evidence that begin so."""
    from gutskin.evidence.case import ABOUT

    return _begun(ABOUT, begun)


def roles(begun: str) -> list[str]:
    """Return roles of evidence that begin so."""
    from gutskin.evidence.case import ROLES

    return _begun(ROLES, begun)


def studies(begun: str) -> list[str]:
    """Return studies of the library whose name begins so."""
    return sorted(
        path.parent.name
        for path in (LIBRARY / "evidence").glob("*/case.toml")
        if path.parent.name.startswith(begun)
    )


def claims(begun: str) -> list[str]:
    """Return IDs of claims of the library that begin so."""
    path = LIBRARY / "claims.toml"
    known = tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return sorted(name for name in known if name.startswith(begun.upper()))


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
    from gutskin.calibrate.run import METHODS

    return _begun(METHODS, begun)


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


def readouts(begun: str) -> list[str]:
    """Return read-outs whose name begins so."""
    texts = [path.read_text(encoding="utf-8") for path in (LIBRARY / "readouts").glob("*.toml")]
    return sorted(name for text in texts for name in tomllib.loads(text) if name.startswith(begun))


def courses(begun: str) -> list[str]:
    """Return kinds of files for courses whose name begins so."""
    from gutskin.crowd.courses import KINDS

    return [kind for kind in KINDS if kind.startswith(begun)]


def peers(begun: str) -> list[str]:
    """Return names of solvers, the last of a list with commas completed."""
    from gutskin.bench.peers import PEERS

    *before, last = begun.split(",")
    return [",".join((*before, name)) for name in PEERS if name.lower().startswith(last.lower())]


def analyses(begun: str) -> list[str]:
    """Return methods of sensitivity that begin so."""
    from gutskin.drivers.sensitivity import METHODS

    return _begun(METHODS, begun)


def over(begun: str) -> list[str]:
    """Return groupings of sensitivity that begin so."""
    from gutskin.drivers.sensitivity import OVER

    return _begun(OVER, begun)


def compared(begun: str) -> list[str]:
    """Return comparisons of two arms that begin so."""
    from gutskin.drivers.experiment import HOW

    return _begun(HOW, begun)


def arms(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return arms of the study or scenario that is on the command line, whose name begins so."""
    from gutskin.ledger import read_toml

    study = ctx.params.get("study")
    found: tuple[str, ...] = ("without", "with_plan") if ctx.params.get("scenario") else ()
    if study:
        folder = Path(study) if Path(study).is_dir() else LIBRARY / "evidence" / study
        try:
            found = (*read_toml(folder / "case.toml").get("arms", {}), "nothing", "start")
        except GutskinError:  # a file that cannot be read has no names to offer; running says why
            found = ()
    return _begun(found, incomplete)


def body_sites(begun: str) -> list[str]:
    """Return sites that samples come from, whose name begins so."""
    known = tomllib.loads((LIBRARY / "taxa" / "sites.toml").read_text(encoding="utf-8"))["sites"]
    return [name for name in known if name.startswith(begun)]


def metrics(begun: str) -> list[str]:
    """Return distances between samples whose name begins so."""
    from gutskin.ecology.beta import METRICS

    return _begun(METRICS, begun)


def columns(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return columns of the metadata that is on the command line, whose name begins so."""
    try:
        with Path(ctx.params.get("metadata") or "").open(encoding="utf-8") as file:
            names = file.readline().rstrip("\n").split("\t")[1:]
    except (OSError, ValueError):  # no table to complete from; running says why
        names = []
    return [name for name in names if name.startswith(incomplete)]
