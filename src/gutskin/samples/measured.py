"""Measured: one reading of one quantity, with its error."""

from __future__ import annotations

import math
from dataclasses import dataclass

ERRORS = ("sd", "gsd")


@dataclass(frozen=True)
class Error:
    """How far one reading may be off, one standard deviation.

    Parameters
    ----------
    kind
        ``"sd"``: an amount in the unit of the reading; ``"gsd"``: a factor.
    size
        That amount, above zero, or that factor [1], above one.
    source
        Key in the bibliography, ``"none"`` when assumed, or ``"table"`` when the user's table told it.

    Raises
    ------
    ValueError
        For another kind or a size that is too small.
    """

    kind: str
    size: float
    source: str = "none"

    def __post_init__(self) -> None:
        least = 1.0 if self.kind == "gsd" else 0.0
        if self.kind not in ERRORS or not math.isfinite(self.size) or self.size <= least:
            raise ValueError(
                f"{{ {self.kind} = {self.size:g} }} is no error: write sd above 0 or gsd above 1"
            )


@dataclass(frozen=True)
class Measured:
    """One reading. A zero whose error is a factor says only that it was below what the instrument shows.

    Parameters
    ----------
    quantity
        Name of the read-out, or ``"load"`` (total cells) or ``"gene_copies"`` (total copies of the 16S gene).
    value
        What was read, in ``unit``.
    unit
        Unit of the read-out; of a load ``"CFU/g"`` or ``"CFU/cm2"``, of copies ``"1/g"`` or ``"1/cm2"``.
    error
        Of one reading; an ``sd`` is in ``unit``.
    where
        File, row and column.
    site
        Where on the body, when the column told it; empty otherwise.
    """

    quantity: str
    value: float
    unit: str
    error: Error
    where: str
    site: str = ""
