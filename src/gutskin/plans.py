"""Plans by name: a scenario file, a scenario of the library, or a treatment in its usual dose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from gutskin.errors import InputError, nearest
from gutskin.ledger import read_toml
from gutskin.paths import LIBRARY
from gutskin.scenario import DAY, LONGEST, Course, Scenario, find_scenario, read_scenario, scenario_from
from gutskin.treatment import treatment_names

FILE = "candidates.toml"


def usual_endpoint(library: Path = LIBRARY) -> str:
    """Return the read-out that plans are ranked by when none is named."""
    return str(read_toml(library / FILE)["endpoint"])


def read_plans(names: Sequence[str], *, days: float = 0.0, library: Path = LIBRARY) -> tuple[Scenario, ...]:
    """Return plans of one length with the same usual courses.

    Parameters
    ----------
    names
        Scenario files (``.toml``), treatments or scenarios of the library (a treatment goes first where both
        have a name); the library's candidates when empty. A treatment comes on top of the usual courses of
        the first scenario, else of the candidates.
    days
        How long [day]; that of the first scenario, else of the candidates, when left out.

    Raises
    ------
    InputError
        E569 nothing has that name; E241 days, and what reading a scenario raises.
    """
    if days and not 1 <= days <= LONGEST:
        raise InputError("E241", f"days = {days:g}", remedy=f"give a number from 1 to {LONGEST:g}")
    data = read_toml(library / FILE)
    folders = (library / "treatments",)
    treatments = treatment_names(folders)
    scenarios = {path.stem for path in (library / "scenarios").glob("*.toml")}
    found, made = dict[str, Scenario](), list[str]()
    for name in names or data["plans"]:
        if name in treatments:
            made.append(name)
        elif name.endswith(".toml") or name in scenarios:
            path = find_scenario(name, library / "scenarios")
            found[name] = read_scenario(path, (path.parent / "treatments", *folders))
        else:
            remedy = nearest(name, {*treatments, *scenarios}) or "see: gutskin list treatments"
            raise InputError("E569", f"there is no plan {name!r}", remedy=remedy)
    first = next(iter(found.values()), None)
    length = days or (first.days if first else float(data["days"]))
    for name in made:
        usual = [] if first else data["usual"]
        document = {"days": length, "usual": usual, "plan": [{"treatment": name}]}
        plan = scenario_from(document, name, folders, where=name)
        plan = replace(plan, title=plan.plan[0].treatment.title)
        if first:
            plan = replace(
                plan, usual=first.usual, lead_in=first.lead_in, seed=first.seed, site=first.site,
                overrides=first.overrides,
            )  # fmt: skip
        found[name] = plan
    return tuple(_long(found[name], length) for name in (names or data["plans"]))


def _long(plan: Scenario, days: float) -> Scenario:
    """Return the plan lived for so long: what lasted to its end goes on, what begins later is left out."""
    if days == plan.days:
        return plan
    before, end = plan.days * DAY, days * DAY

    def fit(courses: Sequence[Course]) -> tuple[Course, ...]:
        kept = [course for course in courses if course.start < end]
        return tuple(replace(c, end=end) if c.end >= min(before, end) else c for c in kept)

    return replace(plan, days=days, usual=fit(plan.usual), plan=fit(plan.plan), vehicle=fit(plan.vehicle))
