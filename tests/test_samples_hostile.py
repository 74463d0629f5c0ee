"""Hostile and broken files: a code, a place and a remedy, exit status 2, and nothing written anywhere."""

from __future__ import annotations

import os
import random
import resource
import runpy
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from gutskin.errors import InputError
from gutskin.samples import read_samples
from gutskin.samples.content import open_content
from gutskin.samples.readers import biom

made = SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("sample_files.py"))))
BAD = Path(__file__).parent / "bad" / "samples"
HOSTILE = sorted(path for path in BAD.iterdir() if path.name.startswith("E50"))


@pytest.mark.parametrize("path", HOSTILE, ids=lambda path: path.name)
def test_the_command_line_ends_with_status_2_and_writes_nothing(path: Path, tmp_path: Path) -> None:
    """In an empty folder, and with no more memory than the limits of reading need."""
    script = (
        "import resource; resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))\n"
        "from gutskin.cli import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, "sample", str(path)],
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60,
        env={**os.environ, "HOME": str(tmp_path), "TMPDIR": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 2, done.stderr
    assert path.name[:4] in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def _refused(data: bytes, tmp_path: Path) -> str:
    path = tmp_path / "file"
    path.write_bytes(data)
    with pytest.raises(InputError) as caught:
        read_samples(path, site="stool")
    assert caught.value.remedy
    assert "file" in caught.value.where
    return caught.value.code


def test_a_pickle_is_never_loaded(tmp_path: Path) -> None:
    import pickle

    class Trap:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return (os.mkdir, (str(tmp_path / "harm"),))

    for protocol in range(6):
        assert _refused(pickle.dumps(Trap(), protocol), tmp_path) == "E507"
        assert _refused(pickle.dumps([1, 2], protocol), tmp_path) in {"E507", "E306"}
    assert not (tmp_path / "harm").exists()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "E305"),
        (b"PAR1" + bytes(60), "E305"),
        (b"A\n3\n262657\n197888\n5\nUTF-8\n", "E305"),
        (b"x/data/table\0" + bytes(244) + b"ustar\x0000" + bytes(200), "E305"),
        (b"<html><body>Not found</body></html>", "E304"),
        (made.zipped({"arr_0.npy": b"\x93NUMPY"}), "E507"),
        (made.zipped({"content.xml": b"", "mimetype": b""}), "E305"),
        (made.zipped({"u/data/index.html": b""}), "E504"),
        (made.qza("feature-table.biom", b"no table", "FeatureTable[Frequency]"), "E319"),
        (made.biom_json(data=[[1, 2], [3]]), "E319"),
        (made.biom_json(shape=[4, 3]), "E508"),
        (made.biom_json(matrix_type="sparse", data=[[0, 0, 1], [-1, 0, 2]]), "E508"),
        (made.biom_json(matrix_type="sparse", data=[[0.5, 0, 1]]), "E508"),
        (made.biom_json(data=[[1, float("nan")], [0, 0], [0, 0], [0, 0]]), "E313"),
        (made.biom_json(data=[[1, float("inf")], [0, 0], [0, 0], [0, 0]]), "E313"),
        (made.biom_json(data=[[1, -2], [0, 0], [0, 0], [0, 0]]), "E312"),
        (made.biom_json(columns=[{"id": "a", "metadata": None}] * 2), "E317"),
        (made.biom_json(rows=[{"id": "a", "metadata": {"taxonomy": ["g__B"]}}] * 4), "E314"),
        (made.biom_json(rows=[], data=[], shape=[0, 2]), "E320"),
        (b'{"a":' * 50_000, "E509"),
        (b"[]", "E319"),
        (made.biom_hdf5(shape=(4, 3)), "E508"),
        (made.biom_hdf5(observation__matrix__indptr=np.array([0, 9, 9, 9, 7])), "E508"),
        (made.biom_hdf5(observation__matrix__data=np.array([np.nan] * 7)), "E313"),
        (made.biom_hdf5(observation__matrix__data=np.array([-1.0] * 7)), "E312"),
        (made.biom_hdf5(sample__ids=np.array(["a", "a"], dtype=object)), "E317"),
        (made.biom_hdf5()[:3000], "E319"),
        (b"taxon\tada.stool\nBlautia\t1_000\n", "E311"),
        (b"taxon\tada.stool\nBlautia\t1e999\n", "E313"),
        (b"taxon\tada.stool\nBlautia\t-inf\n", "E313"),
        (b"100.00\t9\t9\tD\t2\tBacteria\n 10.00\t9\t-9\tP\t3\t  Bacillota\n", "E312"),
        (b"100.00\t9\tnan\tD\t2\tBacteria\n", "E313"),
        (b"100.00\t9\t9\tD\t2\tBacteria\n100.00\t9\n", "E310"),
        (b"100.00\t9\t9\tU\t0\tunclassified\n", "E316"),
        (b"".join(b"1.00\t9\t0\tG\t2\t%sx\n" % (b" " * k) for k in range(1000)), "E509"),
        (b"label\tGroup\tnumOtus\tOtu1\n0.03\tada.stool\n", "E310"),
        (b"label\tGroup\tnumOtus\tOtu1\n", "E320"),
        (b"name\ttaxonomy_id\ttaxonomy_lvl\nBlautia\t1\tG\n", "E320"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_broken_tables_are_refused(data: bytes, code: str, tmp_path: Path) -> None:
    assert _refused(data, tmp_path) == code


def test_hdf5_that_leads_elsewhere_is_refused(tmp_path: Path) -> None:
    import h5py

    def virtual(file: object, name: str) -> None:
        layout = h5py.VirtualLayout(shape=(7,), dtype="f8")
        layout[:] = h5py.VirtualSource(str(tmp_path / "secret.h5"), "x", shape=(7,))
        file.create_virtual_dataset(name, layout)  # type: ignore[attr-defined]

    def outside(file: object, name: str) -> None:
        stored = [(str(tmp_path / "secret"), 0, 56)]
        file.create_dataset(name, shape=(7,), dtype="f8", external=stored)  # type: ignore[attr-defined]

    def soft(file: object, name: str) -> None:
        file[name] = h5py.SoftLink("/observation/matrix/indices")  # type: ignore[index]

    for harm in (virtual, outside, soft):
        assert _refused(made.biom_hdf5(observation__matrix__data=harm), tmp_path) == "E510"


def test_hdf5_of_very_many_parts_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from gutskin.samples.readers import hdf5

    monkeypatch.setattr(hdf5, "_MOST_PARTS", 5)
    assert _refused(made.biom_hdf5(), tmp_path) == "E508"


def test_text_that_nearly_looks_like_a_profile_is_told_in_a_moment(tmp_path: Path) -> None:
    begin = time.process_time()
    assert _refused(b"k__Bacteria\n" * 50_000, tmp_path) == "E306"
    assert time.process_time() - begin < 5.0


def test_a_heap_on_which_the_library_would_search_for_ever_is_refused(tmp_path: Path) -> None:
    data = bytearray(made.biom_hdf5())
    start = data.find(b"GCOL")
    data[start + 24] = 0xFF
    assert _refused(bytes(data), tmp_path) == "E319"


def test_json_over_its_limit_is_refused_before_it_is_parsed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(biom, "MOST_JSON", 100)
    assert _refused(made.biom_json(), tmp_path) == "E500"


def test_a_file_without_an_end_is_read_to_the_limit_only(monkeypatch: pytest.MonkeyPatch) -> None:
    from gutskin.samples import content

    monkeypatch.setattr(content, "MOST_STORED", 1 << 20)
    with pytest.raises(InputError, match="E500 the file is larger than 1 MiB in all"):
        open_content("/dev/zero")


SOUND = {path.name: path.read_bytes() for path in sorted(made.FOLDER.iterdir())}


@pytest.mark.parametrize("name", SOUND)
def test_a_file_with_random_faults_is_read_or_refused_but_never_crashes(name: str, tmp_path: Path) -> None:
    chance = random.Random(name)
    path = tmp_path / name
    refusals = []
    for _ in range(15):
        data = bytearray(SOUND[name])
        for _ in range(chance.choice((1, 3, 10))):
            data[chance.randrange(len(data))] = chance.choice((chance.randrange(256), 0, 255, 45, 10))
        path.write_bytes(bytes(data[: chance.randrange(1, len(data))] if chance.random() < 0.3 else data))
        for table, taxonomy in ((path, None), (made.FOLDER / "feature_table.qza", path)):
            try:
                read_samples(table, site="stool", taxonomy=taxonomy)
            except InputError as error:
                refusals.append(error)
    assert refusals
    assert all(error.remedy for error in refusals)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 3 << 20  # [KiB]
