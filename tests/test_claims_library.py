"""The claims of the library, and the page that is published of them."""

from __future__ import annotations

import re
from pathlib import Path

from gutskin.claims.page import markdown
from gutskin.claims.read import read_claims
from gutskin.claims.run import judge
from gutskin.model import load
from gutskin.paths import LIBRARY

PAGE = Path(__file__).resolve().parents[1] / "docs" / "claims.md"


def rows(page: str) -> list[tuple[str, list[str], str]]:
    """Return (ID, signs of the effects, verdict) of every row."""
    found = []
    for line in page.splitlines():
        if name := re.search(r"\*\*(CL\d{3})\*\*", line):
            cells = line.strip("|").split(" | ")
            found.append((name[1], re.findall("[●◐○]", cells[-2]), cells[-1].strip(" |")))
    return found


def test_the_published_page_is_the_one_of_this_library() -> None:
    """``make evidence`` writes the page; a verdict that changed is committed with its reason."""
    judged = judge(load(), list(read_claims(LIBRARY).values()), draws=0)
    assert len(judged) == len(read_claims(LIBRARY))
    assert rows(markdown(judged)) == rows(PAGE.read_text(encoding="utf-8"))


def test_a_claim_that_is_said_to_be_loose_or_contradicted_says_why() -> None:
    for claim in read_claims(LIBRARY).values():
        assert claim.problem or claim.grade != "contradicted", claim.id
