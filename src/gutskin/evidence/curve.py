"""Published curves: read from a table beside the case, and compared by a measure that was stated before."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from gutskin.engine.outcome import Array
from gutskin.errors import InputError, nearest
from gutskin.evidence.case import Arm, Curve
from gutskin.evidence.expression import expression
from gutskin.ledger import is_number
from gutskin.scenario import DAY
from gutskin.units import parse

_KEYS = {"readout", "arm", "data", "unit", "measure", "low", "high", "why"}
MEASURES = ("rmse", "mean_relative", "log10_rmse", "share_within_2_fold")


def _fault(said: str, where: str, remedy: str) -> InputError:
    return InputError("E408", said, where=where, remedy=remedy)


def read_curve(data: Mapping[str, Any], arms: Mapping[str, Arm], folder: Path, where: str) -> Curve:
    """Read one curve and its table.

    Raises
    ------
    InputError
        E408 keys, arm, measure, limit or table, E405 the expression, E201 the unit.
    """
    unknown = sorted(set(data) - _KEYS)
    needed = ("readout", "arm", "data", "unit", "measure", "why")
    missing = [key for key in needed if not isinstance(data.get(key), str) or not data[key].strip()]
    if unknown or missing:
        said = f"key {unknown[0]!r} is not known" if unknown else f"{missing[0]} is missing"
        raise _fault(said, where, nearest(unknown[0], _KEYS) if unknown else f"write {missing[0]} = ...")
    if data["arm"] not in arms:
        raise _fault(f"there is no arm {data['arm']!r}", where, nearest(str(data["arm"]), arms))
    share = data["measure"] == "share_within_2_fold"
    bound = data.get("low" if share else "high")
    fine = is_number(bound) and (0 < float(bound or 0) <= 1 if share else float(bound or 0) > 0)
    if data["measure"] not in MEASURES or not fine or {"low", "high"} <= set(data):
        remedy = f"one of {', '.join(MEASURES)}, with high (largest error) or low (smallest share)"
        raise _fault(f"measure = {data['measure']!r} with limit {bound!r}", where, remedy)
    parse(data["unit"])
    path = (folder / str(data["data"])).resolve()
    if folder.resolve() not in path.parents:
        raise _fault(
            f"data = {data['data']!r} is outside the folder of the case",
            where,
            "put the table beside case.toml",
        )
    arm, measure, why = arms[data["arm"]], data["measure"], data["why"]
    hours, values = _table(path, arm.days, where)
    if measure != "rmse" and (min(values) <= 0 if measure != "mean_relative" else 0 in values):
        raise _fault(
            f"{measure} of a value of {min(values):g}", where, "nothing can be relative to it; take rmse"
        )
    limit = float(bound or 0)
    low, high = (limit, 1.0) if share else (0.0, limit)
    readout = expression(data["readout"], where=where)
    for when in readout.moments:
        when.refuse_outside(arm.days, where=where)
    return Curve(readout, data["arm"], data["unit"], hours, values, measure, low, high, why)


def _table(path: Path, days: float, where: str) -> tuple[tuple[float, ...], tuple[float, ...]]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:  # spreadsheets mark the beginning
            rows = list(csv.DictReader(file))
        column = next(each for each in ("hour", "day") if rows and each in rows[0])
        scale = DAY if column == "day" else 1.0
        pairs = sorted((scale * float(row[column]), float(row["value"])) for row in rows)
    except (OSError, UnicodeDecodeError, KeyError, TypeError, ValueError, StopIteration, csv.Error) as error:
        raise _fault(
            f"{path.name} cannot be used: {error!r}", where, "columns day or hour, and value, as numbers"
        ) from error
    hours, values = zip(*pairs, strict=True)
    if (
        not np.isfinite(pairs).all()
        or hours[0] < 0
        or hours[-1] > days * DAY + 1e-9
        or len(set(hours)) < len(hours)
    ):
        raise _fault(
            f"{path.name} leaves the arm, or repeats a time",
            where,
            f"times from 0 to {days:g} days, each once",
        )
    return hours, values


def distance(curve: Curve, simulated: Array) -> float:
    """Return how far a simulated course (T,) [unit] is from the published one, by the curve's measure."""
    published = np.array(curve.values)
    if curve.measure == "rmse":
        return float(np.sqrt(np.mean((simulated - published) ** 2)))
    if curve.measure == "mean_relative":
        return float(np.mean(np.abs(simulated - published) / np.abs(published)))
    folds = simulated / published
    if curve.measure == "log10_rmse":
        with np.errstate(divide="ignore", invalid="ignore"):
            return float(np.sqrt(np.mean(np.log10(folds) ** 2)))
    return float("nan") if np.isnan(folds).any() else float(np.mean((folds >= 0.5) & (folds <= 2.0)))
