"""Answers as files: one JSON document with all that the page shows, tables, and the twin itself as NetCDF."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

from gutskin.answers import tell
from gutskin.answers.dataset import twin_dataset
from gutskin.answers.diagnose import Diagnosis
from gutskin.answers.forecast import Forecast
from gutskin.answers.rank import Ranking
from gutskin.report import SampleNote
from gutskin.report import person as page
from gutskin.result import write_atomically, write_text
from gutskin.twin.twin import Twin

FORMAT = 1  # a change of keys makes another
Row = Sequence[Any]


def document(
    diagnosis: Diagnosis | None,
    forecasts: Sequence[Forecast],
    ranking: Ranking | None,
    stamp: Mapping[str, Any],
    *,
    samples: Sequence[SampleNote] = (),
    notes: Sequence[str] = (),
) -> dict[str, Any]:
    """Return answers as plain data for JSON; a figure that nobody has is None.

    Keys are those of :mod:`gutskin.report.person.told`, which the page is told too. An answer that was not
    asked for is None.
    """
    return plain(
        {
            "format": FORMAT,
            "samples": tuple(samples),
            "notes": tuple(notes),
            "diagnosis": tell.tell_diagnosis(diagnosis) if diagnosis else None,
            "forecasts": tuple(tell.tell_forecast(each) for each in forecasts),
            "ranking": tell.tell_ranking(ranking) if ranking else None,
            "stamp": stamp,
        }
    )


def plain(value: Any) -> Any:
    """Return anything a page is told as what JSON knows: fields by name, lists, None for NaN and infinity."""
    if is_dataclass(value):
        return {each.name: plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, tuple | list):
        return [plain(each) for each in value]
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    return None if isinstance(value, float) and not math.isfinite(value) else value


def write_documents(
    folder: Path,
    twin: Twin,
    diagnosis: Diagnosis | None,
    forecasts: Sequence[Forecast],
    ranking: Ranking | None,
    stamp: Mapping[str, Any],
    *,
    samples: Sequence[SampleNote] = (),
    notes: Sequence[str] = (),
) -> tuple[Path, ...]:
    """Write answer.json, twin.nc and a table of each answer; return the files.

    Parameters
    ----------
    folder
        Where; it is made when it is not there.
    twin
        Whose answers they are.
    diagnosis, forecasts, ranking
        The answers; what was not asked for has no table.
    stamp, samples, notes
        As the page is told.
    """
    said = document(diagnosis, forecasts, ranking, stamp, samples=samples, notes=notes)
    text = json.dumps(said, indent=1, ensure_ascii=False, allow_nan=False)
    made = [write_text(folder / "answer.json", text + "\n")]
    if diagnosis:
        told = tell.tell_diagnosis(diagnosis)
        made.append(_table(folder / "findings.csv", FINDINGS, map(_finding, told.findings)))
        made.append(_table(folder / "fits.csv", FITS, map(_fit, told.fits)))
    if forecasts:
        rows = (row for each in forecasts for row in _course(tell.tell_forecast(each)))
        made.append(_table(folder / "forecast.csv", FORECAST, rows))
    if ranking:
        made.append(_table(folder / "ranking.csv", RANKING, _plans(tell.tell_ranking(ranking))))
    data = twin_dataset(twin, forecasts, stamp)
    made.append(write_atomically(folder / "twin.nc", lambda path: data.to_netcdf(path, engine="h5netcdf")))
    return tuple(made)


# ---- tables

FINDINGS = (
    "readout", "label", "group", "unit", "core", "healthy_low", "healthy_high", "population_q05",
    "population_q50", "population_q95", "person_q05", "person_q50", "person_q95", "word", "moved", "told",
    "outside", "outside_population", "verdict", "drivers",
)  # fmt: skip
FITS = (
    "name", "label", "table", "unit", "seen_q05", "seen_q50", "seen_q95", "shown_q05", "shown_q50",
    "shown_q95", "population_q05", "population_q50", "population_q95", "missed",
)  # fmt: skip
FORECAST = ("plan", "what", "table", "label", "unit", "day", "q05", "q50", "q95")
RANKING = (
    "place", "plan", "title", "endpoint", "unit", "day", "change_q05", "change_q50", "change_q95", "helps",
    "harms", "beats_vehicle", "best", "tied", "lost", "side_effects",
)  # fmt: skip


def _table(path: Path, head: Row, rows: Iterable[Row]) -> Path:
    """Write a table (atomically); numbers keep all their bits, what nobody has is empty."""

    def write(temporary: Path) -> None:
        with temporary.open("w", newline="", encoding="utf-8") as file:
            table = csv.writer(file)
            table.writerow(head)
            table.writerows([["" if cell is None else cell for cell in plain(list(row))] for row in rows])

    return write_atomically(path, write)


def _three(interval: page.Interval) -> tuple[float, float, float]:
    return interval.low, interval.median, interval.high


def _finding(each: page.Finding) -> Row:
    drivers = "; ".join(f"{one.what} {one.shift:+.3g}" for one in each.drivers)
    return (
        each.readout, each.label, each.group, each.unit, each.core, *(each.healthy or (None, None)),
        *_three(each.population), *_three(each.person), each.word, each.moved, each.told, each.outside,
        each.outside_population, each.verdict, drivers,
    )  # fmt: skip


def _fit(each: page.Fit) -> Row:
    values = (*_three(each.seen), *_three(each.shown), *_three(each.population))
    return each.name, each.label, each.table, each.unit, *values, each.missed


def _course(answer: page.Forecast) -> Iterable[Row]:
    arm = answer.title if answer.planned else ""
    for each in answer.bands:
        for day, values in zip(each.days, each.values, strict=True):
            yield arm, each.readout, "", each.label, each.unit, day, *_three(values)
    for guild in answer.guilds:
        for day, values in zip(guild.days, guild.values, strict=True):
            yield arm, guild.name, guild.table, guild.label, "1", day, *_three(values)


def _plans(answer: page.Ranking) -> Iterable[Row]:
    for place, each in enumerate(answer.plans, 1):
        sides = "; ".join(f"{one.readout} {one.chance:.3g}" for one in each.sides)
        yield (
            place, each.name, each.title, answer.readout, answer.unit, answer.day, *_three(each.change),
            each.helps, each.harms, each.beats_vehicle, each.best, each.tied, each.lost, sides,
        )  # fmt: skip
