"""``gutskin explain``: where a number is from and where it is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from gutskin.cli import show

if TYPE_CHECKING:
    from gutskin.ledger import Parameter

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
    facts = [*found.facts, *_elsewhere(name)]
    if as_json:
        show.as_json({"name": found.name, "facts": dict(facts), "uses": [list(use) for use in found.uses]})
        return
    show.table(["", ""], facts, title=found.name)
    typer.echo("")
    show.table(["used in", "written in"], list(found.uses))


def _elsewhere(name: str) -> list[tuple[str, str]]:
    """Return what sites and persons of the library have in place of the ledger's number of a constant."""
    from gutskin.paths import LIBRARY
    from gutskin.people import people_names, read_person
    from gutskin.sites import FOLDER, read_site, site_names

    out = []
    for each in site_names(LIBRARY / FOLDER):
        row = read_site(each, LIBRARY / FOLDER).rows.get(name)
        if row:
            out.append((f"site {each}", _said(row)))
    for each in people_names(LIBRARY / "people"):
        person = read_person(each, LIBRARY / "people")
        row = person.rows.get("preset", {}).get(name)
        value, unit = person.layers["preset"].get(name, (0.0, ""))
        if unit:
            out.append((f"person {each}", _said(row) if row else f"{value:g} {unit}"))
    return out


def _said(row: Parameter) -> str:
    said = (f"{row.value:g} {row.unit}", str(row.spread), row.grade, row.source, row.where, row.note)
    return "; ".join(each for each in said if each and each != "none")
