"""``gutskin explain``: where a number is from and where it is used."""

from __future__ import annotations

import typer

from gutskin.cli import show

NAME = "explain"


def command(
    name: str = typer.Argument(
        None, help="A constant, state, derived quantity, reaction or read-out; none: counts."
    ),
    as_json: bool = typer.Option(False, "--json", help="Print JSON."),
) -> None:
    """Print value, unit, spread, source, place, grade and use of a name; without one, counts by grade."""
    model = show.loaded()
    if name is None:
        counted = model.ledger.count()
        checked = sum(source.verified for source in model.ledger.sources.values())
        cited = {row.source for row in model.ledger.rows.values()} - {"none"}
        facts = {
            "numbers": len(model.ledger.rows), "by grade": counted, "sources cited": len(cited),
            "sources in the library": len(model.ledger.sources), "of them checked": checked,
            "states": len(model.network.states), "reactions": len(model.network.reactions),
        }  # fmt: skip
        if as_json:
            show.as_json(facts)
            return
        rows = [(what, str(value)) for what, value in facts.items() if what != "by grade"]
        show.table(["", ""], rows[:1] + [(f"  {grade}", str(n)) for grade, n in counted.items()] + rows[1:])
        return
    found = model.explain(name)
    if as_json:
        show.as_json(
            {"name": found.name, "facts": dict(found.facts), "uses": [list(use) for use in found.uses]}
        )
        return
    show.table(["", ""], list(found.facts), title=found.name)
    typer.echo("")
    show.table(["used in", "written in"], list(found.uses))
