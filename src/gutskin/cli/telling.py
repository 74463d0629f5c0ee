"""The main job behind ``demo`` and ``run``: samples to traits, two arms, edges, report and files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from gutskin.cli.show import loaded, progress
from gutskin.errors import InputError

if TYPE_CHECKING:
    from gutskin.people import Person
    from gutskin.report import Story
    from gutskin.scenario import Scenario


def parse_sets(entries: list[str]) -> dict[str, tuple[float, str]]:
    """Read ``name=value unit`` options.

    Raises
    ------
    InputError
        E281 without an equals sign, E203/E204 without number or unit.
    """
    from gutskin.units import quantity

    out: dict[str, tuple[float, str]] = {}
    for entry in entries:
        name, equals, value = entry.partition("=")
        if not equals:
            raise InputError("E281", f"--set {entry!r}", remedy='write --set "name=value unit"')
        out[name.strip()] = quantity(value.strip(), where=f"--set {name.strip()}")
    return out


def prepare_folder(out: Path) -> Path:
    """Return the output folder, made when it is not there.

    Raises
    ------
    InputError
        E282 when it is a file or cannot be made.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            "E282", f"cannot write to {out}", where=str(error), remedy="choose another --out"
        ) from error
    return out


def tell_person(person: Person, scenario: Scenario, out: Path, *, edges: bool, csv: bool) -> None:
    """Run a scenario for a person, write report and results, print what matters.

    Parameters
    ----------
    person, scenario
        Who and what.
    out
        Folder for ``report.html``, ``without_plan.nc`` and ``with_plan.nc``.
    edges
        Whether to cut edges.
    csv
        Whether to write CSV tables too.
    """
    from gutskin import report
    from gutskin.compare import compare
    from gutskin.intake import samples_of, take_in, targets
    from gutskin.protocol import stops
    from gutskin.story import tell
    from gutskin.twin import fit

    model = loaded()
    for planned in (False, True):  # a plan that cannot be followed is told before any work is done
        stops(scenario.courses(planned=planned), model.network, model.constants().tolist())
    person = person.having("scenario", scenario.overrides)
    found = samples_of(person)
    intake = take_in(found) if found else None
    twin, start = None, None
    if intake:
        with progress("traits from the samples", 1.0) as tick:
            twin = fit(model, person, targets(intake), tick=tick)
        person, start = twin.person, twin.start
    chosen = None if edges else ()
    with progress(f"{scenario.days:g} days with and without the plan", 1.0) as tick:
        comparison = compare(model, person, scenario, edges=chosen, settled=start, tick=tick)
    story = tell(model, comparison, intake, twin)
    prepare_folder(out)
    page = report.write(story, out / "report.html")
    for result, name in ((comparison.without, "without_plan"), (comparison.planned, "with_plan")):
        result.to_netcdf(out / f"{name}.nc")
        if csv:
            result.to_csv(out / f"{name}.csv")
    _say(story, page, tuple(comparison.planned.stamp["warnings"]))


def _say(story: Story, page: Path, warnings: tuple[str, ...]) -> None:
    from gutskin.report.headline import lines

    typer.echo(f"{story.person.label}: {story.plan.label}, {story.plan.end:g} days")
    for line in lines(story):
        typer.echo(f"  {line.lead} {line.text}")
    for warning in warnings:
        typer.echo(f"warning: {warning}", err=True)
    typer.echo(f"report: {page}")
