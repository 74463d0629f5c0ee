"""What to measure next: which reading would narrow an answer most, for its price."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gutskin.engine.outcome import Array
from gutskin.model import Model
from gutskin.readouts import Readout
from gutskin.samples.instruments import load_instruments
from gutskin.twin.twin import Twin
from gutskin.twin.weights import effective

LEAST = 0.02  # share of the variance below which a measurement is not worth naming [1]
CHANCE = 4.0  # share, times effective members, that one in twenty readings of nothing would show [1]


@dataclass(frozen=True)
class Candidate:
    """A reading that could be taken: ``sd`` of its error [unit, or of its log when ``log``], ``cost`` class.

    Cost 1 is asked or read at home, 2 a hand-held instrument, 3 a laboratory, 4 an invasive procedure.
    """

    readout: Readout
    sd: float
    log: bool
    cost: int


@dataclass(frozen=True)
class Measurement:
    """A reading and the share of the answer's variance that it would take away [1]."""

    candidate: Candidate
    narrows: float


def worth_measuring(
    twin: Twin, answer: Array, good: NDArray[np.bool_], candidates: Sequence[Candidate]
) -> tuple[Measurement, ...]:
    """Return readings that would narrow an answer, by more than chance; what tells most for its cost first.

    Parameters
    ----------
    twin
        Whose members gave the answer.
    answer
        One number (M,) for each member that is ``good`` (N,).
    candidates
        What could be measured; what was measured already is left out.
    """
    weights = twin.weights[good] / twin.weights[good].sum()
    spread = answer - answer @ weights
    whole = float(spread**2 @ weights)
    known = {reading.readout for reading in twin.seen.readings}
    least = max(LEAST, CHANCE / effective(weights))
    out = []
    for each in candidates:
        if each.readout.name in known or whole <= 0:
            continue
        values = twin.read(each.readout.quantity)[good]
        shown = np.log(np.maximum(values, 1e-12)) if each.log else values
        away = shown - shown @ weights
        joint, own = float(away * spread @ weights), float(away**2 @ weights)
        narrows = joint**2 / max((own + each.sd**2) * whole, 1e-300)
        if narrows >= least:
            out.append(Measurement(each, narrows))
    return tuple(sorted(out, key=lambda m: (-m.narrows / m.candidate.cost, m.candidate.readout.name)))


def candidates(model: Model) -> tuple[Candidate, ...]:
    """Return the readings that somebody could take: read-outs that an instrument of the library measures."""
    tools = load_instruments()
    out = []
    for name, readout in model.readouts.items():
        row = tools.rows.get(name)
        if row is None or not row.cost:
            continue
        log = row.error.kind == "gsd"
        out.append(Candidate(readout, math.log(row.error.size) if log else row.error.size, log, row.cost))
    return tuple(out)
