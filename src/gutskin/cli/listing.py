"""``gutskin list``: what the library holds."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import typer

from gutskin.cli import show
from gutskin.errors import InputError, nearest

NAME = "list"

Rows = tuple[list[str], Sequence[tuple[str, ...]]]


def _people() -> Rows:
    from gutskin.paths import LIBRARY
    from gutskin.people import people_names, read_person

    folder = LIBRARY / "people"
    found = [read_person(name, folder) for name in people_names(folder)]
    rows = [(p.name, p.label, p.site.name if p.site else "", p.about) for p in found]
    return ["name", "label", "site", "about"], rows


def _sites() -> Rows:
    from gutskin.paths import LIBRARY
    from gutskin.sites import FOLDER, read_site, site_names

    found = [read_site(name, LIBRARY / FOLDER) for name in site_names(LIBRARY / FOLDER)]
    rows = [(each.name, each.label, str(len(each.rows)), each.about) for each in found]
    return ["name", "label", "numbers of its own", "about"], rows


def _scenarios() -> Rows:
    from gutskin.paths import LIBRARY
    from gutskin.scenario import read_scenario

    treatments = (LIBRARY / "treatments",)
    found = [read_scenario(path, treatments) for path in sorted((LIBRARY / "scenarios").glob("*.toml"))]
    rows = [(s.name, f"{s.days:g}", ", ".join(c.treatment.name for c in s.plan), s.about) for s in found]
    return ["name", "days", "plan", "about"], rows


def _treatments() -> Rows:
    from gutskin.paths import LIBRARY
    from gutskin.treatment import read_treatment, treatment_names

    found = [read_treatment(path) for path in treatment_names((LIBRARY / "treatments",)).values()]
    rows = [
        (
            t.name,
            t.kind,
            f"{t.dose.usual:g} {t.dose.unit}" if t.dose else "",
            f"{t.every:g} h" if t.every else "",
            t.about,
        )
        for t in found
    ]
    return ["name", "kind", "usual dose", "every", "about"], rows


def _readouts() -> Rows:
    from gutskin.paths import LIBRARY
    from gutskin.readouts import read_readouts

    rows = []
    for r in read_readouts(LIBRARY).values():
        healthy = f"{r.healthy.low:g} to {r.healthy.high:g}" if r.healthy else ""
        rows.append((r.name, r.group, r.unit, healthy, r.label))
    return ["name", "group", "unit", "healthy", "label"], rows


def _edges() -> Rows:
    from gutskin.edges import read_edges
    from gutskin.paths import LIBRARY

    return ["name", "from", "to", "label"], [
        (e.name, e.origin, e.target, e.label) for e in read_edges(LIBRARY)
    ]


def _studies() -> Rows:
    from gutskin.evidence.read import find_cases, read_head
    from gutskin.ledger import read_sources
    from gutskin.paths import LIBRARY

    sources = read_sources(LIBRARY / "sources.bib")
    rows = []
    for path in find_cases([LIBRARY / "evidence"]):
        head = read_head(path)
        said = str(sources[head["source"]])
        rows.append((path.parent.name, head["about"], head["role"], head["title"], said))
    return ["name", "about", "role", "title", "source"], rows


def _claims() -> Rows:
    from gutskin.claims.read import read_claims
    from gutskin.paths import LIBRARY

    rows = []
    for c in read_claims(LIBRARY).values():
        tests = ", ".join(dict.fromkeys(each.case for each in c.trials))
        rows.append((c.id, c.section, c.system, c.grade, c.claim, tests))
    return ["id", "section", "system", "literature", "claim", "tested by"], rows


def _pictures() -> Rows:
    from gutskin.paths import LIBRARY
    from gutskin.pictures import picture_names, read_picture

    found = [read_picture(name, LIBRARY / "pictures") for name in picture_names(LIBRARY / "pictures")]
    return ["name", "title", "about"], [(each.name, each.title, each.about) for each in found]


def _series() -> Rows:
    from gutskin.daily import read_series
    from gutskin.paths import LIBRARY

    rows = []
    for s in read_series(LIBRARY):
        shape = f"{s.shape}, log-sd {s.log_sd.value:g}" if s.log_sd else s.shape
        rows.append((s.name, s.constant, s.size, f"{s.memory.value:g} {s.memory.unit}", shape, s.label))
    return ["name", "constant", "size", "memory", "shape", "label"], rows


KINDS: dict[str, Callable[[], Rows]] = {
    "people": _people,
    "sites": _sites,
    "scenarios": _scenarios,
    "treatments": _treatments,
    "readouts": _readouts,
    "edges": _edges,
    "studies": _studies,
    "claims": _claims,
    "pictures": _pictures,
    "series": _series,
}


def _complete(begun: str) -> list[str]:
    return [kind for kind in KINDS if kind.startswith(begun)]


def command(
    kind: str = typer.Argument(
        help="people, sites, scenarios, treatments, readouts, edges, studies, claims, pictures or series.",
        autocompletion=_complete,
    ),
    as_json: bool = typer.Option(False, "--json", help="Print JSON."),
) -> None:
    """List people, sites, scenarios, treatments, read-outs, edges, studies, claims, pictures or series."""
    if kind not in KINDS:
        raise InputError("E280", f"there is no list of {kind!r}", remedy=nearest(kind, KINDS))
    columns, rows = KINDS[kind]()
    if as_json:
        show.as_json([dict(zip(columns, row, strict=True)) for row in rows])
    else:
        show.table(columns, rows)
