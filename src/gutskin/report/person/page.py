"""From what is told of a person to one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from gutskin.report import page as base
from gutskin.report import picture, words
from gutskin.report.person import bands, findings, guilds, headline, phrases, plans
from gutskin.report.person.told import PersonReport
from gutskin.result import write_text

NESTED = ("population", "twin", "solver")  # parts of a stamp


def render(report: PersonReport) -> str:
    """Return the page of a person as HTML that asks for nothing from outside.

    Parameters
    ----------
    report
        What to tell.
    """
    diagnosis, forecasts, ranking = report.diagnosis, report.forecasts, report.ranking
    core, others = findings.rows(diagnosis.findings) if diagnosis else ([], [])
    environment = base.environment()
    environment.globals["say_kind"] = lambda kind: words.say("kinds", kind)
    environment.filters["fine"] = phrases.share
    return environment.get_template("person/page.html.j2").render(
        report=report,
        story=report,  # the part on samples is that of the other page
        lines=headline.lines(report),
        core=core,
        others=others,
        tables=guilds.seen(diagnosis) if diagnosis else [],
        readings=guilds.readings(diagnosis) if diagnosis else [],
        kinds=sorted(diagnosis.kinds, key=lambda each: -each.now) if diagnosis else [],
        panels=bands.panels(forecasts),
        coming=guilds.coming(forecasts, diagnosis),
        ranking=plans.view(ranking) if ranking and ranking.plans else None,
        frame=picture,
        strained=bool(diagnosis and headline.strained(diagnosis)),
        stamp=list(_stamp(report.stamp)),
        warnings=list(report.stamp.get("warnings", ())),
    )


def write_person(report: PersonReport, path: Path | str) -> Path:
    """Write the page; a reader never meets half a file. Return the file.

    Parameters
    ----------
    report
        What to tell.
    path
        File to write.
    """
    return write_text(Path(path), render(report))


def _stamp(stamp: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield (name, value) of a stamp; warnings stand elsewhere."""
    for name, value in stamp.items():
        if name in NESTED and isinstance(value, Mapping):
            for part, own in value.items():
                yield f"{name} {part.replace('_', ' ')}", _said(own)
        elif name != "warnings":
            yield name.replace("_", " "), _said(value)


def _said(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
