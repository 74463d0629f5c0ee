"""The numbers of a budget: what went which way in each case, and that nothing is missing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gutskin.engine.outcome import Array, Failure
from gutskin.errors import InputError
from gutskin.flows import Flows, counter
from gutskin.model import Model
from gutskin.people import read_person
from gutskin.pictures.budget import OUTSIDE, Budget
from gutskin.pictures.ways import contents, told
from gutskin.report.account import Account, Books, Entry
from gutskin.scenario import DAY, Scenario, scenario_from
from gutskin.units import factor

CLOSES = 1e-8  # of what flows through a pool; a larger gap is no budget
USUAL = "healthy_adult"


def keep(model: Model, budget: Budget, person: str = "", site: str = "") -> Books:
    """Run every case of a budget and return its books.

    Parameters
    ----------
    model, budget
        What is run, and what is counted.
    person, site
        Who lives the cases that name nobody, and where people are looked at whose case names no site; the
        usual adult, and their own site, when empty.

    Raises
    ------
    InputError
        E443 a unit that does not fit, E445 a run that fails, E460-E462 as :func:`gutskin.pictures.ways.told`,
        E464 a budget that does not close.
    """
    carried, scale = told(model.network, budget), _scale(model, budget)
    count, found = counter(model, tuple(carried)), []
    for case in budget.cases:
        whom, where = case.person or person or USUAL, case.site or site
        who = read_person(whom, model.library / "people", site=where)
        flows = count.run(who, lived(model, budget, case.lived), budget.begins * DAY, budget.ends * DAY)
        if isinstance(flows, Failure):
            where = f"{budget.name}, {case.label}"
            raise InputError("E445", f"no picture: {flows.reason}", where=where, remedy="draw somebody else")
        found.append(flows)
    books = _Bookkeeper(model, budget, found, scale).books()
    for account in books.accounts:
        worst = float(np.max(np.abs(account.gaps)))
        if not worst <= CLOSES:
            said = f"{account.title}: {worst:.1e} of what flows is missing"
            raise InputError("E464", said, where=budget.name, remedy="report it: this is a fault of ours")
    return books


def lived(model: Model, budget: Budget, case: object) -> Scenario:
    """Return what a case lives through, as a scenario that ends with the budget."""
    data = {**case, "days": max(budget.ends, 1.0)}  # type: ignore[dict-item]
    return scenario_from(data, budget.name, (model.library / "treatments",), where=budget.name)


def dry(model: Model, budget: Budget) -> None:
    """Find what keeps a budget from being drawn, without running anything."""
    told(model.network, budget)
    _scale(model, budget)
    for case in budget.cases:
        lived(model, budget, case.lived)
        read_person(case.person or USUAL, model.library / "people", site=case.site)


def _scale(model: Model, budget: Budget) -> float:
    """Return the unit of the budget in the model's units, before division by what it is counted for."""
    units = {c.name: c.unit for c in model.network.constants}
    if budget.per and budget.per not in units:
        model.row(budget.per)  # names the nearest
    unit = f"mmol/({units[budget.per]})" if budget.per else "mmol"
    try:
        return factor(unit, budget.unit)
    except InputError as error:
        said = f"{unit} cannot be drawn in {budget.unit}"
        raise InputError("E443", said, where=budget.name, remedy="mend unit or per") from error


class _Bookkeeper:
    """Turns the flows of all cases into accounts."""

    def __init__(self, model: Model, budget: Budget, cases: Sequence[Flows], scale: float) -> None:
        self.budget, self.cases = budget, cases
        self.carried, self.held = told(model.network, budget), contents(model.network, budget)
        own = np.array([each.constants[budget.per] if budget.per else 1.0 for each in cases])
        self.scale = scale / own
        self.days = budget.ends - budget.begins

    def books(self) -> Books:
        budget = self.budget
        accounts = [self._account(pool.name, pool.label) for pool in budget.pools]
        whole = [self._whole(accounts)] if len(accounts) > 1 else []
        return Books(
            budget.title, budget.about, budget.element, budget.unit, self.days,
            tuple(case.label for case in budget.cases), (*accounts, *whole),
        )  # fmt: skip

    def _account(self, pool: str, label: str) -> Account:
        entries = []
        for flow in self.budget.flows:
            if pool in (flow.source, flow.sink):
                comes, other = flow.sink == pool, flow.source if flow.sink == pool else flow.sink
                values = self._carried(flow.by, (flow.source, flow.sink))
                entries.append(Entry(flow.label, comes, other, values))
        done = (("given", True, self.budget.given), ("taken", False, self.budget.taken))
        for what, comes, words in done:
            values = self._held(pool, what) / self.days
            entries += [Entry(words, comes, OUTSIDE, values)] if values.any() else []
        entries.sort(key=lambda each: not each.comes)
        before, after = self._held(pool, "before"), self._held(pool, "after")
        return Account(label, tuple(entries), before, after, self.days)

    def _carried(self, by: Sequence[str], way: tuple[str, str]) -> Array:
        moved = [sum(self.carried[name][way] * case.moved[name] for name in by) for case in self.cases]
        return np.array(moved) * self.scale / self.days

    def _held(self, pool: str, what: str) -> Array:
        found = [
            sum(
                content * getattr(case, what)[name]
                for name, (own, content) in self.held.items()
                if own == pool
            )
            for case in self.cases
        ]
        return np.array(found) * self.scale

    def _whole(self, accounts: Sequence[Account]) -> Account:
        """Return the account of all pools together: only what crosses to or from outside counts."""
        zero = np.zeros(len(self.cases))
        crossing = [entry for each in accounts for entry in each.entries if entry.other == OUTSIDE]
        entries = tuple(
            Entry(words, comes, OUTSIDE, sum((e.values for e in crossing if e.comes == comes), zero))
            for words, comes in (("from outside", True), ("to outside", False))
        )
        before, after = (sum((getattr(a, side) for a in accounts), zero) for side in ("before", "after"))
        return Account("All together", entries, before, after, self.days)
