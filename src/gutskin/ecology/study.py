"""Study: everything that is said of samples, site by site."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from gutskin.ecology.ages import age_of
from gutskin.ecology.alpha import Alpha, alpha
from gutskin.ecology.beta import METRICS, distances
from gutskin.ecology.composition import Array, Composition, compose, stack
from gutskin.ecology.dysbiosis import Dysbiosis, Refusal, judge
from gutskin.ecology.groups import Permanova, labels, permanova
from gutskin.ecology.ordination import Ordination, ordinate
from gutskin.ecology.people import nearest, people_at
from gutskin.ecology.reference import Reference, reference_of
from gutskin.ecology.shelf import read_references, read_scope
from gutskin.errors import InputError
from gutskin.samples import Sample

Facts = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Asked:
    """What is asked besides the samples.

    ``metadata`` is facts by name of sample, ``group`` a column of it, ``rarefy`` reads [1], ``age`` of whom
    the metadata tells none [year], ``metric`` of the ordination, ``healthy`` samples of reference people of
    the user's own.
    """

    metadata: Facts = field(default_factory=dict)
    group: str = ""
    rarefy: int | None = None
    seed: int = 0
    age: float | None = None
    metric: str = METRICS[0]
    healthy: Sequence[Sample] = ()


@dataclass(frozen=True)
class Near:
    """The nearest reference person by one distance, how far, and the median distance to all of them."""

    metric: str
    person: str
    distance: float
    median: float


@dataclass(frozen=True, eq=False)
class Place:
    """Samples of one site with what is said of them.

    ``between`` holds distances by metric, of the samples and then of ``others``, the reference people that
    are drawn; ``near`` is by sample. ``apart`` is by metric, or why groups are not compared.
    """

    site: str
    samples: tuple[Composition, ...]
    others: tuple[Composition, ...]
    groups: tuple[str | None, ...]
    alphas: tuple[Alpha, ...]
    judged: tuple[Dysbiosis | Refusal, ...]
    between: Mapping[str, Array]
    near: tuple[tuple[Near, ...], ...]
    ordination: Ordination | None
    apart: Mapping[str, Permanova] | str


def study(samples: Sequence[Sample], asked: Asked) -> tuple[Place, ...]:
    """Return what is said of samples, one place a site, in the order of the file.

    Raises
    ------
    InputError
        E535 no such column, E537 no sample has so many reads, E539 too few people in ``healthy``, and what
        making compositions and reading ages raise.
    """
    deep = [each for each in samples if each.depth is not None and each.depth >= (asked.rarefy or 0)]
    if asked.rarefy and not deep:
        most = max((each.depth or 0 for each in samples), default=0)
        what = f"no sample has {asked.rarefy} reads"
        remedy = f"at most {most}" if most else "percentages tell no reads: leave --rarefy out"
        raise InputError("E537", what, remedy=remedy)
    made = [compose(each) for each in samples]
    grouped = labels(samples, asked.group, asked.metadata) if asked.group else (None,) * len(made)
    healthy = [compose(each) for each in asked.healthy]
    found = []
    for site in dict.fromkeys(each.site for each in samples):
        here = [k for k, each in enumerate(samples) if each.site == site]
        others = tuple(each for each in healthy if each.sample.site == site)
        found.append(_place(site, [made[k] for k in here], [grouped[k] for k in here], others, asked))
    return tuple(found)


def _place(
    site: str,
    made: Sequence[Composition],
    groups: Sequence[str | None],
    healthy: tuple[Composition, ...],
    asked: Asked,
) -> Place:
    own = {each.sample.person.lower() for each in made}
    drawn = tuple(each for each in healthy or people_at(site) if each.sample.person.lower() not in own)
    _, shares = stack([each.genera for each in (*made, *drawn)])
    between = {metric: distances(shares, metric) for metric in dict.fromkeys((*METRICS, asked.metric))}
    return Place(
        site=site,
        samples=tuple(made),
        others=drawn,
        groups=tuple(groups),
        alphas=tuple(alpha(each, rarefy=asked.rarefy, seed=asked.seed) for each in made),
        judged=tuple(_judged(site, made, healthy, asked)),
        between=between,
        near=_near(between, len(made), drawn),
        ordination=ordinate(between[asked.metric]),
        apart=_apart(between, groups, made, asked) if asked.group else "",
    )


def _judged(
    site: str, made: Sequence[Composition], healthy: Sequence[Composition], asked: Asked
) -> list[Dysbiosis | Refusal]:
    reference: Reference | None
    if asked.healthy:
        reference = reference_of(healthy, "people of --healthy") if healthy else None
        return [judge(each, reference, None, None) for each in made]
    reference, scope = read_references().get(site), read_scope()
    found = []
    for each in made:
        facts = asked.metadata.get(each.sample.name, {})
        told = age_of(facts, scope, where=f"sample {each.sample.name!r}")
        found.append(judge(each, reference, asked.age if told is None else told, scope))
    return found


def _near(
    between: Mapping[str, Array], count: int, others: Sequence[Composition]
) -> tuple[tuple[Near, ...], ...]:
    if not others:
        return ((),) * count
    names = tuple(each.sample.person for each in others)
    return tuple(
        tuple(Near(metric, *nearest(table[k, count:], names)) for metric, table in between.items())
        for k in range(count)
    )


def _apart(
    between: Mapping[str, Array], groups: Sequence[str | None], made: Sequence[Composition], asked: Asked
) -> Mapping[str, Permanova] | str:
    """Return the comparison of groups by every distance, or why there is none."""
    people = [each.sample.person for each, group in zip(made, groups, strict=True) if group]
    size = len(made)
    try:
        return {
            metric: permanova(np.ascontiguousarray(table[:size, :size]), groups, people, seed=asked.seed)
            for metric, table in between.items()
        }
    except InputError as error:
        if error.code != "E536":
            raise
        return error.message
