"""Frozen dataclasses to JSON and back, by their annotations.

Fields are numbers, text, other such classes, mappings by text, and tuples; JSON's lists are tuples. Every
number keeps all its bits.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")
Reader = Callable[[Any], Any]


def to_json(value: Any) -> str:
    """Return an object and all it holds as JSON; what is computed from its fields is left out."""
    return json.dumps(value, default=_fields, separators=(",", ":"))


def from_json(kind: type[T], text: str) -> T:
    """Return the object of a class that :func:`to_json` wrote.

    Raises
    ------
    ValueError, TypeError, KeyError, AttributeError
        When the text holds anything else.
    """
    reader: Callable[[Any], T] = _reader(kind)  # type: ignore[arg-type]
    return reader(json.loads(text))


def _fields(value: Any) -> dict[str, Any]:
    return {each.name: getattr(value, each.name) for each in fields(value)}


@cache
def _reader(hint: Any) -> Reader:
    """Return what makes a value of an annotation from JSON."""
    origin, parts = get_origin(hint), get_args(hint)
    if is_dataclass(hint):
        return _class_reader(hint)
    if origin is tuple:
        return _tuple_reader(parts)
    if origin in (Union, UnionType):
        (inner,) = (_reader(part) for part in parts if part is not type(None))
        return lambda data: None if data is None else inner(data)
    if origin is Mapping:
        each = _reader(parts[1])
        return lambda data: {name: each(value) for name, value in data.items()}
    return _tuples if hint is Any else _same


def _class_reader(kind: Any) -> Reader:
    readers = {name: _reader(hint) for name, hint in get_type_hints(kind).items()}
    names = [each.name for each in fields(kind)]
    parts = {name: readers[name] for name in names if readers[name] is not _same}

    def read(data: dict[str, Any]) -> Any:
        for name, reader in parts.items():
            data[name] = reader(data[name])
        return kind(**data)

    return read


def _tuple_reader(parts: tuple[Any, ...]) -> Reader:
    readers = [_reader(part) for part in parts if part is not Ellipsis]
    if len(parts) == 2 and parts[1] is Ellipsis:
        (one,) = readers
        return tuple if one is _same else lambda data: tuple(one(value) for value in data)
    return lambda data: tuple(reader(value) for reader, value in zip(readers, data, strict=True))


def _tuples(data: Any) -> Any:
    return tuple([_tuples(part) for part in data]) if isinstance(data, list) else data


def _same(data: Any) -> Any:
    return data
