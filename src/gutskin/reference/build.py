"""Build, keep and read back the reference population of a place of the body."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache as once
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gutskin import cache
from gutskin.coordinates import Coordinates
from gutskin.engine.outcome import Array
from gutskin.errors import InputError
from gutskin.model import Model
from gutskin.people import Person, read_person
from gutskin.reference.strata import FOLDER, Stratum, read_strata
from gutskin.rest import AtRest, at_rest, read

SIZE, SMALLEST, LARGEST = 4000, 200, 100_000  # virtual people
MAKERS = ("coordinates", "kernel", "population", "precedence", "rest", "vectors")  # and the engine
FEWEST = 20  # members of a stratum


@dataclass(frozen=True)
class Reference:
    """Virtual people at rest, looked at in one place.

    ``people`` one a stratum; ``kinds`` (P,) the stratum of every member; ``numbers`` (P,) which draw of the
    seed a member is; ``found`` where they settled, alive all; ``weights`` (P,) how much of the population
    each stands for [1]; ``lost`` how many never settled, by stratum.
    """

    model: Model
    place: str
    strata: tuple[Stratum, ...]
    people: tuple[Person, ...]
    kinds: NDArray[np.int_]
    numbers: NDArray[np.int_]
    found: AtRest
    weights: Array
    lost: tuple[int, ...]
    seed: int

    @property
    def size(self) -> int:
        """How many members are alive."""
        return self.kinds.size

    def read(self, quantity: str) -> Array:
        """Return a quantity (P,) of every member in its unit."""
        return read(self.model, self.found, quantity)

    def points(self, members: NDArray[np.int_], coordinates: Coordinates) -> Array:
        """Return the points (D, N) of some members."""
        everybody = coordinates.drawn(int(self.numbers.max()) + 1, seed=self.seed)
        return everybody[:, self.numbers[members]]


def reference(
    model: Model,
    place: str,
    *,
    population: str = "adults",
    size: int = SIZE,
    seed: int = 1,
    tick: Callable[[float], None] | None = None,
) -> Reference:
    """Return the reference population, from the cache when it was built before.

    Parameters
    ----------
    model, place
        The model, and the site of ``library/sites`` that everybody is looked at.
    population
        A file of ``library/populations``.
    size, seed
        How many virtual people, from 200 on; same seed, same people.
    tick
        Called with the share of work done since the last call [1]; not when the cache has it.

    Raises
    ------
    InputError
        E580 no such population, E582 a size out of range, or people who all cannot live, E450 no such site.
    """
    if not SMALLEST <= size <= LARGEST:
        remedy = f"from {SMALLEST} to {LARGEST}"
        raise InputError("E582", f"a population of {size}", remedy=remedy)
    strata = read_strata(population, model.library / FOLDER)
    people = tuple(read_person(each.person, model.library / "people", site=place) for each in strata)
    kinds = np.repeat(np.arange(len(strata)), _counts(strata, size))
    coordinates = Coordinates(model, people)
    name = f"reference-{_key(model, strata, people, kinds.size, seed)}.npz"
    kept = _kept(cache.read(name), (model.start().size, len(model.kernel.derived), kinds.size))
    if kept is None:
        constants = coordinates.constants(coordinates.drawn(kinds.size, seed=seed), kinds)
        kept = at_rest(model, constants, tick=tick)
        cache.write(name, _packed(kept))
    lost = tuple(int((~kept.alive[kinds == k]).sum()) for k in range(len(strata)))
    alive = np.flatnonzero(kept.alive)
    if not alive.size:
        raise InputError("E582", f"none of {kinds.size} people settles", remedy="see: gutskin lint")
    weights = _weights(strata, kinds[alive])
    found = AtRest(kept.states[:, alive], kept.derived[:, alive], kept.alive[alive])
    return Reference(model, place, strata, people, kinds[alive], alive, found, weights, lost, seed)


def _weights(strata: tuple[Stratum, ...], kinds: NDArray[np.int_]) -> Array:
    """Return whom each member stands for [1]; the share of a stratum without members goes to the others."""
    each = np.array([stratum.share for stratum in strata])[kinds] / np.bincount(kinds)[kinds]
    return each / each.sum()


def _counts(strata: tuple[Stratum, ...], size: int) -> list[int]:
    """Return how many members every stratum has."""
    return [max(FEWEST, round(each.members * size)) for each in strata]


def _key(model: Model, strata: tuple[Stratum, ...], people: tuple[Person, ...], size: int, seed: int) -> str:
    """Return a hash of all that the members depend on, the code that makes them too."""
    said = [_makers(), model.network.digest, model.ledger.digest, sorted(model.varies), size, seed, strata]
    said += [(person.layers, person.rows) for person in people]
    return hashlib.sha256(repr(said).encode()).hexdigest()[:32]


@once
def _makers() -> str:
    """Return a hash of the code and the packages that turn a draw into people at rest."""
    here = Path(__file__).parents[1]
    said = hashlib.sha256(repr((np.__version__, version("scipy"))).encode())
    for path in (*(here / f"{name}.py" for name in MAKERS), *sorted((here / "engine").glob("*.py"))):
        said.update(path.name.encode() + b"\0" + path.read_bytes())
    return said.hexdigest()


def _packed(found: AtRest) -> bytes:
    out = io.BytesIO()
    np.savez(out, states=found.states, derived=found.derived)
    return out.getvalue()


def _kept(content: bytes | None, size: tuple[int, int, int]) -> AtRest | None:
    """Return what was kept, or None when it has not as many states, derived quantities and people."""
    if content is None:
        return None
    with np.load(io.BytesIO(content), allow_pickle=False) as data:
        states, derived = data["states"], data["derived"]
    if (*states.shape, *derived.shape) != (size[0], size[2], size[1], size[2]):
        return None
    return AtRest(states, derived, np.isfinite(states).all(axis=0))
