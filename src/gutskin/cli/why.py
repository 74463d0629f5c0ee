"""``gutskin why``: what carries the difference between two arms."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from gutskin.cli import asking, show

NAME = "why"
LITTLE = 0.005  # share of an edge below which it is only counted [1]


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
    parameter: list[str] = asking.PARAMETER,
    module: list[str] = asking.MODULE,
    grade: list[str] = asking.GRADE,
    top: int = typer.Option(15, "--top", min=1, help="So many numbers are told and looked at for bends."),
    out: Path = typer.Option(None, "--out", help="Write the JSON to a file too."),
    as_json: bool = typer.Option(False, "--json", help="Print JSON."),
) -> None:
    """Cut every edge, move every number: say which carry the difference, from where, and how sure it is."""
    from gutskin.calibrate.knobs import choose
    from gutskin.drivers.why import document, why

    if out is not None:
        show.writable(out, (".json",))
    model = show.loaded()
    asked = asking.question(model, asking.Asked(readout, study, scenario, person, site, arm, versus, how, at))
    some = bool(parameter or module or grade)
    knobs = choose(model, parameter if some else ["*"], module, grade)
    with show.progress("edges and numbers", 1.0) as tick:
        found = why(model, asked, knobs, top=top, tick=tick)
    asking.tell(document(model, found, top), out, as_json, _say)


def _say(found: dict[str, Any]) -> None:
    unit = found["unit"] if found["unit"] != "1" else ""
    drawn, spread = found["drawn"], show.number(found["drawn"]["sd"])
    typer.echo(f"{found['question']}: {found['value']:.4g} {unit}".rstrip())
    lost = f", {drawn['failed']} failed" if drawn["failed"] else ""
    typer.echo(
        f"sd by slopes {found['sd']:.3g}, over {drawn['people']} people {spread} {unit}".rstrip() + lost
    )
    _edges(found["edges"])
    _numbers(found["numbers"])
    for grade, share in found["share_by_grade"].items():
        if share >= LITTLE:
            typer.echo(f"{share:.0%} of the uncertainty comes from numbers of grade {grade}")
    if not found["linear"]:
        bent = ", ".join(each["row"] for each in found["numbers"] if each["bends"])
        said = f"it bends with {bent}" if bent else "people differ otherwise than slopes say"
        typer.echo(
            f"warning: shares of numbers are rough, {said}; gutskin sensitivity samples them", err=True
        )


def _edges(edges: list[dict[str, Any]]) -> None:
    told = [e for e in edges if e["share"] is None or abs(e["share"]) >= LITTLE]
    rows = [
        (
            e["reason"] if e["share"] is None else f"{e['share']:.0%}",
            e["edge"],
            e["label"],
            e["source"],
            e["number"]["row"],
            e["number"]["grade"],
            e["number"]["source"],
        )
        for e in told
    ]
    if rows:
        columns = ["goes when cut", "edge", "", "source", "its number", "grade", "source"]
        show.table(columns, rows, title="edges")
    typer.echo(f"{len(edges) - len(told)} of {len(edges)} edges carry less than {LITTLE:.1%}\n")


def _numbers(numbers: list[dict[str, Any]]) -> None:
    rows = [
        (
            f"{n['share']:.1%}",
            n["row"],
            f"{n['slope_per_sd']:+.3g}{' bends' if n['bends'] else ''}",
            f"{n['value']:.4g} {n['unit']}",
            n["grade"],
            n["source"],
            n["where"],
        )
        for n in numbers
    ]
    columns = ["of the variance", "number", "by one sd", "value", "grade", "source", "where"]
    show.table(columns, rows, title="numbers")
