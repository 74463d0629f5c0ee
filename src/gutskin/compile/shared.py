"""Constants that the instances of one module share.

A row of the ledger is one number. A module that stands in a model several times (three stretches of one
organ) has that number once, not three times: its instances share the constant, unless the ledger gives an
instance a row of its own (``[instance.name]``).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from gutskin.compile.sbml import RawModel
from gutskin.compile.text import ModuleText
from gutskin.network import Formula

Chain = tuple[str, ...]


def instance_chains(modules: Mapping[str, ModuleText], main: str) -> dict[str, list[Chain]]:
    """Return where each module stands: the names of the instances on the way to it, for each instance."""
    out: dict[str, list[Chain]] = {}

    def walk(chain: Chain, module: str) -> None:
        out.setdefault(module, []).append(chain)
        for name, child in modules[module].instances.items():
            walk((*chain, name), child)

    walk((), main)
    return out


def common(chains: Collection[Chain]) -> Chain:
    """Return what the ways to several instances have in common: their beginning and their end."""
    shortest = min(map(len, chains))
    first = next(iter(chains))
    begin = 0
    while begin < shortest and len({chain[begin] for chain in chains}) == 1:
        begin += 1
    end = 0
    while end < shortest - begin and len({chain[-1 - end] for chain in chains}) == 1:
        end += 1
    return (*first[:begin], *first[len(first) - end :])


def told_apart(chains: Mapping[str, list[Chain]]) -> dict[str, str]:
    """Return flattened prefix -> the words by which an instance is told from the others of its module."""
    out: dict[str, str] = {}
    for places in chains.values():
        both = common(places)
        for chain in places if len(places) > 1 else ():
            words = [part for part in chain if part not in both]
            out["_".join(chain)] = " ".join(words).replace("_", " ")
    return out


def shared_names(raw: RawModel, chains: Mapping[str, list[Chain]], rows: Collection[str]) -> dict[str, str]:
    """Return flattened constant -> the name under which all instances of its module have it.

    Parameters
    ----------
    raw
        The flattened model.
    chains
        From :func:`instance_chains`.
    rows
        Names of the ledger's rows, ``"module.name"`` or ``"module.instance.name"``.
    """
    parameters = set(raw.parameters)
    out: dict[str, str] = {}
    for row in rows:
        module, *inner = row.split(".")
        places = chains.get(module, [])
        if len(inner) != 1 or len(places) < 2:
            continue
        named = {"_".join((*chain, inner[0])): chain for chain in places}
        own = {name for name, chain in named.items() if f"{module}.{'_'.join(chain)}.{inner[0]}" in rows}
        kept = {name: chain for name, chain in named.items() if name in parameters and name not in own}
        if len(kept) > 1:
            out |= dict.fromkeys(kept, "_".join((*common(list(kept.values())), inner[0])))
    return out


def share(raw: RawModel, names: Mapping[str, str]) -> RawModel:
    """Return the model with constants renamed; those of one name become one."""
    if not names:
        return raw

    def renamed(formula: Formula) -> Formula:
        if formula[0] == "n":
            return ("n", names.get(formula[1], formula[1]))
        return formula if formula[0] == "c" else (formula[0], *map(renamed, formula[1:]))

    return replace(
        raw,
        parameters=tuple(dict.fromkeys(names.get(name, name) for name in raw.parameters)),
        reactions=tuple((name, balance, renamed(rate)) for name, balance, rate in raw.reactions),
        rate_rules=tuple((name, renamed(formula)) for name, formula in raw.rate_rules),
        assignments=tuple((name, renamed(formula)) for name, formula in raw.assignments),
        events=tuple(
            replace(
                each,
                time=renamed(each.time),
                assignments=tuple((names.get(n, n), renamed(formula)) for n, formula in each.assignments),
            )
            for each in raw.events
        ),
    )
