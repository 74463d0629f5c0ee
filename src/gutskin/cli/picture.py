"""``gutskin picture``: quantities along places or in time, or a budget, drawn as the library's text says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from gutskin.cli import asking, complete, show

if TYPE_CHECKING:
    from gutskin.pictures import Budget, Picture

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
    from gutskin.pictures import Budget, read_picture
    from gutskin.result import write_text

    if out is not None:
        show.writable(out, (".svg",))
    chosen = read_picture(name, LIBRARY / "pictures")
    drawn = (
        _books(chosen, person, site, scenario)
        if isinstance(chosen, Budget)
        else _sheet(chosen, person, site, scenario)
    )
    if out is not None:
        write_text(out, drawn.svg())
    if as_json:
        show.as_json(drawn.document)
        return
    typer.echo(drawn.head)
    for columns, rows in drawn.tables:
        typer.echo("")
        show.table(columns, rows)
    if drawn.foot:
        typer.echo(drawn.foot)
    if out is not None:
        typer.echo(f"picture: {out}")


@dataclass(frozen=True)
class _Drawn:
    """What is printed and written, whatever kind of picture it is."""

    head: str
    tables: list[tuple[list[str], list[list[str]]]]
    document: dict[str, Any]
    svg: Callable[[], str]
    foot: str = ""


def _sheet(chosen: Picture, person: str, site: str, scenario: str) -> _Drawn:
    """Run a person and draw panels of quantities."""
    from gutskin.paths import LIBRARY
    from gutskin.people import read_person
    from gutskin.pictures import take
    from gutskin.report import sheet
    from gutskin.scenario import find_scenario, read_scenario

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
    head = f"{made.title}: {made.about}"
    return _Drawn(head, sheet.tables(made), sheet.document(made), lambda: sheet.draw(made))


def _books(chosen: Budget, person: str, site: str, scenario: str) -> _Drawn:
    """Run the cases of a budget and draw its books."""
    from gutskin.errors import InputError
    from gutskin.pictures import keep
    from gutskin.report import account, waterfall

    if scenario:
        remedy = "leave --scenario out; its file says what is lived"
        raise InputError("E463", "a budget has its own cases", where=chosen.name, remedy=remedy)
    model = show.loaded()
    with show.telling("running the cases"):
        made = keep(model, chosen, person, site)
    said = f"{made.title}: {made.about}" if made.about else made.title
    foot = f"\n{waterfall.closure(made)}"
    return _Drawn(said, [account.table(made)], account.document(made), lambda: waterfall.draw(made), foot)
