"""``gutskin crowd``: a scenario for many virtual people."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from gutskin.cli import complete, show
from gutskin.errors import InputError

NAME = "crowd"


def command(
    scenario: str = typer.Argument(
        help="A scenario file (.toml), or the name of one.", autocompletion=complete.scenarios
    ),
    people: int = typer.Option(256, "--people", min=1, help="How many people are drawn."),
    like: str = typer.Option(
        "healthy_adult",
        "--like",
        help="Whom they resemble: own constants, and traits from samples.",
        autocompletion=complete.people,
    ),
    seed: int = typer.Option(1, "--seed", help="Same seed, same people."),
    days: str = typer.Option(
        "", "--days", help="Days to judge, such as 7,28; else when the plan ends, and the end."
    ),
    out: Path = typer.Option(Path("gutskin-crowd"), "--out", help="Folder; a stopped run goes on from it."),
    as_json: bool = typer.Option(False, "--json", help="Print JSON."),
) -> None:
    """Draw virtual people from the ledger's spreads, run both arms, print what the plan does to them."""
    from gutskin.cli.telling import prepare_folder, with_traits
    from gutskin.crowd import Crowd, run_crowd
    from gutskin.intake import samples_of
    from gutskin.paths import LIBRARY
    from gutskin.people import read_person
    from gutskin.scenario import find_scenario, read_scenario

    path = find_scenario(scenario, LIBRARY / "scenarios")
    chosen = read_scenario(path, (path.parent / "treatments", LIBRARY / "treatments"))
    asked = _days(days) or tuple(dict.fromkeys((chosen.judged_at, chosen.days)))
    model, who = show.loaded(), read_person(like, LIBRARY / "people")
    who, _, _ = with_traits(model, who.having("scenario", chosen.overrides), samples_of(who))
    crowd = Crowd(people, asked, who, seed)
    prepare_folder(out)
    with show.progress(f"{people} people, with and without the plan", 1.0) as tick:
        summary = run_crowd(model, chosen, crowd, out, tick=tick)
    if as_json:
        show.as_json(summary)
        return
    _say(summary, {name for name, readout in model.readouts.items() if readout.core}, asked)
    typer.echo(f"all read-outs: {out / 'summary.json'}")


def _say(summary: dict[str, Any], core: set[str], days: tuple[float, ...]) -> None:
    for day in days:
        _table(summary, f"{day:g}", core)
    for why in dict.fromkeys(each["reason"] for each in summary["failures"]):
        typer.echo(f"failed: {why}", err=True)
    typer.echo(f"{summary['people']} people, {summary['failed']} failed")


def _days(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(each) for each in text.split(",") if each.strip())
    except ValueError as error:
        raise InputError(
            "E285", f"--days {text!r}", remedy="write numbers with commas, such as 7,28"
        ) from error


def _table(summary: dict[str, Any], day: str, core: set[str]) -> None:
    rows = []
    for name, found in summary["readouts"].items():
        if name in core:
            at = found["days"][day]
            without, plan, gap = at["without"], at["with_plan"], at["difference"]
            shown = [_number(without["q50"]), _number(plan["q50"]), _number(gap["q50"])]
            rows.append(
                (found["label"], *shown, f"{_number(gap['q05'])} to {_number(gap['q95'])}", found["unit"])
            )
    columns = ["read-out", "median without", "with the plan", "median difference", "5 to 95 %", "unit"]
    show.table(columns, rows, title=f"day {day}")
    typer.echo("")


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3g}"
