"""What is run: a model, people who differ in every constant, and the meals of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from gutskin.engine.outcome import Array, Stop
from gutskin.kernel import Kernel
from gutskin.network import Network

DAYS = 90
Piece = tuple[
    float, float, tuple[tuple[int, float], ...]
]  # from, to, what is added to which state at its start


@dataclass(frozen=True)
class Case:
    """A model with people: numbers, meals and their times."""

    name: str
    network: Network
    kernel: Kernel
    start: Array  # (S,)
    constants: Array  # (K, P)
    floors: Array  # (S,)
    day: float  # in the time unit of the model
    meals: tuple[dict[str, str], ...]  # per meal: state -> constant that is the amount
    meal_times: Array  # (meals, P) in the first day
    days: int = DAYS

    @property
    def people(self) -> int:
        """How many."""
        return int(self.constants.shape[1])

    @property
    def times(self) -> Array:
        """Output times: once a day."""
        import numpy as np

        return np.arange(self.days + 1) * self.day

    @cached_property
    def plans(self) -> list[list[Stop]]:
        """Everybody's stops."""
        states = {name: k for k, name in enumerate(self.network.states)}
        rows = {each.name: k for k, each in enumerate(self.network.constants)}
        out = []
        for person in range(self.people):
            plan = []
            for k, meal in enumerate(self.meals):
                adds = tuple((states[s], float(self.constants[rows[c], person])) for s, c in meal.items())
                first = float(self.meal_times[k, person])
                plan += [Stop(first + d * self.day, add=adds) for d in range(self.days)]
            out.append(sorted(plan, key=lambda each: each.time))
        return out

    def pieces(self, person: int) -> Iterator[Piece]:
        """Yield what lies between the stops of one person, for solvers that know no meals."""
        begin = 0.0
        adds: tuple[tuple[int, float], ...] = ()
        for stop in self.plans[person]:
            yield begin, stop.time, adds
            begin, adds = stop.time, stop.add
        yield begin, float(self.times[-1]), adds

    def part(self, people: int, days: int) -> Case:
        """Return the first people over the first days."""
        return self.pick(range(min(people, self.people)), days)

    def pick(self, people: Sequence[int], days: int) -> Case:
        """Return some people over the first days."""
        chosen = list(people)
        constants, meal_times = self.constants[:, chosen], self.meal_times[:, chosen]
        return replace(self, constants=constants, meal_times=meal_times, days=min(days, self.days))


def stress_case(name: str, people: int, seed: int = 1) -> Case:
    """Return the synthetic model ``large`` or ``small``."""
    import numpy as np

    from gutskin.bench.stress import MEALS, stress
    from gutskin.compile.source import build_kernel

    made = stress(large=name == "large")
    network, values = made.network, np.array(list(made.values.values()))
    start = np.array([q.start for q in network.quantities if q.kind in ("species", "rate")], float)
    shapes = [
        each.startswith(("middle", "steep", "base", "acid")) or each.endswith("_n") for each in made.values
    ]
    floors = np.maximum(1e-3 * np.abs(start), 1e-3)
    meals = tuple(dict(meal) for meal in made.meals)
    constants, times = _people(values, np.array(shapes), np.array(MEALS), 1.0, people, seed)
    return Case(name, network, build_kernel(network), start, constants, floors, 1.0, meals, times)


def person_case(people: int, seed: int = 1) -> Case:
    """Return the model of the library; each meal raises what is first in the row of states."""
    import numpy as np

    from gutskin.bench.stress import MEALS
    from gutskin.compile.source import build_kernel
    from gutskin.model import load
    from gutskin.network import Constant

    model = load()
    names = list(model.network.states)[:6]
    extra = [Constant(f"meal_{k}_{name}", "", "mmol") for k in range(len(MEALS)) for name in names]
    network = replace(model.network, constants=(*model.network.constants, *extra))
    amounts = [(1 + k) * np.maximum(model.start()[: len(names)], 1.0) for k in range(len(MEALS))]
    values = np.concatenate([model.constants(), *amounts])
    constants, times = _people(
        values, np.ones(values.size, bool), np.array(MEALS) * 24, 24.0, people, seed, 0.1
    )
    meals = tuple({name: f"meal_{k}_{name}" for name in names} for k in range(len(MEALS)))
    return Case(
        model.name, network, build_kernel(network), model.start(), constants, model.floors(), 24.0, meals,
        times,
    )  # fmt: skip


def _people(
    values: Array, shapes: Array, meals: Array, day: float, people: int, seed: int, shape_spread: float = 0.02
) -> tuple[Array, Array]:
    """Return constants (K, P), the first person's as they are, and meal times (meals, P)."""
    import numpy as np

    random = np.random.default_rng(seed)
    spread = np.where(shapes, shape_spread, 0.25)[:, None]
    factors = np.exp(spread * random.standard_normal((values.size, people)) - spread**2 / 2)
    factors[:, 0] = 1.0
    return values[:, None] * factors, meals[:, None] + random.uniform(-0.03, 0.03, (meals.size, people)) * day
