"""``gutskin bench``: how fast, against libroadrunner in the same run at equal error."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import typer

from gutskin.cli import show
from gutskin.errors import InputError

NAME = "bench"
QUICK, USUAL = 24, 96  # people


def command(
    quick: bool = typer.Option(False, "--quick", help="Fewer people: under a minute, and rougher."),
    people: int = typer.Option(None, "--people", min=8, help="How many people each model runs."),
    as_json: bool = typer.Option(False, "--json", help="Print JSON."),
    out: Path = typer.Option(None, "--out", help="Write the JSON to this file too."),
) -> None:
    """Measure seconds a person, errors, start-up and memory, side by side with libroadrunner in one run."""
    if find_spec("roadrunner") is None:
        remedy = "pip install libroadrunner"
        raise InputError("E283", "the benchmark needs libroadrunner to compare with", remedy=remedy)
    from gutskin.bench import bench

    count, peers = people or (QUICK if quick else USUAL), 2 if quick else 4
    found: dict[str, Any] = bench(count, peers, lambda line: typer.echo(line, err=as_json))
    if as_json:
        show.as_json(found)
    if out:
        import json

        from gutskin.cli.telling import prepare_folder

        prepare_folder(out.parent)
        out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
