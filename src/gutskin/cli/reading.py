"""Reading a table of samples for a command, with a word on the error stream for samples left out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from gutskin.errors import InputError
    from gutskin.samples import Sample

TAXONOMY = typer.Option(
    None, "--taxonomy", help="A file that names the features, when the table has identifiers only."
)
_SHOWN = 5  # reasons for leaving samples out that are told


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
    alike: dict[str, list[InputError]] = {}
    for each in found.left_out:
        alike.setdefault(f"{each.code} {each.message}", []).append(each)
    for several in list(alike.values())[:_SHOWN]:
        count = "a sample" if len(several) == 1 else f"{len(several)} samples, the first for"
        typer.echo(f"left out {count}: {several[0]}", err=True)
    rest = sum(len(several) for several in list(alike.values())[_SHOWN:])
    if rest:
        typer.echo(f"left out {rest} more samples", err=True)
    return found.samples
