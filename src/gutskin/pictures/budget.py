"""What a budget shows, from a file of pictures: pools of an element, ways in and out, and who lives what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gutskin.errors import InputError
from gutskin.pictures.keys import check, number, typed

_KEYS = {
    "title", "about", "element", "unit", "per", "begins", "ends", "given", "taken", "case", "pool", "flow",
}  # fmt: skip
_CASE_KEYS = {"label", "person", "site", "usual", "plan", "set"}
_POOL_KEYS = {"name", "label", "holds"}
_FLOW_KEYS = {"label", "from", "to", "by"}
OUTSIDE = ""


@dataclass(frozen=True)
class Case:
    """One column; ``person`` and ``site`` may be left out, ``lived`` are parts of a scenario."""

    label: str
    person: str
    lived: Mapping[str, Any]
    site: str = ""


@dataclass(frozen=True)
class Pool:
    """Species that are counted together; ``name`` is what flows call it."""

    name: str
    label: str
    holds: tuple[str, ...]


@dataclass(frozen=True)
class Flow:
    """What reactions carry from one pool to another; outside is ``""``."""

    label: str
    source: str
    sink: str
    by: tuple[str, ...]


@dataclass(frozen=True)
class Budget:
    """A budget as it is written.

    ``element`` is counted in ``unit``, an amount for each unit of the constant ``per``, from day ``begins``
    to day ``ends``. ``given`` and ``taken`` say what doses bring and washes remove.
    """

    name: str
    title: str
    about: str
    element: str
    unit: str
    per: str
    begins: float
    ends: float
    given: str
    taken: str
    cases: tuple[Case, ...]
    pools: tuple[Pool, ...]
    flows: tuple[Flow, ...]


def budget(name: str, data: Mapping[str, Any], where: str) -> Budget:
    """Return the budget that a table describes.

    Raises
    ------
    InputError
        E441 when it is ill-formed.
    """
    check(data, _KEYS, where)
    begins, ends = number(data, "begins", where), number(data, "ends", where)
    if not 0 <= begins < ends:
        raise InputError(
            "E441", f"from day {begins:g} to {ends:g}", where=where, remedy="begin before it ends"
        )
    pools = tuple(_pool(each, f"{where}: pool {k}") for k, each in _tables(data, "pool", where))
    known = {each.name for each in pools}
    if len(known) < len(pools):
        raise InputError("E441", "two pools of one name", where=where, remedy="rename one")
    return Budget(
        name, typed(data, "title", str, where), typed(data, "about", str, where, ""),
        typed(data, "element", str, where), typed(data, "unit", str, where),
        typed(data, "per", str, where, ""), begins, ends,
        typed(data, "given", str, where, "given"), typed(data, "taken", str, where, "taken away"),
        tuple(_case(each, f"{where}: case {k}") for k, each in _tables(data, "case", where)), pools,
        tuple(_flow(each, known, f"{where}: flow {k}") for k, each in _tables(data, "flow", where)),
    )  # fmt: skip


def _tables(data: Mapping[str, Any], key: str, where: str) -> list[tuple[int, Any]]:
    return list(enumerate(typed(data, key, list, where), start=1))


def _names(data: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
    found = typed(data, key, list, where)
    if not all(isinstance(each, str) for each in found):
        raise InputError("E441", f"{key} = {found!r}", where=where, remedy="give names in quotes")
    return tuple(found)


def _case(data: Any, where: str) -> Case:
    check(data, _CASE_KEYS, where)
    lived = {key: data[key] for key in ("usual", "plan", "set") if key in data}
    person, site = (typed(data, key, str, where, "") for key in ("person", "site"))
    return Case(typed(data, "label", str, where), person, lived, site)


def _pool(data: Any, where: str) -> Pool:
    check(data, _POOL_KEYS, where)
    name = typed(data, "name", str, where)
    return Pool(name, typed(data, "label", str, where, name), _names(data, "holds", where))


def _flow(data: Any, pools: set[str], where: str) -> Flow:
    check(data, _FLOW_KEYS, where)
    ends = [typed(data, key, str, where, OUTSIDE) for key in ("from", "to")]
    if not set(ends) <= {*pools, OUTSIDE} or ends[0] == ends[1]:
        remedy = f"pools: {', '.join(sorted(pools))}; outside when left out"
        said = f"a flow from {ends[0] or 'outside'!r} to {ends[1] or 'outside'!r}"
        raise InputError("E441", said, where=where, remedy=remedy)
    return Flow(typed(data, "label", str, where), ends[0], ends[1], _names(data, "by", where))
