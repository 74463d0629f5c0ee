"""``gutskin run``: a scenario file for a person of the library or with their own samples."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import typer

from gutskin.cli import asking, complete, reading

NAME = "run"


def command(
    scenario: str = typer.Argument(
        help="A scenario file (.toml), or the name of one.", autocompletion=complete.scenarios
    ),
    person: str = typer.Option(
        "", "--person", help="A person of the library or a .toml file.", autocompletion=complete.people
    ),
    site: str = asking.SITE,
    samples: Path = typer.Option(None, "--samples", help="A table with the person's stool and skin samples."),
    subject: str = typer.Option(
        None, "--subject", help="Whose samples, when the table holds several people."
    ),
    metadata: Path = typer.Option(
        None, "--metadata", help="A table that says person and site of every sample."
    ),
    taxonomy: Path = reading.TAXONOMY,
    out: Path = typer.Option(
        Path("gutskin-out"), "--out", help="Folder for the report and the result files."
    ),
    changes: list[str] = typer.Option([], "--set", help='Override a constant: --set "name=value unit".'),
    edges: bool = typer.Option(True, "--edges/--no-edges", help="Cut edges to see which carry the effect."),
    csv: bool = typer.Option(False, "--csv", help="Write CSV tables beside the NetCDF files."),
) -> None:
    """Run a scenario with and without its plan, and write a report and result files."""
    from gutskin.cli.telling import parse_sets, prepare_folder, tell_person
    from gutskin.intake import samples_of
    from gutskin.paths import LIBRARY
    from gutskin.people import read_person
    from gutskin.scenario import find_scenario, read_scenario

    path = find_scenario(scenario, LIBRARY / "scenarios")
    chosen = read_scenario(path, (path.parent / "treatments", LIBRARY / "treatments"))
    chosen = replace(chosen, site=site or chosen.site)
    name = person or chosen.person or "healthy_adult"
    who = read_person(name, LIBRARY / "people", site=chosen.site)
    who = who.having("command line", parse_sets(changes))
    if samples:
        found = reading.read(samples, person=subject, metadata=metadata, taxonomy=taxonomy)
    else:
        found = samples_of(who)
    prepare_folder(out)
    tell_person(who, chosen, found, out, edges=edges, csv=csv)
