"""Reading a table of samples for a command, with a word on the error stream for every sample left out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from gutskin.samples import Sample

TAXONOMY = typer.Option(
    None, "--taxonomy", help="A file that names the features, when the table has identifiers only."
)
_SHOWN = 5  # samples left out that are named one by one


def read(
    file: Path,
    *,
    site: str | None = None,
    person: str | None = None,
    metadata: Path | None = None,
    taxonomy: Path | None = None,
) -> tuple[Sample, ...]:
    """Return the samples of a file; see :func:`gutskin.samples.read_file`."""
    from gutskin.samples import read_file

    found = read_file(file, site=site, person=person, metadata=metadata, taxonomy=taxonomy)
    for each in found.left_out[:_SHOWN]:
        typer.echo(f"left out: {each}", err=True)
    if len(found.left_out) > _SHOWN:
        typer.echo(f"left out: {len(found.left_out) - _SHOWN} more", err=True)
    return found.samples
