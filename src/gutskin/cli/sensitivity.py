"""``gutskin sensitivity``: which blocks or numbers an answer varies with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from gutskin.cli import asking, complete, show
from gutskin.errors import InputError

NAME = "sensitivity"
SHOWN = 20
METHOD = typer.Option(
    "sobol",
    "--method",
    help="sobol: shares of variance; morris: screening.",
    autocompletion=complete.analyses,
)
OVER = typer.Option("", "--over", help="blocks, modules or numbers.", autocompletion=complete.over)
SIZE = typer.Option(0, "--size", min=0, help="Base samples of sobol (512), ways of morris (10); 0: as usual.")
WIDE = 0.2  # half a confidence interval from which the table says so [1]


def command(
    readout: str = asking.READOUT,
    study: str = asking.STUDY,
    scenario: str = asking.SCENARIO,
    person: str = asking.PERSON,
    site: str = asking.SITE,
    arm: str = asking.ARM,
    versus: str = asking.VERSUS,
    how: str = asking.HOW,
    at: str = asking.AT,
    method: str = METHOD,
    over: str = OVER,
    parameter: list[str] = asking.PARAMETER,
    module: list[str] = asking.MODULE,
    grade: list[str] = asking.GRADE,
    size: int = SIZE,
    seed: int = typer.Option(1, "--seed", min=0, help="Same seed, same people."),
    out: Path = typer.Option(None, "--out", help="Write the JSON to a file too."),
    as_json: bool = typer.Option(False, "--json", help="Print JSON."),
) -> None:
    """Draw people from the spreads of the ledger; say which blocks or numbers a read-out varies with."""
    from gutskin.calibrate.knobs import choose
    from gutskin.drivers.sensitivity import Settings, sensitivity

    if out is not None:
        show.writable(out, (".json",))
    complete.check_choice("--method", method, complete.analyses(""))
    complete.check_choice("--over", over, complete.over(""))
    some = bool(parameter or module or grade)
    over = over or ("numbers" if method == "morris" else "blocks")
    if over == "numbers" and not some:
        remedy = "give --parameter, --module or --grade; -p '*' for all"
        raise InputError("E438", "every number of the ledger by itself", remedy=remedy)
    model = show.loaded()
    asked = asking.question(model, asking.Asked(readout, study, scenario, person, site, arm, versus, how, at))
    rows = [knob.row for knob in choose(model, parameter if some else ["*"], module, grade)]
    with show.progress("people", 1.0) as tick:
        document = sensitivity(model, asked, rows, Settings(method, over, size, seed), tick=tick)
    asking.tell(document, out, as_json, _say)


def _say(document: dict[str, Any]) -> None:
    unit = document["unit"] if document["unit"] != "1" else ""
    typer.echo(f"{document['question']}: {document['value']:.4g} {unit}".rstrip())
    if document["method"] == "sobol":
        _sobol(document, unit)
    else:
        _morris(document)
    lost = f"{document['failed']} failed, {document['dropped']} of {document['size']} samples were left out"
    typer.echo(f"{document['people']} people, {document['people_per_second']:.0f} a second; {lost}")
    for reason, count in list(document["failures"].items())[:3]:
        typer.echo(f"failed ({count}): {reason}", err=True)


def _sobol(document: dict[str, Any], unit: str) -> None:
    typer.echo(f"people: mean {document['mean']:.4g}, sd {document['sd']:.4g} {unit}".rstrip())
    rows = [
        (
            each["name"],
            str(each["numbers"]),
            f"{each['first']:.2f} ± {each['first_half']:.2f}",
            f"{each['total']:.2f} ± {each['total_half']:.2f}",
        )
        for each in document["indices"][:SHOWN]
    ]
    show.table([document["over"], "numbers", "alone", "in total"], rows, title="share of the variance, 95 %")
    if any(each["total_half"] > WIDE for each in document["indices"]):
        remedy = "give a larger --size; ask for ln(...) of what has few very large values"
        typer.echo(f"warning: the intervals are wide: {remedy}", err=True)


def _morris(document: dict[str, Any]) -> None:
    rows = [
        (
            str(place),
            each["name"],
            f"{each['mu_star']:.3g} ± {each['mu_star_half']:.2g}",
            show.number(each["mu"]),
            show.number(each["sigma"]),
            each.get("grade", ""),
            each.get("source", ""),
        )
        for place, each in enumerate(document["effects"][:SHOWN], start=1)
    ]
    columns = ["", document["over"], "mu*", "mu", "sigma", "grade", "source"]
    unit = "" if document["unit"] == "1" else f" [{document['unit']}]"
    show.table(columns, rows, title=f"effect of one standard deviation{unit}")
