"""Events of the model as exact stops of each person's run, merged with what is done to the person.

Whatever is due at one time is done in this order: events in the order of the model, each with what the one
before it left; then the person's own stops.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from gutskin.engine.outcome import Array, Stop
from gutskin.kernel import Happening, Kernel


def with_events(
    kernel: Kernel, constants: Array, plan: Sequence[Stop], begin: float, since: float | None = None
) -> Sequence[Stop]:
    """Return one person's stops with the events of the model among them.

    Parameters
    ----------
    kernel
        Compiled network.
    constants
        Constants (K,) of the person at the time ``since``; they give the times of events. The numbers of an
        event come from the constants as they are when it happens.
    plan
        The person's own stops.
    begin
        First output time [h].
    since
        Time [h] at which the run began, by default ``begin``. What is true then does not happen; only
        ``time > since`` becomes true at once. If it is earlier, constants are first set as events and stops
        before ``begin`` left them. Infinite: nothing happens.
    """
    if since is None:
        since = begin
        if not kernel.events:
            return plan
    import numpy as np

    current = np.array(constants, float)
    due = [
        (begin if math.isnan(time) else time, 0, n)
        for n, (event, (time, *_)) in enumerate(zip(kernel.events, _schedule(kernel, current), strict=True))
        if since < time < math.inf or (event.strict and time == since) or math.isnan(time)
    ]
    due += [(stop.time, 1, n) for n, stop in enumerate(plan) if stop.time >= min(since, begin)]
    held: dict[int, float] = {}
    out: list[Stop] = []
    for time, own, n in sorted(due):
        stop = plan[n] if own else _stop(kernel.events[n], time, _schedule(kernel, current)[n])
        for index, value in stop.set:
            current[index] = value
        if time >= begin:
            out.append(stop)
        else:
            held |= dict(stop.set)
    return [Stop(begin, set=tuple(held.items())), *out] if held else out


def _schedule(kernel: Kernel, constants: Array) -> list[list[float]]:
    """Return time and numbers of every event; what cannot be computed is NaN or infinite."""
    import numpy as np

    with np.errstate(all="ignore"):
        return [[float(value) for value in row] for row in kernel.vector.schedule(constants)]


def _stop(event: Happening, time: float, row: Sequence[float]) -> Stop:
    """Return what an event does; one whose time is undefined does what is undefined, which fails the run."""
    numbers = [math.nan] * len(event.kinds) if math.isnan(row[0]) else row[1:]
    done: dict[str, list[tuple[int, float]]] = {"set": [], "scale": [], "add": []}
    for kind, place, number in zip(event.kinds, event.places, numbers, strict=True):
        done[kind].append((place, number))
    return Stop(time, tuple(done["set"]), tuple(done["scale"]), tuple(done["add"]))
