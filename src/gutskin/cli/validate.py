"""``gutskin validate``: cases from published studies, graded."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from gutskin.cli import complete, show

if TYPE_CHECKING:
    from gutskin.evidence.validate import Scorecard

NAME = "validate"


def command(
    folders: list[Path] = typer.Argument(None, help="Folders of studies; the library's when none is given."),
    about: str = typer.Option(
        "", "--about", help="Only gut, skin, axis or person.", autocompletion=complete.about
    ),
    role: str = typer.Option("", "--role", help="Only fit, check or control.", autocompletion=complete.roles),
    study: str = typer.Option("", "--study", help="Only this study.", autocompletion=complete.studies),
    jobs: int = typer.Option(0, "--jobs", min=0, help="Threads; all processors when left out."),
    out: Path = typer.Option(None, "--out", help="Write the scorecard to a .md or .html file too."),
    everything: bool = typer.Option(
        False, "--all", help="List what is green too, not only totals and misses."
    ),
    as_json: bool = typer.Option(False, "--json", help="Print JSON."),
) -> None:
    """Run the arms of published studies and grade what the model gives against what they found."""
    from gutskin.evidence.scorecard import write
    from gutskin.evidence.validate import validate

    if jobs:
        os.environ["GUTSKIN_THREADS"] = str(jobs)
    if out is not None:
        show.writable(out, (".md", ".html"))
    complete.check_choice("--about", about, complete.about(""))
    complete.check_choice("--role", role, complete.roles(""))
    model = show.loaded()
    with show.progress("arms of the studies", 1.0) as tick:
        card = validate(model, folders or (), about=about, role=role, study=study, tick=tick)
    if out is not None:
        write(card, out)
    if as_json:
        show.as_json(card.as_json())
    else:
        _say(card, everything)
        if out is not None:
            typer.echo(f"scorecard: {out}")
    raise typer.Exit(card.status)


def _say(card: Scorecard, everything: bool) -> None:
    from gutskin.evidence.scorecard import SIGNS, number, order, span

    rows = [
        (
            f"{SIGNS[s.grade]} {s.grade}",
            s.role,
            s.study,
            s.readout,
            s.said,
            span(s),
            s.reason or number(s.value),
            s.unit,
        )
        for s in order(card.scores)
        if everything or s.grade != "green"
    ]
    if rows:
        columns = ["grade", "role", "study", "read-out", "arm", "published", "model", "unit"]
        show.table(columns, rows, title="" if everything else "outside the published range")
        typer.echo("")
    totals = [(role, *(str(n) for n in counts.values())) for role, counts in card.totals().items()]
    show.table(["role", "green", "yellow", "red"], totals)
    typer.echo(f"{card.studies} cases, {len(card.scores)} expectations, {len(card.refused)} cases refused")
    for error in card.refused:
        typer.echo(f"refused: {error}", err=True)
