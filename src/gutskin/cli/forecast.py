"""``gutskin forecast``: what will happen to a person, with and without a plan."""

from __future__ import annotations

from pathlib import Path

from gutskin.cli import answering, subject

NAME = "forecast"


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
    days: float = subject.DAYS,
    members: int = subject.MEMBERS,
    size: int = subject.SIZE,
    seed: int = subject.SEED,
    out: Path = subject.out(NAME),
    as_json: bool = subject.JSON,
) -> None:
    """Tell what will happen to a person: bands of read-outs and guilds, with the plan beside without."""
    from dataclasses import replace

    from gutskin.cli.show import loaded
    from gutskin.errors import InputError
    from gutskin.plans import read_plans

    if len(plan) > 1:
        raise InputError("E573", f"{len(plan)} plans", remedy="name one, or compare them: gutskin rank")
    plans = read_plans(plan, days=days)[:1]
    if not plan:
        plans = tuple(replace(each, plan=(), vehicle=(), name="nothing", title="Nothing") for each in plans)
    model = loaded()
    tables = subject.Tables(stool, skin, taxonomy, metadata, taxa, region, person)
    work = answering.Answering(
        model, answering.FORECAST, out, site, kind, members, size, seed, plans, as_json=as_json
    )
    answering.answer_all(work, subject.read(tables, model, site))
