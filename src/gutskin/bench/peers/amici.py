"""AMICI: CVODES with a sparse solver on C++ that it generates and has compiled, from meal to meal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from gutskin.bench.cases import Case
from gutskin.bench.peers.pieces import through
from gutskin.bench.sbml import ABSOLUTE, case_sbml
from gutskin.paths import cache_folder

MAX_STEPS = 200_000


def open_model(case: Case) -> Callable[[int, float], Any]:
    """Return ``states(person, rtol)``.

    The function raises ``ArithmeticError`` when the run fails.
    """
    import tempfile

    import amici
    import numpy as np
    from amici.sim.sundials import SensitivityOrder, run_simulation

    cache_folder().mkdir(parents=True, exist_ok=True)
    name, folder = f"amici_{case.name}", tempfile.mkdtemp(dir=cache_folder())
    amici.SbmlImporter(case_sbml(case, meals=False), from_file=False).sbml2amici(
        name, folder, observation_model=[], compute_conservation_laws=False, generate_sensitivity_code=False
    )
    model = amici.import_model_module(name, folder).get_model()
    solver = model.create_solver()
    solver.set_sensitivity_order(SensitivityOrder.none)
    solver.set_max_steps(MAX_STEPS)
    names = [_renamed(each.name, model.get_free_parameter_ids()) for each in case.network.constants]
    order = [
        model.get_state_ids().index(_renamed(each, model.get_state_ids())) for each in case.network.states
    ]

    def run(state: Any, times: Any) -> Any:
        begin = np.empty(len(order))
        begin[order] = state[: len(order)]
        model.set_t0(float(times[0]))
        model.set_timepoints(times.tolist())
        model.set_initial_state(begin.tolist())
        found = run_simulation(model, solver)
        if found.status != 0:
            raise ArithmeticError(
                f"gave up between {times[0] / case.day:.4g} and {times[-1] / case.day:.4g} days"
            )
        return np.asarray(found.x)[:, order]

    def states(person: int, rtol: float) -> Any:
        model.set_free_parameter_by_id(dict(zip(names, case.constants[:, person].tolist(), strict=True)))
        solver.set_relative_tolerance(rtol)
        solver.set_absolute_tolerance(rtol * ABSOLUTE)
        return through(case, person, run)

    return states


def _renamed(name: str, known: Sequence[str]) -> str:
    """Return the name that AMICI has for a name; it renames what it has a use for itself."""
    return name if name in known else f"amici_{name}"
