"""What an R data file holds: numbers, texts and lists with their attributes. Nothing in it is ever run.

The file is parsed with the package rdata, behind a guard: every length is held against the bytes that are
there, the number of objects is limited, and compiled code, which only a program would need, is refused.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gutskin.errors import InputError
from gutskin.samples.content import Content

MOST_OBJECTS = 2_000_000  # [1] objects in a file; every text is one
_LATIN = 1 << 2  # the flag of a text in the older encoding
_NUMBERS = ("INT", "REAL", "LGL")
_NESTED = ("E505", "objects are nested too deep")


class RObject:
    """One object of an R data file.

    Parameters
    ----------
    raw
        The object as rdata parsed it.
    """

    def __init__(self, raw: Any) -> None:
        self._raw = raw

    @property
    def kind(self) -> str:
        """Its R type, such as ``"INT"``, ``"STR"``, ``"VEC"`` (a list), ``"S4"``."""
        return str(self._raw.info.type.name)

    @cached_property
    def attributes(self) -> dict[str, RObject]:
        """Attributes and slots by name."""
        return {name: each for name, each in _pairs(self._raw.attributes) if name}

    @property
    def is_numeric(self) -> bool:
        """Whether it holds numbers that are no codes of levels."""
        return self.kind in _NUMBERS and "levels" not in self.attributes

    @property
    def classes(self) -> tuple[str, ...]:
        """Classes it says it is of."""
        return tuple(
            text
            for name in ("class", ".S3Class")
            if name in self.attributes
            for text in self.attributes[name].texts()
            if text
        )

    @property
    def size(self) -> int:
        """How many elements it has."""
        return len(self._raw.value) if hasattr(self._raw.value, "__len__") else 0

    @property
    def shape(self) -> tuple[int, ...]:
        """Its dimensions; one for a plain vector."""
        dims = self.attributes.get("dim")
        return tuple(int(each) for each in dims.numbers()) if dims else (self.size,)

    @property
    def dimnames(self) -> tuple[tuple[str, ...], ...]:
        """Names along each dimension, empty where there are none."""
        named = self.attributes.get("dimnames")
        if named is None or named.kind != "VEC":
            return ((),) * len(self.shape)
        return tuple(tuple(text or "" for text in each.texts()) for _, each in named.items())

    def numbers(self) -> NDArray[np.float64]:
        """Return its numbers, missing ones as NaN; empty when it holds none."""
        if self.kind not in _NUMBERS:
            return np.empty(0)
        if not np.ma.isMaskedArray(self._raw.value):
            return np.asarray(self._raw.value, dtype=float)
        return np.asarray(np.ma.filled(self._raw.value.astype(float), np.nan))

    def texts(self) -> list[str | None]:
        """Return its texts, or its levels, dates or numbers as text; none for what is missing."""
        if self.kind == "STR":
            return [_text(each) for each in self._raw.value]
        if "levels" in self.attributes:
            levels = self.attributes["levels"].texts()
            places = self.numbers()
            return [levels[int(k) - 1] if 1 <= k <= len(levels) else None for k in places]
        return [_written(value, self.classes) for value in self.numbers()]

    def items(self) -> Iterator[tuple[str, RObject]]:
        """Yield name and object of the elements of a list, a file or an object with slots."""
        if self.kind == "LIST":
            yield from _pairs(self._raw)
        elif self.kind == "VEC":
            named = self.attributes.get("names")
            names = named.texts() if named else []
            for k, each in enumerate(self._raw.value):
                yield (names[k] if k < len(names) else None) or "", RObject(each)
        elif self.kind == "S4":
            yield from self.attributes.items()


def parse(content: Content) -> RObject:
    """Parse an R data file (``.rds``, ``.RData``, ``.rda``), unpacked, in R's portable binary form.

    Raises
    ------
    InputError
        E505 damaged, cut off, compiled code, or nested too deep; E508 more objects than are read.
    """
    where = str(content.path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            parser = _guarded(content.data)
            found = parser.parse_all().object
            parser.file.close()
    except _TooManyError as error:
        raise InputError(
            "E508",
            f"the file holds more than {MOST_OBJECTS} R objects",
            where=where,
            remedy="save the table of counts and its taxonomy alone",
        ) from error
    except RecursionError as error:
        raise InputError(*_NESTED, where=where, remedy="save one phyloseq object or matrix alone") from error
    except Exception as error:  # rdata raises many kinds for a damaged file
        raise InputError(
            "E505",
            f"this is no whole R data file: {error or type(error).__name__}",
            where=where,
            remedy="save it again with saveRDS(x, file)",
        ) from error
    return RObject(found)


class _TooManyError(Exception):
    """More objects than are read."""


class _Window:
    """Bytes that are read from front to back; asking for more than are there is an error."""

    def __init__(self, data: memoryview) -> None:
        self._data, self._at = data, 0

    def read(self, size: int) -> memoryview:
        if not 0 <= size <= len(self._data) - self._at:
            raise ValueError(f"{size} bytes are needed and {len(self._data) - self._at} are there")
        self._at += size
        return self._data[self._at - size : self._at]

    def close(self) -> None:
        if self._at != len(self._data):
            raise ValueError(f"{len(self._data) - self._at} bytes are left over")


def _guarded(data: bytes) -> Any:
    """Return a parser of rdata that trusts no length and makes no more than so many objects."""
    from rdata.parser import DEFAULT_ALTREP_MAP
    from rdata.parser._xdr import ParserXDR

    class Guarded(ParserXDR):
        made = 0

        def parse_int(self) -> int:  # many times as fast as by way of an array
            return int.from_bytes(self.file.read(4), "big", signed=True)

        def parse_string(self, length: int) -> bytes:
            return bytes(self.file.read(length))

        def parse_R_object(self, *given: Any, **named: Any) -> Any:  # noqa: N802
            self.made += 1
            if self.made > MOST_OBJECTS:
                raise _TooManyError
            return super().parse_R_object(*given, **named)

        def _parse_bytecode(self, *_given: Any) -> Any:
            raise ValueError("it holds compiled code")

    short = {name: _limited(name, make) for name, make in DEFAULT_ALTREP_MAP.items()}
    start = data.index(b"X\n") + 2
    parser: Any = Guarded(memoryview(b""), expand_altrep=True, altrep_constructor_dict=short)
    parser.file = _Window(memoryview(data)[start:])
    return parser


def _limited(name: bytes, make: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return what expands a vector that R keeps in short, such as 1:n, when it is not too long."""

    def made(state: Any) -> Any:
        first = state.value[0]
        long = np.size(first.value) if hasattr(first, "value") else abs(float(first))
        if not name.startswith(b"wrap") and not long <= MOST_OBJECTS:  # what is wrapped stands in full
            raise _TooManyError
        return make(state)

    return made


def _pairs(raw: Any) -> Iterator[tuple[str, RObject]]:
    """Yield name and object of a chain of pairs."""
    while raw is not None and raw.info.type.name == "LIST":
        tag = raw.tag
        if tag is not None and tag.info.type.name == "REF":
            tag = tag.referenced_object
        named = tag is not None and tag.info.type.name == "SYM"
        yield (_text(tag.value) or "") if named else "", RObject(raw.value[0])
        raw = raw.value[1]


def _text(raw: Any) -> str | None:
    if not isinstance(raw.value, bytes):
        return None
    return raw.value.decode("latin-1" if raw.info.gp & _LATIN else "utf-8", "replace")


def _written(value: float, classes: tuple[str, ...]) -> str | None:
    """Write a number, a date (days since 1970) or the day of a time (seconds since 1970) as text."""
    if not np.isfinite(value):
        return None
    if "Date" in classes or "POSIXct" in classes:
        days = value if "Date" in classes else value / 86_400.0
        return str(np.datetime64(int(np.floor(days)), "D")) if abs(days) < 1e7 else None
    return str(int(value)) if value == int(value) else repr(float(value))
