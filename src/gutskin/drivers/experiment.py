"""What is asked: a read-out at a moment, of an arm of a study or scenario, or of how two arms differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from gutskin.errors import InputError, nearest
from gutskin.evidence.agree import dry
from gutskin.evidence.asked import looking
from gutskin.evidence.case import START, Arm, Case, Crew, Expectation
from gutskin.evidence.conduct import key_of, person_of
from gutskin.evidence.experiment import Run, check
from gutskin.evidence.expression import Value, expression
from gutskin.evidence.moment import moment
from gutskin.evidence.read import find_cases, read_case
from gutskin.evidence.reading import Reading, read
from gutskin.ledger import Parameter
from gutskin.model import Model
from gutskin.people import Person
from gutskin.precedence import resolve, spreads
from gutskin.scenario import DAY, Scenario

HOW = ("difference", "ratio")
EVERYDAY, WITHOUT, PLANNED, USUAL = "everyday", "without", "with_plan", "usual"
NOTHING = "nothing"  # as the other arm: the same people and days with nothing done


@dataclass(frozen=True)
class Answer:
    """``value`` [unit] of a question, NaN with a ``reason`` when there is none; ``sides`` per arm."""

    value: float
    unit: str
    reason: str = ""
    sides: tuple[float, ...] = ()


@dataclass(frozen=True)
class Question:
    """``case`` holds the arms, of one person each, and one expectation that holds what is asked of them."""

    case: Case

    @property
    def asked(self) -> Expectation:
        """What is asked."""
        return self.case.expectations[0]

    @property
    def text(self) -> str:
        """The question in words."""
        each = self.asked
        against = f", {each.how} to {each.versus}" if each.versus else ""
        return f"{each.readout.text}, {each.arm}{against}, {each.moment.text}"

    @property
    def sides(self) -> tuple[str, ...]:
        """The arms that are looked at."""
        each = self.asked
        return (each.arm,) if each.versus in ("", START) else (each.arm, each.versus)

    def people(self, model: Model) -> list[Person]:
        """Return whom the arms that are looked at are of."""
        return [person_of(model, self.case.chain(name)[0].crew) for name in self.sides]

    def own(self, model: Model) -> tuple[set[str], dict[str, Parameter]]:
        """Return what everybody in it has a number of their own for, by rows of the ledger.

        First the rows that are known: given exactly to all, or with a spread to some who do not agree. Then
        the rows in place of the ledger's, with spreads that all have alike.
        """
        rows = {c.name: c.row for c in model.network.constants}
        exact, loose = list[set[str]](), list[dict[str, Parameter]]()
        for person in self.people(model):
            own = {rows[name]: row for name, row in spreads(model, person).items()}
            exact.append({rows[name] for name in resolve(model, person)[1]} - set(own))
            loose.append(own)
        alike = {
            name: row for name, row in loose[0].items()
            if all(name in each and _same(row, each[name]) for each in loose)
        }  # fmt: skip
        return set.intersection(*exact) | (set().union(*loose) - set(alike)), alike

    def answer(self, model: Model, runs: Mapping[str, Run]) -> Answer:
        """Return the answer that runs of the arms give."""
        each, taken = self.asked, [runs[key_of(self.case.chain(arm))] for arm in self.sides]
        for arm, run in zip(self.sides, taken, strict=True):
            if run.reasons:
                return Answer(float("nan"), "", f"{arm}: {next(iter(run.reasons.values()))}")
        readings = [Reading(self.case, arm, model, run) for arm, run in zip(self.sides, taken, strict=True)]
        sides = [read(reading, each.moment, each.readout) for reading in readings]
        if each.versus == START:
            sides.append(read(readings[0], moment("start"), each.readout))
        return _compared(each, sides)


def _same(one: Parameter, other: Parameter) -> bool:
    return (one.value, one.spread) == (other.value, other.spread)


def _compared(each: Expectation, sides: Sequence[Value]) -> Answer:
    numbers = tuple(float(np.ravel(side.numbers)[0]) for side in sides)
    value, unit = numbers[0], sides[0].unit
    if each.how == "difference":
        value = numbers[0] - numbers[1]
    elif each.how == "ratio":
        value, unit = numbers[0] / numbers[1] if numbers[1] else float("nan"), "1"
    if not np.isfinite(value):
        return Answer(float("nan"), unit, "the expression has no finite value", numbers)
    return Answer(value, unit, "", numbers)


def ask(
    case: Case, readout: str, arm: str, versus: str = "", how: str = "", at: str = "", *, model: Model
) -> Question:
    """Return a checked question about the arms of a case, each of exactly the person that it names.

    Parameters
    ----------
    case
        The arms.
    readout, at
        An expression of read-outs and a moment, as in ``docs/evidence.md``.
    arm, versus
        Whose, and against whom: another arm, ``start`` of the same, or ``nothing`` done; empty for none.
    how
        One of :data:`HOW`; a difference when left out.
    model
        The model that is asked.

    Raises
    ------
    InputError
        E432 arms or comparison that are not there, E405 to E407 expression and moment, and what keeps the
        arms from running.
    """
    arms = dict(case.arms)
    if versus == NOTHING and versus not in arms and arm in arms:
        arms[versus] = replace(arms[arm], name=versus, courses=())
    for name in (arm, versus):
        if name not in arms and not (name == versus and versus in ("", START)):
            raise InputError(
                "E432", f"there is no arm {name!r}", where=case.study, remedy=nearest(name, arms)
            )
    if arm == versus or how not in ("", *HOW) or (how and not versus):
        said = f"arm {arm!r}, versus {versus!r}, as {how!r}"
        raise InputError("E432", said, where=case.study, remedy=f"two arms; as is {' or '.join(HOW)}")
    made = Expectation(
        expression(readout, where="read-out"), arm, moment(at, where="--at"), "1", -np.inf, np.inf, "asked",
        versus, (how or HOW[0]) if versus else "",
    )  # fmt: skip
    found = dry(made.readout, looking(model), made.moment, set())
    made = replace(made, unit="1" if made.how == "ratio" else made.moment.unit or found.unit)
    if versus == START and made.moment.unit:
        raise InputError("E432", "a time against the start", where=case.study, remedy="leave out versus")
    if not made.moment.visit and (made.readout.moments or "at(" in readout):
        raise InputError("E432", f"{at!r} with at(...) in {readout!r}", remedy="keep one of them")
    arms = {
        name: replace(each, crew=replace(each.crew, count=1), dropout=0.0, enrol=None)
        for name, each in arms.items()
    }
    needed = [arm] if versus in ("", START) else [arm, versus]
    whole = replace(case, arms=arms)
    arms = {each.name: each for name in needed for each in whole.chain(name)}
    question = Question(replace(case, arms=arms, expectations=(made,), curves=(), noise={}))
    check(model, question.case)
    return question


def study_case(name: str, model: Model) -> Case:
    """Return the case of a study of the library by name, or of a folder.

    Raises
    ------
    InputError
        E432 when there is none or several; what reading raises.
    """
    library, folder = model.library / "evidence", Path(name)
    known = {path.parent.name: path for path in library.glob("*/case.toml")}
    if name in known:
        return read_case(known[name], model.library)
    if not folder.is_dir() and not folder.is_file():
        raise InputError("E432", f"there is no study {name!r}", remedy=nearest(name, known) or "or a folder")
    found = find_cases([folder])
    if len(found) != 1:
        raise InputError("E432", f"{name} holds {len(found)} studies", remedy="name the folder of one")
    return read_case(found[0], model.library)


def scenario_case(scenario: Scenario, person: str) -> Case:
    """Return the arms of a scenario, without and with its plan, after the usual courses."""
    crew = Crew(person, 1, scenario.seed, scenario.overrides, site=scenario.site)
    hours = scenario.lead_in * DAY
    arms: dict[str, Arm] = {}
    if scenario.usual and hours > 0:
        usual = tuple(replace(course, start=0.0, end=hours) for course in scenario.usual)
        arms[USUAL] = Arm(USUAL, scenario.lead_in, crew, usual)
    for name, planned in ((WITHOUT, False), (PLANNED, True)):
        courses = scenario.courses(planned=planned)
        arms[name] = Arm(name, scenario.days, crew, courses, USUAL if arms.get(USUAL) else "")
    return _bare(scenario.name, scenario.title, arms)


def everyday_case(person: str, site: str = "") -> Case:
    """Return one day of everyday life of a person, at a site or at their own."""
    return _bare(EVERYDAY, "everyday life", {EVERYDAY: Arm(EVERYDAY, 1.0, Crew(person, site=site))})


def _bare(name: str, title: str, arms: Mapping[str, Arm]) -> Case:
    return Case(name, title, "none", "person", "check", arms, (), (), {}, Path(name))
