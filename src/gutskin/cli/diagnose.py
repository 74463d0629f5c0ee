"""``gutskin diagnose``: what a person's samples say of everything that they do not show."""

from __future__ import annotations

from pathlib import Path

from gutskin.cli import answering, subject

NAME = "diagnose"


def command(
    stool: Path = subject.STOOL,
    skin: Path = subject.SKIN,
    taxonomy: Path = subject.TAXONOMY,
    metadata: Path = subject.METADATA,
    taxa: Path = subject.TAXA,
    region: str = subject.REGION,
    person: list[str] = subject.WHO,
    site: str = subject.SITE,
    kind: list[str] = subject.KIND,
    members: int = subject.MEMBERS,
    size: int = subject.SIZE,
    seed: int = subject.SEED,
    out: Path = subject.out(NAME),
    as_json: bool = subject.JSON,
) -> None:
    """Tell what stool and skin samples say of hidden states, against the population; a report a person."""
    from gutskin.cli.show import loaded

    model = loaded()
    tables = subject.Tables(stool, skin, taxonomy, metadata, taxa, region, person)
    work = answering.Answering(
        model, answering.DIAGNOSIS, out, site, kind, members, size, seed, as_json=as_json
    )
    answering.answer_all(work, subject.read(tables, model, site))
