"""Whether what a case expects fits together: names, units and truth, found before anything is run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np

from gutskin import units
from gutskin.errors import InputError
from gutskin.evidence.case import Case, Expectation
from gutskin.evidence.expression import Expression, Value
from gutskin.evidence.moment import Moment
from gutskin.evidence.summary import OF_SHARES, in_unit

Look = Callable[[str], tuple[str, str]]  # name of a read-out -> the model's quantity, its unit


def agree(case: Case, look: Look) -> None:
    """Refuse a case whose expressions do not come out in the units that it states.

    Raises
    ------
    InputError
        E405 an unknown read-out, E406 units, E403 a share of what is no comparison, or noise that cannot be,
        E456 an enrolment by what is no comparison.
    """
    noisy = set[str]()
    for name, noise in case.noise.items():
        with _placed(f"noise {name}"):
            quantity, unit = look(name)
            if quantity in noisy:
                raise InputError("E403", f"noise of {name} by two names", remedy="keep one of them")
            noisy.add(quantity)
            if noise.sd:
                _fits(f"noise of {name}", noise.unit, unit)
    for arm in case.arms.values():
        if arm.enrol is not None:
            with _placed(f"arm {arm.name}"):
                _criterion(arm.enrol, look)
    for k, each in enumerate(case.expectations, start=1):
        with _placed(f"expect {k}"):
            _expected(each, look, noisy)
    for k, curve in enumerate(case.curves, start=1):
        with _placed(f"curve {k}"):
            found = dry(curve.readout, look, Moment("", "instant"), noisy).unit
            _fits(repr(curve.readout.text), found, curve.unit)


def _criterion(about: Expression, look: Look) -> None:
    """Refuse a condition of enrolment that neither holds nor fails; it is judged without noise."""
    if not dry(about, look, Moment("", "end"), set()).truth:
        remedy = "write e.g. \"x > '1 mmol/L'\""
        raise InputError("E456", f"enrol = {about.text!r} is no comparison", remedy=remedy)


@contextmanager
def _placed(where: str) -> Iterator[None]:
    """Add the place to what is refused inside."""
    try:
        yield
    except InputError as error:
        raise InputError(error.code, error.message, where=where, remedy=error.remedy) from error


def _fits(what: str, found: str, wanted: str) -> None:
    try:
        units.factor(found, wanted)
    except InputError as error:
        raise InputError("E406", f"{what} is in {found}, not in {wanted}", remedy="mend unit") from error


def dry(about: Expression, look: Look, when: Moment, noisy: set[str]) -> Value:
    """Evaluate an expression for one person of whom nothing is known; what is noisy has no extremes."""

    def read(name: str, own: Moment | None) -> Value:
        quantity, unit = look(name)
        if not (own or when).visit and quantity in noisy:
            said = f"noise of {name} with an extreme or a time"
            raise InputError("E403", said, remedy="take a moment or a mean")
        return Value(np.full(1, np.nan), (own.unit if own else "") or unit)

    return about.value(read)


def _expected(each: Expectation, look: Look, noisy: set[str]) -> None:
    found = dry(each.readout, look, each.moment, noisy)
    if each.other is not None:
        dry(each.other, look, each.moment, noisy)
    if (each.statistic == "share" or each.how in OF_SHARES) and not found.truth:
        said = f"{each.readout.text!r} is no comparison, so that it holds for no share of people"
        raise InputError("E403", said, remedy="write e.g. \"x > '1 mmol/L'\"; or take mean, or ratio")
    in_unit(0.0, each, each.moment.unit or found.unit)
