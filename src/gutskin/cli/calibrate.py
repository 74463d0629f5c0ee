"""``gutskin calibrate``: numbers moved towards published studies, as a proposal that can be applied."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from gutskin.cli import complete, show

NAME = "calibrate"


def command(
    folders: list[Path] = typer.Argument(None, help="Folders of studies; the library's when none is given."),
    parameter: list[str] = typer.Option(
        [], "--parameter", "-p", help="Row or constant; * is anything.", autocompletion=complete.numbers
    ),
    module: list[str] = typer.Option([], "--module", help="A module.", autocompletion=complete.modules),
    grade: list[str] = typer.Option(
        [], "--grade", help="Only of this grade, such as assumed.", autocompletion=complete.grades
    ),
    about: str = typer.Option(
        "", "--about", help="Only gut, skin, axis or person.", autocompletion=complete.about
    ),
    study: list[str] = typer.Option([], "--study", help="Only these.", autocompletion=complete.studies),
    method: str = typer.Option(
        "least-squares", "--method", help="Or ensemble.", autocompletion=complete.methods
    ),
    starts: int = typer.Option(3, "--starts", min=1, help="Descents, the first from the ledger."),
    steps: int = typer.Option(20, "--steps", min=1, help="Steps of a descent at most."),
    members: int = typer.Option(64, "--members", min=4, help="Of an ensemble."),
    rounds: int = typer.Option(8, "--rounds", min=1, help="Of an ensemble."),
    seed: int = typer.Option(1, "--seed", help="Same seed, same proposal."),
    profile: list[str] = typer.Option(
        [], "--profile", help="Profile of this row; all: of all.", autocompletion=complete.numbers
    ),
    out: Path = typer.Option(Path("proposal.json"), "--out", help="Where the proposal is written."),
    apply: Path = typer.Option(None, "--apply", help="Write this proposal into the ledger; nothing else."),
    as_json: bool = typer.Option(False, "--json", help="Print the proposal as JSON."),
) -> None:
    """Move numbers within their spreads to fit studies; write a proposal, or apply one."""
    if apply is not None:
        _apply(apply, as_json)
        return
    show.writable(out, (".json",))
    complete.check_choice("--about", about, complete.about(""))
    complete.check_choice("--method", method, complete.methods(""))
    chosen = (tuple(parameter), tuple(module), tuple(grade))
    search = {"method": method, "starts": starts, "steps": steps, "members": members, "rounds": rounds}
    document = _made(folders or [], chosen, about, study, profile, {**search, "seed": seed})
    _write(document, out, as_json)


def _made(
    folders: list[Path],
    chosen: tuple[tuple[str, ...], ...],
    about: str,
    studies: list[str],
    profile: list[str],
    search: dict[str, Any],
) -> dict[str, Any]:
    from gutskin.calibrate.knobs import choose
    from gutskin.calibrate.run import Settings, calibrate, cases_for

    model = show.loaded()
    knobs = choose(model, *chosen)
    rows = tuple(k.row.row for k in knobs) if profile == ["all"] else tuple(profile)
    cases = cases_for(model, folders, about, studies)
    with show.telling(f"{len(knobs)} numbers, {len(cases)} studies") as tell:
        return calibrate(model, cases, knobs, Settings(**search, profiles=rows), tell=tell)


def _write(document: dict[str, Any], out: Path, as_json: bool) -> None:
    import json

    from gutskin.result import write_text

    write_text(out, json.dumps(document, indent=1, ensure_ascii=False))
    if as_json:
        show.as_json(document)
        return
    _say(document)
    typer.echo(f"proposal: {out} (gutskin calibrate --apply {out} writes it into the ledger)")


def _apply(path: Path, as_json: bool) -> None:
    from gutskin.calibrate.proposal import apply, read_proposal
    from gutskin.paths import LIBRARY

    document = read_proposal(path)
    changed = apply(document, LIBRARY)
    moved = sum(1 for each in document["parameters"] if each["new"] != each["old"])
    if as_json:
        show.as_json({"moved": moved, "files": [str(each) for each in changed]})
        return
    typer.echo(
        f"{moved} numbers are now of grade calibrated, in {len(changed)} files of {LIBRARY / 'parameters'}"
    )


def _say(document: dict[str, Any]) -> None:
    moved = [p for p in document["parameters"] if p["moved_sd"]]
    if moved:
        columns = ["number", "old", "new", "unit", "moved, sd", "spread left", ""]
        show.table(columns, _moves(moved), title="what would move")
    typer.echo(f"{len(document['parameters']) - len(moved)} of {len(document['parameters'])} numbers stay\n")
    changed = sorted(document["residuals"], key=lambda r: -abs(_gap(r)))[:12] if moved else []
    if changed:
        columns = ["study", "read-out", "arm", "before", "after", "grade"]
        show.table(columns, _changes(changed), title="what changes most")
    for each in document["profiles"]:
        typer.echo(f"{each['row']}: {each['verdict']}{_limits(each)}")
    loss, ends = document["loss"], document["ends"][0]
    typer.echo(
        f"\nloss {loss['before']:.4g} to {loss['after']:.4g} ({ends['why']}); "
        f"the studies say more than the spreads in {document['informed']} directions"
    )
    if document["slopes_unknown"]:
        typer.echo(f"{document['slopes_unknown']} slopes could not be found and count as 0", err=True)
    if document["left_out"]:
        typer.echo(f"{len(document['left_out'])} expectations have no value and do not count", err=True)


def _moves(moved: list[dict[str, Any]]) -> list[tuple[str, ...]]:
    return [
        (
            p["row"],
            f"{p['old']:.4g}",
            f"{p['new']:.4g}",
            p["unit"],
            f"{p['moved_sd']:+.2f}",
            f"{p['spread_left']:.0%}",
            ", ".join(p["notes"]),
        )
        for p in sorted(moved, key=lambda p: -abs(p["moved_sd"]))
    ]


def _changes(rows: list[dict[str, Any]]) -> list[tuple[str, ...]]:
    return [
        (
            r["study"],
            r["readout"],
            r["said"],
            show.number(r["before"]),
            show.number(r["after"]),
            f"{r['grade_before']} to {r['grade_after']}",
        )
        for r in rows
    ]


def _limits(each: dict[str, Any]) -> str:
    if each["verdict"].startswith(("refused", "not")):
        return ""
    if each["low"] is None:
        return f", {each['high']:+.2f} sd"
    return f", {each['low']:+.2f} sd" + ("" if each["high"] is None else f" to {each['high']:+.2f} sd")


def _gap(row: dict[str, Any]) -> float:
    return abs(row["residual_after"] or 0.0) - abs(row["residual_before"] or 0.0)
