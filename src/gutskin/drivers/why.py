"""Why two arms differ: the edges that carry the difference, and the numbers that its uncertainty comes from.

An edge's share is what disappears of the difference when the edge is cut in both arms, as in
:mod:`gutskin.compare`: edges in a row each carry the whole, edges side by side split it. A number's share is
its part of the variance of the difference when every number varies by its spread and the difference bends
with none of them; where it does bend is said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gutskin.calibrate.knobs import Knob, knob
from gutskin.drivers.experiment import Answer, Question
from gutskin.drivers.people import Asked, Tick, drawn
from gutskin.drivers.sensitivity import moving
from gutskin.edges import Edge, read_edges
from gutskin.engine.outcome import Options
from gutskin.errors import InputError
from gutskin.evidence.arms import cutting
from gutskin.evidence.case import START
from gutskin.evidence.experiment import Laboratory
from gutskin.ledger import Parameter
from gutskin.model import Model
from gutskin.population import uniform

STEP = 1e-3  # [standard deviations] to either side, for slopes by shared steps
HALF = 0.5  # [standard deviations] to either side, to see whether the difference bends
# The slope of either half may differ from that at the ledger by this share of it, or of the whole sd [1].
BENDS, MATTERS = 0.3, 0.05
TOP = 15
PEOPLE = 128  # drawn to see what the spreads do without any assumption
FARTHEST = (
    1.5  # ratio of their standard deviation to that by slopes, or its inverse, that can be let pass [1]
)
FINE = Options(rtol=1e-6)  # of arms and cuts, each of which takes its own steps
SLIGHT = 1e-4  # share of the arms' own size below which a difference is the solver's [1]


@dataclass(frozen=True)
class Carrier:
    """An edge and the share [1] of the difference that goes with it; NaN with a ``reason``."""

    edge: Edge
    share: float
    reason: str = ""


@dataclass(frozen=True)
class Driver:
    """A number: ``slope`` of the difference per standard deviation, ``share`` of its variance [1].

    ``halves`` are the mean slopes over half a standard deviation down and up, None where not looked at;
    ``bends`` says that one of them is another than at the ledger's value by more than can be let pass.
    """

    row: Parameter
    slope: float
    share: float
    halves: tuple[float, float] | None = None
    bends: bool = False


@dataclass(frozen=True)
class Why:
    """``answer`` is the difference; ``sd`` [its unit] is what the spreads make of it, without bends.

    ``drawn`` are differences of people drawn from the spreads, NaN for who failed.
    """

    question: Question
    answer: Answer
    edges: tuple[Carrier, ...]
    drivers: tuple[Driver, ...]
    sd: float
    drawn: tuple[float, ...]

    @property
    def drawn_sd(self) -> float:
        """Standard deviation of the difference over people drawn from the spreads [its unit]."""
        known = [each for each in self.drawn if np.isfinite(each)]
        return float(np.std(known, ddof=1)) if len(known) > 1 else float("nan")

    @property
    def linear(self) -> bool:
        """Whether slopes tell what the spreads do: nothing bends, and people drawn differ as much."""
        low, high = self.sd / FARTHEST, self.sd * FARTHEST
        return not self.bent and bool(low <= self.drawn_sd <= high)

    def by_grade(self) -> dict[str, float]:
        """Return grade -> share of the variance [1], the largest first."""
        found: dict[str, float] = {}
        for each in self.drivers:
            found[each.row.grade] = found.get(each.row.grade, 0.0) + each.share
        return dict(sorted(found.items(), key=lambda pair: -pair[1]))

    @property
    def bent(self) -> tuple[Driver, ...]:
        """Numbers with which the difference bends."""
        return tuple(each for each in self.drivers if each.bends)


def why(
    model: Model,
    question: Question,
    knobs: Sequence[Knob],
    *,
    edges: Sequence[Edge] | None = None,
    top: int = TOP,
    options: Options | None = None,
    tick: Tick | None = None,
) -> Why:
    """Return what carries a difference between two arms.

    Parameters
    ----------
    model, question
        What is asked; the question is of two arms.
    knobs
        Numbers that may move; known ones of the person do not.
    edges
        Edges to cut; those of the library when None.
    top
        So many numbers are looked at for bends.
    options
        Solver settings of the slopes.
    tick
        Called with the share of the work done since the last call [1].

    Raises
    ------
    InputError
        E437 a question of one arm, or arms that do not differ; E436 arms that give no answer; E435 no
        number that is not known of the person.
    """
    if question.asked.versus in ("", START):
        raise InputError("E437", "one arm", where=question.text, remedy="give --versus: an arm, or nothing")
    chosen = read_edges(model.library) if edges is None else edges
    free = {row.row: row for row in moving(model, question, [each.row for each in knobs])}
    knobs = [_own(each, free[each.row.row]) for each in knobs if each.row.row in free]
    done = tick or (lambda _: None)
    answer, carriers = _edges(model, question, chosen)
    done(0.3)
    drivers = _slopes(model, question, knobs, options)
    done(0.5)
    total = sum(each.slope**2 for each in drivers)
    drivers = [replace(each, share=each.slope**2 / total if total else 0.0) for each in drivers]
    drivers.sort(key=lambda each: -each.share)
    sd = float(np.sqrt(total))
    halves = _halves(model, question, {k.row.row: k for k in knobs}, drivers[:top], answer, options)
    for k, both in enumerate(halves):
        slope = drivers[k].slope
        straight = all(abs(half - slope) <= max(BENDS * abs(slope), MATTERS * sd) for half in both)
        drivers[k] = replace(drivers[k], halves=both, bends=not straight)  # a half that is NaN bends
    drawn = _drawn(model, question, [each.row for each in knobs], options)
    done(0.2)
    return Why(question, answer, tuple(carriers), tuple(drivers), sd, drawn)


def _own(held: Knob, row: Parameter) -> Knob:
    """Return the coordinate of a row, which is the person's own in place of the ledger's."""
    return held if row is held.row else knob(row)


def cut(question: Question, edge: Edge) -> Question:
    """Return the question with an edge cut in both arms; what was before them stays as it was."""
    arms = dict(question.case.arms)
    for name in question.sides:
        arms[name] = replace(arms[name], courses=(*arms[name].courses, cutting([edge], arms[name].days)))
    return Question(replace(question.case, arms=arms))


def _edges(model: Model, question: Question, edges: Sequence[Edge]) -> tuple[Answer, list[Carrier]]:
    laboratory, asked = Laboratory(model, FINE), [cut(question, edge) for edge in edges]
    laboratory.run([question.case, *(each.case for each in asked)])
    whole = question.answer(model, laboratory.runs)
    if whole.reason:
        raise InputError("E436", f"no answer at the ledger's numbers: {whole.reason}", where=question.text)
    none = 1.0 if question.asked.how == "ratio" else 0.0
    effect = whole.value - none
    if abs(effect) <= SLIGHT * (max(map(abs, whole.sides)) if none == 0 else 1.0):
        said = f"the arms do not differ: {whole.value:.4g} {whole.unit}"
        raise InputError("E437", said, where=question.text, remedy="ask for another read-out, moment or arm")
    found = []
    for edge, each in zip(edges, asked, strict=True):
        left = each.answer(model, laboratory.runs)
        found.append(Carrier(edge, 1.0 - (left.value - none) / effect, left.reason))
    return whole, sorted(found, key=lambda each: -abs(np.nan_to_num(each.share)))


def _slopes(model: Model, question: Question, knobs: Sequence[Knob], options: Options | None) -> list[Driver]:
    asked = Asked(model, question, [each.row for each in knobs], options)
    up, down = (np.array([each.value(step) for each in knobs]) for step in (STEP, -STEP))
    here, change = asked.slopes(up, down)
    lost = [each.row.row for each, gap in zip(knobs, change, strict=True) if not np.isfinite(gap)]
    if here.reason or lost:
        said = here.reason or f"no answer with {lost[0]} moved"
        raise InputError("E436", f"no slopes: {said}", where=question.text, remedy="ask for another moment")
    return [Driver(k.row, float(gap) / (2 * STEP), 0.0) for k, gap in zip(knobs, change, strict=True)]


def _halves(
    model: Model,
    question: Question,
    knobs: Mapping[str, Knob],
    drivers: Sequence[Driver],
    answer: Answer,
    options: Options | None,
) -> list[tuple[float, float]]:
    """Return mean slopes below and above the ledger's value; everybody takes their own steps."""
    some = [knobs[each.row.row] for each in drivers]
    numbers = np.repeat(np.array([[k.row.value for k in some]]), 2 * len(some), axis=0)
    for i, each in enumerate(some):
        numbers[2 * i, i], numbers[2 * i + 1, i] = each.value(-HALF), each.value(HALF)
    values = Asked(model, question, [k.row for k in some], options or FINE)(numbers)
    pairs = zip(values[0::2].tolist(), values[1::2].tolist(), strict=True)
    return [((answer.value - down) / HALF, (up - answer.value) / HALF) for down, up in pairs]


def _drawn(
    model: Model, question: Question, rows: Sequence[Parameter], options: Options | None
) -> tuple[float, ...]:
    cube = np.stack([uniform(1, row.row, 0, PEOPLE) for row in rows], axis=1)
    return tuple(Asked(model, question, rows, options)(drawn(rows, cube)).tolist())


def document(model: Model, found: Why, top: int = TOP) -> dict[str, Any]:
    """Return the document that ``gutskin why --json`` prints."""
    each, answer = found.question.asked, found.answer
    edges = [
        {
            "edge": c.edge.name, "label": c.edge.label, "from": c.edge.origin, "to": c.edge.target,
            "share": None if c.reason else c.share, "reason": c.reason, "source": c.edge.source,
            "number": _number(model, model.row(c.edge.constant)),
        }
        for c in found.edges
    ]  # fmt: skip
    numbers = [
        {
            **_number(model, d.row), "slope_per_sd": d.slope, "share": d.share, "bends": d.bends,
            "slopes_of_halves": [h if np.isfinite(h) else None for h in d.halves or ()],
        }
        for d in found.drivers[:top]
    ]  # fmt: skip
    return {
        "question": found.question.text, "arm": each.arm, "versus": each.versus, "as": each.how,
        "value": answer.value, "unit": answer.unit, "sides": list(answer.sides), "sd": found.sd,
        "drawn": {
            "people": len(found.drawn), "failed": int(np.isnan(found.drawn).sum()),
            "sd": found.drawn_sd if np.isfinite(found.drawn_sd) else None,
        },
        "edges": edges, "numbers": numbers, "numbers_moved": len(found.drivers),
        "share_by_grade": found.by_grade(), "linear": found.linear,
        "model_hash": model.network.digest, "ledger_hash": model.ledger.digest,
    }  # fmt: skip


def _number(model: Model, row: Parameter) -> dict[str, Any]:
    source = model.ledger.sources.get(row.source)
    return {
        "row": row.row, "value": row.value, "unit": row.unit, "spread": str(row.spread), "grade": row.grade,
        "source": row.source, "cited": str(source) if source else "none", "where": row.where,
        "note": row.note,
    }  # fmt: skip
