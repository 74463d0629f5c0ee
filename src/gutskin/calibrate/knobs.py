"""Which numbers may move, and how far: coordinates in standard deviations of the ledger's spreads."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from gutskin.errors import InputError, nearest
from gutskin.ledger import GRADES, Ledger, Parameter
from gutskin.model import Model
from gutskin.population import WIDEST

END = 0.01  # so near an end of its range [standard deviations] a coordinate is at it
FLAT = math.sqrt(12.0)  # width of a uniform distribution over its standard deviation


@dataclass(frozen=True)
class Knob:
    """A row of the ledger as a coordinate ``z``: 0 is the ledger's value, 1 is one standard deviation up.

    ``scale`` is a standard deviation, of the logarithm when ``log``; ``low`` and ``high`` bound z.
    """

    row: Parameter
    log: bool
    scale: float
    low: float
    high: float

    def value(self, z: float) -> float:
        """Return the number [unit of the row] at a coordinate; at 0 the ledger's to the last bit.

        It is never outside the range of the spread, not even by rounding.
        """
        if z == 0:
            return self.row.value
        least, most = ends(self.row)
        moved = self.row.value * math.exp(self.scale * z) if self.log else self.row.value + self.scale * z
        return min(max(moved, least), most)

    def told(self, z: float, digits: int) -> float:
        """Return the number at a coordinate with few digits; the end of a range is that end."""
        least, most = ends(self.row)
        end = most if z > 0 else least
        if self.at_bound(z) and math.isfinite(end) and self.row.spread.kind in ("uniform", "loguniform"):
            return end
        return min(max(float(f"{self.value(z):.{digits}g}"), least), most)

    def coordinate(self, value: float) -> float:
        """Return the coordinate of a number."""
        if value == self.row.value:
            return 0.0
        moved = math.log(value / self.row.value) if self.log else value - self.row.value
        return moved / self.scale

    def at_bound(self, z: float) -> bool:
        """Whether the coordinate is at the end of its range."""
        return z <= self.low + END or z >= self.high - END


def ends(row: Parameter) -> tuple[float, float]:
    """Return what a number of this spread is never below and never above [unit of the row]."""
    spread = row.spread
    if spread.kind in ("uniform", "loguniform"):
        return float(spread.low or 0.0), float(spread.high or 0.0)
    return (0.0 if row.value >= 0 else -math.inf), math.inf


def knob(row: Parameter) -> Knob:
    """Return the coordinate of a row.

    Raises
    ------
    InputError
        E421 when its spread is fixed, or its value is outside its own spread.
    """
    spread, value = row.spread, row.value
    if spread.kind == "lognormal":
        return Knob(row, True, math.log(spread.gsd or 1.0), -WIDEST, WIDEST)
    if spread.kind == "normal":
        sd = float(spread.sd or 1.0)
        return Knob(row, False, sd, max(-WIDEST, -value / sd) if value >= 0 else -WIDEST, WIDEST)
    low, high = ends(row)
    if spread.kind == "fixed" or not low <= value <= high:
        said = "has a fixed spread" if spread.kind == "fixed" else "lies outside its spread"
        raise InputError("E421", f"{row.row} {said}", where=row.line, remedy="mend its spread in the ledger")
    log = spread.kind == "loguniform"
    reach = [math.log(each / value) if log else each - value for each in (low, high)]
    scale = (reach[1] - reach[0]) / FLAT
    return Knob(row, log, scale, reach[0] / scale, reach[1] / scale)


def choose(
    model: Model, names: Sequence[str] = (), modules: Sequence[str] = (), grades: Sequence[str] = ()
) -> list[Knob]:
    """Return the numbers that may move, in the order of the ledger.

    Parameters
    ----------
    model
        The model.
    names
        Rows (``module.name``) or constants; ``*`` stands for anything. One that is named outright must have a
        spread; those found by ``*``, module or grade are left out when they are fixed.
    modules, grades
        All rows of these modules; only rows of these grades.

    Raises
    ------
    InputError
        E420 nothing is chosen, or a name, module or grade is not known; E421 a named row cannot move.
    """
    constants = {c.name: c.row for c in model.network.constants}
    used = set(constants.values())  # the others belong to modules that this model does not have
    rows = {name: row for name, row in model.ledger.rows.items() if name in used}
    here = {row.partition(".")[0] for row in rows}
    for given, known in ((modules, here), (grades, GRADES)):
        for each in given:
            if each not in known:
                raise InputError("E420", f"{each!r} is not known", remedy=nearest(each, known))
    found: dict[str, bool] = {}  # row -> named outright
    for name in names:
        hits = {row for row in rows if fnmatchcase(row, name)}
        hits |= {row for constant, row in constants.items() if fnmatchcase(constant, name)}
        if not hits:
            remedy = nearest(name, [*rows, *constants])
            raise InputError("E420", f"no number of the model is called {name!r}", remedy=remedy)
        found |= {row: "*" not in name or found.get(row, False) for row in hits}
    found |= {row: found.get(row, False) for row in rows if row.partition(".")[0] in modules}
    if not names and not modules:
        found = dict.fromkeys(rows, False) if grades else {}
    wanted = [rows[row] for row in rows if row in found and (not grades or rows[row].grade in grades)]
    knobs = [knob(row) for row in wanted if found[row.row] or row.spread.kind != "fixed"]
    if not knobs:
        raise InputError("E420", "no number is chosen", remedy="give --parameter, --module or --grade")
    return knobs


def turned(model: Model, values: Mapping[str, float]) -> Model:
    """Return the model with other values in rows of the ledger."""
    rows = {row: replace(model.ledger.rows[row], value=value) for row, value in values.items()}
    return replace(model, ledger=Ledger({**model.ledger.rows, **rows}, model.ledger.sources))
