"""Sensitivity of an answer to blocks, modules or numbers: sampled from the spreads of the ledger."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from gutskin.drivers.blocks import module, read_blocks
from gutskin.drivers.experiment import Question
from gutskin.drivers.morris import morris
from gutskin.drivers.people import Asked, Tick, drawn
from gutskin.drivers.sobol import check_size, sobol
from gutskin.engine.outcome import Options
from gutskin.errors import InputError
from gutskin.evidence.experiment import Laboratory
from gutskin.ledger import Parameter
from gutskin.model import Model

METHODS = ("sobol", "morris")
OVER = ("blocks", "modules", "numbers")
BASE = 512  # base samples of Sobol
WAYS = 10  # trajectories of Morris


@dataclass(frozen=True)
class Settings:
    """How to sample; ``size`` 0 is the method's usual."""

    method: str = METHODS[0]
    over: str = OVER[0]
    size: int = 0
    seed: int = 1


def group(model: Model, rows: Sequence[Parameter], over: str) -> list[str]:
    """Return the group of every row.

    Raises
    ------
    InputError
        E431 when a row is in no block.
    """
    if over == "numbers":
        return [row.row for row in rows]
    if over == "modules":
        return [module(row.row) for row in rows]
    blocks = read_blocks(model.library)
    found = [blocks.of(row.row) for row in rows]
    for row, block in zip(rows, found, strict=True):
        if not block:
            remedy = "add its module to blocks.toml of the library, or use --over modules"
            raise InputError("E431", f"{row.row} is in no block", remedy=remedy)
    return found


def moving(model: Model, question: Question, rows: Sequence[Parameter]) -> list[Parameter]:
    """Return the rows that differ between people like the ones asked about, theirs in place of the ledger's.

    Raises
    ------
    InputError
        E435 when none is left: they have numbers of their own for all.
    """
    known, own = question.own(model)
    free = [own.get(row.row, row) for row in rows if row.row not in known]
    kept = [row for row in free if row.spread.kind != "fixed"]
    if not kept:
        raise InputError("E435", "no number is left to move", remedy="this person's own numbers are known")
    return kept


def sensitivity(
    model: Model,
    question: Question,
    rows: Sequence[Parameter],
    settings: Settings | None = None,
    *,
    options: Options | None = None,
    tick: Tick | None = None,
) -> dict[str, Any]:
    """Return the document that ``gutskin sensitivity --json`` prints.

    Parameters
    ----------
    model, question, rows
        What is asked, and the numbers that may move; known ones of the person do not.
    settings, options
        How to sample and to solve.
    tick
        Called with the share of the people done since the last call [1].

    Raises
    ------
    InputError
        E411 a method or grouping that is not known, E431 a number in no block, E433 to E436 nothing that can
        be sampled, too many lost, nothing that varies, no answer at the ledger's numbers.
    """
    settings = settings or Settings()
    for word, known in ((settings.method, METHODS), (settings.over, OVER)):
        if word not in known:
            raise InputError("E411", f"{word!r} is not known", remedy=f"one of {', '.join(known)}")
    settings = replace(settings, size=settings.size or (BASE if settings.method == "sobol" else WAYS))
    if settings.method == "sobol":
        check_size(settings.size)
    rows = moving(model, question, rows)
    groups = group(model, rows, settings.over)
    begun = time.perf_counter()
    here = _base(model, question, options)
    asked = Asked(model, question, rows, options, tick)
    try:
        found = _sampled(asked, groups, settings)
    except InputError as error:
        often = ", ".join(f"{reason} ({count})" for reason, count in asked.failed.most_common(1))
        raise InputError(error.code, error.message, where=often, remedy=error.remedy) from error
    spent = time.perf_counter() - begun
    return {
        "question": question.text, "person": _people(question), "site": _sites(model, question),
        "value": here.value, "unit": here.unit,
        "method": settings.method, "over": settings.over, "seed": settings.seed, "size": settings.size,
        "numbers": len(rows), "people": asked.people, "failed": sum(asked.failed.values()),
        "failures": dict(asked.failed.most_common()), "people_per_second": asked.people / spent, **found,
        "model_hash": model.network.digest, "ledger_hash": model.ledger.digest,
    }  # fmt: skip


def _base(model: Model, question: Question, options: Options | None) -> Any:
    laboratory = Laboratory(model, options)
    laboratory.run([question.case])
    answer = question.answer(model, laboratory.runs)
    if answer.reason:
        raise InputError("E436", f"no answer at the ledger's numbers: {answer.reason}", where=question.text)
    return answer


def _people(question: Question) -> list[str]:
    return list(dict.fromkeys(question.case.chain(arm)[0].crew.like for arm in question.sides))


def _sites(model: Model, question: Question) -> list[str]:
    return list(dict.fromkeys(each.site.name for each in question.people(model) if each.site))


def _sampled(asked: Asked, groups: Sequence[str], settings: Settings) -> dict[str, Any]:
    rows = asked.rows
    if settings.method == "sobol":
        got = sobol(groups, lambda cube: asked(drawn(rows, cube)), settings.size, settings.seed)
        return {
            "mean": got.mean, "sd": got.sd, "dropped": got.dropped,
            "indices": sorted((_finite(vars(each)) for each in got.indices), key=lambda e: -e["total"]),
        }  # fmt: skip
    from scipy.special import ndtr

    ways = morris(groups, lambda z: asked(drawn(rows, ndtr(z))), settings.size, settings.seed)
    told = {row.row: row for row in rows} if settings.over == "numbers" else {}
    effects = [{**_finite(vars(each)), **_row(told.get(each.name))} for each in ways.effects]
    return {"dropped": ways.dropped, "effects": effects}


def _finite(data: dict[str, Any]) -> dict[str, Any]:
    return {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in data.items()}


def _row(row: Parameter | None) -> dict[str, Any]:
    if row is None:
        return {}
    said = {"value": row.value, "unit": row.unit, "spread": str(row.spread), "grade": row.grade}
    return {**said, "source": row.source, "where": row.where}
