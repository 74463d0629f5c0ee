"""The record that the driver works on: numbers and arrays of one thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Numbers = Any  # array of float64
Wholes = Any  # array of int64


@dataclass
class Run:
    """What one thread works on. Arrays of people are person by person; those of vectors are lane by lane."""

    width: int
    states: int
    body: int  # states without tallies
    constants: int
    derived: int
    tallies: int
    people: int
    outputs: int
    kinds: int
    max_steps: int
    mode: int  # whether steps are recorded or replayed
    time: Numbers  # outputs [h]
    start: Numbers
    constant: Numbers
    content: Numbers  # tallies x states
    limits: Numbers
    stop_first: Wholes  # people + 1
    stop_time: Numbers
    stop_kind: Wholes
    stop_list: Wholes  # list of actions
    action_first: Wholes  # lists + 1
    action_what: Wholes
    action_where: Wholes
    action_amount: Numbers
    tape: Numbers  # lengths of accepted steps [h]
    tape_first: Wholes  # people; where each one's steps begin
    out_states: Numbers  # people x outputs x states
    out_derived: Numbers
    out_end: Numbers  # people x states
    code: Wholes
    failed_at: Numbers
    failed_state: Wholes
    steps: Wholes
    queue: Wholes  # next person; shared by threads
    halt: Wholes
    done: Numbers  # hours
    p: Numbers
    q: Numbers
    y: Numbers
    next: Numbers
    between: Numbers
    observed: Numbers
    work: Numbers
    inverse: Numbers
    guessed: Numbers
    verdict: Numbers
    mask: Numbers
    share: Numbers
    who: Wholes  # person in the lane, or -1
    t: Numbers
    h: Numbers  # step to try next; 0 asks for a guess
    tried: Numbers
    goal: Numbers  # next stop, or the end
    landing: Wholes
    fresh: Wholes
    due: Wholes  # next output
    stop: Wholes  # next stop
    waiting: Wholes  # kind of stop whose first step is still to be remembered, or -1
    cautious: Wholes
    bad: Wholes
    dips: Wholes
    taken: Wholes  # steps tried
    kept: Wholes  # steps accepted
    remembered: Numbers  # lanes x kinds
    stale: Wholes
