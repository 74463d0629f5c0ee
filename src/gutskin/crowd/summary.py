"""What a crowd gave: figures of every read-out on every day, and who failed; read part by part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from gutskin.crowd.parts import read_record, rows, write_failures
from gutskin.engine.outcome import Array
from gutskin.readouts import Readout

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


def summarise(
    out: Path,
    parts: Sequence[tuple[int, int]],
    arms: Sequence[str],
    readouts: Mapping[str, Readout],
    days: Sequence[float],
) -> dict[str, Any]:
    """Return the summary of a crowd from its parts, and write ``failures.csv``.

    Parameters
    ----------
    out, parts
        The folder, and (first, count) of every part in it.
    arms, readouts, days
        What the values (A, R, D, P) of a part are of; differences are last arm minus first.
    """
    found: dict[str, Any] = {
        name: {"label": readout.label, "unit": readout.unit, "days": {}} for name, readout in readouts.items()
    }
    places = [(name, day) for name in readouts for day in days]
    for (name, day), values in zip(places, rows(out, parts, len(arms), len(places)), strict=True):
        figures = {arm: _figures(values[a]) for a, arm in enumerate(arms)}
        figures["difference"] = _figures(values[-1] - values[0])
        found[name]["days"][day_name(day)] = figures
    return {"people": sum(count for _, count in parts), **_lost(out, parts), "readouts": found}


def day_name(day: float) -> str:
    """Return a day as it is written in a summary."""
    return f"{day:.12g}"


def _figures(values: Array) -> dict[str, float | int | None]:
    """Return number, mean and quantiles of those who finished; None when nobody did."""
    known = values[np.isfinite(values)]
    names = [f"q{round(100 * q):02d}" for q in QUANTILES]
    if not known.size:
        return {"n": 0, "mean": None, **dict.fromkeys(names)}
    mean = float(known.mean())
    at = np.quantile(known, QUANTILES, overwrite_input=True)
    return {"n": int(known.size), "mean": mean, **dict(zip(names, map(float, at), strict=True))}


def _lost(out: Path, parts: Sequence[tuple[int, int]]) -> dict[str, Any]:
    """Return how many failed, their reasons by arm, code and state with the first person of each."""
    causes: dict[tuple[str, str, str], dict[str, Any]] = {}
    who: dict[str, int] = {"failed": 0, "rescued": 0}

    def count(failure: Mapping[str, Any]) -> None:
        key = failure["arm"], failure["code"], failure["state"]
        first = {name: failure[name] for name in ("arm", "code", "state", "person", "reason")}
        causes.setdefault(key, {**first, "people": 0})["people"] += 1

    def failures() -> Iterator[Mapping[str, Any]]:
        for first, _ in parts:
            said = read_record(out, first)
            who["failed"] += len({each["person"] for each in said["failures"]})
            who["rescued"] += len({person for _, person in said["rescued"]})
            yield from said["failures"]

    write_failures(out / "failures.csv", failures(), count)
    return {**who, "causes": list(causes.values())}
