"""How a steady state depends on constants: the implicit function theorem.

Where the rates ``F(x, k)`` are 0, ``J dx/dk = -dF/dk`` with the Jacobian ``J`` of the states without tallies.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log as ln

from gutskin.engine.at_rest import Inverse, NoAnswerError, System, come_to_rest, refuse_unstable
from gutskin.engine.outcome import Array, Code, Failure
from gutskin.engine.stencil import Stencil
from gutskin.engine.variation import Given, Number, numbers
from gutskin.kernel import Kernel


@dataclass(frozen=True)
class SteadySensitivity:
    """Derivatives of a steady state.

    ``names`` (N,) say by what. ``at`` (B,) is the steady state itself, without tallies; ``moved`` is the
    largest relative difference of a state from what was given, ``residual`` [1/day] the largest relative
    change of a state that is left. ``states`` (B, N) and ``derived`` (D, N) are derivatives; that many totals
    are ``conserved``. All derivatives are NaN when there is a ``failure``, those by one constant when it is
    among ``failures``.
    """

    names: tuple[str, ...]
    at: Array
    moved: float
    residual: float
    states: Array
    derived: Array
    conserved: int
    failure: Failure | None
    failures: Mapping[str, Failure]


def steady_sensitivities(
    kernel: Kernel,
    states: Array,
    constants: Array,
    floors: Array,
    *,
    of: Sequence[int | str],
    log: bool = False,
    sizes: Mapping[str, float] | None = None,
) -> SteadySensitivity:
    """Return derivatives of the steady state of one person.

    Parameters
    ----------
    kernel
        Compiled network.
    states
        Where the person settled (S,), with or without tallies; Newton's method goes on from there.
    constants, floors
        (K,) and (S,) in declared units.
    of, log, sizes
        Constants, whether derivatives are by logarithms, and sizes of changes, as in
        :func:`gutskin.engine.sensitivity.sensitivities_all`.

    Returns
    -------
    SteadySensitivity
        With a failure when there is no steady state nearby, when nobody would stay there, or when it is not
        the only one nearby for another reason than conserved totals.

    Raises
    ------
    InputError
        E271 there is no such constant; E272 it has no logarithm, or no size.
    """
    import numpy as np

    body = len(kernel.states) - len(kernel.tallies)
    begin, constants = np.array(states, float)[:body], np.asarray(constants, float)
    wanted, floors = numbers(kernel, of, (), (), sizes or {}), np.asarray(floors, float)[:body]
    given, names = Given(begin, constants), tuple(each.name for each in wanted)
    ways = [(n, n.stencil(given, floors, sizes or {}, log=log, errors=True)) for n in wanted]
    lost = np.full((body, len(wanted)), np.nan), np.full((len(kernel.derived), len(wanted)), np.nan)
    system = System(kernel, constants, floors)
    try:
        at, inverse = come_to_rest(system, begin)
        refuse_unstable(system, at)
        moves, derived, failures = _columns(system, given, at, inverse, ways, log)
    except NoAnswerError as none:
        return SteadySensitivity(names, begin, np.nan, np.nan, *lost, 0, none.failure, {})
    moved = float(np.max(np.abs(at - begin) / system.size(begin), initial=0.0))
    kept, residual = len(inverse.totals), system.residual(at)
    return SteadySensitivity(names, at, moved, residual, moves, derived, kept, None, failures)


def _columns(
    system: System,
    given: Given,
    at: Array,
    inverse: Inverse,
    ways: Sequence[tuple[Number, Stencil]],
    log: bool,
) -> tuple[Array, Array, dict[str, Failure]]:
    """Return derivatives (B, N) of states, (D, N) of derived quantities, and by what there are none."""
    import numpy as np

    moves = np.full((len(ways), at.size), np.nan)
    derived = np.full((len(ways), len(system.kernel.derived)), np.nan)
    failures = {}
    for n, (number, way) in enumerate(ways):
        slope = way.derivative([system.rates(at, number.changed(given, v).constants) for v in way.places])
        if inverse.breaks(slope):
            reason = f"{number.name} changes a total that nothing else changes"
            failures[number.name] = Failure(0, Code.NOT_STEADY, reason, 0.0)
            continue
        moves[n] = inverse.solve(-slope)
        derived[n] = _follow(system, given, at, moves[n], (number, way), log)
    return moves.T, derived.T, failures


def _follow(
    system: System, given: Given, at: Array, move: Array, way: tuple[Number, Stencil], log: bool
) -> Array:
    """Return derivatives of derived quantities when a constant changes and the state moves along."""
    number, places = way
    value = number.value(given)
    seen = []
    for each in places.places:
        share = ln(each / value) if log else each - value
        seen.append(system.observe(at + share * move, number.changed(given, each).constants))
    return places.derivative(seen)
