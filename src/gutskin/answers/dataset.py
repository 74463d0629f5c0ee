"""A twin and its forecasts as one data set: who the members are, where they settled, what they live."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from gutskin.answers.forecast import Forecast
from gutskin.twin.twin import Twin

Parts = dict[str, Any]


def twin_dataset(twin: Twin, forecasts: Sequence[Forecast], stamp: Mapping[str, Any]) -> Any:
    """Return an ``xarray.Dataset`` of a twin and of what its members live.

    Members: ``constants`` (constant, member), ``states`` (state, member), ``derived`` (derived, member),
    ``weight`` (member), ``kind`` (member), and ``odds`` (stratum). A forecast adds ``<arm>_values``
    (readout, day, life) and ``<arm>_<table>_shares`` (day, guild, life), with arms ``without`` and
    ``with_plan``; its lives are members of the twin, drawn anew where they are fewer.

    Parameters
    ----------
    twin, forecasts
        The twin, and its forecasts; none when there is none.
    stamp
        What made it; kept as JSON in the attribute ``stamp``.
    """
    import xarray as xr

    data, coordinates = _members(twin)
    for each in forecasts:
        arm = "with_plan" if each.planned else "without"
        for more, into in zip(_lives(each, arm), (data, coordinates), strict=True):
            into.update(more)
    attributes = {"title": "gutskin twin", "stamp": json.dumps(dict(stamp), sort_keys=True)}
    return xr.Dataset(data, coords=coordinates, attrs=attributes)


def _members(twin: Twin) -> tuple[Parts, Parts]:
    """Return variables and coordinates of the members themselves."""
    model, reference = twin.reference.model, twin.reference
    kernel, units = model.kernel, {q.name: q.unit for q in model.network.quantities}
    named = {each.name: each.unit for each in model.network.constants}
    names = {"state": list(model.network.states), "derived_name": list(kernel.derived)}
    data = {
        "constants": (("constant", "member"), twin.constants),
        "states": (("state", "member"), twin.found.states),
        "derived": (("derived_name", "member"), twin.found.derived),
        "weight": ("member", twin.weights, {"units": "1"}),
        "kind": ("member", twin.kinds, {"long_name": "index of the stratum"}),
        "odds": ("stratum", twin.odds, {"units": "1"}),
    }
    coordinates: Parts = {
        "constant": list(named),
        "constant_unit": ("constant", list(named.values())),
        "stratum": [each.person for each in reference.strata],
        **names,
    }
    for axis, own in names.items():
        coordinates[f"{axis}_unit"] = (axis, [units.get(name, "") for name in own])
    return data, coordinates


def _lives(forecast: Forecast, arm: str) -> tuple[Parts, Parts]:
    """Return variables and coordinates of one forecast; every axis of it has the arm in its name."""
    import numpy as np

    data: Parts = {}
    coordinates: Parts = {}
    if forecast.bands:
        first = forecast.bands[0]
        axes = tuple(f"{arm}_{axis}" for axis in ("readout", "day", "life"))
        values = np.array([each.values for each in forecast.bands])
        data[f"{arm}_values"] = (axes, values, {"units": f"see {arm}_unit"})
        data[f"{arm}_weight"] = (axes[2], first.weights, {"units": "1"})
        coordinates[axes[0]] = [each.readout.name for each in forecast.bands]
        coordinates[axes[1]] = (axes[1], first.days, {"units": "d"})
        coordinates[f"{arm}_unit"] = (axes[0], [each.readout.unit for each in forecast.bands])
    for each in forecast.compositions:
        axes = (f"{arm}_day", f"{arm}_{each.table}_guild", f"{arm}_{each.table}_life")
        data[f"{arm}_{each.table}_shares"] = (axes, each.shares, {"units": "1"})
        data[f"{arm}_{each.table}_weight"] = (axes[2], each.weights, {"units": "1"})
        coordinates[axes[0]] = (axes[0], each.days, {"units": "d"})
        coordinates[axes[1]] = list(each.guilds)
    return data, coordinates
