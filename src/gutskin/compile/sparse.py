"""Elimination order and fill of a sparse LU factorisation without pivoting.

The matrix is ``shift * I - J`` of an implicit step. Its pattern is known when a model is compiled, so the
order is chosen once and the factorisation can be written out as straight-line code.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from heapq import heapify, heappop, heappush


@dataclass(frozen=True)
class Pattern:
    """Where the factors have entries; rows and columns are numbered in elimination order.

    ``order[k]`` is the state eliminated at step ``k``; ``rows[k]`` are the columns of row ``k`` of the
    factors, rising, the diagonal included; ``place[k, j]`` numbers the entries.
    """

    order: tuple[int, ...]
    rows: tuple[tuple[int, ...], ...]
    place: dict[tuple[int, int], int]

    @property
    def entries(self) -> int:
        """Number of entries of both factors together."""
        return len(self.place)


def elimination_order(size: int, entries: Iterable[tuple[int, int]]) -> tuple[int, ...]:
    """Return states in an order that keeps fill low: Markowitz's rule on the diagonal.

    Parameters
    ----------
    size
        Number of states.
    entries
        (row, column) of the non-zeros of the Jacobian.
    """
    rows = [{i} for i in range(size)]
    columns = [{i} for i in range(size)]
    for i, j in entries:
        rows[i].add(j)
        columns[j].add(i)
    left, order = set(range(size)), []
    while left:
        pivot = min(left, key=lambda i: ((len(rows[i]) - 1) * (len(columns[i]) - 1), i))
        order.append(pivot)
        left.remove(pivot)
        below, right = columns[pivot] - {pivot}, rows[pivot] - {pivot}
        for i in below:
            rows[i] |= right
            rows[i].discard(pivot)
        for j in right:
            columns[j] |= below
            columns[j].discard(pivot)
    return tuple(order)


def factor_pattern(size: int, entries: Iterable[tuple[int, int]]) -> Pattern:
    """Return order and fill of the factors of a matrix with these entries and a full diagonal."""
    entries = list(entries)
    order = elimination_order(size, entries)
    position = {state: k for k, state in enumerate(order)}
    rows: list[set[int]] = [{k} for k in range(size)]
    for i, j in entries:
        rows[position[i]].add(position[j])
    for i, row in enumerate(rows):
        todo = [j for j in row if j < i]
        heapify(todo)
        while todo:
            k = heappop(todo)
            for j in rows[k]:
                if j > k and j not in row:
                    row.add(j)
                    if j < i:
                        heappush(todo, j)
    rising = tuple(tuple(sorted(row)) for row in rows)
    place: dict[tuple[int, int], int] = {}
    for i, columns in enumerate(rising):
        for j in columns:
            place[i, j] = len(place)
    return Pattern(order, rising, place)
