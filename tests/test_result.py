"""Results: what a file holds is what the run gave, and a window means what it says."""

from __future__ import annotations

import csv
import math
import stat
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from gutskin.engine.outcome import Code, Failure
from gutskin.errors import InputError
from gutskin.result import Result, Series, read_result

TIMES = np.arange(0.0, 72.1, 4.0)


def result(values: np.ndarray | None = None, **more: object) -> Result:
    """Three quantities, two people; the second fails at 30 h."""
    if values is None:
        values = np.random.default_rng(1).normal(size=(3, TIMES.size, 2))
        values[:, TIMES >= 30, 1] = np.nan
    parts = {
        "names": ("gut_scfa", "skin_ph", "tally_N"),
        "labels": ("Short-chain fatty acids", "Skin pH", "N that left the person"),
        "units": ("mmol/L", "1", "mmol"),
        "people": ("ada", "bob"),
        "times": TIMES,
        "values": values,
        "failures": (Failure(1, Code.NEGATIVE, "x fell below zero", 30.25, "x"),),
        "stamp": {
            "seed": 1,
            "model_hash": "ab12",
            "solver": {"method": "LSODA", "rtol": 1e-6},
            "warnings": ["w"],
        },
    }
    return Result(**{**parts, **more})  # type: ignore[arg-type]


def line(values: object, times: object = TIMES) -> Series:
    return Series("x", "The x", "1", np.asarray(times, float), np.asarray(values, float).reshape(-1, 1))


# ---- files


def test_netcdf_round_trip(tmp_path: Path) -> None:
    made = result()
    got = read_result(made.to_netcdf(tmp_path / "deep" / "run.nc"))
    assert (got.names, got.labels, got.units, got.people) == (
        made.names,
        made.labels,
        made.units,
        made.people,
    )
    np.testing.assert_array_equal(got.times, made.times)
    np.testing.assert_array_equal(got.values, made.values)
    assert got.stamp == made.stamp


def test_failures_survive_the_file(tmp_path: Path) -> None:
    (failure,) = read_result(result().to_netcdf(tmp_path / "run.nc")).failures
    assert (failure.person, failure.code) == (1, Code.NEGATIVE)
    assert (failure.reason, failure.time, failure.state) == ("x fell below zero", 30.25, "x")


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=arrays.arrays(float, (3, 4, 2), elements=st.floats(width=64)))
def test_every_number_survives_to_the_last_bit(tmp_path: Path, values: np.ndarray) -> None:
    made = result(values, times=np.arange(4.0) * 4, failures=())
    got = read_result(made.to_netcdf(tmp_path / "run.nc"))
    np.testing.assert_array_equal(got.values, values)


def test_names_of_any_alphabet_survive(tmp_path: Path) -> None:
    got = read_result(result(people=("Åse", "王")).to_netcdf(tmp_path / "run.nc"))
    assert got.people == ("Åse", "王")


def test_the_dataset_says_units_labels_and_outcome() -> None:
    data = result().to_dataset()
    scfa = data["values"].sel(quantity="gut_scfa")
    assert (str(scfa["unit"].values), str(scfa["label"].values)) == ("mmol/L", "Short-chain fatty acids")
    assert data["time"].attrs["units"] == "h"
    assert data["outcome"].values.tolist() == [0, 2]
    assert data["failure_reason"].values.tolist() == ["", "x fell below zero"]
    assert data["failure_time"].values[1] == 30.25


def test_other_tools_can_read_the_file(tmp_path: Path) -> None:
    import h5py

    path = result().to_netcdf(tmp_path / "run.nc")
    with h5py.File(path) as file:
        row = list(file["quantity"].asstr()).index("skin_ph")
        assert file["values"][row].shape == (TIMES.size, 2)
        assert file["unit"].asstr()[row] == "1"


def test_csv_is_a_long_table_with_units(tmp_path: Path) -> None:
    made = result()
    with made.to_csv(tmp_path / "run.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["person", "time_h", "quantity", "value", "unit"]
    assert len(rows) == made.values.size
    units = dict(zip(made.names, made.units, strict=True))
    for row in rows:
        assert row["unit"] == units[row["quantity"]]
        i, k = made.names.index(row["quantity"]), made.people.index(row["person"])
        value = made.values[i, np.flatnonzero(made.times == float(row["time_h"]))[0], k]
        assert float(row["value"]) == value or (math.isnan(value) and row["value"] == "nan")


@pytest.mark.parametrize("kind", ["to_netcdf", "to_csv"])
def test_writing_leaves_one_readable_file_and_nothing_else(tmp_path: Path, kind: str) -> None:
    path = getattr(result(), kind)(tmp_path / "run.out")
    assert [each.name for each in tmp_path.iterdir()] == ["run.out"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_a_write_that_fails_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "run.nc"
    result().to_netcdf(path)
    before = path.read_bytes()
    with pytest.raises(TypeError):
        result(stamp={"cannot be written": object()}).to_netcdf(path)
    with pytest.raises(ValueError, match="zip"):
        result(times=TIMES[:-1]).to_csv(tmp_path / "run.csv")
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["run.nc"]


def test_a_folder_in_the_way_leaves_no_other_file(tmp_path: Path) -> None:
    (tmp_path / "run.csv").mkdir()
    with pytest.raises(OSError, match=r"run\.csv"):
        result().to_csv(tmp_path / "run.csv")
    assert [each.name for each in tmp_path.iterdir()] == ["run.csv"]


def not_there(path: Path) -> None:
    pass


def empty(path: Path) -> None:
    path.write_bytes(b"")


def words(path: Path) -> None:
    path.write_text("<html>not found</html>")


def folder(path: Path) -> None:
    path.mkdir()


def cut_short(path: Path) -> None:
    result().to_netcdf(path)
    path.write_bytes(path.read_bytes()[:3000])


def other_netcdf(path: Path) -> None:
    import xarray as xr

    xr.Dataset({"x": ("t", [1.0])}).to_netcdf(path, engine="h5netcdf")


def other_hdf5(path: Path) -> None:
    import h5py

    with h5py.File(path, "w") as file:
        file["x"] = [1.0, 2.0]


@pytest.mark.parametrize(
    "make", [not_there, empty, words, folder, cut_short, other_netcdf, other_hdf5], ids=lambda f: f.__name__
)
def test_what_is_no_result_is_refused(tmp_path: Path, make: object) -> None:
    path = tmp_path / "run.nc"
    make(path)  # type: ignore[operator]
    with pytest.raises(InputError, match="E252") as caught:
        read_result(path)
    assert str(path) in caught.value.message
    assert caught.value.remedy


# ---- series


def test_a_quantity_by_name() -> None:
    got = result()["skin_ph"]
    assert (got.name, got.label, got.unit) == ("skin_ph", "Skin pH", "1")
    np.testing.assert_array_equal(got.values, result().values[1])


def test_an_unknown_quantity_is_answered_with_the_nearest() -> None:
    with pytest.raises(InputError, match=r"E250.*did you mean skin_ph"):
        result()["skin_pH2"]


def test_at_takes_the_nearest_output() -> None:
    got = line(np.arange(TIMES.size))
    assert [got.at(day)[0] for day in (0, 1, 1.02, 3, 99)] == [0, 6, 6, 18, 18]


def test_mean_is_over_the_days_with_both_ends() -> None:
    got = line(TIMES)
    assert got.mean(1, 2)[0] == 36.0
    assert got.mean(0, 3)[0] == 36.0
    assert got.mean(1, 1)[0] == 24.0


def test_mean_of_a_window_without_output_is_refused() -> None:
    for window in ((4, 5), (0.05, 0.1), (2, 1)):
        with pytest.raises(InputError, match="E251"):
            line(TIMES).mean(*window)


def test_mean_is_missing_when_any_value_in_it_is() -> None:
    got = result()["gut_scfa"]
    assert np.isfinite(got.mean(0, 1)).all()
    np.testing.assert_array_equal(np.isnan(got.mean(1, 2)), [False, True])


def test_daily_starts_with_the_first_value_and_then_has_a_mean_a_day() -> None:
    days, values = line(TIMES**2).daily()
    np.testing.assert_array_equal(days, [0, 1, 2, 3])
    wanted = [0.0, *((TIMES[6 * d : 6 * d + 7] ** 2).mean() for d in range(3))]
    np.testing.assert_allclose(values[:, 0], wanted)


@settings(deadline=None)
@given(last=st.integers(1, 200))
def test_daily_has_one_row_a_whole_day(last: int) -> None:
    times = np.arange(last + 1) * 4.0
    days, values = line(np.full(times.size, 7.0), times).daily()
    assert days.size == last // 6 + 1
    np.testing.assert_array_equal(values, 7.0)


def test_daily_means_after_a_failure_are_missing() -> None:
    _, values = result()["skin_ph"].daily()
    np.testing.assert_array_equal(np.isnan(values[:, 1]), [False, False, True, True])
