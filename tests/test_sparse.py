"""The order and fill of the factors."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gutskin.compile.sparse import elimination_order, factor_pattern

patterns = st.integers(1, 12).flatmap(
    lambda size: st.tuples(
        st.just(size),
        st.lists(st.tuples(st.integers(0, size - 1), st.integers(0, size - 1)), max_size=3 * size),
    )
)


@given(patterns)
def test_eliminating_without_pivots_fills_only_where_the_pattern_says(
    case: tuple[int, list[tuple[int, int]]],
) -> None:
    size, entries = case
    pattern = factor_pattern(size, entries)
    assert sorted(pattern.order) == list(range(size))
    matrix = np.eye(size) * 100.0
    for k, (i, j) in enumerate(entries):
        matrix[i, j] += 1.0 + 0.1 * k
    factors = matrix[np.ix_(pattern.order, pattern.order)].copy()
    for k in range(size):
        factors[k + 1 :, k] /= factors[k, k]
        factors[k + 1 :, k + 1 :] -= np.outer(factors[k + 1 :, k], factors[k, k + 1 :])
    inside = np.zeros((size, size), bool)
    for i, row in enumerate(pattern.rows):
        inside[i, list(row)] = True
    assert not factors[~inside].any()
    assert pattern.entries == inside.sum()


def test_what_nothing_depends_on_makes_no_fill() -> None:
    """A tally is a row full of entries whose column is empty: it goes first and costs only itself."""
    size = 30
    chain = [(i, i + 1) for i in range(size - 2)] + [(i + 1, i) for i in range(size - 2)]
    tally = [(size - 1, j) for j in range(size - 1)]
    without = factor_pattern(size - 1, chain).entries
    assert factor_pattern(size, chain + tally).entries == without + size


def test_an_arrow_is_eliminated_from_its_feathers() -> None:
    """The hub goes last, or everything fills."""
    size = 20
    arrow = [(0, j) for j in range(size)] + [(i, 0) for i in range(size)]
    assert 0 in elimination_order(size, arrow)[-2:]
    assert factor_pattern(size, arrow).entries == 3 * size - 2
