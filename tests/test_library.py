"""The shipped library: complete, sourced, of readable size, and a healthy adult that is healthy."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from gutskin.errors import LibraryErrors
from gutskin.ledger import GRADES, Parameter
from gutskin.library_check import check_library
from gutskin.model import Model, load
from gutskin.paths import LIBRARY
from gutskin.simulate import everyday

TEXTS = sorted(path for kind in ("*.ant", "*.toml", "units.txt") for path in LIBRARY.rglob(kind))


def named(path: Path) -> str:
    return str(path.relative_to(LIBRARY))


@pytest.fixture(scope="module")
def person() -> Model:
    return load("person")


def test_the_library_passes_its_own_check() -> None:
    try:
        counted = check_library(LIBRARY)
    except LibraryErrors as error:
        pytest.fail(str(error))
    assert counted["states"] >= 45
    assert all(number > 0 for number in counted.values()), counted


def test_every_number_has_all_its_fields(person: Model) -> None:
    def complete(row: Parameter) -> bool:
        words = (row.unit, row.source, row.grade, row.line, row.spread.kind)
        placed = bool(row.where) or row.grade in ("assumed", "calibrated")
        return all(words) and placed and row.grade in GRADES and bool(np.isfinite(row.value))

    assert [row.row for row in person.ledger.rows.values() if not complete(row)] == []


def test_only_what_is_assumed_or_calibrated_has_no_source(person: Model) -> None:
    rows = person.ledger.rows.values()
    assert {row.grade for row in rows if row.source == "none"} <= {"assumed", "calibrated"}
    assert {row.source for row in rows} - {"none"} <= set(person.ledger.sources)


def test_numbers_that_people_differ_in_have_a_spread(person: Model) -> None:
    kinds = [row.spread.kind for row in person.ledger.rows.values()]
    assert kinds.count("fixed") < len(kinds) / 2


def test_every_state_has_a_unit_and_a_label(person: Model) -> None:
    states = [person.network.quantity(name) for name in person.network.states]
    assert len(states) >= 45
    assert [q.name for q in states if not (q.unit and q.label and q.line)] == []
    labels = [q.label for q in states]
    assert [label for label in set(labels) if labels.count(label) > 1] == []


def test_every_cited_source_can_be_looked_up_or_says_why_not(person: Model) -> None:
    cited = {row.source for row in person.ledger.rows.values()} - {"none"}
    poor = []
    for key in sorted(cited):
        fields = person.ledger.sources[key].fields
        known = {"title", "year"} <= set(fields)
        said = fields.get("verified") == "no" and bool(fields.get("note"))
        if fields.get("verified") not in ("yes", "no") or not (known or said):
            poor.append(key)
    assert poor == []


# A table is as long as it has rows; what is read from top to bottom has at most 150 lines.
TABLES = {"parameters", "quantities", "readouts", "diseases"}
CASES = LIBRARY / "evidence"
CLAIMS = LIBRARY / "claims.toml"


@pytest.mark.parametrize(
    "path",
    [p for p in TEXTS if p.parent.name not in TABLES and CASES not in p.parents and p != CLAIMS],
    ids=named,
)
def test_a_text_of_the_library_has_at_most_150_lines(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    # what a parent calls the symbols of its children is mechanical, and stands at the end of the file
    wiring = [line for line in lines if re.match(r"\s+(\w+: \w+\(\); )*(\w+\.\w+ is \w+(\.\w+)?; ?)+$", line)]
    assert len(lines) - len(wiring) <= 150


@pytest.mark.parametrize("path", sorted((LIBRARY / "models").glob("*.ant")), ids=named)
def test_a_module_begins_by_saying_what_it_is(path: Path) -> None:
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("import ")]
    assert re.match(r"// [A-Z].*\w{3,}.*[.:,;]?$", lines[0])
    comment = " ".join(
        line.removeprefix("//").strip() for line in lines[: lines.index(f"model {path.stem}()")]
    )
    assert comment.endswith(".")
    assert len(comment.split()) >= 5


@pytest.fixture(scope="module")
def healthy(person: Model) -> dict[str, float]:
    """Everyday values of all states and derived quantities of the adult of the ledger."""
    found = everyday(person, person.constants())
    assert found.failure is None, found.failure
    kernel = person.kernel.scalar
    full = [*found.states.tolist(), *[0.0] * len(person.kernel.tallies)]
    derived = kernel.observe(full, kernel.prepare(person.constants().tolist()))
    return dict(zip((*person.network.states, *person.kernel.derived), (*found.states, *derived), strict=True))


ISSUE = (
    "scfa", "colon_ph", "bacteroides", "prevotella", "faecalibacterium", "bifidobacterium", "akkermansia",
    "enterobacteriaceae", "lactobacillaceae", "methanogens", "skin_ph", "tewl", "hydration", "sebum",
    "cutibacterium", "cutibacterium_follicle", "staphylococci", "aureus", "corynebacterium", "malassezia",
)  # fmt: skip


@pytest.mark.parametrize("name", ISSUE)
def test_the_healthy_adult_is_inside_the_healthy_range(
    person: Model, healthy: dict[str, float], name: str
) -> None:
    readout = person.readouts[name]
    assert readout.healthy is not None
    assert readout.healthy.low <= healthy[readout.quantity] <= readout.healthy.high


def test_the_healthy_adult_is_inside_every_other_healthy_range_too(
    person: Model, healthy: dict[str, float]
) -> None:
    outside = {
        name: (healthy[each.quantity], each.healthy.low, each.healthy.high)
        for name, each in person.readouts.items()
        if each.healthy and not each.healthy.low <= healthy[each.quantity] <= each.healthy.high
    }
    assert outside == {}


def test_no_state_of_the_healthy_adult_is_negative(person: Model, healthy: dict[str, float]) -> None:
    floors = dict(zip(person.network.states, person.floors(), strict=True))
    assert {name: healthy[name] for name in person.network.states if healthy[name] < -floors[name]} == {}


def test_read_outs_of_every_group_have_words(person: Model) -> None:
    assert {each.group for each in person.readouts.values()} == {"gut", "axis", "skin"}
    assert [name for name, each in person.readouts.items() if not each.words] == []
