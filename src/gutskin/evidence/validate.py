"""Score folders of cases on a model: everything that ``gutskin validate`` does, as one function."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gutskin.engine.outcome import Options
from gutskin.errors import GutskinError, InputError, nearest
from gutskin.evidence.case import ABOUT, ROLES, Case
from gutskin.evidence.experiment import Laboratory, check
from gutskin.evidence.read import find_cases, read_all
from gutskin.evidence.score import GRADES, Score, score_case
from gutskin.model import Model


@dataclass(frozen=True)
class Scorecard:
    """Scores, and the cases that could not be read or scored."""

    scores: tuple[Score, ...]
    refused: tuple[GutskinError, ...]
    studies: int

    def totals(self) -> dict[str, dict[str, int]]:
        """Return role -> grade -> number of expectations."""
        return {
            role: {grade: sum(s.role == role and s.grade == grade for s in self.scores) for grade in GRADES}
            for role in ROLES
        }

    def subjects(self) -> list[tuple[str, str, dict[str, int]]]:
        """Return (role, subject, grade -> number) for all that have an expectation."""
        out = []
        for role in ROLES:
            for about in ABOUT:
                mine = [s.grade for s in self.scores if (s.role, s.about) == (role, about)]
                if mine:
                    out.append((role, about, {grade: mine.count(grade) for grade in GRADES}))
        return out

    @property
    def status(self) -> int:
        """Exit status: 2 when a case was refused, 1 when something is red, else 0."""
        return 2 if self.refused else int(any(score.grade == "red" for score in self.scores))

    def as_json(self) -> dict[str, Any]:
        """Return the document that ``--json`` prints; a number that is not finite is null."""
        rows = [
            {
                "study": s.study, "about": s.about, "role": s.role, "readout": s.readout, "said": s.said,
                "value": _finite(s.value), "low": _finite(s.low), "high": _finite(s.high),
                "published": s.published, "unit": s.unit, "grade": s.grade, "people": s.people,
                "title": s.title, "why": s.why,
                "reason": s.reason or ("" if math.isfinite(s.value) else f"it is {s.value}"),
            }
            for s in self.scores
        ]  # fmt: skip
        refused = [
            {"code": e.code, "message": e.message, "where": e.where, "remedy": e.remedy} for e in self.refused
        ]
        return {"totals": self.totals(), "studies": self.studies, "expectations": rows, "refused": refused}


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def chosen(cases: Sequence[Case], about: str = "", role: str = "", study: str = "") -> list[Case]:
    """Return the cases of a subject, a role, a study.

    Raises
    ------
    InputError
        E404 when no case is left.
    """
    wanted = {"about": about, "role": role, "study": study}
    kept = [
        case
        for case in cases
        if all(not value or getattr(case, key) == value for key, value in wanted.items())
    ]
    if not kept:
        said = " and ".join(f"{key} {value}" for key, value in wanted.items() if value)
        raise InputError("E404", f"no case is {said}", remedy="leave out --about, --role or --study")
    return kept


def _of(study: str, paths: Sequence[Path]) -> Sequence[Path]:
    """Return the files of a study, before anything is read: a fault elsewhere is none of it."""
    known = [path.parent.name for path in paths]
    if study and study not in known:
        raise InputError("E404", f"there is no study {study!r}", remedy=nearest(study, known))
    return [path for path in paths if study in ("", path.parent.name)]


def validate(
    model: Model,
    folders: Sequence[Path] = (),
    *,
    about: str = "",
    role: str = "",
    study: str = "",
    options: Options | None = None,
    laboratory: Laboratory | None = None,
    tick: Callable[[float], None] | None = None,
) -> Scorecard:
    """Score cases.

    Parameters
    ----------
    model
        The model.
    folders
        Folders of studies; the library's when none is given.
    about, role, study
        Only these; empty means all.
    options
        Solver settings.
    laboratory
        Where arms have been run already.
    tick
        Called with the share of the work done since the last call.

    Raises
    ------
    InputError
        E404 no case, or none that is asked for.
    """
    paths = _of(study, find_cases(folders or [model.library / "evidence"]))
    read, refused = read_all(paths, model.library)
    cases = chosen(read, about, role, study) if read or not refused else []
    laboratory = laboratory or Laboratory(model, options)
    good, scores = [], []
    for case in cases:
        try:
            check(model, case)
            good.append(case)
        except GutskinError as error:
            refused.append(error)
    laboratory.run(good, tick)
    for case in good:
        try:
            scores += score_case(case, model, laboratory.runs)
        except GutskinError as error:
            refused.append(error)
    return Scorecard(tuple(scores), tuple(refused), len(good))
