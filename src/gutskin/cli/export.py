"""``gutskin export``: the model with its numbers as SBML."""

from __future__ import annotations

from pathlib import Path

import typer

from gutskin.cli import asking, complete, show

NAME = "export"


def command(
    file: Path = typer.Argument(help="The SBML file to write (.xml)."),
    person: str = typer.Option(
        "healthy_adult",
        "--person",
        help="Whose constants (without traits from samples).",
        autocompletion=complete.people,
    ),
    site: str = asking.SITE,
) -> None:
    """Write the model as SBML Level 3 Version 2, starting from the person's everyday state."""
    from gutskin.compile.export import to_sbml
    from gutskin.errors import InputError
    from gutskin.paths import LIBRARY
    from gutskin.people import read_person
    from gutskin.precedence import resolve
    from gutskin.simulate import NotSteadyError, everyday

    model = show.loaded()
    who = read_person(person, LIBRARY / "people", site=site)
    constants, _ = resolve(model, who)
    typer.echo("not carried: treatments, scenarios, spreads and sources; see gutskin explain", err=True)
    found = everyday(model, constants)
    if found.failure is not None:
        raise NotSteadyError(who.name, found.failure)
    text = to_sbml(model.network, found.states.tolist(), constants.tolist())
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(
            "E282", f"cannot write {file}", where=str(error), remedy="choose another file"
        ) from error
    typer.echo(f"{file}: {len(model.network.states)} states, {len(model.network.reactions)} reactions")
