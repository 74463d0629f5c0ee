"""How far an effect moves when the numbers of the ledger are others: single persons lived again and again.

Every draw is a whole set of numbers from the spreads of the ledger, the same set in all arms, so that what
arms differ by is compared within a draw. A person keeps what is known of them exactly; a row of their own, or
of their site, is drawn from its own spread.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields, replace

from gutskin.drivers.people import Varied
from gutskin.engine.outcome import Options
from gutskin.evidence.case import Arm, Case, Curve, Expectation
from gutskin.evidence.conduct import person_of
from gutskin.evidence.experiment import Laboratory, Run
from gutskin.ledger import Parameter
from gutskin.model import Model
from gutskin.population import draw, quantile, uniform
from gutskin.precedence import spreads

SEED = 1
Own = dict[str, Parameter]


def variants(model: Model, own: Own, draws: int, seed: int = SEED) -> list[Varied]:
    """Return models with drawn numbers.

    Parameters
    ----------
    model
        Names, values and spreads.
    own
        Constant -> the row with a spread that the people have in place of the ledger's.
    draws, seed
        How many sets of numbers; draw 17 is the same in 20 and in 2000.
    """
    values = draw(model, draws, seed=seed)
    for k, constant in enumerate(model.network.constants):
        if constant.name in own:
            row = own[constant.name]
            values[k] = quantile(row, row.value, uniform(seed, constant.name, 0, draws))
    base = {each.name: getattr(model, each.name) for each in fields(Model)}
    return [Varied(**base, values=values[:, n], moved=frozenset(own)) for n in range(draws)]


def single(case: Case, each: Expectation | Curve) -> bool:
    """Whether what is expected is of single persons, not of crowds that are drawn already."""
    sides = {each.arm, *([each.versus] if isinstance(each, Expectation) else [])} & set(case.arms)
    return all(case.arms[side].crew.count == 1 for side in sides)


def alike(model: Model, cases: Sequence[Case]) -> list[tuple[Own, list[Case]]]:
    """Return the cases in parts, each with the arms of people who have the same rows of their own."""
    rows: dict[str, Own] = {}
    parts: dict[str, list[Case]] = {}
    for case in cases:
        arms: dict[str, dict[str, Arm]] = {}
        for name, arm in case.arms.items():
            own = spreads(model, person_of(model, arm.crew))
            key = repr(sorted((row, each.value, str(each.spread)) for row, each in own.items()))
            rows[key] = own
            arms.setdefault(key, {})[name] = arm
        for key, mine in arms.items():
            parts.setdefault(key, []).append(replace(case, arms=mine))
    return [(rows[key], found) for key, found in parts.items()]


def live(
    model: Model,
    cases: Sequence[Case],
    draws: int,
    *,
    options: Options | None = None,
    tick: Callable[[float], None] | None = None,
) -> list[dict[str, Run]]:
    """Return for every draw the runs of all arms, as :attr:`Laboratory.runs` has them.

    Parameters
    ----------
    model, cases
        What is run; all arms are of single persons.
    draws
        How many sets of numbers.
    options, tick
        Solver settings; called with the share of the work done since the last call [1].
    """
    out: list[dict[str, Run]] = [{} for _ in range(draws)]
    total = sum(len(case.arms) for case in cases)
    for own, part in alike(model, cases) if draws else []:
        first, *others = variants(model, own, draws)
        laboratory, share = Laboratory(first, options, others), sum(len(c.arms) for c in part) / total
        laboratory.run(part, (lambda done, share=share: tick(done * share)) if tick else None)  # type: ignore[misc]
        for runs, found in zip(out, laboratory.results, strict=True):
            runs.update(found)
    return out
