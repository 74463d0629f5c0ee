"""Noise between samples of one person: read with source and grade, refused without."""

from __future__ import annotations

from pathlib import Path

import pytest

from gutskin.errors import LibraryError
from gutskin.paths import LIBRARY
from gutskin.samples.noise import USUAL, read_noise
from gutskin.samples.taxa import load_taxa

ROW = '{} = {{ value = {}, source = "none", where = "", grade = "assumed" }}\n'
RIGHT = "[pond]\n" + ROW.format("usual", 2) + ROW.format("carp", 3.5)


def put(folder: Path, text: str) -> Path:
    (folder / "measurement.toml").write_text(text, encoding="utf-8")
    return folder


def test_a_guild_has_its_own_or_the_usual(tmp_path: Path) -> None:
    noise = read_noise(put(tmp_path, RIGHT))
    assert noise.of("pond", "carp") == 3.5
    assert noise.of("pond", "pike") == 2.0


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("value = 3.5", "value = 0.9"),
        ("value = 3.5", 'value = "3.5"'),
        ("value = 3.5", "value = inf"),
        ("value = 3.5", "value = true"),
        ('"none"', '""'),
        ('grade = "assumed"', 'grade = "sure"'),
        ("usual", "common"),
        ("[pond]", "depth = 3\n[pond]"),
        (RIGHT, "[pond]\ncarp = 3.5\n"),
    ],
)
def test_a_wrong_row_is_refused(tmp_path: Path, old: str, new: str) -> None:
    with pytest.raises(LibraryError, match="E583") as caught:
        read_noise(put(tmp_path, RIGHT.replace(old, new, 1)))
    assert caught.value.where == "measurement.toml"


def test_the_library_has_noise_for_every_guild_it_can_show() -> None:
    noise = read_noise()
    for guild in load_taxa().guilds.values():
        assert 1.0 <= noise.of(guild.site, guild.name) <= 10.0
    assert USUAL not in {name for table in noise.guilds.values() for name in table}
    assert (LIBRARY / "measurement.toml").is_file()
