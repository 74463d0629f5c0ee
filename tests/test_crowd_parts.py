"""A part is whole only with the bytes that were written, and rows are gathered from all parts."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from gutskin.crowd import parts as crowd_parts
from gutskin.crowd.parts import (
    fault,
    has_record,
    read_record,
    record,
    rows,
    save_values,
    values_path,
    write_failures,
)
from gutskin.stream import parts_of


def part(out: Path, first: int = 0) -> Path:
    """Write a part with values and one more file."""
    path = save_values(values_path(out, first), np.arange(24.0).reshape(2, 2, 2, 3))
    more = out / "courses" / "arm" / "x.nc"
    more.parent.mkdir(parents=True, exist_ok=True)
    more.write_bytes(b"courses" * 100)
    record(out, first, [path, more], {"failures": [], "rescued": []})
    return path


def test_a_part_that_was_written_is_whole(tmp_path: Path) -> None:
    part(tmp_path)
    assert has_record(tmp_path, 0)
    assert fault(tmp_path, 0) == ""
    assert read_record(tmp_path, 0)["failures"] == []
    assert not has_record(tmp_path, 3)


@given(data=some.data())
def test_one_wrong_byte_or_a_missing_end_is_found_in_any_file(
    tmp_path_factory: pytest.TempPathFactory, data: some.DataObject
) -> None:
    out = tmp_path_factory.mktemp("part")
    part(out)
    path = data.draw(some.sampled_from(sorted(p for p in out.rglob("*") if p.is_file())))
    held = path.read_bytes()
    at = data.draw(some.integers(0, len(held) - 1))
    if data.draw(some.booleans()):
        path.write_bytes(held[:at])
    else:
        path.write_bytes(held[:at] + bytes([held[at] ^ data.draw(some.integers(1, 255))]) + held[at + 1 :])
    assert fault(out, 0) == str(path)


def test_a_missing_file_is_found(tmp_path: Path) -> None:
    path = part(tmp_path)
    path.unlink()
    assert fault(tmp_path, 0) == str(path)


@pytest.mark.parametrize("block", [1.0, 800.0, 256e6])
def test_rows_are_those_of_all_parts_side_by_side(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: float
) -> None:
    monkeypatch.setattr(crowd_parts, "BLOCK", block)
    values = np.random.default_rng(1).normal(size=(2, 3, 2, 11))
    parts = parts_of(11, 4)
    for first, count in parts:
        save_values(values_path(tmp_path, first), values[..., first : first + count])
    found = np.array(list(rows(tmp_path, parts, 2, 6)))
    assert np.array_equal(found, values.reshape(2, 6, 11).swapaxes(0, 1))


def test_the_table_of_failures(tmp_path: Path) -> None:
    failures = [
        {"person": 3, "arm": "one", "code": "NEGATIVE", "time": 1.5, "state": "x", "reason": 'it, "fell"'},
        {"person": 4, "arm": "two", "code": "NEGATIVE", "time": 0.1, "state": "", "reason": "b"},
    ]
    told: list[object] = []
    write_failures(tmp_path / "failures.csv", iter(failures), told.append)
    assert told == failures
    with (tmp_path / "failures.csv").open(newline="", encoding="utf-8") as file:
        found = list(csv.DictReader(file))
    assert list(found[0]) == ["person", "arm", "code", "time_h", "state", "reason"]
    assert list(found[0].values()) == ["3", "one", "NEGATIVE", "1.5", "x", 'it, "fell"']
    assert len(found) == 2
