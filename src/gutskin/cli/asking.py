"""What ``sensitivity`` and ``why`` are asked on the command line: a read-out of arms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from gutskin.cli import complete, show
from gutskin.errors import InputError

if TYPE_CHECKING:
    from gutskin.drivers.experiment import Question
    from gutskin.model import Model
    from gutskin.scenario import Scenario

READOUT = typer.Argument(help="A read-out, or an expression of them.", autocompletion=complete.readouts)
STUDY = typer.Option(
    "", "--study", help="A study of the library, or the folder of one.", autocompletion=complete.studies
)
SCENARIO = typer.Option(
    "", "--scenario", help="A scenario: arms without and with_plan.", autocompletion=complete.scenarios
)
PERSON = typer.Option(
    "", "--person", help="Whom, in a scenario or everyday life.", autocompletion=complete.people
)
SITE = typer.Option(
    "",
    "--site",
    help="Where they are looked at; else the scenario's, or their own.",
    autocompletion=complete.sites,
)
ARM = typer.Option("", "--arm", help="Whose read-out.", autocompletion=complete.arms)
VERSUS = typer.Option(
    "",
    "--versus",
    help="Against another arm, its own start, or nothing done.",
    autocompletion=complete.arms,
)
HOW = typer.Option("", "--as", help="difference or ratio.", autocompletion=complete.compared)
AT = typer.Option("", "--at", help='When, such as "21 day" or "peak"; else the end of arm or plan.')
PARAMETER = typer.Option(
    [],
    "--parameter",
    "-p",
    help="Row or constant that may move; * stands for anything.",
    autocompletion=complete.numbers,
)
MODULE = typer.Option([], "--module", help="All of a module.", autocompletion=complete.modules)
GRADE = typer.Option(
    [], "--grade", help="Only of this grade, such as assumed.", autocompletion=complete.grades
)


@dataclass(frozen=True)
class Asked:
    """The options as they were given."""

    readout: str
    study: str
    scenario: str
    person: str
    site: str
    arm: str
    versus: str
    how: str
    at: str


def question(model: Model, said: Asked) -> Question:
    """Return the question that the options ask.

    Raises
    ------
    InputError
        E432 options that do not go together, and what reading and checking raise.
    """
    from gutskin.drivers import experiment as it

    others = [f"--{key}" for key in ("scenario", "person", "site") if getattr(said, key)]
    if said.study and others:
        raise InputError(
            "E432", f"--study and {others[0]}", remedy="a study has its own arms and people; keep one"
        )
    arm, versus, at = said.arm, said.versus, said.at
    if said.study:
        case = it.study_case(said.study, model)
        if not arm:
            raise InputError("E432", "no arm", where=said.study, remedy=f"--arm: {', '.join(case.arms)}")
    elif said.scenario:
        chosen = _scenario(said.scenario)
        chosen = replace(chosen, site=said.site or chosen.site)
        case = it.scenario_case(chosen, said.person or chosen.person or "healthy_adult")
        arm, versus = arm or it.PLANNED, versus if arm else versus or it.WITHOUT
        at = at or f"{chosen.judged_at:g} day"
    else:
        case, arm = it.everyday_case(said.person or "healthy_adult", said.site), arm or it.EVERYDAY
    return it.ask(case, said.readout, arm, versus, said.how, at, model=model)


def _scenario(name: str) -> Scenario:
    from gutskin.paths import LIBRARY
    from gutskin.scenario import find_scenario, read_scenario

    path = find_scenario(name, LIBRARY / "scenarios")
    return read_scenario(path, (path.parent / "treatments", LIBRARY / "treatments"))


def tell(
    document: dict[str, Any], out: Path | None, as_json: bool, say: Callable[[dict[str, Any]], None]
) -> None:
    """Write a document to a file when one is named, and print it as JSON or in words."""
    if out is not None:
        import json

        from gutskin.result import write_text

        write_text(out, json.dumps(document, indent=1, ensure_ascii=False))
    if as_json:
        show.as_json(document)
        return
    say(document)
    if out is not None:
        typer.echo(f"all of it: {out}")
