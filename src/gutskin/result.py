"""Results: quantity x time x person with units, failures and a provenance stamp; NetCDF and CSV."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gutskin.engine.outcome import Array, Code, Failure
from gutskin.errors import InputError, nearest


@dataclass(frozen=True)
class Series:
    """One quantity: ``values`` (T, P) in ``unit`` at ``times`` (T,) [h]."""

    name: str
    label: str
    unit: str
    times: Array
    values: Array

    def at(self, day: float) -> Array:
        """Return values (P,) at the output time nearest to ``day``."""
        import numpy as np

        return self.values[int(np.abs(self.times - 24.0 * day).argmin())]

    def mean(self, first_day: float, last_day: float) -> Array:
        """Return the time mean (P,) over the days [first, last]; NaN when a value in it is missing.

        Raises
        ------
        InputError
            E251 when no output time lies in the window.
        """
        chosen = (self.times >= 24.0 * first_day - 1e-9) & (self.times <= 24.0 * last_day + 1e-9)
        if not chosen.any():
            raise InputError("E251", f"no output between day {first_day:g} and {last_day:g}", where=self.name)
        return self.values[chosen].mean(axis=0)

    def daily(self) -> tuple[Array, Array]:
        """Return (days, mean over each day (D, P)); the value before the first day stands at day 0."""
        import numpy as np

        last = int(np.floor(self.times[-1] / 24.0 + 1e-9))
        rows = [self.values[0], *(self.mean(day, day + 1.0) for day in range(last))]
        return np.arange(last + 1, dtype=float), np.array(rows)


@dataclass(frozen=True)
class Result:
    """Everything a run gave.

    ``values`` (Q, T, P) in ``units``; a failed person is NaN from its failure on and stands in ``failures``.
    ``stamp`` says what made it: versions, hashes, seed, solver settings, warnings.
    """

    names: tuple[str, ...]
    labels: tuple[str, ...]
    units: tuple[str, ...]
    people: tuple[str, ...]
    times: Array
    values: Array
    failures: tuple[Failure, ...]
    stamp: Mapping[str, Any]

    def __getitem__(self, name: str) -> Series:
        if name not in self.names:
            raise InputError(
                "E250", f"there is no quantity {name!r} in the result", remedy=nearest(name, self.names)
            )
        i = self.names.index(name)
        return Series(name, self.labels[i], self.units[i], self.times, self.values[i])

    def to_dataset(self) -> Any:
        """Return an ``xarray.Dataset`` with units, labels and the stamp."""
        import numpy as np
        import xarray as xr

        coordinates = {"time": ("time", self.times, {"units": "h"}), "person": list(self.people)}
        data: dict[str, Any] = {
            name: (("time", "person"), self.values[i], {"units": self.units[i], "long_name": self.labels[i]})
            for i, name in enumerate(self.names)
        }
        codes = np.zeros(len(self.people), np.int64)
        for failure in self.failures:
            codes[failure.person] = int(failure.code)
        said = {
            f.person: f"{f.code.name}: {f.reason} at {f.time:.6g} h {f.state}".strip() for f in self.failures
        }
        data["outcome"] = (
            "person",
            codes,
            {"long_name": "0 finished; else why the run failed", "units": "1"},
        )
        data["failure"] = (
            "person",
            np.array([said.get(k, "") for k in range(len(self.people))], dtype=object),
        )
        attributes = {
            "Conventions": "CF-1.11",
            "title": "gutskin result",
            "stamp": json.dumps(dict(self.stamp), sort_keys=True),
        }
        return xr.Dataset(data, coords=coordinates, attrs=attributes)

    def to_netcdf(self, path: Path) -> Path:
        """Write one NetCDF file (atomically) and return its path."""
        return _write(path, lambda temporary: self.to_dataset().to_netcdf(temporary, engine="h5netcdf"))

    def to_csv(self, path: Path) -> Path:
        """Write a long table ``person,time_h,quantity,value,unit`` (atomically) and return its path."""
        import csv

        def write(temporary: Path) -> None:
            with temporary.open("w", newline="", encoding="utf-8") as file:
                table = csv.writer(file)
                table.writerow(["person", "time_h", "quantity", "value", "unit"])
                for k, person in enumerate(self.people):
                    for i, name in enumerate(self.names):
                        rows = zip(self.times, self.values[i, :, k], strict=True)
                        table.writerows(
                            [person, f"{t:g}", name, repr(float(v)), self.units[i]] for t, v in rows
                        )

        return _write(path, write)


def _write(path: Path, write: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=path.suffix)
    os.close(handle)
    temporary = Path(name)
    try:
        write(temporary)
        temporary.chmod(0o644)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return path


def read_result(path: Path) -> Result:
    """Read what :meth:`Result.to_netcdf` wrote.

    Raises
    ------
    InputError
        E252 when the file is missing or no result of gutskin.
    """
    import xarray as xr

    try:
        with xr.open_dataset(path, engine="h5netcdf", phony_dims="sort") as data:
            data.load()
    except (OSError, ValueError) as error:
        raise InputError(
            "E252", f"{path} cannot be read as a result", remedy="give a .nc file that gutskin wrote"
        ) from error
    if "stamp" not in data.attrs:
        raise InputError(
            "E252", f"{path} is NetCDF but no result of gutskin", remedy="give a .nc file that gutskin wrote"
        )
    import numpy as np

    names = tuple(str(n) for n in data.data_vars if n not in ("outcome", "failure"))
    failures = tuple(
        Failure(k, Code(int(code)), str(text), float("nan"))
        for k, (code, text) in enumerate(zip(data["outcome"].values, data["failure"].values, strict=True))
        if code
    )
    return Result(
        names, tuple(data[n].attrs["long_name"] for n in names), tuple(data[n].attrs["units"] for n in names),
        tuple(str(p) for p in data["person"].values), data["time"].values,
        np.stack([data[n].values for n in names]), failures, json.loads(data.attrs["stamp"]),
    )  # fmt: skip
