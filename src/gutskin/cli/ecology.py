"""``gutskin ecology``: diversity, distances and dysbiosis of samples, against reference people."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from gutskin.cli import complete, show

if TYPE_CHECKING:
    from gutskin.report.ecology import Table

NAME = "ecology"


FILE = typer.Argument(help="A table of taxa: TSV, BIOM, MetaPhlAn; or a person of the library who has one.")
SITE = typer.Option(
    None,
    "--site",
    help="Only this site, or the site when the table does not tell.",
    autocompletion=complete.body_sites,
)
PERSON = typer.Option(None, "--person", help="Only this person, or the person when the table does not tell.")
METADATA = typer.Option(
    None, "--metadata", help="A table that says person and site of every sample; age and groups too."
)
GROUP = typer.Option(
    "", "--group", help="Compare groups: a column of the metadata.", autocompletion=complete.columns
)
RAREFY = typer.Option(None, "--rarefy", min=1, help="Draw so many reads for alpha diversity.")
SEED = typer.Option(0, "--seed", min=0, help="Of draws and permutations.")
METRIC = typer.Option(
    "aitchison", "--metric", help="Distance of the picture.", autocompletion=complete.metrics
)
AGE = typer.Option(None, "--age", help="Years, of whom the metadata tells no age.")
HEALTHY = typer.Option(
    None, "--healthy", help="A table of at least 20 reference people by your method, to compare with."
)
JSON = typer.Option(False, "--json", help="Print JSON.")
OUT = typer.Option(None, "--out", help="Write the ordination to a .svg file.")


def command(
    file: Path = FILE,
    site: str = SITE,
    person: str = PERSON,
    metadata: Path = METADATA,
    group: str = GROUP,
    rarefy: int = RAREFY,
    seed: int = SEED,
    metric: str = METRIC,
    age: float = AGE,
    healthy: Path = HEALTHY,
    as_json: bool = JSON,
    out: Path = OUT,
) -> None:
    """Print how diverse samples are, how far from reference people, and whether groups lie apart."""
    if out is not None:
        show.writable(out, (".svg",))
    from gutskin.ecology import METRICS, Asked, study
    from gutskin.ecology.ages import check_age
    from gutskin.ecology.people import table_of
    from gutskin.report import ecology, ordination
    from gutskin.result import write_text
    from gutskin.samples import read_samples
    from gutskin.samples.metadata import read_metadata

    complete.check_choice("--metric", metric, list(METRICS))
    if age is not None:
        check_age(age, f"--age {age:g}")
    samples = read_samples(table_of(str(file)), site=site, person=person, metadata=metadata)
    facts = read_metadata(metadata) if metadata is not None else {}
    others = read_samples(healthy, site=site, metadata=metadata) if healthy is not None else ()
    asked = Asked(facts, group, rarefy, seed, age, metric, others)
    with show.telling("comparing samples"):
        places = study(samples, asked)
    if out is not None:
        write_text(out, ordination.draw(places, metric))
    if as_json:
        show.as_json(ecology.document(places))
    else:
        _print(ecology.tables(places), ecology.CAUTION, out)


def _print(tables: Sequence[Table], caution: str, out: Path | None) -> None:
    for title, columns, rows in tables:
        show.table(columns, rows, title=title)
        typer.echo("")
    typer.echo(caution)
    if out is not None:
        typer.echo(f"picture: {out}")
