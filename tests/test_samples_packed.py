"""Unpacking: whole streams come out as they went in, cut ones are refused, and bombs stop at the limit."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gutskin.errors import InputError
from gutskin.samples import packed

PACKINGS = {"gzip": gzip, "bzip2": bz2, "xz": lzma}
HERE = Path("a.tsv")


@pytest.mark.parametrize("name", PACKINGS)
@given(data=st.binary(max_size=5000), twice=st.booleans())
def test_what_was_packed_comes_out_also_of_two_streams_in_a_row(name: str, data: bytes, twice: bool) -> None:
    stream = PACKINGS[name].compress(data)
    assert packed.unpack(stream * (1 + twice), HERE) == data * (1 + twice)


@pytest.mark.parametrize("name", PACKINGS)
def test_more_than_one_piece_comes_out_whole(name: str) -> None:
    data = os.urandom(packed.MIB) * 3 + b"end"
    assert packed.unpack(PACKINGS[name].compress(data), HERE) == data


@pytest.mark.parametrize("name", PACKINGS)
@pytest.mark.parametrize("cut", [1, 5, 40])
def test_a_stream_that_is_cut_off_is_refused(name: str, cut: int) -> None:
    stream = PACKINGS[name].compress(os.urandom(500))
    with pytest.raises(InputError, match=r"E303.*a\.tsv") as caught:
        packed.unpack(stream[:-cut], HERE)
    assert caught.value.remedy


@pytest.mark.parametrize("name", PACKINGS)
def test_a_bomb_stops_at_the_limit(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed, "MOST_TEXT", 5 * packed.MIB)
    with pytest.raises(InputError, match="E500 the file is larger than 5 MiB unpacked"):
        packed.unpack(PACKINGS[name].compress(bytes(6 * packed.MIB)), HERE)
    assert len(packed.unpack(PACKINGS[name].compress(bytes(5 * packed.MIB)), HERE)) == 5 * packed.MIB


def test_a_bomb_of_six_gigabytes_needs_no_more_memory_than_the_limit(tmp_path: Path) -> None:
    """In a process that may not have two GiB; each stream of the file makes 64 MiB."""
    path = tmp_path / "bomb.tsv.gz"
    path.write_bytes(gzip.compress(bytes(64 * packed.MIB)) * 100)
    script = (
        "import resource, sys\n"
        "resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))\n"
        "from gutskin.samples.content import open_content\n"
        "open_content(sys.argv[1])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=False
    )
    assert "E500" in done.stderr
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 2 << 20  # [KiB]


def test_more_is_read_of_binary_tables_than_of_text() -> None:
    assert packed.most_of(packed.HDF5) == packed.most_of(b"RDX3\nX\n") == packed.MOST_BINARY
    assert packed.most_of(b"taxon\tada.stool") == packed.MOST_TEXT
    assert packed.unpack(b"plain", HERE) == b"plain"
