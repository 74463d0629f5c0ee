"""Morris screening: the mean size of the effect of moving one number, or one group, from many places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gutskin.drivers.sobol import Evaluate, complete, problem_of
from gutskin.errors import InputError

WIDE = 2.0  # numbers are moved within so many standard deviations to either side [1]
LEVELS = 4


@dataclass(frozen=True)
class Effect:
    """``mu_star`` is the mean size of the effect of one standard deviation, ``mu`` the mean effect.

    ``sigma`` is how the effect differs from place to place: by bends, or by other numbers. Of a group, whose
    numbers are moved at random up or down, ``mu`` and ``sigma`` mean nothing and are NaN.
    """

    name: str
    numbers: int
    mu_star: float
    mu_star_half: float
    mu: float
    sigma: float


@dataclass(frozen=True)
class Morris:
    """``effects`` with the largest first, of ``trajectories`` of which ``dropped`` lost a run."""

    effects: tuple[Effect, ...]
    trajectories: int
    dropped: int


def morris(groups: Sequence[str], evaluate: Evaluate, trajectories: int, seed: int = 1) -> Morris:
    """Return elementary effects per standard deviation.

    Parameters
    ----------
    groups
        The group of each of the D numbers; its own name for each to be moved alone.
    evaluate
        Gives answers for standard normal coordinates (n, D).
    trajectories
        Ways through the numbers; each makes one run more than there are groups.
    seed
        Same seed, same ways.

    Raises
    ------
    InputError
        E433 fewer than 4 ways or a single group, E434 too many of them lost a run, E435 an
        answer that does not vary.
    """
    from SALib.analyze.morris import analyze
    from SALib.sample.morris import sample

    if trajectories < 4:
        raise InputError("E433", f"{trajectories} trajectories", remedy="give at least 4")
    problem = problem_of(groups, -WIDE, WIDE)
    names = list(dict.fromkeys(groups))
    ways = sample(problem, trajectories, num_levels=LEVELS, seed=np.random.default_rng(seed))
    values = np.asarray(evaluate(ways), float).reshape(trajectories, len(names) + 1)
    whole = complete(values, "trajectories")
    kept, dropped = values[whole].ravel(), trajectories - int(whole.sum())
    places = ways.reshape(trajectories, len(names) + 1, -1)[whole].reshape(kept.size, -1)
    found = analyze(problem, places, kept, num_levels=LEVELS, seed=np.random.default_rng([seed, 1]))
    per_sd = 2 * WIDE  # SALib's effects are per whole range
    effects = []
    for k, name in enumerate(found["names"]):
        count = sum(each == name for each in groups)
        star, half, mu, sigma = (
            float(found[key][k]) / per_sd for key in ("mu_star", "mu_star_conf", "mu", "sigma")
        )
        effects.append(Effect(str(name), count, star, half, mu if count == 1 else np.nan, sigma))
    return Morris(tuple(sorted(effects, key=lambda e: -e.mu_star)), trajectories, dropped)
