"""COPASI through basico: its LSODA on the SBML; meals are events. Its time includes making a table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gutskin.bench.cases import Case
from gutskin.bench.sbml import ABSOLUTE, case_sbml

MAX_STEPS = 1_000_000


def open_model(case: Case) -> Callable[[int, float], Any]:
    """Return ``states(person, rtol)``.

    Raises
    ------
    ArithmeticError
        When COPASI refuses the model, with what it says.
    """
    import basico
    import COPASI

    try:
        data = basico.load_model_from_string(case_sbml(case))
    except COPASI.CCopasiException:  # it carries no text of its own; or there is no model and no exception
        data = None
    if data is None:
        raise ArithmeticError(COPASI.CCopasiMessage.getAllMessageText() or "it cannot read the model")
    model = data.getModel()
    values = [model.getModelValue(k) for k in range(model.getNumModelValues())]
    by_name = {each.getSBMLId(): each for each in values}
    names = [each.name for each in case.network.constants] + [f"clock__{k}" for k in range(len(case.meals))]
    columns = list(case.network.states)

    def states(person: int, rtol: float) -> Any:
        changed = COPASI.ObjectStdVector()
        numbers = [*case.constants[:, person].tolist(), *case.meal_times[:, person].tolist()]
        for name, number in zip(names, numbers, strict=True):
            by_name[name].setInitialValue(number)
            changed.append(by_name[name].getInitialValueReference())
        model.updateInitialValues(changed)
        table = basico.run_time_course(
            model=data, start_time=0, duration=float(case.times[-1]), intervals=case.days,
            method="deterministic", r_tol=rtol, a_tol=rtol * ABSOLUTE, max_steps=MAX_STEPS, use_sbml_id=True,
        )  # fmt: skip
        return table[columns].to_numpy().T

    return states
