"""The words and scales of ``assets/words.toml``, and the assets themselves."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def asset(name: str) -> str:
    """Return the text of a file of ``report/assets``."""
    return (files("gutskin.report") / "assets" / name).read_text(encoding="utf-8")


@cache
def _words() -> dict[str, Any]:
    return tomllib.loads(asset("words.toml"))


def say(table: str, key: str) -> str:
    """Return the word for ``key`` in ``table``; an unlisted key is its own word."""
    return str(_words()[table].get(key, key))


def groups(present: set[str]) -> list[str]:
    """Return the groups that are present in the order of the page, unlisted ones last by name."""
    listed = [each for each in _words()["groups"] if each in present]
    return listed + sorted(present.difference(listed))


def is_log(unit: str) -> bool:
    """Say whether quantities of this unit are drawn and compared on a log10 scale."""
    return unit in _words()["log10"]["units"]
