"""Run all cases that claims are tested by, at once, and judge the claims."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from gutskin.claims.draws import live, single
from gutskin.claims.read import Claim, Trial
from gutskin.claims.verdict import verdict
from gutskin.engine.outcome import Options
from gutskin.evidence.case import Case, Curve, Expectation
from gutskin.evidence.experiment import Laboratory, Run, check
from gutskin.evidence.read import read_case
from gutskin.evidence.score import Score, score_case
from gutskin.evidence.summary import summary
from gutskin.model import Model

DRAWS = 24
PLAIN = 0.7  # share of the time that the cases themselves take, without draws; for the bar only [1]
Tick = Callable[[float], None]


@dataclass(frozen=True)
class Effect:
    """What one expectation came to.

    ``low`` and ``high`` [unit of the score] hold nine tenths of the values of ``draws`` sets of numbers, of
    which ``green`` were inside the published range and ``lost`` gave no value; NaN for crowds, which are
    drawn themselves.
    """

    number: int
    score: Score
    low: float = math.nan
    high: float = math.nan
    draws: int = 0
    green: int = 0
    lost: int = 0


@dataclass(frozen=True)
class Tried:
    """A trial that was run: its case and the effect of each of its expectations."""

    trial: Trial
    case: Case
    effects: tuple[Effect, ...]


@dataclass(frozen=True)
class Judged:
    """A claim with all that was tried."""

    claim: Claim
    tried: tuple[Tried, ...]

    @property
    def verdict(self) -> str:
        """What the model and its cases say."""
        speaking, against = (
            [each.score.grade for one in self.tried if one.trial.says == says for each in one.effects]
            for says in ("for", "against")
        )
        return verdict(speaking, against)

    @property
    def cases(self) -> tuple[str, ...]:
        """The studies that it is tested by."""
        return tuple(dict.fromkeys(one.trial.case for one in self.tried))


def judge(
    model: Model,
    claims: Sequence[Claim],
    *,
    draws: int = DRAWS,
    options: Options | None = None,
    tick: Tick | None = None,
) -> list[Judged]:
    """Judge claims.

    Parameters
    ----------
    model, claims
        The model, and what is claimed.
    draws
        Sets of numbers drawn for single persons; 0 for values without intervals.
    options, tick
        Solver settings; called with the share of the work done since the last call [1].

    Raises
    ------
    GutskinError
        What reading and checking a case raises.
    """
    wanted: dict[str, set[int]] = {}
    for claim in claims:
        for trial in claim.trials:
            wanted.setdefault(trial.case, set()).update(trial.expect)
    whole = {study: _case(model, study) for study in wanted}
    effects = _effects(model, whole, wanted, draws, options, tick)
    return [
        Judged(
            claim,
            tuple(
                Tried(each, whole[each.case], tuple(effects[each.case, number] for number in each.expect))
                for each in claim.trials
            ),
        )
        for claim in claims
    ]


def _case(model: Model, study: str) -> Case:
    case = read_case(model.library / "evidence" / study / "case.toml", model.library)
    check(model, case)
    return case


def asked(case: Case) -> tuple[Expectation | Curve, ...]:
    """Return all that a case expects, as it is numbered from 1."""
    return (*case.expectations, *case.curves)


def pruned(case: Case, numbers: Iterable[int]) -> Case:
    """Return a case with some of its expectations, by number from 1, curves last, and the arms they need."""
    kept, first = set(numbers), len(case.expectations) + 1
    expectations = tuple(each for k, each in enumerate(case.expectations, start=1) if k in kept)
    curves = tuple(each for k, each in enumerate(case.curves, start=first) if k in kept)
    sides = {name for each in expectations for name in (each.arm, each.versus)} | {
        each.arm for each in curves
    }
    needed = {arm.name for side in sides & set(case.arms) for arm in case.chain(side)}
    arms = {name: arm for name, arm in case.arms.items() if name in needed}
    return replace(case, arms=arms, expectations=expectations, curves=curves)


def _effects(
    model: Model,
    cases: Mapping[str, Case],
    wanted: Mapping[str, set[int]],
    draws: int,
    options: Options | None,
    tick: Tick | None,
) -> dict[tuple[str, int], Effect]:
    """Return (study, number of the expectation) -> its effect."""
    tested = {study: pruned(case, wanted[study]) for study, case in cases.items()}
    laboratory, share = Laboratory(model, options), PLAIN if draws else 1.0
    laboratory.run(tested.values(), _part(tick, share))
    plain = _scores(model, tested, wanted, laboratory.runs)
    ones = {study: _ones(cases[study], numbers) for study, numbers in wanted.items() if draws}
    ones = {study: numbers for study, numbers in ones.items() if numbers}
    persons = {study: pruned(cases[study], numbers) for study, numbers in ones.items()}
    runs = live(model, list(persons.values()), draws, options=options, tick=_part(tick, 1 - share))
    drawn = [_scores(model, persons, ones, each) for each in runs]
    return {
        key: _effect(key[1], score, [each[key] for each in drawn if key in each])
        for key, score in plain.items()
    }


def _part(tick: Tick | None, share: float) -> Tick | None:
    return (lambda done: tick(share * done)) if tick else None


def _ones(case: Case, numbers: Iterable[int]) -> set[int]:
    """Return those of the expectations that are of single persons."""
    return {number for number in numbers if single(case, asked(case)[number - 1])}


def _scores(
    model: Model, cases: Mapping[str, Case], numbers: Mapping[str, set[int]], runs: Mapping[str, Run]
) -> dict[tuple[str, int], Score]:
    out = {}
    for study, case in cases.items():
        found = score_case(case, model, runs)
        out.update({(study, k): score for k, score in zip(sorted(numbers[study]), found, strict=True)})
    return out


def _effect(number: int, score: Score, drawn: Sequence[Score]) -> Effect:
    values = np.array([each.value for each in drawn if not math.isnan(each.value)])
    low, high = summary(values, "q05"), summary(values, "q95")
    green = sum(each.grade == "green" for each in drawn)
    return Effect(number, score, low, high, len(drawn), green, len(drawn) - values.size)
