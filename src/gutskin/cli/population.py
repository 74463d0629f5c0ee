"""``gutskin population``: build the virtual people that persons are compared with, and look at them."""

from __future__ import annotations

import typer

from gutskin.cli import complete, show, subject

NAME = "population"


def command(
    site: str = typer.Option(
        "face", "--site", help="Where they are looked at.", autocompletion=complete.sites
    ),
    size: int = subject.SIZE,
    seed: int = subject.SEED,
    as_json: bool = subject.JSON,
) -> None:
    """Build the reference population of a place and print its guilds beside those of real people."""
    from gutskin.reference import reference
    from gutskin.reference.compare import guild_rows

    model = show.loaded()
    with show.progress(f"{size} virtual people, looked at on the {site}", 1.0) as tick:
        found = reference(model, site, size=size, seed=seed, tick=tick)
    rows = guild_rows(found)
    counts = [int((found.kinds == k).sum()) for k in range(len(found.strata))]
    people = [
        {"person": each.person, "share": each.share, "members": count, "lost": lost}
        for each, count, lost in zip(found.strata, counts, found.lost, strict=True)
    ]
    if as_json:
        guilds = [
            {
                "site": row.site, "guild": row.guild, "modelled": row.modelled.tolist(),
                "counted": [row.counted.q05, row.counted.q50, row.counted.q95] if row.counted else None,
                "meets": row.meets,
            }
            for row in rows
        ]  # fmt: skip
        show.as_json({"place": site, "size": found.size, "people": people, "guilds": guilds})
        return
    made = [[str(cell) for cell in each.values()] for each in people]
    show.table(["people like", "share", "virtual", "never settled"], made)
    table = [
        [row.site, row.label, _span(*row.modelled), _span(row.counted.q05, row.counted.q50, row.counted.q95)
         if row.counted else "", {True: "yes", False: "no", None: ""}[row.meets]]
        for row in rows
    ]  # fmt: skip
    show.table(["site", "guild", "healthy virtual people", "real people, 16S", "meet"], table)


def _span(low: float, middle: float, high: float) -> str:
    return f"{100 * middle:.3g} % ({100 * low:.2g} to {100 * high:.2g})"
