"""Files of whole courses hold what the result holds, and the same result is the same bytes."""

from __future__ import annotations

import json
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest
from pyarrow import parquet

from gutskin.crowd import courses
from gutskin.engine.outcome import Code, Failure
from gutskin.errors import InputError
from gutskin.result import Result, read_result

TIMES = np.arange(0.0, 48.1, 4.0)


@pytest.fixture
def result() -> Result:
    """Two quantities, three people; the second fails at 20 h."""
    values = np.random.default_rng(1).normal(size=(2, TIMES.size, 3))
    values[:, TIMES >= 20, 1] = np.nan
    failure = Failure(1, Code.NEGATIVE, "level fell below zero", 20.0, "level")
    names = (("level", "half"), ("Level, as seen", "Half of it"), ("ug/cm2", "1"))
    return Result(*names, ("17", "18", "19"), TIMES, values, (failure,), {"seed": 3, "people": {}})


@pytest.mark.parametrize("kind", courses.KINDS)
def test_the_same_result_is_the_same_bytes(result: Result, tmp_path: Path, kind: str) -> None:
    one = courses.write(result, tmp_path / "one", kind)
    time.sleep(1.1)  # a file that noted when it was made would differ
    two = courses.write(result, tmp_path / "two", kind)
    assert one.suffix == courses.KINDS[kind][1]
    assert one.read_bytes() == two.read_bytes()
    assert {path.name for path in tmp_path.iterdir()} == {one.name, two.name}


def test_netcdf_is_that_of_a_result(result: Result, tmp_path: Path) -> None:
    again = read_result(courses.write(result, tmp_path / "one", "netcdf"))
    assert np.array_equal(again.values, result.values, equal_nan=True)
    assert (again.names, again.labels, again.units) == (result.names, result.labels, result.units)
    assert (again.people, again.failures, again.stamp) == (result.people, result.failures, result.stamp)


def test_parquet_holds_every_number_with_unit_label_stamp_and_failures(
    result: Result, tmp_path: Path
) -> None:
    table = parquet.read_table(courses.write(result, tmp_path / "one", "parquet"))
    assert table.column_names == ["person", "time", "outcome", *result.names]
    assert table.num_rows == TIMES.size * 3
    rows = table.to_pylist()
    for k, person in enumerate(result.people):
        own = [row for row in rows if row["person"] == person]
        assert [row["time"] for row in own] == TIMES.tolist()
        assert {row["outcome"] for row in own} == {int(Code.NEGATIVE) if k == 1 else 0}
        for q, name in enumerate(result.names):
            said = [row[name] for row in own]
            assert all(isinstance(value, float) for value in said), "a missing number is NaN, not null"
            assert np.array_equal(said, result.values[q, :, k], equal_nan=True)
    assert table.schema.field("level").metadata == {b"unit": b"ug/cm2", b"label": b"Level, as seen"}
    assert table.schema.field("time").metadata == {b"unit": b"h"}
    about = table.schema.metadata
    assert json.loads(about[b"stamp"]) == result.stamp
    (failure,) = json.loads(about[b"failures"])
    assert failure == {
        "person": 1, "code": "NEGATIVE", "reason": "level fell below zero", "time": 20.0, "state": "level",
    }  # fmt: skip


@pytest.mark.parametrize("kind", courses.KINDS)
def test_the_size_that_is_said_is_about_the_size(tmp_path: Path, kind: str) -> None:
    times, many = np.arange(0.0, 400.0), 100
    values = np.random.default_rng(1).normal(size=(5, times.size, many))
    names = tuple(f"q{k}" for k in range(5))
    found = Result(names, names, ("1",) * 5, tuple(map(str, range(many))), times, values, (), {})
    size = courses.write(found, tmp_path / "one", kind).stat().st_size
    assert size == pytest.approx(courses.size(values.size, 1), rel=0.05)


def test_writers_are_those_that_are_installed() -> None:
    assert courses.writers("parquet") == {"pyarrow": version("pyarrow")}
    assert set(courses.writers("netcdf")) == {"xarray", "h5netcdf", "h5py"}


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(InputError, match=r"E294.*parquet"):
        courses.writers("parket")


def test_a_package_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(courses, "find_spec", lambda _: None)
    with pytest.raises(InputError, match=r"E291 parquet needs pyarrow.*pip install 'gutskin\[parquet\]'"):
        courses.writers("parquet")


def test_nothing_stays_of_a_file_that_could_not_be_written(
    result: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(parquet, "write_table", broken)
    with pytest.raises(OSError, match="No space"):
        courses.to_parquet(result, tmp_path / "one.parquet")
    assert list(tmp_path.iterdir()) == []
