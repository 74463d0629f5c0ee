"""The bibliography of the library: it parses, it is tidy, and every source that a figure names is in it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest

from gutskin.ledger import Source, read_sources
from gutskin.paths import LIBRARY

BIBLIOGRAPHY = LIBRARY / "sources.bib"
KEY = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
DOI = re.compile(r"10\.\d{4,9}/\S+")
FIELDS = {"author", "title", "journal", "howpublished", "year", "doi", "pmid", "url", "verified", "note"}


@pytest.fixture(scope="module")
def sources() -> dict[str, Source]:
    return read_sources(BIBLIOGRAPHY)


def named_sources(data: Any) -> Iterator[str]:
    """Yield every text under a key ``source``, at any depth of a TOML file."""
    if isinstance(data, dict):
        for key, value in data.items():
            if key == "source" and isinstance(value, str):
                yield value
            else:
                yield from named_sources(value)
    elif isinstance(data, list):
        for value in data:
            yield from named_sources(value)


def test_every_entry_is_read_and_no_key_is_there_twice(sources: dict[str, Source]) -> None:
    written = re.findall(r"^@\w+\{([^,\s]+),", BIBLIOGRAPHY.read_text(encoding="utf-8"), re.M)
    assert written
    assert written == sorted(set(written))
    assert list(sources) == written


def test_each_field_stands_on_a_line_of_its_own() -> None:
    allowed = re.compile(r"|%.*|@(article|misc)\{[a-z0-9_]+,|  [a-z]+ = \{.+\},|\}")
    for number, line in enumerate(BIBLIOGRAPHY.read_text(encoding="utf-8").splitlines(), start=1):
        assert allowed.fullmatch(line), f"line {number}: {line}"


def test_keys_and_fields_are_well_formed(sources: dict[str, Source]) -> None:
    for key, source in sources.items():
        got = source.fields
        assert KEY.fullmatch(key), key
        assert set(got) <= FIELDS, key
        assert got["verified"] in ("yes", "no"), key
        assert got.get("year") or got.get("title") or got.get("note"), key
        assert re.fullmatch(r"(18|19|20)\d\d", got.get("year", "2000")), key
        assert all(value.count("{") == value.count("}") for value in got.values()), key


def test_a_verified_source_can_be_found_again(sources: dict[str, Source]) -> None:
    for key, source in sources.items():
        if source.verified:
            assert source.fields.get("doi") or source.fields.get("pmid"), key


def test_identifiers_are_well_formed_and_belong_to_one_entry(sources: dict[str, Source]) -> None:
    for kind, pattern in (("doi", DOI), ("pmid", re.compile(r"\d{6,8}"))):
        owners: dict[str, str] = {}
        for key, source in sources.items():
            value = source.fields.get(kind)
            if value is None:
                continue
            assert pattern.fullmatch(value), f"{key}: {kind} {value}"
            assert value.lower() not in owners, f"{key} and {owners.get(value.lower())} share {kind} {value}"
            owners[value.lower()] = key


def test_every_source_named_in_the_library_is_in_the_bibliography(sources: dict[str, Source]) -> None:
    missing: dict[str, str] = {}
    for path in sorted(LIBRARY.rglob("*.toml")):
        for key in named_sources(tomllib.loads(path.read_text(encoding="utf-8"))):
            if key != "none" and key not in sources:
                missing.setdefault(key, str(path.relative_to(LIBRARY)))
    assert not missing, f"not in sources.bib: {missing}"


def test_a_source_that_was_not_verified_says_so_when_printed(sources: dict[str, Source]) -> None:
    for source in sources.values():
        assert str(source).endswith("[not verified]") != source.verified
