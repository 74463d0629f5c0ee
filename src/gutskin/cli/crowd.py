"""``gutskin crowd``: a scenario for many virtual people."""

from __future__ import annotations

import shlex
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from gutskin.cli import asking, complete, show
from gutskin.errors import InputError

if TYPE_CHECKING:
    from gutskin.model import Model
    from gutskin.scenario import Scenario
    from gutskin.stream import Crowd

NAME = "crowd"
CAUSES = 5  # of failure, that are printed


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
    site: str = asking.SITE,
    seed: int = typer.Option(1, "--seed", help="Same seed, same people."),
    days: str = typer.Option(
        "", "--days", help="Days to judge, such as 7,28; else when the plan ends, and the end."
    ),
    readouts: list[str] = typer.Option(
        [],
        "--readout",
        help="A read-out to keep; may be given again. All when left out.",
        autocompletion=complete.readouts,
    ),
    courses: str = typer.Option(
        "",
        "--courses",
        help="Keep whole courses of the read-outs too: netcdf, or parquet (pip install 'gutskin[parquet]'). "
        "8 bytes for every person, arm, read-out and 4 hours: about 145 MB for 1000 people, 50 read-outs and "
        "30 days.",
        autocompletion=complete.courses,
    ),
    out: Path = typer.Option(Path("gutskin-crowd"), "--out", help="Folder; a stopped run goes on from it."),
    as_json: bool = typer.Option(False, "--json", help="Print JSON."),
) -> None:
    """Draw virtual people from the ledger's spreads, run both arms, print what the plan does to them."""
    asked = _asked(scenario, people, (like, site), seed, days, readouts, courses)
    summary, shown = _run(*asked, out, courses)
    if as_json:
        show.as_json(summary)
    else:
        _say(summary, shown, out)


def _asked(
    scenario: str,
    people: int,
    whom: tuple[str, str],
    seed: int,
    days: str,
    readouts: list[str],
    courses: str,
) -> tuple[Model, Scenario, Crowd]:
    """Return what is run; what cannot be is refused before anything is."""
    from gutskin import stream
    from gutskin.cli.telling import with_traits
    from gutskin.crowd.courses import writers
    from gutskin.intake import samples_of
    from gutskin.paths import LIBRARY
    from gutskin.people import read_person, within
    from gutskin.scenario import find_scenario, read_scenario

    path = find_scenario(scenario, LIBRARY / "scenarios")
    chosen = read_scenario(path, (path.parent / "treatments", LIBRARY / "treatments"))
    like, site = whom
    chosen = replace(chosen, site=site or chosen.site)
    asked = _days(days) or tuple(dict.fromkeys((chosen.judged_at, chosen.days)))
    if courses:
        writers(courses)
    model, who = show.loaded(), read_person(like, LIBRARY / "people", site=chosen.site)
    crowd = stream.Crowd(people, asked, who, seed, tuple(readouts))
    stream.check(chosen, crowd)
    stream.chosen(model, readouts)
    who, _, _ = with_traits(model, within(who, chosen, LIBRARY), samples_of(who))
    return model, chosen, replace(crowd, like=who)


def _run(
    model: Model, scenario: Scenario, crowd: Crowd, out: Path, courses: str
) -> tuple[dict[str, Any], set[str]]:
    """Run with a bar and return the summary and what to show; an interrupt ends with status 130."""
    from gutskin.crowd.run import run_crowd

    done = 0.0

    def tick(share: float) -> None:
        nonlocal done
        done += share * crowd.people
        move(share * crowd.people)

    def say(what: str) -> None:
        print(what, file=sys.stderr)  # as it is now: the bar stands in for it

    try:
        with show.progress("with and without the plan", crowd.people, "people") as move:
            summary = run_crowd(model, scenario, crowd, out, courses=courses, tick=tick, say=say)
    except KeyboardInterrupt:
        again = shlex.join(["gutskin", *sys.argv[1:]])
        say(f"stopped: {round(done)} of {crowd.people} people are done; go on with: {again}")
        raise typer.Exit(130) from None
    core = {name for name, readout in model.readouts.items() if readout.core}
    return summary, set(crowd.readouts) or core


def _say(summary: dict[str, Any], shown: set[str], out: Path) -> None:
    for day in next(iter(summary["readouts"].values()))["days"]:
        _table(summary, day, shown)
    causes = sorted(summary["causes"], key=lambda why: -why["people"])
    for why in causes[:CAUSES]:
        typer.echo(
            f"failed {'' if why['arm'].startswith('before') else 'in arm '}{why['arm']}: "
            f"{why['people']}, such as person {why['person']}: {why['reason']}",
            err=True,
        )
    if len(causes) > CAUSES:
        typer.echo(f"{len(causes) - CAUSES} more causes: {out / 'failures.csv'}", err=True)
    typer.echo(f"{summary['people']} people, {summary['failed']} failed")
    typer.echo(f"all read-outs: {out / 'summary.json'}")
    if (out / "courses").is_dir():
        typer.echo(f"courses: {out / 'courses'}")


def _days(text: str) -> tuple[float, ...]:
    try:
        return tuple(dict.fromkeys(float(each) for each in text.split(",") if each.strip()))
    except ValueError as error:
        raise InputError(
            "E285", f"--days {text!r}", remedy="write numbers with commas, such as 7,28"
        ) from error


def _table(summary: dict[str, Any], day: str, shown: set[str]) -> None:
    rows = []
    for name, found in summary["readouts"].items():
        if name in shown:
            at = found["days"][day]
            without, plan, gap = at["without"], at["with_plan"], at["difference"]
            medians = [_number(without["q50"]), _number(plan["q50"]), _number(gap["q50"])]
            rows.append(
                (found["label"], *medians, f"{_number(gap['q05'])} to {_number(gap['q95'])}", found["unit"])
            )
    columns = ["read-out", "median without", "with the plan", "median difference", "5 to 95 %", "unit"]
    show.table(columns, rows, title=f"day {day}")
    typer.echo("")


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3g}"
