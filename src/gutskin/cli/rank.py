"""``gutskin rank``: which plan is likely to help a person."""

from __future__ import annotations

from pathlib import Path

from gutskin.cli import answering, subject

NAME = "rank"


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
    plan: list[str] = subject.PLAN,
    endpoint: str = subject.ENDPOINT,
    days: float = subject.DAYS,
    members: int = subject.MEMBERS,
    size: int = subject.SIZE,
    seed: int = subject.SEED,
    out: Path = subject.out(NAME),
    as_json: bool = subject.JSON,
) -> None:
    """Rank plans for a person by an endpoint: the chance to help, against nothing and against the vehicle."""
    from gutskin.answers.rank import asked
    from gutskin.cli.show import loaded
    from gutskin.plans import read_plans, usual_endpoint

    endpoint = endpoint or usual_endpoint()
    plans = read_plans(plan, days=days)
    model = loaded()
    asked(model, plans, endpoint)
    tables = subject.Tables(stool, skin, taxonomy, metadata, taxa, region, person)
    work = answering.Answering(
        model, answering.RANKING, out, site, kind, members, size, seed, plans, endpoint, as_json
    )
    answering.answer_all(work, subject.read(tables, model, site))
