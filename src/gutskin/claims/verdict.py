"""What the model and its cases say to a claim: one function, one table."""

from __future__ import annotations

from collections.abc import Sequence

SUPPORTED, IN_PART, NOT, CONTRADICTED, UNTESTED = VERDICTS = (
    "supported", "supported in part", "not supported", "contradicted", "cannot be tested here",
)  # fmt: skip


def verdict(speaking: Sequence[str], against: Sequence[str]) -> str:
    """Return one of :data:`VERDICTS` for the grades of expectations that speak for and against a claim.

    Parameters
    ----------
    speaking, against
        Grades, ``green``, ``yellow`` or ``red``, of the expectations of all tests of either kind.

    Notes
    -----
    =====================  ====================  ====================  =================
    for, below; against:   none, or all red      some green or yellow  all green
    =====================  ====================  ====================  =================
    all green              supported             supported in part     supported in part
    some green or yellow   supported in part     supported in part     supported in part
    all red, or none       not supported         not supported         contradicted
    =====================  ====================  ====================  =================

    Without any test it is ``cannot be tested here``. What failed to run is red.
    """
    if not speaking and not against:
        return UNTESTED
    if _none(speaking):
        return CONTRADICTED if _all(against) else NOT
    return SUPPORTED if _all(speaking) and _none(against) else IN_PART


def _all(grades: Sequence[str]) -> bool:
    return bool(grades) and all(grade == "green" for grade in grades)


def _none(grades: Sequence[str]) -> bool:
    return all(grade == "red" for grade in grades)
