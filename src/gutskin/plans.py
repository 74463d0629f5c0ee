"""Plans by name: a scenario file, a scenario of the library, or a treatment in its usual dose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from gutskin.errors import GutskinError, InputError, LibraryError, nearest
from gutskin.ledger import read_toml
from gutskin.paths import LIBRARY
from gutskin.readouts import Readout
from gutskin.scenario import DAY, LONGEST, Course, Scenario, find_scenario, read_scenario, scenario_from
from gutskin.treatment import treatment_names

FILE = "candidates.toml"
_SHAPES: dict[str, Any] = {"endpoint": str, "days": (int, float), "usual": list, "plans": list}


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


def faults(library: Path, readouts: Mapping[str, Readout]) -> list[LibraryError]:
    """Return what is wrong with the candidates of a library; nothing when it has none.

    Parameters
    ----------
    library
        Its folder.
    readouts
        Read-outs of the model by name, of which the end point is one.

    Raises
    ------
    InputError
        E130 a file that cannot be read.
    """
    if not (library / FILE).is_file():
        return []
    data = read_toml(library / FILE)
    wrong = [key for key in (*data, *_SHAPES) if not isinstance(data.get(key), _SHAPES.get(key, ()))]
    if wrong or not data["plans"] or not all(isinstance(name, str) for name in data["plans"]):
        said = f"{wrong[0]} = {data.get(wrong[0])!r}" if wrong else f"plans = {data['plans']!r}"
        return [LibraryError("E574", said, where=FILE, remedy="endpoint, days, usual, and names as plans")]
    found = []
    for name in sorted({name for name in data["plans"] if data["plans"].count(name) > 1}):
        found.append(LibraryError("E574", f"plan {name!r} stands twice", where=FILE, remedy="keep one"))
    end = readouts.get(data["endpoint"])
    if end is None:
        remedy, said = nearest(data["endpoint"], readouts), f"no read-out {data['endpoint']!r}"
        found.append(LibraryError("E575", said, where=FILE, remedy=remedy))
    elif end.better == "none" or (end.better == "within" and end.healthy is None):
        remedy, said = "choose another", f"read-out {end.name} is neither good nor bad"
        found.append(LibraryError("E575", said, where=FILE, remedy=remedy))
    for name in data["plans"]:
        try:
            read_plans([name], library=library)
        except GutskinError as error:
            code = "E575" if error.code == "E569" else error.code
            found.append(LibraryError(code, error.message, where=FILE, remedy=error.remedy))
    return list({str(each): each for each in found}.values())


def _long(plan: Scenario, days: float) -> Scenario:
    """Return the plan lived for so long: what lasted to its end goes on, what begins later is left out."""
    if days == plan.days:
        return plan
    before, end = plan.days * DAY, days * DAY

    def fit(courses: Sequence[Course]) -> tuple[Course, ...]:
        kept = [course for course in courses if course.start < end]
        return tuple(replace(c, end=end) if c.end >= min(before, end) else c for c in kept)

    return replace(plan, days=days, usual=fit(plan.usual), plan=fit(plan.plan), vehicle=fit(plan.vehicle))
