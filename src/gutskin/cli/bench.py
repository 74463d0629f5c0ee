"""``gutskin bench``: how fast, against other solvers in the same run at equal error."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from gutskin.cli import complete, show
from gutskin.errors import InputError, nearest

NAME = "bench"
QUICK, USUAL = 24, 96  # people
ROUNDS = 3


def command(
    quick: bool = typer.Option(
        False, "--quick", help="Under a minute, and rougher: fewer people, slow peers left out."
    ),
    people: int = typer.Option(None, "--people", min=8, help="How many people each model runs."),
    peers: str = typer.Option(
        "",
        "--peers",
        help="Whom to compare with, with commas, such as libroadrunner,COPASI; else all that are installed.",
        autocompletion=complete.peers,
    ),
    as_json: bool = typer.Option(False, "--json", help="Print JSON."),
    out: Path = typer.Option(None, "--out", help="Write the JSON to this file too."),
) -> None:
    """Measure seconds a person, errors, start-up and memory, side by side with other solvers in one run."""
    from gutskin.bench import MAIN, bench, standing
    from gutskin.bench.peers import PEERS

    asked = _names(peers, tuple(PEERS))
    missing = [name for name in asked or (MAIN,) if not PEERS[name].installed]
    if MAIN in missing:
        remedy = "pip install libroadrunner, or name others with --peers"
        raise InputError("E283", "the benchmark needs libroadrunner to compare with", remedy=remedy)
    if out:
        from gutskin.cli.telling import prepare_folder

        prepare_folder(out.parent)
    for name, why in standing(asked, quick=quick).items():
        if why:
            typer.echo(f"{name}: {why}", err=True)
    found = bench(
        people or (QUICK if quick else USUAL), asked, quick=quick, rounds=1 if quick else ROUNDS,
        say=lambda line: typer.echo(line, err=True),
    )  # fmt: skip
    if as_json:
        show.as_json(found)
    else:
        _tell(found)
    if out:
        _write(found, out)


def _names(text: str, known: tuple[str, ...]) -> tuple[str, ...]:
    """Return the peers named in a text, in any case, in their usual order.

    Raises
    ------
    InputError
        E286 for a name that is none.
    """
    by_name = {name.lower(): name for name in known}
    asked = [each.strip() for each in text.split(",") if each.strip()]
    for each in asked:
        if each.lower() not in by_name:
            raise InputError(
                "E286", f"there is no peer {each!r}", where="--peers", remedy=nearest(each, known)
            )
    return tuple(name for name in known if name.lower() in {each.lower() for each in asked})


def _write(found: dict[str, Any], out: Path) -> None:
    import json

    from gutskin.result import write_text

    text = json.dumps(found, indent=1) + "\n"
    write_text(out, text)


def _tell(found: dict[str, Any]) -> None:
    for name, entry in found["models"].items():
        title = f"{name}: {entry['states']} states, {entry['people']} people, {entry['days']} days"
        columns = ["", "rtol", "people", "days", "s/person", "p99.9 error", "times gutskin", "ready [s]"]
        show.table(columns, _rows(entry), title=title)
        _notes(entry)
        typer.echo("")
    cores = f"people/s on {found['threads']}"
    columns = [
        "", "code cold [s]", "warm [s]", "people/s on 1 core", cores, "1 person [s]", "1000 people [s]",
        "GFLOP/s", "of peak",
    ]  # fmt: skip
    rows = [(name, *_speed(entry)) for name, entry in found["models"].items()]
    show.table(columns, rows, title=f"gutskin at rtol {found['rtol']:g}")
    typer.echo("")
    ready = f"{found['ready_warm_s']:.2f} s with a cache, {found['load_cold_s']:.1f} s without"
    typer.echo(f"model ready after {ready}; of the former {found['load_warm_s']:.2f} s without its code")
    typer.echo(f"memory {found['memory_mib']:.0f} MiB with a crowd")
    typer.echo(f"peak {found['peak_gflop_per_s']:.0f} GFLOP/s of a core with {found['lanes']} lanes")
    for name, what in found["peers"].items():
        typer.echo(f"{name}: {what}")


def _notes(entry: dict[str, Any]) -> None:
    for row in entry["rows"]:
        if row["failure"]:
            typer.echo(f"{row['engine']} at rtol {row['rtol']:.0e} failed: {row['failure']}")
    if entry["not_judged"]:
        who = ", ".join(str(each["person"]) for each in entry["not_judged"])
        typer.echo(f"not judged, since no solver can follow their days: person {who}")
    if entry["failure"]:
        typer.echo(f"failed: {entry['failure']}")


def _rows(entry: dict[str, Any]) -> list[tuple[str, ...]]:
    out: list[tuple[str, ...]] = []
    last = ""
    for row in entry["rows"]:
        name = row["engine"]
        ready = entry["peers"].get(name, {"ready_s": entry["cold_s"]})["ready_s"]
        size = (f"{row['rtol']:.0e}", str(row["people"]), str(row["days"]))
        figures = ("failed", "", "")
        if not row["failure"]:
            figures = (f"{row['seconds']:.4f}", f"{row['error']:.1e}", _ratio(row))
        out.append((name, *size, *figures, _number(ready, ".2f") if name != last else ""))
        last = name
    return out


def _ratio(row: dict[str, Any]) -> str:
    return f"> {row['least']:.1f}" if row["least"] else _number(row["ratio"], ".1f")


def _speed(entry: dict[str, Any]) -> tuple[str, ...]:
    return (
        f"{entry['cold_s']:.2f}", f"{entry['warm_s']:.3f}", f"{entry['people_per_s_core']:.0f}",
        f"{entry['people_per_s']:.0f}", f"{entry['one_person_s']:.3f}",
        _number(entry["thousand_people_s"], ".1f"), f"{entry['gflop_per_s']:.1f}",
        f"{entry['share_of_peak']:.0%}",
    )  # fmt: skip


def _number(value: float | None, form: str) -> str:
    return "" if value is None else format(value, form)
