"""The command line: the same verbs as the Python functions, one file each."""

from __future__ import annotations

import sys

import typer

from gutskin.cli import (
    bench,
    calibrate,
    claims,
    crowd,
    demo,
    diagnose,
    diseases,
    ecology,
    explain,
    export,
    forecast,
    lint,
    listing,
    picture,
    population,
    rank,
    run,
    sample,
    sensitivity,
    validate,
    why,
)
from gutskin.errors import GutskinError

app = typer.Typer(
    help="One person's gut, gut-skin axis and skin as a simulator. Research use only; never medical advice.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"gutskin {version('gutskin')}")
        raise typer.Exit


@app.callback()
def _options(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version."
    ),
) -> None:
    pass


COMMANDS = (
    demo, diagnose, forecast, rank, run, sample, explain, listing, export, lint, bench, crowd, validate,
    calibrate, sensitivity, why, picture, diseases, claims, ecology,
    population,
)  # fmt: skip
for module in COMMANDS:
    app.command(module.NAME)(module.command)


def main() -> None:
    """Run the command line; wrong input is one clear line and exit status 2."""
    try:
        app()
    except GutskinError as error:
        typer.echo(f"error: {error}", err=True)
        sys.exit(2)
    except BrokenPipeError:
        sys.exit(0)


__all__ = ["app", "main"]
