"""Chemical formulas: elements, charge and available electrons."""

from __future__ import annotations

import re
from functools import cache

from gutskin.errors import LibraryError

_FORMULA = re.compile(r"^((?:[A-Z][a-z]?\d*\.?\d*)+)([+-]\d*)?$")

# What every reaction must conserve. Hydrogen and oxygen are closed by water and protons, which the model
# does not count; with available electrons closed there is always a whole number of both that does it.
CONSERVED = ("C", "N", "S", "electrons")
_ELECTRONS = {"C": 4, "H": 1, "O": -2, "N": -3, "S": 6, "P": 5}


@cache
def composition(formula: str) -> tuple[tuple[str, float], ...]:
    """Return element counts and available electrons of e.g. ``"C2H3O2-"`` or ``"CH1.8O0.5N0.2"``.

    Available electrons, 4C + H - 2O - 3N + 6S - charge, are counted against CO2, H2O, NH3, sulphate and
    phosphate.

    Raises
    ------
    LibraryError
        E116 when the text is no formula or names an element that is not counted.
    """
    match = _FORMULA.match(formula)
    if match is None:
        raise LibraryError(
            "E116", f"formula {formula!r} is not understood", remedy="write e.g. C2H3O2- or SO4-2"
        )
    counts: dict[str, float] = {}
    for element, number in re.findall(r"([A-Z][a-z]?)(\d*\.?\d*)", match[1]):
        if element not in _ELECTRONS:
            raise LibraryError(
                "E116",
                f"element {element!r} of {formula!r} is not counted",
                remedy=f"known: {', '.join(_ELECTRONS)}",
            )
        counts[element] = counts.get(element, 0.0) + float(number or 1)
    charge = match[2] or ""
    net = (1 if charge.startswith("+") else -1) * int(charge[1:] or 1) if charge else 0
    counts["electrons"] = sum(_ELECTRONS[element] * number for element, number in counts.items()) - net
    return tuple(sorted(counts.items()))
