"""Calibrating from folders of cases to a proposal. A ``check`` case is never read past its head."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from gutskin.calibrate.ensemble import converge
from gutskin.calibrate.identify import narrowing, profile
from gutskin.calibrate.knobs import Knob, turned
from gutskin.calibrate.least_squares import Fit, Tell, search
from gutskin.calibrate.problem import Problem
from gutskin.calibrate.proposal import propose
from gutskin.engine.outcome import Options
from gutskin.errors import InputError, nearest
from gutskin.evidence.case import Case
from gutskin.evidence.experiment import check
from gutskin.evidence.read import find_cases, read_case, read_head
from gutskin.model import Model

METHODS = ("least-squares", "ensemble")
# What moved less [standard deviations] stays, and digits of the others: the first of these that costs little.
ROUNDED = ((0.05, 4), (0.01, 5), (1e-3, 6), (0.0, 12))
LITTLE = 0.01  # share of the fall of the loss


@dataclass(frozen=True)
class Settings:
    """How to search; ``profiles`` are rows whose likelihood is profiled afterwards."""

    method: str = METHODS[0]
    starts: int = 3
    seed: int = 1
    steps: int = 20
    members: int = 64
    rounds: int = 8
    profiles: tuple[str, ...] = ()


def cases_for(
    model: Model, folders: Sequence[Path], about: str = "", studies: Sequence[str] = ()
) -> list[Case]:
    """Return the cases of roles ``fit`` and ``control``; of a ``check`` case only the head is read.

    Raises
    ------
    InputError
        E404 when none is left, or a study is a ``check``; what reading and checking raise.
    """
    heads = {path: read_head(path) for path in find_cases(folders or [model.library / "evidence"])}
    known = {path.parent.name for path in heads}
    open_ = {path.parent.name for path, head in heads.items() if head["role"] != "check"}
    for study in studies:
        if study not in open_:
            if study in known:
                raise InputError("E404", f"study {study!r} is only ever compared", remedy="leave it out")
            raise InputError("E404", f"study {study!r} is not there", remedy=nearest(study, open_))
    cases = []
    for path, head in heads.items():
        wanted = head["role"] != "check" and (not about or head["about"] == about)
        if wanted and (not studies or path.parent.name in studies):
            cases.append(read_case(path, model.library))
            check(model, cases[-1])
    if not any(case.role == "fit" for case in cases):
        raise InputError("E404", "no case to fit to", remedy="give folders with cases of the role fit")
    return cases


def calibrate(
    model: Model,
    cases: Sequence[Case],
    knobs: Sequence[Knob],
    settings: Settings | None = None,
    *,
    options: Options | None = None,
    tell: Tell | None = None,
) -> dict[str, Any]:
    """Return a proposal for the numbers ``knobs`` from cases.

    Parameters
    ----------
    model, cases, knobs
        The model, cases of roles ``fit`` and ``control``, and the numbers that may move.
    settings
        How to search. Same settings, same proposal, to the last bit.
    options
        Solver settings.
    tell
        Gets a line of text as the search goes on.

    Raises
    ------
    InputError
        E404 no expectation that has a value; E424 an unknown method; E420 a profile of a number that does not
        move; E425 a case that is a check.
    """
    settings = settings or Settings()
    if settings.method not in METHODS:
        raise InputError("E424", f"method {settings.method!r}", remedy=f"one of {', '.join(METHODS)}")
    rows = [knob.row.row for knob in knobs]
    for name in settings.profiles:
        if name not in rows:
            raise InputError("E420", f"{name!r} does not move", remedy=nearest(name, rows))
    problem = Problem(model, cases, knobs, options)
    if not problem.start.residuals.size:
        remedy = problem.left_out[0].reason if problem.left_out else "give folders of studies"
        raise InputError("E404", "no expectation has a value at the ledger's numbers", remedy=remedy)
    if settings.method == "ensemble":
        fits = [
            converge(problem, members=settings.members, rounds=settings.rounds, seed=settings.seed, tell=tell)
        ]
    else:
        fits = search(problem, starts=settings.starts, seed=settings.seed, limit=settings.steps, tell=tell)
    shown = _shown(problem, fits[0])
    if tell:
        tell("what the data say")
    best = problem.sloped(shown.point)
    profiles = [profile(problem, best, rows.index(name), tell=tell) for name in settings.profiles]
    return propose(
        problem, [replace(shown, point=best), *fits[1:]], narrowing(best), profiles, vars(settings)
    )


def _shown(problem: Problem, fit: Fit) -> Fit:
    """Return the end of a search as it is proposed: with as few digits and moves as its loss allows.

    What is no better than the ledger then is not proposed.
    """
    zs, models = [], []
    for hardly, digits in ROUNDED:
        z, values = np.zeros(len(problem.knobs)), {}
        for k, knob in enumerate(problem.knobs):
            if fit.point.z[k] and abs(fit.point.z[k]) >= hardly:
                values[knob.row.row] = knob.told(float(fit.point.z[k]), digits)
                z[k] = knob.coordinate(values[knob.row.row])
        zs.append(z)
        models.append(turned(problem.model, values))
    points = problem.points(zs, models)
    enough = fit.point.loss + LITTLE * (problem.start.loss - fit.point.loss)
    point = next((each for each in points if each.loss <= enough), points[-1])
    if not point.loss < problem.start.loss:
        return Fit(problem.start, fit.steps, f"nothing is better than the ledger: {fit.why}")
    return replace(fit, point=point)
