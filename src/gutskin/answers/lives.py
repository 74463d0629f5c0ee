"""A twin's members live through a scenario, arm by arm."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from gutskin.engine.outcome import Array, Options
from gutskin.errors import InputError
from gutskin.people import Person
from gutskin.precedence import resolve
from gutskin.readouts import Readout
from gutskin.scenario import Course, Scenario
from gutskin.stream import RTOL, Crowd, Job, judged, means, parts_of, run_people
from gutskin.twin.twin import Twin

PART = 64  # members run side by side between two words of progress


def live(
    twin: Twin,
    scenario: Scenario,
    arms: Mapping[str, Sequence[Course]],
    readouts: Mapping[str, Readout],
    days: Sequence[float],
    *,
    tick: Callable[[float], None] | None = None,
) -> Array:
    """Return means over the day before each of ``days`` (A, R, D, N); NaN in all arms for who fails in one.

    Parameters
    ----------
    twin, scenario, arms
        Whose members live, what they do anyway and for how long, and the courses of every arm.
    readouts
        What is read.
    days
        When [day].
    tick
        Called with the share of work done since the last call [1].

    Raises
    ------
    InputError
        E587 the scenario looks at another place of the body than the samples are from.
    """
    model, place = twin.reference.model, twin.reference.place
    if scenario.site and scenario.site != place:
        remedy = f"leave site out, or write {place!r}"
        raise InputError("E587", f"site = {scenario.site!r}, but the samples are of {place!r}", remedy=remedy)
    constants, settled = twin.constants, twin.found.states
    if scenario.overrides:
        settled = None
        values, origins = resolve(model, Person("", "").having("scenario", scenario.overrides))
        index = {constant.name: k for k, constant in enumerate(model.network.constants)}
        for name in origins:
            constants[index[name]] = values[index[name]]
    crowd = Crowd(twin.weights.size, tuple(days), Person("", ""), scenario.seed)
    times, end = judged(days, scenario.days), float(max(days))
    job = Job(
        model, replace(scenario, days=end), crowd, arms, readouts, times[times <= end * 24.0 + 1e-9],
        Options(rtol=RTOL),
    )  # fmt: skip
    out = []
    for first, count in parts_of(twin.weights.size, PART):
        who = slice(first, first + count)
        own = None if settled is None else settled[:, who]
        part = run_people(job, constants[:, who], first, own)
        values = np.array([means(days, job.times, each) for each in part.values])
        values[..., part.lost] = np.nan
        out.append(values)
        if tick:
            tick(count / twin.weights.size)
    return np.concatenate(out, axis=-1)
