"""The loop around the steps: who is in which lane, how long a step is, when to stop, sample and fail.

Written in the part of Python that :mod:`gutskin.engine.lower` makes machine code of. Every lane has its own
time, step and stops and depends on no other: a person's numbers are the same in any company.
"""

from __future__ import annotations

from typing import Any

from gutskin.engine.blame import lowest, undefined
from gutskin.engine.record import Run

NOT_FINITE, NEGATIVE, COLLAPSED, TOO_MANY = 1, 2, 3, 4  # as in engine.outcome.Code
SET, SCALE = 0, 1  # kinds of action; any other adds
FREE, RECORD, REPLAY = 0, 1, 2  # steps are chosen; chosen and written to a tape; read from it
NEARLY, HALF = 1.05, 2.0  # a step that almost reaches a stop goes there; one that nearly does goes half way
CUT, DIP, PATIENCE = 0.1, 0.25, 12
SMALLEST, GRAIN = 1e-22, 4e-16  # no step is shorter than the first [h], or than this share of the time


def drive(run: Run) -> None:
    """Work until the queue is empty."""
    active, more = 0, 1
    for lane in range(run.width):
        run.who[lane] = -1
        run.inverse[lane] = 1.0
    while run.halt[0] == 0:
        active = 0
        for lane in range(run.width):
            if run.who[lane] < 0 and more == 1:
                more = admit(run, lane)
            if run.who[lane] >= 0:
                active += 1
        if active == 0:
            return
        refresh(run)
        propose(run)
        step(run.y, run.q, run.inverse, run.work, run.limits, run.next, run.verdict)
        for lane in range(run.width):
            run.mask[lane] = 0.0
            if run.who[lane] >= 0:
                judge(run, lane)
        sample(run)
        keep(run.y, run.next, run.mask)
        for lane in range(run.width):
            if run.mask[lane] != 0.0 and run.landing[lane] == 1:
                arrive(run, lane)


def admit(run: Run, lane: int) -> int:
    """Put the next person into a lane; 0 when there is none."""
    person = take(run.queue)
    if person >= run.people:
        return 0
    for i in range(run.states):
        run.y[i * run.width + lane] = run.start[person * run.states + i]
    for k in range(run.constants):
        run.p[k * run.width + lane] = run.constant[person * run.constants + k]
    for n in range(run.kinds):
        run.remembered[lane * run.kinds + n] = 0.0
    run.who[lane] = person
    run.t[lane] = run.time[0]
    run.h[lane] = 0.0
    run.fresh[lane] = 1
    run.stale[0] = 1
    run.due[lane] = 0
    run.waiting[lane] = -1
    run.cautious[lane] = 0
    run.bad[lane] = 0
    run.dips[lane] = 0
    run.taken[lane] = 0
    run.kept[lane] = 0
    run.stop[lane] = run.stop_first[person]
    while run.stop[lane] < run.stop_first[person + 1] and run.stop_time[run.stop[lane]] < run.time[0]:
        run.stop[lane] += 1
    return 1


def refresh(run: Run) -> None:
    """Compute what depends on constants; show new people at the first time and do what is due then."""
    fresh = 0
    for lane in range(run.width):
        if run.who[lane] >= 0 and run.fresh[lane] == 1:
            fresh = 1
    if run.stale[0] == 1:
        prepare(run.p, run.q)
        run.stale[0] = 0
    if fresh == 1:
        show(run.y, run.limits, run.between)
        observe(run.between, run.q, run.observed)
        for lane in range(run.width):
            if run.who[lane] >= 0 and run.fresh[lane] == 1:
                write(run, lane)
                run.fresh[lane] = 0
                obey(run, lane)
    if run.stale[0] == 1:
        prepare(run.p, run.q)
        run.stale[0] = 0


def propose(run: Run) -> None:
    """Choose every lane's step; guess it where nothing is known."""
    unknown = 0
    for lane in range(run.width):
        if run.who[lane] >= 0 and run.h[lane] == 0.0:
            unknown = 1
    if unknown == 1:
        guess(run.y, run.q, run.work, run.limits, run.guessed)
    for lane in range(run.width):
        if run.who[lane] >= 0:
            left = run.goal[lane] - run.t[lane]
            if run.h[lane] == 0.0:
                run.h[lane] = left  # nothing moves, or it is undefined: the first step will tell
                if run.guessed[lane] < left:
                    run.h[lane] = max(run.guessed[lane], SMALLEST)
            length = run.h[lane]
            run.landing[lane] = 0
            if run.mode == REPLAY:
                length = run.tape[run.tape_first[run.who[lane]] + run.kept[lane]]
                if length >= left:
                    run.landing[lane] = 1
            elif length * NEARLY >= left:
                length = left
                run.landing[lane] = 1
            elif length * HALF > left:
                length = left * 0.5
            run.tried[lane] = length
            run.inverse[lane] = 1.0 / length


def judge(run: Run, lane: int) -> None:
    """Accept the step, or try a shorter one, or fail."""
    error, factor, tried = run.verdict[lane], run.verdict[run.width + lane], run.tried[lane]
    run.taken[lane] += 1
    run.done[1] += 1.0
    if run.taken[lane] > run.max_steps:
        fail(run, lane, TOO_MANY, -1)
    elif run.mode == REPLAY and error < 1e20:
        accept(run, lane, 1.0)  # as long as another's was, whatever the error
    elif not error < 1e20:
        culprit = undefined(run, lane)
        if culprit >= 0:
            fail(run, lane, NOT_FINITE, culprit)
        elif run.mode == REPLAY:
            fail(run, lane, COLLAPSED, -1)
        else:
            shorten(run, lane, tried * CUT)
    elif error > 1.0:
        shorten(run, lane, tried * min(factor, 0.9))
    elif run.verdict[2 * run.width + lane] < 0.0:
        run.dips[lane] += 1
        if run.dips[lane] > PATIENCE:
            fail(run, lane, NEGATIVE, lowest(run, lane))
        else:
            shorten(run, lane, tried * DIP)
    else:
        accept(run, lane, factor)


def accept(run: Run, lane: int, factor: float) -> None:
    """Take the step over and choose the next."""
    tried = run.tried[lane]
    if run.cautious[lane] == 1:
        factor = min(factor, 1.0)
    following = tried * factor
    if tried < 0.99 * run.h[lane]:
        following = max(following, run.h[lane])  # it was cut short by a stop, not by its error
    elif run.waiting[lane] >= 0:
        run.remembered[lane * run.kinds + run.waiting[lane]] = tried * min(factor, 2.0)
    run.waiting[lane] = -1
    run.h[lane] = following
    run.cautious[lane] = 0
    run.bad[lane] = 0
    run.dips[lane] = 0
    run.mask[lane] = 1.0
    run.done[0] += tried
    if run.mode == RECORD:
        run.tape[run.tape_first[run.who[lane]] + run.kept[lane]] = tried
    run.kept[lane] += 1
    if run.landing[lane] == 1:
        run.t[lane] = run.goal[lane]
    else:
        run.t[lane] += tried


def shorten(run: Run, lane: int, length: float) -> None:
    """Try again with a shorter step, unless it has become too short."""
    run.h[lane] = length
    run.cautious[lane] = 1
    run.bad[lane] += 1
    if length < SMALLEST or length < GRAIN * abs(run.t[lane]):
        fail(run, lane, COLLAPSED, -1)


def fail(run: Run, lane: int, code: int, state: int) -> None:
    """Record why and when, and free the lane."""
    person = run.who[lane]
    run.code[person] = code
    run.failed_at[person] = run.t[lane]
    run.failed_state[person] = state
    retire(run, lane)


def retire(run: Run, lane: int) -> None:
    """Free the lane, leaving the states as they are; what idles in the lane is harmless and cheap."""
    for i in range(run.states):
        run.out_end[run.who[lane] * run.states + i] = run.y[i * run.width + lane]
    run.steps[run.who[lane]] = run.taken[lane]
    run.who[lane] = -1
    run.inverse[lane] = 1.0


def sample(run: Run) -> None:
    """Write what is due between the beginnings and ends of the steps just taken."""
    found = 1
    while found == 1:
        found = 0
        for lane in range(run.width):
            run.share[lane] = -1.0
            if run.mask[lane] != 0.0 and run.due[lane] < run.outputs:
                ahead = run.t[lane] - run.time[run.due[lane]]
                if ahead >= 0.0:
                    run.share[lane] = max(1.0 - ahead / run.tried[lane], 0.0)
                    found = 1
        if found == 1:
            between(run.y, run.next, run.work, run.share, run.limits, run.between)
            observe(run.between, run.q, run.observed)
            for lane in range(run.width):
                if run.share[lane] >= 0.0:
                    write(run, lane)


def write(run: Run, lane: int) -> None:
    """Write one output of one person."""
    row = run.who[lane] * run.outputs + run.due[lane]
    for i in range(run.states):
        run.out_states[row * run.states + i] = run.between[i * run.width + lane]
    for d in range(run.derived):
        run.out_derived[row * run.derived + d] = run.observed[d * run.width + lane]
    run.due[lane] += 1


def arrive(run: Run, lane: int) -> None:
    """End the person's run, or do what is due at this stop."""
    if run.t[lane] >= run.time[run.outputs - 1]:
        retire(run, lane)
    else:
        obey(run, lane)


def obey(run: Run, lane: int) -> None:
    """Do all stops of this time; take up the step that was remembered after the last such stop."""
    last = run.stop_first[run.who[lane] + 1]
    while run.stop[lane] < last and run.stop_time[run.stop[lane]] <= run.t[lane]:
        number = run.stop[lane]
        chosen = run.stop_list[number]
        for action in range(run.action_first[chosen], run.action_first[chosen + 1]):
            act(run, lane, action)
        run.waiting[lane] = run.stop_kind[number]
        run.h[lane] = run.remembered[lane * run.kinds + run.stop_kind[number]]
        run.stop[lane] += 1
    run.goal[lane] = run.time[run.outputs - 1]
    if run.stop[lane] < last:
        run.goal[lane] = min(run.goal[lane], run.stop_time[run.stop[lane]])


def act(run: Run, lane: int, action: int) -> None:
    """Set a constant, or scale or raise a state; tallies take what comes in or goes out."""
    where, amount = run.action_where[action], run.action_amount[action]
    if run.action_what[action] == SET:
        run.p[where * run.width + lane] = amount
        run.stale[0] = 1
        return
    old = run.y[where * run.width + lane]
    new = old + amount
    if run.action_what[action] == SCALE:
        new = old * amount
    run.y[where * run.width + lane] = new
    for e in range(run.tallies):
        place = (run.body + e) * run.width + lane
        run.y[place] = run.y[place] - run.content[e * run.states + where] * (new - old)


LOWERED = (
    drive, admit, refresh, propose, judge, accept, shorten, undefined, lowest, fail, retire, sample, write,
    arrive, obey, act,
)  # fmt: skip


def _machine_code_only(*_: Any) -> int:
    raise NotImplementedError("this exists as machine code only")


take = step = keep = prepare = observe = guess = between = show = _machine_code_only
