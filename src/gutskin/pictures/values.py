"""The values of a picture: one person, everyday or through a scenario."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gutskin.engine.outcome import Array
from gutskin.errors import GutskinError, InputError, LibraryError, nearest
from gutskin.evidence.case import START
from gutskin.evidence.expression import Expression, Value
from gutskin.evidence.moment import Moment
from gutskin.model import Model
from gutskin.people import Person, within
from gutskin.pictures.balance import dry
from gutskin.pictures.budget import Budget
from gutskin.pictures.read import Panel, Picture, picture_names, read_picture
from gutskin.report import sheet
from gutskin.result import Result
from gutskin.scenario import DAY, Scenario, find_scenario
from gutskin.simulate import simulate
from gutskin.units import factor

EVERYDAY = "everyday life"
Look = Callable[[str], Value]


def take(
    model: Model,
    picture: Picture,
    person: Person,
    scenario: Scenario | None = None,
) -> sheet.Sheet:
    """Run a person and return what the picture shows of them.

    Parameters
    ----------
    model, picture, person
        What is run, what is drawn, and whose.
    scenario
        What is lived, with its plan; everyday life of a day when None.

    Raises
    ------
    InputError
        E442 a name that is not there, E443 a unit that does not fit, E444 courses of no scenario, E445 a run
        that fails.
    """
    if scenario is None and any(panel.kind == "course" for panel in picture.panels):
        raise InputError("E444", "courses of no scenario", where=picture.name, remedy="give --scenario")
    _dry(model, picture)
    lived = scenario or Scenario(EVERYDAY, EVERYDAY, "", 1.0, lead_in=0.0)
    result = simulate(model, person, lived)
    if result.failures:
        said = result.failures[0]
        raise InputError("E445", f"no picture: {said.reason}", where=person.name, remedy="draw somebody else")
    look, days = _look(result), result.times / DAY
    panels = tuple(_panel(model, picture, panel, look, days) for panel in picture.panels)
    plan = sheet.Span(lived.title, lived.begins_at, lived.judged_at) if lived.plan else None
    return sheet.Sheet(
        picture.title, f"{_whom(model, person, lived)}, {lived.title}", picture.columns, panels, plan
    )


def _whom(model: Model, person: Person, lived: Scenario) -> str:
    held = within(person, lived, model.library)
    return f"{held.label}, {held.site.label}" if held.site else held.label


def faults(model: Model) -> list[LibraryError]:
    """Return what keeps pictures of the library from being drawn, without running anything."""
    found = []
    for name in picture_names(model.library / "pictures"):
        try:
            picture = read_picture(name, model.library / "pictures")
            if isinstance(picture, Budget):
                dry(model, picture)
                continue
            _dry(model, picture)
            if picture.scenario:
                find_scenario(picture.scenario, model.library / "scenarios")
        except GutskinError as error:
            where = error.where or f"picture {name}"
            found.append(LibraryError(error.code, error.message, where=where, remedy=error.remedy))
    return found


def _dry(model: Model, picture: Picture) -> None:
    """Find names and units that do not fit before anything is run."""
    known = {q.name: q.unit for q in model.network.quantities}

    def look(name: str) -> Value:
        return Value(np.ones(1), known.get(name, "mmol"))

    for panel in picture.panels:
        for name in panel.healthy:
            if name not in model.readouts:
                remedy = nearest(name, model.readouts) or "see: gutskin list readouts"
                raise InputError("E442", f"there is no read-out {name!r}", where=picture.name, remedy=remedy)
            _scaled(1.0, model.readouts[name].unit, panel, f"{picture.name}, {name}")
        for row in panel.rows:
            for each in row.values:
                _value(model, each, look, panel)


def _look(result: Result) -> Look:
    def look(name: str) -> Value:
        series = result[name]
        return Value(series.values[:, 0], series.unit)

    return look


def _value(model: Model, asked: Expression, look: Look, panel: Panel) -> Array:
    """Return the values (T,) of an expression in the unit of the panel.

    ``start(x)`` is the value with which the run begins, at all times; a picture knows no other moment.
    """

    def read(name: str, own: Moment | None) -> Value:
        quantity = model.readouts[name].quantity if name in model.readouts else name
        known = (*model.kernel.states, *model.kernel.derived)
        if quantity not in known:
            remedy = nearest(name, {*model.readouts, *known}) or "see: gutskin list readouts"
            raise InputError("E442", f"there is no quantity {name!r}", where=asked.where, remedy=remedy)
        if own is not None and own.text != START:
            raise InputError(
                "E446", f"a picture at {own.text!r}", where=asked.where, remedy=f"only {START}(x)"
            )
        found = look(quantity)
        return found if own is None else Value(np.full_like(found.numbers, found.numbers[0]), found.unit)

    value = asked.value(read)
    return np.asarray(_scaled(1.0, value.unit, panel, asked.where) * value.numbers, float)


def _scaled(value: float, unit: str, panel: Panel, where: str) -> float:
    if unit == panel.unit:
        return value
    try:
        return value * factor(unit, panel.unit)
    except InputError as error:
        said = f"{unit} cannot be drawn in {panel.unit}"
        raise InputError("E443", said, where=where, remedy="mend the unit of the panel") from error


def _panel(model: Model, picture: Picture, panel: Panel, look: Look, days: Array) -> sheet.Panel:
    healthy = tuple(_healthy(model, name, panel) for name in panel.healthy)
    if panel.kind != "course":
        at: tuple[str, ...] | Array = tuple(words for _, words in picture.places)
        rows = [
            (row.label, np.array([_value(model, each, look, panel)[0] for each in row.values]))
            for row in panel.rows
        ]
    else:
        at = days
        rows = [(row.label, _value(model, row.values[0], look, panel)) for row in panel.rows]
    made = tuple(sheet.Row(label, values) for label, values in rows)
    joined = panel.kind != "apart"
    return sheet.Panel(panel.title, panel.unit, at, made, panel.stacked, healthy, panel.zero, joined)


def _healthy(model: Model, name: str, panel: Panel) -> tuple[float, float] | None:
    readout = model.readouts[name]
    if readout.healthy is None:
        return None
    low, high = (
        _scaled(side, readout.unit, panel, name) for side in (readout.healthy.low, readout.healthy.high)
    )
    return low, high
