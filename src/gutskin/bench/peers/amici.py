"""AMICI: CVODES with a sparse solver on C++ that it generates and has compiled, from meal to meal."""

from __future__ import annotations

from collections.abc import Callable
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
    known = set(model.get_free_parameter_ids())
    names = [each.name for each in case.network.constants]
    used = [k for k, each in enumerate(names) if each in known]
    order = [model.get_state_ids().index(each) for each in case.network.states]

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
        model.set_free_parameter_by_id({names[k]: float(case.constants[k, person]) for k in used})
        solver.set_relative_tolerance(rtol)
        solver.set_absolute_tolerance(rtol * ABSOLUTE)
        return through(case, person, run)

    return states
