"""``gutskin demo``: the main job on a real person's figures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import typer

from gutskin.cli import asking, complete

NAME = "demo"


def command(
    out: Path = typer.Option(
        Path("gutskin-demo"), "--out", help="Folder for the report and the result files."
    ),
    person: str = typer.Option(
        "hmp_042", "--person", help="A person of the library.", autocompletion=complete.people
    ),
    site: str = asking.SITE,
) -> None:
    """Take one HMP person through 28 days with and without a plan, and write a report."""
    from gutskin.cli.telling import prepare_folder, tell_person
    from gutskin.intake import samples_of
    from gutskin.paths import LIBRARY
    from gutskin.people import read_person
    from gutskin.scenario import read_scenario

    scenario = read_scenario(LIBRARY / "scenarios" / "demo.toml", (LIBRARY / "treatments",))
    scenario = replace(scenario, site=site or scenario.site)
    who = read_person(person, LIBRARY / "people", site=scenario.site)
    prepare_folder(out)
    tell_person(who, scenario, samples_of(who), out, edges=True, csv=False)
