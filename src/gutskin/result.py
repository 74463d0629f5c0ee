"""Results: quantity x time x person with units, failures and a provenance stamp; NetCDF and CSV."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Mapping
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
        """Return an ``xarray.Dataset``: ``values`` (quantity, time, person) with units, labels, failures.

        One array for all quantities: files of hundreds of separate variables take seconds to write.
        """
        import numpy as np
        import xarray as xr

        failed = {failure.person: failure for failure in self.failures}
        each = [failed.get(k) for k in range(len(self.people))]
        texts = {
            "failure_reason": [f.reason if f else "" for f in each],
            "failure_state": [f.state if f else "" for f in each],
        }
        coordinates = {
            "quantity": list(self.names),
            "unit": ("quantity", list(self.units)),
            "label": ("quantity", list(self.labels)),
            "time": ("time", self.times, {"units": "h"}),
            "person": list(self.people),
        }
        when = np.array([f.time if f else np.nan for f in each])
        data: dict[str, Any] = {
            "values": (("quantity", "time", "person"), self.values, {"units": "see the coordinate unit"}),
            "outcome": (
                "person",
                np.array([int(f.code) if f else 0 for f in each]),
                {"long_name": "0: finished"},
            ),
            "failure_time": ("person", when, {"units": "h"}),
            **{name: ("person", np.array(said, dtype=object)) for name, said in texts.items()},
        }
        attributes = {"title": "gutskin result", "stamp": json.dumps(dict(self.stamp), sort_keys=True)}
        return xr.Dataset(data, coords=coordinates, attrs=attributes)

    def to_netcdf(self, path: Path) -> Path:
        """Write one NetCDF file (atomically) and return its path."""
        return write_atomically(
            path, lambda temporary: self.to_dataset().to_netcdf(temporary, engine="h5netcdf")
        )

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

        return write_atomically(path, write)


UNFINISHED = ".writing-"  # how the name of a file begins that nobody finished


def write_atomically(path: Path, write: Callable[[Path], Any]) -> Path:
    """Write a file through a temporary one beside it, so that nothing half-written is ever seen."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=UNFINISHED, suffix=path.suffix)
    os.close(handle)
    temporary = Path(name)
    try:
        write(temporary)
        temporary.chmod(0o644)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return path


def write_text(path: Path, text: str) -> Path:
    """Write a text file (atomically) and return its path."""
    return write_atomically(path, lambda temporary: temporary.write_text(text, encoding="utf-8"))


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
    failures = tuple(
        Failure(k, Code(int(code)), str(reason), float(time), str(state))
        for k, (code, reason, time, state) in enumerate(
            zip(
                *(data[n].values for n in ("outcome", "failure_reason", "failure_time", "failure_state")),
                strict=True,
            )
        )
        if code
    )
    names, labels, units, people = (
        tuple(str(each) for each in data[name].values) for name in ("quantity", "label", "unit", "person")
    )
    stamp = json.loads(data.attrs["stamp"])
    return Result(names, labels, units, people, data["time"].values, data["values"].values, failures, stamp)
