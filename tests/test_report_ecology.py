"""What is said of samples: once what holds for all, nothing about what there is not."""

from __future__ import annotations

import json
from dataclasses import replace

from gutskin.ecology import Asked, Refusal, study
from gutskin.ecology.outside import Deviation
from gutskin.ecology.people import table_of
from gutskin.report import ecology
from gutskin.report.ecology import MOST, document, tables
from gutskin.samples import read_samples

PLACES = study(read_samples(table_of("hmp_009"), site="stool"), Asked())


def test_tables_have_as_many_cells_as_columns() -> None:
    found = tables(PLACES)
    assert len(found) == 4
    for _, columns, rows in found:
        assert rows
        assert {len(row) for row in rows} == {len(columns)}


def test_what_holds_for_all_is_said_once_above_the_table() -> None:
    title, _, rows = tables(PLACES)[1]
    assert "84 adults" in title
    assert "age not told" in title
    assert rows[0][-1] == ""


def test_a_refusal_leaves_drivers_out() -> None:
    place = replace(PLACES[0], judged=(Refusal("too young"),))
    found = tables([place])
    assert found[1][2][0][-1] == "too young"
    assert not any("drives" in title for title, *_ in found)


def test_drivers_are_few_and_in_words() -> None:
    rows = ecology._drivers(PLACES[0])[2]
    assert len(rows) <= 2 * MOST
    assert ecology._genus(Deviation("X", 0.02, 0.001, 0.004, 0.7)) == [
        "X",
        "2 %",
        "0.1 to 0.4 %",
        "5-fold above",
    ]
    assert ecology._genus(Deviation("X", 0.0, 0.01, 0.2, -1.0))[1:] == ["0 %", "1 to 20 %", "10-fold below"]


def test_groups_that_cannot_be_compared_say_why() -> None:
    place = replace(PLACES[0], apart="1 group: nothing to compare")
    title, _, rows = tables([place])[-1]
    assert "PERMANOVA" in title
    assert rows[0][-1] == "1 group: nothing to compare"
    assert document([place])["sites"][0]["permanova"] == "1 group: nothing to compare"


def test_the_document_is_plain() -> None:
    made = json.loads(json.dumps(document(PLACES)))
    (site,) = made["sites"]
    assert site["samples"][0]["person"] == "HMP009"
    assert len(site["distances"]["aitchison"]) == 1 + len(site["reference_people"])
    assert "no diagnosis" in made["caution"]
