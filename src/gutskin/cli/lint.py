"""``gutskin lint``: every check of a library."""

from __future__ import annotations

from pathlib import Path

import typer

NAME = "lint"


def command(
    library: Path = typer.Option(None, "--library", help="A library folder; else the one that is shipped."),
    name: str = typer.Option("person", "--model", help="The top model."),
) -> None:
    """Check text, ledger, read-outs, treatments, people, sites, taxa, diseases and claims of a library."""
    from gutskin.library_check import check_library
    from gutskin.paths import LIBRARY

    for what, count in check_library(library or LIBRARY, name).items():
        typer.echo(f"{count:5d} {what}")
    typer.echo("no fault found")
