"""What made an answer: versions, hashes, the population, the twin and the solver."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import version
from typing import Any

from gutskin.engine.outcome import Options
from gutskin.stream import RTOL
from gutskin.twin.twin import Twin


def stamp(twin: Twin, *, population: str, seed: int, warnings: Sequence[str] = ()) -> dict[str, Any]:
    """Return what a second run needs to give the same answers, as plain data.

    Parameters
    ----------
    twin
        Who the answers are of.
    population
        Name of the reference population.
    seed
        Of resampling and updates of the twin.
    warnings
        What went not as it should.
    """
    reference, model = twin.reference, twin.reference.model
    return {
        "gutskin": version("gutskin"), "python": platform.python_version(), "numpy": version("numpy"),
        "scipy": version("scipy"), "model": model.name, "model_hash": model.network.digest,
        "ledger_hash": model.ledger.digest,
        "population": {
            "name": population, "place": reference.place, "size": int(reference.size),
            "lost": int(sum(reference.lost)), "seed": int(reference.seed),
        },
        "twin": {
            "support": float(twin.support), "members": int(twin.weights.size),
            "effective": float(twin.effective), "rounds": int(twin.rounds), "strain": float(twin.strain),
            "seed": int(seed),
        },
        "solver": asdict(Options(rtol=RTOL)),
        "warnings": list(dict.fromkeys([*twin.seen.notes, *warnings])),
    }  # fmt: skip
