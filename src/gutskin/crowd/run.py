"""A scenario for a crowd of virtual people: both arms, in parts, resumable to the same bytes.

Kept of everybody are means of read-outs on chosen days; whole courses only when asked for, a file a part.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from gutskin import stream
from gutskin.crowd import courses as whole
from gutskin.crowd import files
from gutskin.crowd import parts as pieces
from gutskin.crowd.summary import summarise
from gutskin.engine.outcome import Options
from gutskin.model import Model
from gutskin.result import Result, write_text
from gutskin.scenario import Scenario
from gutskin.simulate import stamp
from gutskin.stream import Crowd, Job, Part

FORMAT = 2  # of the folder


def run_crowd(
    model: Model,
    scenario: Scenario,
    crowd: Crowd,
    out: Path,
    *,
    courses: str = "",
    options: Options | None = None,
    tick: Callable[[float], None] | None = None,
    say: Callable[[str], None] | None = None,
) -> dict[str, Any]:
    """Run a crowd into a folder and return its summary; parts that are there and whole are not run again.

    Parameters
    ----------
    model, scenario, crowd
        What, what is done, and to whom.
    out
        Folder for ``crowd.json``, ``parts/``, ``failures.csv``, ``summary.json`` and maybe ``courses/``.
    courses
        Kind of file for whole courses of the read-outs, every 4 h, of ``courses.KINDS``; none when empty.
    options
        Solver settings; by default rtol 1e-4.
    tick
        Called with the share of the crowd done since the last call [1].
    say
        Called with what a user should know: how much will be written, which part was damaged.

    Raises
    ------
    InputError
        E266 for nobody, E282 when the disk refuses, E284 when the folder holds another crowd, E285 when a
        day is outside the scenario, E290 for an unknown read-out, E291 and E294 for courses that cannot be
        written, E292 when the disk has no room, E293 when another run is in the folder.
    """
    job = job_of(model, scenario, crowd, courses, options)
    made = {**_identity(job), "courses": courses, "writers": whole.writers(courses) if courses else {}}
    tick, say = tick or (lambda _: None), say or (lambda _: None)
    room = _room(out, job, courses)
    free = files.check_room(out, room)
    if room:
        say(f"about {files.in_words(room)} will be written to {out}; {files.in_words(free)} are free")
    parts = stream.parts_of(crowd.people, stream.part_size(job))
    with files.claimed(out, made):
        todo = _to_do(out, parts, say)
        tick(1.0 - sum(count for _, count in todo) / crowd.people)
        for first, count in todo:
            _keep(out, job, stream.run_part(job, first, count), courses, made)
            tick(count / crowd.people)
        with files.writing(out):
            summary = summarise(out, parts, list(job.arms), job.readouts, crowd.days)
            write_text(out / "summary.json", json.dumps(summary, indent=1) + "\n")
    return summary


def job_of(
    model: Model, scenario: Scenario, crowd: Crowd, courses: str = "", options: Options | None = None
) -> Job:
    """Return what all parts of a crowd have in common; see :func:`run_crowd` for what is refused."""
    stream.check(scenario, crowd)
    times = stream.judged(crowd.days, scenario.days)
    if courses:
        times = np.union1d(times, stream.every(scenario.days))
    rows, settings = stream.chosen(model, crowd.readouts), options or Options(rtol=stream.RTOL)
    return Job(model, scenario, crowd, stream.both_arms(scenario), rows, times, settings)


def size_of(job: Job, courses: str = "") -> int:
    """Return about how many bytes the folder of a crowd takes."""
    parts = -(-job.crowd.people // stream.part_size(job))
    each = len(job.arms) * len(job.readouts) * job.crowd.people
    kept = whole.NUMBER * each * len(job.crowd.days) + 1000 * parts
    if not courses:
        return kept
    return kept + whole.size(each * stream.every(job.scenario.days).size, len(job.arms) * parts)


def _room(out: Path, job: Job, courses: str) -> int:
    """Return about how many bytes are still to be written."""
    size, people = size_of(job, courses), job.crowd.people
    if not (out / "crowd.json").exists():
        return size
    parts = stream.parts_of(people, stream.part_size(job))
    return size * sum(count for first, count in parts if not pieces.has_record(out, first)) // people


def _identity(job: Job) -> dict[str, Any]:
    """Return what a folder of parts belongs to; another crowd must not be mixed in."""
    crowd, scenario = job.crowd, json.dumps(asdict(job.scenario), sort_keys=True)
    asked = {
        "crowd": crowd.people,
        "days": [float(day) for day in crowd.days],
        "seed": crowd.seed,
        "part": stream.part_size(job),
        "readouts": [[name, each.quantity, each.unit] for name, each in job.readouts.items()],
        "arms": list(job.arms),
        "scenario_hash": hashlib.sha256(scenario.encode()).hexdigest()[:16],
        "format": FORMAT,
    }
    return {**stamp(job.model, [crowd.like], job.scenario, job.options), **asked}


def _to_do(out: Path, parts: list[tuple[int, int]], say: Callable[[str], None]) -> list[tuple[int, int]]:
    """Return the parts that are not there or not whole."""
    todo, there = [], sum(pieces.has_record(out, first) for first, _ in parts)
    if there:
        say(f"{there} of {len(parts)} parts are there and are checked")
    for first, count in parts:
        damaged = pieces.fault(out, first) if pieces.has_record(out, first) else ""
        if damaged:
            people = f"people {first} to {first + count - 1}"
            say(f"{damaged} is missing or not what was written: {people} are run again")
        if damaged or not pieces.has_record(out, first):
            todo.append((first, count))
    return todo


def _keep(out: Path, job: Job, part: Part, courses: str, made: Mapping[str, Any]) -> None:
    """Write the files of a part, and last its record.

    A person who fails in either arm is NaN in the means of both.
    """
    values = np.array([stream.means(job.crowd.days, job.times, each) for each in part.values])
    values[..., part.lost] = np.nan
    failures = [{**asdict(each), "arm": arm, "code": each.code.name} for arm, each in part.failures]
    with files.writing(out):
        written = [pieces.save_values(pieces.values_path(out, part.first), values)]
        for arm in job.arms if courses else ():
            path = pieces.courses_path(out, arm, part.first)
            written.append(whole.write(_courses(job, part, arm, made), path, courses))
        rescued = [list(each) for each in part.rescued]
        pieces.record(out, part.first, written, {"failures": failures, "rescued": rescued})


def _courses(job: Job, part: Part, arm: str, made: Mapping[str, Any]) -> Result:
    """Return the courses of one arm of a part; the name of a person is the number in the crowd."""
    times = stream.every(job.scenario.days)
    failures = []
    for where, each in part.failures:
        if where in (arm, stream.BEFORE):
            reason = each.reason if where == arm else f"{where}: {each.reason}"
            failures.append(replace(each, person=each.person - part.first, reason=reason))
    rows = job.readouts.values()
    values = part.values[list(job.arms).index(arm)][:, np.searchsorted(job.times, times)]
    return Result(
        tuple(job.readouts),
        tuple(each.label for each in rows),
        tuple(each.unit for each in rows),
        tuple(str(part.first + k) for k in range(part.count)),
        times,
        values,
        tuple(failures),
        {**made, "arm": arm, "rescued": [str(person) for where, person in part.rescued if where == arm]},
    )
