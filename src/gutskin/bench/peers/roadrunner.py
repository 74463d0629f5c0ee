"""libroadrunner: CVODE on code that LLVM makes of the SBML; meals are events."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gutskin.bench.cases import Case
from gutskin.bench.sbml import ABSOLUTE, case_sbml

MAX_STEPS = 200_000


def open_model(case: Case) -> Callable[[int, float], Any]:
    """Return ``states(person, rtol)``."""
    import numpy as np
    import roadrunner

    roadrunner.Logger.setLevel(roadrunner.Logger.LOG_ERROR)
    run = roadrunner.RoadRunner(case_sbml(case))
    ids = list(run.model.getGlobalParameterIds())
    constants = [ids.index(each.name) for each in case.network.constants]
    clock = [ids.index(f"clock__{k}") for k in range(len(case.meals))]
    run.timeCourseSelections = ["time", *case.network.states]

    def states(person: int, rtol: float) -> Any:
        run.resetAll()
        run.model.setGlobalParameterValues(constants, case.constants[:, person].tolist())
        if clock:
            run.model.setGlobalParameterValues(clock, case.meal_times[:, person].tolist())
        integrator = run.integrator
        integrator.relative_tolerance, integrator.absolute_tolerance = rtol, rtol * ABSOLUTE
        integrator.stiff, integrator.variable_step_size = True, False
        integrator.maximum_num_steps = MAX_STEPS
        return np.array(run.simulate(0.0, float(case.times[-1]), case.days + 1))[:, 1:].T

    return states
