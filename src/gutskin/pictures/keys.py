"""Keys and values of picture files: what is not known or of another kind is refused with its place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gutskin.errors import InputError, nearest
from gutskin.ledger import is_number

_WORDS = {str: "text in quotes", list: "a list", dict: "a table", int: "a whole number", bool: "true"}


def check(data: Any, keys: set[str], where: str) -> None:
    """Refuse what is no table, or has another key."""
    if not isinstance(data, dict):
        raise InputError("E441", f"{data!r} is no table", where=where, remedy=f"keys: {', '.join(keys)}")
    unknown = sorted(set(data) - keys)
    if unknown:
        remedy = nearest(unknown[0], keys) or f"keys: {', '.join(sorted(keys))}"
        raise InputError("E441", f"key {unknown[0]!r} is not known", where=where, remedy=remedy)


def typed(data: Mapping[str, Any], key: str, kind: type, where: str, default: Any = None) -> Any:
    """Return the value of a key; needed when it has no default."""
    value = data.get(key, default)
    if not isinstance(value, kind) or (default is None and not value):
        raise InputError("E441", f"{key} = {value!r}", where=where, remedy=f"give {_WORDS[kind]}")
    return value


def number(data: Mapping[str, Any], key: str, where: str) -> float:
    """Return a number that is needed."""
    value = data.get(key)
    if not is_number(value):
        raise InputError("E441", f"{key} = {value!r}", where=where, remedy="give a number")
    return float(value)  # type: ignore[arg-type]
