"""The main job behind ``demo`` and ``run``: samples to traits, two arms, edges, report and files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from gutskin.cli.show import loaded, progress
from gutskin.errors import InputError

if TYPE_CHECKING:
    from gutskin.intake import Intake
    from gutskin.model import Model
    from gutskin.people import Person
    from gutskin.report import Story
    from gutskin.samples import Sample
    from gutskin.scenario import Scenario
    from gutskin.traits import Explained


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
        E282 when it is a file, cannot be made or cannot be written to.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        if not os.access(out, os.W_OK):
            raise PermissionError("nothing can be written there")
    except OSError as error:
        raise InputError(
            "E282", f"cannot write to {out}", where=str(error), remedy="choose another --out"
        ) from error
    return out


@contextmanager
def output_folder(out: Path) -> Iterator[Path]:
    """Yield the output folder; what had to be made for it and stayed empty is taken away again.

    Raises
    ------
    InputError
        E282, as :func:`prepare_folder`.
    """
    made = [each for each in (out, *out.parents) if not os.path.lexists(each)]
    try:
        yield prepare_folder(out)
    finally:
        for each in made:
            with suppress(OSError):  # it holds something, or was never made
                each.rmdir()


def with_traits(
    model: Model, person: Person, samples: tuple[Sample, ...]
) -> tuple[Person, Intake | None, Explained | None]:
    """Return the person with traits from their samples and how they were found; unchanged without any."""
    from gutskin.intake import take_in, targets
    from gutskin.traits import fit

    if not samples:
        return person, None, None
    intake = take_in(samples)
    with progress("traits from the samples", 1.0) as tick:
        twin = fit(model, person, targets(intake), tick=tick)
    return twin.person, intake, twin


def tell_person(
    person: Person,
    scenario: Scenario,
    samples: tuple[Sample, ...],
    out: Path,
    *,
    edges: bool,
    csv: bool,
) -> None:
    """Run a scenario for a person, write report and results, print what matters.

    Parameters
    ----------
    person, scenario
        Who and what.
    samples
        The person's samples; may be empty.
    out
        Folder for ``report.html``, ``without_plan.nc`` and ``with_plan.nc``.
    edges
        Whether to cut edges.
    csv
        Whether to write CSV tables too.
    """
    from gutskin import report
    from gutskin.compare import compare
    from gutskin.people import within
    from gutskin.protocol import stops
    from gutskin.story import tell

    model = loaded()
    for planned in (False, True):  # a plan that cannot be followed is told before any work is done
        stops(scenario.courses(planned=planned), model.network, model.constants().tolist())
    person, intake, twin = with_traits(model, within(person, scenario, model.library), samples)
    start = twin.start if twin else None
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
