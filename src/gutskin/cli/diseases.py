"""``gutskin diseases``: what cohorts of people with a disease share, and how a sample compares with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from gutskin.cli import complete, reading, show

if TYPE_CHECKING:
    from gutskin.diseases import Marker, Refusal, Row, Score, Signature
    from gutskin.diseases.judge import Judged

NAME = "diseases"
CAUTION = (
    "A score is no diagnosis: it says how far taxa lie the way published cohorts say. Research use only."
)


def command(
    name: str = typer.Argument(
        "", help="A signature: its rows; with --sample only its score.", autocompletion=complete.diseases
    ),
    sample: Path = typer.Option(None, "--sample", help="A table of taxa to compare: TSV, BIOM, MetaPhlAn."),
    site: str = typer.Option(
        None, "--site", help="Only this site, or the site when the table does not tell."
    ),
    person: str = typer.Option(
        None, "--person", help="Only this person, or the person when the table does not tell."
    ),
    metadata: Path = typer.Option(
        None, "--metadata", help="A table that says person and site of every sample."
    ),
    taxonomy: Path = reading.TAXONOMY,
    healthy: Path = typer.Option(
        None, "--healthy", help="A table of at least 20 healthy people by your method, to compare with."
    ),
    as_json: bool = typer.Option(False, "--json", help="Print JSON."),
) -> None:
    """List signatures of diseases, print the rows of one, or compare a sample with them."""
    if sample is None:
        _rows(name, as_json=as_json) if name else _signatures(as_json=as_json)
        return
    from gutskin.diseases.judge import judge

    given = reading.read(sample, site=site, person=person, metadata=metadata, taxonomy=taxonomy)
    others = reading.read(healthy, site=site, metadata=metadata) if healthy else ()
    found = judge(given, name=name, healthy=others)
    if as_json:
        show.as_json([_document(each) for each in found])
    else:
        _print(found)


def _print(found: Sequence[Judged]) -> None:
    columns = ["disease", "score", "90 % interval", "healthy people below", "votes seen", "agree", "remark"]
    for each in found:
        title = f"{each.sample.name} ({each.sample.site}), against {each.healthy or 'nobody'}"
        show.table(columns, [_line(one) for one in each.found], title=title)
        typer.echo("")
    typer.echo(CAUTION)


def _line(found: Score | Refusal) -> tuple[str, ...]:
    from gutskin.diseases import Refusal

    if isinstance(found, Refusal):
        return found.disease, "refused", "", "", "", "", found.reason
    remark = "no second cohort" if found.most < 2 else ""
    if found.low < 0 < found.high:
        remark = "; ".join(each for each in ("the interval holds 0", remark) if each)
    return (
        found.disease,
        f"{found.value:+.2f}",
        f"{found.low:+.2f} to {found.high:+.2f}",
        f"{100 * found.below:.0f} %",
        f"{found.seen:.0%}",
        f"{found.agree:.0%}" if found.most > 1 else "–",
        remark,
    )


def _document(found: Judged) -> dict[str, Any]:
    from gutskin.diseases import Score

    scores = [
        {**asdict(each), "healthy_below": each.below}
        if isinstance(each, Score)
        else {"refused": asdict(each)}
        for each in found.found
    ]
    return {
        "sample": found.sample.name,
        "person": found.sample.person,
        "site": found.sample.site,
        "healthy": found.healthy,
        "diseases": scores,
        "caution": CAUTION,
    }


def _signatures(*, as_json: bool) -> None:
    from gutskin.diseases import learn, read_diseases

    every = read_diseases()
    learned = learn(every)
    columns = ["name", "site", "taxa", "cohorts", "agree", "sure", "not seen again", "markers", "label"]
    rows = []
    for each in every:
        count = max((row.cohorts for row in each.rows), default=0)
        agree = f"{learned.share(each.rows):.0%}" if count > 1 else "–"
        sure = sum(learned.sure(row) for row in each.rows) / len(each.rows) if each.rows else None
        entries: list[Row | Marker] = [*each.rows, *each.markers]
        unseen = sum(not one.verified for one in entries)
        told = (len(each.rows), count, agree, show.number(sure), unseen, len(each.markers), each.label)
        rows.append((each.name, each.site, *map(str, told)))
    if as_json:
        show.as_json([dict(zip(columns, row, strict=True)) for row in rows])
    else:
        show.table(columns, rows)


def _rows(name: str, *, as_json: bool) -> None:
    from gutskin.diseases import learn, read_diseases, read_signature

    found, learned = read_signature(name), learn(read_diseases())
    sure = {row.feature: learned.sure(row) for row in found.rows}
    if as_json:
        taxa = [
            {**asdict(r), "cohorts": r.cohorts, "agree": r.agree, "significant": r.significant,
             "spread": r.spread, "sure": sure[r.feature], "weight": learned.weight(r)}
            for r in found.rows
        ]  # fmt: skip
        show.as_json({**asdict(found), "rows": taxa})
        return
    typer.echo(f"{found.label} ({found.site})\n{found.about}")
    if found.see:
        typer.echo(f"see: {', '.join(found.see)}")
    if found.rows:
        columns = [
            "taxon",
            "rank",
            "way",
            "size",
            "cohorts",
            "agree",
            "significant",
            "sure",
            "source",
            "note",
        ]
        show.table(columns, [_taxon(row, sure[row.feature]) for row in found.rows], title="\ntaxa")
    if found.markers:
        columns = ["marker", "medium", "way", "measure", "value", "source", "note"]
        show.table(columns, _markers(found), title="\nmarkers")


def _taxon(row: Row, sure: float) -> tuple[str, ...]:
    ends = (row.low, row.high) if row.low is not None else row.spread
    size = "" if row.size is None else f"{row.size:.3g}"
    size += f" ({ends[0]:.3g} to {ends[1]:.3g})" if ends else ""
    size += f" {row.unit}" if row.size is not None and not row.folds else ""
    counts = (str(row.cohorts), str(row.agree), str(row.significant), f"{sure:.2f}")
    return row.name, row.rank, row.direction, size, *counts, _source(row), row.note


def _markers(found: Signature) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for each in found.markers:
        value = "" if each.value is None else f"{each.value:.3g}"
        value += f" ({each.low:.3g} to {each.high:.3g})" if each.low is not None else ""
        told = (each.name, each.medium, each.direction, each.measure, value)
        rows.append((*told, _source(each), each.note))
    return rows


def _source(each: Any) -> str:
    said = each.source if each.grade == "human in vivo" else f"{each.source}, {each.grade}"
    return said if each.verified else f"{said}, unverified"
