"""A scenario for a crowd of virtual people: both arms, in parts, resumable to the same bytes.

A part is a run of people by number. What a part gives depends on seed and numbers only, so a run that was
stopped goes on where it was, and the summary of a resumed run is the summary of an unbroken one. Only
read-outs on chosen days are kept, so memory does not grow with the crowd.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from gutskin.engine.outcome import Array, Failure, Options
from gutskin.engine.solve import solve
from gutskin.errors import InputError
from gutskin.model import Model
from gutskin.people import Person
from gutskin.population import draw
from gutskin.protocol import stops
from gutskin.result import write_atomically
from gutskin.scenario import DAY, Scenario
from gutskin.simulate import OUTPUT_EVERY, all_day_zero, stamp

PART = 128  # people
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
ARMS = ("without", "with_plan")


@dataclass(frozen=True)
class Crowd:
    """``people`` drawn like a person with a seed, judged on ``days`` by means over the day before."""

    people: int
    days: tuple[float, ...]
    like: Person
    seed: int = 1


def _identity(model: Model, scenario: Scenario, crowd: Crowd, options: Options) -> dict[str, Any]:
    """Return what a folder of parts belongs to; another crowd must not be mixed in."""
    made = stamp(model, [crowd.like], scenario, options)
    asked = {"crowd": crowd.people, "days": list(crowd.days), "seed": crowd.seed, "part": PART}
    return {**made, **asked, "readouts": list(model.readouts)}


def run_crowd(
    model: Model,
    scenario: Scenario,
    crowd: Crowd,
    out: Path,
    *,
    options: Options | None = None,
    tick: Callable[[float], None] | None = None,
) -> dict[str, Any]:
    """Run a crowd into a folder and return its summary; parts that are there already are not run again.

    Parameters
    ----------
    model, scenario, crowd
        What, what is done, and to whom.
    out
        Folder for ``crowd.json``, ``parts/`` and ``summary.json``.
    options
        Solver settings.
    tick
        Called with the share of the crowd done since the last call [1].

    Raises
    ------
    InputError
        E284 when the folder holds another crowd, E285 when a day is outside the scenario.
    """
    options = options or Options(rtol=1e-4)
    if not all(0 <= day <= scenario.days for day in crowd.days):
        raise InputError("E285", f"days {list(crowd.days)}", remedy=f"give days from 0 to {scenario.days:g}")
    _claim(out, _identity(model, scenario, crowd, options))
    for first in range(0, crowd.people, PART):
        path = out / "parts" / f"{first:09d}.npy"
        count = min(PART, crowd.people - first)
        if not path.exists():
            values, failures = _part(model, scenario, crowd, first, count, options)
            write_text(path.with_suffix(".json"), json.dumps(failures, indent=1))
            write_atomically(path, partial(_save, values))
        if tick:
            tick(count / crowd.people)
    summary = _summary(model, crowd, out)
    write_text(out / "summary.json", json.dumps(summary, indent=1))
    return summary


def _save(values: Array, path: Path) -> None:
    with path.open("wb") as file:
        np.save(file, values)


def write_text(path: Path, text: str) -> None:
    """Write a text file atomically."""
    write_atomically(path, lambda temporary: temporary.write_text(text + "\n", encoding="utf-8"))


def _claim(out: Path, identity: dict[str, Any]) -> None:
    said = json.dumps(identity, indent=1, sort_keys=True)
    path = out / "crowd.json"
    if path.exists() and path.read_text(encoding="utf-8") != said + "\n":
        remedy = "choose another folder, or remove this one"
        raise InputError("E284", f"{out} holds another crowd", where=str(path), remedy=remedy)
    write_text(path, said)


def _part(
    model: Model, scenario: Scenario, crowd: Crowd, first: int, count: int, options: Options
) -> tuple[Array, list[dict[str, Any]]]:
    """Return read-outs (arms, R, D, people) of a part, and who failed, when and why.

    A person who fails in either arm is NaN in both.
    """
    like = crowd.like.having("scenario", scenario.overrides)
    constants = draw(model, count, like=like, seed=crowd.seed, first=first)
    ready, lost = all_day_zero(model, constants, scenario, options, None)
    failures = [_failure(first + k, "before day 0", each) for k, each in sorted(lost.items())]
    alive = [k for k in range(count) if k not in lost]
    out = np.full((len(ARMS), len(model.readouts), len(crowd.days), count), np.nan)
    if not alive:
        return out, failures
    times = _times(crowd.days, scenario.days)
    for arm, planned in enumerate((False, True)):
        plans = [stops(scenario.courses(planned=planned), model.network, constants[:, k]) for k in alive]
        run = solve(model.kernel, ready[:, alive], constants[:, alive], model.floors(), times, plans, options)
        failures += [_failure(first + alive[each.person], ARMS[arm], each) for each in run.failures]
        out[arm][:, :, alive] = _read(model, crowd.days, times, np.concatenate([run.states, run.derived]))
    out[:, :, :, np.isnan(out).any(axis=(0, 1, 2))] = np.nan
    return out, failures


def _failure(person: int, when: str, failure: Failure) -> dict[str, Any]:
    return {**asdict(failure), "person": person, "arm": when, "code": failure.code.name}


def _times(days: Sequence[float], last: float) -> Array:
    """Return output times [h]: every 4 h over the day before each chosen day, the start and the end."""
    windows = [np.arange(max(day - 1.0, 0.0) * DAY, day * DAY + 1e-9, OUTPUT_EVERY) for day in days]
    return np.unique(np.concatenate([[0.0, last * DAY], *windows]))


def _read(model: Model, days: Sequence[float], times: Array, values: Array) -> Array:
    """Return read-outs (R, D, people): means over the day before each day."""
    row = {name: i for i, name in enumerate((*model.kernel.states, *model.kernel.derived))}
    rows = [row[readout.quantity] for readout in model.readouts.values()]
    chosen = [(times >= max(day - 1.0, 0.0) * DAY - 1e-9) & (times <= day * DAY + 1e-9) for day in days]
    return np.stack([values[rows][:, each].mean(axis=1) for each in chosen], axis=1)


def _summary(model: Model, crowd: Crowd, out: Path) -> dict[str, Any]:
    paths = sorted((out / "parts").glob("*.npy"))
    parts = [np.load(path, mmap_mode="r") for path in paths]
    found: dict[str, Any] = {}
    for r, readout in enumerate(model.readouts.values()):
        values = np.concatenate([part[:, r] for part in parts], axis=-1)
        days = {
            f"{day:g}": {
                **{arm: _figures(values[a, d]) for a, arm in enumerate(ARMS)},
                "difference": _figures(values[1, d] - values[0, d]),
            }
            for d, day in enumerate(crowd.days)
        }
        found[readout.name] = {"label": readout.label, "unit": readout.unit, "days": days}
    lost = int(np.isnan(np.concatenate([part[0, 0, 0] for part in parts])).sum())
    why = [
        each for path in paths for each in json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    ]
    return {"people": crowd.people, "failed": lost, "failures": why, "readouts": found}


def _figures(values: Array) -> dict[str, float | int | None]:
    """Return number, mean and quantiles of those who finished; None when nobody did."""
    known = values[np.isfinite(values)]
    names = [f"q{round(100 * q):02d}" for q in QUANTILES]
    if not known.size:
        return {"n": 0, "mean": None, **dict.fromkeys(names)}
    at = np.quantile(known, QUANTILES)
    return {
        "n": int(known.size),
        "mean": float(known.mean()),
        **dict(zip(names, map(float, at), strict=True)),
    }
