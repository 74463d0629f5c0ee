"""``gutskin sample``: how much of a table the model understands."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import typer

from gutskin.cli import reading, show
from gutskin.errors import InputError

NAME = "sample"


def command(
    file: Path = typer.Argument(help="A table of taxa: text, BIOM, .qza, R, MetaPhlAn, Kraken, mothur."),
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
    unmapped: int = typer.Option(
        5, "--unmapped", min=0, help="List so many of the largest taxa without a guild."
    ),
    as_json: bool = typer.Option(False, "--json", help="Print JSON."),
) -> None:
    """Read samples and print what was mapped to guilds, per site, and what was not."""
    from gutskin.samples import coverage_rows, map_sample

    found = reading.read(file, site=site, person=person, metadata=metadata, taxonomy=taxonomy)
    documents, refused = [], 0
    for each in found:
        mapping = map_sample(each, refuse=False)
        rows = coverage_rows(mapping, unmapped=unmapped)
        problem = _refusal(each)
        refused += problem is not None
        said = str(problem) if problem else None
        documents.append({"sample": each.name, "refused": said, "rows": [asdict(row) for row in rows]})
        if not as_json:
            title = f"{each.name} ({each.site})"
            show.table(["", "", "", ""], [(r.group, r.what, r.value, r.remark) for r in rows], title=title)
            typer.echo(f"REFUSED: {said}\n" if said else "")
    if as_json:
        show.as_json(documents)
    if refused == len(documents):
        raise InputError(
            "E332", "no sample of the table can be used", where=str(file), remedy="see the refusals above"
        )


def _refusal(sample: object) -> InputError | None:
    from gutskin.samples import Sample, map_sample

    assert isinstance(sample, Sample)
    try:
        map_sample(sample)
    except InputError as error:
        return error
    return None
