"""``gutskin picture``: quantities along places or in time, drawn as the library's text says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from gutskin.cli import asking, complete, show

if TYPE_CHECKING:
    from gutskin.report.sheet import Sheet

NAME = "picture"


def command(
    name: str = typer.Argument(
        help="A picture of the library, or a .toml file.", autocompletion=complete.pictures
    ),
    person: str = typer.Option(
        "", "--person", help="A person of the library or a .toml file.", autocompletion=complete.people
    ),
    site: str = asking.SITE,
    scenario: str = typer.Option(
        "", "--scenario", help="What they live through, with its plan.", autocompletion=complete.scenarios
    ),
    out: Path = typer.Option(None, "--out", help="Write the picture to a .svg file."),
    as_json: bool = typer.Option(False, "--json", help="Print JSON."),
) -> None:
    """Draw quantities of a person as a picture of the library says, and print the numbers."""
    from gutskin.paths import LIBRARY
    from gutskin.people import read_person
    from gutskin.pictures import read_picture, take
    from gutskin.report import sheet
    from gutskin.result import write_text
    from gutskin.scenario import find_scenario, read_scenario

    if out is not None:
        show.writable(out, (".svg",))
    chosen = read_picture(name, LIBRARY / "pictures")
    lived = None
    if scenario or chosen.scenario:
        path = find_scenario(scenario or chosen.scenario, LIBRARY / "scenarios")
        lived = read_scenario(path, (path.parent / "treatments", LIBRARY / "treatments"))
        lived = replace(lived, site=site or lived.site)
    whom, where = (person or lived.person, lived.site) if lived else (person, site)
    who = read_person(whom or "healthy_adult", LIBRARY / "people", site=where)
    model = show.loaded()
    with show.telling("running the person"):
        made = take(model, chosen, who, lived)
    if out is not None:
        write_text(out, sheet.draw(made))
    if as_json:
        show.as_json(sheet.document(made))
        return
    _say(made, out)


def _say(made: Sheet, out: Path | None) -> None:
    from gutskin.report import sheet

    typer.echo(f"{made.title}: {made.about}")
    for columns, rows in sheet.tables(made):
        typer.echo("")
        show.table(columns, rows)
    if out is not None:
        typer.echo(f"picture: {out}")
