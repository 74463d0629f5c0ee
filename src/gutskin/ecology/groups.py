"""Groups of samples: which there are, and whether they lie apart (PERMANOVA)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from gutskin.ecology.composition import Array
from gutskin.errors import InputError, nearest
from gutskin.samples import Sample

PERMUTATIONS = 999
_TOLD = ("person", "site")  # what every sample tells without metadata


@dataclass(frozen=True)
class Permanova:
    """Whether groups lie apart.

    ``f`` is the pseudo-F [1], ``share`` the share of the squared distances that lies between groups [1],
    ``p`` the share of permutations that give an F as large [1]. ``remark`` says what to mind.
    """

    groups: Mapping[str, int]
    f: float
    share: float
    p: float
    permutations: int
    remark: str = ""


def labels(
    samples: Sequence[Sample], column: str, metadata: Mapping[str, Mapping[str, str]]
) -> tuple[str | None, ...]:
    """Return what a column of the metadata says of every sample; none where it says nothing.

    Raises
    ------
    InputError
        E535 when there is no such column.
    """
    known = {name.lower(): name for row in metadata.values() for name in row}
    if column.lower() in known:
        return tuple(metadata.get(each.name, {}).get(known[column.lower()]) for each in samples)
    told = {*_TOLD, *(name for each in samples for name in each.extras if name != "numbers")}
    if column in told:
        return tuple(_of(each, column) for each in samples)
    remedy = nearest(column, {*known.values(), *told}) or "choose a column of --metadata"
    raise InputError("E535", f"no column {column!r} to group by", remedy=remedy)


def permanova(
    distances: Array, groups: Sequence[str | None], people: Sequence[str] = (), *, seed: int = 0
) -> Permanova:
    """Test whether groups of samples lie apart, by permuting their labels.

    Parameters
    ----------
    distances
        Between samples, shape ``(samples, samples)``.
    groups
        The group of every sample; samples without one are left out.
    people
        Who every sample is of; several samples of a person are no independent ones, which is then said.
    seed
        Of the permutations.

    Raises
    ------
    InputError
        E536 fewer than two groups, or no group of more than one sample.
    """
    kept = [k for k, group in enumerate(groups) if group]
    named = [str(groups[k]) for k in kept]
    counted = dict(sorted(Counter(named).items()))
    if len(counted) < 2 or len(counted) == len(named):
        what = "no group has two samples" if len(counted) > 1 else f"{len(counted)} group"
        raise InputError("E536", f"{what}: nothing to compare", remedy="choose another column")
    from skbio import DistanceMatrix
    from skbio.stats.distance import permanova as test

    table, remark = np.ascontiguousarray(distances[np.ix_(kept, kept)]), _remark(groups, people)
    if not table.any():
        return Permanova(counted, 0.0, 0.0, 1.0, 0, "; ".join((*remark, "the samples do not differ")))
    random = np.random.default_rng(seed)
    with np.errstate(divide="ignore", invalid="ignore"):  # groups without any distance within
        found = test(DistanceMatrix(table), named, permutations=PERMUTATIONS, seed=random)
    f, between, within = float(found["test statistic"]), len(counted) - 1, len(named) - len(counted)
    share = f * between / (f * between + within) if np.isfinite(f) else 1.0
    return Permanova(counted, f, share, float(found["p-value"]), PERMUTATIONS, "; ".join(remark))


def _remark(groups: Sequence[str | None], people: Sequence[str]) -> list[str]:
    left_out = sum(not group for group in groups)
    said = [f"{left_out} samples without a group"] if left_out else []
    if len({*people}) < len(people):
        said.append("several samples of a person are not independent: p may be wrong")
    return said


def _of(sample: Sample, column: str) -> str | None:
    return getattr(sample, column) if column in _TOLD else sample.extras.get(column)
