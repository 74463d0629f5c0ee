"""Archives are looked into in memory; names and links that lead elsewhere, bombs and floods are refused."""

from __future__ import annotations

import runpy
import stat
import zipfile
from pathlib import Path

import pytest

from gutskin.errors import InputError
from gutskin.samples import archive
from gutskin.samples.archive import Archive

zipped = runpy.run_path(str(Path(__file__).with_name("sample_files.py")))["zipped"]
HERE = Path("a.qza")


def _refused(data: bytes) -> InputError:
    with pytest.raises(InputError) as caught:
        Archive(data, HERE)
    assert caught.value.remedy
    assert "a.qza" in caught.value.where
    return caught.value


def test_files_are_found_in_the_archive_or_in_its_one_folder() -> None:
    found = Archive(zipped({"u/data/x.tsv": b"one", "u/VERSION": b"", "v/w/data/x.tsv": b"deeper"}), HERE)
    assert found.matching("data/x.tsv") == ("u/data/x.tsv",)
    assert found.read("u/data/x.tsv") == b"one"


@pytest.mark.parametrize(
    "name", ["../x.tsv", "u/../../x", "/etc/passwd", "..\\x.tsv", "C:/x.tsv", "\\\\host\\share", "u/data/.."]
)
def test_a_name_that_leads_out_is_refused(name: str) -> None:
    assert _refused(zipped({name: b""})).code == "E502"


def test_links_and_names_that_stand_twice_are_refused(recwarn: pytest.WarningsRecorder) -> None:
    link = zipped({"u/data/x.tsv": b"/etc/passwd"}, external_attr=(stat.S_IFLNK | 0o777) << 16)
    assert _refused(link).code == "E502"
    one = bytearray(zipped({"a": b"1", "b": b"2"}))
    assert _refused(bytes(one.replace(b"b", b"a"))).code == "E502"


def test_a_flood_of_files_is_refused_by_its_count_and_by_what_it_says_of_itself() -> None:
    many = zipped({f"{k}": b"" for k in range(archive.MOST_MEMBERS + 1)})
    assert _refused(many).code == "E503"
    end = many.rfind(b"PK\x05\x06")
    modest = many[: end + 8] + (1).to_bytes(2, "little") * 2 + many[end + 12 :]
    assert _refused(modest).code == "E503"  # the list itself is long
    one = zipped({"a": b""})
    end = one.rfind(b"PK\x05\x06")
    assert _refused(one[: end + 8] + b"\xff" * 4 + one[end + 12 :]).code == "E503"


@pytest.mark.parametrize("cut", [1, 30, 100, 250])
def test_an_archive_that_is_cut_off_is_refused(cut: int) -> None:
    data = zipped({"u/data/x.tsv": bytes(range(256)), "u/VERSION": b"1"})
    assert _refused(data[:-cut]).code == "E501"


def test_a_bomb_inside_is_read_to_the_limit_only() -> None:
    found = Archive(zipped({"a": bytes(1 << 20), "b": b""}), HERE)
    assert len(found.read("a")) == 1 << 20
    with pytest.raises(InputError, match=r"E500.*a\.qza, a"):
        found.read("a", most=(1 << 20) - 1)


@pytest.mark.parametrize("change", ["content", "password"])
def test_a_member_that_cannot_be_unpacked_is_refused(change: str) -> None:
    data = bytearray(zipped({"a": b"some text of a table, some text of a table"}))
    if change == "content":
        data[40] ^= 0xFF
    else:
        for start in (data.find(b"PK\x03\x04") + 6, data.find(b"PK\x01\x02") + 8):
            data[start] |= 1
    with pytest.raises(InputError, match="E501"):
        Archive(bytes(data), HERE).read("a")


def test_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(zipfile.ZipFile, "extract", None)
    monkeypatch.setattr(zipfile.ZipFile, "extractall", None)
    assert Archive(zipped({"u/data/x.tsv": b"one"}), HERE).read("u/data/x.tsv") == b"one"
    _refused(zipped({"../x.tsv": b"two"}))
    assert list(tmp_path.iterdir()) == []
