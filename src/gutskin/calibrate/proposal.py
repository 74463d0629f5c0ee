"""A proposal: what would move, how far, and what each residual did; applied to the ledger on demand."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from gutskin.calibrate.identify import Narrowing, Profile
from gutskin.calibrate.knobs import ends
from gutskin.calibrate.least_squares import Fit
from gutskin.calibrate.problem import Point, Problem
from gutskin.errors import InputError
from gutskin.evidence.score import Score
from gutskin.ledger import Parameter, is_number, read_ledger
from gutskin.result import write_atomically

FAR = 2.0  # a number that moved by more standard deviations than this is called out
KIND = "gutskin proposal 1"
BESIDE = ("*.toml", "*.csv", "treatments/*.toml")  # files that a case may be made of


def stamp(problem: Problem, settings: dict[str, Any]) -> dict[str, Any]:
    """Return what made a proposal: versions, hashes of model, ledger and cases, settings; ``id`` names it."""
    from importlib.metadata import version

    said = hashlib.sha256()
    for case in problem.cases:
        beside = (path for pattern in BESIDE for path in sorted(case.path.parent.glob(pattern)))
        for path in (case.path, *beside):
            said.update(path.read_bytes())
    made = {
        "gutskin": version("gutskin"), "model_hash": problem.model.network.digest,
        "ledger_hash": problem.model.ledger.digest, "cases_hash": said.hexdigest()[:16],
        "studies": [case.study for case in problem.cases], **settings, "solver": vars(problem.options),
    }  # fmt: skip
    text = json.dumps(made, sort_keys=True)
    return {"id": hashlib.sha256(text.encode()).hexdigest()[:12], **made}


def propose(
    problem: Problem,
    fits: Sequence[Fit],
    told: Narrowing,
    profiles: Sequence[Profile],
    settings: dict[str, Any],
) -> dict[str, Any]:
    """Return the proposal as a document; numbers that are not finite are null."""
    before, best = problem.start, fits[0].point
    moves = [_move(problem, best, told, k) for k in range(len(problem.knobs))]
    rows = [
        _row(old, new, float(a), float(b))
        for old, new, a, b in zip(before.scores, best.scores, before.residuals, best.residuals, strict=True)
    ]
    document = {
        "kind": KIND, "stamp": stamp(problem, settings),
        "loss": {"before": before.loss, "after": best.loss, "misfit_before": before.misfit,
                 "misfit_after": best.misfit},
        "ends": [{"loss": fit.point.loss, "steps": fit.steps, "why": fit.why} for fit in fits],
        "parameters": moves, "residuals": rows,
        "left_out": [_lost(score) for score in problem.left_out],
        "eigenvalues": told.eigenvalues.tolist(), "informed": told.informed,
        "slopes_unknown": best.unknown,
        "profiles": [vars(each) for each in profiles],
    }  # fmt: skip
    return json.loads(json.dumps(document), parse_constant=lambda _: None)


def _move(problem: Problem, best: Point, told: Narrowing, k: int) -> dict[str, Any]:
    knob, z = problem.knobs[k], float(best.z[k])
    notes = ["at the end of its range"] if z and knob.at_bound(z) else []
    notes += [f"moved by more than {FAR:g} sd"] if abs(z) > FAR else []
    return {
        "row": knob.row.row, "unit": knob.row.unit, "old": knob.row.value,
        "new": float(f"{knob.value(z):.12g}"),
        "moved_sd": z,
        "spread": str(knob.row.spread), "grade": knob.row.grade, "spread_left": float(told.left[k]),
        "notes": notes,
    }  # fmt: skip


def _lost(score: Score) -> dict[str, str]:
    return {"study": score.study, "readout": score.readout, "said": score.said, "reason": score.reason}


def _row(old: Score, new: Score, before: float, after: float) -> dict[str, Any]:
    return {
        "study": new.study, "role": new.role, "readout": new.readout, "said": new.said, "unit": new.unit,
        "low": new.low, "high": new.high, "before": old.value, "after": new.value,
        "residual_before": before, "residual_after": after, "grade_before": old.grade,
        "grade_after": new.grade,
    }  # fmt: skip


def read_proposal(path: Path) -> dict[str, Any]:
    """Read a proposal.

    Raises
    ------
    InputError
        E422 when the file is none.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(
            "E422", f"{path} cannot be read as a proposal", remedy="give what calibrate --out wrote"
        ) from error
    rows: Any = document.get("parameters") if isinstance(document, dict) else None
    fine = isinstance(rows, list) and document.get("kind") == KIND and isinstance(document.get("stamp"), dict)
    if not fine or not all(_is_move(row) for row in rows):
        raise InputError("E422", f"{path} is no proposal", remedy="give what calibrate --out wrote")
    return document


def _is_move(row: Any) -> bool:
    return (
        isinstance(row, dict)
        and isinstance(row.get("row"), str)
        and all(is_number(row.get(key)) for key in ("old", "new", "moved_sd"))
    )


def apply(document: dict[str, Any], library: Path) -> list[Path]:
    """Write the new numbers into the ledger as grade ``calibrated``, and return the files changed.

    Everything else of the files stays as it is. Nothing is written unless all of it can be.

    Raises
    ------
    InputError
        E422 when a row is not in the ledger or cannot have its number, E423 when the proposal was made for
        another ledger; E282 when a file cannot be written.
    """
    ledger = read_ledger(library)
    if ledger.digest != document["stamp"].get("ledger_hash"):
        remedy = "calibrate again: the ledger has changed since"
        raise InputError(
            "E423", "the proposal was made for another ledger", where=str(library), remedy=remedy
        )
    texts: dict[Path, str] = {}
    for each in document["parameters"]:
        row = ledger.rows.get(each["row"])
        if row is None or not _may_be(row, each["new"]):
            raise InputError(
                "E422",
                f"{each['row']} cannot become {each['new']!r}",
                remedy="give what calibrate --out wrote",
            )
        if each["new"] != row.value:
            module, _, name = row.row.partition(".")
            path = library / "parameters" / f"{module}.toml"
            # Bytes, so that ends of lines stay as they are.
            before = texts.get(path) or path.read_bytes().decode("utf-8")
            texts[path] = edited(before, name, each, str(document["stamp"].get("id", "")))
    _write_all(texts)
    return list(texts)


def _may_be(row: Parameter, value: float) -> bool:
    """Whether a number is within reach of the spread of its row."""
    if row.spread.kind == "fixed":
        return value == row.value
    least, most = ends(row)
    return least <= value <= most


def _write_all(texts: Mapping[Path, str]) -> None:
    """Write all files or none: after a failure or an interrupt those already written are put back."""
    before = {path: path.read_bytes() for path in texts}
    done: list[Path] = []
    try:
        for path, text in texts.items():
            done.append(path)
            write_atomically(path, partial(_write, text.encode("utf-8")))
    except BaseException as error:
        for path in done:
            if path.read_bytes() != before[path]:
                write_atomically(path, partial(_write, before[path]))
        if isinstance(error, OSError):
            remedy = "use a library that you own"
            raise InputError("E282", f"cannot write {path}", where=str(error), remedy=remedy) from error
        raise


def _write(data: bytes, path: Path) -> None:
    path.write_bytes(data)


def edited(text: str, name: str, move: Mapping[str, Any], stamp_id: str) -> str:
    """Return a file of the ledger with one row changed; layout and comments stay.

    Raises
    ------
    InputError
        E422 when that cannot be done without a change of anything else.
    """
    import tomlkit

    document = tomlkit.parse(text)
    table: Any = document
    wanted = tomllib.loads(text)
    row = wanted
    for part in name.split("."):
        table, row = table[part], row[part]
    said = f"was {row['value']!s}, {row['grade']}"
    said += f"; moved by {move['moved_sd']:+.2f} sd in calibration {stamp_id}"
    before = str(row.get("note", "")).strip()
    note = f"{before}; {said}" if before else said
    table["value"], table["grade"] = float(move["new"]), "calibrated"
    if "note" in row or isinstance(table, tomlkit.items.InlineTable):
        table["note"] = note
    else:  # on the line behind the grade, not behind the comments and empty lines that end a table
        trivia = table["grade"].trivia
        trivia.trail = f"{trivia.trail}note = {tomlkit.string(note).as_string()}{trivia.trail}"
    row |= {"value": float(move["new"]), "grade": "calibrated", "note": note}
    out = tomlkit.dumps(document)
    if tomllib.loads(out) != wanted:
        raise InputError("E422", f"{name} cannot be changed alone", remedy="write its table like the others")
    return out
