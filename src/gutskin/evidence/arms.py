"""Arms of a case: their people, diets, courses and levels, and how they follow from each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from gutskin import units
from gutskin.edges import Edge, read_edges
from gutskin.errors import InputError, nearest
from gutskin.evidence.case import ANALYSES, START, Arm, Crew
from gutskin.evidence.enrol import read_enrol
from gutskin.ledger import Parameter, Spread, is_number, read_toml
from gutskin.scenario import DAY, LONGEST, Course, course_from
from gutskin.treatment import Effect, Treatment, duration, find_treatment

_ARM = {
    "days", "after", "people", "diet", "courses", "set", "like", "without", "adherence", "dropout",
    "analysis", "every", "cut", "enrol",
}  # fmt: skip
_CREW = {"like", "count", "seed", "set", "site"}
_COPIED = {"like", "without", "after", "people", "days"}
MOST = 100_000  # people of a crew
OUTPUTS = 100_000  # of an arm; bounds memory


def _fault(code: str, said: str, where: str, remedy: str) -> InputError:
    return InputError(code, said, where=where, remedy=remedy)


def words(library: Path) -> dict[str, str]:
    """Return word -> constant for tables of intakes."""
    path = library / "evidence" / "words.toml"
    found = read_toml(path).get("diet", {}) if path.exists() else {}
    return {str(word): str(constant) for word, constant in found.items()}


def read_arms(data: Mapping[str, Any], path: Path, library: Path) -> dict[str, Arm]:
    """Return the arms of a case by name.

    Raises
    ------
    InputError
        E402 an arm that is ill-formed, follows nobody or follows itself, E455 enrolment in an arm that
        follows none, and what courses raise.
    """
    where = f"{path.parent.name}/{path.name}"
    tables = data.get("arms")
    if not isinstance(tables, dict) or not tables or not all(isinstance(t, dict) for t in tables.values()):
        raise _fault("E402", "no arms", where, "write [arms.NAME]")
    head = _crew(data.get("people", {}), path.parent, where)
    arms: dict[str, Arm] = {}
    for name in _ordered(tables, where):
        here = f"{where}: arm {name}"
        arms[name] = _arm(name, tables[name], arms, head, (path, library), here)
    return arms


def _ordered(tables: Mapping[str, Any], where: str) -> list[str]:
    """Return the names so that what an arm refers to comes first."""
    done: list[str] = []
    todo = list(tables)
    if START in tables:
        raise _fault("E402", f"an arm named {START!r}", where, "that word means the start of an arm")
    while todo:
        ready = [
            name for name in todo
            if all(tables[name].get(key, "") in ("", *done) for key in ("after", "like"))
        ]  # fmt: skip
        if not ready:
            named = {
                str(tables[name].get(key))
                for name in todo
                for key in ("after", "like")
                if tables[name].get(key)
            }
            lost = sorted(named - set(tables))
            said = (
                f"there is no arm {lost[0]!r}"
                if lost
                else f"arms {', '.join(todo)} follow each other in a circle"
            )
            raise _fault(
                "E402", said, where, nearest(lost[0], tables) if lost else "begin with an arm without after"
            )
        done += ready
        todo = [name for name in todo if name not in ready]
    return done


def _crew(data: Any, folder: Path, where: str) -> Crew:
    if not isinstance(data, dict) or set(data) - _CREW or not isinstance(data.get("set", {}), dict):
        raise _fault("E402", f"people = {data!r}", where, f"a table of {', '.join(sorted(_CREW))}")
    count, seed = data.get("count", 1), data.get("seed", 1)
    whole = all(isinstance(each, int) and not isinstance(each, bool) for each in (count, seed))
    if not all(isinstance(data.get(key, ""), str) for key in ("like", "site")):
        raise _fault("E402", f"people = {data!r}", where, "like and site are names")
    if not whole or not 1 <= count <= MOST:
        raise _fault(
            "E402", f"people = {data!r}", where, f"count from 1 to {MOST} and seed are whole numbers"
        )
    own = {
        name: units.quantity(text, where=f"{where}: set {name}") for name, text in data.get("set", {}).items()
    }
    return Crew(data.get("like", "healthy_adult"), count, seed, own, folder, data.get("site", ""))


def _arm(
    name: str,
    data: Mapping[str, Any],
    arms: Mapping[str, Arm],
    head: Crew,
    places: tuple[Path, Path],
    where: str,
) -> Arm:
    for key in data:
        if key not in _ARM:
            raise _fault("E402", f"key {key!r} is not known", where, nearest(key, _ARM))
    if data.get("like"):
        return _copy(name, data, arms, places[0], where)
    after = str(data.get("after", ""))
    crew = _whose(data, after, arms, head, (places[0].parent, where))
    days: Any = data.get("days")
    if not is_number(days) or not 0 < days <= LONGEST:
        raise _fault("E402", f"days = {days!r}", where, f"a number above 0, at most {LONGEST:g}")
    made = Arm(name, float(days), crew, _courses(data, float(days), places, where), after)
    made = replace(made, enrol=read_enrol(data, after, arms, where))
    return _conduct(made, data, where)


def _conduct(arm: Arm, data: Mapping[str, Any], where: str) -> Arm:
    """Add adherence, drop-out, analysis and the interval of outputs."""
    shares: dict[str, Any] = {
        key: data.get(key, float(key == "adherence")) for key in ("adherence", "dropout")
    }
    if not all(is_number(each) and 0 <= each <= 1 for each in shares.values()):
        raise _fault("E402", f"adherence, dropout = {list(shares.values())}", where, "shares from 0 to 1")
    analysis = data.get("analysis", ANALYSES[0])
    if analysis not in ANALYSES:
        raise _fault("E402", f"analysis = {analysis!r}", where, f"one of {', '.join(ANALYSES)}")
    every = duration(data["every"], where=where) if "every" in data else min(arm.every, arm.days * DAY)
    if not 0 < every <= arm.days * DAY or arm.days * DAY / every > OUTPUTS:
        remedy = f"not longer than the arm, and at most {OUTPUTS} outputs of it"
        raise _fault("E402", f"every = {data.get('every')!r}", where, remedy)
    return replace(
        arm,
        adherence=float(shares["adherence"]),
        dropout=float(shares["dropout"]),
        analysis=analysis,
        every=every,
    )


def _copy(name: str, data: Mapping[str, Any], arms: Mapping[str, Arm], path: Path, where: str) -> Arm:
    """Return another arm less some treatments: a placebo or vehicle arm that cannot differ otherwise."""
    if set(data) - _COPIED:
        said = f"like with {', '.join(sorted(set(data) - _COPIED))}"
        raise _fault("E402", said, where, "an arm like another has only without, after, people, days")
    if data.get("days", arms[str(data["like"])].days) != arms[str(data["like"])].days:
        raise _fault("E402", f"days = {data['days']!r}", where, "an arm like another lasts as long")
    model, without = arms[str(data["like"])], data.get("without", [])
    present = {course.treatment.name for course in model.courses}
    if not isinstance(without, list) or not without or not all(each in present for each in map(str, without)):
        raise _fault(
            "E402",
            f"without = {without!r}",
            where,
            f"a list of treatments of {model.name}: {', '.join(sorted(present))}",
        )
    kept = tuple(course for course in model.courses if course.treatment.name not in without)
    after = str(data.get("after", model.after))
    crew = _whose(data, after, arms, model.crew, (path.parent, where))
    enrol = read_enrol({"enrol": model.enrol.text}, after, arms, where) if model.enrol else None
    return replace(model, name=name, courses=kept, after=after, crew=crew, enrol=enrol)


def _whose(
    data: Mapping[str, Any], after: str, arms: Mapping[str, Arm], usual: Crew, place: tuple[Path, str]
) -> Crew:
    """Return the people of an arm: those of the arm that it follows, its own, or the usual ones."""
    folder, where = place
    if after and "people" in data:
        raise _fault("E402", "after and people", where, "who goes on is who was there; leave out people")
    if after and arms[after].dropout and arms[after].analysis != ANALYSES[0]:
        said = f"it follows {after}, whose lost people keep their last observation"
        raise _fault("E402", said, where, "only the last arm of a line can carry observations forward")
    if after:
        return arms[after].crew
    return _crew(data["people"], folder, where) if "people" in data else usual


def _courses(
    data: Mapping[str, Any], days: float, places: tuple[Path, Path], where: str
) -> tuple[Course, ...]:
    path, library = places
    folders = (path.parent / "treatments", path.parent.parent / "treatments", library / "treatments")
    out = []
    diet = data.get("diet")
    if isinstance(diet, str):
        out.append(_eaten(diet, days, folders, where))
    elif diet is not None:
        out.append(_held("diet", _intakes(_table(diet, "diet", where), library, where), days, where))
    if "set" in data:
        out.append(_held("set", _table(data["set"], "set", where), days, where))
    if "cut" in data:
        out.append(cutting(_cut(data["cut"], library, where), days))
    rows = data.get("courses", [])
    if not isinstance(rows, list):
        raise _fault("E402", f"courses = {rows!r}", where, "write [[arms.NAME.courses]]")
    for number, row in enumerate(rows, start=1):
        if isinstance(row, dict) and "replaces" in row:
            raise _fault(
                "E402", "replaces", f"{where}, course {number}", "arms hold what is done, leave it out"
            )
        out.append(course_from(row, days, folders, f"{where}, course {number}")[0])
    return tuple(out)


def _eaten(name: str, days: float, folders: tuple[Path, ...], where: str) -> Course:
    """Return a diet that is held from start to end, as a course."""
    found = find_treatment(name, folders, where=where)
    if found.kind != "eat" or found.every is not None or found.dose is not None:
        said = f"{name} is no diet: it is taken in doses, or not eaten"
        raise _fault("E402", said, where, "write it as [[arms.NAME.courses]]")
    return Course(found, 1.0, None, 0.0, days * DAY)


def _intakes(data: Mapping[str, Any], library: Path, where: str) -> dict[str, Any]:
    """Return constant -> quantity for a table of intakes by words or constants."""
    known, out = words(library), dict[str, Any]()
    for word, text in data.items():
        constant = known.get(word, word)
        if constant in out:
            raise _fault("E402", f"diet says {constant} twice", where, f"leave out {word} or the other word")
        out[constant] = text
    return out


def _cut(names: Any, library: Path, where: str) -> list[Edge]:
    known = {edge.name: edge for edge in read_edges(library)}
    if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
        raise _fault("E430", f"cut = {names!r}", where, 'write a list of edges, cut = ["name"]')
    for name in names:
        if name not in known:
            remedy = nearest(name, known) or "see: gutskin list edges"
            raise _fault("E430", f"there is no edge {name!r}", where, remedy)
    return [known[name] for name in dict.fromkeys(names)]


def cutting(edges: Sequence[Edge], days: float) -> Course:
    """Return a course that holds the constants of edges at their silent values."""
    effects = []
    for edge in edges:
        # a silent value is in the unit of its constant, whatever that is
        number = Parameter(f"cut {edge.name}", edge.silent, "", Spread("fixed"), edge.source, "", "assumed")
        effects.append(Effect("set", edge.constant, number))
    return Course(Treatment("cut", "cut", "", "live", None, None, tuple(effects)), 1.0, None, 0.0, days * DAY)


def _table(data: Any, key: str, where: str) -> Mapping[str, Any]:
    if not isinstance(data, dict) or not data:
        raise _fault("E402", f"{key} = {data!r}", where, 'a table of quantities, { name = "1 g/day" }')
    return data


def _held(name: str, levels: Mapping[str, Any], days: float, where: str) -> Course:
    """Return constants that are held during an arm, as a course."""
    effects = []
    for constant, text in levels.items():
        value, unit = units.quantity(text, where=f"{where}: {name} {constant}")
        number = Parameter(
            f"{name} {constant}", value, unit, Spread("fixed"), "none", "", "assumed", line=where
        )
        effects.append(Effect("set", constant, number))
    return Course(Treatment(name, name, "", "live", None, None, tuple(effects)), 1.0, None, 0.0, days * DAY)
