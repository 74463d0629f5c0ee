"""Dataclasses to JSON and back: every bit, every kind of field, nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gutskin.plain import from_json, to_json


@dataclass(frozen=True)
class Inner:
    name: str
    size: float | None = None


@dataclass(frozen=True)
class Outer:
    one: Inner
    many: tuple[Inner, ...]
    pairs: tuple[tuple[str, float], ...]
    tree: tuple[Any, ...]
    named: Mapping[str, Inner]
    maybe: Mapping[str, Inner] | None
    count: int = 3
    yes: bool = False
    words: tuple[str, ...] = ()
    more: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def twice(self) -> int:
        return 2 * self.count


NUMBERS = st.floats(allow_nan=False)
INNER = st.builds(Inner, st.text(), st.none() | NUMBERS)
TREE = st.recursive(st.text() | NUMBERS | st.booleans() | st.none(), lambda each: st.tuples(each, each))
OUTER = st.builds(
    Outer, INNER, st.lists(INNER).map(tuple), st.lists(st.tuples(st.text(), NUMBERS)).map(tuple),
    st.tuples(st.text(), TREE), st.dictionaries(st.text(), INNER),
    st.none() | st.dictionaries(st.text(), INNER), st.integers(), st.booleans(),
    st.lists(st.text()).map(tuple), st.dictionaries(st.text(), st.text()),
)  # fmt: skip


@given(OUTER)
def test_what_is_written_is_read_to_the_last_bit_and_type(value: Outer) -> None:
    again = from_json(Outer, to_json(value))
    assert again == value
    assert repr(again) == repr(value)


def test_what_is_computed_is_not_written() -> None:
    value = Outer(Inner("a"), (), (), (), {}, None)
    before = to_json(value)
    assert value.twice == 6
    assert to_json(value) == before


@pytest.mark.parametrize(
    "text", ["", "[]", "null", "{}", "1", '{"name": "a", "other": 1}', '{"size": 1.0}', '{"name": "a"']
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises((ValueError, TypeError, KeyError, AttributeError)):
        from_json(Inner, text)
    with pytest.raises((ValueError, TypeError, KeyError, AttributeError)):
        from_json(Outer, text)
