"""``gutskin claims``: what an article claims, and what the model and its cases say to it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from gutskin.cli import complete, show

if TYPE_CHECKING:
    from gutskin.claims.run import Judged, Tried

NAME = "claims"
DRAWS = 24


def command(
    ids: list[str] = typer.Argument(
        None,
        help="IDs of claims, of which everything is told; a table of all when none is given.",
        autocompletion=complete.claims,
    ),
    draws: int = typer.Option(
        DRAWS,
        "--draws",
        min=0,
        max=1000,
        help="Sets of numbers drawn for the intervals of single persons; 0: none.",
    ),
    out: Path = typer.Option(None, "--out", help="Write the page to a .md file too."),
    as_json: bool = typer.Option(False, "--json", help="Print JSON."),
) -> None:
    """Run the cases that claims of an article are tested by and say which the model supports."""
    from gutskin.claims import page
    from gutskin.claims.read import find_claims, read_claims
    from gutskin.claims.run import judge
    from gutskin.claims.words import document
    from gutskin.paths import LIBRARY

    if out is not None:
        show.writable(out, (".md",))
    chosen = find_claims(read_claims(LIBRARY), ids or ())
    model = show.loaded()
    with show.progress("cases of the claims", 1.0) as tick:
        judged = judge(model, chosen, draws=draws, tick=tick)
    if out is not None:
        page.write(judged, out, draws)
    if as_json:
        show.as_json([document(each) for each in judged])
        return
    if ids:
        for each in judged:
            _tell(each)
    else:
        _table(judged)
    if out is not None:
        typer.echo(f"page: {out}")


def _table(judged: list[Judged]) -> None:
    from gutskin.claims.verdict import VERDICTS

    rows = [
        (each.claim.id, each.claim.claim, each.claim.grade, each.verdict, ", ".join(each.cases))
        for each in judged
    ]
    show.table(["id", "claim", "literature", "verdict", "case"], rows)
    verdicts = [each.verdict for each in judged]
    counts = ", ".join(f"{verdicts.count(each)} {each}" for each in VERDICTS)
    typer.echo(f"\n{len(judged)} claims: {counts}")
    typer.echo("A verdict is about the model and its cases, not about people.")


def _tell(judged: Judged) -> None:
    """Print everything of one claim."""
    from gutskin.ledger import read_sources
    from gutskin.paths import LIBRARY

    claim = judged.claim
    source = read_sources(LIBRARY / "sources.bib").get(claim.source)
    typer.echo(f"{claim.id} {claim.claim}")
    facts = [
        ("in the article", claim.section), ("system", claim.system), ("literature", claim.grade),
        ("best finding", claim.finding), ("source", str(source) if source else "none"),
        ("problem", claim.problem), ("not tested", claim.untested), ("verdict", judged.verdict),
    ]  # fmt: skip
    show.table(["", ""], [fact for fact in facts if fact[1]])
    for each in judged.tried:
        typer.echo("")
        _tried(each)
    typer.echo("\nThe verdict is about the model and its cases, not about people.\n")


def _tried(tried: Tried) -> None:
    from gutskin.claims.words import document_of, published, value
    from gutskin.evidence.scorecard import SIGNS

    typer.echo(f"{tried.trial.case}, {tried.case.role}: {tried.case.title}")
    typer.echo(f"what is expected speaks {tried.trial.says} the claim")
    show.table(["arm", "who and what"], list(document_of(tried)["arms"].items()))
    rows = []
    for each in tried.effects:
        s = each.score
        held = f"{each.green} of {each.draws}" if each.draws else ""
        rows.append((f"{SIGNS[s.grade]} {s.grade}", s.readout, s.said, published(each), value(each), held))
    show.table(["grade", "read-out", "arm", "published", "model (5 to 95 %)", "draws inside"], rows)
