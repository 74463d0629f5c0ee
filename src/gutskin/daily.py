"""Daily series: constants of the model that are another every day, by luck that nobody plans.

The value of a day is ``own + shape(z)``, where ``own`` is the person's own value of the constant (0 in the
ledger) and ``z`` a stationary AR(1) series of standard normal numbers: day 0 is drawn from what is usual in
the long run, and each day keeps ``exp(-24 h / memory)`` of the day before. Both shapes have mean 0:

- ``normal``: ``z`` itself; good and bad days alike.
- ``lognormal``: ``exp(s z - s^2 / 2) - 1`` with ``s`` the log-sd. It is how far the load of a day lies from
  its long-run mean, as a share of that mean: never below -1, most days somewhat below 0, few days high above.

So the everyday state, which is settled with the value 0, is the state under the mean load. How much a person
answers is their ``size``, another constant, by which the model's text multiplies the value. Who has size 0
has no series, and nothing is computed for them.

Random numbers are counter-based, keyed by seed, person, series and day: they depend neither on company,
batch, arm and order nor on the numbers of the model. The first day is that on which the person's first arm
begins; an arm that follows goes on with the days.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from gutskin import units
from gutskin.compile.events import owned
from gutskin.engine.outcome import Array
from gutskin.errors import InputError, LibraryError, nearest
from gutskin.ledger import Parameter, parameter, read_toml, table_lines
from gutskin.model import Model
from gutskin.population import uniform
from gutskin.protocol import Own

FILE = "daily.toml"
DAY = 24.0
SHAPES = ("lognormal", "normal")
_NEEDED = ("label", "constant", "size", "memory", "shape")
_KEYS = {*_NEEDED, "log_sd"}


@dataclass(frozen=True)
class Series:
    """``constant`` is another every day, ``size`` is the constant that scales it.

    ``memory`` [its own unit] is the correlation time, ``log_sd`` [1] the width of a lognormal shape.
    """

    name: str
    label: str
    constant: str
    size: str
    memory: Parameter
    shape: str
    log_sd: Parameter | None
    line: str

    @property
    def kept(self) -> float:
        """Share of a day's normal number that the next day keeps [1]."""
        return math.exp(-DAY / units.convert(self.memory.value, self.memory.unit, "h"))


def read_series(library: Path) -> tuple[Series, ...]:
    """Return the series of a library in the order in which they are written.

    Raises
    ------
    LibraryError
        E457 when one is ill-formed, and what the rows of the ledger raise.
    """
    path = library / FILE
    if not path.exists():
        return ()
    lines = table_lines(path)
    return tuple(_series(name, data, lines.get(name, FILE)) for name, data in read_toml(path).items())


def _series(name: str, data: Any, where: str) -> Series:
    def fault(said: str, remedy: str) -> LibraryError:
        return LibraryError("E457", f"series {name}: {said}", where=where, remedy=remedy)

    if not isinstance(data, dict):
        raise fault(f"{data!r} is no table", f"write [{name}]")
    for key in data:
        if key not in _KEYS:
            raise fault(f"key {key!r} is not known", nearest(key, _KEYS))
    texts = [key for key in _NEEDED if key != "memory"]
    if lost := [key for key in texts if not isinstance(data.get(key), str) or not data[key]]:
        raise fault(f"{lost[0]} is missing or no text", "label, constant, size, memory and shape are needed")
    if data["shape"] not in SHAPES:
        raise fault(f"shape = {data['shape']!r}", f"one of {', '.join(SHAPES)}")
    if (data["shape"] == "lognormal") != ("log_sd" in data):
        raise fault(f"{data['shape']} and log_sd", "a lognormal shape needs log_sd, no other has it")
    numbers = {key: _number(f"daily.{name}.{key}", data, key, where) for key in ("memory", "log_sd")}
    memory, log_sd = numbers["memory"], numbers["log_sd"]
    if memory is None or memory.value <= 0 or units.dimension(memory.unit) != units.dimension("h"):
        raise fault("memory is missing or no time above 0", "a table of value, unit, source, grade")
    if log_sd is not None and (log_sd.value <= 0 or log_sd.unit != "1"):
        raise fault("log_sd is no pure number above 0", 'a table of value, unit = "1", source, grade')
    return Series(name, data["label"], data["constant"], data["size"], memory, data["shape"], log_sd, where)


def _number(row: str, data: Mapping[str, Any], key: str, where: str) -> Parameter | None:
    if not isinstance(data.get(key), dict):
        return None
    return parameter(row, {"spread": {"kind": "fixed"}, **data[key]}, where)


def values(series: Series, seed: int, person: int, first: int, count: int) -> Array:
    """Return what a series adds on ``count`` days from day ``first`` on [1], for one person by number."""
    from scipy.special import ndtri

    luck = ndtri(uniform(seed, f"daily {series.name} {person}", 0, first + count)).tolist()
    kept, z = series.kept, 0.0
    new, out = math.sqrt(1.0 - kept**2), []
    for day, each in enumerate(luck):
        z = kept * z + new * each if day else each
        out.append(z)
    found = np.array(out[first:])
    if series.log_sd is None:
        return found
    s = series.log_sd.value
    return np.exp(s * found - s**2 / 2) - 1.0


class Diary:
    """The series of a model: who has them, and what their days are.

    A library may hold several models; series whose constants a model has not are not its own.
    """

    def __init__(self, model: Model) -> None:
        index = {c.name: k for k, c in enumerate(model.network.constants)}
        found = read_series(model.library)
        self.series = [
            (each, index[each.constant], index[each.size])
            for each in found
            if each.constant in index and each.size in index
        ]
        self.sizes = [size for _, _, size in self.series]

    @property
    def digest(self) -> str:
        """Hash of everything that the days follow from, empty without series."""
        if not self.series:
            return ""
        said = [
            (each.name, each.constant, each.size, each.kept, each.log_sd.value if each.log_sd else 0.0)
            for each, _, _ in self.series
        ]
        return hashlib.sha256(repr(said).encode()).hexdigest()[:16]

    def unsteady(self, constants: Array) -> Array:
        """Return whether each person (P,) with constants (K, P) has a series."""
        return (np.asarray(constants)[self.sizes] != 0.0).any(axis=0)

    def own(
        self, constants: Array, seed: int, person: int, begin: float, hours: float, like: Array | None = None
    ) -> tuple[Own, ...]:
        """Return the constants that change by the day during a run, with its midnights.

        Parameters
        ----------
        constants
            (K,) of the person.
        seed, person
            Whose days: the number of the person in the crowd, 0 for who is given by name.
        begin, hours
            When the run begins [h] after the person's first arm did, and its length [h].
        like
            (K,) of who else decides whether there is a series, for people who share steps.
        """
        decides = constants if like is None else like
        first = math.floor(begin / DAY + 1e-9)
        count = max(math.ceil((begin + hours) / DAY - 1e-9) - first, 1)
        times = tuple(round(max((first + k) * DAY - begin, 0.0), 9) for k in range(count))
        out = []
        for each, constant, size in self.series:
            if decides[size] != 0.0:
                lived = constants[constant] + values(each, seed, person, first, count)
                out.append(Own(constant, times, tuple(lived.tolist())))
        return tuple(out)


def faults(model: Model) -> list[LibraryError]:
    """Return what keeps the series of the library from being those of a model."""
    try:
        found = read_series(model.library)
    except (LibraryError, InputError) as error:
        return [LibraryError(error.code, error.message, where=error.where, remedy=error.remedy)]
    known = {c.name: model.ledger.rows[c.row] for c in model.network.constants}
    taken, out, seen = owned(model.network), list[LibraryError](), set[str]()

    def add(each: Series, said: str, remedy: str, code: str = "E458") -> None:
        out.append(LibraryError(code, f"series {each.name}: {said}", where=each.line, remedy=remedy))

    for each in found:
        for name in (each.constant, each.size):
            if name not in known:
                add(each, f"the model has no constant {name!r}", nearest(name, known))
        row = known.get(each.constant)
        if row and (row.unit != "1" or row.value != 0.0 or row.spread.kind != "fixed"):
            add(each, f"{each.constant} is no pure number, 0 and fixed", "what scales it stands in size")
        if each.constant in seen or each.constant in taken or each.constant == each.size:
            add(each, f"{each.constant} is set by something else too", "one series a constant, and no event")
        seen.add(each.constant)
        for number in (each.memory, each.log_sd):
            if number and number.source not in ("none", *model.ledger.sources):
                remedy = nearest(number.source, model.ledger.sources)
                add(each, f"source {number.source!r} is not in sources.bib", remedy, "E137")
    return out
