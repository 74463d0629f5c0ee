"""``gutskin sample``: how much of a table the model understands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from gutskin.cli import reading, show
from gutskin.errors import InputError

if TYPE_CHECKING:
    from gutskin.samples import Mapping, Sample, Visits
    from gutskin.samples.coverage import CoverageRow
    from gutskin.samples.taxa import Taxa

NAME = "sample"


def command(
    file: Path = typer.Argument(help="A table of taxa: text, BIOM, .qza, R, MetaPhlAn, Kraken, mothur."),
    site: str = typer.Option(None, "--site", help="Only this site, or that of all when none is told."),
    person: str = typer.Option(None, "--person", help="Only this person, or that of all when none is told."),
    metadata: Path = typer.Option(
        None, "--metadata", help="A table that says person and site of every sample, and what was measured."
    ),
    region: str = typer.Option(
        None, "--region", help="Region such as V4, or shotgun, when the table does not tell."
    ),
    taxa: Path = typer.Option(
        None, "--taxa", help="A table of your own with the columns taxon and guild; it goes first."
    ),
    taxonomy: Path = reading.TAXONOMY,
    unmapped: int = typer.Option(
        5, "--unmapped", min=0, help="List so many of the largest taxa without a guild."
    ),
    as_json: bool = typer.Option(False, "--json", help="Print JSON."),
) -> None:
    """Read samples and print what was mapped to guilds, per site, and what was not."""
    from gutskin.samples import read_controls
    from gutskin.samples.overrides import with_overrides
    from gutskin.samples.taxa import load_taxa

    found = reading.read(file, site=site, person=person, metadata=metadata, taxonomy=taxonomy)
    controls = read_controls(file, metadata=metadata, taxonomy=taxonomy)
    tables = with_overrides(taxa, load_taxa()) if taxa else load_taxa()
    visits = _visits(metadata)
    mapped = [_mapped(each, region, tables, controls, visits) for each in found]
    documents = [_document(each, *one, visits, unmapped) for each, one in zip(found, mapped, strict=True)]
    if as_json:
        show.as_json([asdict(each) for each in documents])
    else:
        _print_all(documents, [mapping for mapping, _ in mapped if mapping], len(controls), visits)
    _check_some(mapped, file)


def _check_some(mapped: Sequence[tuple[Mapping | None, InputError | None]], file: Path) -> None:
    if all(problem for _, problem in mapped):
        remedy = "see the refusals above"
        raise InputError("E332", "no sample of the table can be used", where=str(file), remedy=remedy)


@dataclass(frozen=True)
class _Document:
    """What is printed of a sample."""

    sample: str
    refused: str | None
    rows: tuple[CoverageRow, ...]


def _document(
    sample: Sample, mapping: Mapping | None, problem: InputError | None, visits: Visits | None, unmapped: int
) -> _Document:
    from gutskin.samples.coverage import coverage_rows

    rows = (*coverage_rows(mapping, unmapped=unmapped), *_readings(sample, visits)) if mapping else ()
    return _Document(sample.name, str(problem) if problem else None, rows)


def _print_all(
    documents: list[_Document], mappings: list[Mapping], controls: int, visits: Visits | None
) -> None:
    """Print every sample, how much was mapped per site, and what of the metadata was not used."""
    from gutskin.samples.coverage import site_rows

    for each in documents:
        _print(each.rows, each.sample)
        typer.echo(f"REFUSED: {each.refused}\n" if each.refused else "")
    _print(site_rows(mappings), f"samples: {len(documents)}, negative controls: {controls}")
    for note in visits.notes if visits else ():
        typer.echo(f"note: {note}")


def _print(rows: Sequence[CoverageRow], title: str) -> None:
    if rows:
        show.table(["", "", "", ""], [(r.group, r.what, r.value, r.remark) for r in rows], title=title)


def _visits(metadata: Path | None) -> Visits | None:
    """Read the measurements of the metadata, named as the library's read-outs are."""
    if metadata is None:
        return None
    from gutskin.paths import LIBRARY
    from gutskin.readouts import read_readouts
    from gutskin.samples import read_visits

    known = read_readouts(LIBRARY).values()
    return read_visits(metadata, {n: (r.name, r.unit) for r in known for n in (r.name, *r.also)})


def _readings(sample: Sample, visits: Visits | None) -> tuple[CoverageRow, ...]:
    from gutskin.samples.coverage import measured_rows

    rows = [row for row in visits.rows if row.sample == sample.name] if visits else []
    return tuple(each for row in rows for each in measured_rows(row.measured))


def _mapped(
    sample: Sample, region: str | None, taxa: Taxa, controls: Sequence[Sample], visits: Visits | None
) -> tuple[Mapping | None, InputError | None]:
    """Map a sample, however little of it is known; also why it is refused, when it is."""
    from gutskin.samples import map_sample

    load = visits.load(sample.name) if visits else None
    problem: InputError | None = None
    for refuse in (True, False):
        try:
            found = map_sample(sample, region=region, taxa=taxa, refuse=refuse, controls=controls, load=load)
        except InputError as error:
            problem = problem or error
        else:
            return found, problem
    return None, problem
