"""Whole courses of many people as files: the kinds, what they need, how large they are."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path

from gutskin.errors import InputError, nearest
from gutskin.result import Result, write_atomically

NUMBER = 8  # bytes
OVERHEAD = 45_000  # bytes of a file beside its numbers: names, labels, stamp


def to_netcdf(result: Result, path: Path) -> Path:
    """Write a result as NetCDF; see :meth:`gutskin.result.Result.to_netcdf`."""
    return result.to_netcdf(path)


def to_parquet(result: Result, path: Path) -> Path:
    """Write a result as Parquet (atomically) and return its path.

    One row a person and time [h], one column a quantity with ``unit`` and ``label`` in its metadata;
    ``outcome`` as in NetCDF; title, stamp and failures are JSON in the metadata of the file.
    """
    import numpy as np
    import pyarrow as pa
    from pyarrow import parquet

    people, times = len(result.people), result.times.size
    outcome = np.zeros(people, np.int8)
    for failure in result.failures:
        outcome[failure.person] = int(failure.code)
    whose = np.repeat(np.arange(people, dtype=np.int32), times)
    columns = {
        "person": pa.DictionaryArray.from_arrays(whose, list(result.people)),
        "time": pa.array(np.tile(result.times, people)),
        "outcome": pa.array(np.repeat(outcome, times)),
        **{
            name: pa.array(result.values[row].T.ravel(), from_pandas=False)
            for row, name in enumerate(result.names)
        },
    }
    said = [{}, {"unit": "h"}, {"label": "0: finished"}]
    said += [{"unit": u, "label": x} for u, x in zip(result.units, result.labels, strict=True)]
    fields = [pa.field(n, c.type, metadata=m) for (n, c), m in zip(columns.items(), said, strict=True)]
    failures = [{**asdict(each), "code": each.code.name} for each in result.failures]
    about = {
        "title": "gutskin result",
        "stamp": json.dumps(dict(result.stamp), sort_keys=True),
        "failures": json.dumps(failures, sort_keys=True),
    }
    table = pa.table(list(columns.values()), schema=pa.schema(fields, metadata=about))
    return write_atomically(
        path, lambda temporary: parquet.write_table(table, temporary, use_dictionary=["person"])
    )


KINDS: Mapping[str, tuple[Callable[[Result, Path], Path], str, tuple[str, ...]]] = {
    "netcdf": (to_netcdf, ".nc", ("xarray", "h5netcdf", "h5py")),
    "parquet": (to_parquet, ".parquet", ("pyarrow",)),
}


def writers(kind: str) -> dict[str, str]:
    """Return the versions of the packages that write a kind; files are the same bytes with the same versions.

    Raises
    ------
    InputError
        E291 when a package is missing, E294 when there is no such kind.
    """
    from importlib.metadata import version

    if kind not in KINDS:
        raise InputError("E294", f"there is no kind of courses {kind!r}", remedy=nearest(kind, KINDS))
    needed = KINDS[kind][2]
    missing = [name for name in needed if find_spec(name) is None]
    if missing:
        remedy = f"pip install 'gutskin[{kind}]', or take another kind"
        raise InputError("E291", f"{kind} needs {', '.join(missing)}, which is not installed", remedy=remedy)
    return {name: version(name) for name in needed}


def write(result: Result, path: Path, kind: str) -> Path:
    """Write a result as a file of a kind, without an ending in ``path``, and return its path."""
    made, ending, _ = KINDS[kind]
    return made(result, path.with_suffix(ending))


def size(numbers: int, files: int) -> int:
    """Return about how many bytes so many numbers in so many files take; Parquet may take less."""
    return NUMBER * numbers + OVERHEAD * files
