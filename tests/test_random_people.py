"""Ten thousand random people under random plans: nobody is lost in silence, and hardly anybody at all."""

from __future__ import annotations

import numpy as np
import pytest

from gutskin.engine.outcome import Options, Stop
from gutskin.engine.solve import solve
from gutskin.errors import InputError
from gutskin.model import Model, load
from gutskin.population import draw
from gutskin.protocol import stops
from gutskin.scenario import DAY, Course
from gutskin.treatment import Treatment, read_treatment, treatment_names

DAYS, CROWD, PART = 30, 10_000, 1_000


def random_plan(
    random: np.random.Generator, model: Model, known: list[Treatment], own: np.ndarray
) -> tuple[Stop, ...]:
    """Up to three treatments of the library at half to twice their dose, for one to nine days each."""
    while True:
        courses = []
        for k in random.choice(len(known), size=random.integers(0, 4), replace=False):
            treatment, start = known[k], float(random.integers(0, 20)) * DAY
            dose = treatment.dose.usual * float(random.uniform(0.5, 2.0)) if treatment.dose else 1.0
            end = start + float(random.integers(1, 10)) * DAY
            courses.append(Course(treatment, dose, treatment.every, start, end))
        try:
            return stops(courses, model.network, own)
        except InputError as error:
            if error.code != "E234":  # only two courses that set one constant at once are drawn again
                raise


@pytest.mark.slow
def test_random_people_under_random_plans_finish() -> None:
    model, random = load(), np.random.default_rng(5)
    known = [read_treatment(path) for path in treatment_names((model.library / "treatments",)).values()]
    times, body, failures = np.linspace(0.0, DAYS * DAY, DAYS + 1), len(model.network.states), []
    for first in range(0, CROWD, PART):
        constants = draw(model, PART, seed=11, first=first)
        plans = [random_plan(random, model, known, constants[:, k]) for k in range(PART)]
        start = np.repeat(model.start()[:, None], PART, axis=1)
        run = solve(model.kernel, start, constants, model.floors(), times, plans, Options(rtol=1e-4))
        failures += run.failures
        good = run.states[:body][:, :, run.codes == 0]
        assert np.isfinite(good).all()
        assert np.isfinite(run.derived[:, :, run.codes == 0]).all()
        assert (good >= -model.floors()[:, None, None]).all()
    assert all(failure.reason and failure.time > 0 for failure in failures)
    assert len(failures) < 1e-4 * CROWD + 1
